"""A number of the draft: typed as its reader writes it, and put into the draft once it can be read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from model.process import Process
from pages.parts.design.desk import Desk
from pages.parts.forms.asked import Asked
from pages.parts.forms.typed import Unread, read, typed_input


def figure(
    desk: Desk, name: str, label: str, value: float | None, op: Callable[[Process, Any], Process], *, kind: str = "integer",
    help: str | None = None, hint: str = "", **params: Any,
) -> Callable[[], None]:  # fmt: skip
    """Draw its input, an integer or a double with these `params`; gives what puts it into the draft, for who changes its unit."""
    asked = Asked(desk.user, desk.user.workspace.types.load(kind, params), label, value, desk.key(name), help=help)

    def told() -> None:
        entered = read(asked, st.session_state[asked.key])
        if not isinstance(entered, Unread):
            desk.apply(lambda process: op(process, entered), keep=True)

    typed_input(asked, hint=hint, on_change=told)
    return told
