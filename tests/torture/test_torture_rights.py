"""The full product of rights: who (each level of reading with each level of writing, and the administrator) x deed x object
x whose x stage, against a table that is written here in the plainest way; then every surface there is, for each of them."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from torture_world import StillClock, Tell, chain, opened, placed

from model.access import Action, Actor, Grant, Level, Role
from model.errors import Denied, NotFound
from model.field import Field
from model.filter import ALL
from model.process import Funnel, Process, Stage
from pages.parts import board_view
from running import ROOT
from workspace import Workspace

LEVELS = ("none", "own", "department", "departments", "all")
OTHERWISE = {"none": "own", "own": "department", "department": "departments", "departments": "all", "all": "none"}
"""What is granted at the stage `won` in the place of each level; at `talk` and `new` the level itself holds."""
STAGES = ("new", "talk", "won")
WRITES = ("add", "change", "delete", "export")
STAGED = ("read", "add", "change", "delete")
PAIRS = list(product(LEVELS, LEVELS))
"""(how far somebody reads, how far they write): each pair is a role with one member."""
WHOSE = ("mine", "colleague", "below", "other", "nobody")

# the table: which of these people each level reaches
REACH = {
    "none": (),
    "own": ("mine",),
    "department": ("mine", "colleague"),
    "departments": ("mine", "colleague", "below"),
    "all": ("mine", "colleague", "below", "other", "nobody"),
}


def allowed(pair: tuple[str, str] | None, action: str, whose: str, stage: str) -> bool:
    """The right as it is told to people; None is the administrator."""
    if pair is None:
        return True
    level = pair[0] if action == "read" else pair[1]
    if stage == "won" and action in STAGED:
        level = OTHERWISE[level]
    return whose in REACH[level]


def role(pair: tuple[str, str]) -> str:
    return f"{pair[0]}_{pair[1]}"


def deals() -> Process:
    grants = []
    for pair in PAIRS:
        for action in ("read", *WRITES):
            level = pair[0] if action == "read" else pair[1]
            grants.append(Grant(role=role(pair), action=Action(action), level=Level[level.upper()]))
            if action in STAGED:
                grants.append(Grant(role=role(pair), action=Action(action), level=Level[OTHERWISE[level].upper()], stage="won"))
    hand = chain("hand", ("by_hand", {}), ("say", "add_comment", {"text": "x"}))
    stages = tuple(Stage(code=s, title=s.title(), semantics="S" if s == "won" else "P") for s in STAGES)
    return Process(
        code="deals", title="Deals", amount_field="amount", graphs=(hand,), grants=tuple(grants),
        roles=tuple(Role(code=role(p), title=role(p)) for p in PAIRS),
        funnels=(Funnel(code="main", title="Main", stages=stages),),
        fields=(Field(code="amount", title="Amount", kind="money"), Field(code="paper", title="Paper", kind="file")),
    )  # fmt: skip


@dataclass
class Crowd:
    """Everybody, and an element for each owner and stage with a task, a file and a run."""

    ws: Workspace
    users: dict[tuple[str, str] | None, int] = field(default_factory=dict)
    others: dict[str, int | None] = field(default_factory=dict)
    owned: dict[int, tuple[int | None, str]] = field(default_factory=dict)
    """(responsible, stage) of each element."""
    files: dict[int, int] = field(default_factory=dict)
    tasks: dict[int, int] = field(default_factory=dict)
    runs: dict[int, int] = field(default_factory=dict)

    def whose(self, user: int, element: int) -> str:
        """An element's owner as this user sees them."""
        owner = self.owned[element][0]
        if owner == user:
            return "mine"
        return next((name for name, other in self.others.items() if other == owner), "colleague")

    def seen(self, pair: tuple[str, str] | None) -> set[int]:
        user = self.users[pair]
        return {n for n, (_, stage) in self.owned.items() if allowed(pair, "read", self.whose(user, n), stage)}


@pytest.fixture(scope="module", params=["memory", "sqlite", "postgres"])
def crowd(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crowd]:
    engine = request.param
    url = request.getfixturevalue("postgres").url() if engine == "postgres" else "memory://" if engine == "memory" else ""
    ws = opened(placed(tmp_path_factory.mktemp("rights") / "data", url), StillClock())
    ws.set_up("Rights", "en", "admin", "Anna Admin", "correct horse 1")
    root = ws.administrator()
    middle = ws.people.add_department(root, "Middle")
    low, far = ws.people.add_department(root, "Low", parent=middle.id), ws.people.add_department(root, "Far")
    found = Crowd(ws, {None: root.user})
    for name, home in (("colleague", middle), ("below", low), ("other", far)):
        found.others[name] = ws.people.add_user(root, name, name, "a long password", department=home.id).id
    found.others["nobody"] = None
    ws.processes.create(root, deals())
    ws.processes.publish(root, "deals")
    for pair in PAIRS:
        user = ws.people.add_user(root, role(pair), role(pair), "a long password", department=middle.id).id
        found.users[pair] = user
        ws.people.save_role(root, role(pair), role(pair), [user], [])
    with ws.db.transaction():
        for owner in [*found.others.values(), *(user for pair, user in found.users.items() if pair)]:
            for stage in STAGES:
                _deal(found, root, owner, stage)
    ws.work()
    found.runs = {run.element: run.id for run in ws.engine.runs(root, "deals", limit=10_000)}
    yield found
    ws.db.close()


