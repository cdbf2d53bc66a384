"""The team at work: a card is moved by hand, robots act, the card tells what happened, another browser sees it."""

from __future__ import annotations

import re
from functools import partial

from journey import card, column, count, drag, eventually, stage_on_bar
from playwright.sync_api import Page, Route, expect

from running import Visit, hold_ticks, pick, settle, tick, wait_for


def _deal(office, title: str, stage: str = "prospecting", **values: object) -> int:
    return office.workspace.elements.create(office.admin, "deals", {"title": title, "stage": stage, **values}).id


def test_a_card_moved_by_the_mouse_sets_the_robots_to_work(office, visit: Visit) -> None:
    _deal(office, "Anvils for the coyote")
    page = visit(office.site, "/board?process=deals")
    before = count(page, "engaging")
    drag(page, card(page, "Anvils for the coyote"), column(page, "engaging"))
    expect(column(page, "engaging").locator(".n")).to_have_text(str(before + 1))
    column(page, "engaging").locator(".card", has_text="Anvils for the coyote").click()
    expect(page.get_by_role("heading", name="Anvils for the coyote")).to_be_visible()
    expect(stage_on_bar(page, "engaging")).to_have_attribute("aria-current", "step")
    timeline = page.locator(".st-key-timeline, [data-testid=stMainBlockContainer]").last
    graph = next(g for g in office.workspace.processes.published("deals").process.graphs if g.code == "engaging")
    expect(timeline.get_by_text(graph.title, exact=False).first).to_be_visible(timeout=10_000)
    expect(timeline.get_by_text("Prospecting", exact=False).first).to_be_visible()
    page.get_by_role("tab", name=re.compile("Tasks")).click()
    eventually(page, lambda: bool(office.workspace.tasks.of(office.admin, _number(page))))


def _number(page) -> int:
    return int(re.search(r"id=(\d+)", page.url)[1])


def test_the_other_browser_sees_the_move(office, visit: Visit) -> None:
    _deal(office, "Seen by two")
    mine = visit(office.site, "/board?process=deals")
    theirs = visit(office.site, "/board?process=deals")
    expect(card(theirs, "Seen by two")).to_be_visible()
    drag(mine, card(mine, "Seen by two"), column(mine, "engaging"))
    expect(column(theirs, "engaging").locator(".card", has_text="Seen by two")).to_be_visible(timeout=5_000)


def test_what_a_stage_requires_is_asked_for_and_then_the_card_moves(office, visit: Visit) -> None:
    number = _deal(office, "Lost for a reason", "engaging")
    page = visit(office.site, "/board?process=deals")
    drag(page, card(page, "Lost for a reason"), column(page, "lost"))
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    pick(dialog.get_by_role("combobox").first)
    dialog.get_by_role("button", name="Save and move").click()
    expect(column(page, "lost").locator(".card", has_text="Lost for a reason")).to_be_visible()
    eventually(page, lambda: office.workspace.elements.get(office.admin, number).stage == "lost")


def test_a_card_is_edited_in_place_and_wrong_input_is_told_at_its_field(office, visit: Visit) -> None:
    number = _deal(office, "To be edited")
    page = visit(office.site, f"/card?id={number}")
    page.get_by_role("button", name=re.compile("Edit")).first.click()
    page.get_by_label("Title").fill("Edited in place")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", name="Edited in place")).to_be_visible()
    element = office.workspace.elements.get(office.admin, number)
    assert element.title == "Edited in place" and element.version == 2


def test_two_people_edit_one_card_and_neither_text_is_lost(office, visit: Visit) -> None:
    number = _deal(office, "Contested")
    page = visit(office.site, f"/card?id={number}")
    page.get_by_role("button", name=re.compile("Edit")).first.click()
    page.get_by_label("Title").fill("Mine")
    office.workspace.elements.update(office.admin, number, {"title": "Theirs"})
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Now: Theirs")).to_be_visible()
    expect(page.get_by_text("Yours: Mine")).to_be_visible()
    assert office.workspace.elements.get(office.admin, number).title == "Theirs"
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", name="Mine")).to_be_visible()


def test_a_comment_of_markup_stays_text(office, visit: Visit) -> None:
    number = _deal(office, "<img src=x onerror=document.title=1> {{7*7}} :red[x] $x^2$")
    page = visit(office.site, f"/card?id={number}")
    page.get_by_placeholder("Write a comment").fill("<script>document.title='hacked'</script> {title} **b**")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("<script>document.title='hacked'</script> {title} **b**")).to_be_visible()
    expect(page.get_by_role("heading", name="<img src=x onerror=document.title=1> {{7*7}} :red[x] $x^2$")).to_be_visible()
    assert "hacked" not in page.title() and page.title() != "1"


def test_a_card_is_added_in_a_column(office, visit: Visit) -> None:
    page = visit(office.site, "/board?process=deals")
    column(page, "prospecting").locator(".head button").click()
    page.keyboard.type("Added in the column")
    page.keyboard.press("Enter")
    expect(column(page, "prospecting").locator(".card", has_text="Added in the column")).to_be_visible()
    search = office.workspace.elements.search
    eventually(page, lambda: [e.stage for e in search(office.admin, "Added in the column")] == ["prospecting"])


