"""The gallery, people, settings and profile in a real browser, and who is kept out of them."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Page, expect

from model.access import SYSTEM_ACTOR
from running import Serve, Site, Visit, WorkspaceAt, settle
from running import pick as choose
from runtime.outbox import Origin
from workspace import Workspace


@pytest.fixture(scope="module")
def workspace(workspace_at: WorkspaceAt, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    found: Workspace = workspace_at(tmp_path_factory.mktemp("admin"))
    for login, name in (("boris", "Boris Brown"), ("vera", "Vera Volkova")):
        found.people.add_user(found.administrator(), login, name, "correct horse 2")
    return found


@pytest.fixture(scope="module")
def site(workspace: Workspace, serve: Serve) -> Site:
    found: Site = serve(workspace.environment.data)
    return found


def press(page: Page, name: str) -> None:
    """Press a button and wait for what it does."""
    page.get_by_role("button", name=name, exact=True).first.click()
    page.wait_for_timeout(200)
    settle(page)


def pick(page: Page, deed: str) -> None:
    """Choose from the menu of the process «leave»."""
    page.locator(".st-key-gallery-menu-leave button").first.click()
    page.get_by_text(deed, exact=True).last.click()


def part(page: Page, name: str) -> None:
    """Open a part of the page and wait until it stands."""
    page.get_by_role("radio", name=name, exact=True).or_(page.get_by_text(name, exact=True)).first.click()
    page.wait_for_timeout(300)
    settle(page)


@pytest.mark.parametrize("path", ["/people", "/people?tab=roles", "/settings", "/settings?tab=outbox", "/processes?new=1"])
def test_only_administrators_get_in_whatever_link_leads_there(site: Site, visit: Visit, path: str) -> None:
    page = visit(site, path, login="boris", password="correct horse 2")
    expect(page.get_by_text("Only administrators may do this.")).to_be_visible()
    for name in ("New user", "Save", "Begin"):
        expect(page.get_by_role("button", name=name, exact=True)).to_have_count(0)


def test_a_process_is_made_packed_archived_and_brought_back(workspace: Workspace, site: Site, visit: Visit) -> None:
    page = visit(site, "/processes")
    expect(page.get_by_text("A process is what your team works through")).to_be_visible()
    press(page, "New process")
    page.locator(".st-key-gallery-way-all_inclusive").get_by_role("button").click()
    page.get_by_label("Title").fill("Заявки на отпуск <b>")
    page.get_by_label("Title").press("Enter")
    expect(page.get_by_placeholder("zayavki_na_otpusk_b")).to_be_visible()
    page.get_by_role("textbox", name="Code").fill("leave")
    press(page, "Create")
    page.wait_for_url(re.compile(r"/designer\?process=leave"))
    admin = workspace.administrator()
    workspace.processes.publish(admin, "leave")

    page.goto(f"{site.url}/processes")
    settle(page)
    expect(page.get_by_text("Заявки на отпуск <b>").last).to_be_visible()
    pick(page, "Download as a package")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="The process", exact=False).first.click()
    package = waiting.value.path().read_bytes()
    assert json.loads(package)["processes"][0]["code"] == "leave"
    page.get_by_role("dialog").get_by_role("button", name="Close").click()
    pick(page, "Archive")
    page.locator(".st-key-gallery-archive-yes button").click()
    expect(page.get_by_text("Archived (1)")).to_be_visible()
    assert workspace.processes.published("leave") is None
    page.get_by_text("Archived (1)").click()
    page.get_by_role("button", name="Bring back into use").click()
    expect(page.get_by_text("Archived (1)")).to_have_count(0)
    assert workspace.processes.published("leave") is not None

    page.goto(f"{site.url}/processes?new=1")
    settle(page)
    page.locator(".st-key-gallery-way-package").get_by_role("button").click()
    for data, words in (
        (b"{}", "no package"),
        (package, "with the code “leave” already"),
        (package.replace(b'"leave"', b'"away"'), ""),
    ):
        page.locator('input[type="file"]').set_input_files(
            {"name": "p.voronka.json", "mimeType": "application/json", "buffer": data}
        )
        expect(page.get_by_role("button", name="Bring it in")).to_be_enabled()
        page.wait_for_timeout(500)
        page.get_by_role("button", name="Bring it in").click()
        expect(page.get_by_text(words or "Brought in and published")).to_be_visible()


def test_people_departments_and_roles(workspace: Workspace, site: Site, visit: Visit) -> None:
    page, people = visit(site, "/people"), workspace.people
    press(page, "New user")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("Galina Green")
    dialog.get_by_label("Login").fill("boris")
    dialog.get_by_label("Password", exact=True).fill("short")
    dialog.get_by_role("button", name="Add", exact=True).click()
    expect(dialog.get_by_role("alert")).to_have_count(2)
    expect(dialog.get_by_text("is taken")).to_be_visible()
    dialog.get_by_label("Login").fill("galina")
    dialog.get_by_label("Password", exact=True).fill("correct horse 3")
    dialog.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator('[class*="st-key-admin-user-"]', has_text="Galina Green")).to_be_visible()
    assert people.check("galina", "correct horse 3") is not None

    part(page, "Departments")
    press(page, "New department")
    dialog.get_by_label("Title").fill("Sales")
    dialog.get_by_role("button", name="Save").click()
    expect(page.locator('[class*="st-key-admin-department-"]', has_text="Sales").first).to_be_visible()
    page.get_by_role("button", name="Add below").click()
    dialog.get_by_label("Title").fill("North")
    dialog.get_by_role("button", name="Save").click()
    expect(page.locator('[class*="st-key-admin-department-"]', has_text="North").first).to_be_visible()
    tree = {d.title: d for d in people.departments()}
    assert tree["North"].parent == tree["Sales"].id

    part(page, "Roles")
    press(page, "New role")
    dialog.get_by_label("Title").fill("Auditor")
    dialog.get_by_role("button", name="Save").click()
    expect(page.locator(".st-key-admin-role-auditor").first).to_contain_text("nobody yet")


def test_the_last_administrator_stays(workspace: Workspace, site: Site, visit: Visit) -> None:
    page = visit(site, "/people")
    page.locator('[class*="st-key-admin-user-"]', has_text="Anna Admin").get_by_role("button", name="Edit").click()
    page.get_by_role("dialog").get_by_text("May sign in").click()
    page.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(page.get_by_role("dialog").get_by_role("alert")).to_contain_text("last active administrator")
    assert workspace.people.user(workspace.administrator().user).active


def test_held_letters_are_visible_and_settings_are_kept(workspace: Workspace, site: Site, visit: Visit) -> None:
    letter = {"to": "client@example.com", "subject": "Your *offer*", "body": "Hello", "files": []}
    number = workspace.outbox.put("mail", letter, Origin("1/n/1", 0, "n", None, "", (), SYSTEM_ACTOR.user))
    page = visit(site, "/settings?tab=outbox")
    row = page.locator(f".st-key-admin-outbox-{number}")
    for _ in range(20):
        if row.get_by_text("not sent: no mail server").count():
            break
        page.wait_for_timeout(300)
        page.reload()
        settle(page)
    expect(row).to_contain_text("Your *offer*")
    expect(page.get_by_role("alert")).to_contain_text("held back")
    row.get_by_role("button", name="Discard").click()
    expect(row).to_have_count(0)
    assert not workspace.outbox.rows(workspace.administrator())

    part(page, "Mail")
    page.get_by_label("Mail server (SMTP)").fill("127.0.0.1")
    page.get_by_label("Port").fill("9")
    page.get_by_label("Sender").fill("crm@example.com")
    press(page, "Save")
    page.get_by_label("Send a test letter to").fill("me@example.com")
    press(page, "Send")
    expect(page.get_by_role("alert")).to_contain_text("The letter was not sent")
    assert workspace.settings.get().smtp_host == "127.0.0.1"
    part(page, "General")
    page.get_by_label("Name of the workspace").fill("")
    press(page, "Save")
    expect(page.get_by_role("alert")).to_contain_text("must be filled in")
    page.get_by_label("Name of the workspace").fill("Sunrise")
    press(page, "Save")
    expect(page.get_by_role("heading", name="Sunrise")).to_be_visible()


def test_the_profile_changes_name_language_and_password_and_ends_other_sessions(
    workspace: Workspace, site: Site, visit: Visit
) -> None:
    elsewhere = visit(site, "/profile", login="vera", password="correct horse 2")
    page = visit(site, "/profile", login="vera", password="correct horse 2")
    page.get_by_label("Name").fill("Vera White")
    press(page, "Save")
    expect(page.get_by_role("heading", name="Vera White")).to_be_visible()
    page.get_by_role("button", name="End", exact=True).first.click()
    expect(page.get_by_role("button", name="End", exact=True)).to_have_count(0)
    elsewhere.reload()
    expect(elsewhere.get_by_label("Password")).to_be_visible()
    for old, words in (("wrong horse 2", "old password is wrong"), ("correct horse 2", "")):
        page.get_by_label("Present password").fill(old)
        page.get_by_label("New password", exact=True).fill("correct horse 4")
        page.get_by_label("New password again").fill("correct horse 4")
        press(page, "Change the password")
        if words:
            expect(page.get_by_role("alert")).to_contain_text(words)
    assert workspace.people.check("vera", "correct horse 4") is not None
    page.reload()
    settle(page)
    expect(page.get_by_role("heading", name="Vera White")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    choose(page.get_by_role("combobox", name="Language"), "Русский")
    press(page, "Save")
    expect(page.get_by_label("Имя")).to_have_value("Vera White")
    expect(page.locator("html")).to_have_attribute("lang", "ru")


def test_working_hours_are_switched_on_changed_and_off(workspace: Workspace, site: Site, visit: Visit) -> None:
    workspace.settings.save(workspace.administrator(), holidays=["2027-01-01"], extra_days=["2027-01-09"])
    page = visit(site, "/settings?tab=hours")
    page.get_by_text("Count working hours", exact=True).click()
    page.get_by_role("button", name="Save", exact=True).wait_for()
    page.get_by_role("button", name="Sat", exact=True).click()
    press(page, "Save")
    expect(page.get_by_text("Saved")).to_be_visible()
    view = workspace.settings.get()
    assert (view.work_days, view.work_opens, view.work_closes) == ((0, 1, 2, 3, 4, 5), "09:00", "18:00")
    assert (view.holidays, view.extra_days) == (("2027-01-01",), ("2027-01-09",))
    page.get_by_text("Count working hours", exact=True).click()
    expect(page.get_by_role("button", name="Save", exact=True)).to_have_count(0)
    assert workspace.settings.get().work_days == ()


def test_what_robots_send_waits_for_approval(workspace: Workspace, site: Site, visit: Visit) -> None:
    page = visit(site, "/settings?tab=outbox")
    page.get_by_text("Send only after approval").click()
    expect(page.get_by_text("Saved")).to_be_visible()
    payload = {"to": "b@example.com", "subject": "To be approved", "body": "x", "files": []}
    with workspace.db.transaction():
        workspace.outbox.put("mail", payload, Origin("9/m/1", 9, "m", None, "", (), SYSTEM_ACTOR.id))
    page.reload()
    expect(page.get_by_text("1 message waits for your approval.")).to_be_visible()
    expect(page.get_by_text("Waits for approval").first).to_be_visible()
    workspace.settings.save(workspace.administrator(), hold_outgoing=False)
