"""The outbox: letters and calls on their way out, what holds them up, and sending them again or throwing them away."""

from __future__ import annotations

import streamlit as st

from pages.parts import frame
from pages.parts.admin import forms
from pages.parts.text import plain
from pages.parts.user import User
from runtime.outbox import OutboxRow

STATES = ("all", "held", "failed", "waiting", "sent")
SHOWN = 100
COLORS = {"held": "orange", "failed": "red", "waiting": "gray", "sending": "gray", "sent": "green"}


def draw(user: User) -> None:
    """The newest letters and calls of all processes."""
    t, outbox = user.reader.t, user.workspace.outbox
    _approval(user)
    held = outbox.rows(user.actor, state="held", limit=500)
    asked = [row for row in held if row.reason == "approval"]
    if asked:
        _send_held(user, asked, "admin.to_approve")
    elif held and not outbox.has_mail_server():
        st.warning(t("admin.held_no_server", n=len(held)), icon=":material/mail_off:")
    elif held:
        _send_held(user, held, "admin.held_can_go")
    state = st.segmented_control(
        t("admin.outbox_state"), STATES, default="all", key="admin:outbox:state", label_visibility="collapsed", required=True,
        format_func=lambda s: t("admin.outbox_all") if s == "all" else t(f"outbox.state.{s}"),
    )  # fmt: skip
    rows = outbox.rows(user.actor, state=None if state in (None, "all") else state, limit=SHOWN)
    for row in rows:
        _line(user, row)
    if not rows:
        frame.empty("outgoing_mail", t("admin.outbox_empty"))
    elif len(rows) == SHOWN:
        st.caption(t("admin.outbox_newest", n=SHOWN))


def _approval(user: User) -> None:
    """Whether letters and calls wait for somebody to let them go."""
    t, service = user.reader.t, user.workspace.settings
    held = service.get().hold_outgoing
    wanted = st.toggle(t("admin.hold_outgoing"), held, key="admin:hold", help=t("admin.hold_outgoing_help"))
    if wanted != held and forms.saved(user, lambda: service.save(user.actor, hold_outgoing=wanted), {}):
        forms.tell(t("common.saved"))


def _send_held(user: User, held: list[OutboxRow], words: str) -> None:
    """What waited for a mail server that is there by now, or for somebody's word, can go at once."""
    t = user.reader.t

    def send() -> None:
        for row in held:
            user.workspace.outbox.resend(user.actor, row.id)

    with st.container(horizontal=True, vertical_alignment="center", border=True, key="admin-held"):
        st.markdown(t(words, n=len(held)), width="stretch")
        if st.button(t("admin.send_held"), key="admin:outbox:all", type="primary") and forms.saved(user, send, {}):
            forms.tell(t("admin.held_sent", n=len(held)))


def _line(user: User, row: OutboxRow) -> None:
    t = user.reader.t
    with st.container(horizontal=True, vertical_alignment="center", border=True, key=f"admin-outbox-{row.id}"):
        with st.container(width="stretch", gap=None):
            badge = f":{COLORS.get(row.state, 'gray')}-badge[{plain(t(f'outbox.state.{row.state}'))}]"
            st.markdown(f"{plain(_what(row)) or plain(t(f'outbox.kind.{row.kind}'))} {badge}")
            st.caption(plain(" · ".join(part for part in _facts(user, row) if part)))
        if row.element and st.button(t("admin.to_element"), key=f"admin:outbox:open:{row.id}", type="tertiary"):
            frame.go("card", id=row.element)
        if row.state in ("held", "failed"):
            if st.button(t("admin.resend"), key=f"admin:outbox:resend:{row.id}"):
                _act(user, row, "resend")
            if st.button(t("admin.discard"), key=f"admin:outbox:discard:{row.id}", type="tertiary"):
                _act(user, row, "discard")


def _what(row: OutboxRow) -> str:
    """A letter's subject; a call's method and address."""
    payload = row.payload
    return str(payload.get("subject", "")) if row.kind == "mail" else f"{payload.get('method', '')} {payload.get('url', '')}"


def _facts(user: User, row: OutboxRow) -> list[str]:
    """To whom, when, why not, what the other side said."""
    t = user.reader.t
    why = ""
    if row.reason:
        known = user.reader.has(f"outbox.reason.{row.reason}")
        why = t(f"outbox.reason.{row.reason}") if known else t("admin.other_reason")
    version = user.workspace.processes.published(row.process) if row.process else None
    said = str(row.result.get("detail") or row.result.get("status") or "")[:120]
    to = str(row.payload.get("to", "")) if row.kind == "mail" else ""
    return [to, version.process.title if version else "", user.reader.datetime(row.sent_at or row.at), why, said]


def _act(user: User, row: OutboxRow, deed: str) -> None:
    outbox = user.workspace.outbox
    act = outbox.resend if deed == "resend" else outbox.discard
    if forms.saved(user, lambda: act(user.actor, row.id), {}):
        forms.tell(user.reader.t(f"admin.{deed}_done"))
