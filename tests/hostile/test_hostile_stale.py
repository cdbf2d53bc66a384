"""A board or card stays open while others change what it shows: what is done on it is told clearly, and no text is lost."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from builder import edit
from model.access import Actor
from model.field import Field
from model.process import Funnel, Process, Stage
from running import Contexts, Serve, Site, Visit, Visits, WorkspaceAt, settle
from workspace import Workspace

MEANWHILE = re.compile("meanwhile|removed|deleted|no access", re.IGNORECASE)
TROUBLE = re.compile(r"unexpected|Traceback|\bNone\b|error\.\w+")


@dataclass
class Desk:
    """A running workspace; `process()` publishes a new one with an element on its first stage."""

    site: Site
    workspace: Workspace
    admin: Actor
    made: int = 0

    def process(self) -> tuple[str, int]:
        self.made += 1
        code = f"p{self.made}"
        stages = (Stage(code="new", title="New"), Stage(code="work", title="At work"), Stage(code="spare", title="Spare"),
                  Stage(code="won", title="Won", semantics="S"), Stage(code="lost", title="Lost", semantics="F"))  # fmt: skip
        fields = (Field(code="note", title="Note", on_board=True, in_list=True), Field(code="place", title="Place"))
        funnels = (Funnel(code="main", title="Main", stages=stages),)
        process = Process(code=code, title=f"Process {self.made}", element_title="Thing", fields=fields, funnels=funnels)
        self.workspace.processes.create(self.admin, process)
        self.workspace.processes.publish(self.admin, code)
        values = {"title": f"Thing of {code}", "note": "As it was", "place": "Here", "responsible": self.admin.id}
        return code, self.workspace.elements.create(self.admin, code, values).id

    # what others do

    def publish(self, code: str, change: Callable[[Process], Process]) -> None:
        self.workspace.processes.save(self.admin, change(self.workspace.processes.draft(code)))
        self.workspace.processes.publish(self.admin, code)

    def remove_stage(self, code: str, element: int) -> None:
        self.publish(code, lambda p: edit.remove_stage(p, "spare"))

    def remove_field(self, code: str, element: int) -> None:
        self.publish(code, lambda p: edit.remove_field(p, "note"))

    def archive(self, code: str, element: int) -> None:
        self.workspace.processes.archive(self.admin, code)

    def delete(self, code: str, element: int) -> None:
        self.workspace.elements.delete(self.admin, element)

    def move(self, code: str, element: int) -> None:
        self.workspace.elements.move(self.admin, element, "won")

    def revoke(self, code: str, element: int) -> None:
        newest = max(session.id for session in self.workspace.sessions.of(self.admin.user))
        self.workspace.sessions.revoke(self.admin, newest)


Deed = Callable[[Desk, str, int], None]
DEEDS: dict[str, Deed] = {
    "stage removed": Desk.remove_stage, "field removed": Desk.remove_field, "archived": Desk.archive, "deleted": Desk.delete,
    "moved on": Desk.move, "revoked": Desk.revoke,
}  # fmt: skip
MOVING = [what for what in DEEDS if what != "revoked"]
"""What an ended session does to a move is told in test_hostile_sessions.py."""
TYPING = [what for what in DEEDS if what != "moved on"]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, workspace_at: WorkspaceAt, serve: Serve) -> Desk:
    folder: Path = tmp_path_factory.mktemp("stale")
    workspace = workspace_at(folder)
    return Desk(serve(folder), workspace, workspace.administrator())


Open = Callable[[str, str], Page]


@pytest.fixture(scope="module")
def visits(contexts: Contexts) -> Iterator[Visits]:
    """One signed-in browser for all that does not end its session."""
    found = Visits(contexts)
    yield found
    trouble = found.close()
    assert not trouble, "\n".join(trouble)


@pytest.fixture(scope="module")
def page(desk: Desk, visits: Visits) -> Page:
    return deaf(visits(desk.site, "/tasks"))


@pytest.fixture
def stale(desk: Desk, page: Page, visit: Visit) -> Open:
    """`stale(what will happen, path)` opens a page that hears nothing of what others do."""

    def open_page(what: str, path: str) -> Page:
        found = deaf(visit(desk.site, "/tasks")) if what == "revoked" else page
        found.goto(desk.site.url + path)
        settle(found)
        return found

    return open_page


def deaf(page: Page) -> Page:
    page.route_web_socket(re.compile("/live$"), lambda socket: None)
    return page


def drag(page: Page, title: str, stage: str) -> None:
    start = page.locator(".item .card", has_text=title).bounding_box()
    end = page.locator(f'.col[data-col="{stage}"]').bounding_box()
    assert start and end
    page.mouse.move(start["x"] + 30, start["y"] + 15)
    page.mouse.down()
    page.mouse.move(start["x"] + 40, start["y"] + 25, steps=3)
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + 100, steps=8)
    page.mouse.up()


ALL_TEXT = """() => { const walk = n => n.nodeType === 3 ? n.data : ['SCRIPT', 'STYLE'].includes(n.tagName) ? '' :
    [...(n.shadowRoot ? [n.shadowRoot] : []), ...n.childNodes].map(walk).join(' ')
      + (n.value && n.type !== 'password' ? ' ' + n.value : '');
  return walk(document.body) }"""


def text_of(page: Page) -> str:
    """The text, also of inputs and our components, once it stays the same for a while."""
    before, same = "", 0
    page.wait_for_timeout(400)
    while same < 3:
        settle(page)
        now = str(page.evaluate(ALL_TEXT))
        before, same = now, same + 1 if now == before else 0
        page.wait_for_timeout(150)
    return before


def press(page: Page, button: str, what: str) -> str:
    """The page's text after a press; where the session has ended, the page says so by itself and leaves nothing to press."""
    if what == "revoked":
        return ended(page)
    page.get_by_role("button", name=button, exact=True).click()
    return calm(page)


