"""The tab of robots: the graphs, the canvas, and the inspector of the chosen robot."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st
from pydantic import ValidationError

from builder import edit
from model.graph import MODES, Graph
from pages.parts import components, frame
from pages.parts.design import canvas_view, drawing, node_form
from pages.parts.design.desk import Desk
from pages.parts.design.problems import told
from pages.parts.labels import labels
from pages.parts.text import plain


def show(desk: Desk) -> None:
    """Draw the tab; the inspector is drawn first, so that the canvas shows what it changes."""
    if not desk.process.graphs:
        frame.empty("smart_toy", desk.t("design.robots.none"), (desk.t("design.graph.add"), lambda: _first(desk)), key="robots")
        return
    graph = desk.process.graph(desk.item) or desk.process.graphs[0]
    drawing.remember(_kept(desk, graph.code), graph)
    _graphs(desk, graph)
    with st.container(key="design-desk"):
        left, right = st.columns([3, 1], gap="small")
    with right, st.container(border=True, key="design-inspector"):
        node = graph.node(desk.node)
        if node is not None:
            node_form.show(desk, graph, node)
        else:
            _about(desk, graph)
    with left:
        _canvas(desk, desk.process.graph(graph.code) or graph)


def _kept(desk: Desk, code: str) -> drawing.Kept:
    return desk.memory.nodes.setdefault(code, {})


# --- the graphs ------------------------------------------------------------------------------------------------------------


def _graphs(desk: Desk, graph: Graph) -> None:
    t = desk.t
    by_code = {g.code: g for g in desk.process.graphs}
    key = desk.key(f"graphs:{graph.code}:{len(by_code)}")
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.pills(
            t("design.graphs"), list(by_code), default=graph.code, required=True, label_visibility="collapsed", key=key,
            format_func=lambda c: _title(desk, by_code[c]), on_change=lambda: desk.choose(st.session_state[key] or graph.code),
        )  # fmt: skip
        st.button(
            t("design.graph.add"), icon=":material/add:", key=desk.key("graph:add"), type="tertiary", on_click=_add, args=(desk,)
        )


def _title(desk: Desk, graph: Graph) -> str:
    """Plain text with a mark for what is switched off or wrong."""
    wrong = any(p.level == "error" for p in desk.problems_at("robots", graph.code))
    mark = ":material/error: " if wrong else "" if graph.enabled else ":material/pause_circle: "
    return mark + plain(graph.title)


def _add(desk: Desk) -> None:
    title = desk.t("design.graph.new", n=len(desk.process.graphs) + 1)
    if desk.apply(lambda p: edit.add_graph(p, title)):
        desk.choose(desk.process.graphs[-1].code)


def _first(desk: Desk) -> None:
    _add(desk)
    st.rerun()


def _about(desk: Desk, graph: Graph) -> None:
    """The graph's own settings: what the inspector shows when no robot is chosen."""
    t, code = desk.t, graph.code
    st.subheader(t("design.graph.about"), anchor=False)
    told(desk, desk.problems_at("robots", code))
    st.text_input(
        t("design.graph.title"), graph.title, max_chars=120,
        **desk.on(f"graph:{code}:title", lambda p, v: edit.set_graph(p, _named(p.graph(code) or graph, v))),
    )  # fmt: skip
    st.toggle(
        t("design.graph.enabled"), graph.enabled, help=t("design.graph.enabled_help"),
        **desk.on(
            f"graph:{code}:enabled", lambda p, v: edit.set_graph(p, (p.graph(code) or graph).model_copy(update={"enabled": v}))
        ),
    )  # fmt: skip
    st.selectbox(
        t("design.graph.mode"), MODES, MODES.index(graph.mode), help=t("design.graph.mode_help"),
        format_func=lambda mode: t(f"graph.mode.{mode}"),
        **desk.on(f"graph:{code}:mode", lambda p, v: edit.set_graph(p, (p.graph(code) or graph).model_copy(update={"mode": v}))),
    )  # fmt: skip
    st.toggle(
        t("design.graph.stop_on_leave"), graph.stop_on_leave, help=t("design.graph.stop_on_leave_help"),
        **desk.on(
            f"graph:{code}:leave",
            lambda p, v: edit.set_graph(p, (p.graph(code) or graph).model_copy(update={"stop_on_leave": v})),
        ),
    )  # fmt: skip
    st.caption(t("design.graph.help") if graph.nodes else t("design.graph.help_empty"))
    st.button(
        t("design.graph.remove"), icon=":material/delete:", key=desk.key(f"graph:{code}:remove"), type="tertiary",
        help=t("design.graph.remove_help"), on_click=_remove, args=(desk, code),
    )  # fmt: skip


def _named(graph: Graph, title: str) -> Graph:
    return Graph.read({**graph.dump(), "title": title.strip() or graph.title})


def _remove(desk: Desk, code: str) -> None:
    if desk.apply(lambda p: edit.remove_graph(p, code)):
        desk.choose()
        st.toast(desk.t("design.graph.removed"), icon=":material/delete:")


# --- the canvas ------------------------------------------------------------------------------------------------------------


def _canvas(desk: Desk, graph: Graph) -> None:
    view = canvas_view.View(desk.user, desk.process, graph, desk.problems)
    rev = f"{desk.memory.turn}.{desk.memory.drawn}"
    components.canvas(
        f"design-canvas-{desk.code}-{graph.code}", rev, canvas_view.nodes(view), drawing.edges(graph),
        canvas_view.palette(desk.user), labels(desk.user.reader, "canvas"), selected=desk.node or None,
        groups=canvas_view.groups(desk.user),
        on_graph_change=lambda drawn: _drawn(desk, graph.code, drawn, rev),
        on_selected_change=lambda node: desk.choose(graph.code, node or ""),
        on_action=lambda act: desk.choose(graph.code, str(act["id"])) if act else None,
    )  # fmt: skip


def _drawn(desk: Desk, code: str, drawn: Mapping[str, Any] | None, rev: str) -> None:
    """What was drawn goes into the draft; what is based on a graph that is no more on the screen does not."""
    graph = desk.process.graph(code)
    if not drawn or graph is None or str(drawn.get("rev", rev)) != rev:
        return
    try:
        after = drawing.from_canvas(graph, drawn, _kept(desk, code))
    except (ValidationError, KeyError, TypeError):
        desk.memory.trouble = desk.t("error.unexpected")
        return
    drawing.remember(_kept(desk, code), after)
    if after != graph:
        desk.apply(lambda p: edit.set_graph(p, after))
