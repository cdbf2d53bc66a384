"""The packages that Voronka ships: made by their script, sound, quick to install, quiet about history, and their robots work."""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from builder.package import unpack
from examples import make
from locales import PLACEHOLDER
from model.access import Action, Actor
from model.run import Run
from packages import demo, export
from settings import Settings
from workspace import Workspace, build


class Moving:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.at = datetime(2026, 5, 12, 9, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at


@dataclass
class Demo:
    """A workspace with the demo in it, and what it took."""

    workspace: Workspace
    clock: Moving
    actor: Actor
    seconds: float

    def settle(self, **later: float) -> None:
        """Let some time pass and the worker do all that is to be done then."""
        self.clock.at += timedelta(**later)
        for _ in range(100):
            if not self.workspace.worker.step():
                return
        raise AssertionError("the robots never come to rest")

    def runs(self, process: str) -> list[Run]:
        return self.workspace.engine.runs(self.actor, process, limit=1000)


@pytest.fixture(params=make.LANGUAGES)
def shown(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Demo]:
    clock = Moving()
    workspace = build(Settings(data=tmp_path, _env_file=None), clock, url="memory://")
    began = time.process_time()
    admin = workspace.set_up("Demo", request.param, "admin", "Ada", "correct horse 1", email="ada@example.com", demo=True)
    yield Demo(workspace, clock, workspace.actor(admin.id), time.process_time() - began)
    workspace.db.close()


def test_the_committed_files_are_what_the_script_makes() -> None:
    for path, data in make.files().items():
        assert path.read_bytes() == data, f"{path.name}: run `python -m examples.make`"


@pytest.mark.parametrize("language", make.LANGUAGES)
def test_both_languages_hold_the_same_but_for_the_words(language: str) -> None:
    english, other = ([unpack(path.read_bytes()) for path in demo(lang)] for lang in ("en", language))
    for one, two in zip(english, other, strict=True):
        assert [p.code for p in one.processes] == [p.code for p in two.processes]
        for mine, theirs in zip(one.processes, two.processes, strict=True):
            assert [f.code for f in mine.fields] == [f.code for f in theirs.fields]
            assert [g.edges for g in mine.graphs] == [g.edges for g in theirs.graphs]
            for graph, twin in zip(mine.graphs, theirs.graphs, strict=True):
                assert [_names(n.params) for n in graph.nodes] == [_names(n.params) for n in twin.nodes], graph.code
        assert [(s.stage, [m[0] for m in s.moved]) for s in one.elements] == [
            (s.stage, [m[0] for m in s.moved]) for s in two.elements
        ]


def _names(params: dict[str, object]) -> set[str]:
    return {name for value in params.values() for name in PLACEHOLDER.findall(str(value))}


def test_the_demo_is_sound_quick_and_leaves_history_alone(shown: Demo) -> None:
    workspace = shown.workspace
    assert shown.seconds < 5, f"{shown.seconds:.1f} s of processor time"
    assert {row.code for row in workspace.processes.all()} == {"deals", "accounts", "products", "candidates", "vacancies"}
    for row in workspace.processes.all():
        assert workspace.processes.problems(workspace.processes.draft(row.code)) == [], "not even a warning"
    totals = workspace.elements.totals(shown.actor, "deals")
    assert {stage: total.count for stage, total in totals.items()} == {"prospecting": 14, "engaging": 38, "won": 92, "lost": 56}
    assert workspace.elements.count(shown.actor, "candidates") == 60
    shown.settle()
    assert shown.runs("deals") == [] == shown.runs("candidates") and workspace.outbox.rows(shown.actor) == []


def test_the_history_lies_in_the_past_and_in_order(shown: Demo) -> None:
    now = shown.clock.at
    elements = [e for code in ("deals", "candidates") for e in shown.workspace.elements.find(shown.actor, code)]
    for element in elements:
        times = [event.at for event in reversed(shown.workspace.elements.history(shown.actor, element.id))]
        assert times == sorted(times) and datetime.fromisoformat(times[-1]) <= now
    assert max(e.updated_at for e in elements) > f"{now - timedelta(days=7):%Y-%m-%d}", "somebody has worked here lately"
    report = shown.workspace.insight.funnel(shown.actor, "deals")
    assert report.won == 92 and report.median_won_days and 20 < report.median_won_days < 100


def test_people_of_the_demo_show_who_sees_what(shown: Demo) -> None:
    """Each in a department, nobody of them with a password; levels own, department and all differ between them."""
    people, elements = shown.workspace.people, shown.workspace.elements
    team = [user for user in people.users() if user.login != "admin"]
    assert len(team) == 15 and {user.id for user in team} == people.without_password()
    assert all(re.fullmatch(r"[a-z]+\.[a-z]+", user.login) and user.department and not user.admin for user in team)
    acting = {user.login: shown.workspace.actor(user.id) for user in team}
    assert all(actor.roles for actor in acting.values())
    agent, head = acting["anna.snelling"], acting["melvin.marxen"]
    deals = elements.find(shown.actor, "deals")
    assert {d.responsible for d in deals} <= set(people.without_password()), "nobody else was made for them"
    office = {user.id for user in team if user.department == people.user(agent.id).department}
    mine = {d.id for d in deals if d.responsible == agent.user}
    seen = {d.id for d in elements.find(agent, "deals")}
    assert seen == {d.id for d in deals if d.responsible in office or d.stage == "won"} and len(mine) < len(seen) < 200
    assert {d.id for d in deals if elements.may(agent, d, Action.CHANGE)} == mine != set()
    assert len(elements.find(head, "deals")) == 200 and elements.count(agent, "candidates") == 0
    assert [d.head for d in people.departments() if d.id == people.user(agent.id).department] == [head.user]


@pytest.mark.parametrize("currency", ["RUB", "EUR"])
def test_the_demo_is_in_the_workspaces_currency_with_the_same_figures(tmp_path: Path, currency: str) -> None:
    workspace = build(Settings(data=tmp_path, _env_file=None), Moving(), url="memory://")
    admin = workspace.set_up("Д", "ru", "admin", "Анна", "correct horse 1", currency=currency, demo=True)
    actor = workspace.actor(admin.id)
    fields = [f for row in workspace.processes.all() for f in workspace.processes.draft(row.code).fields if f.kind == "money"]
    assert len(fields) == 5 and {f.params["currency"] for f in fields} == {currency}
    report = workspace.insight.funnel(actor, "deals")
    shipped = unpack(demo("en")[1].read_bytes())
    assert shipped.process.code == "accounts" and report.currency == currency
    assert report.sum_won == sum(e.values["amount"] for e in shipped.elements if e.moved and e.moved[-1][0] == "won")
    assert "$" not in b"".join(path.read_bytes() for path in demo("ru")).decode()
    workspace.db.close()


def test_every_example_shows_the_whole_palette() -> None:
    packages = [unpack(path.read_bytes()) for path in demo("en")]
    kinds = {node.kind for p in packages for process in p.processes for graph in process.graphs for node in graph.nodes}
    assert kinds >= {
        "stage_entered", "element_created", "field_changed", "by_hand", "date_reached", "condition", "join", "wait_for",
        "wait_event", "wait_until", "create_task", "notify", "send_mail", "make_pdf", "set_fields", "move_stage", "add_comment",
    }  # fmt: skip
    fields = {field.kind for p in packages for process in p.processes for field in process.fields}
    assert len(fields) == 15, "one of every type"


# --- out and in again ----------------------------------------------------------------------------------------------------


def funnels(workspace: Workspace, actor: Actor, process: str) -> dict[str, object]:
    """A process's funnel figures; people by name, but for who asked and when."""
    report, names = asdict(workspace.insight.funnel(actor, process)), workspace.people.names()
    people = {names.get(p.pop("user"), ""): p for p in report.pop("people")}
    return {k: v for k, v in report.items() if k not in ("made_at", "made_by")} | {"people": people}


@pytest.mark.parametrize("codes", [("deals", "accounts", "products"), ("candidates", "vacancies")])
def test_a_package_with_elements_keeps_their_past(shown: Demo, tmp_path: Path, codes: tuple[str, ...]) -> None:
    """Also of those that went back and forth, were put back by an undo, came out of the bin or went into it."""
    source, actor, process = shown.workspace, shown.actor, codes[0]
    over, why = {"deals": ("lost", {}), "candidates": ("rejected", {"reason": "salary"})}[process]
    some = [e for e in source.elements.find(actor, process) if e.closed_at is None][:4]
    for element in some:
        shown.clock.at += timedelta(hours=5)
        source.elements.move(actor, element.id, over, values=why)
        shown.clock.at += timedelta(days=2)
        source.elements.move(actor, element.id, element.stage)
    source.elements.undo(actor, source.elements.history(actor, some[1].id)[0].id)
    source.elements.delete(actor, some[2].id)
    source.elements.restore(actor, some[2].id)
    source.elements.delete(actor, some[3].id)
    data = export(source, actor, *codes, elements=True)
    other = build(Settings(data=tmp_path / "other", _env_file=None), shown.clock, url="memory://")
    there = other.actor(other.set_up("Other", "en", "root", "Root", "correct horse 1").id)
    assert other.install(there, data) == list(codes)
    assert funnels(other, there, process) == funnels(source, actor, process)
    assert export(other, there, *codes, elements=True) == data, "and a second trip changes nothing"
    other.db.close()


# --- robots ------------------------------------------------------------------------------------------------------------


def candidate(shown: Demo, stage: str = "resume", **values: object) -> int:
    vacancy = shown.workspace.elements.find(shown.actor, "vacancies", limit=1)[0].id
    made = {
        "title": "Kim",
        "vacancy": vacancy,
        "email": "kim@example.com",
        "offer": 3000,
        "start_date": "2026-06-01",
        "stage": stage,
    }
    return shown.workspace.elements.create(shown.actor, "candidates", {**made, **values}).id


def deal(shown: Demo, **values: object) -> int:
    links = {code: shown.workspace.elements.find(shown.actor, f"{code}s", limit=1)[0].id for code in ("account", "product")}
    return shown.workspace.elements.create(shown.actor, "deals", {"title": "Big one", "amount": 9000, **links, **values}).id


def hire(shown: Demo) -> None:
    shown.workspace.elements.move(shown.actor, candidate(shown), "hired")


def refuse(shown: Demo) -> None:
    shown.workspace.elements.move(shown.actor, candidate(shown), "rejected", values={"reason": "salary"})


def fail_the_test(shown: Demo) -> None:
    shown.workspace.elements.update(shown.actor, candidate(shown, "test"), {"score": 41})


EVENTS: dict[tuple[str, str], Callable[[Demo], object]] = {
    ("deals", "engaging"): lambda s: s.workspace.elements.move(s.actor, deal(s), "engaging"),
    ("deals", "proposal"): lambda s: s.workspace.engine.start(s.actor, deal(s, email="client@example.com"), "proposal"),
    ("deals", "won"): lambda s: s.workspace.elements.move(s.actor, deal(s), "won"),
    ("deals", "lost"): lambda s: s.workspace.elements.move(s.actor, deal(s), "lost"),
    ("deals", "big"): lambda s: s.workspace.elements.update(s.actor, deal(s), {"amount": 30_000}),
    ("deals", "closing"): lambda s: deal(s, expected_close="2026-05-15"),
    ("candidates", "intake"): candidate,
    ("candidates", "interview"): lambda s: s.workspace.elements.move(
        s.actor, candidate(s), "interview", values={"interview_at": "2026-05-14T10:00:00Z", "interviewer": s.actor.user}
    ),
    ("candidates", "test"): fail_the_test,
    ("candidates", "offer"): lambda s: s.workspace.elements.move(s.actor, candidate(s), "offer"),
    ("candidates", "hired"): hire,
    ("candidates", "refusal"): refuse,
}


def test_every_graph_runs_to_its_end_once_a_real_event_starts_it(shown: Demo) -> None:
    shown.settle()
    for happens in EVENTS.values():
        happens(shown)
        shown.settle()
    for _ in range(35):
        shown.settle(days=1)
    for process in ("deals", "candidates"):
        version = shown.workspace.processes.published(process)
        runs = shown.runs(process)
        assert version and {run.graph for run in runs} == {graph.code for graph in version.process.graphs}
        assert [(r.graph, r.state, r.reason, r.trace) for r in runs if r.state != "done"] == []


def test_what_the_robots_leave_behind(shown: Demo) -> None:
    workspace, actor = shown.workspace, shown.actor
    number = deal(shown, email="client@example.com")
    workspace.elements.move(actor, number, "won")
    shown.settle()
    assert [row.name.endswith(".pdf") for row in workspace.files.of(actor, number)] == [True]
    letters = [row for row in workspace.outbox.rows(actor) if row.kind == "mail"]
    assert [letter.payload["to"] for letter in letters] == ["client@example.com"] and letters[0].payload["files"]
    failed = candidate(shown, "test")
    workspace.elements.update(actor, failed, {"score": 41})
    shown.settle()
    assert (
        workspace.elements.get(actor, failed).stage == "rejected"
        and workspace.elements.get(actor, failed).values["reason"] == "test"
    )
    before = len(workspace.outbox.rows(actor))
    shown.settle(days=2)
    assert len(workspace.outbox.rows(actor)) == before + 1, "a day later the refusal is written"
    assert workspace.tasks.of(actor, candidate(shown)) == []
    shown.settle()
    assert [t.done_at for t in workspace.tasks.mine(actor)] != []
