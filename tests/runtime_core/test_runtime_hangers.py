"""What hangs on elements and people: tasks, files, notifications; and the workspace's settings."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from core_world import deals, everything
from hypothesis import given
from hypothesis import strategies as st

from model.access import SYSTEM_ACTOR, Action, Grant, Level
from model.errors import BadValue, Denied, Invalid, NotFound
from model.event import Cause
from model.field import Field
from runtime.files import FORBIDDEN, Files, safe_name
from runtime.inbox import Inbox
from runtime.tasks import Tasks
from runtime.workspace_settings import WorkspaceSettings


@pytest.fixture
def desk(place: SimpleNamespace, tmp_path: Path) -> SimpleNamespace:
    """The workspace with tasks, inbox, files and a deal of anna's."""
    place.tasks = Tasks(place.db, place.clock, place.elements)
    place.inbox = Inbox(place.db, place.clock)
    place.folder = tmp_path / "files"
    place.files = Files(place.db, place.clock, place.folder, place.elements, limit=1000)
    place.anna, place.boris = place.actor("anna"), place.actor("boris")
    place.deal = place.elements.create(place.anna, "deals", {"title": "Deal"})
    return place


def kinds(desk: SimpleNamespace) -> list[str]:
    return [event.kind for event in desk.elements.history(SYSTEM_ACTOR, desk.deal.id)]


# tasks


def test_a_task_from_adding_to_done(desk: SimpleNamespace) -> None:
    task = desk.tasks.add(desk.anna, desk.deal.id, " Call ", desk.anna.user, datetime(2026, 12, 1, tzinfo=UTC), "now")
    assert (task.title, task.due, task.process, task.created_by) == ("Call", "2026-12-01T00:00:00.000Z", "deals", desk.anna.user)
    event = desk.elements.history(desk.anna, desk.deal.id)[0]
    assert (event.kind, event.data["task"], event.data["title"]) == ("task_added", task.id, "Call")
    assert desk.tasks.mine(desk.anna) == desk.tasks.of(desk.anna, desk.deal.id) == [task]
    desk.clock.move(hours=1)
    done = desk.tasks.done(desk.anna, task.id)
    assert (done.done_at, done.done_by) == ("2026-11-21T13:00:00.000Z", desk.anna.user)
    assert desk.tasks.done(desk.anna, task.id) == done
    assert kinds(desk) == ["task_done", "task_added", "created"]
    assert (desk.tasks.mine(desk.anna), desk.tasks.mine(desk.anna, done=True)) == ([], [done])
    assert desk.tasks.reopen(desk.anna, task.id) == task


def test_tasks_come_by_due_time_those_on_hidden_elements_without_text(desk: SimpleNamespace) -> None:
    later = desk.tasks.add(desk.anna, desk.deal.id, "later", desk.anna.user, "2027-01-01")
    never = desk.tasks.add(desk.anna, desk.deal.id, "never", desk.anna.user)
    soon = desk.tasks.add(desk.anna, desk.deal.id, "soon", desk.anna.user, "2026-12-01")
    hidden = desk.elements.create(SYSTEM_ACTOR, "deals", {"title": "Hidden"})
    desk.tasks.add(SYSTEM_ACTOR, hidden.id, "secret", desk.anna.user, text="amount", cause=Cause(run=3))
    *mine, blind = desk.tasks.mine(desk.anna)
    assert mine == [soon, later, never]
    assert (blind.title, blind.text) == ("secret", "")
    desk.elements.delete(SYSTEM_ACTOR, hidden.id)
    desk.elements.delete(desk.anna, desk.deal.id)
    assert desk.tasks.mine(desk.anna) == []
    with pytest.raises(NotFound):
        desk.tasks.done(desk.anna, soon.id)


