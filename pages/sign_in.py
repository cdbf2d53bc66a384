"""Sign-in: a plain form that posts to a route, so that password managers know it and the cookie can be HttpOnly."""

from __future__ import annotations

from html import escape
from urllib.parse import urlencode, urlsplit

import streamlit as st

from pages.parts.text import number, plain
from workspace import current

SAID = ("wrong_login", "too_many_attempts", "signed_out", "bad_origin")
"""Codes that the route may send back."""

workspace = current()
reader = workspace.reader(None)
t = reader.t


def _here() -> str:
    """This very address, without what the route told us: where to go on after signing in."""
    kept = {k: v for k, v in st.query_params.to_dict().items() if k not in ("signin", "minutes")}
    path = urlsplit(str(st.context.url or "")).path or "/"
    return path + (f"?{urlencode(kept)}" if kept else "")


with st.container(key="gate"):
    st.title(plain(workspace.settings.get().name), anchor=False)
    code = st.query_params.get("signin", "")
    if code in SAID:
        minutes = number(st.query_params.get("minutes", "")) or 1
        show = st.info if code == "signed_out" else st.error
        show(t(f"error.{code}", minutes=minutes, n=minutes))
    st.html(
        '<form class="vf" method="post" action="/session/sign-in">'
        f'<input type="hidden" name="next" value="{escape(_here(), quote=True)}">'
        f"<label>{escape(t('signin.login'))}"
        '<input type="text" name="username" autocomplete="username" autocapitalize="none" required></label>'
        f"<label>{escape(t('signin.password'))}"
        '<input type="password" name="password" autocomplete="current-password" required></label>'
        f'<button type="submit">{escape(t("signin.button"))}</button></form>'
    )
    st.caption(t("signin.forgot"))
