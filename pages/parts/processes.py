"""Choosing a process and a funnel, and going between the ways to look at it."""

from __future__ import annotations

import streamlit as st

from model.access import Action, may
from model.process import Funnel, Process
from pages.parts import frame
from pages.parts.user import User

VIEWS = {"board": ":material/view_kanban:", "list": ":material/table_rows:", "funnel": ":material/filter_alt:"}


def readable(user: User, *, with_stages: bool = False) -> list[Process]:
    """Published processes that this person may read: those with a board first, then plain lists, each by title."""
    library = user.workspace.processes
    versions = [library.published(code) for code in library.codes()]
    found = [v.process for v in versions if v is not None and may(v.process, user.actor, Action.READ)]
    return sorted((p for p in found if p.has_stages or not with_stages), key=lambda p: (not p.has_stages, p.title.casefold()))


def none(user: User, icon: str) -> None:
    """Draw what stands where there is no process to look at: administrators may make one, others may ask for access."""
    t = user.reader.t
    if user.actor.admin:
        frame.empty(icon, t("process.none"), (t("process.create"), lambda: frame.go("processes")))
    else:
        frame.empty(icon, t("process.none_open"))


def chosen(user: User, *, with_stages: bool = False) -> Process | None:
    """The process named by `?process=`, else the last one looked at, else the first; draws an empty state if there is none."""
    found = {p.code: p for p in readable(user, with_stages=with_stages)}
    asked = st.query_params.get("process")
    if asked and asked not in found:
        frame.empty("search_off", user.reader.t("process.not_found"), None)
        return None
    if not found:
        frame.page(user.reader.t("nav.boards"))
        none(user, "view_kanban")
        return None
    code = asked or st.session_state.get("process")
    code = code if code in found else next(iter(found))
    st.session_state["process"] = code
    return found[code]


def changed(user: User, process: Process) -> bool:
    """Whether the version in force is another one than was drawn, or there is none any more."""
    version = user.workspace.processes.published(process.code)
    return version is None or version.process != process


def funnel(user: User, process: Process) -> Funnel:
    """The funnel to look at; asks only when there are several."""
    if len(process.funnels) == 1:
        return process.funnels[0]
    titles = {f.code: f.title for f in process.funnels}
    code = st.selectbox(
        user.reader.t("funnel.one"), list(titles), format_func=titles.__getitem__, key=f"funnel:{process.code}",
        label_visibility="collapsed", width=240,
    )  # fmt: skip
    return process.funnel(code) or process.funnels[0]


def adding(user: User, process: Process) -> frame.Action | None:
    """The button that makes a new element, for those who may."""
    if not may(process, user.actor, Action.ADD):
        return None
    t = user.reader.t
    name = t("board.new", name=process.element_title) if process.element_title else t("board.new_plain")
    return name, lambda: frame.go("card", new=process.code)


def views(user: User, process: Process, current: str) -> None:
    """Board, list, funnel: one press away from each other."""
    if not process.has_stages:
        return
    picked = st.segmented_control(
        user.reader.t("view.choose"), list(VIEWS), default=current, key=f"views:{current}:{process.code}", required=True,
        label_visibility="collapsed", width="content", format_func=lambda v: f"{VIEWS[v]} {user.reader.t(f'view.{v}')}",
    )  # fmt: skip
    if picked and picked != current:
        frame.go(picked, process=process.code)
