"""What every page stands in: its header, calm errors, empty states, and the way to other pages.

frame.page(t("nav.tasks"), icon="task_alt", action=(t("board.new_plain"), new_one))
with frame.guard(user.reader):
    ...                      # any error of ours is shown as words, any other one with a number that is in the log
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit
from zlib import crc32

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from icons import symbol
from locales import Language
from model.errors import Denied, NotFound, SignedOut, VoronkaError
from model.language import Reader
from pages.parts.text import plain
from workspace import current

PAGES = Path(__file__).resolve().parent.parent
STYLE = PAGES / "frame.css"
FIGURES = """
for (const when of window.typedFigures ? [] : ['pointerdown', 'focusin']) document.addEventListener(when, event => {
  const typed = event.target.closest?.('[class*="st-key-typed-"]')?.querySelector('input')
  if (!typed) return
  const signed = typed.closest('[class*="st-key-typed-signed-"]') && /iP(hone|ad|od)/.test(navigator.userAgent)
  typed.inputMode = signed ? 'text' : 'decimal'
}, true)
window.typedFigures = true
"""
"""Phones offer digits where a number is typed; those of an iPhone know no minus."""
LANGUAGE = "document.documentElement.lang = document.currentScript.dataset.locale"
FOCUS = """{
  const chosen = document.currentScript.dataset.chosen
  const look = more => {
    if (document.activeElement?.matches('input, textarea')) return
    document.querySelector(chosen)?.focus({preventScroll: true})
    if (more) setTimeout(look, 50, more - 1)
  }
  look(40)
}"""
SCRIPTS = {"language": LANGUAGE, "figures": FIGURES, "focus": FOCUS}
"""Every script that stands in our pages. The browser is told their hashes and runs no other one: what varies is told beside."""
log = logging.getLogger("voronka.pages")

Action = tuple[str, Callable[[], None]]
"""A button's label and what it does; it is called in the page's body, so it may go to another page."""


def style() -> None:
    """Put the frame's style sheet into the page."""
    st.html(STYLE)


def speak(reader: Reader) -> None:
    """Tell the browser, and whatever reads aloud, which language the page is in: Streamlit's own page says English."""
    _script("language", locale=reader.locale)
    _script("figures")


def go(name: str, **query: object) -> None:
    """Open a page by its name (`card`, `board`, ...) with query parameters; nothing after it runs."""
    st.switch_page(f"{name}.py", query_params={k: str(v) for k, v in query.items() if v is not None})


def page(
    title: str,
    icon: str = "",
    action: Action | None = None,
    crumbs: Sequence[Action] = (),
    tools: Callable[[], None] | None = None,
) -> None:
    """The header: where am I (`crumbs`), title, at the right `tools` (draws what it likes) and the one primary action.

    icon: a bare Material symbol name. Titles and labels are plain text.
    """
    for number, (label, open_it) in enumerate(crumbs):
        if st.button(plain(label), key=f"frame:crumb:{number}", type="tertiary", icon=":material/chevron_left:"):
            open_it()
    with st.container(horizontal=True, vertical_alignment="center", key="frame-head"):
        st.title(plain(title), anchor=False, width="stretch", icon=symbol(icon) if icon else None)
        if tools is not None:
            tools()
        if action is not None and st.button(plain(action[0]), key="frame:action", type="primary"):
            action[1]()


def bar() -> DeltaGenerator:
    """One row for what narrows or arranges the page; on a phone it scrolls sideways instead of growing."""
    return st.container(horizontal=True, vertical_alignment="center", gap="small", key="frame-bar")


def rows(key: str) -> DeltaGenerator:
    """A box whose lines (`row`) are parted by hairlines."""
    return st.container(border=True, gap=None, key=f"rows-{key}")


def row(key: str) -> DeltaGenerator:
    """One line of `rows`: what is drawn stands side by side."""
    return st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"row-{key}")


def link(label: str, name: str, icon: str = "", **query: object) -> None:
    """A plain link to a page: it can be opened in a new tab, and a press needs no round trip to here."""
    st.page_link(
        f"{name}.py", label=plain(label), icon=symbol(icon) if icon else None,
        query_params={k: str(v) for k, v in query.items()},
    )  # fmt: skip


