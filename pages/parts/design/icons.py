"""Buttons that show only an icon and still say what they do, to those who hover and to those who hear the page."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st


def icon_button(icon: str, label: str, key: str, press: Callable[[], None], *, disabled: bool = False) -> None:
    """A quiet button: its label is its tooltip and its accessible name (design.css hides it by the end of the key)."""
    st.button(
        label, icon=f":material/{icon}:", key=f"{key}::icon", help=label, type="tertiary", disabled=disabled, on_click=press
    )