def _deal(crowd: Crowd, root: Actor, owner: int | None, stage: str) -> None:
    made = crowd.ws.elements.create(root, "deals", {"title": "Case", "stage": stage, "responsible": owner, "amount": 10}).id
    crowd.owned[made] = (owner, stage)
    crowd.files[made] = crowd.ws.files.add(root, made, "paper.txt", b"bytes").id
    crowd.tasks[made] = crowd.ws.tasks.add(root, made, "Task", None).id
    crowd.ws.engine.start(root, made, "hand")


# deeds on one element and what hangs on it

DEEDS: dict[str, tuple[str, Callable[[Crowd, Actor, int], Any]]] = {
    "get": ("read", lambda c, a, n: c.ws.elements.get(a, n)),
    "history": ("read", lambda c, a, n: c.ws.elements.history(a, n)),
    "linked": ("read", lambda c, a, n: c.ws.elements.linked(a, n)),
    "comment": ("read", lambda c, a, n: c.ws.elements.comment(a, n, "x")),
    "its tasks": ("read", lambda c, a, n: c.ws.tasks.of(a, n)),
    "its files": ("read", lambda c, a, n: c.ws.files.of(a, n)),
    "open a file": ("read", lambda c, a, n: c.ws.files.open(a, c.files[n])),
    "look at a run": ("read", lambda c, a, n: c.ws.engine.run(a, c.runs[n])),
    "change": ("change", lambda c, a, n: c.ws.elements.update(a, n, {"amount": 11})),
    "give away": ("change", lambda c, a, n: c.ws.elements.update(a, n, {"responsible": c.others["other"], "title": "Given"})),
    "start a graph": ("change", lambda c, a, n: c.ws.engine.start(a, n, "hand")),
    "add a task": ("change", lambda c, a, n: c.ws.tasks.add(a, n, "More", None)),
    "tick a task off": ("change", lambda c, a, n: c.ws.tasks.done(a, c.tasks[n])),
    "add a file": ("change", lambda c, a, n: c.ws.files.add(a, n, "more.txt", b"more")),
    "take a file off": ("change", lambda c, a, n: c.ws.files.remove(a, c.files[n])),
    "delete": ("delete", lambda c, a, n: c.ws.elements.delete(a, n)),
}
WHO = [None, *PAIRS]


class _Enough(Exception):
    """What is undone again."""


def outcome(crowd: Crowd, deed: Callable[[], Any]) -> str:
    """What becomes of a deed; it is taken back at once."""
    try:
        with crowd.ws.db.transaction():
            deed()
            raise _Enough
    except _Enough:
        return "done"
    except Denied:
        return "denied"
    except NotFound:
        return "not found"


def near(crowd: Crowd, user: int) -> dict[tuple[str, str], int]:
    """One element for every (whose, stage), as this user sees them."""
    found: dict[tuple[str, str], int] = {}
    for number, (owner, stage) in crowd.owned.items():
        if owner == user or owner in crowd.others.values():
            found[crowd.whose(user, number), stage] = number
    return found


def test_every_cell(crowd: Crowd, tell: Tell) -> None:
    cells, wrong = 0, []
    for pair in WHO:
        actor = crowd.ws.actor(crowd.users[pair])
        for (whose, stage), number in near(crowd, actor.user).items():
            reads = allowed(pair, "read", whose, stage)
            for name, (action, deed) in DEEDS.items():
                wanted = "not found" if not reads else "done" if allowed(pair, action, whose, stage) else "denied"
                found = outcome(crowd, lambda deed=deed, actor=actor, number=number: deed(crowd, actor, number))
                cells += 1
                if found != wanted:
                    wrong.append(f"{pair} {name} {whose} at {stage}: {found} instead of {wanted}")
    assert not wrong, f"{len(wrong)} of {cells} cells: {wrong[:10]}"
    assert cells >= 1_700
    tell(f"{cells} cells of rights, 0 wrong")


def test_every_new_element_and_every_move(crowd: Crowd, tell: Tell) -> None:
    cells, wrong = 0, []
    for pair in WHO:
        actor = crowd.ws.actor(crowd.users[pair])
        own = {"mine": actor.user, **crowd.others}
        for whose, stage in product(WHOSE if pair else WHOSE[1:], STAGES):
            values = {"title": "New", "stage": stage, "responsible": own[whose]}
            found = outcome(crowd, lambda values=values, actor=actor: crowd.ws.elements.create(actor, "deals", values))
            wanted = "done" if allowed(pair, "add", whose, stage) else "denied"
            cells += 1
            if found != wanted:
                wrong.append(f"{pair} adds {whose} at {stage}: {found} instead of {wanted}")
        for ((whose, stage), number), to in product(near(crowd, actor.user).items(), STAGES):
            both = allowed(pair, "change", whose, stage) and allowed(pair, "change", whose, to)
            wanted = "not found" if not allowed(pair, "read", whose, stage) else "done" if both else "denied"
            found = outcome(crowd, lambda actor=actor, number=number, to=to: crowd.ws.elements.move(actor, number, to))
            cells += 1
            if found != wanted:
                wrong.append(f"{pair} moves {whose} from {stage} to {to}: {found} instead of {wanted}")
    assert not wrong, f"{len(wrong)} of {cells} cells: {wrong[:10]}"
    tell(f"{cells} cells of new elements and moves, 0 wrong")


