"""Choosing a process and a funnel, and going between the ways to look at it."""

from __future__ import annotations

import streamlit as st

from model.access import Action, may
from model.process import Funnel, Process
from pages.parts import frame
from pages.parts.user import User

VIEWS = {"board": ":material/view_kanban:", "list": ":material/table_rows:", "funnel": ":material/filter_alt:"}


def readable(user: User, *, with_stages: bool = False) -> list[Process]:
    """Published processes that this person may read, in the order of the gallery."""
    found = []
    for row in user.workspace.processes.all():
        version = user.workspace.processes.published(row.code)
        if version and may(version.process, user.actor, Action.READ) and (version.process.has_stages or not with_stages):
            found.append(version.process)
    return found


def chosen(user: User, *, with_stages: bool = False) -> Process | None:
    """The process named by `?process=`, else the last one looked at, else the first; draws an empty state if there is none."""
    found = {p.code: p for p in readable(user, with_stages=with_stages)}
    asked = st.query_params.get("process")
    if asked and asked not in found:
        frame.empty("search_off", user.reader.t("process.not_found"), None)
        return None
    if not found:
        frame.page(user.reader.t("nav.boards"))
        action = (user.reader.t("process.create"), lambda: frame.go("processes")) if user.actor.admin else None
        frame.empty("view_kanban", user.reader.t("process.none"), action)
        return None
    code = asked or st.session_state.get("process")
    code = code if code in found else next(iter(found))
    st.session_state["process"] = code
    return found[code]


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
    names = [v for v in VIEWS if process.has_stages or v == "list"]
    picked = st.segmented_control(
        user.reader.t("view.choose"), names, default=current, key=f"views:{current}:{process.code}", label_visibility="collapsed",
        format_func=lambda v: f"{VIEWS[v]} {user.reader.t(f'view.{v}')}",
    )  # fmt: skip
    if picked and picked != current:
        frame.go(picked, process=process.code)
