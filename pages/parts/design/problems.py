"""What is wrong, in words, beside the thing or with a link to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from model.errors import Problem
from pages.parts.design.desk import Desk
from pages.parts.design.places import name_of, place_of, say
from pages.parts.text import plain

ICONS = {"error": ":red[:material/error:]", "warning": ":orange[:material/warning:]"}


def told(desk: Desk, found: Sequence[Problem]) -> None:
    """Problems of the thing that is open: each sentence once."""
    for words, level in dict.fromkeys((say(p, desk.process, desk.user.reader), p.level) for p in found):
        st.markdown(f"{ICONS[level]} {plain(words)}")


def listed(desk: Desk, found: Sequence[Problem], key: str, then: Callable[[], None]) -> None:
    """Problems with a button that leads to their place; `then` is called after the way was taken."""
    for n, problem in enumerate(found):
        with st.container(border=True, gap="xsmall"):
            st.markdown(f"{ICONS[problem.level]} {plain(say(problem, desk.process, desk.user.reader))}")
            label = name_of(problem, desk.process, desk.user.reader)
            if st.button(plain(label), icon=":material/arrow_forward:", key=desk.key(f"{key}:{n}"), type="tertiary"):
                desk.show(place_of(problem))
                then()
