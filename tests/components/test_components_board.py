"""The board in a browser: moves by mouse, finger and keys, refusals, quick add, more cards, pokes, many cards."""

from __future__ import annotations

import urllib.request

from lab_data import EVIL
from playwright.sync_api import Locator, expect


def card(on, number: int) -> Locator:
    return on.page.locator(f'.item[data-id="{number}"] .card')


def column(on, stage: str) -> Locator:
    return on.page.locator(f'.col[data-col="{stage}"]')


def stands_in(on, number: int, stage: str) -> bool:
    return column(on, stage).locator(f'.item[data-id="{number}"]').count() == 1


def middle_of(on, stage: str) -> tuple[float, float]:
    return on.centre(column(on, stage).locator(".list"))


def test_a_card_dragged_to_another_stage_is_shown_there_and_told_once(on):
    on.open("board")
    on.drag(card(on, 1), *middle_of(on, "contract"))
    assert stands_in(on, 1, "contract")
    (move,) = on.wait("move")
    assert (move["element"], move["from"], move["to"], move["index"], move["version"]) == (1, "new", "contract", 0, 1)
    on.settled()
    assert stands_in(on, 1, "contract")
    expect(column(on, "contract").locator(".n")).to_have_text("1")
    assert not on.events("open")


def test_a_refused_move_snaps_back_and_says_why(on):
    on.open("board")
    on.drag(card(on, 1), *middle_of(on, "won"))
    expect(on.page.locator(".toast")).to_contain_text("Заполните «Сумму»")
    assert stands_in(on, 1, "new")
    expect(card(on, 1)).not_to_have_class("pending")


def test_each_refusal_is_told_although_other_moves_follow_at_once(on):
    on.open("board", slow=0.5)
    for number in (1, 4):
        card(on, number).focus()
        on.page.keyboard.press("m")
        on.page.get_by_role("menuitem", name="Сделка успешна").click()
    card(on, 6).focus()
    on.page.keyboard.press("Control+ArrowRight")
    assert [move["element"] for move in on.wait("move", 3)] == [1, 4, 6]
    expect(on.page.locator(".toast")).to_have_count(2)
    expect(column(on, "new").locator('.item[data-id="1"], .item[data-id="4"]')).to_have_count(2)
    assert stands_in(on, 6, "talk")


def test_nothing_may_be_dropped_where_the_column_does_not_allow_it(on):
    on.open("board")
    on.grab(card(on, 1))
    x, y = middle_of(on, "lost")
    on.page.mouse.move(x, y, steps=5)
    expect(column(on, "lost").locator(".deny-note")).to_be_visible()
    on.page.mouse.up()
    assert stands_in(on, 1, "new") and not on.events()


def test_escape_cancels_a_drag(on):
    on.open("board")
    on.grab(card(on, 1))
    on.page.mouse.move(*middle_of(on, "contract"), steps=5)
    on.page.keyboard.press("Escape")
    on.page.mouse.up()
    assert stands_in(on, 1, "new") and not on.events()


def test_a_card_that_may_not_be_moved_stays(on):
    on.open("board")
    on.drag(card(on, 11), *middle_of(on, "contract"))
    assert not on.events("move")
    expect(on.page.locator('.item[data-id="11"] .move')).to_have_count(0)


def test_data_that_come_during_a_drag_wait_for_its_end(on):
    on.open("board", tick=1)
    on.grab(card(on, 1))
    on.page.mouse.move(*middle_of(on, "contract"), steps=5)
    on.page.wait_for_timeout(700)
    expect(on.page.locator(".ghost")).to_be_visible()
    on.page.mouse.up()
    on.wait("move")
    on.settled()
    assert stands_in(on, 1, "contract")


def test_a_press_opens_the_card(on):
    on.open("board")
    card(on, 4).click()
    assert on.wait("open") == [4]


def test_keys_choose_move_and_announce(on):
    on.open("board")
    card(on, 1).focus()
    on.page.keyboard.press("ArrowDown")
    expect(card(on, 4)).to_be_focused()
    on.page.keyboard.press("Control+ArrowRight")
    assert stands_in(on, 4, "talk")
    expect(card(on, 4)).to_be_focused()
    (move,) = on.wait("move")
    assert (move["element"], move["to"]) == (4, "talk")
    expect(on.page.locator('.sr[role="status"]').first).to_have_text("«Аренда крана» перемещено на стадию «Переговоры»")
    on.settled()
    expect(card(on, 4)).to_be_focused()
    on.page.keyboard.press("Enter")
    assert on.wait("open") == [4]


