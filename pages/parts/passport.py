"""The passport of a process as a PDF: for those who may see how the process is made."""

from __future__ import annotations

from typing import Any

import streamlit as st

from model.access import Action, may
from model.process import Process
from pages.parts.user import User


def offered(user: User, process: Process) -> bool:
    """Whether this person may have it; the service asks again."""
    return may(process, user.actor, Action.ROBOTS) or may(process, user.actor, Action.SETTINGS)


def button(user: User, process: Process, key: str, **look: Any) -> None:
    """Draw the button that makes and downloads it, of the version in force at that moment."""
    t, insight = user.reader.t, user.workspace.insight
    st.download_button(
        t("passport.title"), lambda: insight.passport(user.actor, process.code, user.reader), icon=":material/description:",
        file_name=f"{process.code}-passport.pdf", mime="application/pdf", key=key, on_click="ignore", **look,
    )  # fmt: skip
