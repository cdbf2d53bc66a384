"""Numbers and dates that are typed: as the reader's language writes them, read at once, and written anew as they were understood.

The browser's own input for numbers drops what it does not know: there `1250,50` becomes 125050.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from model.errors import BadValue, Problem
from model.field import Control
from pages.parts.forms.asked import Asked
from pages.parts.text import plain

READ = (Control.NUMBER, Control.DATE, Control.DATETIME)
"""Controls whose values mean something else than the text that is typed."""


@dataclass(frozen=True)
class Unread:
    """What was typed and cannot be taken as it stands; its reason is said beside the input, where the text stays."""

    problems: tuple[Problem, ...]


def readable(entered: Mapping[str, Any]) -> bool:
    """Whether everything that was typed could be read."""
    return not any(isinstance(value, Unread) for value in entered.values())


def typed_input(asked: Asked, *, template: bool = False, hint: str = "", on_change: Callable[[], None] | None = None) -> Any:
    """Draw the input; gives the stored form, None when empty, Unread when the text means nothing or two things.

    With `template` a text that names values in braces is given as it is.
    """
    told: dict[str, Any] = {"on_change": on_change} if on_change else {}
    with _place(asked):
        if asked.multiple:
            hint = hint or asked.user.reader.t("forms.one_a_line")
            text = st.text_area(asked.label, _default(asked, template), height=96, placeholder=hint, **told, **asked.look)
        else:
            text = st.text_input(asked.label, _default(asked, template), placeholder=hint, **told, **asked.look)
        found = read(asked, text, template)
        if isinstance(found, Unread):
            st.caption(f":red[{plain(asked.user.reader.list_of(map(asked.user.reader.say, found.problems)))}]")
    return found


def _place(asked: Asked) -> Any:
    """Its name tells the browser which keys a phone should offer (frame.js)."""
    if asked.kind.control is not Control.NUMBER or asked.multiple:
        return st.container(gap="xsmall", width=asked.width)
    least = getattr(asked.kind, "min", None)
    below_zero = getattr(asked.kind, "allow_negative", least is None or least < 0)
    name = "signed" if below_zero else "figure"
    return st.container(gap="xsmall", width=asked.width, key=f"typed-{name}-{asked.key.replace(':', '-')}")


def read(asked: Asked, text: str, template: bool = False) -> Any:
    """What a text means to its reader. A text that was not touched is the stored value, to the last bit."""
    if template and "{" in text:
        return text
    held = dict(zip(asked.written.splitlines(), asked.many, strict=False))
    found: list[Any] = []
    problems: list[Problem] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        try:
            found.append(held[line] if line in held else asked.kind.parse(line, asked.user.reader.reading))
        except BadValue as refused:
            problems += refused.problems
    if problems:
        return Unread(tuple(problems))
    return (found or None) if asked.multiple else next(iter(found), None)


def _default(asked: Asked, template: bool) -> str:
    """What the input begins with. What was typed since is written anew, so that its reader sees how it was understood."""
    typed = st.session_state.get(asked.key)
    if isinstance(typed, str) and (neat := _neat(asked, typed, template)) != typed:
        st.session_state[asked.key] = neat
        return ""  # Streamlit complains of a value that is given in two ways
    return asked.written


def _neat(asked: Asked, typed: str, template: bool) -> str:
    found = read(asked, typed, template)
    if isinstance(found, Unread):
        return typed
    many = found if isinstance(found, list) else [] if found is None else [found]
    return "\n".join(map(asked.write, many))
