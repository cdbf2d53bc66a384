"""What somebody typed and nothing could be done with, because what it was for is gone: shown until they have taken it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import streamlit as st

from model.language import Reader
from pages.parts.text import plain

KEPT, WATCHED = "kept", "kept:watched"


@dataclass(frozen=True)
class Kept:
    """A text, what it was meant for, and why it could not be stored, in words."""

    why: str
    label: str
    text: str


def put(why: str, label: str, text: str) -> None:
    """Keep a text; the next run of the page shows it."""
    st.session_state.setdefault(KEPT, []).append(Kept(why, label, text))


def watch(key: str, label: str) -> None:
    """Remember what the input of this key held when it was first drawn; call it after that."""
    st.session_state.setdefault(WATCHED, {}).setdefault(key, (label, st.session_state.get(key)))


def forget(prefix: str) -> None:
    """These inputs have done their work."""
    for key in [key for key in st.session_state.get(WATCHED, {}) if key.startswith(prefix)]:
        del st.session_state[WATCHED][key]


def rescue(why: str, prefix: str = "", drawn: Collection[str] = ()) -> bool:
    """Keep what was typed into the watched inputs that are not `drawn` any more; whether there was anything.

    Those that hold nothing new stay watched: what is being typed may still be on its way here.
    """
    watched = st.session_state.get(WATCHED, {})
    gone = [key for key in watched if key.startswith(prefix) and key not in drawn]
    typed = [key for key in gone if st.session_state.get(key) not in (None, "", watched[key][1])]
    for key in typed:
        put(why, watched.pop(key)[0], str(st.session_state[key]))
    return bool(typed)


def show(reader: Reader) -> None:
    """Draw what is kept, each text ready to be copied."""
    found: list[Kept] = st.session_state.get(KEPT, [])
    if not found:
        return
    with st.container(border=True, key="kept"):
        st.warning(reader.t("kept.title"), icon=":material/content_paste:")
        for why in dict.fromkeys(each.why for each in found):
            st.markdown(plain(why))
            for each in found:
                if each.why == why:
                    st.caption(plain(each.label))
                    st.code(each.text, language=None, wrap_lines=True)
        st.button(reader.t("kept.close"), key="kept:close", on_click=lambda: st.session_state.pop(KEPT, None))
