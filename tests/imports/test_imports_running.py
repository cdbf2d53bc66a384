"""Importing: what goes in, what does not and why, breaking off, undoing; what robots hear of it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from imports_world import CRM, Place, words

from builder import sheets
from locales import Language
from model.access import Action, Actor, Grant, Level
from model.errors import Denied, NotAllowed, NotFound
from model.event import Cause
from model.field import Field
from model.graph import Graph, Node, Wire
from model.importing import ImportRow
from model.process import Process
from runtime.imports import BATCH
from settings import Settings
from workspace import build

HEADER = "Title,Stage,Owner,Amount,Created,Closed\n"
GOOD = "Steel,New,Anna Bell,100.50,2026-01-05,\n"


def bring(place: Place, text: str, code: str = "deals", **more: Any) -> Any:
    return place.bring_new("deals.csv", text.encode(), code) if not more else _brought(place, text, code, more)


def _brought(place: Place, text: str, code: str, more: dict[str, Any]) -> Any:
    sheet = sheets.read("deals.csv", text.encode())
    plan = sheets.guess(sheet)
    process = sheets.propose(plan, code, code.title(), words)
    return place.bring(sheet, plan, process, **more), process, plan


def deals(count: int) -> str:
    """A file of so many good rows, a third of them won."""
    ends = (("New", ""), ("Lost", "2026-02-01"), ("Won", "2026-03-01"))
    return HEADER + "".join(f"Deal {n},{ends[n % 3][0]},Anna Bell,{n}.50,2026-01-05,{ends[n % 3][1]}\n" for n in range(count))


def reasons(report: Any) -> dict[int, set[tuple[str, str]]]:
    return {s.number: {(p.path, p.code) for p in s.problems} for s in report.skipped}


def test_good_rows_go_in_and_the_others_are_listed_with_their_reasons(place: Place) -> None:
    rows = [
        GOOD,
        "Iron,New,Anna Bell,NaN,2026-01-05,\n",
        "Tin,New,Anna Bell,-250.25,2026-01-05,\n",
        "Lead,New,Anna Bell,5,31.02.2026,\n",
        "Zinc,Wo,Anna Bell,5,2026-01-05,\n",
        "Gold,Won,Anna Bell,5,2026-01-05,2025-12-31\n",
        f"{'x' * 10_000},New,Anna Bell,5,2026-01-05,\n",
        "Silver,New,Anna Bell,5,2026-01-05,,more,cells\n",
        "Copper,Lost,Anna Bell,1e999,2026-01-05,2026-01-06\n",
    ]
    sheet = sheets.read("deals.csv", (HEADER + "".join(rows)).encode())
    plan = sheets.guess(sheets.read("deals.csv", deals(30).encode()))
    report = place.bring(sheet, plan, sheets.propose(plan, "deals", "Deals", words))
    assert reasons(report) == {
        3: {("amount", "not_finite")},
        4: {("amount", "negative_money")},
        5: {("created", "no_such_day")},
        6: {("stage", "unknown_stage")},
        7: {("closed_at", "closed_before_created")},
        8: {("title", "too_long")},
        9: {("row", "too_many_cells")},
        10: {("amount", "not_a_number")},
    }
    assert (report.view.total, report.created, report.view.skipped, report.view.state) == (9, 1, 8, "done")
    assert place.elements.rows(place.root, "deals", ["title", "amount"]) == [("Steel", 100.5)]


@pytest.mark.parametrize(("locale", "mark"), [("en", ","), ("ru", ";")])
def test_what_was_not_taken_can_be_downloaded_mended_and_imported(place: Place, locale: str, mark: str) -> None:
    text = deals(20) + "=HYPERLINK(1),Nowhere,Anna Bell,5,2026-01-05,\n@x,New,Anna Bell,five,2026-01-05,\n"
    sheet = sheets.read("deals.csv", text.encode())
    plan = sheets.guess(sheets.read("deals.csv", deals(20).encode()))
    report = place.bring(sheet, plan, sheets.propose(plan, "deals", "Deals", words))
    data = place.imports.errors(place.root, report.id, Language(locale))
    header, *lines = csv.reader(io.StringIO(data.decode("utf-8-sig")), delimiter=mark)
    assert header == [Language(locale).t("imports.row"), *sheet.columns, Language(locale).t("imports.reason")]
    assert [line[:3] for line in lines] == [["22", "'=HYPERLINK(1)", "Nowhere"], ["23", "'@x", "New"]]
    assert all(line[-1] and "{" not in line[-1] and "error" not in line[-1] for line in lines)
    assert lines[1][-1].startswith("Amount: ")
    mended = data.decode("utf-8-sig").replace("Nowhere", "New").replace("five", "5")
    again = sheets.read("mended.csv", mended.encode())
    report = place.bring(again, sheets.match(sheets.guess(again), _process(place)), _process(place))
    assert report.created == 2
    assert {"=HYPERLINK(1)", "@x"} < {title for (title,) in place.elements.rows(place.root, "deals", ["title"])}


def _process(place: Place) -> Process:
    version = place.library.published("deals")
    assert version is not None
    return version.process


def test_unknown_stages_may_go_to_the_first_one(place: Place) -> None:
    sheet = sheets.read("deals.csv", (deals(9) + "Odd,Nowhere,Anna Bell,5,2026-01-05,\n").encode())
    plan = sheets.guess(sheets.read("deals.csv", deals(9).encode())).model_copy(update={"unknown_stage": "first"})
    report = place.bring(sheet, plan, sheets.propose(plan, "deals", "Deals", words))
    assert report.created == 10
    assert ("Odd", "new") in place.elements.rows(place.root, "deals", ["title", "stage"])


def test_ten_thousand_characters_are_kept_where_a_text_belongs(place: Place) -> None:
    long = "word " * 2_000
    report, _, _ = bring(place, "Title,Comment\n" + f'a,"{long}"\nb,"{long[::-1]}"\n')
    assert report.created == 2
    assert ("a", long.strip()) in place.elements.rows(place.root, "deals", ["title", "comment"])


def test_columns_of_the_same_name_become_fields_of_their_own(place: Place) -> None:
    report, process, _ = bring(place, "Title,Note,Note,note\na,1x,2x,3x\nb,4x,5x,6x\n")
    assert report.created == 2
    assert len({f.code for f in process.fields}) == len({f.title for f in process.fields}) == 3
    assert place.elements.rows(place.root, "deals", [f.code for f in process.fields]) == [("1x", "2x", "3x"), ("4x", "5x", "6x")]


def test_markup_and_templates_are_only_text(place: Place) -> None:
    evil = ["<script>alert(1)</script>", "{{7*7}}", "{title}", "=cmd|' /C calc'!A0", "'; DROP TABLE t_elements; --"]
    report, _, _ = bring(place, "Title,Note\n" + "".join(f'"{text}","{text}"\n' for text in evil))
    assert report.created == len(evil)
    assert [title for (title,) in place.elements.rows(place.root, "deals", ["title"])] == evil


def test_people_are_found_in_any_order_of_their_names_or_made(place: Place) -> None:
    anna = place.people.add_user(place.root, "anna", "Bell Anna", "correct horse 1").id
    report, _, _ = bring(place, deals(3) + "Other,New,Carl Fox,1,2026-01-01,\n")
    assert report.view.people == 1
    made = place.people.by_login("carl.fox")
    assert made is not None and made.name == "Carl Fox"
    assert {user for (user,) in place.elements.rows(place.root, "deals", ["responsible"])} == {anna, made.id}


def test_who_may_not_make_users_gets_the_rows_back(place: Place) -> None:
    _, process, plan = bring(place, deals(3))
    rights = tuple(Grant(role="clerk", action=a, level=Level.ALL) for a in (Action.READ, Action.ADD, Action.IMPORT))
    place.library.publish(process.model_copy(update={"grants": rights}))
    clerk = place.user("clerk", roles=frozenset({"clerk"}))
    text = HEADER + "One,New,Anna Bell,1,2026-01-05,\nTwo,New,Nobody Known,1,2026-01-05,\n"
    report = place.bring(sheets.read("more.csv", text.encode()), plan, process, clerk)
    assert (report.created, reasons(report)) == (1, {3: {("responsible", "no_such_name")}})


def test_rights_are_asked_for_rows_and_imports(place: Place) -> None:
    first, process, plan = bring(place, deals(3))
    stranger, clerk = place.user("stranger"), place.user("clerk", roles=frozenset({"clerk"}))
    rights = tuple(Grant(role="clerk", action=a, level=Level.OWN) for a in (Action.READ, Action.ADD, Action.IMPORT))
    place.library.publish(process.model_copy(update={"grants": rights}))
    with pytest.raises(Denied):
        place.bring(sheets.read("d.csv", deals(3).encode()), plan, process, stranger)
    with pytest.raises(Denied):
        place.imports.all(stranger, "deals")
    for ask in (place.imports.view, place.imports.skipped, place.imports.undo):
        with pytest.raises(NotFound):
            ask(stranger, first.id)
    report = place.bring(sheets.read("d.csv", deals(3).encode()), plan, process, clerk)
    assert report.created == 0 and {code for found in reasons(report).values() for _, code in found} == {"denied"}
    with pytest.raises(NotFound):
        place.imports.run(place.root, "nowhere", [])


# breaking off


def rows(count: int) -> Iterator[ImportRow]:
    return (ImportRow(number=n, cells=(), title=f"Row {n}", stage="new") for n in range(2, count + 2))


@pytest.fixture
def open_place(place: Place) -> Place:
    bring(place, deals(3))
    return place


def test_progress_and_cancel(open_place: Place) -> None:
    told: list[tuple[int, int]] = []
    report = open_place.imports.run(
        open_place.root, "deals", rows(BATCH * 3), progress=lambda done, total: told.append((done, total)),
        total=BATCH * 3, cancel=lambda: len(told) == 2,
    )  # fmt: skip
    assert told == [(BATCH, BATCH * 3), (2 * BATCH, BATCH * 3)]
    assert (report.view.state, report.created) == ("cancelled", 2 * BATCH)
    undone = open_place.imports.undo(open_place.root, report.id)
    assert undone.removed == 2 * BATCH and open_place.elements.count(open_place.root, "deals") == 3


class Away(BaseException):
    """Whoever watched has closed the page."""


@pytest.mark.parametrize(("error", "state"), [(Away, "cancelled"), (OSError, "failed")])
def test_an_import_that_breaks_off_says_so_and_can_be_undone(open_place: Place, error: Any, state: str) -> None:
    def broken() -> Iterator[ImportRow]:
        yield from rows(BATCH + 5)
        raise error

    with pytest.raises(error):
        open_place.imports.run(open_place.root, "deals", broken())
    view = open_place.imports.all(open_place.root, "deals")[0]
    assert (view.state, view.created) == (state, BATCH)
    assert open_place.imports.undo(open_place.root, view.id).removed == BATCH


def test_an_import_that_is_undone_meanwhile_stops(open_place: Place) -> None:
    def undo(done: int, total: int) -> None:
        if done == BATCH:
            view = open_place.imports.all(open_place.root, "deals")[0]
            open_place.imports.undo(open_place.root, view.id)

    report = open_place.imports.run(open_place.root, "deals", rows(BATCH * 3), progress=undo)
    assert (report.view.state, report.created) == ("undone", BATCH)
    assert open_place.elements.count(open_place.root, "deals") == 3


# undoing


def test_undoing_takes_back_the_whole_import_and_nothing_else(on_disk: Place) -> None:
    first, process, plan = bring(on_disk, deals(30))
    second = on_disk.bring(sheets.read("more.csv", deals(20).encode()), plan, process)
    told: list[tuple[int, int]] = []
    undone = on_disk.imports.undo(on_disk.root, second.id, lambda done, total: told.append((done, total)))
    assert (undone.removed, dict(undone.kept), told) == (20, {}, [(20, 20)])
    assert on_disk.elements.count(on_disk.root, "deals") == 30
    assert len(on_disk.elements.bin(on_disk.root, "deals")) == 20
    view = on_disk.imports.view(on_disk.root, second.id)
    assert view.state == "undone" and view.undone_at
    with pytest.raises(NotAllowed) as refused:
        on_disk.imports.undo(on_disk.root, second.id)
    assert refused.value.problem.code == "import_undone"
    assert on_disk.imports.view(on_disk.root, first.id).state == "done"


def test_undoing_keeps_and_names_what_was_changed_since(place: Place) -> None:
    report, _, _ = bring(place, deals(30))
    ids = [number for (number,) in place.elements.rows(place.root, "deals", ["id"])]
    place.clock.move(minutes=1)
    place.elements.update(place.root, ids[0], {"amount": 7})
    place.elements.move(place.root, ids[1], "won")
    place.elements.comment(place.root, ids[2], "He called")
    place.elements.delete(place.root, ids[3])
    place.elements.delete(place.root, ids[4])
    place.elements.restore(place.root, ids[4])
    undone = place.imports.undo(place.root, report.id)
    assert dict(undone.kept) == {ids[n]: f"Deal {n}" for n in (0, 1, 2, 4)}
    assert undone.removed == 25
    assert {number for (number,) in place.elements.rows(place.root, "deals", ["id"])} == set(undone.kept)


def test_undoing_keeps_what_the_actor_may_not_delete(place: Place) -> None:
    report, process, _ = bring(place, deals(6) + "Free,New,Carl Fox,1,2026-01-01,\n")
    rights = [("import", Level.ALL), ("read", Level.ALL), ("delete", Level.OWN)]
    grants = tuple(Grant(role="clerk", action=Action(a), level=held) for a, held in rights)
    place.library.publish(process.model_copy(update={"grants": grants}))
    carl = place.people.by_login("carl.fox")
    assert carl is not None
    undone = place.imports.undo(Actor(carl.id, "Carl", roles=frozenset({"clerk"})), report.id)
    assert undone.removed == 1 and sorted(undone.kept.values()) == [f"Deal {n}" for n in range(6)]


# robots


def heard(run_robots: bool, rows: Sequence[ImportRow]) -> list[tuple[str, str]]:
    """(title, graph) of the runs that an import starts in a process that listens to everything."""
    workspace = build(Settings(), url="memory://")
    workspace.set_up("Sales", "en", "admin", "Admin", "correct horse 1")
    actor = workspace.administrator()
    plan = sheets.guess(sheets.read("", CRM / "sales_pipeline.csv"))
    process = sheets.propose(plan, "deals", "Deals", words)
    triggers: dict[str, dict[str, Any]] = {
        "element_created": {}, "won": {"stages": ["won"]}, "engaging": {"stages": ["engaging"]}, "due": {"field": "deadline"},
    }  # fmt: skip
    kinds = {"won": "stage_entered", "engaging": "stage_entered", "due": "date_reached"}
    graphs = tuple(
        Graph(code=code, title=code, nodes=(Node(id="t", kind=kinds.get(code, code), params=params), Node(id="s", kind="stop")),
              edges=(Wire(source="t", target="s"),))
        for code, params in triggers.items()
    )  # fmt: skip
    fields = (*process.fields, Field(code="deadline", title="Deadline", kind="date"))
    workspace.processes.create(actor, process.model_copy(update={"graphs": graphs, "fields": fields}))
    workspace.processes.publish(actor, "deals")
    workspace.imports.run(actor, "deals", rows, run_robots=run_robots)
    workspace.timers.fire()
    titles = dict(workspace.elements.rows(actor, "deals", ["id", "title"]))
    found = [(titles[run.element or 0], run.graph) for run in workspace.engine.runs(actor, "deals")]
    workspace.db.close()
    return sorted(found)


PAST = [
    ImportRow(2, (), "Old", stage="engaging", created_at="2016-10-20", closed_at="2017-03-01", moved=(("won", "2017-03-01"),)),
    ImportRow(3, (), "Open", {"deadline": "2016-12-01"}, stage="engaging", created_at="2016-10-20"),
]


def test_an_import_starts_no_robots() -> None:
    assert heard(False, PAST) == []


def test_robots_that_are_asked_for_hear_of_each_element_where_it_stands() -> None:
    assert heard(True, PAST) == [("Old", "element_created"), ("Old", "won"), ("Open", "element_created"), ("Open", "engaging")]


def test_events_of_an_import_are_marked(place: Place) -> None:
    bring(place, deals(3))
    assert {e["note"] for e in place.db.table("events").search()} == {"import"}
    assert Cause().note == ""
