"""A page stays open while its session ends, its person is shut out or loses a right: nothing more can be done from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from builder.presets import preset
from model.access import Action, Actor, Grant, Level, Role
from running import Serve, Site, Visit, WorkspaceAt, settle
from workspace import Workspace

PASSWORD = "a long password"


@dataclass
class Place:
    """A running workspace; `person()` makes somebody who may do all with `deals`, `deal()` an element of theirs."""

    site: Site
    workspace: Workspace
    admin: Actor
    made: int = 0

    def person(self) -> str:
        self.made += 1
        login = f"user{self.made}"
        user = self.workspace.people.add_user(self.admin, login, login.title(), PASSWORD)
        row = next(r for r in self.workspace.people.roles() if r.code == "seller")
        self.workspace.people.save_role(self.admin, "seller", "Seller", [*row.users, user.id], [])
        return login

    def id_of(self, login: str) -> int:
        found = self.workspace.people.by_login(login)
        assert found
        return found.id

    def deal(self, login: str) -> int:
        values = {"title": f"Deal of {login}", "responsible": self.id_of(login)}
        return self.workspace.elements.create(self.admin, "deals", values).id

    def stage(self, deal: int) -> str:
        return self.workspace.elements.get(self.admin, deal).stage

    # ways to shut somebody out

    def revoke(self, login: str) -> None:
        for session in self.workspace.sessions.of(self.id_of(login)):
            self.workspace.sessions.revoke(self.admin, session.id)

    def deactivate(self, login: str) -> None:
        self.workspace.people.change_user(self.admin, self.id_of(login), active=False)

    def new_password(self, login: str) -> None:
        self.workspace.people.set_password(self.admin, self.id_of(login), "", "another long one")

    def take_role(self, login: str) -> None:
        row = next(r for r in self.workspace.people.roles() if r.code == "seller")
        left = [user for user in row.users if user != self.id_of(login)]
        self.workspace.people.save_role(self.admin, "seller", "Seller", left, [])


WAYS: dict[str, Callable[[Place, str], None]] = {
    "revoked": Place.revoke, "deactivated": Place.deactivate, "new password": Place.new_password, "role taken": Place.take_role,
}  # fmt: skip


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, workspace_at: WorkspaceAt, serve: Serve) -> Iterator[Place]:
    folder: Path = tmp_path_factory.mktemp("sessions")
    workspace = workspace_at(folder)
    admin = workspace.administrator()
    grants = tuple(Grant(role="seller", action=action, level=Level.OWN) for action in Action)
    process = preset("all_inclusive", "deals", "Deals", workspace.reader(admin).t)
    changes = {"grants": grants, "roles": (Role(code="seller", title="Seller"),)}
    workspace.processes.create(admin, process.model_copy(update=changes))
    workspace.processes.publish(admin, "deals")
    yield Place(serve(folder), workspace, admin)


@pytest.fixture
def visit(visit: Visit) -> Iterator[Visit]:
    """The live socket refuses them too: what the browser says of that is no trouble."""
    yield visit
    visit.trouble[:] = [said for said in visit.trouble if "/live" not in said]


BOXES = "all => all.map(it => it.getBoundingClientRect().toJSON())"
"""Asked at once: a board that is about to go may be gone between two questions."""


def drag(page: Page, title: str, stage: str) -> None:
    card, column = page.locator(".item .card", has_text=title), page.locator(f'.col[data-col="{stage}"]')
    start, end = (box[0] if (box := place.evaluate_all(BOXES)) else None for place in (card, column))
    if not start or not end:
        return  # the board has heard of it already
    page.mouse.move(start["x"] + 30, start["y"] + 15)
    page.mouse.down()
    page.mouse.move(start["x"] + 40, start["y"] + 25, steps=3)
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + 100, steps=8)
    page.mouse.up()


@pytest.mark.parametrize("way", WAYS)
def test_a_card_dragged_on_an_open_board_stays_where_it_is(place: Place, visit: Visit, way: str) -> None:
    login = place.person()
    deal = place.deal(login)
    page = visit(place.site, "/board?process=deals", login=login, password=PASSWORD)
    expect(page.locator(".item .card", has_text=f"Deal of {login}")).to_be_visible()
    WAYS[way](place, login)
    drag(page, f"Deal of {login}", "preparation")
    page.wait_for_timeout(700)
    settle(page)
    assert place.stage(deal) == "new"
    assert page.locator(".item .card").count() == 0


@pytest.mark.parametrize("way", WAYS)
def test_an_open_card_takes_and_tells_nothing_more(place: Place, visit: Visit, way: str) -> None:
    login = place.person()
    deal = place.deal(login)
    task = place.workspace.tasks.add(place.admin, deal, "Call them", place.id_of(login))
    page = visit(place.site, f"/card?id={deal}", login=login, password=PASSWORD)
    expect(page.locator(".step").first).to_be_visible()
    WAYS[way](place, login)
    place.workspace.elements.comment(place.admin, deal, "For those who may read it")
    page.wait_for_timeout(4600)  # the timeline looks every four seconds
    settle(page)
    assert page.get_by_text("For those who may read it").count() == 0
    box = page.get_by_role("textbox", name="Comment")
    if box.count():
        box.first.fill("From the other side")
        page.get_by_role("button", name="Send").first.click()
        settle(page)
    place.workspace.elements.get(place.admin, deal)
    said = [event.data.get("text") for event in place.workspace.elements.history(place.admin, deal)]
    assert "From the other side" not in said
    assert not place.workspace.tasks.of(place.admin, deal)[0].done_at and task


@pytest.mark.parametrize("way", ["revoked", "role taken"])
def test_a_move_on_the_stage_bar_of_an_open_card(place: Place, visit: Visit, way: str) -> None:
    login = place.person()
    deal = place.deal(login)
    page = visit(place.site, f"/card?id={deal}", login=login, password=PASSWORD)
    expect(page.locator('.step[data-id="preparation"]')).to_be_visible()
    WAYS[way](place, login)
    page.locator('.step[data-id="preparation"]').click()
    page.wait_for_timeout(500)
    settle(page)
    assert place.stage(deal) == "new"
    assert page.locator(".step").count() == 0


def test_a_task_ticked_off_in_an_open_list(place: Place, visit: Visit) -> None:
    login = place.person()
    deal = place.deal(login)
    task = place.workspace.tasks.add(place.admin, deal, "Call them", place.id_of(login))
    page = visit(place.site, "/tasks", login=login, password=PASSWORD)
    expect(page.get_by_text("Call them")).to_be_visible()
    place.revoke(login)
    page.get_by_role("checkbox").first.dispatch_event("click")
    page.wait_for_timeout(500)
    settle(page)
    assert place.workspace.tasks.of(place.admin, deal)[0].done_at is None and task
    way = page.get_by_role("link", name="Sign in").first
    expect(page.locator("input[name=username]").or_(way)).to_be_visible()
    assert page.url.endswith("/tasks")
