"""A new element: everything there is to fill in, what is required first."""

from __future__ import annotations

import streamlit as st

from model.access import Action, require_any
from model.errors import NotFound, VoronkaError
from model.event import Cause
from pages.parts import frame
from pages.parts.card_fields import inputs, sections
from pages.parts.forms import Uploads, store_uploads
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
    problems: dict[str, str] = st.session_state.get(f"new:{code}:problems", {})
    left, _ = st.columns([3, 2])
    with left, st.form(f"new-{code}", border=False):
        entered = inputs(user, process, ["title", "responsible"], values, f"new:{code}", problems)
        if process.has_stages:
            titles = {s.code: s.title for f in process.funnels for s in f.stages if s.semantics == "P"}
            stages = list(titles)
            wanted = given.get("stage")
            entered["stage"] = st.selectbox(
                t("card.stage"), stages, index=stages.index(wanted) if wanted in stages else 0, format_func=titles.__getitem__
            )
        for _, title, fields in sections(user, process):
            if fields:
                st.markdown(f"**{plain(title)}**")
                first = {f.code: values.get(f.code, f.default) for f in fields}
                entered |= inputs(user, process, [f.code for f in fields], first, f"new:{code}", problems)
        if st.form_submit_button(t("card.create"), type="primary"):
            _create(user, code, entered)


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
    for name in [n for n in st.session_state if str(n).startswith(f"new:{code}")]:
        del st.session_state[name]
    st.session_state.pop("card:new", None)
    frame.go("card", id=made.id)
