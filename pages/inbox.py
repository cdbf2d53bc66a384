"""Inbox: what robots and colleagues want this person to know."""

from __future__ import annotations

import streamlit as st

from pages.parts import frame
from pages.parts.text import plain
from pages.parts.user import require_user

SHOWN = 100

user = require_user()
t = user.reader.t
service = user.workspace.inbox


def _read(notification: int | None) -> None:
    with frame.guard(user.reader):
        service.read(user.actor, notification)


def _tools() -> None:
    if service.unread(user.actor):
        st.button(t("inbox.read_all"), icon=":material/done_all:", key="inbox:read", on_click=_read, args=(None,))


frame.page(t("nav.inbox"), icon="inbox", tools=_tools)
with frame.bar():
    only = st.segmented_control(
        t("inbox.show"), ["all", "unread"], default="all", label_visibility="collapsed", required=True, width="content",
        format_func=lambda v: t(f"inbox.{v}"),
    )  # fmt: skip
with frame.guard(user.reader):
    found = service.of(user.actor, unread=only == "unread")[:SHOWN]
    titles = user.workspace.elements.titles(user.actor, [row.element for row in found if row.element])
    if not found:
        frame.empty("inbox", t("inbox.empty" if only == "all" else "inbox.none_unread"))
    else:
        with frame.rows("notes"):
            for row in found:
                with frame.row(f"note-{row.id}{'' if row.read_at else '-new'}"):
                    with st.container(width="stretch", gap=None):
                        st.text(row.text)
                        if row.element in titles and st.button(plain(titles[row.element]), key=f"open-{row.id}", type="tertiary"):
                            _read(row.id)
                            frame.go("card", id=row.element)
                    st.caption(plain(user.reader.datetime(row.at, "short")), width="content")
                    if not row.read_at:
                        st.button(
                            t("inbox.mark_read"), key=f"read-{row.id}", on_click=_read, args=(row.id,), type="tertiary",
                            icon=":material/check:",
                        )  # fmt: skip
