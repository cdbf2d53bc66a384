"""The wizard: a new process from a preset, from a file or from a package."""

from __future__ import annotations

import streamlit as st

from builder.presets import PRESETS, Preset, preset
from builder.sheets.hints import code_of
from model.errors import BadValue, VoronkaError
from model.field import CODE, SYSTEM
from pages.parts import frame
from pages.parts.text import plain
from pages.parts.user import User

ICONS = {
    "scratch": "edit_square",
    "all_inclusive": "auto_awesome",
    "list": "table_rows",
    "file": "upload_file",
    "package": "deployed_code",
}


ACROSS = 3


def proposed_code(user: User, title: str) -> str:
    """A free code made of a title's letters."""
    library = user.workspace.processes
    taken = {row.code for archived in (False, True) for row in library.all(archived)} | set(SYSTEM)
    return code_of(title, taken, "process")


def checked_name(user: User, title: str, code: str) -> tuple[str, str]:
    """Title and code of a process to be, the code proposed when none is given. BadValue."""
    title, code = " ".join(title.split()), code.strip()
    if not title:
        raise BadValue("required", "title", field=user.reader.t("gallery.title"))
    code = code or proposed_code(user, title)
    if not CODE.match(code) or code in SYSTEM:
        raise BadValue("bad_code", "code", value=code)
    return title, code


def draw(user: User) -> None:
    """The five ways to begin."""
    t = user.reader.t
    ways = (*PRESETS, "file", "package")
    for start in range(0, len(ways), ACROSS):
        for cell, way in zip(st.columns(ACROSS), ways[start : start + ACROSS], strict=False):
            with cell, st.container(border=True, height="stretch", key=f"gallery-way-{way}"):
                st.subheader(t(f"gallery.way.{way}"), anchor=False, icon=f":material/{ICONS[way]}:")
                st.caption(t(f"gallery.way.{way}.help"))
                if st.button(t(f"gallery.way.{way}.button"), key=f"gallery:way:{way}"):
                    _begin(user, way)


def _begin(user: User, way: str) -> None:
    if way == "file":
        frame.go("importing")
    elif way == "package":
        _package(user)
    else:
        _preset(user, way)  # type: ignore[arg-type]


def _preset(user: User, name: Preset) -> None:
    t = user.reader.t

    @st.dialog(t(f"gallery.way.{name}"))
    def ask() -> None:
        title = st.text_input(t("gallery.title"), key="gallery:title", max_chars=120, placeholder=t("gallery.title_hint"))
        code = st.text_input(
            t("gallery.code"), key="gallery:code", max_chars=40, help=t("gallery.code_help"),
            placeholder=proposed_code(user, title) if title.strip() else "",
        )  # fmt: skip
        if st.button(t("gallery.create"), key="gallery:create", type="primary", width="stretch"):
            _create(user, name, title, code)

    ask()


def _create(user: User, name: Preset, title: str, code: str) -> None:
    try:
        title, code = checked_name(user, title, code)
        currency = user.workspace.settings.get().currency
        user.workspace.processes.create(user.actor, preset(name, code, title, user.reader.t, currency))
    except VoronkaError as refused:
        st.error(plain(user.explain(refused)), icon=":material/error:")
    else:
        frame.go("designer", process=code)


def _package(user: User) -> None:
    t = user.reader.t

    @st.dialog(t("gallery.way.package"))
    def ask() -> None:
        file = frame.uploader(user.reader, t("gallery.package_file"), "gallery:package", 50)
        if st.button(t("gallery.package_install"), key="gallery:install", type="primary", width="stretch", disabled=file is None):
            _install(user, file.getvalue() if file else b"")

    ask()


def _install(user: User, data: bytes) -> None:
    """Bring a package in; the gallery then shows what it brought."""
    t = user.reader.t
    bar = st.progress(0.0, t("gallery.package_doing"))

    def told(share: float, _: str) -> None:
        bar.progress(min(share, 1.0), t("gallery.package_doing"))

    try:
        codes = user.workspace.install(user.actor, data, told)
    except VoronkaError as refused:
        bar.empty()
        st.error(plain(user.explain(refused)), icon=":material/error:")
    else:
        st.session_state["gallery:installed"] = codes
        frame.go("processes")
