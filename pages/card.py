"""Card: one element. Stage bar on top, fields at the left, tasks, files and the timeline at the right."""

from __future__ import annotations

import streamlit as st

from model.access import Action, decide
from model.element import Element
from model.errors import Denied, NotFound, VoronkaError
from model.event import Cause
from model.process import Process
from pages.parts import card_fields, card_new, card_side, components, frame, kept, moving
from pages.parts.labels import labels
from pages.parts.text import number, plain
from pages.parts.user import require_user

user = require_user()
t = user.reader.t
service = user.workspace.elements


def _move(process: Process, element: Element, stage: str) -> None:
    """Move, or ask for what the stage requires."""
    try:
        moving.move(user, element.id, element.stage, element.version, stage)
    except VoronkaError as refused:
        if missing := [p.path for p in refused.problems if process.field(p.path)]:
            st.session_state["card:fill"] = (element.id, stage, missing)
        else:
            st.toast(plain(moving.refusal(user, process, stage, refused)), icon=":material/error:")


def _bar(process: Process, element: Element) -> None:
    funnel = process.funnel_of(element.stage)
    if funnel is None:
        return
    may = bool(decide(process, user.actor, Action.CHANGE, element.stage, element.responsible))
    stages: list[components.BarStage] = []
    for stage in funnel.stages:
        decision = decide(process, user.actor, Action.CHANGE, stage.code, element.responsible)
        shown: components.BarStage = {
            "id": stage.code, "title": stage.title, "color": stage.color, "semantics": stage.semantics,
            "can": may and bool(decision), "hint": "" if decision else t(f"access.reason.{decision.reason}"),
        }  # fmt: skip
        stages.append(shown)
    components.stagebar(
        f"stages-{element.id}", stages, element.stage, labels(user.reader, "stagebar"), disabled=not may,
        on_move=lambda stage: _move(process, element, stage) if stage else None,
    )  # fmt: skip


def _delete(element: Element) -> None:
    with frame.guard(user.reader):
        service.delete(user.actor, element.id, cause=Cause(user=user.actor.id))
        st.session_state["deleted"] = element.id


def _menu(process: Process, element: Element) -> None:
    """Robots started by hand, and what is done seldom."""
    graphs = [g for g in process.graphs if g.enabled and any(n.kind == "by_hand" for n in g.nodes)]
    with st.popover(t("card.more"), icon=":material/more_horiz:"):
        for graph in graphs:
            if st.button(plain(graph.title), icon=":material/smart_toy:", key=f"start:{graph.code}", width="stretch"):
                with frame.guard(user.reader):
                    user.workspace.engine.start(user.actor, element.id, graph.code)
                    st.toast(t("card.started"), icon=":material/smart_toy:")
        if decide(process, user.actor, Action.CHANGE, element.stage, element.responsible):
            st.button(
                t("card.rename"), icon=":material/edit:", key="card:rename", width="stretch",
                on_click=card_fields.edit, args=(element, card_fields.ABOUT),
            )  # fmt: skip
        if decide(process, user.actor, Action.DELETE, element.stage, element.responsible):
            st.button(
                t("card.delete"), icon=":material/delete:", key="card:delete", width="stretch", on_click=_delete, args=(element,)
            )
        st.caption(t("card.number", id=element.id))


def _deleted(element: int) -> None:
    st.info(t("card.deleted"), icon=":material/delete:")
    if st.button(t("card.undo"), type="primary"):
        with frame.guard(user.reader):
            service.restore(user.actor, element, cause=Cause(user=user.actor.id))
            del st.session_state["deleted"]
            frame.go("card", id=element)


def show(number: int) -> None:
    """Draw the card of an element."""
    if st.session_state.get("deleted") == number:
        _deleted(number)
        return
    element = service.get(user.actor, number)
    version = user.workspace.processes.published(element.process)
    if version is None:
        raise NotFound(path=str(number), what="element")
    process = version.process
    frame.page(
        element.title,
        icon=process.icon,
        crumbs=[(process.title, lambda: frame.go("board" if process.has_stages else "list", process=process.code))],
        tools=lambda: _menu(process, element),
    )
    _bar(process, element)
    if (wanted := st.session_state.get("card:fill")) and wanted[0] == number:
        card_fields.fill(user, process, element, wanted[1], wanted[2])
    left, right = st.columns([2, 3], gap="medium")
    with left:
        card_fields.show(user, process, element)
    with right:
        card_side.show(user, process, element)


def _page() -> None:
    if code := st.query_params.get("new"):
        card_new.show(user, code)
    elif (asked := number(st.query_params.get("id", ""))) is not None:
        show(asked)
    else:
        raise NotFound(path="id", what="element")


with frame.guard(user.reader):
    try:
        _page()
    except (Denied, NotFound) as gone:
        if kept.rescue(user.explain(gone)):
            st.rerun()
        raise
