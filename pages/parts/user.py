"""Who is looking: the session cookie, looked up on every run, gives the user, their rights and their language."""

from __future__ import annotations

from datetime import timedelta

import streamlit as st

from locales import Language
from model.access import Actor
from model.errors import SignedOut
from pages.parts import frame
from workspace import SESSION_COOKIE, Workspace, current

KNOWN_FOR = timedelta(minutes=1)
"""How long a session is taken to be in force while nothing is committed."""


class User:
    """What a page needs: the workspace, who acts, and how they read.

    Callbacks and fragments run long after the page that made this, on a socket that stays open: `actor` is asked for anew.
    """

    def __init__(self, workspace: Workspace, token: str) -> None:
        self.workspace, self._token = workspace, token
        self._look()
        self.reader: Language = workspace.reader(self._actor)

    @property
    def actor(self) -> Actor:
        """Who acts, with the rights that stand now; SignedOut once the session has ended. Costs nothing while nothing changes."""
        if self.workspace.db.revision() != self._revision or self.workspace.clock.now() > self._until:
            self._look()
        return self._actor

    def _look(self) -> None:
        revision, until = self.workspace.db.revision(), self.workspace.clock.now() + KNOWN_FOR
        number = self.workspace.sessions.user_of(self._token)
        if number is None:
            self._revision = -1
            raise SignedOut()
        self._actor = self.workspace.actor(number)
        self._revision, self._until = revision, until

    def explain(self, error: BaseException) -> str:
        """An error in this person's words."""
        return self.reader.explain(error)


def token() -> str:
    """The session token that the browser sent when it connected; empty without one."""
    return st.context.cookies.get(SESSION_COOKIE, "")


def current_user() -> User | None:
    """The signed-in person, or None. The session is looked up on every run, so that revoking it works at once."""
    try:
        return User(current(), token())
    except SignedOut:
        return None


def require_user() -> User:
    """The signed-in person; without one the page ends here with a way to sign in, whatever led to it."""
    user = current_user()
    if user is None:
        frame.ended(current().reader(None))
        st.stop()
    return user
