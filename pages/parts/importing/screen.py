"""The screen of a file on its way in: how it was read, the rows as they will be, what columns, stages and people mean."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

import sheets as tables
from builder import sheets
from builder.sheets import ColumnPlan, Preview, looks
from model.access import Action, may
from model.process import Process
from pages.parts.importing.draft import AMOUNT, MAKE, NEW, OWN, SKIP, SYSTEM_ROLES, Draft
from pages.parts.importing.reading import Told
from pages.parts.text import plain
from pages.parts.timeline_view import label
from pages.parts.user import User

ENCODINGS = ("utf-8", "utf-8-sig", "cp1251", "cp1252", "koi8_r", "cp866", "utf-16", "utf-16-le", "utf-16-be")
DELIMITERS = (",", ";", "\t", "|")
ROWS = 8
"""Rows of the preview."""
COLUMNS, NAMES = 40, 25
"""Columns on a page, and unknown people that can be mapped by hand."""
WRONG = "background-color: rgba(214, 84, 72, 0.18)"

Reread = Callable[[Told], None]


def choose(name: str, title: str, options: Sequence[str], value: str, chosen: Callable[[str], None], **more: Any) -> None:
    """A select box whose truth is elsewhere: `value` now, `chosen` is told of another one."""
    key = f"importing:{name}"
    listed = [*options, *([value] if value not in options else [])]
    st.session_state[key] = value
    st.selectbox(title, listed, key=key, on_change=lambda: chosen(st.session_state[key]), **more)


def settings(user: User, draft: Draft, reread: Reread) -> None:
    """How the file was understood, each thing changeable."""
    t, sheet, told, unsure = user.reader.t, draft.read.sheet, draft.read.told, draft.plan(user).unsure
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="importing-settings"):
        if sheet.format == "csv":
            choose("encoding", t("importing.encoding"), ENCODINGS, sheet.encoding, width=150, format_func=_encoding,
                   chosen=lambda v: reread(_but(told, encoding=v, delimiter=None)))  # fmt: skip
            choose("delimiter", t("importing.delimiter"), DELIMITERS, sheet.delimiter, width=190,
                   format_func=lambda d: t(f"importing.delimiter.{DELIMITERS.index(d)}") if d in DELIMITERS else d,
                   chosen=lambda v: reread(_but(told, encoding=sheet.encoding, delimiter=v)))  # fmt: skip
        elif len(sheet.sheets) > 1:
            choose("sheet", t("importing.sheet"), sheet.sheets, sheet.sheet, width=200,
                   chosen=lambda v: reread(_but(told, sheet=v)))  # fmt: skip
        order = "day" if draft.day_first else "month"
        choose("dates", t("importing.dates"), ("day", "month"), order, lambda v: setattr(draft, "day_first", v == "day"),
               width=190, format_func=lambda v: t(f"importing.dates.{v}"))  # fmt: skip
        if not unsure:
            choose("decimal", t("importing.decimal"), (".", ","), draft.decimal, draft.mark, width=150,
                   format_func=lambda v: t("importing.decimal.point" if v == "." else "importing.decimal.comma"))  # fmt: skip
        head = "yes" if told.header else "no"
        choose("header", t("importing.header"), ("yes", "no"), head, lambda v: reread(_but(told, header=v == "yes")),
               width=150, format_func=lambda v: t(f"importing.header.{v}"))  # fmt: skip
    if len(sheet.columns) == 1 and sheet.format == "csv":
        st.warning(t("importing.one_column"), icon=":material/view_column:")


def marks(user: User, draft: Draft) -> bool:
    """Ask what a number with two readings means, with both. Whether that is open, and the rows cannot be shown yet."""
    value, t = draft.plan(user).unsure, user.reader.t
    if not value:
        return False
    part = looks.unsure_mark(value)
    meant = dict(zip((looks.other_mark(part), part), looks.meanings(value), strict=True))
    st.warning(t("importing.unsure", value=plain(value)), icon=":material/help:")
    key = "importing:unsure"
    st.session_state[key] = None
    st.radio(t("importing.unsure_ask", value=plain(value)), list(meant), key=key, index=None,
             on_change=lambda: draft.mark(st.session_state[key]),
             format_func=lambda v: t("importing.unsure_means", value=plain(value), n=_bare(user, meant[v])))  # fmt: skip
    return True


def _bare(user: User, value: float) -> str:
    """Without groups of thousands: they are what is asked about."""
    return user.reader.number(value, least=sys.maxsize)


def _but(told: Told, **changes: Any) -> Told:
    return Told(**{"encoding": told.encoding, "delimiter": told.delimiter, "sheet": told.sheet, "header": told.header} | changes)


def _encoding(name: str) -> str:
    known = {"utf-8": "UTF-8", "utf-8-sig": "UTF-8 (BOM)", "cp1251": "Windows-1251", "cp1252": "Windows-1252", "koi8_r": "KOI8-R",
             "cp866": "DOS 866", "utf-16": "UTF-16", "utf-16-le": "UTF-16 LE", "utf-16-be": "UTF-16 BE"}  # fmt: skip
    return known.get(name, name)


def preview(user: User, draft: Draft) -> None:
    """The first rows as the elements they will be, what is wrong with them marked."""
    t = user.reader.t
    process, plan = draft.target(user)
    look = tables.lookups(user.workspace, user.actor, draft.named)
    rows = sheets.rows(draft.read.sheet, plan, process, look)
    found = sheets.preview(rows, process, user.workspace.types, user.reader, ROWS)
    wrong = [row for row in found.rows if row.problems]
    note = t("importing.preview_wrong", n=len(wrong), of=len(found.rows)) if wrong else t("importing.preview_good")
    st.subheader(t("importing.preview"), anchor=False, divider=False)
    st.caption(f"{t('importing.preview_of', n=len(found.rows), all=draft.read.count)} {note}")
    if any("\ufffd" in text for row in found.rows for text in row.shown.values()):
        st.warning(t("importing.bad_letters"), icon=":material/translate:")
    _table(user, process, found)


def _table(user: User, process: Process, found: Preview) -> None:
    t = user.reader.t
    used = [c for c in found.columns if any(row.shown.get(c) or c in row.problems for row in found.rows)]
    names = {c: _unique(label(user.reader, process, c), n, used, user, process) for n, c in enumerate(used)}
    wrong = any(row.problems for row in found.rows)
    lines = []
    for row in found.rows:
        why = {t("importing.problem"): _why(user, process, row.problems)} if wrong else {}
        lines.append({t("importing.row"): row.number} | why | {names[c]: _cell(row, c) for c in used})
    data = pd.DataFrame(lines)
    marks = pd.DataFrame("", index=data.index, columns=data.columns)
    for place, row in enumerate(found.rows):
        for code in row.problems:
            marks.loc[place, names.get(code, t("importing.problem"))] = WRONG
    st.dataframe(data.style.apply(lambda _: marks, axis=None), hide_index=True, height="content", row_height=34,
                 column_config={t("importing.row"): st.column_config.NumberColumn(width=60, format="%d")})  # fmt: skip


def _unique(name: str, place: int, used: Sequence[str], user: User, process: Process) -> str:
    """Two fields may have one title: then the code says which is which."""
    same = any(label(user.reader, process, other) == name for n, other in enumerate(used) if n != place)
    return f"{name} ({used[place]})" if same else name


def _cell(row: sheets.PreviewRow, code: str) -> str:
    if code in row.problems and not row.shown.get(code):
        return str(row.problems[code][0].context.get("value", row.problems[code][0].context.get("stage", "")))
    return row.shown.get(code, "")


def _why(user: User, process: Process, problems: Any) -> str:
    return " ".join(user.reader.say(problem) for found in problems.values() for problem in found)


def columns(user: User, draft: Draft) -> None:
    """Where each column goes and as what."""
    t = user.reader.t
    listed = draft.read.plan.columns
    page = 1
    if len(listed) > COLUMNS:
        page = st.pagination(-(-len(listed) // COLUMNS), key="importing:columns:page")
    st.caption(t("importing.columns_help"))
    for number, column in enumerate(listed[(page - 1) * COLUMNS : page * COLUMNS], (page - 1) * COLUMNS):
        with st.container(horizontal=True, vertical_alignment="center", border=True, key=f"importing-column-{number}"):
            with st.container(width=320, gap=None):
                st.markdown(plain(column.name))
                st.caption(plain(_examples(user, column)) or t("importing.empty_column"))
            _column(user, draft, column, number)


def _examples(user: User, column: ColumnPlan) -> str:
    return " · ".join(text if len(text) <= 30 else f"{text[:29]}…" for text in column.examples[:3])


def _column(user: User, draft: Draft, column: ColumnPlan, number: int) -> None:
    t = user.reader.t
    place = draft.goes[column.name]
    choose(f"goes:{number}", t("importing.goes"), _places(user, draft), place, lambda v: draft.send(column.name, v), width=260,
           format_func=lambda v: _place(user, draft, v), label_visibility="collapsed")  # fmt: skip
    is_new = place in (NEW, AMOUNT) or (draft.process is None and place in ("created", "closed"))
    if not is_new:
        return
    kinds = [kind for kind in user.workspace.types if kind != "file"]
    kind = draft.kinds[column.name]
    choose(f"kind:{number}", t("importing.kind"), kinds, kind, lambda v: draft.kinds.__setitem__(column.name, v), width=220,
           label_visibility="collapsed", format_func=lambda kind: t(f"field.{kind}.title"))  # fmt: skip
    if draft.kinds[column.name] == "link":
        _link(user, draft, column, number)


def _link(user: User, draft: Draft, column: ColumnPlan, number: int) -> None:
    """Which process a column of titles leads to."""
    t = user.reader.t
    titles = {p.code: p.title for p in readable(user)}
    if not titles:
        st.caption(t("importing.link_nowhere"))
        return
    held = draft.links.get(column.name, "")
    choose(f"link:{number}", t("importing.link"), list(titles), held if held in titles else next(iter(titles)), width=220,
           chosen=lambda v: draft.links.__setitem__(column.name, v), format_func=lambda c: titles.get(c, c),
           label_visibility="collapsed")  # fmt: skip


def readable(user: User) -> list[Process]:
    """Published processes that this person may read."""
    library = user.workspace.processes
    found = [version.process for code in library.codes() if (version := library.published(code)) is not None]
    return sorted((p for p in found if may(p, user.actor, Action.READ)), key=lambda p: p.title.casefold())


def _places(user: User, draft: Draft) -> list[str]:
    """Where a column may go: system values, fields that are there, a new field, nowhere."""
    process = draft.process
    roles = [role for role in SYSTEM_ROLES if role != "stage" or process is None or process.has_stages]
    if process is None:
        return [*roles, AMOUNT, NEW, SKIP]
    fields = [f"{OWN}{f.code}" for f in process.fields if f.kind != "file"]
    return [*roles, *fields, *([NEW] if _designs(user, process) else []), SKIP]


def _designs(user: User, process: Process) -> bool:
    return may(process, user.actor, Action.SETTINGS)


def _place(user: User, draft: Draft, place: str) -> str:
    if place.startswith(OWN):
        field = draft.process.field(place.removeprefix(OWN)) if draft.process else None
        return field.title if field else place
    return user.reader.t(f"importing.goes.{place}")


def stages(user: User, draft: Draft) -> None:
    """What each value of the stage column means."""
    t = user.reader.t
    if not draft.stage_column:
        st.caption(t("importing.no_stage_column" if draft.process is None else "importing.no_stage_column_there"))
        return
    choices = [f"{MAKE}P", f"{MAKE}S", f"{MAKE}F", SKIP]
    if draft.process is not None:
        own = [s.code for s in draft.process.stages()]
        choices = [*own, *([f"{MAKE}P", f"{MAKE}F"] if _designs(user, draft.process) else []), SKIP]
    st.caption(t("importing.stages_help"))
    for number, stage in enumerate(draft.stage_values):
        with st.container(horizontal=True, vertical_alignment="center", border=True, key=f"importing-stage-{number}"):
            with st.container(width=320, gap=None):
                st.markdown(plain(stage.value))
                st.caption(t("importing.rows", n=stage.count))
            choose(f"stage:{number}", t("importing.stage"), choices, draft.stages.get(stage.value, SKIP),
                   partial(draft.mean, stage.value), width=320, format_func=lambda v: _meaning(user, draft, v),
                   label_visibility="collapsed")  # fmt: skip
    _begun(user, draft)


def _meaning(user: User, draft: Draft, choice: str) -> str:
    if choice == SKIP or choice.startswith(MAKE):
        made = "importing.stage_make" if draft.process is not None and choice != SKIP else "importing.stage_is"
        return user.reader.t(f"{made}.{choice.removeprefix(MAKE)}")
    stage = draft.process.stage(choice) if draft.process else None
    return stage.title if stage else choice


def _begun(user: User, draft: Draft) -> None:
    """Where elements that are closed in the file stood before: the funnel's figures need it."""
    if not {"created", "closed"} <= set(draft.goes.values()):
        return
    going = {s.code: s.value for s in draft.stage_values if draft.stages.get(s.value) == f"{MAKE}P"}
    if draft.process is not None:
        going = {s.code: s.title for s in draft.process.stages() if s.semantics == "P"}
    if going:
        choose("begun", user.reader.t("importing.begun"), ["", *going], draft.begun if draft.begun in going else "", width=320,
               chosen=lambda v: setattr(draft, "begun", v), help=user.reader.t("importing.begun_help"),
               format_func=lambda c: going.get(c) or user.reader.t("importing.begun_first"))  # fmt: skip


