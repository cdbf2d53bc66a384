"""What publishing changes about robots: what each new or changed flow does, as whom it acts, and whether one agrees to it."""

from __future__ import annotations

import streamlit as st

from builder.flows import Flow
from model.access import as_filter, exceeds
from model.errors import SignedOut
from model.filter import ALL
from pages.parts.design import canvas_view
from pages.parts.design.desk import Desk
from pages.parts.text import plain

COLORS = {"new": "green", "changed": "orange", "orphaned": "orange"}


def ask(desk: Desk) -> frozenset[str] | None:
    """Draw them; the codes of the flows that may be published, None as long as something is to be agreed to."""
    found = desk.library.flows(desk.user.actor, desk.code)
    told = [flow for flow in found if flow.state != "same"]
    if not told:
        return frozenset()
    st.markdown(f"**{desk.t('design.flows.title')}**")
    for flow in told:
        _flow(desk, flow)
    if as_filter(desk.process, desk.user.actor) != ALL:
        st.caption(desk.t("design.flows.part"))
    if kept := len(found) - len(told):
        st.caption(desk.t("design.flows.kept", n=kept))
    key = f"design:flows:agree:{desk.memory.revision}"  # another draft is to be agreed to anew
    agreed = not any(flow.to_agree for flow in told) or st.checkbox(desk.t("design.flows.agree"), key=key)
    return frozenset(flow.graph.code for flow in told) if agreed else None


def _flow(desk: Desk, flow: Flow) -> None:
    off = "" if flow.graph.enabled else f" :gray-badge[{desk.t('design.flows.off')}]"
    title = f"{plain(flow.graph.title)} :{COLORS[flow.state]}-badge[{desk.t(f'design.flows.{flow.state}')}]{off}"
    with st.expander(title, expanded=flow.to_agree, key=f"design:flow:{flow.graph.code}"):
        st.caption(plain(" ".join(_as_whom(desk, flow))))
        st.markdown("\n".join(f"- {plain(line)}" for line in _steps(desk, flow)))
        if fewer := _fewer(desk, flow):
            st.warning(plain(fewer), icon=":material/shield_person:")


def _as_whom(desk: Desk, flow: Flow) -> list[str]:
    """Whose rights it gets, whose it had, and who has drawn it."""
    t, person = desk.t, desk.user.reader.person
    said = [t("design.flows.acts_as", who=person(flow.acts_as))]
    if flow.so_far is not None and flow.so_far != flow.acts_as:
        said.append(t("design.flows.left" if flow.state == "orphaned" else "design.flows.so_far", who=_name(desk, flow.so_far)))
    if others := [_name(desk, user) for user in flow.drafted_by if user != flow.acts_as]:
        said.append(t("design.flows.drafted", who=", ".join(others)))
    return said


def _name(desk: Desk, user: int) -> str:
    return desk.user.reader.person(user) or desk.t("design.somebody")


def _steps(desk: Desk, flow: Flow) -> list[str]:
    """What each robot does and to whom it writes, as the canvas says it."""
    view = canvas_view.View(desk.user, desk.process, flow.graph)
    return [f"{node['label']}: {node['summary']}" for node in canvas_view.nodes(view)]


def _fewer(desk: Desk, flow: Flow) -> str:
    """A warning when whom it acted as so far may do more than the publisher."""
    if flow.so_far in (None, 0, flow.acts_as):
        return ""
    try:
        before = desk.user.workspace.actor(flow.so_far)
    except SignedOut:
        return ""
    fewer = exceeds(desk.process, before, desk.user.actor)
    return desk.t("design.flows.fewer", who=_name(desk, flow.so_far)) if fewer else ""
