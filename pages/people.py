"""People: users, the tree of departments, roles. For administrators."""

from __future__ import annotations

from pages.parts import frame
from pages.parts.admin import forms, structure, users
from pages.parts.user import require_user

TABS = ("users", "departments", "roles")

user = require_user()
t = user.reader.t

with frame.guard(user.reader):
    forms.admins_only(user)
    current = forms.tab(TABS)
    action = {
        "users": (t("admin.new_user"), lambda: users.add(user)),
        "departments": (t("admin.new_department"), lambda: structure.edit_department(user, None)),
        "roles": (t("admin.new_role"), lambda: structure.edit_role(user, None)),
    }[current]
    frame.page(t("nav.people"), icon="group", action=action)
    forms.told()
    forms.tabs(user, TABS, current)
    {"users": users.draw, "departments": structure.departments, "roles": structure.roles}[current](user)
