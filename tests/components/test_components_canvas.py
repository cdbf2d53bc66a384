"""The designer's canvas, driven with a real mouse and real keys."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from lab_hands import Lab
from playwright.sync_api import Locator, expect

Graph = dict[str, Any]


def node(on: Lab, name: str) -> Locator:
    """A card, by its id."""
    return on.page.locator(f'.react-flow__node[data-id="{name}"]')


def port(on: Lab, name: str, which: str) -> Locator:
    return node(on, name).locator(f'[data-handleid="{which}"]')


def nodes(on: Lab) -> Locator:
    return on.page.locator(".react-flow__node")


def wires(on: Lab) -> Locator:
    return on.page.locator(".react-flow__edge")


def item(on: Lab, kind: str) -> Locator:
    return on.page.locator(f'.palette .item[data-kind="{kind}"]')


def button(on: Lab, name: str) -> Locator:
    return on.page.locator(".stage").get_by_role("button", name=name, exact=True)


def told(on: Lab, when: Callable[[Graph], bool]) -> Graph:
    """The graph Python was told last, once it is as wanted."""
    on.until(lambda: bool(on.events("graph")) and when(on.events("graph")[-1]))
    graph: Graph = on.events("graph")[-1]
    return graph


def ids(graph: Graph) -> list[str]:
    return [n["id"] for n in graph["nodes"]]


def ends(graph: Graph) -> set[tuple[str, str, str]]:
    return {(e["source"], e["port"], e["target"]) for e in graph["edges"]}


def wire(on: Lab, start: Locator, target: Locator) -> None:
    """Draws a wire by mouse from a port to a place."""
    on.page.mouse.move(*on.centre(start))
    on.page.mouse.down()
    for _ in range(3):
        on.page.mouse.move(*on.centre(target), steps=5)
    on.page.mouse.up()


@pytest.fixture
def canvas(on: Lab) -> Lab:
    """The canvas with its sample graph: start -> amount -> boss -> call, amount -> letter."""
    on.open("canvas")
    expect(nodes(on)).to_have_count(5)
    return on


# --- palette ---------------------------------------------------------------------------------------------------------


def test_robot_is_dragged_from_the_palette(canvas: Lab) -> None:
    pane = canvas.page.locator(".react-flow__pane").bounding_box()
    assert pane is not None
    x, y = pane["x"] + 300, pane["y"] + 90
    canvas.drag(item(canvas, "notify"), x, y)
    graph = told(canvas, lambda g: len(g["nodes"]) == 6)
    new = graph["nodes"][-1]
    assert (new["kind"], graph["rev"], "copy_of" in new) == ("notify", 1, False)
    assert re.fullmatch(r"n[0-9a-z]{8}", new["id"])
    box = node(canvas, new["id"]).bounding_box()
    assert box is not None and box["x"] < x < box["x"] + box["width"] and box["y"] < y < box["y"] + box["height"]
    assert canvas.wait("selected")[-1] == new["id"]
    expect(node(canvas, new["id"])).to_be_focused()


def test_dropped_outside_of_the_canvas_nothing_is_added(canvas: Lab) -> None:
    canvas.grab(item(canvas, "notify"))
    canvas.page.mouse.move(20, 20, steps=4)
    canvas.page.mouse.up()
    canvas.settled()
    expect(nodes(canvas)).to_have_count(5)
    canvas.grab(item(canvas, "mail"))
    canvas.page.mouse.move(800, 300, steps=4)
    canvas.page.keyboard.press("Escape")
    canvas.page.mouse.up()
    canvas.settled()
    assert canvas.events("graph") == []


def test_double_click_and_enter_add_where_there_is_room(canvas: Lab) -> None:
    item(canvas, "wait").dblclick()
    told(canvas, lambda g: len(g["nodes"]) == 6)
    item(canvas, "wait").focus()
    canvas.page.keyboard.press("ArrowDown")
    canvas.page.keyboard.press("Enter")
    graph = told(canvas, lambda g: len(g["nodes"]) == 7)
    assert [n["kind"] for n in graph["nodes"][5:]] == ["wait", "mail"]
    boxes = [nodes(canvas).nth(k).bounding_box() for k in range(7)]
    for i, a in enumerate(boxes):
        for b in boxes[:i]:
            assert a and b
            apart = a["x"] >= b["x"] + b["width"] or b["x"] >= a["x"] + a["width"]
            assert apart or a["y"] >= b["y"] + b["height"] or b["y"] >= a["y"] + a["height"]


def test_palette_is_searched_and_folded(canvas: Lab) -> None:
    search = canvas.page.get_by_role("searchbox", name="Найти робота")
    search.fill("ПАУЗА")
    expect(canvas.page.locator(".palette .item")).to_have_count(1)
    search.press("Enter")
    assert told(canvas, lambda g: len(g["nodes"]) == 6)["nodes"][-1]["kind"] == "wait"
    search.fill("такого нет")
    expect(canvas.page.get_by_text("Ничего не найдено")).to_be_visible()
    search.press("Escape")
    expect(canvas.page.locator(".palette .item")).to_have_count(11)
    group = canvas.page.get_by_role("button", name="Связь")
    group.click()
    expect(group).to_have_attribute("aria-expanded", "false")
    expect(canvas.page.locator(".palette .item")).to_have_count(8)
    canvas.page.get_by_role("button", name="Скрыть роботов").click()
    expect(canvas.page.locator(".palette")).to_have_count(0)
    canvas.page.get_by_role("button", name="Показать роботов").click()
    expect(canvas.page.locator(".palette")).to_be_visible()


# --- wires -----------------------------------------------------------------------------------------------------------


def test_wire_is_drawn_to_an_input_and_to_a_card(canvas: Lab) -> None:
    wire(canvas, port(canvas, "letter", "out"), port(canvas, "call", "in"))
    assert ("letter", "out", "call") in ends(told(canvas, lambda g: len(g["edges"]) == 5))
    wire(canvas, port(canvas, "start", "out"), node(canvas, "letter").locator(".rc-title"))
    assert ("start", "out", "letter") in ends(told(canvas, lambda g: len(g["edges"]) == 6))
    expect(wires(canvas)).to_have_count(6)


def test_wire_that_closes_a_cycle_is_refused_and_explained(canvas: Lab) -> None:
    wire(canvas, port(canvas, "boss", "out"), port(canvas, "amount", "in"))
    expect(canvas.page.locator(".toast")).to_contain_text("Получится круг")
    wire(canvas, port(canvas, "boss", "out"), node(canvas, "start").locator(".rc-title"))
    expect(canvas.page.locator(".toast").last).to_contain_text("У триггера нет входа")
    canvas.settled()
    expect(wires(canvas)).to_have_count(4)
    expect(canvas.page.locator(".react-flow__node.off")).to_have_count(0)
    assert canvas.events("graph") == []


def test_wire_let_go_over_nothing_asks_what_should_stand_there(canvas: Lab) -> None:
    x, y = canvas.centre(port(canvas, "letter", "out"))
    canvas.page.mouse.move(x, y)
    canvas.page.mouse.down()
    canvas.page.mouse.move(x + 150, y + 60, steps=6)
    canvas.page.mouse.up()
    canvas.page.get_by_role("menuitem", name="Подождать").click()
    graph = told(canvas, lambda g: len(g["nodes"]) == 6)
    assert ("letter", "out", ids(graph)[-1]) in ends(graph)


def test_wire_let_go_outside_does_not_hang_on_the_pointer(canvas: Lab) -> None:
    canvas.page.mouse.move(*canvas.centre(port(canvas, "letter", "out")))
    canvas.page.mouse.down()
    canvas.page.mouse.move(900, 30, steps=6)
    expect(canvas.page.locator(".react-flow__connection-path")).to_have_count(1)
    canvas.page.mouse.up()
    expect(canvas.page.locator(".react-flow__connection-path")).to_have_count(0)


def test_wire_is_cut_by_its_cross_or_by_delete(canvas: Lab) -> None:
    path = canvas.page.locator('.react-flow__edge[data-id="e1"]')
    path.locator(".cut").hover(force=True)
    path.locator(".cut").click()
    told(canvas, lambda g: len(g["edges"]) == 3)
    canvas.page.locator('.react-flow__edge[data-id="e4"] .react-flow__edge-interaction').click(force=True)
    canvas.page.keyboard.press("Delete")
    graph = told(canvas, lambda g: len(g["edges"]) == 2)
    assert len(graph["nodes"]) == 5


def test_keyboard_connects_and_cuts_again(canvas: Lab) -> None:
    node(canvas, "amount").focus()
    canvas.page.keyboard.press("c")
    canvas.page.get_by_role("menuitem", name="да").press("Enter")
    target = canvas.page.get_by_role("menuitem", name="Запрос")
    target.focus()
    canvas.page.keyboard.press("Enter")
    told(canvas, lambda g: ("amount", "yes", "call") in ends(g))
    canvas.page.keyboard.press("c")
    canvas.page.keyboard.press("Enter")
    expect(target).to_have_attribute("aria-current", "true")
    target.press("Enter")
    told(canvas, lambda g: ("amount", "yes", "call") not in ends(g))
    expect(node(canvas, "amount")).to_be_focused()


def test_keyboard_is_told_why_a_wire_cannot_be(canvas: Lab) -> None:
    node(canvas, "boss").focus()
    canvas.page.keyboard.press("c")
    canvas.page.get_by_role("menuitem", name="Условие").press("Enter")
    expect(canvas.page.locator(".toast")).to_contain_text("Получится круг")
    expect(wires(canvas)).to_have_count(4)


# --- doing and undoing -----------------------------------------------------------------------------------------------


def test_delete_undo_redo(canvas: Lab) -> None:
    expect(button(canvas, "Отменить")).to_be_disabled()
    node(canvas, "boss").click()
    canvas.page.keyboard.press("Delete")
    graph = told(canvas, lambda g: "boss" not in ids(g))
    assert ends(graph) == {("start", "out", "amount"), ("amount", "no", "letter")}
    canvas.page.keyboard.press("Control+z")
    graph = told(canvas, lambda g: "boss" in ids(g))
    assert ("boss", "out", "call") in ends(graph) and ("amount", "yes", "boss") in ends(graph)
    expect(node(canvas, "boss")).to_contain_text("Руководителю отдела")
    expect(wires(canvas)).to_have_count(4)
    canvas.page.keyboard.press("Control+y")
    told(canvas, lambda g: "boss" not in ids(g))
    canvas.page.keyboard.press("Control+z")
    told(canvas, lambda g: "boss" in ids(g))
    canvas.page.keyboard.press("Control+Shift+z")
    told(canvas, lambda g: "boss" not in ids(g))
    button(canvas, "Отменить").click()
    told(canvas, lambda g: "boss" in ids(g))


def test_delete_elsewhere_on_the_page_deletes_nothing(canvas: Lab) -> None:
    node(canvas, "boss").click()
    canvas.page.get_by_role("button", name="Rerun").focus()
    canvas.page.keyboard.press("Delete")
    canvas.page.get_by_role("searchbox").fill("аб")
    canvas.page.get_by_role("searchbox").press("Backspace")
    canvas.settled()
    expect(nodes(canvas)).to_have_count(5)


def test_move_is_told_and_undone_as_one(canvas: Lab) -> None:
    x, y = canvas.centre(node(canvas, "letter"))
    canvas.drag(node(canvas, "letter"), x + 60, y + 120)
    placed = {n["id"]: (n["x"], n["y"]) for n in told(canvas, lambda g: len(g["nodes"]) == 5)["nodes"]}
    assert placed["letter"] != (620, 220) and placed["start"] == (0, 120)
    assert len(canvas.events("graph")) == 1
    canvas.page.keyboard.press("Control+z")
    told(canvas, lambda g: {"id": "letter", "kind": "mail", "x": 620, "y": 220} in g["nodes"])


def test_arrows_move_what_is_selected(canvas: Lab) -> None:
    node(canvas, "start").focus()
    canvas.page.keyboard.press("Tab")
    expect(node(canvas, "amount")).to_be_focused()
    canvas.page.evaluate("performance.now = () => 100")  # the first move is a step to undo also on a page that has just come
    for key in ("ArrowRight", "ArrowRight", "Shift+ArrowDown"):
        canvas.page.keyboard.press(key)
    told(canvas, lambda g: {"id": "amount", "kind": "condition", "x": 320, "y": 170} in g["nodes"])
    canvas.page.keyboard.press("Control+z")
    told(canvas, lambda g: {"id": "amount", "kind": "condition", "x": 300, "y": 120} in g["nodes"])


def test_duplicates_keep_the_wires_between_them(canvas: Lab) -> None:
    node(canvas, "boss").click()
    node(canvas, "call").click(modifiers=["Control"])
    canvas.page.keyboard.press("Control+d")
    graph = told(canvas, lambda g: len(g["nodes"]) == 7)
    copies = {n["copy_of"]: n["id"] for n in graph["nodes"] if "copy_of" in n}
    assert set(copies) == {"boss", "call"}
    assert (copies["boss"], "out", copies["call"]) in ends(graph) and len(graph["edges"]) == 5
    expect(canvas.page.locator(".react-flow__node.selected")).to_have_count(2)


def test_layout_puts_nodes_in_the_order_of_the_wires(canvas: Lab) -> None:
    button(canvas, "Разложить").click()
    at = {n["id"]: (n["x"], n["y"]) for n in told(canvas, lambda g: len(g["nodes"]) == 5)["nodes"]}
    assert at["start"][0] < at["amount"][0] < at["boss"][0] == at["letter"][0] < at["call"][0]
    assert at["boss"][1] < at["letter"][1]


# --- what Python says ------------------------------------------------------------------------------------------------


def test_places_and_wires_are_taken_only_with_a_new_rev(canvas: Lab) -> None:
    node(canvas, "letter").click()
    canvas.page.keyboard.press("Delete")
    told(canvas, lambda g: "letter" not in ids(g))
    canvas.rerun()
    expect(nodes(canvas)).to_have_count(4)
    canvas.page.get_by_role("button", name="Revise").click()
    expect(nodes(canvas)).to_have_count(3)
    expect(wires(canvas)).to_have_count(2)
    expect(button(canvas, "Отменить")).to_be_disabled()
    node(canvas, "start").focus()
    canvas.page.keyboard.press("ArrowUp")
    graph = told(canvas, lambda g: g["rev"] == 2)
    assert {"id": "start", "kind": "stage_entered", "x": 0, "y": 390} in graph["nodes"]


def test_words_problems_and_ports_are_taken_on_every_run(canvas: Lab) -> None:
    canvas.page.get_by_role("button", name="Change").click()
    amount = node(canvas, "amount")
    expect(amount).to_contain_text("Переименовано")
    expect(amount.get_by_role("button", name="Проблемы: Нет поля «Сумма»")).to_be_visible()
    expect(amount.locator(".port.lost")).to_have_text("нет")
    expect(canvas.page.locator(".wire.broken")).to_have_count(1)
    expect(wires(canvas)).to_have_count(4)
    assert canvas.events("graph") == []


def test_problems_are_shown_and_told(canvas: Lab) -> None:
    badge = node(canvas, "letter").get_by_role("button")
    badge.hover()
    expect(canvas.page.locator(".tip li").first).to_have_text("Не указан получатель")
    badge.click()
    assert canvas.wait("action")[-1].items() >= {"type": "open_problem", "id": "letter"}.items()
    canvas.still(node(canvas, "boss"))
    node(canvas, "boss").dblclick()
    assert canvas.wait("action", 2)[-1].items() >= {"type": "open", "id": "boss"}.items()
    node(canvas, "start").focus()
    canvas.page.keyboard.press("Enter")
    assert canvas.wait("action", 3)[-1]["id"] == "start"


def test_selection_is_told_and_obeyed(canvas: Lab) -> None:
    node(canvas, "amount").click()
    assert canvas.wait("selected") == ["amount"]
    node(canvas, "start").click(modifiers=["Control"])
    assert canvas.wait("selected", 2)[-1] is None
    canvas.page.get_by_role("button", name="Choose").click()
    expect(node(canvas, "boss")).to_have_class(re.compile(r"\bselected\b"))
    expect(canvas.page.locator(".react-flow__node.selected")).to_have_count(1)
    assert canvas.wait("selected", 3)[-1] == "boss"
    canvas.page.locator(".react-flow__pane").click(position={"x": 400, "y": 60})
    assert canvas.wait("selected", 4)[-1] is None


def test_box_selects_many(canvas: Lab) -> None:
    x, y = canvas.centre(node(canvas, "start"))
    canvas.page.keyboard.down("Shift")
    canvas.page.mouse.move(x - 110, y - 120)
    canvas.page.mouse.down()
    canvas.page.mouse.move(x + 420, y + 130, steps=6)
    canvas.page.mouse.up()
    canvas.page.keyboard.up("Shift")
    expect(canvas.page.locator(".react-flow__node.selected")).to_have_count(2)
    canvas.page.keyboard.press("Delete")
    assert ids(told(canvas, lambda g: len(g["nodes"]) == 3)) == ["boss", "letter", "call"]


# --- elsewhere -------------------------------------------------------------------------------------------------------


def test_trace_can_be_looked_at_but_not_changed(on: Lab) -> None:
    on.open("canvas", readonly=1, state=1)
    expect(nodes(on)).to_have_count(5)
    expect(on.page.locator(".palette, .cut")).to_have_count(0)
    expect(button(on, "Удалить")).to_have_count(0)
    expect(node(on, "call").locator(".rc")).to_have_class(re.compile("is-failed"))
    expect(node(on, "call")).to_have_accessible_name(re.compile("Ошибка"))
    x, y = on.centre(node(on, "boss"))
    on.drag(node(on, "boss"), x + 90, y + 90)
    wire(on, port(on, "letter", "out"), port(on, "call", "in"))
    node(on, "letter").click()
    for key in ("Delete", "ArrowDown", "Control+d", "c"):
        on.page.keyboard.press(key)
    on.settled()
    expect(nodes(on)).to_have_count(5)
    expect(wires(on)).to_have_count(4)
    assert on.events("graph") == [] and on.events("selected")[-1] == "letter"
    before = node(on, "call").bounding_box()
    button(on, "Мельче").click()
    on.until(lambda: node(on, "call").bounding_box() != before)


def test_everything_has_a_name(canvas: Lab) -> None:
    """Every control says what it is, ids are unique, and nothing speaks English by itself."""
    nameless = """root => [...root.querySelectorAll('button, input, [tabindex="0"], [role=img]')].filter(e =>
        !(e.ariaLabel || e.textContent.trim() || e.getAttribute('aria-labelledby'))).map(e => e.outerHTML)"""
    root = canvas.page.locator(".vk")
    assert root.evaluate(nameless) == []
    twice = "root => [...root.querySelectorAll('[id]')].map(e => e.id).filter((id, i, all) => all.indexOf(id) !== i)"
    assert root.evaluate(twice) == []
    spoken = """root => [root.textContent, ...[...root.querySelectorAll('*')].flatMap(e =>
        [e.ariaLabel, e.title, e.ariaRoleDescription])].join(' ')"""
    assert not re.search(r"\b(node|edge|press|flow|map|zoom|handle|select)\b", root.evaluate(spoken), re.IGNORECASE)
    expect(node(canvas, "amount")).to_have_accessible_description(re.compile("Tab — переход"))
    expect(node(canvas, "amount")).to_have_accessible_name(re.compile("да → Уведомление"))


def test_phone_adds_by_touch(phone: Lab) -> None:
    phone.open("canvas")
    expect(phone.page.locator(".palette")).to_have_count(0)
    phone.page.get_by_role("button", name="Показать роботов").tap()
    item(phone, "mail").tap()
    expect(phone.page.locator(".palette")).to_have_count(0)
    graph = told(phone, lambda g: len(g["nodes"]) == 6)
    port(phone, "start", "out").tap()
    port(phone, ids(graph)[-1], "in").tap()
    told(phone, lambda g: ("start", "out", ids(graph)[-1]) in ends(g))
    width = phone.page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390


def test_two_hundred_nodes_stay_smooth(on: Lab) -> None:
    on.open("canvas", big=200)
    expect(nodes(on)).to_have_count(200)
    on.page.evaluate(
        """() => {
            window.__frames = []
            const tick = now => { window.__frames.push(now); requestAnimationFrame(tick) }
            requestAnimationFrame(tick)
        }"""
    )
    x, y = on.centre(node(on, "n1"))
    on.page.mouse.move(x, y)
    on.page.mouse.down()
    on.page.mouse.move(x + 300, y + 90, steps=20)
    on.page.mouse.up()
    gaps = on.page.evaluate("window.__frames.map((t, i) => i ? t - window.__frames[i - 1] : 0).sort((a, b) => a - b)")
    assert gaps[len(gaps) // 2] < 60, f"median frame {gaps[len(gaps) // 2]} ms"
    moved = next(n for n in told(on, lambda g: len(g["nodes"]) == 200)["nodes"] if n["id"] == "n1")
    assert moved["x"] > 320
