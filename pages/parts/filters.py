"""The filter bar above boards, lists and funnels: search, mine, period, and any field by the condition builder."""

from __future__ import annotations

from typing import Any

import streamlit as st

from model.field import Control
from model.filter import ALL, Condition, Filter, Group, all_of, any_of
from model.process import Process
from pages.parts import frame
from pages.parts.forms import condition_builder, is_unread
from pages.parts.text import number
from pages.parts.user import User

PERIODS = (0, 7, 30, 90, 365)
TEXTS = (Control.TEXT, Control.LONG_TEXT)


def bar(user: User, process: Process, key: str, *, period: bool = True) -> Filter:
    """Draw the bar and give what is chosen as one filter. State is kept by `key` while the session lasts."""
    with frame.bar():
        return parts(user, process, key, period=period)


def parts(user: User, process: Process, key: str, *, period: bool = True) -> Filter:
    """What the bar is made of, for a `frame.bar()` that holds more than that."""
    t = user.reader.t
    text = st.text_input(
        t("filter.search"), key=f"{key}:text", placeholder=t("filter.search"), label_visibility="collapsed", type="search",
        icon=":material/search:", width=240, persist_state="session", live="300ms",
    )  # fmt: skip
    mine = st.pills(
        t("filter.mine"), ["mine"], key=f"{key}:mine", label_visibility="collapsed", persist_state="session", width="content",
        format_func=lambda _: t("filter.mine"),
    )  # fmt: skip
    days = _period(user, key) if period else 0
    chosen = _more(user, process, key)
    asked: list[Filter] = [chosen]
    if text and text.strip():
        asked.append(search(process, text.strip(), user))
    if mine:
        asked.append(Condition(field="responsible", op="eq", value="@me"))
    if days:
        asked.append(Condition(field="created_at", op="last_days", value=days))
    found = all_of(asked)
    if is_narrow(found):
        st.button(t("filter.clear"), key=f"{key}:all", type="tertiary", icon=":material/close:", on_click=_clear, args=(key,))
    return found


def _clear(key: str) -> None:
    """Everything is shown again."""
    st.session_state.update({f"{key}:text": "", f"{key}:mine": None, f"{key}:more": ALL})
    if f"{key}:days" in st.session_state:
        st.session_state[f"{key}:days"] = 0
    for name in [n for n in st.session_state if str(n).startswith(f"{key}:builder")]:
        del st.session_state[name]


def _period(user: User, key: str) -> int:
    t = user.reader.t
    return st.selectbox(
        t("filter.period"), PERIODS, key=f"{key}:days", label_visibility="collapsed", width=200, persist_state="session",
        format_func=lambda n: t("filter.days", n=n) if n else t("filter.any_time"),
    )  # fmt: skip


def _more(user: User, process: Process, key: str) -> Filter:
    """The condition builder behind a button that says how many conditions stand."""
    t = user.reader.t
    held: Filter = st.session_state.get(f"{key}:more", ALL)
    count = _count(held)
    label = t("filter.more_n", n=count) if count else t("filter.more")
    with st.popover(label, icon=":material/filter_list:"):
        found = condition_builder(process, user.workspace.types, held, key=f"{key}:builder", user=user)
        unread = is_unread(f"{key}:builder")
        if st.button(t("filter.apply"), type="primary", key=f"{key}:apply", width="stretch", disabled=unread):
            st.session_state[f"{key}:more"] = found
            st.rerun()
    return held


def _count(found: Filter) -> int:
    return sum(map(_count, found.items)) if isinstance(found, Group) else 1


def search(process: Process, text: str, user: User) -> Filter:
    """Elements whose title, number or any text field holds the text."""
    parts: list[Filter] = [Condition(field="title", op="contains", value=text)]
    if (id := number(text.lstrip("#"))) is not None:
        parts.append(Condition(field="id", op="eq", value=id))
    for field in process.fields:
        kind: Any = user.workspace.types.get(field.kind)
        if kind is not None and kind.control in TEXTS:
            parts.append(Condition(field=field.code, op="contains", value=text))
    return any_of(parts)


def is_narrow(chosen: Filter) -> bool:
    """Whether anything is filtered out at all."""
    return chosen != ALL
