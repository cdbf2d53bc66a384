"""Board: the elements of a funnel on their stages, moved by hand."""

from __future__ import annotations

from typing import Any

import streamlit as st

from model.access import Action, may
from model.errors import VoronkaError
from model.filter import Filter
from model.process import Funnel, Process
from pages.parts import board_view, card_fields, components, filters, frame, kept, moving, processes
from pages.parts.labels import labels
from pages.parts.user import require_user

user = require_user()
t = user.reader.t


def _state(code: str) -> dict[str, Any]:
    """What this browser's board remembers between runs."""
    state: dict[str, Any] = st.session_state.setdefault(f"board:{code}", {"limits": {}, "refused": []})
    return state


def _move(process: Process, move: dict[str, Any]) -> None:
    state = _state(process.code)
    try:
        moving.move(user, move["element"], move["from"], move["version"], move["to"])
    except VoronkaError as refused:
        missing = [p.path for p in refused.problems if p.code.startswith("required")]
        if missing:
            state["fill"] = (move["element"], move["to"], missing)
        reason = moving.refusal(user, process, move["to"], refused)
        told = {"element": move["element"], "reason": reason, "nonce": move["nonce"]}
        state["refused"] = [*state["refused"], told][-components.REFUSALS :]


def _add(process: Process, asked: dict[str, Any]) -> None:
    """A title is enough for most; what else is required is asked for on the form of a new element."""
    code = process.code
    try:
        user.workspace.elements.create(user.actor, code, {"title": asked["title"], "stage": asked["stage"]})
    except VoronkaError as refused:
        told = {p.path: user.reader.say(p) for p in refused.problems}
        if any(process.field(path) for path in told):
            st.session_state["card:new"] = {"process": code, "title": asked["title"], "stage": asked["stage"]}
            st.session_state[f"new:{code}:problems"] = told
            _state(code)["form"] = True
        else:
            kept.put(moving.refusal(user, process, asked["stage"], refused), t("system.title"), asked["title"])
            _state(code)["anew"] = True


def _more(code: str, stage: str) -> None:
    limits = _state(code)["limits"]
    limits[stage] = limits.get(stage, board_view.PAGE) + 2 * board_view.PAGE


def _open(element: int) -> None:
    st.session_state["board:open"] = element


@st.fragment
def _board(process: Process, funnel: Funnel, chosen: Filter) -> None:
    code = process.code
    state = _state(code)
    if (element := st.session_state.pop("board:open", None)) is not None:
        frame.go("card", id=element)
    if state.pop("form", False):
        frame.go("card", new=code)
    if state.pop("anew", False) or processes.changed(user, process):
        st.rerun()
    with frame.guard(user.reader):
        view = board_view.View(
            user.workspace, user.actor, user.reader, process, funnel, chosen, user.workspace.clock.now(), state["limits"],
            user.workspace.settings.get().calendar,
        )  # fmt: skip
        columns = board_view.columns(view)
        if not any(column["count"] for column in columns):
            _hint(process, chosen)
        components.board(
            f"board-{code}-{funnel.code}", columns, board_view.cards(view), labels(user.reader, "board"), live=True,
            refused=state["refused"], locale=user.reader.locale,
            on_move=lambda move: _move(process, move) if move else None,
            on_open=lambda number: _open(number) if number else None,
            on_add=lambda asked: _add(process, asked) if asked else None,
            on_more=lambda stage: _more(code, stage) if stage else None,
            on_poke=lambda _: None,
        )  # fmt: skip
    if fill := state.pop("fill", None):
        with frame.guard(user.reader):
            card_fields.fill(user, process, user.workspace.elements.get(user.actor, fill[0]), fill[1], fill[2])


def _hint(process: Process, chosen: Filter) -> None:
    """An empty board says what to do next."""
    if filters.is_narrow(chosen):
        st.caption(t("board.nothing_matches"))
    elif may(process, user.actor, Action.ADD):
        st.caption(t("board.empty_process"))


def _page(process: Process) -> None:
    frame.page(
        process.title, icon=process.icon, action=processes.adding(user, process),
        tools=lambda: processes.views(user, process, "board"),
    )  # fmt: skip
    with frame.bar():
        funnel = processes.funnel(user, process)
        chosen = filters.parts(user, process, f"filter:{process.code}")
    _board(process, funnel, chosen)


if (wanted := processes.chosen(user, with_stages=True)) is not None:
    _page(wanted)
