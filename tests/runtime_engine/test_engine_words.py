"""What robots are said to do, and words for everything the engine can say."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Any

import pytest
from engine_world import deals
from hypothesis import given, settings
from hypothesis import strategies as st

import runtime
from locales import Language, words
from model.field import FieldType
from model.filter import OPERATORS, Condition, Filter, Group
from model.graph import MODES, Node
from model.kind import Catalog
from model.robot import Robot, Trigger
from runtime.describe import condition_text, port_text, summary
from runtime.watchdog import MENDED

TYPES = Catalog.scan("builder.fields", FieldType)
ROBOTS = Catalog.scan("runtime.robots", Robot)
TRIGGERS = Catalog.scan("runtime.triggers", Trigger)
EN, RU = (
    Language(code, person=lambda id, name=name: name if id == 4 else "?") for code, name in (("en", "Anna"), ("ru", "Анна"))
)
BIG = {"field": "amount", "op": "gt", "value": 1000}


def told(kind: str, reader: Language = EN, **params: Any) -> str:
    return summary(Node(id="n", kind=kind, params=params), deals(), reader, ROBOTS, TRIGGERS, TYPES)


@pytest.mark.parametrize(
    ("kind", "params", "english", "russian"),
    [
        ("move_stage", {"stage": "won"}, "Move to stage “Won”", "Переместить на стадию «Won»"),
        ("condition", {"condition": BIG}, "If Amount > $1,000", "Если Amount > 1 000 $"),
        ("set_fields", {"values": {"urgent": True, "helper": "head"}}, "Urgent = Yes, Helper = the head of department",
         "Urgent = Да, Helper = руководитель отдела"),
        ("change_responsible", {"people": ["user:4", "helper"]}, "Responsible: Anna, Helper", "Ответственный: Анна, Helper"),
        ("wait_for", {"duration": 1500}, "Wait 1 day 1 hr", "Ждать 1 день 1 ч"),
        ("wait_until", {"field": "close_date", "offset": 1440}, "Wait: 1 day before the date “Close date”",
         "Ждать: 1 день до даты «Close date»"),
        ("wait_until", {"field": "close_date"}, "Wait: until “Close date”", "Ждать: до «Close date»"),
        ("at_time", {"weekdays": [0, 1, 2, 3, 4]}, "At 09:00, Mon–Fri", "В 09:00, пн–пт"),
        ("at_time", {"weekdays": []}, "At 09:00, every day", "В 09:00, каждый день"),
        ("stage_entered", {"stages": ["won"], "condition": BIG}, "Comes to Won, if Amount > $1,000",
         "Попал на Won, если Amount > 1 000 $"),
        ("create_element", {"process": "clients", "values": {"phone": "1"}}, "New in “clients”: phone = 1",
         "Создать в «clients»: phone = 1"),
        ("move_stage", {}, "", ""), ("notify", {"text": ""}, "", ""), ("no_such_kind", {}, "", ""),
        ("move_stage", {"stage": "gone"}, "Move to stage “gone”", "Переместить на стадию «gone»"),
    ],
)  # fmt: skip
def test_summary(kind: str, params: dict[str, Any], english: str, russian: str) -> None:
    assert told(kind, **params) == english
    assert told(kind, RU, **params).replace("\u00a0", " ") == russian


def test_conditions_in_words() -> None:
    won = Condition(field="stage", op="in", value=["won", "lost"])
    mine = Condition(field="responsible", value="@me")
    big = Condition(field="amount", op="ge", value=5)
    either = Group(op="any", items=(won, mine))
    assert condition_text(Group(op="all", items=(big, either)), deals(), EN, TYPES) == (
        "Amount ≥ $5 and (Stage is one of: Won, Lost or Responsible is who started it)"
    )
    assert (
        condition_text(Group(op="none", items=(won, big)), deals(), EN, TYPES)
        == "none of: Stage is one of: Won, Lost or Amount ≥ $5"
    )
    assert condition_text(Group(), deals(), EN, TYPES) == ""
    assert condition_text(Condition(field="company", value=""), deals(), EN, TYPES) == "Company is empty"
    days = Condition(field="close_date", op="last_days", value=21)
    assert condition_text(days, deals(), RU, TYPES) == "Close date за последний 21 день"


@pytest.mark.parametrize("op", OPERATORS)
def test_every_operator_has_words(op: Any) -> None:
    for reader in (EN, RU):
        text = condition_text(Condition(field="company", op=op, value="7"), deals(), reader, TYPES)
        assert "Company" in text and "{" not in text


def test_ports_in_words() -> None:
    node = Node(id="n", kind="switch", params={"field": "urgent", "cases": ["true"]})
    assert [port_text(node, port, deals(), EN, ROBOTS, TYPES) for port in ("true", "other")] == ["Yes", "other"]
    node = Node(id="n", kind="add_comment", continue_on_error=True)
    assert [port_text(node, port, deals(), RU, ROBOTS, TYPES) for port in ("done", "failed")] == ["дальше", "ошибка"]


VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@settings(deadline=None)
@given(st.sampled_from([*ROBOTS, *TRIGGERS]), st.data())
def test_a_broken_draft_is_described_without_an_error(kind: str, data: st.DataObject) -> None:
    model: Any = ROBOTS.get(kind) or TRIGGERS[kind]
    params = {name: data.draw(VALUES) for name in model.model_fields if data.draw(st.booleans())}
    assert isinstance(told(kind, **params), str)


@settings(deadline=None)
@given(
    st.sampled_from(["amount", "urgent", "close_date", "stage", "helper", "client", "nonsense"]),
    st.sampled_from(OPERATORS),
    VALUES,
)
def test_any_condition_has_words(field: str, op: Any, value: Any) -> None:
    found: Filter = Condition(field=field, op=op, value=value)
    assert condition_text(found, deals(), EN, TYPES)


# every code

HOME = Path(runtime.__file__).parent
MODULES = ("alarm", "engine", "step", "walk", "timers", "outbox", "runs", "template", "program", "outside/mail", "outside/http",
           "robots/call_webhook")  # fmt: skip
ERRORS = {"NotAllowed": 0, "Denied": 0, "Problem": 1}
REASONS = {"MailRefused": "outbox.reason.", "CallRefused": "outbox.reason."}


def calls() -> list[ast.Call]:
    trees = (ast.parse((HOME / f"{module}.py").read_text()) for module in MODULES)
    return [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call)]


def said() -> set[str]:
    """Keys of the words for all that the sources can raise, note down or tell."""
    found = {f"run.reason.{r}" for r in ("element_deleted", "element_hidden", "owner_gone", "version_gone", "broken", "loop",
                                         "loop_wide", "cancelled", "robot_failed", "robot_broken", "queued", "restarted",
                                         "left_stage")}  # fmt: skip
    found |= {f"run.stuck.{why}" for why in (*MENDED, "late", "never_wakes", "owner_gone", "version_gone")}
    found |= {f"graph.mode.{mode}" for mode in MODES}
    found |= {
        f"outbox.reason.{r}"
        for r in ("approval", "bad_address", "bad_sender", "mail_server", "no_answer", "discarded", "no_file", "sender_gone")
    }
    found |= {f"run.state.{s}" for s in ("ready", "waiting", "done", "failed", "stopped")}
    found |= {f"trace.state.{s}" for s in ("done", "waiting", "failed", "skipped", "retrying")}
    found |= {f"outbox.state.{s}" for s in ("waiting", "sending", "sent", "failed", "held")} | {
        "outbox.kind.mail",
        "outbox.kind.call",
    }
    for call in calls():
        name = call.func.id if isinstance(call.func, ast.Name) else call.func.attr if isinstance(call.func, ast.Attribute) else ""
        texts = [a.value if isinstance(a, ast.Constant) and isinstance(a.value, str) else "" for a in call.args]
        if name in ERRORS and len(texts) > ERRORS[name] and texts[ERRORS[name]]:
            found.add(f"error.{texts[ERRORS[name]]}")
        if name in REASONS and texts and texts[0]:
            found.add(REASONS[name] + texts[0])
        if name == "_Outcome" and len(texts) > 1 and texts[1]:
            found.add(f"outbox.reason.{texts[1]}")
        if name in ("t", "say") and texts and "." in texts[0]:
            found.add(texts[0])
    return found


def test_the_sources_are_read() -> None:
    assert {
        "error.not_by_hand",
        "error.robot_unsound",
        "outbox.reason.private_address",
        "trace.until",
        "error.unknown_name",
    } <= said()


@pytest.mark.parametrize("locale", ["en", "ru"])
def test_everything_the_engine_says_has_words(locale: str) -> None:
    assert sorted(said() - set(words(locale))) == []


def test_no_words_of_the_engine_are_left_over() -> None:
    import json

    import locales

    written = set(json.loads((Path(locales.__file__).parent / "en" / "engine.json").read_text()))
    patterns = ("condition.", "person.", "summary.", "error.param.")
    assert sorted(key for key in written - said() if not key.startswith(patterns)) == []
