"""A card for each process: what it is, how much is in it, where to go from it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

import packages
from builder.processes import Row
from icons import symbol
from model.access import Action, may
from model.errors import VoronkaError
from model.process import Process
from pages.parts import frame, passport
from pages.parts.text import plain
from pages.parts.user import User

ACROSS = 3


def grid(user: User, rows: list[Row]) -> None:
    """All cards, three beside each other where there is room."""
    _colors(user, rows)
    for start in range(0, len(rows), ACROSS):
        for cell, row in zip(st.columns(ACROSS), rows[start : start + ACROSS], strict=False):
            with cell, st.container(border=True, key=f"process-card-{row.code}", height="stretch", gap="small"):
                _card(user, row)


def _colors(user: User, rows: list[Row]) -> None:
    """Each card's line in the colour of its process; codes and colours hold to their patterns, so they are safe in CSS."""
    rules = (f".st-key-process-card-{row.code} {{ border-top: 3px solid {row.color}; }}" for row in rows)
    st.html(f"<style>{' '.join(rules)}</style>")


def _card(user: User, row: Row) -> None:
    t, library = user.reader.t, user.workspace.processes
    version = library.published(row.code)
    process = version.process if version else library.draft(row.code)
    designs = library.may(user.actor, row.code, Action.ROBOTS)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.subheader(plain(row.title), anchor=False, icon=symbol(row.icon), width="stretch")
        if not row.archived:
            _menu(user, row, process)
    st.caption(plain(row.description) or t(f"gallery.preset.{row.preset}"))
    st.markdown(_figures(user, row, process))
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom", height="stretch"):
        if row.archived:
            if library.may(user.actor, row.code) and st.button(t("gallery.restore"), key=f"gallery:restore:{row.code}"):
                _try(user, lambda: library.unarchive(user.actor, row.code))
            return
        if version is not None and may(process, user.actor, Action.READ):
            label = t("gallery.open_board" if process.has_stages else "gallery.open_list")
            if st.button(label, key=f"gallery:open:{row.code}", icon=":material/arrow_forward:"):
                frame.go("board" if process.has_stages else "list", process=row.code)
        if designs and st.button(t("gallery.design"), key=f"gallery:design:{row.code}", icon=":material/design_services:"):
            frame.go("designer", process=row.code)


def _figures(user: User, row: Row, process: Process) -> str:
    """Elements and robots in words, then the state of the draft."""
    t = user.reader.t
    parts = []
    if row.published and not row.archived and may(process, user.actor, Action.READ):
        parts.append(t("gallery.elements", n=user.workspace.elements.count(user.actor, row.code)))
    if process.graphs:
        parts.append(t("gallery.graphs", n=len(process.graphs)))
    state = ""
    if not row.published:
        state = f":orange-badge[{t('gallery.draft')}]"
    elif row.changed:
        state = f":orange-badge[{t('gallery.changed')}]"
    return " · ".join(parts) + ("  " + state if state else "")


def _menu(user: User, row: Row, process: Process) -> None:
    """What else can be done with a process."""
    t, actor = user.reader.t, user.actor
    deeds = ["import"] if row.published and may(process, actor, Action.IMPORT) else []
    if row.published and passport.offered(user, process):
        deeds.append("passport")
    if user.workspace.processes.may(actor, row.code):
        deeds += ["package", "archive"]
    if not deeds:
        return
    picked = st.menu_button(
        t("gallery.more"), deeds, key=f"gallery:menu:{row.code}", icon=":material/more_horiz:", type="tertiary",
        format_func=lambda deed: t("passport.title" if deed == "passport" else f"gallery.{deed}"),
    )  # fmt: skip
    if picked == "import":
        frame.go("importing", process=row.code)
    elif picked == "passport":
        _ask_passport(user, process)
    elif picked == "package":
        _ask_package(user, row, process)
    elif picked == "archive":
        _ask_archive(user, row)


def _ask_passport(user: User, process: Process) -> None:
    @st.dialog(user.reader.t("passport.title"))
    def ask() -> None:
        st.caption(user.reader.t("passport.help"))
        passport.button(user, process, f"gallery:passport:{process.code}", width="stretch")

    ask()


def _ask_package(user: User, row: Row, process: Process) -> None:
    """The process as a file, with its elements or without them."""
    t = user.reader.t
    with_data = bool(row.published) and may(process, user.actor, Action.EXPORT)

    @st.dialog(t("gallery.package"))
    def ask() -> None:
        st.caption(t("gallery.package_text"))
        for elements in (False, True) if with_data else (False,):
            name = "package_data" if elements else "package_only"
            st.download_button(
                t(f"gallery.{name}"), partial(packages.export, user.workspace, user.actor, row.code, elements=elements),
                file_name=f"{row.code}{packages.SUFFIX}", mime="application/json", key=f"gallery:{name}:{row.code}",
                icon=":material/download:", width="stretch", on_click="ignore",
            )  # fmt: skip

    ask()


def _ask_archive(user: User, row: Row) -> None:
    t = user.reader.t

    @st.dialog(t("gallery.archive_title"))
    def ask() -> None:
        st.markdown(t("gallery.archive_text", title=plain(row.title)))
        with st.container(horizontal=True, horizontal_alignment="right"):
            if st.button(t("common.cancel"), key="gallery:archive:no"):
                st.rerun()
            if st.button(t("gallery.archive"), key="gallery:archive:yes", type="primary"):
                _try(user, lambda: user.workspace.processes.archive(user.actor, row.code))

    ask()


def _try(user: User, act: Callable[[], object]) -> None:
    try:
        act()
    except VoronkaError as refused:
        st.error(plain(user.explain(refused)), icon=":material/error:")
    else:
        st.rerun()