def people(user: User, draft: Draft) -> None:
    """Who the names in the file are: those that nobody here has, and what becomes of their rows."""
    t = user.reader.t
    names = draft.names()
    if not names:
        st.caption(t("importing.no_people"))
        return
    person = user.workspace.imports.person_lookup()
    unknown = [name for name, _ in names.most_common() if person(name) is None]
    st.caption(t("importing.people_known", n=len(names) - len(unknown), of=len(names)))
    if not unknown:
        return
    rules = ["create", "empty", "error"] if user.actor.admin else ["empty", "error"]
    choose("unknown", t("importing.unknown_person", n=len(unknown)), rules, draft.unknown_person,
           lambda v: setattr(draft, "unknown_person", v), width=420,
           format_func=lambda v: t(f"importing.unknown_person.{v}"))  # fmt: skip
    users = {str(u.id): u.name for u in user.workspace.people.users()}
    with st.expander(t("importing.people_by_hand", n=len(unknown))):
        for number, name in enumerate(unknown[:NAMES]):
            _person(user, draft, name, number, names[name], users)
        if len(unknown) > NAMES:
            st.caption(t("importing.more_people", n=len(unknown) - NAMES))


def _person(user: User, draft: Draft, name: str, number: int, rows: int, users: dict[str, str]) -> None:
    t = user.reader.t

    def chosen(value: str) -> None:
        draft.named.pop(name, None)
        if value:
            draft.named[name] = int(value)

    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(width=320, gap=None):
            st.markdown(plain(name))
            st.caption(t("importing.rows", n=rows))
        held = str(draft.named.get(name, ""))
        choose(f"person:{number}", t("importing.person"), ["", *users], held, chosen, width=320, label_visibility="collapsed",
               format_func=lambda v: users.get(v) or t(f"importing.unknown_person.{draft.unknown_person}"))  # fmt: skip