# surfaces: all that shows many at once


def board(crowd: Crowd, actor: Actor) -> board_view.View:
    process = crowd.ws.elements.rules("deals").process
    limits = dict.fromkeys(STAGES, 10_000)
    return board_view.View(
        crowd.ws, actor, crowd.ws.reader(actor), process, process.funnels[0], ALL, crowd.ws.clock.now(), limits,
        calendar=crowd.ws.settings.get().calendar,
    )  # fmt: skip


def _exported(crowd: Crowd, actor: Actor) -> set[int]:
    try:
        return {e["id"] for e in json.loads(crowd.ws.export(actor, "deals", "json"))["elements"]}
    except Denied:
        return set()


def _csv(crowd: Crowd, actor: Actor) -> set[int]:
    try:
        text = crowd.ws.export(actor, "deals", "csv").decode("utf-8-sig")
    except Denied:
        return set()
    return {int(row[0]) for row in list(csv.reader(io.StringIO(text), delimiter=";" if ";" in text[:50] else ","))[1:]}


def _member(crowd: Crowd, actor: Actor) -> set[int]:
    login = next(u.login for u in crowd.ws.people.users() if u.id == actor.user)
    frame = crowd.ws.as_user(login).elements("deals", limit=10_000)
    return set(frame["id"] if "id" in frame.columns else frame.index)


SURFACES: dict[str, Callable[[Crowd, Actor], set[int]]] = {
    "find": lambda c, a: {e.id for e in c.ws.elements.find(a, "deals")},
    "list": lambda c, a: {row[0] for row in c.ws.elements.rows(a, "deals", ["id", "title"])},
    "board": lambda c, a: {card["id"] for card in board_view.cards(board(c, a))},
    "search": lambda c, a: {e.id for e in c.ws.elements.search(a, "case", 10_000)},
    "search by number": lambda c, a: {n for n in c.owned if [e.id for e in c.ws.elements.search(a, f"#{n}", 1)] == [n]},
    "titles": lambda c, a: set(c.ws.elements.titles(a, c.owned)),
    "runs": lambda c, a: {r.element for r in c.ws.engine.runs(a, "deals", limit=10_000) if r.element},
    "file names": lambda c, a: {n for n, f in c.files.items() if c.ws.files.names(a, [f])},
    "notebook": _member,
}


@pytest.mark.parametrize("pair", WHO, ids=lambda pair: role(pair) if pair else "admin")
def test_every_surface_shows_the_same(crowd: Crowd, pair: tuple[str, str] | None) -> None:
    actor, seen = crowd.ws.actor(crowd.users[pair]), crowd.seen(pair)
    for name, shown in SURFACES.items():
        assert shown(crowd, actor) == seen, name
    counts = {stage: sum(crowd.owned[n][1] == stage for n in seen) for stage in STAGES}
    columns = {c["id"]: c for c in board_view.columns(board(crowd, actor))}
    assert {stage: column["count"] for stage, column in columns.items()} == counts
    totals = crowd.ws.elements.totals(actor, "deals")
    assert {s: (totals[s].count, totals[s].sum) if s in totals else (0, 0) for s in STAGES} == {
        s: (n, 10 * n) for s, n in counts.items()
    }
    assert crowd.ws.elements.count(actor, "deals") == len(seen)
    report = crowd.ws.insight.funnel(actor, "deals")
    assert {s.code: (s.count, s.sum) for s in report.stages} == {s: (n, 10 * n) for s, n in counts.items()}
    out = {n for n in seen if allowed(pair, "export", crowd.whose(actor.user, n), "")}
    assert _exported(crowd, actor) == out and _csv(crowd, actor) == out
    for card in board_view.cards(board(crowd, actor)):
        owner, stage = crowd.whose(actor.user, card["id"]), crowd.owned[card["id"]][1]
        assert card["can_move"] == allowed(pair, "change", owner, stage)


@pytest.mark.parametrize("crowd", ["sqlite", "postgres"], indirect=True)  # another process does not see what is in memory
def test_the_command_line_acts_as_the_administrator(crowd: Crowd, tmp_path: Path) -> None:
    folder = crowd.ws.environment.data
    url = crowd.ws.environment.database_url
    told = {"VORONKA_DATA": str(folder), "VORONKA_LANGUAGE": "en", "VORONKA_DATABASE_URL": url}
    ran = subprocess.run([sys.executable, str(ROOT / "cli.py"), "export", "deals", "--format", "json"], cwd=tmp_path,
                         env={**os.environ, **told}, capture_output=True, text=True, timeout=120)  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert {e["id"] for e in json.loads(ran.stdout)["elements"]} == set(crowd.owned)
