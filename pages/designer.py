"""Designer: the draft of a process. Fields, stages, access, robots, versions; everything is saved as it is entered."""

from __future__ import annotations

import streamlit as st

from model.access import Action
from model.errors import Denied, NotFound
from pages.parts import frame
from pages.parts.design import access, bar, fields, robots, stages, versions
from pages.parts.design.desk import Desk
from pages.parts.design.places import Place
from pages.parts.user import require_user

user = require_user()
STYLE = frame.PAGES / "parts" / "design" / "design.css"
DRAW = {"fields": fields.show, "stages": stages.show, "access": access.show, "robots": robots.show, "versions": versions.show}
ICONS = {"fields": "view_agenda", "stages": "view_kanban", "access": "lock", "robots": "smart_toy", "versions": "history"}


def _allowed(code: str) -> Desk:
    """The desk, for those who may change the process or its robots."""
    library = user.workspace.processes
    if not code:
        raise NotFound("no_such_process", process="")
    if not library.may(user.actor, code, Action.ROBOTS):
        version = library.published(code)
        title = version.process.title if version else code
        raise Denied(path=code, action=Action.SETTINGS.value, process=title, reason="no_grant")
    return Desk(user, code)


def _tabs(desk: Desk) -> None:
    key = f"design:tab:{desk.tab}"
    st.segmented_control(
        desk.t("design.tabs"), desk.tabs, default=desk.tab, required=True, key=key, label_visibility="collapsed",
        format_func=lambda name: f":material/{ICONS[name]}: {desk.t(f'design.tab.{name}')}",
        on_change=lambda: desk.show(Place(st.session_state[key] or desk.tab)),
    )  # fmt: skip


@st.fragment
def _designer(code: str) -> None:
    """The whole page is one fragment: an input reruns it alone. The header is filled last, with what the tab has changed."""
    with frame.guard(user.reader):
        desk = _allowed(code)
        st.html(STYLE)
        head = st.container(key="design-head")
        _tabs(desk)
        DRAW[desk.tab](desk)
        if desk.moved_on:
            desk.catch_up()
            st.rerun()
        with head:
            bar.head(desk)
        bar.publishing(desk)


_designer(st.query_params.get("process", ""))
