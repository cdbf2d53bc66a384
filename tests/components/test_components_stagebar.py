"""The stage bar in a browser: where the element stands, moves by press and keys, the final stages, phones."""

from __future__ import annotations

from lab_data import EVIL
from playwright.sync_api import Locator, expect


def step(on, name: str) -> Locator:
    return on.page.locator(f'.step[data-id="{name}"]')


def current(on) -> str:
    return str(on.page.locator('[aria-current="step"]').inner_text())


def test_the_bar_is_filled_up_to_the_current_stage(on):
    on.open("stagebar")
    assert current(on) == "Предложение отправлено"
    classes = on.page.locator(".step").evaluate_all("steps => steps.map(s => s.classList[1])")
    assert classes == ["passed", "passed", "now", "ahead", "ahead"]
    expect(on.page.get_by_role("button", name="Новая, пройдена")).to_be_visible()
    expect(on.page.get_by_role("button", name="Предложение отправлено, текущая стадия")).to_be_visible()


def test_a_press_moves_at_once_and_is_told_once(on):
    on.open("stagebar")
    step(on, "talk").click()
    assert current(on) == "Переговоры"
    assert on.wait("move") == ["talk"]
    on.settled()
    assert current(on) == "Переговоры"
    step(on, "talk").click()
    on.settled()
    assert on.events("move") == ["talk"]


def test_a_refused_move_is_taken_back(on):
    on.open("stagebar", refuse=1)
    step(on, "new").click()
    on.wait("move")
    on.settled()
    assert current(on) == "Предложение отправлено"


def test_a_stage_that_may_not_be_chosen_says_why(on):
    on.open("stagebar")
    expect(step(on, "contract")).to_have_attribute("aria-disabled", "true")
    step(on, "contract").click(force=True)  # aria-disabled, yet it answers
    expect(on.page.locator(".toast")).to_have_text("Договор: Только руководитель")
    assert current(on) == "Предложение отправлено" and not on.events()


def test_a_bar_for_readers_only_explains_itself(on):
    on.open("stagebar", disabled=1)
    step(on, "new").click(force=True)
    expect(on.page.locator(".toast")).to_have_text("Новая: нет прав")
    assert not on.events()


def test_keys_walk_and_choose(on):
    on.open("stagebar")
    step(on, "offer").focus()
    on.page.keyboard.press("Home")
    expect(step(on, "new")).to_be_focused()
    on.page.keyboard.press("ArrowRight")
    on.page.keyboard.press("Enter")
    assert on.wait("move") == ["talk"]
    on.settled()
    expect(step(on, "talk")).to_be_focused()


def test_final_stages_stand_behind_one_menu(on):
    on.open("stagebar")
    on.page.get_by_role("button", name="Завершение").click()
    items = on.page.get_by_role("menuitem")
    assert [t.split("\n")[0] for t in items.all_inner_texts()] == ["Сделка успешна", "Сделка проиграна", "Дубль"]
    on.page.keyboard.press("ArrowDown")
    on.page.keyboard.press("Enter")
    assert on.wait("move") == ["lost"]
    on.settled()
    assert current(on) == "Сделка проиграна"
    assert on.page.locator(".step.passed").count() == 4


def test_a_finished_element_can_be_brought_back(on):
    on.open("stagebar", at="won")
    assert current(on) == "Сделка успешна"
    step(on, "offer").click()
    assert on.wait("move") == ["offer"]


def test_a_phone_gets_one_button_with_all_stages(phone):
    phone.open("stagebar")
    expect(phone.page.locator(".step")).to_have_count(0)
    phone.page.locator(".choose").tap()
    assert phone.page.get_by_role("menuitem").count() == 7
    phone.page.get_by_role("menuitem", name="Переговоры").tap()
    assert phone.wait("move") == ["talk"]
    assert current(phone) == "Переговоры"


def test_a_menu_of_a_phone_explains_a_refused_stage(phone):
    phone.open("stagebar")
    phone.page.locator(".choose").tap()
    expect(phone.page.get_by_role("menuitem", name="Договор")).to_contain_text("Только руководитель")
    phone.page.get_by_role("menuitem", name="Договор").tap(force=True)
    expect(phone.page.locator(".toast")).to_contain_text("Только руководитель")
    assert not phone.events()


def test_markup_in_a_stage_is_text(on):
    on.open("stagebar", evil=1)
    expect(step(on, "new").locator("span")).to_have_text(EVIL)
