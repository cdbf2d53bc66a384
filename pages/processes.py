"""Processes: the gallery of all that this person may see or design, and the wizard for a new one (`?new=1`)."""

from __future__ import annotations

import streamlit as st

from model.errors import Denied
from pages.parts import frame
from pages.parts.gallery import cards, wizard
from pages.parts.text import plain
from pages.parts.user import require_user

user = require_user()
t = user.reader.t


def _gallery() -> None:
    new = (t("gallery.new"), lambda: frame.go("processes", new=1)) if user.actor.admin else None
    library = user.workspace.processes
    rows, archived = library.all(actor=user.actor), library.all(archived=True, actor=user.actor)
    frame.page(t("nav.processes"), icon="account_tree", action=new if rows else None)
    if codes := st.session_state.pop("gallery:installed", None):
        titles = [row.title for row in rows if row.code in codes]
        st.success(t("gallery.installed", titles=plain(", ".join(titles))), icon=":material/check_circle:")
    shown = rows
    if archived:
        which = st.segmented_control(
            t("gallery.show"), ["used", "archived"], default="used", key="gallery:show", label_visibility="collapsed",
            required=True, format_func=lambda v: t(f"gallery.show.{v}", n=len(archived)),
        )  # fmt: skip
        shown = archived if which == "archived" else rows
    if shown:
        cards.grid(user, shown)
    else:
        frame.empty("account_tree", t("gallery.empty" if user.actor.admin else "gallery.empty_for_you"), new)


with frame.guard(user.reader):
    if st.query_params.get("new"):
        if not user.actor.admin:
            raise Denied("admins_only")
        frame.page(t("gallery.new"), icon="add_box", crumbs=[(t("nav.processes"), lambda: frame.go("processes"))])
        st.caption(t("gallery.new_help"))
        wizard.draw(user)
    else:
        _gallery()