def test_who_may_do_what_with_tasks(desk: SimpleNamespace) -> None:
    with pytest.raises(NotFound):
        desk.tasks.add(desk.boris, desk.deal.id, "x", None)
    with pytest.raises(NotFound):
        desk.tasks.of(desk.boris, desk.deal.id)
    read = Grant(role="sales", action=Action.READ, level=Level.ALL)
    desk.shelf.publish(deals(read))
    with pytest.raises(Denied):
        desk.tasks.add(desk.anna, desk.deal.id, "x", None)
    for_anna = desk.tasks.add(SYSTEM_ACTOR, desk.deal.id, "a", desk.anna.user)
    of_nobody = desk.tasks.add(SYSTEM_ACTOR, desk.deal.id, "b", None)
    by_boris = desk.tasks.add(SYSTEM_ACTOR, desk.deal.id, "c", None, cause=Cause(user=desk.boris.user))
    desk.tasks.done(desk.anna, for_anna.id)
    desk.tasks.done(desk.boris, by_boris.id)
    with pytest.raises(Denied):
        desk.tasks.done(desk.boris, of_nobody.id)
    desk.shelf.publish(deals(read, Grant(role="sales", action=Action.CHANGE, level=Level.ALL)))
    desk.tasks.done(desk.boris, of_nobody.id)


@pytest.mark.parametrize(
    ("given", "code"),
    [({"title": " "}, "required"), ({"title": "x" * 256}, "too_long"), ({"title": "a\0"}, "bad_characters"),
     ({"responsible": 99}, "no_such_person"), ({"due": "31 February"}, "not_a_datetime"), ({"text": "\ud800"}, "bad_characters")],
)  # fmt: skip
def test_bad_tasks_are_refused(desk: SimpleNamespace, given: dict[str, Any], code: str) -> None:
    with pytest.raises(Invalid) as refused:
        desk.tasks.add(desk.anna, desk.deal.id, **{"title": "T", "responsible": None, **given})
    assert [(p.path, p.code) for p in refused.value.problems] == [(next(iter(given)), code)]
    assert kinds(desk) == ["created"]


# inbox


def test_everybody_reads_their_own_notifications_only(desk: SimpleNamespace) -> None:
    first = desk.inbox.notify(desk.anna.user, "<b>one</b>", desk.deal.id, "deals", run=2)
    second = desk.inbox.notify(desk.anna.user, "two")
    desk.inbox.notify(desk.boris.user, "other")
    assert desk.inbox.of(desk.anna) == [second, first]
    assert (first.text, first.element, first.run) == ("<b>one</b>", desk.deal.id, 2)
    assert desk.inbox.unread(desk.anna) == 2
    with pytest.raises(NotFound):
        desk.inbox.read(desk.boris, first.id)
    desk.inbox.read(desk.anna, first.id)
    assert [n.id for n in desk.inbox.of(desk.anna, unread=True)] == [second.id]
    desk.inbox.read(desk.anna, None)
    assert (desk.inbox.unread(desk.anna), desk.inbox.unread(desk.boris)) == (0, 1)
    for user, text in ((99, "x"), (desk.anna.user, " "), (desk.anna.user, "\0")):
        with pytest.raises(BadValue):
            desk.inbox.notify(user, text)


# files


def test_bytes_go_in_by_their_hash_and_come_out(desk: SimpleNamespace) -> None:
    row = desk.files.add(desk.anna, desk.deal.id, "../../etc/Договор №1.pdf", b"%PDF", "papers")
    digest = hashlib.sha256(b"%PDF").hexdigest()
    assert (row.name, row.size, row.type, row.hash) == ("Договор №1.pdf", 4, "application/pdf", digest)
    assert (desk.folder / digest[:2] / digest).read_bytes() == b"%PDF"
    assert desk.files.open(desk.anna, row.id) == (row, b"%PDF")
    assert desk.files.of(desk.anna, desk.deal.id) == [row]
    assert kinds(desk) == ["file_added", "changed", "created"]
    same = desk.files.add(desk.anna, desk.deal.id, "copy.pdf", b"%PDF", "papers")
    assert desk.elements.get(desk.anna, desk.deal.id).get("papers") == [row.id, same.id]
    assert len([p for p in desk.folder.rglob("*") if p.is_file()]) == 1
    desk.files.remove(desk.anna, row.id)
    assert desk.elements.get(desk.anna, desk.deal.id).get("papers") == [same.id]
    assert desk.files.of(desk.anna, desk.deal.id) == [same]
    assert desk.files.names(desk.anna, [row.id, same.id])[same.id] == "copy.pdf"
    with pytest.raises(NotFound):
        desk.files.open(desk.anna, row.id)
    with pytest.raises(NotFound):
        desk.files.remove(desk.anna, row.id)


