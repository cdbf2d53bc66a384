"""The tab of versions: what was published, when, by whom and why; each can be looked at and brought back as the draft."""

from __future__ import annotations

import streamlit as st

from builder.changes import changes
from builder.processes import VersionRow
from model.access import Action
from model.process import Process
from pages.parts import components, frame, passport
from pages.parts.design import canvas_view, drawing
from pages.parts.design.desk import Desk
from pages.parts.design.icons import icon_button
from pages.parts.labels import labels
from pages.parts.text import plain


def show(desk: Desk) -> None:
    """Draw the list, or the version that was chosen."""
    rows = {str(row.number): row for row in desk.library.versions(desk.code)}
    if not rows:
        frame.empty("history", desk.t("design.versions.none"), key="versions")
    elif desk.item in rows:
        _version(desk, rows[desk.item])
    else:
        _passport(desk)
        newest = max(row.number for row in rows.values())
        for row in rows.values():
            _row(desk, row, row.number == newest)


def _passport(desk: Desk) -> None:
    """The version in force on paper."""
    version = desk.library.published(desk.code)
    if version is not None and passport.offered(desk.user, version.process):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.caption(desk.t("passport.help"), width="stretch")
            passport.button(desk.user, version.process, desk.key("passport"))


def _when(desk: Desk, row: VersionRow) -> str:
    who = desk.user.reader.person(row.published_by)
    return desk.t("design.versions.published", when=desk.user.reader.datetime(row.published_at), who=who or "—")


def _row(desk: Desk, row: VersionRow, in_force: bool) -> None:
    t = desk.t
    with st.container(border=True, horizontal=True, vertical_alignment="center", gap="small"):
        with st.container(gap="xxsmall", width="stretch"):
            mark = f" :green-badge[{t('design.versions.in_force')}]" if in_force else ""
            st.markdown(f"**{t('design.versions.number', number=row.number)}**{mark}")
            st.caption(plain(_when(desk, row)))
            if row.note:
                st.markdown(plain(row.note))
        st.button(
            t("design.versions.look"), icon=":material/visibility:", key=desk.key(f"version:{row.number}"),
            on_click=desk.choose, args=(str(row.number),),
        )  # fmt: skip


def _version(desk: Desk, row: VersionRow) -> None:
    """One version, read only: what it changed, its fields and stages, and its robots as drawn."""
    t = desk.t
    process = desk.library.version(desk.code, row.number).process
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        icon_button("arrow_back", t("design.versions.back"), desk.key("version:back"), desk.choose)
        st.subheader(t("design.versions.number", number=row.number), anchor=False, width="stretch")
        if desk.library.may(desk.user.actor, desk.code, Action.SETTINGS):
            st.button(
                t("design.versions.restore"), icon=":material/settings_backup_restore:", key=desk.key("version:restore"),
                help=t("design.versions.restore_help"), on_click=_restore, args=(desk, row.number),
            )  # fmt: skip
    st.caption(plain(_when(desk, row)))
    if row.note:
        st.markdown(plain(row.note))
    if row.number > 1:
        before = desk.library.version(desk.code, row.number - 1).process
        st.markdown(f"**{t('design.versions.changed')}**")
        st.markdown("\n".join(f"- {line}" for line in told_changes(desk, before, process)) or t("design.versions.same"))
    _parts(desk, process)
    for graph in process.graphs:
        st.markdown(f"**{plain(graph.title)}**")
        view = canvas_view.View(desk.user, process, graph)
        components.canvas(
            f"design-version-{desk.code}-{row.number}-{graph.code}", row.number, canvas_view.nodes(view), drawing.edges(graph),
            [], labels(desk.user.reader, "canvas"), readonly=True, groups=canvas_view.groups(desk.user),
        )  # fmt: skip


def _parts(desk: Desk, process: Process) -> None:
    """Fields and stages as lists."""
    left, right = st.columns(2, gap="medium")
    fields = [(f.title, desk.t(f"field.{f.kind}.title")) for f in process.fields]
    stages = [(s.title, desk.t(f"design.semantics.{s.semantics}")) for s in process.stages()]
    for cell, tab, lines in ((left, "fields", fields), (right, "stages", stages)):
        with cell:
            st.markdown(f"**{desk.t(f'design.tab.{tab}')}**")
            st.markdown(
                "\n".join(f"- {plain(title)} :gray[{plain(note)}]" for title, note in lines)
                or desk.t(f"design.versions.no_{tab}")
            )


def told_changes(desk: Desk, before: Process, after: Process) -> list[str]:
    """What differs, in words that Markdown leaves alone."""
    triggers = desk.user.workspace.triggers
    found = changes(before, after, lambda kind: "trigger" if kind in triggers else "robot")
    return list(dict.fromkeys(plain(change.say(desk.user.reader)) for change in found))


def _restore(desk: Desk, number: int) -> None:
    version = desk.library.version(desk.code, number).process
    desk.step(lambda: desk.library.save(desk.user.actor, version))
    if not desk.memory.trouble and not desk.memory.others:
        st.toast(desk.t("design.versions.restored", number=number), icon=":material/settings_backup_restore:")
        desk.choose()
