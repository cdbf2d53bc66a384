"""The sorter in a browser: order by mouse, finger and keys; locked rows; from list to list."""

from __future__ import annotations

from typing import Any

from lab_data import EVIL
from playwright.sync_api import Locator, expect

MAIN = ["title", "amount", "client", "deadline"]
STAGES = ["s_new", "s_talk", "s_offer", "s_contract"]


def row(on, name: str) -> Locator:
    return on.page.locator(f'.row[data-id="{name}"]')


def shown(on, group: str) -> list[str]:
    found: list[str] = on.page.locator(f'ul[data-group="{group}"] .row').evaluate_all("rows => rows.map(r => r.dataset.id)")
    return found


def order(on, count: int = 1) -> dict[str, Any]:
    return {g["group"]: g["ids"] for g in on.wait("order", count)[-1]}


def below(on, name: str) -> tuple[float, float]:
    box = row(on, name).bounding_box()
    return box["x"] + 60, box["y"] + box["height"] - 2


def test_a_drag_shows_the_order_at_once_and_tells_it_after_the_drop(on):
    on.open("sorter")
    on.grab(row(on, "amount"))
    on.page.mouse.move(*below(on, "deadline"), steps=8)
    assert shown(on, "main") == ["title", "client", "deadline", "amount"]
    assert not on.events("order")
    on.page.mouse.up()
    assert order(on) == {"main": ["title", "client", "deadline", "amount"], "stages": STAGES, "none": []}
    assert not on.events("select")


def test_an_order_that_python_does_not_take_is_taken_back(on):
    on.open("sorter")
    on.page.locator('ul[data-group="main"]').evaluate("""list => {
      window.orders = []
      const show = () => orders.push(Array.from(list.querySelectorAll(".row"), row => row.dataset.id).join())
      new MutationObserver(show).observe(list, {childList: true})
    }""")
    row(on, "amount").locator(".main").focus()
    on.page.keyboard.press("Alt+ArrowDown")
    on.wait("order")
    assert on.page.evaluate("orders")[0] == "title,client,amount,deadline"
    on.settled()
    on.until(lambda: shown(on, "main") == MAIN)


def test_keys_move_and_announce_and_keep_the_focus(on):
    on.open("sorter")
    row(on, "amount").locator(".main").focus()
    on.page.keyboard.press("ArrowDown")
    expect(row(on, "client").locator(".main")).to_be_focused()
    on.page.keyboard.press("Alt+ArrowUp")
    assert order(on)["main"] == ["title", "client", "amount", "deadline"]
    expect(on.page.locator('.sr[role="status"]')).to_have_text(f"{EVIL}: место 2")
    expect(row(on, "client").locator(".main")).to_be_focused()


def test_a_locked_row_keeps_its_place(on):
    on.open("sorter")
    on.drag(row(on, "amount"), 300, 20)
    assert shown(on, "main")[0] == "title"
    on.drag(row(on, "title"), *below(on, "deadline"))
    row(on, "title").locator(".main").focus()
    on.page.keyboard.press("Alt+ArrowDown")
    assert shown(on, "main") == MAIN and not on.events("order")
    expect(row(on, "title").get_by_role("button")).to_have_count(1)


def test_past_the_end_of_a_list_a_row_goes_to_the_next_one(on):
    on.open("sorter")
    row(on, "deadline").locator(".main").focus()
    on.page.keyboard.press("Alt+ArrowDown")
    assert order(on)["stages"] == ["deadline", *STAGES]


def test_a_drag_goes_into_another_and_into_an_empty_list(on):
    on.open("sorter")
    empty = on.page.locator('ul[data-group="none"]')
    empty.scroll_into_view_if_needed()
    on.drag(row(on, "s_talk"), *on.centre(empty))
    assert order(on)["none"] == ["s_talk"]


def test_without_cross_rows_stay_in_their_list(on):
    on.open("sorter", cross="")
    row(on, "deadline").locator(".main").focus()
    on.page.keyboard.press("Alt+ArrowDown")
    on.drag(row(on, "amount"), *below(on, "s_talk"))
    assert all(sorted(g["ids"]) == sorted(MAIN) for told in on.events("order") for g in told if g["group"] == "main")
    assert shown(on, "stages") == STAGES


def test_a_list_takes_only_the_kinds_it_wants(on):
    on.open("sorter", kinds="section")
    on.drag(row(on, "amount"), *below(on, "s_talk"))
    assert shown(on, "stages") == STAGES


def test_escape_puts_the_row_back(on):
    on.open("sorter")
    on.grab(row(on, "amount"))
    on.page.mouse.move(*below(on, "deadline"), steps=8)
    on.page.keyboard.press("Escape")
    on.page.mouse.up()
    assert shown(on, "main") == MAIN and not on.events("order")


def test_select_remove_and_add_are_told(on):
    on.open("sorter")
    row(on, "amount").locator(".main").click()
    assert on.wait("select") == ["amount"]
    expect(row(on, "amount").locator(".main")).to_have_attribute("aria-pressed", "true")
    on.page.get_by_role("button", name="Убрать: Сумма").click()
    assert on.wait("remove") == ["amount"]
    on.page.get_by_role("button", name="Добавить: Стадии").click()
    assert on.wait("add") == ["stages"]


def test_the_buttons_of_a_row_move_it_without_a_drag(on):
    on.open("sorter")
    row(on, "amount").locator(".main").focus()
    on.page.get_by_role("button", name="Ниже: Сумма").click()
    assert order(on)["main"] == ["title", "client", "amount", "deadline"]


def test_a_finger_drags_by_the_handle_at_once(phone):
    phone.open("sorter")
    box = row(phone, "deadline").bounding_box()
    with phone.finger(row(phone, "amount").locator(".grip"), hold=0) as move:
        move(box["x"] + 10, box["y"] + box["height"] + 10)
    assert order(phone)["main"] == ["title", "client", "deadline", "amount"]
    assert phone.page.evaluate("document.documentElement.scrollWidth") <= 390
