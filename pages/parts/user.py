"""Who is looking: the session cookie, looked up on every run, gives the user, their rights and their language."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from locales import Language
from model.access import Actor
from model.errors import SignedOut
from workspace import SESSION_COOKIE, Workspace, current


@dataclass(frozen=True)
class User:
    """What a page needs: the workspace, who acts, and how they read."""

    workspace: Workspace
    actor: Actor
    reader: Language

    def explain(self, error: BaseException) -> str:
        """An error in this person's words."""
        return self.reader.explain(error)


def token() -> str:
    """The session token that the browser sent when it connected; empty without one."""
    return st.context.cookies.get(SESSION_COOKIE, "")


def current_user() -> User | None:
    """The signed-in person, or None. The session is looked up on every run, so that revoking it works at once."""
    workspace = current()
    number = workspace.sessions.user_of(token()) if token() else None
    if number is None:
        return None
    try:
        actor = workspace.actor(number)
    except SignedOut:
        return None
    return User(workspace, actor, workspace.reader(actor))


def require_user() -> User:
    """The signed-in person; without one the page ends here with a way to sign in, whatever led to it."""
    user = current_user()
    if user is None:
        reader = current().reader(None)
        st.info(reader.t("signin.ended"), icon=":material/lock:")
        st.html(f'<a href="/" target="_self">{reader.t("signin.button")}</a>')
        st.stop()
    return user