def focus(key: str) -> None:
    """Put the cursor into the first input of what has this key, once, as soon as it is drawn, unless somebody writes already."""
    _script("focus", chosen=f".st-key-{key} input")


def _script(name: str, **data: str) -> None:
    """Run one of the scripts once it is drawn, and again when its data have changed. It takes no place on the page."""
    told = "".join(f' data-{key}="{escape(value, quote=True)}"' for key, value in data.items())
    with unseen(name):
        st.html(f"<script{told}>{SCRIPTS[name]}</script>", unsafe_allow_javascript=True)


def unseen(name: str) -> DeltaGenerator:
    """Where something stands that works and takes no place on the page."""
    return st.container(key=f"frame-unseen-{name}")


def empty(icon: str, text: str, action: Action | None = None, key: str = "empty") -> None:
    """Nothing here yet: what this is, and one button that changes it."""
    with st.container(horizontal_alignment="center", key=f"frame-empty-{key}"):
        st.markdown(f":material/{icon}:", width="content")
        st.markdown(plain(text), width="content", text_alignment="center")
        if action is not None and st.button(plain(action[0]), key=f"frame:{key}:action", type="primary"):
            action[1]()


def uploader(reader: Reader, label: str, key: str, megabytes: int | None = None, kinds: Sequence[str] = (), **more: Any) -> Any:
    """`st.file_uploader` in the reader's language, which Streamlit's own words do not follow.

    megabytes: of one file at most. kinds: the endings it may have, any if none.
    """
    most = megabytes or int(st.get_option("server.maxUploadSize"))
    limits = ", ".join([reader.t("forms.upload_most", n=most), *(kind.lstrip(".").upper() for kind in kinds)])
    words = {"do": reader.t("forms.upload"), "most": limits}
    told = "; ".join(f"--vf-upload-{name}: {_quoted(text)}" for name, text in words.items())
    place = f"frame-upload-{crc32(told.encode()):x}"
    st.html(f'<style>[class*="st-key-{place}-"] {{ {told} }}</style>')
    with st.container(key=f"{place}-{key}"):
        return st.file_uploader(label, key=key, max_upload_size=most, type=list(kinds) or None, **more)


def _quoted(text: str) -> str:
    """A string of CSS: whatever is not a letter, a digit or a space is written as its code."""
    return '"' + "".join(c if c.isalnum() or c == " " else f"\\{ord(c):x} " for c in text) + '"'


@contextmanager
def guard(reader: Reader) -> Iterator[None]:
    """Show any error as words. What may not be seen or is not there makes a calm page; the rest stands where it happened.

    An error that is not one of ours is logged with a number, and only the number is shown.
    """
    try:
        yield
    except SignedOut:
        ended(reader)
    except (Denied, NotFound) as refused:
        _calm(_language(reader).explain(refused), refused)
    except Exception as error:
        known = error if isinstance(error, VoronkaError) else current().refusal(error)
        if known is None:
            broken(reader)
        else:
            st.error(plain(_language(reader).explain(known)), icon=":material/error:")


def ended(reader: Reader) -> None:
    """The session has ended while the page was open: say so, with a way to sign in."""
    st.info(reader.t("signin.ended"), icon=":material/lock:")
    st.html(f'<a class="vf-go" href="{escape(_here(), quote=True)}" target="_self">{escape(reader.t("signin.button"))}</a>')


def _here() -> str:
    """This very address: asked for anew, it is answered by the sign-in page."""
    path = urlsplit(str(st.context.url or "")).path or "/"
    query = urlencode(st.query_params.to_dict())
    return path + (f"?{query}" if query else "")


def broken(reader: Reader) -> None:
    """Log the exception under way with a number and show the number."""
    number = secrets.token_hex(4)
    log.exception("page failed, id %s", number)
    st.error(plain(reader.t("error.unexpected_id", code=number)), icon=":material/error:")


def _calm(words: str, refused: VoronkaError) -> None:
    icon = "search_off" if isinstance(refused, NotFound) else "lock"
    empty(icon, words, key=f"{refused.problem.code}-{icon}-{secrets.token_hex(3)}")


def _language(reader: Reader) -> Language:
    return reader if isinstance(reader, Language) else Language(reader.locale)
