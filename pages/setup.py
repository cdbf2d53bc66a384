"""Set-up: the first page of a new workspace makes it and its administrator."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from locales import CURRENCIES, Language, known, languages, zones
from model.errors import VoronkaError
from pages.parts.text import plain
from workspace import current

workspace = current()
ZONES = {"ru": "Europe/Moscow", "en": "UTC"}
MONEY = {"ru": "RUB", "en": "USD"}
PLACES = {"login": "login", "name": "person", "password": "password", "email": "email"}
"""Which input a problem of the new account belongs to."""


def _guessed_zone() -> str:
    """The browser's own time zone."""
    return str(st.context.timezone or "")


def _form(reader: Language) -> None:
    t = reader.t
    told: dict[str, str] = st.session_state.get("setup:problems", {})
    with st.form("setup", border=False):
        st.subheader(t("setup.workspace"), anchor=False)
        _text("name", t("setup.name"), told, placeholder=t("setup.name_hint"), max_chars=120)
        left, right = st.columns(2)
        options = zones()
        wanted = _guessed_zone() if _guessed_zone() in options else ZONES[reader.locale]
        left.selectbox(t("setup.zone"), options, options.index(wanted), format_func=reader.zone_name, key="setup:zone")
        right.selectbox(
            t("setup.currency"), CURRENCIES, CURRENCIES.index(MONEY[reader.locale]), format_func=reader.currency_name,
            key=f"setup:currency:{reader.locale}",
        )  # fmt: skip
        st.subheader(t("setup.admin"), anchor=False)
        left, right = st.columns(2)
        with left:
            _text("person", t("setup.person"), told, max_chars=120, autocomplete="name")
        with right:
            _text("login", t("setup.login"), told, max_chars=100, autocomplete="username")
        left, right = st.columns(2)
        with left:
            _text(
                "password", t("setup.password"), told, type="password", help=t("setup.password_help"), autocomplete="new-password"
            )
        with right:
            _text("repeat", t("setup.repeat"), told, type="password", autocomplete="new-password")
        _text("email", t("setup.email"), told, max_chars=254, autocomplete="email")
        st.checkbox(t("setup.demo"), value=True, help=t("setup.demo_help"), key="setup:demo")
        if st.form_submit_button(t("setup.start"), type="primary", width="stretch", key="setup:start"):
            _start(reader)


def _text(name: str, label: str, told: Mapping[str, str], **more: Any) -> None:
    st.text_input(label, key=f"setup:{name}", **more)
    if name in told:
        st.caption(f":red[{plain(told[name])}]")


def _told(bar: DeltaGenerator, share: float, words: str) -> None:
    bar.progress(share, words)


def _start(reader: Language) -> None:
    given = {
        n: str(st.session_state.get(f"setup:{n}", "")) for n in ("name", "person", "login", "email", "password", "repeat", "zone")
    }
    st.session_state["setup:problems"] = {}
    if given["password"] != given["repeat"]:
        _refuse({"repeat": reader.t("setup.repeat_differs")})
    bar = st.progress(0.0, reader.t("setup.doing.workspace"))
    try:
        admin = workspace.set_up(
            given["name"].strip() or "Voronka", reader.locale, given["login"].strip(), given["person"].strip(), given["password"],
            email=given["email"].strip(), zone=given["zone"], currency=st.session_state[f"setup:currency:{reader.locale}"],
            demo=bool(st.session_state["setup:demo"]), progress=lambda share, key: _told(bar, share, reader.t(key)),
        )  # fmt: skip
    except VoronkaError as refused:
        _refuse({PLACES.get(p.path, "form"): reader.say(p) for p in refused.problems})
    _enter(reader, workspace.sessions.ticket(admin.id))


def _refuse(told: dict[str, str]) -> None:
    st.session_state["setup:problems"] = told
    st.rerun()


def _enter(reader: Language, ticket: str) -> None:
    """Only a route can set the session cookie: go there with the ticket."""
    address = f"/session/enter?ticket={ticket}"
    st.success(reader.t("setup.ready"), icon=":material/check_circle:")
    st.html(f"<script>window.location.replace({json.dumps(address)})</script>", unsafe_allow_javascript=True)
    st.html(f'<a href="{address}" target="_self">{reader.t("setup.open")}</a>')


with st.container(key="gate-wide"):
    locale = known(st.session_state.get("setup:language") or workspace.environment.language)
    reader = Language(locale)
    with st.container(horizontal=True, horizontal_alignment="right"):
        st.segmented_control(
            reader.t("setup.language"), list(languages()), format_func=languages().__getitem__, default=locale,
            key="setup:language", label_visibility="collapsed", required=True,
        )  # fmt: skip
    st.title(reader.t("setup.title"), anchor=False)
    st.markdown(reader.t("setup.about"))
    if problem := st.session_state.get("setup:problems", {}).get("form"):
        st.error(plain(problem))
    _form(reader)
