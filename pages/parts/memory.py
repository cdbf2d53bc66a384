"""What the browser remembers for a server that has forgotten it: what somebody is at. What is typed the inputs keep."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from pages.parts import components

REMEMBERED = ("card:edit:", "card:fill")
"""Beginnings of keys of the session whose values are JSON."""


@st.fragment
def keep() -> None:
    """Have the browser remember. A fragment: where nothing was forgotten, nothing else is drawn again; dialogs stay."""
    components.reunion("reunion", _held(), _restore)


def _held() -> dict[str, Any]:
    """What there is to remember."""
    return {str(key): value for key, value in st.session_state.items() if str(key).startswith(REMEMBERED)}


def _restore(memory: Mapping[str, Any]) -> None:
    """Take up again what this session knows nothing of."""
    for key in memory:
        if key.startswith(REMEMBERED):
            st.session_state.setdefault(key, memory[key])
