"""The workspace: name, language, zone, currency, working hours, mail, the outbox, what webhooks may reach. For administrators."""

from __future__ import annotations

import streamlit as st

from locales import CURRENCIES, zones
from pages.parts import frame
from pages.parts.admin import forms, hours, outbox
from pages.parts.user import require_user

TABS = ("general", "hours", "mail", "outbox", "webhooks")

user = require_user()
t = user.reader.t
service = user.workspace.settings
LABELS = {
    "name": t("admin.workspace_name"), "zone": t("setup.zone"), "currency": t("setup.currency"),
    "smtp_host": t("admin.smtp_host"), "smtp_port": t("admin.smtp_port"), "smtp_user": t("admin.smtp_user"),
    "smtp_from": t("admin.smtp_from"),
}  # fmt: skip


def _general() -> None:
    view = service.get()
    with st.form("settings:general", width=620):
        name = st.text_input(LABELS["name"], view.name, max_chars=120, key="settings:name")
        language = forms.choose_language(user, t("admin.default_language"), view.language, "settings:language", own=False)
        names, money = zones(), list(dict.fromkeys([*CURRENCIES, view.currency]))
        zone = st.selectbox(
            LABELS["zone"], names, names.index(view.zone) if view.zone in names else 0, format_func=user.reader.zone_name,
            key="settings:zone",
        )  # fmt: skip
        currency = st.selectbox(
            LABELS["currency"], money, money.index(view.currency), format_func=user.reader.currency_name, key="settings:currency"
        )
        pressed = st.form_submit_button(t("common.save"), type="primary")
    change = {"name": name, "language": language, "zone": zone, "currency": currency}
    if pressed and forms.saved(user, lambda: service.save(user.actor, **change), LABELS):
        forms.tell(t("common.saved"))


def _mail() -> None:
    view, environment = service.get(), user.workspace.environment
    if not user.workspace.outbox.has_mail_server():
        st.warning(t("admin.no_mail_server"), icon=":material/mail_off:")
    elif not view.smtp_host:
        st.info(t("admin.mail_from_environment", host=environment.smtp_host), icon=":material/dns:")
    with st.form("settings:mail", width=620):
        left, right = st.columns([3, 1])
        host = left.text_input(LABELS["smtp_host"], view.smtp_host, key="settings:host", placeholder="smtp.example.com")
        port = right.text_input(LABELS["smtp_port"], str(view.smtp_port), key="settings:port", max_chars=5)
        sender = st.text_input(LABELS["smtp_from"], view.smtp_from, key="settings:from", placeholder="Voronka <crm@example.com>")
        left, right = st.columns(2)
        login = left.text_input(LABELS["smtp_user"], view.smtp_user, key="settings:user", autocomplete="off")
        password = right.text_input(
            t("signin.password"), type="password", key="settings:password", autocomplete="new-password",
            placeholder=t("admin.password_kept") if view.smtp_password else "",
        )  # fmt: skip
        tls = st.checkbox(t("admin.smtp_tls"), view.smtp_tls, key="settings:tls", help=t("admin.smtp_tls_help"))
        pressed = st.form_submit_button(t("common.save"), type="primary")
    change = {"smtp_host": host.strip(), "smtp_port": port, "smtp_from": sender.strip(), "smtp_user": login, "smtp_tls": tls}
    if password or not host.strip():
        change["smtp_password"] = password
    if pressed and forms.saved(user, lambda: service.save(user.actor, **change), LABELS):
        forms.tell(t("common.saved"))
    _test_letter()


def _test_letter() -> None:
    """A letter that goes out at once tells whether the server works."""
    st.subheader(t("admin.test_mail"), anchor=False)
    own = user.workspace.people.user(user.actor.user).email
    with st.form("settings:test", width=620):
        to = st.text_input(t("admin.test_to"), own, key="settings:to", placeholder="name@example.com")
        pressed = st.form_submit_button(t("admin.test_send"), disabled=not user.workspace.outbox.has_mail_server())
    if pressed:
        name = service.get().name
        subject, body = t("admin.test_subject", name=name), t("admin.test_body", name=name)
        with st.spinner(t("admin.test_sending")):
            went = forms.saved(user, lambda: user.workspace.outbox.try_mail(user.actor, to, subject, body), {})
        if went:
            st.success(t("admin.test_sent", to=to), icon=":material/mark_email_read:")


def _webhooks() -> None:
    view = service.get()
    with st.form("settings:webhooks", width=620):
        allowed = st.toggle(t("admin.private_calls"), view.private_calls, key="settings:private")
        st.caption(t("admin.private_calls_help"))
        pressed = st.form_submit_button(t("common.save"), type="primary")
    if pressed and forms.saved(user, lambda: service.save(user.actor, private_calls=allowed), LABELS):
        forms.tell(t("common.saved"))


with frame.guard(user.reader):
    forms.admins_only(user)
    current = forms.tab(TABS)
    frame.page(t("nav.settings"), icon="settings")
    forms.told()
    forms.tabs(user, TABS, current)
    {
        "general": _general,
        "hours": lambda: hours.draw(user),
        "mail": _mail,
        "outbox": lambda: outbox.draw(user),
        "webhooks": _webhooks,
    }[current]()
