"""A new element: everything there is to fill in, what is required first."""

from __future__ import annotations

from typing import Any

import streamlit as st

from model.access import Action, require_any
from model.errors import NotFound, VoronkaError
from model.event import Cause
from model.process import Process
from pages.parts import frame, kept
from pages.parts.card_fields import inputs, sections
from pages.parts.forms import Uploads, readable, store_uploads
from pages.parts.text import plain
from pages.parts.user import User


def show(user: User, code: str) -> None:
    """Draw the form of a new element of this process; goes to its card when it is made."""
    t = user.reader.t
    version = user.workspace.processes.published(code)
    if version is None:
        raise NotFound(path=code, what="process")
    process = version.process
    require_any(process, user.actor, Action.ADD)
    home = "board" if process.has_stages else "list"
    frame.page(
        t("board.new", name=process.element_title) if process.element_title else t("board.new_plain"), icon=process.icon,
        crumbs=[(process.title, lambda: frame.go(home, process=code))],
    )  # fmt: skip
    started = st.session_state.get("card:new", {})
    given = started if started.get("process") == code else {}
    values = {"title": given.get("title", ""), "responsible": user.actor.user, **given.get("values", {})}
    with st.container(key="form-wide"), st.form(f"new-{code}", border=False):
        entered = _asked(user, process, values, given.get("stage"))
        with st.container(horizontal=True, vertical_alignment="center", key="form-acts"):
            create = st.form_submit_button(t("card.create"), type="primary")
            cancel = st.form_submit_button(t("card.cancel"))
            st.caption(t("card.required_hint"), width="content")
    frame.focus(f"new-{code}-title")
    if cancel:
        _forget(code)
        frame.go(home, process=code)
    if create and readable(entered):
        _create(user, code, entered)


def _asked(user: User, process: Process, values: dict[str, Any], stage: str | None) -> dict[str, Any]:
    """What is required first, then the sections; what was entered by code."""
    key = f"new:{process.code}"
    problems: dict[str, str] = st.session_state.get(f"{key}:problems", {})
    first = {f.code: values.get(f.code, f.default) for f in process.fields} | values
    required = [f.code for f in process.fields if f.required]
    entered = inputs(user, process, ["title"], first, key, problems)
    left, right = st.columns(2)
    with left:
        entered |= inputs(user, process, ["responsible"], first, key, problems)
    if process.has_stages:
        titles = {s.code: s.title for f in process.funnels for s in f.stages if s.semantics == "P"}
        stages = list(titles)
        entered["stage"] = right.selectbox(
            user.reader.t("card.stage"), stages, index=stages.index(stage) if stage in stages else 0,
            format_func=titles.__getitem__,
        )  # fmt: skip
    entered |= inputs(user, process, required, first, key, problems, side_by_side=2)
    for _, title, fields in sections(user, process):
        if others := [f.code for f in fields if not f.required]:
            st.subheader(plain(title), anchor=False)
            entered |= inputs(user, process, others, first, key, problems, side_by_side=2)
    return entered


def _create(user: User, code: str, entered: dict[str, object]) -> None:
    files = {name: value for name, value in entered.items() if isinstance(value, Uploads)}
    filled = {name: value for name, value in entered.items() if name not in files and value not in (None, "", [])}
    try:
        made = user.workspace.elements.create(user.actor, code, filled, cause=Cause(user=user.actor.id))
        if files:
            user.workspace.elements.update(
                user.actor, made.id, store_uploads(user, made.id, files), cause=Cause(user=user.actor.id)
            )
    except VoronkaError as refused:
        st.session_state[f"new:{code}:problems"] = {p.path: user.reader.say(p) for p in refused.problems}
        if any(p.path not in entered for p in refused.problems):
            st.toast(user.explain(refused), icon=":material/error:")
        st.rerun()
    _forget(code)
    frame.go("card", id=made.id)


def _forget(code: str) -> None:
    for name in [n for n in st.session_state if str(n).startswith(f"new:{code}")]:
        del st.session_state[name]
    st.session_state.pop("card:new", None)
    kept.forget(f"new:{code}:")