def test_a_single_file_field_takes_the_newer_file(desk: SimpleNamespace) -> None:
    field = Field(code="offer", title="Offer", kind="file")
    desk.shelf.publish(deals(*everything("sales"), fields=(field,), amount_field=""))
    desk.files.add(desk.anna, desk.deal.id, "a.txt", b"a", "offer")
    newer = desk.files.add(desk.anna, desk.deal.id, "b.txt", b"b", "offer")
    assert desk.elements.get(desk.anna, desk.deal.id).get("offer") == newer.id
    desk.files.remove(desk.anna, newer.id)
    assert desk.elements.get(desk.anna, desk.deal.id).get("offer") is None


def test_files_obey_the_element_s_rights(desk: SimpleNamespace) -> None:
    row = desk.files.add(desk.anna, desk.deal.id, "a.txt", b"a")
    for deed in (
        lambda: desk.files.open(desk.boris, row.id),
        lambda: desk.files.of(desk.boris, desk.deal.id),
        lambda: desk.files.remove(desk.boris, row.id),
        lambda: desk.files.add(desk.boris, desk.deal.id, "b", b"b"),
    ):
        with pytest.raises(NotFound):
            deed()
    assert desk.files.names(desk.boris, [row.id]) == {}
    desk.shelf.publish(deals(Grant(role="sales", action=Action.READ, level=Level.ALL)))
    assert desk.files.open(desk.boris, row.id)[1] == b"a"
    for deed in (lambda: desk.files.remove(desk.boris, row.id), lambda: desk.files.add(desk.boris, desk.deal.id, "b", b"b")):
        with pytest.raises(Denied):
            deed()


def test_files_that_do_not_fit_leave_no_row(desk: SimpleNamespace) -> None:
    for name, data, field, code in (
        ("a", b"x" * 1001, "", "file_too_big"),
        ("a", b"x", "nope", "unknown_field"),
    ):
        with pytest.raises(Invalid) as refused:
            desk.files.add(desk.anna, desk.deal.id, name, data, field)
        assert refused.value.problems[0].code == code
    assert desk.files.of(desk.anna, desk.deal.id) == []
    assert kinds(desk) == ["created"]


def test_another_element_s_file_cannot_be_taken(desk: SimpleNamespace) -> None:
    row = desk.files.add(desk.anna, desk.deal.id, "a.txt", b"a")
    other = desk.elements.create(desk.anna, "deals", {"title": "Other"})
    with pytest.raises(Invalid) as refused:
        desk.elements.update(desk.anna, other.id, {"papers": [row.id]})
    assert refused.value.problems[0].code == "no_such_attachment"


def test_lost_bytes_are_a_clear_error(desk: SimpleNamespace) -> None:
    row = desk.files.add(desk.anna, desk.deal.id, "a.txt", b"a")
    (desk.folder / row.hash[:2] / row.hash).unlink()
    with pytest.raises(NotFound) as refused:
        desk.files.open(desk.anna, row.id)
    assert refused.value.problem.code == "file_lost"


@given(st.text())
def test_any_name_becomes_a_safe_one(name: str) -> None:
    safe = safe_name(name)
    assert 0 < len(safe) <= 200 and safe == safe_name(safe) and safe not in (".", "..")
    assert not set(safe) & set("/\\\0\r\n" + FORBIDDEN)
    safe.encode()


@pytest.mark.parametrize(
    ("name", "safe"),
    [("C:\\temp\\a.txt", "a.txt"), ("a/b/c.pdf", "c.pdf"), ("..", "file"), ("", "file"), ("a\r\nb.txt", "ab.txt"),
     ('x"<y>.doc', "x__y_.doc"), ("x" * 300 + ".pdf", "x" * 196 + ".pdf")],
)  # fmt: skip
def test_names_lose_folders_and_odd_characters(name: str, safe: str) -> None:
    assert safe_name(name) == safe


# settings


def test_settings_have_defaults_and_are_changed_by_administrators(place: SimpleNamespace) -> None:
    kept = WorkspaceSettings(place.db)
    assert (kept.get().name, kept.get().zone, kept.get().set_up_at) == ("Voronka", "UTC", None)
    with pytest.raises(Denied):
        kept.save(place.actor("anna"), name="X")
    saved = kept.save(
        place.actor("root"), name=" Our  work ", zone="Europe/Moscow", currency="rub", smtp_port="25", smtp_password="pw"
    )
    assert saved == kept.get() == WorkspaceSettings(place.db).get()
    assert (saved.name, saved.currency, saved.smtp_port, str(saved.tz)) == ("Our work", "RUB", 25, "Europe/Moscow")
    assert "pw" not in repr(saved)
    kept.save(place.actor("root"), language="ru")
    assert (kept.get().name, len(place.db.table("settings"))) == ("Our work", 1)


