"""Search: everything this person may see, by title, number or any text."""

from __future__ import annotations

import streamlit as st

from pages.parts import frame
from pages.parts.text import plain
from pages.parts.user import require_user

user = require_user()
t = user.reader.t

frame.page(t("nav.search"), icon="search")
text = st.text_input(
    t("search.what"), value=st.query_params.get("q", ""), placeholder=t("search.placeholder"), label_visibility="collapsed",
    icon=":material/search:",
)  # fmt: skip
with frame.guard(user.reader):
    found = user.workspace.elements.search(user.actor, text.strip()) if text.strip() else []
    if text.strip() and not found:
        frame.empty("search_off", t("search.none", text=text.strip()), None)
    elif not text.strip():
        st.caption(t("search.hint"))
    for element in found:
        version = user.workspace.processes.published(element.process)
        if version is None:
            continue
        stage = version.process.stage(element.stage)
        with st.container(horizontal=True, vertical_alignment="center", border=True, key=f"hit-{element.id}"):
            with st.container(width="stretch", gap=None):
                st.text(element.title)
                parts = [version.process.title, stage.title if stage else "", user.reader.person(element.responsible)]
                st.caption(plain(" · ".join(p for p in parts if p)))
            if st.button(t("search.open"), key=f"open-{element.id}"):
                frame.go("card", id=element.id)
