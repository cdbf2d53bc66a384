"""Departments as a tree, and roles with the people who have them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from builder.sheets.hints import code_of
from pages.parts import frame
from pages.parts.admin import forms
from pages.parts.text import plain
from pages.parts.user import User
from runtime.people import Department, RoleRow

# departments


def departments(user: User) -> None:
    """The tree: a line for each department, indented below the one it belongs to."""
    t, people = user.reader.t, user.workspace.people
    found = forms.tree(people.departments())
    if not found:
        frame.empty("account_tree", t("admin.no_departments"))
    counts: dict[int | None, int] = {}
    for person in people.users():
        counts[person.department] = counts.get(person.department, 0) + 1
    for depth, each in found:
        _department(user, depth, each, counts.get(each.id, 0))


def _department(user: User, depth: int, each: Department, count: int) -> None:
    t = user.reader.t
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if depth:
            st.space(28 * min(depth, 8))
        with st.container(horizontal=True, vertical_alignment="center", border=True, key=f"admin-department-{each.id}"):
            with st.container(width="stretch", gap=None):
                st.markdown(plain(each.title))
                head = t("admin.headed_by", name=user.reader.person(each.head)) if each.head else ""
                st.caption(plain(" · ".join(part for part in (t("admin.people_count", n=count), head) if part)))
            if st.button(t("admin.add_below"), key=f"admin:below:{each.id}", type="tertiary", icon=":material/add:"):
                edit_department(user, None, each.id)
            if st.button(t("common.edit"), key=f"admin:department:{each.id}"):
                edit_department(user, each)


def edit_department(user: User, each: Department | None, parent: int | None = None) -> None:
    """The dialog for a department, a new one without `each`."""
    t, people = user.reader.t, user.workspace.people
    labels = {"title": t("admin.title"), "parent": t("admin.parent"), "head": t("admin.head")}
    names = {u.id: u.name for u in people.users()}
    key = f"admin:department:{each.id if each else f'new:{parent}'}"

    @st.dialog(each.title if each else t("admin.new_department"))
    def ask() -> None:
        with st.form(f"{key}:form", border=False):
            title = st.text_input(labels["title"], each.title if each else "", key=f"{key}:title", max_chars=120)
            above = forms.choose_department(
                user, labels["parent"], each.parent if each else parent, f"{key}:parent", each.id if each else None
            )
            options = [None, *names]
            held = each.head if each else None
            head = st.selectbox(
                labels["head"], options, options.index(held) if held in options else 0, key=f"{key}:head",
                format_func=lambda id: names[id] if id else t("common.nobody"), help=t("admin.head_help"),
            )  # fmt: skip
            pressed = st.form_submit_button(t("common.save"), type="primary", width="stretch")
        given: dict[str, Any] = {"title": title, "parent": above, "head": head}
        change = (lambda: people.change_department(user.actor, each.id, **given)) if each else None
        if pressed and forms.saved(user, change or (lambda: people.add_department(user.actor, **given)), labels):
            forms.tell(t("common.saved"))
        gone = each is not None and st.button(t("admin.remove_department"), key=f"{key}:remove", icon=":material/delete:")
        if each and gone and forms.saved(user, lambda: people.remove_department(user.actor, each.id), labels):
            forms.tell(t("admin.removed", title=each.title))

    ask()


# roles


def roles(user: User) -> None:
    """A line for each role: who has it."""
    t = user.reader.t
    found = user.workspace.people.roles()
    titles = {d.id: d.title for d in user.workspace.people.departments()}
    st.caption(t("admin.roles_help"))
    if not found:
        frame.empty("badge", t("admin.no_roles"))
    for role in found:
        with st.container(horizontal=True, vertical_alignment="center", border=True, key=f"admin-role-{role.code}"):
            with st.container(width="stretch", gap=None):
                st.markdown(plain(role.title))
                st.caption(plain(_members(user, role, titles)))
            if st.button(t("common.edit"), key=f"admin:role:{role.code}"):
                edit_role(user, role)


def _members(user: User, role: RoleRow, titles: Mapping[int, str]) -> str:
    names = [titles.get(id, "") for id in role.departments] + [user.reader.person(id) for id in role.users]
    named = [name for name in names if name]
    more = user.reader.t("admin.and_more", n=len(named) - 6) if len(named) > 6 else ""
    return ", ".join(named[:6]) + (f" {more}" if more else "") or user.reader.t("admin.role_of_nobody")


def edit_role(user: User, role: RoleRow | None) -> None:
    """The dialog for a role, a new one without `role`."""
    t, people = user.reader.t, user.workspace.people
    labels = {"title": t("admin.title"), "users": t("admin.role_users"), "departments": t("admin.role_departments")}
    names = {u.id: u.name for u in people.users()}
    titles = {d.id: d.title for d in people.departments()}
    key = f"admin:role:{role.code if role else 'new:'}"

    @st.dialog(role.title if role else t("admin.new_role"))
    def ask() -> None:
        with st.form(f"{key}:form", border=False):
            title = st.text_input(labels["title"], role.title if role else "", key=f"{key}:title", max_chars=120)
            held = [id for id in role.users if id in names] if role else []
            users = st.multiselect(labels["users"], list(names), held, names.__getitem__, key=f"{key}:users")
            below = [id for id in role.departments if id in titles] if role else []
            groups = st.multiselect(
                labels["departments"], list(titles), below, titles.__getitem__, key=f"{key}:departments",
                help=t("admin.role_departments_help"),
            )  # fmt: skip
            pressed = st.form_submit_button(t("common.save"), type="primary", width="stretch")
        code = role.code if role else code_of(title, {r.code for r in people.roles()}, "role")
        if pressed and forms.saved(user, lambda: people.save_role(user.actor, code, title, users, groups), labels):
            forms.tell(t("common.saved"))
        if role is not None:
            with st.expander(t("admin.remove_role"), icon=":material/delete:"):
                st.caption(t("admin.remove_role_text"))
                sure = st.button(t("admin.remove_role"), key=f"{key}:remove")
            if sure and forms.saved(user, lambda: people.remove_role(user.actor, role.code), labels):
                forms.tell(t("admin.removed", title=role.title))

    ask()
