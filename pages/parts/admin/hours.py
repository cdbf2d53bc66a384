"""Working days and hours: what robots' waits and the stages' time norms count."""

from __future__ import annotations

from datetime import date, time
from typing import Any

import streamlit as st

from pages.parts.admin import forms
from pages.parts.user import User

MONDAY = date(2024, 1, 1)
WEEK = (0, 1, 2, 3, 4)


def draw(user: User) -> None:
    """Off: every minute counts. On: days of the week, one span of hours, and the days that are otherwise."""
    t, view = user.reader.t, user.workspace.settings.get()
    st.caption(t("admin.hours_about"), width=620)
    if not st.toggle(t("admin.hours_on"), bool(view.work_days), key="hours:on"):
        if view.work_days and _save(user, work_days=()):
            forms.tell(t("common.saved"))
        return
    with st.form("settings:hours", width=620):
        names = {day: user.reader.date(MONDAY.replace(day=1 + day), "EEE") for day in range(7)}
        days = st.pills(
            t("admin.work_days"), list(names), selection_mode="multi", default=list(view.work_days or WEEK), key="hours:days",
            format_func=names.__getitem__,
        )  # fmt: skip
        left, right = st.columns(2)
        opens = left.time_input(t("admin.work_opens"), time.fromisoformat(view.work_opens), step=900, key="hours:opens")
        closes = right.time_input(t("admin.work_closes"), time.fromisoformat(view.work_closes), step=900, key="hours:closes")
        st.caption(t("admin.other_days"))
        rows = _table(user)
        pressed = st.form_submit_button(t("common.save"), type="primary")
    if pressed and not days:
        st.error(t("admin.no_work_days"), icon=":material/error:")
    elif pressed and _save(user, work_days=days, work_opens=opens, work_closes=closes, **_other(rows)):
        forms.tell(t("common.saved"))


def _table(user: User) -> Any:
    """Holidays, and days that are worked out of turn; a row each."""
    t, view = user.reader.t, user.workspace.settings.get()
    found = [(day, False) for day in view.holidays] + [(day, True) for day in view.extra_days]
    return st.data_editor(
        {"day": [date.fromisoformat(day) for day, _ in sorted(found)], "worked": [worked for _, worked in sorted(found)]},
        num_rows="dynamic", hide_index=True, key="hours:other", width=420,
        column_config={
            "day": st.column_config.DateColumn(t("admin.day"), required=True, format=t("admin.day_format")),
            "worked": st.column_config.CheckboxColumn(t("admin.day_worked"), default=False),
        },
    )  # fmt: skip


def _other(rows: Any) -> dict[str, list[str]]:
    """The table as the settings keep it."""
    pairs = [(day, bool(worked)) for day, worked in zip(rows["day"], rows["worked"], strict=True) if day]
    return {
        "holidays": [str(day) for day, worked in pairs if not worked],
        "extra_days": [str(day) for day, worked in pairs if worked],
    }


def _save(user: User, **change: Any) -> bool:
    t = user.reader.t
    labels = {"work_closes": t("admin.work_closes"), "work_days": t("admin.work_days")}
    return forms.saved(user, lambda: user.workspace.settings.save(user.actor, **change), labels)
