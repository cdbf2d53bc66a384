"""One demo workspace with the app running on it, and a second person in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from journey import SELLER, SELLER_PASSWORD
from playwright.sync_api import expect

from model.access import Action, Actor, Grant, Level, Role
from running import Serve, Site, WorkspaceAt
from workspace import Workspace

expect.set_options(timeout=15_000)


@dataclass(frozen=True)
class Office:
    """The demo as it runs: `workspace` is a second process on the same file."""

    site: Site
    workspace: Workspace
    admin: Actor
    seller: int
    """User id of somebody whose role reaches only own deals, responsible for some of the deals."""


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory, workspace_at: WorkspaceAt, serve_on: Serve) -> Office:
    """Set up with the demo; one of its managers gets a password."""
    folder: Path = tmp_path_factory.mktemp("office")
    workspace = workspace_at(folder, demo=True)
    admin = workspace.administrator()
    people = {name: number for number, name in workspace.people.names().items()}
    deals = workspace.elements.find(admin, "deals")
    seller = next(
        number for number in people.values() if sum(d.responsible == number for d in deals) >= 3 and number != admin.user
    )
    for role in workspace.people.roles():  # those of the demo reach further
        users = [user for user in role.users if user != seller]
        workspace.people.save_role(admin, role.code, role.title, users, role.departments)
    workspace.people.change_user(admin, seller, login=SELLER, department=None)
    workspace.people.set_password(admin, seller, "", SELLER_PASSWORD)
    workspace.people.save_role(admin, "seller", "Seller", [seller], [])
    draft = workspace.processes.draft("deals")
    own = tuple(
        Grant(role="seller", action=action, level=Level.OWN)
        for action in Action
        if action not in (Action.SETTINGS, Action.ROBOTS)
    )
    roles = (*draft.roles, Role(code="seller", title="Seller"))
    fields = tuple(f.model_copy(update={"required_at": ("lost",)}) if f.code == "lost_reason" else f for f in draft.fields)
    changed = draft.model_copy(update={"grants": (*draft.grants, *own), "roles": roles, "fields": fields})
    workspace.processes.save(admin, changed)
    workspace.processes.publish(admin, "deals")
    return Office(serve_on(folder), workspace, admin, seller)
