"""The condition builder: rows of field - operator - value in groups of AND and OR."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st
from pydantic import ValidationError

from model.errors import VoronkaError
from model.field import Control, FieldType
from model.filter import ALL, Condition, Filter, Group
from model.kind import Catalog
from model.process import Process
from pages.parts.forms import choices
from pages.parts.forms.asked import Asked
from pages.parts.forms.typed import Unread, typed_input
from pages.parts.forms.values import choose, value_input
from pages.parts.user import User

DEPTH = 3
"""How deep groups may be nested here."""
BARE = ("empty", "not_empty", "before_today", "after_today")
DAYS = ("last_days", "next_days")
LISTS = ("in", "not_in")
STAGE_OPERATORS = ("eq", "ne", "in", "not_in")
Row = dict[str, Any]


@dataclass(frozen=True)
class _Desk:
    user: User
    process: Process
    types: Catalog[FieldType]
    key: str
    fields: dict[str, str]


def condition_builder(process: Process, types: Catalog[FieldType], value: Filter, *, key: str, user: User) -> Filter:
    """Draw the builder and give the filter as it stands; rows that are not filled in yet do not count.

    What is being built is kept by `key`; when `value` becomes another one (undo, another node), that one is shown instead.
    """
    desk = _Desk(user, process, types, key, choices.fields(user, process))
    state = st.session_state.setdefault(key, {"turn": 0})
    given = value.dump()
    if state.get("given") != given and state.get("built") != given:
        state |= {"tree": _tree(state, value), "turn": state["turn"]}
    state["given"], state["unread"] = given, False
    found = _group(desk, state["tree"], 1)
    state["built"] = found.dump()
    return found


def is_unread(key: str) -> bool:
    """Whether a value of the builder of this key was typed and could not be read."""
    return bool(st.session_state.get(key, {}).get("unread"))


def _number(state: Row) -> int:
    state["turn"] += 1
    return int(state["turn"])


def _tree(state: Row, value: Filter) -> Row:
    """The rows of a filter; the outermost is always a group."""
    made = _row(state, value)
    return made if "items" in made else {"id": _number(state), "op": "all", "items": [made]}


def _row(state: Row, value: Filter) -> Row:
    if isinstance(value, Condition):
        return {"id": _number(state), "field": value.field, "is": value.op, "value": value.value}
    return {"id": _number(state), "op": value.op, "items": [_row(state, item) for item in value.items]}


def _group(desk: _Desk, group: Row, depth: int) -> Filter:
    t = desk.user.reader.t
    if len(group["items"]) > 1 or group["op"] == "none":
        ops = ["all", "any", "none"]
        chosen = st.segmented_control(
            t("forms.join"), ops, default=group["op"], key=f"{desk.key}:{group['id']}:op", label_visibility="collapsed",
            format_func=lambda op: t(f"forms.join.{op}"), required=True,
        )  # fmt: skip
        group["op"] = chosen or group["op"]
    parts = [part for row in list(group["items"]) if (part := _item(desk, group, row, depth)) is not None]
    with st.container(horizontal=True, gap="small"):
        st.button(
            t("forms.add_condition"), icon=":material/add:", key=f"{desk.key}:{group['id']}:add", type="tertiary",
            on_click=_add, args=(desk, group, False),
        )  # fmt: skip
        if depth < DEPTH and group["items"]:
            st.button(
                t("forms.add_group"), icon=":material/account_tree:", key=f"{desk.key}:{group['id']}:group", type="tertiary",
                on_click=_add, args=(desk, group, True),
            )  # fmt: skip
    if len(parts) == 1 and group["op"] != "none":
        return parts[0]
    return Group(op=group["op"], items=tuple(parts)) if parts else ALL


def _add(desk: _Desk, group: Row, nested: bool) -> None:
    state = st.session_state[desk.key]
    first = next(iter(desk.fields), "title")
    row: Row = {"id": _number(state), "field": first, "is": None, "value": None}
    if nested:
        other = "any" if group["op"] == "all" else "all"
        row = {"id": _number(state), "op": other, "items": [row, {**row, "id": _number(state)}]}
    group["items"].append(row)


def _remove(group: Row, row: Row) -> None:
    group["items"] = [item for item in group["items"] if item["id"] != row["id"]]


def _item(desk: _Desk, group: Row, row: Row, depth: int) -> Filter | None:
    with st.container(border=True, gap="small", key=f"{desk.key.replace(':', '-')}-{row['id']}"):
        if "items" in row:
            found = _group(desk, row, depth + 1)
            _cross(desk, group, row)
            return found if found != ALL else None
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            return _condition(desk, group, row)


def _cross(desk: _Desk, group: Row, row: Row) -> None:
    st.button(
        desk.user.reader.t("forms.remove"), icon=":material/close:", key=f"{desk.key}:{row['id']}:remove", type="tertiary",
        on_click=_remove, args=(group, row),
    )  # fmt: skip


def _condition(desk: _Desk, group: Row, row: Row) -> Condition | None:
    t = desk.user.reader.t
    key = f"{desk.key}:{row['id']}"
    named = desk.fields if row["field"] in desk.fields else {**desk.fields, row["field"]: row["field"]}
    code = st.selectbox(
        t("forms.field"), list(named), index=list(named).index(row["field"]), key=f"{key}:field", width=180,
        format_func=named.__getitem__, label_visibility="collapsed",
    )  # fmt: skip
    if code != row["field"]:
        row |= {"field": code, "is": None, "value": None}
    kind = _kind(desk, code)
    operators = kind.operators if kind else STAGE_OPERATORS
    if row["is"] not in operators:
        row["is"] = operators[0]
    row["is"] = st.selectbox(
        t("forms.operator"), operators, index=operators.index(row["is"]), key=f"{key}:{code}:is", width=170,
        format_func=lambda op: _operator(t, kind, op), label_visibility="collapsed",
    )  # fmt: skip
    entered = _value(desk, row, kind, f"{key}:{code}:{_form(row['is'])}")
    st.session_state[desk.key]["unread"] |= isinstance(entered, Unread)
    row["value"] = None if isinstance(entered, Unread) else entered
    _cross(desk, group, row)
    ready = row["is"] in BARE or row["value"] not in (None, "", [])
    return Condition(field=code, op=row["is"], value=row["value"]) if ready else None


def _kind(desk: _Desk, code: str) -> FieldType | None:
    try:
        return choices.type_of(desk.process, desk.types, code)[0]
    except (ValidationError, VoronkaError):
        return None


def _operator(t: Callable[[str], str], kind: FieldType | None, operator: str) -> str:
    """An operator in words; dates are before and after, not less and more."""
    dated = kind is not None and kind.control in (Control.DATE, Control.DATETIME)
    return t(
        f"operator.date.{operator}" if dated and operator in ("eq", "ne", "gt", "ge", "lt", "le") else f"operator.{operator}"
    )


def _form(operator: str) -> str:
    """Operators of one form share their input, so that a value survives a change from `is` to `is not`."""
    return "days" if operator in DAYS else "list" if operator in LISTS else "bare" if operator in BARE else "one"


def _value(desk: _Desk, row: Row, kind: FieldType | None, key: str) -> Any:
    if row["is"] in BARE:
        return None
    t = desk.user.reader.t
    label = t("forms.value")
    if row["is"] in DAYS:
        value = row["value"] if isinstance(row["value"], int) else 7
        days = desk.types.load("integer", {"min": 0, "max": 36_500})
        return typed_input(Asked(desk.user, days, label, value, key, help=t("forms.days"), hidden=True, width=120))
    several = row["is"] in LISTS
    held = row["value"]
    if not several and isinstance(held, list | tuple):
        held = next(iter(held), None)
    text = desk.types["string"]()
    asked = Asked(desk.user, kind or text, label, held, key, several, hidden=True, width=220)
    if kind is None:
        titles = choices.stages(desk.process) if row["field"] == "stage" else {f.code: f.title for f in desk.process.funnels}
        return choose(asked, titles)
    if kind.control is Control.PERSON:
        return choose(asked, {"@me": t("forms.me"), **desk.user.workspace.people.names()})
    if kind.control is Control.CHECKBOX:
        return choose(asked, {True: t("common.yes"), False: t("common.no")})
    if kind.control is Control.LONG_TEXT:
        asked = replace(asked, kind=text)
    return value_input(asked)
