"""Search: everything this person may see, by title, number or any text, while they type."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from icons import symbol
from model.element import Element
from model.field import Control
from model.process import Process
from pages.parts import frame
from pages.parts.text import plain
from pages.parts.user import require_user

SHOWN = 50
AROUND = 40
"""Characters shown on either side of what was found inside a longer text."""

user = require_user()
t = user.reader.t


def _marked(text: str, wanted: str) -> str:
    """Markdown of the text with what was looked for on a coloured ground."""
    at = text.casefold().find(wanted.casefold())
    if at < 0:
        return plain(text)
    before, hit, after = text[:at], text[at : at + len(wanted)], text[at + len(wanted) :]
    return f"{plain(before)}{_gap(before[-1:])}:primary-background[{plain(hit)}]{_gap(after[:1])}{plain(after)}"


def _gap(sign: str) -> str:
    return " " if sign.isspace() else ""


def _elsewhere(process: Process, element: Element, wanted: str) -> str:
    """The field that holds the words when the title does not: its name and the words among their neighbours."""
    low = wanted.casefold()
    if low in element.title.casefold():
        return ""
    for field in process.fields:
        if user.workspace.types[field.kind].control not in (Control.TEXT, Control.LONG_TEXT):
            continue
        held = element.get(field.code)
        text = " ".join(", ".join(map(str, held if isinstance(held, list) else [held or ""])).split())
        if (at := text.casefold().find(low)) >= 0:
            start, end = max(0, at - AROUND), at + len(wanted) + AROUND
            cut = f"{'…' if start else ''}{text[start:end]}{'…' if end < len(text) else ''}"
            return f"{plain(field.title)}: {_marked(cut, wanted)}"
    return ""


def _groups(found: Iterable[Element]) -> dict[str, list[Element]]:
    """By process, in the order in which the best of each came."""
    groups: dict[str, list[Element]] = {}
    for element in found:
        groups.setdefault(element.process, []).append(element)
    return groups


def _hit(process: Process, element: Element, wanted: str) -> None:
    stage = process.stage(element.stage)
    parts = [f"№ {element.id}", stage.title if stage else "", user.reader.person(element.responsible)]
    with frame.row(f"hit-{element.id}"), st.container(gap=None):
        st.page_link("card.py", label=_marked(element.title, wanted), query_params={"id": str(element.id)})
        st.caption(" · ".join(p for p in [_elsewhere(process, element, wanted), *map(plain, filter(None, parts))] if p))


frame.page(t("nav.search"), icon="search")
text = st.text_input(
    t("search.what"), value=st.query_params.get("q", ""), placeholder=t("search.placeholder"), label_visibility="collapsed",
    icon=":material/search:", type="search", live=True, key="search", width=640,
)  # fmt: skip
frame.focus("search")
with frame.guard(user.reader):
    wanted = (text or "").strip()
    found = user.workspace.elements.search(user.actor, wanted, SHOWN + 1) if wanted else []
    if not wanted:
        st.caption(t("search.hint"))
    elif not found:
        frame.empty("search_off", t("search.none", text=wanted))
    if len(found) > SHOWN:
        st.caption(t("search.too_many", n=SHOWN))
    for code, elements in _groups(found[:SHOWN]).items():
        version = user.workspace.processes.published(code)
        if version is None:
            continue
        name = f"{symbol(version.process.icon)} {plain(version.process.title)} :gray-badge[{len(elements)}]"
        st.subheader(name, anchor=False)
        with frame.rows(f"hits-{code}"):
            for element in elements:
                _hit(version.process, element, wanted)
