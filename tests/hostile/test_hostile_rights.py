"""Whatever roles, levels and stages: everything that tells of elements agrees with a table of rights that was written apart."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.access import SYSTEM_ACTOR, Action, Actor, Grant, Level, Role
from model.errors import Denied, NotFound, VoronkaError
from model.event import Event
from model.field import Field
from model.graph import Graph, Node, Wire
from model.process import Funnel, Process, Stage
from runtime.outbox import Origin
from runtime.outside.passwords import Passwords
from settings import Settings
from workspace import Workspace, build

STAGES = ("new", "talk", "won")
PEOPLE = {"anna": "sales", "boris": "sales", "carl": "north", "dora": "other", "root": ""}
ROLES = {"sales": {"anna", "boris"}, "boss": {"dora"}, "crew": {"anna", "boris", "carl"}}
"""Who has which role; crew is given to the department of sales, to which that of carl belongs."""
TEAM = {"anna": {"anna", "boris"}, "boris": {"anna", "boris"}, "carl": {"carl"}, "dora": {"dora"}}
BELOW = {"anna": {"anna", "boris", "carl"}, "boris": {"anna", "boris", "carl"}, "carl": {"carl"}, "dora": {"dora"}}
STAGED = {"read", "add", "change", "delete"}

LEVELS = ["none", "own", "department", "departments", "all"]
RULES = st.lists(
    st.tuples(st.sampled_from(sorted(ROLES)), st.sampled_from([a.value for a in Action]), st.sampled_from(LEVELS),
              st.sampled_from(["", "", *STAGES])),
    max_size=12, unique_by=lambda rule: (rule[0], rule[1], rule[3]),
).map(lambda rules: [rule for rule in rules if not rule[3] or rule[1] in STAGED])  # fmt: skip
"""(role, action, level, stage)"""
Rule = tuple[str, str, str, str]


def reaches(level: str, who: str, whose: str | None) -> bool:
    return level == "all" or whose in {"none": set(), "own": {who}, "department": TEAM[who], "departments": BELOW[who]}[level]


def level_of(rules: list[Rule], who: str, role: str, action: str, stage: str) -> str:
    if who not in ROLES[role]:
        return "none"
    found = {rule[3]: rule[2] for rule in rules if rule[0] == role and rule[1] == action}
    return found.get(stage, found.get("", "none"))


def allowed(rules: list[Rule], who: str, action: str, stage: str, whose: str | None) -> bool:
    return who == "root" or any(reaches(level_of(rules, who, role, action, stage), who, whose) for role in ROLES)


def at_all(rules: list[Rule], who: str, action: str) -> bool:
    levels = (level_of(rules, who, role, action, stage) for role in ROLES for stage in ("", *STAGES))
    return who == "root" or any(level != "none" for level in levels)


def process(rules: list[Rule]) -> Process:
    grants = tuple(Grant(role=r, action=Action(a), level=Level[name.upper()], stage=s) for r, a, name, s in rules)
    stages = tuple(Stage(code=s, title=s, semantics="S" if s == "won" else "P", norm_hours=0.001) for s in STAGES)
    by_hand = Graph(code="hand", title="Hand", nodes=(Node(id="h", kind="by_hand"), Node(id="c", kind="add_comment",
                    params={"text": "x"})), edges=(Wire(source="h", target="c"),))  # fmt: skip
    return Process(
        code="deals", title="Deals", amount_field="amount", grants=grants, graphs=(by_hand,),
        roles=tuple(Role(code=code, title=code) for code in ROLES), funnels=(Funnel(code="main", title="Main", stages=stages),),
        fields=(Field(code="amount", title="Amount", kind="money"), Field(code="paper", title="Paper", kind="file")),
    )  # fmt: skip


@dataclass
class Crowd:
    """An element for each stage and responsible person, nobody included; each with tasks, a file, a run and a note."""

    ws: Workspace
    ids: dict[str, int]
    deals: dict[int, tuple[str, str | None]] = field(default_factory=dict)
    """Stage and responsible by id."""
    files: dict[int, int] = field(default_factory=dict)
    notes: dict[int, int] = field(default_factory=dict)

    def actor(self, who: str) -> Actor:
        return self.ws.actor(self.ids[who])


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crowd]:
    folder: Path = tmp_path_factory.mktemp("crowd")
    ws = build(Settings(data=folder, _env_file=None), url="memory://", passwords=Passwords(1, 8, 1))
    ws.settings.save(SYSTEM_ACTOR, name="Test", language="en", zone="UTC", currency="USD")
    homes: dict[str, int | None] = {"": None}
    for title, parent in (("sales", ""), ("north", "sales"), ("other", "")):
        homes[title] = ws.people.add_department(SYSTEM_ACTOR, title, parent=homes[parent]).id
    ids = {
        who: ws.people.add_user(SYSTEM_ACTOR, who, who.title(), "a long password", admin=who == "root", department=homes[home]).id
        for who, home in PEOPLE.items()
    }
    ws.people.save_role(SYSTEM_ACTOR, "sales", "Sales", [ids["anna"], ids["boris"]], [])
    ws.people.save_role(SYSTEM_ACTOR, "boss", "Boss", [ids["dora"]], [])
    ws.people.save_role(SYSTEM_ACTOR, "crew", "Crew", [], [homes["sales"] or 0])
    root = ws.actor(ids["root"])
    ws.processes.create(root, process([]))
    ws.processes.publish(root, "deals")
    everybody = tuple(Grant(role=role, action=Action.READ, level=Level.ALL) for role in ROLES)
    notes = Process(code="notes", title="Notes", grants=everybody, roles=tuple(Role(code=c, title=c) for c in ROLES),
                    fields=(Field(code="deal", title="Deal", kind="link", params={"process": "deals"}),))  # fmt: skip
    ws.processes.create(root, notes)
    ws.processes.publish(root, "notes")
    found = Crowd(ws, ids)
    for stage in STAGES:
        for whose in (None, *PEOPLE):
            _deal(found, root, stage, whose)
    ws.imports.run(root, "deals", [], "file.csv")
    ws.work()
    yield found
    ws.db.close()


def _deal(crowd: Crowd, root: Actor, stage: str, whose: str | None) -> None:
    ws = crowd.ws
    values = {"title": f"Case {stage}", "stage": stage, "responsible": crowd.ids[whose] if whose else None, "amount": 10}
    made = ws.elements.create(root, "deals", values).id
    crowd.deals[made] = (stage, whose)
    for who in PEOPLE:
        ws.tasks.add(root, made, f"Task {made}", crowd.ids[who], datetime(2020, 1, 1, tzinfo=UTC), "Text")
    crowd.files[made] = ws.files.add(root, made, "name.txt", b"bytes").id
    crowd.notes[made] = ws.elements.create(root, "notes", {"title": f"Note {made}", "deal": made}).id
    ws.engine.start(root, made, "hand")
    ws.outbox.put("call", {"method": "GET", "url": "http://x.test", "body": "", "headers": {}},
                  Origin(f"k{made}", 0, "n", made, "deals", (), 0))  # fmt: skip


def publish(crowd: Crowd, rules: list[Rule]) -> None:
    root = crowd.actor("root")
    crowd.ws.processes.save(root, process(rules))
    crowd.ws.processes.publish(root, "deals")


def refused(call: Any, *args: Any) -> bool:
    try:
        call(*args)
    except VoronkaError:
        return True
    return False


@settings(max_examples=80, deadline=None)
@given(rules=RULES, who=st.sampled_from(sorted(PEOPLE)))
def test_all_that_tells_of_elements_tells_the_same(crowd: Crowd, rules: list[Rule], who: str) -> None:
    publish(crowd, rules)
    ws, actor = crowd.ws, crowd.actor(who)
    seen = {n for n, (stage, whose) in crowd.deals.items() if allowed(rules, who, "read", stage, whose)}
    hidden = crowd.deals.keys() - seen
    assert set(ws.elements.titles(actor, crowd.deals)) == seen
    assert {e.id for e in ws.elements.find(actor, "deals")} == seen
    assert {row[0] for row in ws.elements.rows(actor, "deals", ["id"])} == seen
    assert ws.elements.count(actor, "deals") == len(seen)
    totals = ws.elements.totals(actor, "deals").values()
    assert (sum(t.count for t in totals), sum(t.sum for t in totals)) == (len(seen), 10 * len(seen))
    assert {e.id for e in ws.elements.search(actor, "case", 500)} == seen
    # what hangs on them
    # who is given a task sees its title and when it is due, whatever it hangs on, and what else it tells only with a right
    mine = ws.tasks.mine(actor)
    assert {t.element for t in mine} == crowd.deals.keys()
    assert {t.element for t in mine if t.text} == seen
    assert ws.tasks.overdue(actor, crowd.deals) == seen
    assert {r.element for r in ws.engine.runs(actor, "deals", limit=500) if r.element} == seen
    assert {n for n, file in crowd.files.items() if not refused(ws.files.open, actor, file)} == seen
    assert set(ws.files.names(actor, list(crowd.files.values()))) == {crowd.files[n] for n in seen}
    # what speaks of them from elsewhere
    reader = ws.reader(actor)
    assert {n for n in crowd.deals if reader.element(n).startswith("Case")} == seen
    if any(who in members for members in ROLES.values()) or who == "root":
        assert {n for n in crowd.deals for e in ws.elements.linked(actor, crowd.notes[n]) if e.id == n} == seen
    # figures
    day = ws.insight.my_day(actor)
    assert {o.element for o in day.overdue} == seen
    own = {n for n in seen if crowd.deals[n][1] == who and crowd.deals[n][0] != "won"}
    assert sum(m.count for m in day.mine if m.process == "deals") == len(own)
    assert {s.element for s in day.slow} <= own
    if at_all(rules, who, "read"):
        report = ws.insight.funnel(actor, "deals")
        assert sum(s.count for s in report.stages) == len(seen) and sum(s.sum for s in report.stages) == 10 * len(seen)
        assert report.stages[0].reached == len(seen)
    else:
        assert refused(ws.insight.funnel, actor, "deals")
    for n in hidden:
        for call in (ws.elements.get, ws.elements.history, ws.elements.linked, ws.tasks.of, ws.files.of, ws.engine.startable):
            with pytest.raises(NotFound):
                call(actor, n)


@settings(max_examples=60, deadline=None)
@given(rules=RULES, who=st.sampled_from(sorted(PEOPLE)))
def test_every_other_right_is_obeyed(crowd: Crowd, rules: list[Rule], who: str) -> None:
    publish(crowd, rules)
    ws, actor = crowd.ws, crowd.actor(who)
    both = {
        n for n, (stage, whose) in crowd.deals.items()
        if allowed(rules, who, "read", stage, whose) and allowed(rules, who, "export", "", whose)
    }  # fmt: skip
    if at_all(rules, who, "export"):
        assert {e["id"] for e in json.loads(ws.export(actor, "deals", "json"))["elements"]} == both
    else:
        assert refused(ws.export, actor, "deals", "csv")
    assert refused(ws.imports.all, actor, "deals") != at_all(rules, who, "import")
    assert refused(ws.imports.run, actor, "deals", []) != (at_all(rules, who, "import") and at_all(rules, who, "add"))
    assert refused(ws.outbox.rows, actor, "deals") != at_all(rules, who, "robots")
    designs = at_all(rules, who, "robots") or at_all(rules, who, "settings")
    assert refused(ws.insight.robots, actor, "deals") != designs
    assert refused(ws.processes.save, actor, process(rules)) != designs
    for n, (stage, whose) in crowd.deals.items():
        changes = allowed(rules, who, "read", stage, whose) and allowed(rules, who, "change", stage, whose)
        assert refused(_tried, ws, actor, n) != changes


def _tried(ws: Workspace, actor: Actor, deal: int) -> None:
    """Everything that needs the right to change, all or nothing, and taken back at once."""
    outcomes = set()
    deeds = (lambda: ws.elements.update(actor, deal, {"title": "Case changed"}), lambda: ws.engine.start(actor, deal, "hand"),
             lambda: ws.tasks.add(actor, deal, "More", None), lambda: ws.files.add(actor, deal, "x", b""))  # fmt: skip
    for deed in deeds:
        try:
            with ws.db.transaction():
                deed()
                raise _Enough
        except _Enough:
            outcomes.add(None)
        except (Denied, NotFound) as error:
            outcomes.add(type(error))
    assert len(outcomes) == 1, outcomes
    if outcomes != {None}:
        raise Denied()


class _Enough(Exception):
    pass


def test_events_are_told_to_nobody_else(crowd: Crowd) -> None:
    """What an event log holds of hidden elements cannot be undone, and not be told from what does not exist."""
    publish(crowd, [])
    anna = crowd.actor("anna")
    said = {str(_problem(crowd, anna, n)) for n in (1, 2, 3, 10**6)}
    assert said == {"not_found"}
    assert isinstance(crowd.ws.elements.history(crowd.actor("root"), next(iter(crowd.deals)))[0], Event)


def _problem(crowd: Crowd, actor: Actor, event: int) -> str:
    with pytest.raises(VoronkaError) as caught:
        crowd.ws.elements.undo(actor, event)
    return caught.value.problem.code