def test_bad_settings_are_all_named(room: SimpleNamespace) -> None:
    with pytest.raises(Invalid) as refused:
        WorkspaceSettings(room.db).save(
            room.actor("root"),
            name="",
            zone="Europe/Moskow",
            currency="dollar",
            language="de",
            smtp_port=0,
            smtp_host="a\nb",
            nam=1,
        )
    found = {p.path: p.code for p in refused.value.problems}
    assert found == {
        "name": "required", "zone": "unknown_zone", "currency": "bad_currency", "language": "unknown_language",
        "smtp_port": "bad_port",
        "smtp_host": "bad_characters", "nam": "unknown_setting",
    }  # fmt: skip
    assert next(p for p in refused.value.problems if p.path == "zone").context["nearest"] == "Europe/Moscow"


def test_dates_are_meant_in_the_workspace_s_zone(room: SimpleNamespace) -> None:
    room.shelf.publish(deals(fields=(Field(code="at", title="At", kind="datetime"),), amount_field=""))
    WorkspaceSettings(room.db).save(room.actor("root"), zone="Europe/Moscow")
    deal = room.elements.create(SYSTEM_ACTOR, "deals", {"at": "2026-11-21 10:00"})
    assert deal.get("at") == "2026-11-21T07:00:00.000Z"


def test_the_same_name_again_is_a_new_version(desk: SimpleNamespace) -> None:
    first = desk.files.add(desk.anna, desk.deal.id, "offer.txt", b"one", "papers")
    other = desk.files.add(desk.anna, desk.deal.id, "plan.txt", b"plan", "papers")
    second = desk.files.add(desk.anna, desk.deal.id, "offer.txt", b"two")
    third = desk.files.add(desk.anna, desk.deal.id, "offer.txt", b"three")
    assert (second.version, second.older, third.version, third.older) == (2, first.id, 3, second.id)
    assert desk.files.of(desk.anna, desk.deal.id) == [third, other]
    assert desk.elements.get(desk.anna, desk.deal.id).get("papers") == [third.id, other.id]
    assert [row.id for row in desk.files.versions(desk.anna, third.id)] == [third.id, second.id, first.id]
    contents = [desk.files.open(desk.anna, row.id)[1] for row in desk.files.versions(desk.anna, third.id)]
    assert contents == [b"three", b"two", b"one"]
    with pytest.raises(NotFound):
        desk.files.versions(desk.boris, third.id)
    desk.files.remove(desk.anna, third.id)
    assert desk.files.of(desk.anna, desk.deal.id) == [other]
    assert desk.elements.get(desk.anna, desk.deal.id).get("papers") == [other.id]
    with pytest.raises(NotFound):
        desk.files.open(desk.anna, first.id)
    assert desk.files.add(desk.anna, desk.deal.id, "offer.txt", b"anew").version == 1


def test_a_caller_may_fill_the_fields_itself(desk: SimpleNamespace) -> None:
    desk.files.add(desk.anna, desk.deal.id, "offer.txt", b"one", "papers")
    before = desk.elements.get(desk.anna, desk.deal.id)
    desk.files.add(desk.anna, desk.deal.id, "offer.txt", b"two", fill=False)
    assert desk.elements.get(desk.anna, desk.deal.id) == before


@pytest.mark.parametrize("name", ["run.exe", "RUN.EXE", "invoice.pdf.Bat", "a.js"])
def test_files_that_run_when_opened_are_refused(desk: SimpleNamespace, name: str) -> None:
    wary = Files(desk.db, desk.clock, desk.folder, desk.elements, refused=["exe", " .bat", "js", ""])
    with pytest.raises(BadValue) as refused:
        wary.add(desk.anna, desk.deal.id, name, b"MZ")
    assert refused.value.problems[0].code == "file_refused" and wary.of(desk.anna, desk.deal.id) == []
    assert wary.add(desk.anna, desk.deal.id, "exe", b"a file without an ending").name == "exe"
