"""Inbox: what robots and colleagues want this person to know."""

from __future__ import annotations

import streamlit as st

from pages.parts import frame
from pages.parts.user import require_user

user = require_user()
t = user.reader.t
service = user.workspace.inbox


def _read(notification: int | None) -> None:
    service.read(user.actor, notification)


unread = service.unread(user.actor)
frame.page(t("nav.inbox"), icon="inbox", action=(t("inbox.read_all"), lambda: _read(None)) if unread else None)
only = st.segmented_control(
    t("inbox.show"), ["all", "unread"], default="all", label_visibility="collapsed", format_func=lambda v: t(f"inbox.{v}")
)
with frame.guard(user.reader):
    found = service.of(user.actor, unread=only == "unread")
    if not found:
        frame.empty("inbox", t("inbox.empty"), None)
    for row in found[:100]:
        with st.container(horizontal=True, vertical_alignment="center", border=True, key=f"note-{row.id}"):
            with st.container(width="stretch", gap=None):
                st.text(row.text)
                st.caption(user.reader.datetime(row.at) + ("" if row.read_at else f" · {t('inbox.new')}"))
            if row.element and st.button(t("inbox.open"), key=f"open-{row.id}"):
                _read(row.id)
                frame.go("card", id=row.element)
            if not row.read_at:
                st.button(t("inbox.mark_read"), key=f"read-{row.id}", on_click=_read, args=(row.id,), type="tertiary")
