"""The inspector of a robot or a trigger: its name, its settings, and what happens when it fails."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import streamlit as st

from builder import edit
from icons import symbol
from model.graph import Graph, Node, Plan
from model.process import Process
from pages.parts.design import canvas_view, drawing
from pages.parts.design.desk import Desk
from pages.parts.design.figures import figure
from pages.parts.design.icons import icon_button
from pages.parts.design.places import kind_title
from pages.parts.design.problems import told
from pages.parts.forms import params_form
from pages.parts.text import plain


def show(desk: Desk, graph: Graph, node: Node) -> None:
    """Draw the form; everything that is entered goes into the draft at once."""
    t, ws = desk.t, desk.user.workspace
    shelf = "trigger" if node.kind in ws.triggers else "robot"
    kind = ws.triggers.get(node.kind) or ws.robots.get(node.kind)
    with st.container(horizontal=True, vertical_alignment="center"):
        icon = kind.icon if kind else "help"
        st.subheader(f"{symbol(icon)} {plain(kind_title(node.kind, desk.user.reader))}", anchor=False, width="stretch")
        icon_button("close", t("common.close"), desk.key("node:close"), lambda: desk.choose(graph.code))
    place = st.container(gap="xsmall")
    if kind is not None:
        st.caption(t(f"{shelf}.{node.kind}.help"))
        name = f"{graph.code}:{node.id}:params"
        entered = params_form(
            desk.user, kind, node.params, desk.process, desk.key(name), lambda kinds: _before(graph, node, kinds)
        )
        desk.watch(name, entered, lambda p, v: _changed(desk, p, graph.code, node.id, params=dict(v)))
    fails = shelf == "robot" and bool(canvas_view.outlets(desk.user, node))  # what ends a run has nothing behind it
    words = t("design.node.more" if fails else "design.node.title")
    with st.expander(words, key=desk.key(f"{graph.code}:{node.id}:more"), icon=":material/tune:"):
        _more(desk, graph.code, node, fails)
    with place:
        told(desk, desk.problems_at("robots", graph.code, node.id))
    st.button(
        t("design.node.remove"), icon=":material/delete:", key=desk.key(f"{graph.code}:{node.id}:remove"), type="tertiary",
        on_click=_remove, args=(desk, graph.code, node.id),
    )  # fmt: skip


def _before(graph: Graph, node: Node, kinds: Collection[str]) -> dict[str, str]:
    """The robots of these kinds that lead to this one, in the order in which they work; title by id."""
    above = Plan(graph).above(node.id)
    there = [each for each in graph.nodes if each.id in above and each.kind in kinds]
    return {each.id: each.title or str(each.params.get("title") or each.id) for each in there}


def _on(desk: Desk, graph: str, node: Node, name: str) -> dict[str, Any]:
    return desk.on(f"{graph}:{node.id}:{name}", lambda p, v: _changed(desk, p, graph, node.id, **{name: v}))


def _figure(desk: Desk, graph: str, node: Node, name: str, **limits: Any) -> None:
    figure(
        desk, f"{graph}:{node.id}:{name}", desk.t(f"design.node.{name}"), getattr(node, name),
        lambda p, v: _changed(desk, p, graph, node.id, **{name: v or 0}), help=desk.t(f"design.node.{name}_help"), **limits,
    )  # fmt: skip


def _more(desk: Desk, graph: str, node: Node, fails: bool) -> None:
    t = desk.t
    st.text_input(
        t("design.node.title"), node.title, max_chars=120, placeholder=kind_title(node.kind, desk.user.reader),
        help=t("design.node.title_help"), **_on(desk, graph, node, "title"),
    )  # fmt: skip
    if not fails:
        return
    _figure(desk, graph, node, "retries", min=0, max=20)
    if node.retries:
        _figure(desk, graph, node, "retry_minutes", kind="double", min=0, max=1440)
    st.toggle(
        t("design.node.continue"), node.continue_on_error, help=t("design.node.continue_help"),
        **_on(desk, graph, node, "continue_on_error"),
    )  # fmt: skip


def _changed(desk: Desk, process: Process, graph: str, name: str, **changes: Any) -> Process:
    """The process with a changed node; wires follow when its ways out have become others."""
    found = process.graph(graph)
    node = found.node(name) if found else None
    if found is None or node is None:
        return process
    after = drawing.change_node(found, name, **changes)
    changed = after.node(name) or node
    wired = drawing.rewire(after, name, canvas_view.outlets(desk.user, node), canvas_view.outlets(desk.user, changed))
    if wired.edges != after.edges:
        desk.memory.drawn += 1
    return edit.set_graph(process, wired)


def _remove(desk: Desk, graph: str, name: str) -> None:
    def without(process: Process) -> Process:
        found = process.graph(graph)
        if found is None:
            return process
        left = {
            "nodes": tuple(n for n in found.nodes if n.id != name),
            "edges": tuple(w for w in found.edges if name not in (w.source, w.target)),
        }
        return edit.set_graph(process, found.model_copy(update=left))

    if desk.apply(without):
        desk.memory.drawn += 1
        desk.choose(graph)
