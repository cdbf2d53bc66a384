"""Ids are guessed, invented or somebody else's: what is not allowed is told in words, shows nothing and changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest
from hostile_world import Hostile, seed

from model.access import Actor
from model.errors import VoronkaError
from workspace import Workspace

Call = Callable[[Workspace, Actor, int], Any]

BY_ELEMENT: dict[str, Call] = {
    "get": lambda ws, who, n: ws.elements.get(who, n),
    "update": lambda ws, who, n: ws.elements.update(who, n, {"title": "Changed"}),
    "move": lambda ws, who, n: ws.elements.move(who, n, "won"),
    "delete": lambda ws, who, n: ws.elements.delete(who, n),
    "restore": lambda ws, who, n: ws.elements.restore(who, n),
    "comment": lambda ws, who, n: ws.elements.comment(who, n, "Words"),
    "linked": lambda ws, who, n: ws.elements.linked(who, n),
    "titles": lambda ws, who, n: ws.elements.titles(who, [n]),
    "history": lambda ws, who, n: ws.elements.history(who, n),
    "search": lambda ws, who, n: ws.elements.search(who, f"#{n}"),
    "task": lambda ws, who, n: ws.tasks.add(who, n, "Task", None),
    "tasks": lambda ws, who, n: ws.tasks.of(who, n),
    "overdue": lambda ws, who, n: ws.tasks.overdue(who, [n]),
    "file": lambda ws, who, n: ws.files.add(who, n, "name", b"data"),
    "files": lambda ws, who, n: ws.files.of(who, n),
    "start": lambda ws, who, n: ws.engine.start(who, n, "hand"),
    "startable": lambda ws, who, n: ws.engine.startable(who, n),
    "runs": lambda ws, who, n: ws.engine.runs(who, element=n),
    "reader": lambda ws, who, n: ws.reader(who).element(n).removeprefix(f"#{n}"),
}
BY_OTHER: dict[str, Call] = {
    "undo": lambda ws, who, n: ws.elements.undo(who, n),
    "done": lambda ws, who, n: ws.tasks.done(who, n),
    "reopen": lambda ws, who, n: ws.tasks.reopen(who, n),
    "read": lambda ws, who, n: ws.inbox.read(who, n),
    "open": lambda ws, who, n: ws.files.open(who, n),
    "remove": lambda ws, who, n: ws.files.remove(who, n),
    "names": lambda ws, who, n: ws.files.names(who, [n]),
    "import": lambda ws, who, n: ws.imports.view(who, n),
    "skipped": lambda ws, who, n: ws.imports.skipped(who, n),
    "errors": lambda ws, who, n: ws.imports.errors(who, n, ws.reader(who)),
    "undo import": lambda ws, who, n: ws.imports.undo(who, n),
    "run": lambda ws, who, n: ws.engine.run(who, n),
    "cancel": lambda ws, who, n: ws.engine.cancel(who, n),
    "retry": lambda ws, who, n: ws.engine.retry(who, n),
    "resend": lambda ws, who, n: ws.outbox.resend(who, n),
    "discard": lambda ws, who, n: ws.outbox.discard(who, n),
    "user": lambda ws, who, n: ws.people.change_user(who, n, admin=True),
    "name": lambda ws, who, n: None if n == who.user else ws.people.change_user(who, n, name="Changed"),
    "password": lambda ws, who, n: ws.people.set_password(who, n, "", "a new password"),
    "department": lambda ws, who, n: ws.people.change_department(who, n, title="Changed"),
    "no department": lambda ws, who, n: ws.people.remove_department(who, n),
    "session": lambda ws, who, n: ws.sessions.revoke(who, n),
}
BY_PROCESS: dict[str, Callable[[Workspace, Actor, str], Any]] = {
    "create": lambda ws, who, code: ws.elements.create(who, code, {"title": "Made"}),
    "find": lambda ws, who, code: ws.elements.find(who, code),
    "rows": lambda ws, who, code: ws.elements.rows(who, code, ["id", "title"]),
    "count": lambda ws, who, code: ws.elements.count(who, code),
    "totals": lambda ws, who, code: ws.elements.totals(who, code),
    "bin": lambda ws, who, code: ws.elements.bin(who, code),
    "export": lambda ws, who, code: ws.export(who, code, "json"),
    "import": lambda ws, who, code: ws.imports.run(who, code, []),
    "imports": lambda ws, who, code: ws.imports.all(who, code),
    "runs": lambda ws, who, code: ws.engine.runs(who, code),
    "outbox": lambda ws, who, code: ws.outbox.rows(who, code),
    "robots": lambda ws, who, code: ws.insight.robots(who, code),
    "passport": lambda ws, who, code: ws.insight.passport(who, code, ws.reader(who)),
    "save": lambda ws, who, code: ws.processes.save(who, ws.processes.draft(code)),
    "publish": lambda ws, who, code: ws.processes.publish(who, code),
    "archive": lambda ws, who, code: ws.processes.archive(who, code),
    "undo": lambda ws, who, code: ws.processes.undo(who, code),
    "discard": lambda ws, who, code: ws.processes.discard(who, code),
}
ODD = (0, -1, 2**31, 2**63 - 1, 2**63, 2**70, -(2**70))


@dataclass
class Scene:
    """The hostile workspace and a stranger in it who has no role at all."""

    hostile: Hostile
    stranger: Actor

    @property
    def workspace(self) -> Workspace:
        return self.hostile.workspace

    def state(self) -> list[Any]:
        """Everything that a call might have changed."""
        tables = sorted(self.workspace.db.tables())
        return [(name, self.workspace.db.table(name).all()) for name in tables if name != "notifications"]


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    hostile = seed(tmp_path_factory.mktemp("ids"))
    ws = hostile.workspace
    ws.sessions.sign_in("admin", "correct horse 1", "127.0.0.1", "browser")
    stranger = ws.people.add_user(hostile.admin, "stranger", "Stranger", "a long password")
    yield Scene(hostile, ws.actor(stranger.id))
    ws.db.close()


@pytest.mark.parametrize("name", [*BY_ELEMENT, *BY_OTHER])
def test_invented_ids_are_refused_in_words(scene: Scene, name: str) -> None:
    before = scene.state()
    call = BY_ELEMENT.get(name) or BY_OTHER[name]
    for who in (scene.hostile.admin, scene.stranger):
        for number in ODD:
            try:
                assert not call(scene.workspace, who, number)
            except VoronkaError as refused:
                words = scene.workspace.reader(who).explain(refused)
                assert len(words) > 10 and "error." not in words and "{" not in words
    assert scene.state() == before


@pytest.mark.parametrize("name", [*BY_ELEMENT, *BY_OTHER])
def test_a_stranger_gets_nothing_from_real_ids(scene: Scene, name: str) -> None:
    before = scene.state()
    call = BY_ELEMENT.get(name) or BY_OTHER[name]
    for number in range(1, 12):
        with suppress(VoronkaError):
            assert not call(scene.workspace, scene.stranger, number)
    assert scene.state() == before


@pytest.mark.parametrize("name", BY_PROCESS)
@pytest.mark.parametrize("code", ["nasty", "draft", "draft2", "unknown", "", "x" * 5000, "../x", "nasty'; --", "\x00", "Ё"])
def test_a_stranger_gets_nothing_from_a_process(scene: Scene, name: str, code: str) -> None:
    before = scene.state()
    with suppress(VoronkaError):
        assert not BY_PROCESS[name](scene.workspace, scene.stranger, code)
    assert scene.state() == before


def test_what_is_told_of_a_hidden_and_an_unknown_element_is_the_same(scene: Scene) -> None:
    said = set()
    for number in (scene.hostile.element, 4711):
        with pytest.raises(VoronkaError) as refused:
            scene.workspace.elements.get(scene.stranger, number)
        said.add(scene.workspace.reader(scene.stranger).explain(refused.value))
    assert len(said) == 1
