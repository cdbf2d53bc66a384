"""The sidebar: workspace, the places this person may go to, and their own menu."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from icons import symbol
from locales import languages
from model.process import Process
from pages.parts import frame, places, processes
from pages.parts.text import plain
from pages.parts.user import User


def draw(user: User, current: str) -> None:
    """Draw the sidebar for this person; `current` is the name of the page that is open."""
    t = user.reader.t
    found = processes.readable(user)
    with st.sidebar, st.container(key="nav"):
        with st.container(key="nav-name"):
            st.subheader(plain(user.workspace.settings.get().name), anchor=False)
        _link("search", t("nav.search"))
        st.caption(t("nav.section.work"))
        _link("home", t("nav.home"))
        _link("tasks", _counted(user, "tasks", len(user.workspace.tasks.mine(user.actor))))
        _link("inbox", _counted(user, "inbox", user.workspace.inbox.unread(user.actor)))
        if found:
            st.caption(t("nav.section.boards"))
            with st.container(key="nav-boards"):
                for process in found:
                    _board(process, current)
        if _designs(user):
            st.caption(t("nav.section.design"))
            _link("processes", t("nav.processes"))
        if any(p.has_stages for p in found):
            st.caption(t("nav.section.insight"))
            _link("funnel", t("nav.funnel"))
            _link("robots", t("nav.robots"))
        if user.actor.admin:
            st.caption(t("nav.section.settings"))
            _link("people", t("nav.people"))
            _link("settings", t("nav.settings"))
    with st.sidebar, st.container(key="nav-me"):
        _menu(user)


def _designs(user: User) -> bool:
    """Whether the gallery of processes is for this person."""
    return user.actor.admin or user.workspace.processes.may_any(user.actor)


def _link(name: str, label: str, query: Mapping[str, str] | None = None, icon: str = "") -> None:
    place = places.BY_NAME[name]
    if place.there:
        st.page_link(place.file, label=label, icon=symbol(icon or place.icon), query_params=dict(query or {}), width="stretch")


def _board(process: Process, current: str) -> None:
    """One process; it is the open one when the page shows it (the page alone does not tell which process it is)."""
    name = "board" if process.has_stages else "list"
    is_open = current in ("board", "list") and st.query_params.get("process") == process.code
    label = plain(process.title)
    _link(name, f"**{label}**" if is_open else label, {"process": process.code}, process.icon)


def _counted(user: User, name: str, count: int) -> str:
    """A place's name with how much waits there."""
    label: str = user.reader.t(f"nav.{name}")
    return f"{label} :gray-badge[{user.reader.number(min(count, 999))}]" if count else label


def _menu(user: User) -> None:
    t = user.reader.t
    with st.popover(plain(user.actor.name), icon=":material/account_circle:", width="stretch"):
        if st.button(t("nav.profile"), icon=":material/manage_accounts:", width="stretch", key="menu:profile"):
            frame.go("profile")
        st.segmented_control(
            t("nav.language"), list(languages()), format_func=languages().__getitem__, default=user.reader.locale,
            key=f"menu:language:{user.reader.locale}", on_change=_switch, args=(user,), width="stretch",
        )  # fmt: skip
        st.html(f'<form class="vf quiet" method="post" action="/session/sign-out"><button>{t("signin.out")}</button></form>')


def _switch(user: User) -> None:
    chosen: Any = st.session_state.get(f"menu:language:{user.reader.locale}")
    if chosen:
        with frame.guard(user.reader):
            user.workspace.people.change_user(user.actor, user.actor.user, language=chosen)
