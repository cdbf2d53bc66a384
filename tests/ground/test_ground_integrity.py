"""Looking a workspace over: a sound one has no faults, whatever was done with it; each kind is named, in both languages."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from tinydb import where

from locales import Language, languages, words
from model.field import Field
from model.graph import Graph, Node, Wire
from model.process import Process
from running import WorkspaceAt
from runtime.integrity import KEYS, POINTERS, Integrity
from settings import Settings
from workspace import Workspace, build

STAGES = Process.read(
    {
        "code": "x", "title": "x",
        "funnels": [
            {"code": "main", "title": "Main", "stages": [
                {"code": "new", "title": "New"}, {"code": "won", "title": "Won", "semantics": "S"},
            ]},
            {"code": "side", "title": "Side", "stages": [
                {"code": "aside", "title": "Aside"}, {"code": "taken", "title": "Taken", "semantics": "S"},
            ]},
        ],
    }
).funnels  # fmt: skip
GRAPH = Graph(
    code="greet",
    title="Greet",
    nodes=(
        Node(id="born", kind="element_created"),
        Node(id="note", kind="add_comment", params={"text": "Hello"}),
        Node(id="post", kind="send_mail", params={"to": "a@example.com", "subject": "Hello", "body": "Hello"}),
        Node(id="rest", kind="wait_for", params={"duration": 43_200}),
    ),
    edges=tuple(Wire(source=a, target=b, port="done") for a, b in (("born", "note"), ("note", "post"), ("post", "rest"))),
)


@pytest.fixture(scope="module")
def worked(tmp_path_factory: pytest.TempPathFactory, workspace_at: WorkspaceAt) -> Path:
    """A data folder in which everything has been done. Element 1 is alive, 2 in the bin; run 1 waits for a month."""
    folder = tmp_path_factory.mktemp("worked")
    workspace = workspace_at(folder)
    admin = workspace.administrator()
    fields = (
        Field(code="boss", title="Boss", kind="employee"),
        Field(code="scan", title="Scan", kind="file"),
        Field(code="more", title="More", kind="link", params={"process": "deals"}, multiple=True),
    )
    workspace.processes.create(admin, Process(code="deals", title="Deals", funnels=STAGES, fields=fields, graphs=(GRAPH,)))
    workspace.processes.publish(admin, "deals")
    first = workspace.elements.create(admin, "deals", {"title": "One", "boss": 1})
    second = workspace.elements.create(admin, "deals", {"title": "Two", "more": [first.id]})
    workspace.elements.update(admin, first.id, {"title": "Uno", "more": [second.id], "boss": None})
    workspace.elements.move(admin, first.id, "won")
    workspace.elements.comment(admin, first.id, "Done")
    for data in (b"%PDF", b"%PDF-1.7"):
        workspace.files.add(admin, first.id, "scan.pdf", data, "scan")
    workspace.tasks.add(admin, first.id, "Call", 1)
    workspace.inbox.notify(1, "Look", first.id, "deals")
    workspace.elements.undo(admin, next(e.id for e in workspace.elements.history(admin, first.id) if e.kind == "moved"))
    workspace.elements.update(admin, first.id, {"more": [second.id]})
    workspace.work()
    workspace.elements.delete(admin, second.id)
    department = workspace.people.add_department(admin, "Sales", head=1)
    workspace.people.save_role(admin, "seller", "Seller", [1], [department.id])
    workspace.sessions.remember(workspace.sessions.redeem(workspace.sessions.ticket(1), "Firefox"), "")
    workspace.sessions.ticket(1)
    (folder.parent / "more.csv").write_text("name,amount\nThree,3\nFour,4\n")
    workspace.import_file(admin, folder.parent / "more.csv", "sheet", create=True)
    (folder.parent / "more.csv").write_text("name,amount\nThree,a lot\n")
    workspace.import_file(admin, folder.parent / "more.csv", "sheet", again=True)
    workspace.db.table("import_changes").insert({"import_id": 2, "element": 1, "changes": {}, "undone": True})
    workspace.db.table("wakes").insert({"run": 1, "node": "rest", "what": {"what": "time"}})
    workspace.db.close()
    return folder


@pytest.fixture
def busy(worked: Path, tmp_path: Path) -> Iterator[Workspace]:
    """A copy of it, to do harm to."""
    shutil.copytree(worked, tmp_path / "data")
    workspace = build(Settings(data=tmp_path / "data", _env_file=None))
    yield workspace
    workspace.db.close()


@pytest.fixture(scope="module")
def shared(worked: Path) -> Iterator[Workspace]:
    """The folder itself, for harm that is taken back: within `tried`."""
    workspace = build(Settings(data=worked, _env_file=None))
    yield workspace
    workspace.db.close()


class Undone(Exception):
    """Takes back what a test has done."""


@contextmanager
def tried(workspace: Workspace) -> Iterator[None]:
    """A transaction that never was."""
    with suppress(Undone), workspace.db.transaction():
        yield
        raise Undone


def faults(workspace: Workspace) -> list[tuple[str, str]]:
    now = workspace.clock.now()
    found = Integrity(workspace.db, workspace.types, workspace.environment.data / "files", now).faults()
    told = []
    for problem in found:
        for language in languages():
            reader = Language(language)
            assert reader.has(f"error.{problem.code}") and "{" not in reader.say(problem), problem
        told.append((problem.path, problem.code.removeprefix("check.")))
    return told


def test_a_sound_workspace_has_no_faults(busy: Workspace) -> None:
    assert faults(busy) == []


def test_the_demo_has_no_faults(tmp_path: Path, workspace_at: WorkspaceAt) -> None:
    workspace = workspace_at(tmp_path, demo=True)
    while workspace.worker.step():
        pass
    assert faults(workspace) == []


def test_writes_meanwhile_are_no_faults(busy: Workspace) -> None:
    """It looks at one moment: events and elements that come while it looks belong together all the same."""
    admin, stop = busy.administrator(), threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            busy.elements.update(admin, 1, {"title": f"Uno {number}"})
            busy.elements.create(admin, "deals", {"title": "More"})

    writer = threading.Thread(target=write)
    writer.start()
    try:
        assert [fault for _ in range(3) for fault in faults(busy)] == []
    finally:
        stop.set()
        writer.join()


def test_what_is_not_committed_is_looked_at_inside_its_transaction(busy: Workspace) -> None:
    with busy.db.transaction():
        busy.db.table("elements").update({"title": "Forged"}, doc_ids=[1])
        assert faults(busy) == [("elements/1/title", "history")]


NOWHERE = {"processes": "nowhere"}
"""What points at nothing: an id, or for a process a code."""


@pytest.mark.parametrize(("table", "key"), [(table, key) for table, keys in POINTERS.items() for key in keys])
def test_each_pointer_that_leads_nowhere_is_named(shared: Workspace, table: str, key: str) -> None:
    rows = shared.db.table(table)
    doc = rows.all()[-1]
    lost: Any = NOWHERE.get(POINTERS[table][key], 4711)
    with tried(shared):
        rows.update({key: [*doc[key], lost] if isinstance(doc.get(key), list) else lost}, doc_ids=[doc.doc_id])
        assert (f"{table}/{doc.doc_id}/{key}", "missing") in faults(shared)


@pytest.mark.parametrize("table", KEYS)
def test_a_row_that_is_not_as_its_table_wants_it_is_named(shared: Workspace, table: str) -> None:
    rows = shared.db.table(table)
    doc = rows.all()[-1]
    with tried(shared):
        rows.replace(doc.doc_id, {key: value for key, value in doc.items() if key != min(KEYS[table])})
        assert (f"{table}/{doc.doc_id}", "misshapen") in faults(shared)


Harm = Callable[[Workspace], Any]
HARMS: dict[str, tuple[Harm, set[tuple[str, str]]]] = {
    "a stage that no funnel has": (
        lambda w: w.db.table("elements").update({"stage": "limbo"}, doc_ids=[1]),
        {("elements/1/stage", "missing"), ("elements/1/stage", "history")},
    ),
    "a stage of another funnel": (
        lambda w: w.db.table("elements").update({"funnel": "side"}, doc_ids=[1]),
        {("elements/1/funnel", "missing"), ("elements/1/funnel", "history")},
    ),
    "a field that the process does not have": (lambda w: _value(w, "ghost", "boo"), {
        ("elements/1/ghost", "missing"), ("elements/1/ghost", "history"),
    }),
    "a value that no event tells of": (
        lambda w: w.db.table("elements").update({"title": "Forged"}, doc_ids=[1]), {("elements/1/title", "history")},
    ),
    "a field's value that no event tells of": (lambda w: _value(w, "boss", 1), {("elements/1/boss", "history")}),
    "a value that is gone": (lambda w: _value(w, "more", None), {("elements/1/more", "history")}),
    "values that are no values": (
        lambda w: w.db.table("elements").update({"values": 7}, doc_ids=[1]), {("elements/1", "misshapen")},
    ),
    "another version than the events say": (
        lambda w: w.db.table("elements").update({"version": 99}, doc_ids=[1]), {("elements/1/version", "history")},
    ),
    "taken out of the bin by nobody": (
        lambda w: w.db.table("elements").update({"deleted_at": None}, doc_ids=[2]), {("elements/2/deleted_at", "history")},
    ),
    "an element without its history": (lambda w: w.db.table("events").remove(where("element") == 2), {
        ("elements/2", "no_history"), ("runs/2/event", "missing"),
    }),
    "an event is gone": (
        lambda w: w.db.table("events").remove(doc_ids=[8]), {("events/11", "out_of_line"), ("elements/1/scan", "history")},
    ),
    "an event stands twice": (lambda w: w.db.table("events").insert(dict(w.db.table("events").get(doc_id=8))), {
        ("events/17", "out_of_line"), ("elements/1/version", "history"), ("elements/1/updated_at", "history"),
    }),
    "an event of an element that is not there": (
        lambda w: w.db.table("events").insert(dict(w.db.table("events").get(doc_id=16), element=77)),
        {("events/17/element", "missing")},
    ),
    "an element is gone": (lambda w: w.db.table("elements").remove(doc_ids=[3]), {("events/15/element", "missing")}),
    "an element that fields point at is gone": (
        lambda w: w.db.table("elements").remove(doc_ids=[2]),
        {("elements/1/more", "missing"), ("runs/2/element", "missing"), ("outbox/2/element", "missing"),
         *((f"events/{number}/element", "missing") for number in (2, 13, 14))},
    ),
    "a version is gone": (lambda w: w.db.table("versions").remove(where("process") == "sheet"), {
        ("processes/sheet", "missing"), ("elements/3/process", "missing"), ("elements/4/process", "missing"),
    }),
    "a version that runs go by is gone": (lambda w: _unpublish(w), {
        ("processes/deals", "missing"), ("elements/1/process", "missing"), ("elements/2/process", "missing"),
        ("runs/1/version", "missing"), ("runs/2/version", "missing"),
    }),
    "a version that cannot be read": (
        lambda w: w.db.table("versions").update({"data": {"code": 7}}, where("process") == "sheet"),
        {("versions/sheet/1", "unreadable"), ("elements/3/process", "missing"), ("elements/4/process", "missing")},
    ),
    "a version in force that is none": (
        lambda w: w.db.table("in_force").replace(1, {"deals": 2, "gone": 1}),
        {("in_force/1/deals", "in_force"), ("in_force/1/gone", "in_force"), ("in_force/1/sheet", "in_force")},
    ),
    "a draft that cannot be read": (
        lambda w: w.db.table("processes").update({"draft": []}, where("code") == "sheet"),
        {("processes/sheet/draft", "unreadable")},
    ),
    "a file's row is gone": (
        lambda w: w.db.table("files").remove(doc_ids=[2]), {("elements/1/scan", "missing"), ("files/1/newer", "missing")},
    ),
    "a file's size is another": (
        lambda w: w.db.table("files").update({"size": 5}, doc_ids=[1]), {("files/1", "file_changed")},
    ),
    "a file's versions that do not follow": (
        lambda w: w.db.table("files").update({"older": None}, doc_ids=[2]), {("files/1", "file_versions")},
    ),
    "a run that nothing wakes": (lambda w: _silenced(w, lambda doc: doc["nodes"]["rest"].update(due=None)), {
        ("runs/1", "never_wakes"),
    }),
    "a run whose timer is gone": (lambda w: _silence(w), {("runs/1", "lost_timer")}),
    "a run that was not told of its answer": (
        lambda w: _silenced(w, lambda doc: doc["nodes"]["rest"].update(outbox=1)), {("runs/1", "lost_answer")},
    ),
    "a run whose turn has come": (
        lambda w: _silenced(w, lambda doc: doc.update(reason="queued")), {("runs/1", "lost_turn")},
    ),
    "a run that no worker is at": (
        lambda w: _run(w, lambda doc: doc.update(state="ready", started_at="2020-01-01T00:00:00.000Z")), {("runs/1", "late")},
    ),
    "a run of an unknown version": (lambda w: _run(w, lambda doc: doc.update(version=9)), {("runs/1/version", "missing")}),
    "a run of an unknown graph": (lambda w: _run(w, lambda doc: doc.update(graph="gone")), {("runs/1/graph", "missing")}),
    "a run that did a robot twice": (lambda w: _run(w, lambda doc: doc["trace"].append(dict(doc["trace"][0]))), {
        ("runs/1/note", "done_twice"),
    }),
    "a letter that stands twice": (
        lambda w: w.db.table("outbox").insert(dict(w.db.table("outbox").get(doc_id=1))), {("outbox/3/key", "key_twice")},
    ),
    "a timer of a run that has ended": (
        lambda w: w.db.table("timers").update({"run": 2}), {("timers/1/run", "run_ended")},
    ),
    "something comes for a run that has ended": (
        lambda w: w.db.table("wakes").update({"run": 2}), {("wakes/1/run", "run_ended")},
    ),
    "who published a run's robots has left": (lambda w: _run(w, lambda doc: doc.update(owner=_leaver(w))), {
        ("runs/1", "owner_gone"),
    }),
}  # fmt: skip


def _value(workspace: Workspace, code: str, value: Any) -> None:
    values = workspace.db.table("elements").get(doc_id=1)["values"]
    workspace.db.table("elements").update({"values": {**values, code: value}}, doc_ids=[1])


def _bytes(workspace: Workspace, file: int) -> Path:
    """Where the bytes of a file lie."""
    digest = workspace.db.table("files").get(doc_id=file)["hash"]
    return workspace.environment.data / "files" / digest[:2] / digest


def _run(workspace: Workspace, change: Callable[[Any], Any]) -> None:
    workspace.db.table("runs").update(change, doc_ids=[1])


def _silenced(workspace, change) -> None:
    """A run that is changed, and that nothing wakes."""
    _run(workspace, change)
    _silence(workspace)


def _silence(workspace: Workspace) -> None:
    """Take away what would wake the run, its letter included."""
    for name in ("timers", "wakes", "outbox"):
        workspace.db.table(name).truncate()


def _unpublish(workspace: Workspace) -> None:
    workspace.db.table("versions").remove(where("process") == "deals")


def _leaver(workspace: Workspace) -> int:
    admin = workspace.administrator()
    user = workspace.people.add_user(admin, "boris", "Boris", None)
    workspace.people.change_user(admin, user.id, active=False)
    return user.id


@pytest.mark.parametrize("what", HARMS)
def test_each_kind_of_damage_is_named_and_nothing_else(shared: Workspace, what: str) -> None:
    harm, wanted = HARMS[what]
    with tried(shared):
        harm(shared)
        assert set(faults(shared)) == wanted


def test_bytes_that_are_gone_or_others_are_named(busy: Workspace) -> None:
    _bytes(busy, 1).unlink()
    _bytes(busy, 2).write_bytes(b"%PDF-1.8")
    assert faults(busy) == [("files/1", "file_lost"), ("files/2", "file_changed")]


def test_every_kind_of_fault_was_planted() -> None:
    told = {key.removeprefix("error.check.") for key in words("en") if key.startswith("error.check.")}
    assert told == {code for _, wanted in HARMS.values() for _, code in wanted} | {"misshapen", "database", "file_lost"}


def test_a_damaged_database_is_told_as_such(busy: Workspace) -> None:
    with closing(sqlite3.connect(busy.environment.data / "voronka.db")) as raw, raw:
        raw.execute("UPDATE t_elements SET doc = '[1]' WHERE id = 1")
    assert [code for _, code in faults(busy)] == ["database"]
