"""The tab of access: what each role may do and with whose elements, for the process and where a stage differs."""

from __future__ import annotations

import streamlit as st

from builder import edit
from model.access import STAGED, Action, Level, Role
from model.process import Process
from pages.parts import frame
from pages.parts.design.desk import Desk
from pages.parts.design.problems import told
from pages.parts.text import plain
from runtime.people import RoleRow

ALL_OR_NONE = frozenset({Action.SETTINGS})
"""Actions that no element is asked for."""


def show(desk: Desk) -> None:
    """Draw the matrix: a row for each action, a column for each role."""
    t = desk.t
    st.caption(t("design.access.help"))
    told(desk, [p for p in desk.problems if p.path.split("/")[0] in ("grants", "roles")])
    known = {role.code: role for role in desk.user.workspace.people.roles()}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        stage = _scope(desk)
        with st.popover(t("design.access.add_role"), icon=":material/group_add:", key=desk.key("role:add")):
            _add_role(desk, known)
    if not desk.process.roles:
        frame.empty("lock", t("design.access.none"), key="access")
        return
    with st.container(key="design-access"):
        _matrix(desk, known, stage)


def _scope(desk: Desk) -> str:
    """The whole process or one stage; stages that differ are marked."""
    special = {g.stage for g in desk.process.grants if g.stage}
    titles = {s.code: s.title for s in desk.process.stages()}
    chosen = st.selectbox(
        desk.t("design.access.scope"), ["", *titles], key=desk.key("access:scope"), width=320,
        format_func=lambda c: (titles[c] + (" •" if c in special else "")) if c else desk.t("design.access.everywhere"),
        help=desk.t("design.access.scope_help"),
    )  # fmt: skip
    return str(chosen or "")


def _matrix(desk: Desk, known: dict[str, RoleRow], stage: str) -> None:
    roles = desk.process.roles
    widths = [0.6, *[1.0] * len(roles)]
    wide = round(260 * sum(widths))
    with st.container(key="design-access-head"):
        head = st.columns(widths, vertical_alignment="bottom", gap="small", width=wide)
        for cell, role in zip(head[1:], roles, strict=True):
            with cell:
                _role(desk, role, known.get(role.code))
    for action in STAGED if stage else Action:
        cells = st.columns(widths, vertical_alignment="center", gap="small", width=wide)
        cells[0].markdown(f"**{desk.t(f'design.action.{action.value}')}**", help=desk.t(f"design.action.{action.value}.help"))
        for cell, role in zip(cells[1:], roles, strict=True):
            with cell:
                _level(desk, role, action, stage)


def _level(desk: Desk, role: Role, action: Action, stage: str) -> None:
    held = {g.stage: g.level for g in desk.process.grants if (g.role, g.action) == (role.code, action)}
    general, now = held.get("", Level.NONE), held.get(stage)
    offered: list[Level | None] = [*([None] if stage else []), *Level]
    if action in ALL_OR_NONE:
        offered = [level for level in offered if level in (None, Level.NONE, Level.ALL, now)]
    shown = now if stage else (now or Level.NONE)
    label = desk.t("design.access.cell", role=role.title, action=desk.t(f"design.action.{action.value}"))
    st.selectbox(
        plain(label), offered, index=offered.index(shown), label_visibility="visible",
        format_func=lambda level: _words(desk, level, general),
        **desk.on(f"grant:{role.code}:{action.value}:{stage}", lambda p, v: _granted(p, role, action, v, stage)),
    )  # fmt: skip


def _words(desk: Desk, level: Level | None, general: Level) -> str:
    if level is None:
        return desk.t("design.access.inherited", level=desk.t(f"design.level.{general.name.lower()}"))
    return desk.t(f"design.level.{level.name.lower()}")


def _granted(process: Process, role: Role, action: Action, level: Level | None, stage: str) -> Process:
    """No grant is the same as none at all: only a stage needs to say it."""
    return edit.set_grant(process, role, action, None if level == Level.NONE and not stage else level, stage)


def _role(desk: Desk, role: Role, row: RoleRow | None) -> None:
    """Who has the role, and the way to take its rights away."""
    t = desk.t
    with st.popover(plain(role.title), icon=":material/badge:", width="stretch", key=desk.key(f"role:{role.code}")):
        people, departments = desk.user.workspace.people.names(), _departments(desk)
        held = [people.get(n, "") for n in row.users] + [departments.get(n, "") for n in row.departments] if row else []
        st.markdown(f"**{t('design.access.members')}**")
        st.markdown(plain(", ".join(filter(None, held))) or t("design.access.nobody"))
        if desk.user.actor.admin and st.button(
            t("design.access.change_members"), icon=":material/group:", key=desk.key(f"role:{role.code}:people"), width="stretch"
        ):
            frame.go("people")
        st.button(
            t("design.access.remove_role"), icon=":material/delete:", key=desk.key(f"role:{role.code}:remove"), width="stretch",
            help=t("design.access.remove_role_help"), on_click=desk.doing(lambda p: edit.remove_role(p, role.code)),
        )  # fmt: skip


def _departments(desk: Desk) -> dict[int, str]:
    return {d.id: d.title for d in desk.user.workspace.people.departments()}


def _add_role(desk: Desk, known: dict[str, RoleRow]) -> None:
    """One of the workspace's roles, or a new one."""
    t = desk.t
    here = {r.code for r in desk.process.roles}
    for row in known.values():
        if row.code not in here:
            st.button(
                plain(row.title), icon=":material/badge:", key=desk.key(f"role:take:{row.code}"), width="stretch",
                on_click=_take, args=(desk, Role(code=row.code, title=row.title)),
            )  # fmt: skip
    with st.form(desk.key("role:new"), border=False):
        title = st.text_input(t("design.access.new_role"), max_chars=120, key=desk.key("role:new:title"))
        if st.form_submit_button(t("design.access.create_role"), icon=":material/add:") and title.strip():
            _take(desk, Role(code=edit.code_for(title, {*here, *known}, "role"), title=title.strip()))
            st.rerun()


def _take(desk: Desk, role: Role) -> None:
    """Add a role; it begins with seeing its own elements."""
    if desk.apply(lambda p: edit.set_grant(p, role, Action.READ, Level.OWN)):
        desk.anew()