def ended(page: Page) -> str:
    """The notice that keeps what was typed."""
    notice = page.get_by_role("dialog", name="Your session has ended")
    expect(notice).to_be_visible()
    return notice.inner_text()


def edit_fields(page: Page, **typed: str) -> None:
    page.get_by_role("button", name=re.compile("^Edit")).first.click()
    expect(page.get_by_label("Note")).to_be_visible()
    settle(page)
    for label, text in typed.items():
        page.get_by_label(label.title()).fill(text)


def calm(page: Page) -> str:
    """The text of the page, which tells nothing that only we understand."""
    text = text_of(page)
    assert not (found := TROUBLE.findall(text)), (found, text[-1500:])
    return text


def stage_of(desk: Desk, element: int) -> str:
    stored = desk.workspace.db.table("elements").get(doc_id=element)
    return str(stored["stage"])


@pytest.mark.parametrize("what", MOVING)
def test_a_card_dragged_on_a_board_of_before(desk: Desk, stale: Open, what: str) -> None:
    code, element = desk.process()
    page = stale(what, f"/board?process={code}")
    expect(page.locator(".item .card")).to_have_count(1)
    DEEDS[what](desk, code, element)
    drag(page, f"Thing of {code}", "spare" if what == "stage removed" else "work")
    text = calm(page)
    if what == "field removed":
        assert stage_of(desk, element) == "work"
        expect(page.locator('.col[data-col="work"] .card')).to_have_count(1)
        assert "As it was" not in text
        return
    assert stage_of(desk, element) == ("won" if what == "moved on" else "new")
    assert MEANWHILE.search(text) or "session has ended" in text, text[-1500:]
    expect(page.locator('.col[data-col="spare"]')).to_have_count(0 if what in ("stage removed", "archived") else 1)
    expect(page.locator(".item .card")).to_have_count(1 if what in ("stage removed", "moved on") else 0)


@pytest.mark.parametrize("what", TYPING)
def test_an_element_added_in_a_column_of_before(desk: Desk, stale: Open, what: str) -> None:
    code, element = desk.process()
    page = stale(what, f"/board?process={code}")
    expect(page.locator(".item .card")).to_have_count(1)
    stage = "spare" if what == "stage removed" else "work"
    page.locator(f'.col[data-col="{stage}"] .head button').click()
    page.keyboard.type("Typed on the board")
    DEEDS[what](desk, code, element)
    page.keyboard.press("Enter")
    text = ended(page) if what == "revoked" else calm(page)
    assert "Typed on the board" in text
    made = desk.workspace.elements.search(desk.admin, "Typed on the board")
    assert [e.stage for e in made if e.process == code] == (["work"] if what in ("field removed", "deleted") else [])
    if what not in ("field removed", "deleted"):
        assert MEANWHILE.search(text) or "session has ended" in text, text[-1500:]


@pytest.mark.parametrize("what", TYPING)
def test_a_field_saved_on_a_card_of_before(desk: Desk, stale: Open, what: str) -> None:
    code, element = desk.process()
    page = stale(what, f"/card?id={element}")
    edit_fields(page, note="Typed by hand", place="There")
    DEEDS[what](desk, code, element)
    text = press(page, "Save", what)
    assert "Typed by hand" in text
    stored = desk.workspace.db.table("elements").get(doc_id=element)["values"]
    saved = {"stage removed": ("Typed by hand", "There"), "field removed": ("As it was", "There")}
    assert (stored["note"], stored["place"]) == saved.get(what, ("As it was", "Here"))
    if what != "stage removed":
        assert MEANWHILE.search(text) or "session has ended" in text, text[-1500:]


def test_the_same_field_saved_by_two(desk: Desk, stale: Open) -> None:
    code, element = desk.process()
    page = stale("changed", f"/card?id={element}")
    edit_fields(page, note="Mine", place="There")
    desk.workspace.elements.update(desk.admin, element, {"note": "Theirs"})
    page.get_by_role("button", name="Save", exact=True).click()
    text = calm(page)
    assert "Somebody changed this meanwhile" in text and "Now: Theirs" in text and "Yours: Mine" in text
    values = desk.workspace.elements.get(desk.admin, element).values
    assert (values["note"], values["place"]) == ("Theirs", "Here")
    desk.delete(code, element)
    page.get_by_role("button", name="Save", exact=True).click()
    assert "Mine" in calm(page)


@pytest.mark.parametrize("what", TYPING)
def test_a_comment_on_a_card_of_before(desk: Desk, stale: Open, what: str) -> None:
    code, element = desk.process()
    page = stale(what, f"/card?id={element}")
    page.get_by_placeholder("Write a comment").fill("Long thought about")
    DEEDS[what](desk, code, element)
    text = press(page, "Send", what)
    assert "Long thought about" in text
    assert what in ("stage removed", "field removed") or MEANWHILE.search(text) or "session has ended" in text, text[-1500:]


@pytest.mark.parametrize("what", MOVING)
def test_a_stage_pressed_on_a_card_of_before(desk: Desk, stale: Open, what: str) -> None:
    code, element = desk.process()
    page = stale(what, f"/card?id={element}")
    DEEDS[what](desk, code, element)
    page.locator(f'.step[data-id="{"spare" if what == "stage removed" else "work"}"]').click()
    text = calm(page)
    if what == "field removed":
        assert stage_of(desk, element) == "work"
        return
    assert stage_of(desk, element) == ("won" if what == "moved on" else "new")
    assert MEANWHILE.search(text) or "session has ended" in text, text[-1500:]
