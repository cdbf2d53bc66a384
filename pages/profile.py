"""My profile: name and language, password, where I am signed in."""

from __future__ import annotations

import re
from functools import partial

import streamlit as st

from pages.parts import frame
from pages.parts.admin import forms
from pages.parts.text import plain
from pages.parts.user import require_user, token
from runtime.sessions import SessionRow

BROWSERS = {
    "Edg": "Edge",
    "OPR": "Opera",
    "YaBrowser": "Яндекс Браузер",
    "Firefox": "Firefox",
    "Chrome": "Chrome",
    "Safari": "Safari",
}
SYSTEMS = {"iPhone": "iPhone", "iPad": "iPad", "Android": "Android", "Windows": "Windows", "Mac OS": "macOS", "Linux": "Linux"}
"""What a browser calls itself, the more telling words first."""

user = require_user()
t = user.reader.t
people, sessions = user.workspace.people, user.workspace.sessions


def _about() -> None:
    me = people.user(user.actor.user)
    st.subheader(t("profile.about"), anchor=False)
    with st.form("profile:about", width=560):
        name = st.text_input(t("admin.name"), me.name, max_chars=120, key="profile:name", autocomplete="name")
        language = forms.choose_language(user, t("admin.language"), me.language, "profile:language")
        departments = {d.id: d.title for d in people.departments()}
        facts = [f"{t('signin.login')}: {me.login}", me.email, departments.get(me.department or 0, "")]
        st.caption(plain(" · ".join(fact for fact in facts if fact)))
        pressed = st.form_submit_button(t("common.save"), type="primary")
    change = {"name": name, "language": language}
    if pressed and forms.saved(user, lambda: people.change_user(user.actor, me.id, **change), {"name": t("admin.name")}):
        forms.tell(t("common.saved"))


def _password() -> None:
    st.subheader(t("signin.password"), anchor=False)
    labels = {"old": t("profile.old_password"), "new": t("admin.new_password")}
    with st.form("profile:password", width=560, clear_on_submit=True):
        old = st.text_input(labels["old"], type="password", key="profile:old", autocomplete="current-password")
        left, right = st.columns(2)
        new = left.text_input(labels["new"], type="password", key="profile:new", autocomplete="new-password")
        again = right.text_input(t("profile.again"), type="password", key="profile:again", autocomplete="new-password")
        st.caption(t("profile.password_help"))
        pressed = st.form_submit_button(t("profile.change_password"))
    if pressed and new != again:
        st.error(t("profile.differ"), icon=":material/error:")
    elif pressed and forms.saved(user, lambda: people.set_password(user.actor, user.actor.user, old, new, token()), labels):
        forms.tell(t("profile.password_changed"))


def _sessions() -> None:
    st.subheader(t("profile.sessions"), anchor=False)
    st.caption(t("profile.sessions_help"))
    mine = sessions.id_of(token())
    for row in sessions.of(user.actor.user):
        with st.container(horizontal=True, vertical_alignment="center", border=True, width=560, key=f"profile-session-{row.id}"):
            with st.container(width="stretch", gap=None):
                here = f" :gray-badge[{t('profile.this_one')}]" if row.id == mine else ""
                st.markdown(plain(_browser(row)) + here)
                st.caption(t("profile.seen", when=user.reader.relative(row.seen_at, user.workspace.clock.now())))
            pressed = row.id != mine and st.button(t("profile.revoke"), key=f"profile:revoke:{row.id}")
            if pressed and forms.saved(user, partial(sessions.revoke, user.actor, row.id), {}):
                forms.tell(t("profile.revoked"))
    st.html(
        f'<form class="vf quiet" method="post" action="/session/sign-out"><button>{t("signin.out")}</button></form>', width=200
    )


def _browser(row: SessionRow) -> str:
    """`Chrome, Windows`, as far as the browser says so."""
    found = [
        next((name for word, name in words.items() if re.search(rf"\b{word}", row.agent)), "") for words in (BROWSERS, SYSTEMS)
    ]
    return ", ".join(filter(None, found)) or t("profile.unknown_browser")


with frame.guard(user.reader):
    frame.page(user.actor.name, icon="account_circle")
    forms.told()
    _about()
    _password()
    _sessions()