def test_cards_move_by_keys_alone(office, visit: Visit) -> None:
    number = _deal(office, "Moved by keys")
    page = visit(office.site, "/board?process=deals")
    card(page, "Moved by keys").focus()
    page.keyboard.press("Control+ArrowRight")
    expect(column(page, "engaging").locator(".card", has_text="Moved by keys")).to_be_visible()
    eventually(page, lambda: office.workspace.elements.get(office.admin, number).stage == "engaging")


def test_the_filter_bar_narrows_board_and_list_alike(office, visit: Visit) -> None:
    _deal(office, "Zebra crossing")
    page = visit(office.site, "/board?process=deals")
    expect(card(page, "Zebra crossing")).to_be_visible()
    page.get_by_placeholder("Search").first.fill("zebra")
    page.keyboard.press("Enter")
    expect(page.locator(".item .card")).to_have_count(1)
    page.get_by_role("radio", name="List").or_(page.get_by_role("button", name="List")).first.click()
    expect(page.get_by_text("of 1").first).to_be_visible()


def _news(page: Page, office, title: str) -> int:
    """Something happens, and the page has it told to Python with the next tick."""
    number = _deal(office, title)
    wait_for(page, "ticks.length")
    return number


def _search_as_news_come(page: Page, office, title: str) -> None:
    hold_ticks(page)
    _news(page, office, title)
    page.get_by_placeholder("Search").first.fill(title)
    page.keyboard.press("Enter")
    tick(page)


def test_news_that_come_with_a_search_do_not_swallow_it(office, visit: Visit) -> None:
    """Streamlit's front end sends what changes within one tick together, and for one fragment only if any of it is in one."""
    page = visit(office.site, "/board?process=deals")
    _search_as_news_come(page, office, "Okapi")
    expect(page.locator(".item .card")).to_have_count(1)


def test_nor_when_the_news_before_came_while_the_page_was_being_drawn(office, visit: Visit) -> None:
    """The browser tells only of the fields that it shows by then; the text of one that comes later was held to be no news."""
    page, drawn = visit(office.site), list[Route]()
    page.route(re.compile("/TextInput[^/]*[.]js"), lambda script: drawn.append(script))
    page.goto(f"{office.site.url}/board?process=deals")
    page.locator(".item .card").first.wait_for()
    _deal(office, "Dik-dik")
    expect(card(page, "Dik-dik")).to_be_visible()
    for script in drawn:
        script.continue_()
    page.get_by_placeholder("Search").first.wait_for()
    _search_as_news_come(page, office, "Kudu")
    expect(page.locator(".item .card")).to_have_count(1)


def test_news_that_come_with_a_press_do_not_swallow_it(office, visit: Visit) -> None:
    page = visit(office.site, "/board?process=deals")
    hold_ticks(page)
    _news(page, office, "Quagga")
    page.get_by_role("button", name="New Deal").click()
    tick(page)
    page.wait_for_url("**/card?new=deals")


def test_news_that_come_with_a_press_in_a_component_do_not_swallow_it(office, visit: Visit) -> None:
    page = visit(office.site, f"/card?id={_deal(office, 'Zorilla')}")
    hold_ticks(page)
    _news(page, office, "Another")
    page.get_by_role("button", name=re.compile("Edit")).first.click()
    tick(page)
    expect(page.get_by_label("Title")).to_have_value("Zorilla")


def test_deleting_can_be_undone(office, visit: Visit) -> None:
    number = _deal(office, "Deleted by mistake")
    page = visit(office.site, f"/card?id={number}")
    page.get_by_role("button", name="More").click()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("The element was deleted")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("heading", name="Deleted by mistake")).to_be_visible()
    assert office.workspace.elements.get(office.admin, number).title == "Deleted by mistake"


def test_a_file_sent_again_is_a_new_version_and_the_old_one_stays(office, visit: Visit) -> None:
    number = _deal(office, "With papers")
    page = visit(office.site, f"/card?id={number}")
    page.get_by_role("tab", name=re.compile("Files")).click()
    for version, text in enumerate((b"first", b"second"), 1):
        page.locator('input[type="file"]').set_input_files({"name": "offer.txt", "mimeType": "text/plain", "buffer": text})
        eventually(page, partial(_is_held, office, number, version, text))
        expect(page.get_by_role("link", name="offer.txt")).to_be_visible()
        settle(page)
    expect(page.get_by_role("tab", name=re.compile("Files"))).to_have_attribute("aria-selected", "true")
    page.get_by_role("button", name="Version 2").click()
    with page.expect_download() as saved:
        page.get_by_role("link", name="Version 1").click()
    assert saved.value.suggested_filename == "offer.txt" and saved.value.path().read_text() == "first"


def _is_held(office, number: int, version: int, content: bytes) -> bool:
    files = office.workspace.files
    rows = files.of(office.admin, number)
    return [(row.version, files.open(office.admin, row.id)[1]) for row in rows] == [(version, content)]


def test_the_cursor_stands_where_one_begins_to_write(office, visit: Visit) -> None:
    page = visit(office.site, "/search")
    expect(page.locator(".st-key-search input")).to_be_focused()
    page.goto(f"{office.site.url}/card?new=deals")
    expect(page.locator(".st-key-new-deals-title input")).to_be_focused()
