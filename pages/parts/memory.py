"""What the browser remembers for a server that has forgotten it: what somebody is at. What is typed the inputs keep."""

from __future__ import annotations

import streamlit as st

from model.language import Reader
from pages.parts import components
from pages.parts.labels import labels

REMEMBERED = ("card:edit:", "card:fill")
"""Beginnings of keys of the session whose values are JSON."""


@st.fragment
def keep(reader: Reader) -> None:
    """Have the browser remember, and take up what another session was at.

    A fragment: where nothing was forgotten, nothing else is drawn again, and dialogs stay.
    """
    held = {str(k): v for k, v in st.session_state.items() if _is_kept(k)}
    memory = components.reunion("reunion", held, labels(reader, "reunion"))
    if not st.session_state.get("reunited"):
        st.session_state["reunited"] = True
        st.session_state.update({key: value for key, value in memory.items() if _is_kept(key)})


def _is_kept(key: object) -> bool:
    return str(key).startswith(REMEMBERED)
