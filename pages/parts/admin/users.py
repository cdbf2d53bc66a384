"""Users: who works here, added, changed, deactivated, given passwords."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from pages.parts.admin import forms
from pages.parts.text import plain
from pages.parts.user import User
from runtime.people import User as Person

PAGE = 30


def draw(user: User) -> None:
    """The bar, then a line for each person."""
    t, people = user.reader.t, user.workspace.people
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        text = st.text_input(t("common.search"), key="admin:users:text", placeholder=t("admin.find_person"), width=280,
                             label_visibility="collapsed", icon=":material/search:")  # fmt: skip
        closed = st.toggle(t("admin.with_inactive"), key="admin:users:inactive")
    wanted = text.strip().casefold()
    found = [p for p in people.users(active=not closed) if wanted in f"{p.name} {p.login} {p.email}".casefold()]
    st.caption(t("admin.people_count", n=len(found)))
    page = 1
    if len(found) > PAGE:
        page = st.pagination(-(-len(found) // PAGE), key="admin:users:page")
    titles = {d.id: d.title for d in people.departments()}
    shut = people.without_password()
    for person in found[(page - 1) * PAGE : page * PAGE]:
        _line(user, person, titles.get(person.department or 0, ""), person.id in shut)
    if not found:
        st.caption(t("admin.nobody_found"))


def _line(user: User, person: Person, department: str, shut: bool) -> None:
    t = user.reader.t
    badges = []
    if person.admin:
        badges.append(f":gray-badge[{t('admin.is_admin')}]")
    if not person.active:
        badges.append(f":gray-badge[{t('admin.is_inactive')}]")
    elif shut:
        badges.append(f":orange-badge[{t('admin.no_password')}]")
    with st.container(horizontal=True, vertical_alignment="center", border=True, key=f"admin-user-{person.id}"):
        with st.container(width="stretch", gap=None):
            st.markdown(f"{plain(person.name)} {' '.join(badges)}")
            st.caption(plain(" · ".join(part for part in (person.login, person.email, department) if part)))
        if st.button(t("common.edit"), key=f"admin:user:{person.id}"):
            edit(user, person)


def add(user: User) -> None:
    """The dialog for a new user."""
    t = user.reader.t

    @st.dialog(t("admin.new_user"))
    def ask() -> None:
        with st.form("admin:new-user", border=False):
            given = _fields(user, None)
            password = st.text_input(
                t("signin.password"), type="password", key="admin:user:new:password", help=t("admin.password_help"),
                autocomplete="new-password",
            )  # fmt: skip
            pressed = st.form_submit_button(t("admin.add_user"), type="primary", width="stretch")
        if pressed and forms.saved(
            user, lambda: user.workspace.people.add_user(user.actor, password=password or None, **given), _labels(user)
        ):
            forms.tell(t("admin.user_added", name=given["name"]))

    ask()


def edit(user: User, person: Person) -> None:
    """The dialog for somebody who is there."""
    t, people = user.reader.t, user.workspace.people

    @st.dialog(person.name)
    def ask() -> None:
        with st.form(f"admin:user:{person.id}:form", border=False):
            given = _fields(user, person)
            active = st.checkbox(
                t("admin.active"), person.active, key=f"admin:user:{person.id}:active", help=t("admin.active_help")
            )
            pressed = st.form_submit_button(t("common.save"), type="primary", width="stretch")
        if pressed and forms.saved(
            user, lambda: people.change_user(user.actor, person.id, active=active, **given), _labels(user)
        ):
            forms.tell(t("common.saved"))
        with st.expander(t("admin.set_password"), icon=":material/key:"):
            _password(user, person)

    ask()


def _password(user: User, person: Person) -> None:
    """A new password for somebody else; one's own is changed in the profile, with the old one."""
    t = user.reader.t
    if person.id == user.actor.user:
        st.caption(t("admin.own_password"))
        return
    with st.form(f"admin:user:{person.id}:password", border=False):
        new = st.text_input(
            t("admin.new_password"), type="password", key=f"admin:user:{person.id}:new", autocomplete="new-password"
        )
        st.caption(t("admin.password_ends_sessions"))
        pressed = st.form_submit_button(t("admin.set_password"))
    if pressed and forms.saved(user, lambda: user.workspace.people.set_password(user.actor, person.id, "", new), _labels(user)):
        forms.tell(t("admin.password_set", name=person.name))


def _fields(user: User, person: Person | None) -> dict[str, Any]:
    t, key = user.reader.t, f"admin:user:{person.id if person else 'new'}"
    name = st.text_input(t("admin.name"), person.name if person else "", key=f"{key}:name", max_chars=120)
    left, right = st.columns(2)
    login = left.text_input(t("signin.login"), person.login if person else "", key=f"{key}:login", max_chars=100)
    email = right.text_input(t("admin.email"), person.email if person else "", key=f"{key}:email", max_chars=254)
    with left:
        department = forms.choose_department(user, t("admin.department"), person.department if person else None, f"{key}:dep")
    with right:
        language = forms.choose_language(user, t("admin.language"), person.language if person else "", f"{key}:language")
    admin = st.checkbox(t("admin.admin"), bool(person and person.admin), key=f"{key}:admin", help=t("admin.admin_help"))
    return {"name": name, "login": login, "email": email, "department": department, "language": language, "admin": admin}


def _labels(user: User) -> Mapping[str, str]:
    t = user.reader.t
    return {
        "name": t("admin.name"), "login": t("signin.login"), "email": t("admin.email"), "department": t("admin.department"),
        "password": t("signin.password"), "new": t("admin.new_password"),
    }  # fmt: skip
