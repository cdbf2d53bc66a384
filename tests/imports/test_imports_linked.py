"""The deals with their accounts, products and sales teams: four files, four processes, linked."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from imports_world import CRM

import sheets as tables
from builder import sheets
from model.access import Action, Actor, Grant, Level, Role
from model.errors import NotAllowed, NotFound
from model.filter import Condition
from settings import Settings
from workspace import Workspace, build

FILES = {"sales_pipeline": "deals", "accounts": "accounts", "products": "products", "sales_teams": "teams"}


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    made = build(Settings(data=tmp_path), url="memory://")
    made.set_up("Sales", "en", "admin", "Admin", "correct horse 1", zone="Europe/Moscow")
    yield made
    made.db.close()


def parts(workspace: Workspace, actor: Actor) -> list[tables.Part]:
    files = [(code, code.title(), sheets.read("", CRM / f"{name}.csv")) for name, code in FILES.items()]
    return tables.together(workspace, actor, files)


def test_what_links_to_what_is_found_in_the_values(workspace: Workspace) -> None:
    found = parts(workspace, workspace.administrator())
    assert [part.code for part in found][-1] == "deals"
    links = {p.code: {c.name: c.params["process"] for c in p.plan.columns if c.kind == "link"} for p in found}
    assert links == {
        "deals": {"account": "accounts", "product": "products", "sales_agent": "teams"},
        "accounts": {}, "products": {}, "teams": {},
    }  # fmt: skip
    assert found[-1].plan.role("responsible").name == "sales_agent"  # type: ignore[union-attr]


def test_the_four_files_become_linked_processes(workspace: Workspace) -> None:
    actor = workspace.administrator()
    told: list[tuple[int, int]] = []
    reports = tables.import_together(workspace, actor, parts(workspace, actor), lambda done, total: told.append((done, total)))
    assert {r.view.process: (r.created, r.view.skipped) for r in reports} == {
        "accounts": (85, 0), "products": (7, 0), "teams": (35, 0), "deals": (8800, 0),
    }  # fmt: skip
    assert told[-1] == (8927, 8927) and told == sorted(told)
    with (CRM / "sales_pipeline.csv").open() as file:
        given = list(csv.DictReader(file))
    codes = ["title", "account", "product", "sales_agent", "responsible"]
    rows = {row[0]: row[1:] for row in workspace.elements.rows(actor, "deals", codes)}
    titles = {code: dict(workspace.elements.rows(actor, code, ["id", "title"])) for code in ("accounts", "products", "teams")}
    names = workspace.people.names()
    for deal in given:
        account, product, agent, responsible = rows[deal["opportunity_id"]]
        assert titles["accounts"].get(account, "") == deal["account"]
        assert titles["products"][product].replace(" ", "") == deal["product"].replace(" ", "")
        assert titles["teams"][agent] == deal["sales_agent"] == names[responsible]
    best, count = Counter(deal["account"] for deal in given if deal["account"]).most_common(1)[0]
    (account,) = workspace.elements.find(actor, "accounts", Condition(field="title", value=best))
    assert len(workspace.elements.linked(actor, account.id)) == count
    managers = {row[0] for row in workspace.elements.rows(actor, "teams", ["responsible"])}
    assert {names[user] for user in managers} >= {"Dustin Brinkmann"} and len(managers) == 6


def test_undoing_names_how_many_elements_would_lose_their_links(workspace: Workspace) -> None:
    actor = workspace.administrator()
    files = {
        "accounts": b"account,city\nAcme,Rome\nBolt,Oslo\nCrab,Bonn\n",
        "deals": b"title,account\nOne,Acme\nTwo,Acme\nThree,Bolt\nFour,\n",
    }
    given = [(code, code.title(), sheets.read(f"{code}.csv", data)) for code, data in files.items()]
    accounts, deals = tables.import_together(workspace, actor, tables.together(workspace, actor, given))
    assert [workspace.imports.linking(actor, report.id) for report in (accounts, deals)] == [3, 0]
    (three,) = workspace.elements.find(actor, "deals", Condition(field="title", value="Three"))
    workspace.elements.delete(actor, three.id)
    assert workspace.imports.linking(actor, accounts.id) == 2
    kept = workspace.elements.find(actor, "accounts", Condition(field="title", value="Acme"))[0]
    workspace.elements.update(actor, kept.id, {"city": "Turin"})
    assert workspace.imports.linking(actor, accounts.id) == 0, "it was changed since, so it stays and is no link's loss"
    role = workspace.people.save_role(actor, "keeper", "Keeper", [workspace.people.add_user(actor, "kim", "Kim", None).id], [])
    draft = workspace.processes.draft("accounts")
    kinds = (Action.READ, Action.IMPORT, Action.ADD)
    grants = tuple(Grant(role=role.code, action=action, level=Level.ALL) for action in kinds)
    workspace.processes.save(actor, draft.model_copy(update={"roles": (Role(code="keeper", title="Keeper"),), "grants": grants}))
    workspace.processes.publish(actor, "accounts")
    workspace.elements.restore(actor, three.id)
    kim = workspace.actor(role.users[0])
    assert (workspace.imports.linking(actor, accounts.id), workspace.imports.linking(kim, accounts.id)) == (1, 0)
    with pytest.raises(NotFound):
        workspace.imports.linking(kim, deals.id)


def test_a_code_that_is_taken_makes_nothing(workspace: Workspace) -> None:
    actor = workspace.administrator()
    found = parts(workspace, actor)
    tables.make_process(workspace, actor, found[0].plan, "deals", "Deals")
    with pytest.raises(NotAllowed):
        tables.import_together(workspace, actor, found)
    assert list(workspace.processes.codes()) == ["deals"]


def test_a_circle_of_links_is_cut() -> None:
    one = sheets.read("a.csv", b"name,friend\nann,bob\ncid,dora\n")
    two = sheets.read("b.csv", b"name,friend\nbob,ann\ndora,cid\n")
    plans = {"a": sheets.guess(one), "b": sheets.guess(two)}
    titles = {"a": sheets.titles(one, plans["a"]), "b": sheets.titles(two, plans["b"])}
    linked = {
        "a": sheets.link(one, plans["a"], {"b": titles["b"]}),
        "b": sheets.link(two, plans["b"], {"a": titles["a"]}),
    }
    assert [[c.kind for c in plan.columns] for plan in linked.values()] == [["string", "link"], ["string", "link"]]
    assert [(code, [c.kind for c in plan.columns]) for code, plan in sheets.ordered(linked)] == [
        ("a", ["string", "string"]), ("b", ["string", "link"]),
    ]  # fmt: skip


def test_titles_that_stand_twice_are_nobodys() -> None:
    people = sheets.read("p.csv", b"name,x\nann,1\nAnn,2\nbob,3\n")
    plan = sheets.guess(people)
    assert sheets.titles(people, plan) == {"bob"}
    deals = sheets.read("d.csv", b"title,who\na,ann\nb,ann\n")
    assert sheets.link(deals, sheets.guess(deals), {"p": {"bob"}}).columns[1].kind != "link"
