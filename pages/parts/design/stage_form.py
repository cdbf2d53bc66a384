"""The inspector of a stage."""

from __future__ import annotations

from typing import Any

import streamlit as st

from builder import edit
from builder.stages import LOST_COLOR, PALETTE, WON_COLOR
from model.process import Process, Semantics, Stage
from pages.parts import frame
from pages.parts.design.desk import Desk, Op
from pages.parts.design.figures import figure
from pages.parts.design.icons import icon_button
from pages.parts.design.problems import told
from pages.parts.text import plain

SWATCHES = (*PALETTE, WON_COLOR, LOST_COLOR)
STYLE = "".join(f'[class*="st-key-design-swatch-{n}-"] button{{background:{c}!important}}' for n, c in enumerate(SWATCHES))
"""The swatches' colours: constants of ours, no text of anybody."""
SEMANTICS: tuple[Semantics, ...] = ("P", "S", "F")
UNITS = {"hours": 1, "days": 24}


def show(desk: Desk, stage: Stage) -> None:
    """Draw the form; everything goes into the draft at once."""
    t, code = desk.t, stage.code
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(plain(stage.title), anchor=False, width="stretch")
        icon_button("delete", t("design.stage.remove_help"), desk.key(f"{code}:remove"), lambda: remove(desk, code))
    told(desk, desk.problems_at("stages", code))
    _in_use(desk, stage)
    st.text_input(t("design.stage.title"), stage.title, max_chars=120, **_on(desk, code, "title"))
    _color(desk, stage)
    st.segmented_control(
        t("design.stage.semantics"), SEMANTICS, default=stage.semantics, required=True, width="stretch",
        format_func=lambda s: t(f"design.semantics.{s}"), help=t("design.semantics.S.help"),
        key=desk.key(f"{code}:semantics:{stage.semantics}"),
        on_change=lambda: _semantics(desk, stage),
    )  # fmt: skip
    figure(
        desk, f"{code}:probability", t("design.stage.probability"), stage.probability,
        lambda p, v: edit.change_stage(p, code, probability=v), hint=t("design.stage.probability_none"),
        help=t("design.stage.probability_help"), min=0, max=100,
    )  # fmt: skip
    _norm(desk, stage)
    _required(desk, stage)
    st.caption(t("design.field.code", code=plain(code)))


def remove(desk: Desk, code: str) -> None:
    """Remove a stage; when elements stand there the inspector says what to do."""
    stage = desk.process.stage(code)
    if stage is None:
        return
    if desk.apply(lambda p: edit.remove_stage(p, code)):
        st.toast(desk.t("design.stage.removed"), icon=":material/delete:")
        if desk.item == code:
            desk.choose()
    else:
        words = desk.memory.trouble
        desk.choose(code)
        desk.memory.trouble = words


def _on(desk: Desk, code: str, name: str) -> dict[str, Any]:
    return desk.on(f"{code}:{name}", lambda p, v: edit.change_stage(p, code, **{name: v}))


def _in_use(desk: Desk, stage: Stage) -> None:
    """A refused removal leads to the elements that stand in its way."""
    if (
        desk.memory.trouble
        and desk.library.published(desk.code)
        and st.button(desk.t("design.stage.open_board"), icon=":material/view_kanban:", key=desk.key(f"{stage.code}:board"))
    ):
        frame.go("board", process=desk.code)


def _semantics(desk: Desk, stage: Stage) -> None:
    chosen = st.session_state[desk.key(f"{stage.code}:semantics:{stage.semantics}")]
    if not desk.apply(lambda p: edit.change_stage(p, stage.code, semantics=chosen)):
        return
    home = desk.process.funnel_of(stage.code)
    if chosen == "S" and home is not None:
        st.toast(desk.t("design.stage.now_success", title=plain(stage.title)), icon=":material/emoji_events:")


def _color(desk: Desk, stage: Stage) -> None:
    t, code = desk.t, stage.code
    st.html(f"<style>{STYLE}</style>")
    st.caption(t("design.stage.color"))
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center", key="design-swatches"):
        for n, color in enumerate(SWATCHES):
            mark = "on" if color.upper() == stage.color.upper() else "off"
            with st.container(key=f"design-swatch-{n}-{mark}", width="content"):
                st.button(
                    " ", key=desk.key(f"{code}:swatch:{n}"), help=t("design.stage.color_n", n=n + 1),
                    on_click=desk.doing(_painted(code, color)),
                )  # fmt: skip
        st.color_picker(
            t("design.stage.color_own"), stage.color, label_visibility="collapsed", key=desk.key(f"{code}:color:{stage.color}"),
            on_change=lambda: _own_color(desk, stage),
        )  # fmt: skip


def _painted(code: str, color: str) -> Op:
    return lambda process: edit.change_stage(process, code, color=color)


def _own_color(desk: Desk, stage: Stage) -> None:
    color = st.session_state[desk.key(f"{stage.code}:color:{stage.color}")]
    desk.apply(lambda p: edit.change_stage(p, stage.code, color=color))


def _norm(desk: Desk, stage: Stage) -> None:
    """The time norm: a number and its unit, kept in hours."""
    t, code = desk.t, stage.code
    hours = stage.norm_hours
    whole_days = hours is None or hours % 24 == 0
    unit = desk.key(f"{code}:norm:unit")

    def changed(process: Process, value: float | None) -> Process:
        factor = UNITS[st.session_state[unit] or "days"]
        return edit.change_stage(process, code, norm_hours=value * factor if value else None)

    left, right = st.columns([1, 1], vertical_alignment="bottom")
    shown = None if hours is None else hours / 24 if whole_days else hours
    with left:
        told_norm = figure(
            desk, f"{code}:norm", t("design.stage.norm"), shown, changed,
            kind="double", hint=t("design.stage.norm_none"), help=t("design.stage.norm_help"), min=0, max=3660, digits=6,
        )  # fmt: skip
    right.segmented_control(
        t("design.stage.norm_unit"), list(UNITS), default="days" if whole_days else "hours", required=True, key=unit,
        label_visibility="collapsed", format_func=lambda u: t(f"design.unit.{u}"), on_change=told_norm,
    )  # fmt: skip


def _required(desk: Desk, stage: Stage) -> None:
    """The fields without which an element cannot come here: the same as on the fields' own form, seen from the stage."""
    named = {f.code: f.title for f in desk.process.fields if not f.required}
    if not named:
        return
    now = [f.code for f in desk.process.fields if stage.code in f.required_at and f.code in named]

    def changed(process: Process, codes: list[str]) -> Process:
        for field in process.fields:
            at = [s for s in field.required_at if s != stage.code]
            wanted = tuple([*at, stage.code] if field.code in codes else at)
            if set(wanted) != set(field.required_at):
                process = edit.change_field(process, field.code, required_at=wanted)
        return process

    st.multiselect(
        desk.t("design.stage.required"), list(named), default=now, format_func=lambda c: named.get(c, c),
        placeholder=desk.t("design.stage.required_none"), help=desk.t("design.stage.required_help"),
        **desk.on(f"{stage.code}:required", changed),
    )  # fmt: skip
