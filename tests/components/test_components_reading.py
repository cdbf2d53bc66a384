"""What is mostly read, in a browser: the timeline, the funnel's bars, an element's facts."""

from __future__ import annotations

from lab_data import EVIL
from playwright.sync_api import Locator, expect


def item(on, number: str) -> Locator:
    return on.page.locator(f'.item[data-id="{number}"]')


def bar(on, name: str) -> Locator:
    return on.page.locator(f'.stage[data-id="{name}"]')


def test_the_timeline_stands_by_days_in_the_given_order(on):
    on.open("timeline")
    assert on.page.locator(".timeline h3").all_inner_texts() == ["Сегодня", "20 ноября, четверг"]
    assert on.page.locator(".days section").nth(1).locator("time").all_inner_texts() == ["09:30", "09:29", "09:00"]


def test_changes_read_as_before_and_after(on):
    on.open("timeline")
    expect(item(on, "3").locator("dd").first).to_have_text("было: 80 000 ₽  стало: 120 000 ₽")
    expect(item(on, "3").locator("dd").nth(1).locator(".before")).to_have_text("было: пусто")


def test_a_trace_is_folded_and_stays_open_over_reruns(on):
    on.open("timeline")
    steps = item(on, "2").locator(".step")
    expect(steps.first).to_be_hidden()
    item(on, "2").locator("summary").click()
    assert [s.get_attribute("aria-label") for s in item(on, "2").locator(".state").all()] == ["выполнено", "ошибка", "ожидает"]
    expect(steps.nth(1).locator("p")).to_have_text(EVIL)
    on.rerun()
    expect(steps.first).to_be_visible()


def test_small_changes_in_a_row_are_one_line_until_opened(on):
    on.open("timeline")
    hush = on.page.locator(".hush")
    expect(hush.locator("summary").first).to_contain_text("Небольшие изменения: 3")
    expect(item(on, "q0")).to_be_hidden()
    hush.locator("summary").first.press("Enter")
    expect(item(on, "q0")).to_be_visible()
    expect(item(on, "q1").locator("dl")).to_be_hidden()


def test_links_and_more_are_told_and_addresses_are_links(on):
    on.open("timeline")
    item(on, "6").get_by_role("button").click()
    assert on.wait("open") == ["open-77"]
    on.page.get_by_role("button", name="Показать более ранние").click()
    assert on.wait("more") == [9]
    link = item(on, "1").get_by_role("link")
    assert link.get_attribute("href") == "https://example.com/offer?id=7"
    assert link.get_attribute("rel") == "noopener noreferrer"


def test_markup_in_the_timeline_is_text(on):
    on.open("timeline")
    expect(item(on, "6").locator(".title")).to_have_text(EVIL)
    expect(item(on, "6").locator(".text")).to_have_text(EVIL)


def test_bars_are_as_wide_as_their_share_and_say_what_went_on(on):
    on.open("funnelbars")
    widths = {n: bar(on, n).locator(".bar").bounding_box()["width"] for n in ("new", "talk")}
    assert abs(widths["talk"] / widths["new"] - 132 / 240) < 0.01
    expect(bar(on, "offer")).to_have_accessible_name("Предложение отправлено 78 6630 000 ₽ , конверсия 59 %")
    expect(bar(on, "talk").locator(".title")).to_have_text(EVIL)


def test_a_bar_is_picked_by_press_and_by_keys(on):
    on.open("funnelbars")
    bar(on, "new").click()
    assert on.wait("pick") == ["new"]
    expect(bar(on, "new")).to_have_attribute("aria-pressed", "true")
    on.page.keyboard.press("ArrowDown")
    on.page.keyboard.press("Enter")
    assert on.wait("pick", 2) == ["new", "talk"]
    expect(bar(on, "new")).to_have_attribute("aria-pressed", "false")
    on.settled()
    expect(bar(on, "talk")).to_be_focused()


def test_a_phone_reads_the_funnel_without_scrolling_sideways(phone):
    phone.open("funnelbars")
    assert phone.page.evaluate("document.documentElement.scrollWidth") <= 390
    assert bar(phone, "new").locator(".bar").bounding_box()["width"] > 300
    bar(phone, "won").tap()
    assert phone.wait("pick") == ["won"]


def test_a_press_on_a_value_or_a_section_asks_to_edit(on):
    on.open("facts")
    on.page.get_by_text("120 000 ₽").click()
    assert on.wait("edit")[0] == {"section": "main", "code": "amount"}
    on.page.get_by_role("button", name="Изменить: Доставка").click()
    assert on.wait("edit", 2)[1] == {"section": "extra", "code": ""}
    on.page.get_by_text("20 ноября 2026").click()
    on.settled()
    assert len(on.events("edit")) == 2


def test_elements_open_and_only_safe_addresses_are_links(on):
    on.open("facts")
    on.page.get_by_role("button", name="ООО «Ромашка»").click()
    assert on.wait("open") == [77]
    assert on.page.locator(".facts a").evaluate_all("links => links.map(a => a.href)") == ["https://example.com/"]
    expect(on.page.locator("h3").first).to_have_text(f"О сделке {EVIL}")
    assert not on.events("edit")


def test_empty_fields_are_folded_until_wanted(on):
    on.open("facts")
    expect(on.page.get_by_text("Телефон")).to_be_hidden()
    on.page.get_by_text("Незаполненные поля: 2").click()
    on.page.get_by_text("заполнить").first.click()
    assert on.wait("edit")[0]["code"] == "phone"
    on.settled()
    expect(on.page.get_by_text("Телефон")).to_be_visible()


def test_a_reader_cannot_edit(on):
    on.open("facts", readonly=1)
    on.page.get_by_text("120 000 ₽").click()
    expect(on.page.get_by_role("button", name="Изменить")).to_have_count(0)
    on.settled()
    assert not on.events()
