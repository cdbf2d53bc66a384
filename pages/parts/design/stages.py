"""The tab of stages: funnels with their stages in order at the left, the chosen stage at the right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from builder import edit
from builder.stages import LOST_COLOR, PALETTE, WON_COLOR, next_color
from model.process import Funnel, Process, Stage
from pages.parts import components, frame
from pages.parts.design import stage_form
from pages.parts.design.desk import Desk
from pages.parts.design.icons import icon_button
from pages.parts.design.problems import told
from pages.parts.labels import labels


def show(desk: Desk) -> None:
    """Draw the tab."""
    if not desk.process.funnels:
        frame.empty(
            "view_kanban", desk.t("design.stages.none"), (desk.t("design.stages.make"), lambda: _make(desk)), key="stages"
        )
        return
    with st.container(key=f"design-desk{'-chosen' if desk.item else ''}"):
        left, right = st.columns([3, 2], gap="medium")
    with right, st.container(border=True, key="design-inspector"):
        stage = desk.process.stage(desk.item)
        if stage is not None:
            stage_form.show(desk, stage)
        else:
            _about(desk)
    with left:
        with st.container(horizontal=True, gap="small"):
            st.button(
                desk.t("design.funnel.add"), icon=":material/add:", key=desk.key("funnel:add"), on_click=_add_funnel, args=(desk,)
            )
        _sorter(desk)


def usual(desk: Desk) -> tuple[Stage, ...]:
    """The stages that a new funnel begins with."""
    t = desk.t
    return (
        Stage(code="new", title=t("preset.stage.new"), color=PALETTE[0]),
        Stage(code="progress", title=t("preset.stage.progress"), color=PALETTE[1]),
        Stage(code="success", title=t("preset.stage.success"), semantics="S", color=WON_COLOR),
        Stage(code="fail", title=t("preset.stage.fail"), semantics="F", color=LOST_COLOR),
    )


def _make(desk: Desk) -> None:
    _add_funnel(desk)
    st.rerun()


def _add_funnel(desk: Desk) -> None:
    title = (
        desk.t("preset.funnel.main") if not desk.process.funnels else desk.t("design.funnel.new", n=len(desk.process.funnels) + 1)
    )
    if desk.apply(lambda p: edit.add_funnel(p, title, usual(desk))):
        desk.choose()


def _sorter(desk: Desk) -> None:
    groups: list[components.SortGroup] = [
        {"id": f.code, "title": f.title, "can_add": True, "items": [_item(desk, s) for s in f.stages]}
        for f in desk.process.funnels
    ]
    components.sorter(
        f"design-stages-{desk.code}", groups, labels(desk.user.reader, "sorter"), selected=desk.item or None,
        on_order_change=lambda order: _arrange(desk, order),
        on_select_change=lambda code: desk.choose(code) if code else None,
        on_remove=lambda code: stage_form.remove(desk, code) if code else None,
        on_add=lambda funnel: _add(desk, funnel) if funnel else None,
    )  # fmt: skip


def _item(desk: Desk, stage: Stage) -> components.SortItem:
    t = desk.t
    notes = [t(f"design.semantics.{stage.semantics}")]
    if stage.probability is not None:
        notes.append(desk.user.reader.percent(stage.probability / 100))
    if stage.norm_hours:
        notes.append(t("design.stage.norm_short", time=desk.user.reader.duration(stage.norm_hours * 60)))
    item: components.SortItem = {
        "id": stage.code, "label": stage.title, "hint": " · ".join(notes), "color": stage.color, "kind": stage.semantics,
    }  # fmt: skip
    wrong = sum(p.level == "error" for p in desk.problems_at("stages", stage.code))
    if wrong:
        item["badge"] = t("design.problems_n", n=wrong)
    return item


def _arrange(desk: Desk, order: Sequence[dict[str, Any]] | None) -> None:
    def ordered(process: Process) -> Process:
        for group in order or ():
            process = edit.order_stages(process, group["group"], group["ids"])
        return process

    if order:
        desk.apply(ordered)


def _add(desk: Desk, funnel: str) -> None:
    """A new stage, behind the last one in progress."""
    title = desk.t("design.stage.new")
    code = edit.code_for(title, {s.code for s in desk.process.stages()}, "stage")
    fresh = Stage(code=code, title=title, color=next_color(desk.process))
    if desk.apply(lambda p: edit.add_stage(p, funnel, fresh)):
        desk.choose(code)


def _about(desk: Desk) -> None:
    """What stages mean, and the funnels' own names."""
    t = desk.t
    st.subheader(t("design.funnels"), anchor=False)
    st.caption(t("design.stages.help"))
    for funnel in desk.process.funnels:
        _funnel(desk, funnel)
    for semantics in stage_form.SEMANTICS:
        st.markdown(f"**{t(f'design.semantics.{semantics}')}** — {t(f'design.semantics.{semantics}.help')}")


def _funnel(desk: Desk, funnel: Funnel) -> None:
    t, code = desk.t, funnel.code
    told(desk, desk.problems_at("stages", code))
    with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall"):
        st.text_input(
            t("design.funnel.title"), funnel.title, max_chars=120,
            **desk.on(f"funnel:{code}:title", lambda p, v: edit.change_funnel(p, code, v)),
        )  # fmt: skip
        gone = desk.doing(lambda p: edit.remove_funnel(p, code))
        icon_button("delete", t("design.funnel.remove"), desk.key(f"funnel:{code}:remove"), gone)