def test_the_menu_moves_without_a_drag_and_shows_where_one_may_not(on):
    on.open("board")
    card(on, 1).focus()
    on.page.keyboard.press("m")
    menu = on.page.get_by_role("menu", name="Переместить на стадию")
    expect(menu.get_by_role("menuitem", name="Новая")).to_be_disabled()
    expect(menu.get_by_role("menuitem", name="Сделка проиграна")).to_be_disabled()
    menu.get_by_role("menuitem", name="Договор").click()
    assert on.wait("move")[0]["to"] == "contract"
    assert stands_in(on, 1, "contract")


def test_quick_add_keeps_the_field_open_for_the_next_one(on):
    on.open("board")
    on.page.get_by_role("button", name="Добавить на стадию «Новая»").click()
    on.page.keyboard.type("Первая")
    on.page.keyboard.press("Enter")
    assert on.wait("add")[0] == {"stage": "new", "title": "Первая"}
    on.page.keyboard.type("Вторая")
    on.page.keyboard.press("Enter")
    assert [a["title"] for a in on.wait("add", 2)] == ["Первая", "Вторая"]
    expect(column(on, "new").locator(".card .title", has_text="Вторая")).to_be_visible()
    expect(on.page.get_by_role("button", name="Добавить на стадию «Сделка успешна»")).to_have_count(0)


def test_scrolling_to_the_end_of_a_column_asks_for_more_once(on):
    on.open("board")
    listed = column(on, "new").locator(".list")
    for _ in range(6):
        listed.evaluate("el => el.scrollTop = el.scrollHeight")
        on.page.wait_for_timeout(60)
    assert on.wait("more") == ["new"]


def test_a_poke_of_the_live_socket_reaches_python(on):
    on.open("board", live=1)
    on.until(lambda: urllib.request.urlopen(f"{on.url}/bump").read() != b"0")
    (poke, *_) = on.wait("poke")
    assert poke >= 1


def test_a_poke_waits_while_a_press_may_lead_to_another_page(on):
    """Streamlit empties a page when a fragment of the one before is asked for after it."""
    on.open("board", live=1)
    on.page.wait_for_timeout(300)
    on.page.mouse.click(5, 5)
    on.until(lambda: urllib.request.urlopen(f"{on.url}/bump").read() != b"0")
    on.page.wait_for_timeout(500)
    assert not on.events("poke")
    on.wait("poke")


def test_a_thousand_cards_in_a_column_stay_few_in_the_document(on):
    on.open("board", n=2500)
    expect(column(on, "new").locator(".n")).to_have_text("1,025")
    assert on.page.locator(".item").count() < 120
    listed = column(on, "new").locator(".list")
    frames = listed.evaluate(
        """async el => {
          const spent = []
          for (let i = 0; i < 60; i++) {
            el.scrollTop += 900
            const before = performance.now()
            await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))
            spent.push((performance.now() - before) / 2)
          }
          return spent.sort((a, b) => a - b)
        }"""
    )
    assert frames[30] < 40, f"median frame while scrolling: {frames[30]:.0f} ms"
    assert on.page.locator(".item").count() < 120
    on.drag(column(on, "talk").locator(".card").first, *middle_of(on, "contract"))
    on.wait("move")


def test_a_finger_scrolls_a_short_touch_and_drags_a_long_one(phone):
    phone.open("board")
    with phone.finger(card(phone, 1), hold=0) as move:
        move(190, 200)
    assert not phone.events("move")
    phone.page.locator('.col[data-col="new"] .list').evaluate("el => el.scrollTop = 0")
    with phone.finger(card(phone, 1)) as move:
        expect(phone.page.locator(".ghost")).to_be_visible()
        move(378, 420)
        expect(phone.page.locator(".col.target")).to_be_visible()  # the strip scrolls at its edge, the next columns come
    assert phone.wait("move")[0]["to"] != "new"


def test_a_phone_moves_by_the_button_of_a_card(phone):
    phone.open("board")
    phone.page.locator('.item[data-id="1"] .move').tap()
    phone.page.get_by_role("menuitem", name="Договор").tap()
    assert phone.wait("move")[0]["to"] == "contract"


def test_markup_in_titles_is_text(on):
    on.open("board")
    expect(card(on, 7).locator(".title")).to_have_text(EVIL)
