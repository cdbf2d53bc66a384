"""What the browser remembers for a server that has forgotten it: what somebody is at. What is typed the inputs keep."""

from __future__ import annotations

import streamlit as st

from pages.parts import components

REMEMBERED = ("card:edit:", "card:fill")
"""Beginnings of keys of the session whose values are JSON."""


@st.fragment
def keep() -> None:
    """Have the browser remember, and take up what another session was at.

    A fragment: where nothing was forgotten, nothing else is drawn again, and dialogs stay.
    """
    memory = components.reunion("reunion", {str(k): v for k, v in st.session_state.items() if _is_kept(k)})
    if not st.session_state.get("reunited"):
        st.session_state["reunited"] = True
        st.session_state.update({key: value for key, value in memory.items() if _is_kept(key)})


def _is_kept(key: object) -> bool:
    return str(key).startswith(REMEMBERED)
