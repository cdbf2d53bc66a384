"""Two apps over one PostgreSQL behind nginx as deploy/ has it: a session sticks, boards live across instances, one may end."""

from __future__ import annotations

import ssl
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect
from scale_world import CERTIFICATE, Nginx, opened, set_up, until

from model.access import Actor
from running import LOGIN, PASSWORD, Serve, Site, Visit, settle
from workspace import SESSION_COOKIE, Workspace


class Stay(urllib.request.HTTPRedirectHandler):
    """Does not go where an answer leads."""

    def http_error_303(self, request, answer, *rest):
        return answer


def ask(url: str, headers: dict[str, str], form: bytes | None = None):
    trust = urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=str(CERTIFICATE)))
    return urllib.request.build_opener(trust, Stay).open(urllib.request.Request(url, form, headers), timeout=20)


class Front:
    """The site as browsers see it, the apps behind it, and the workspace they share."""

    def __init__(self, workspace: Workspace, actor: Actor, apps: list[Site], nginx: Nginx) -> None:
        self.workspace, self.actor, self.nginx = workspace, actor, nginx
        self.apps = {urlsplit(app.url).netloc: app for app in apps}
        self.site = Site(nginx.url, apps[0].folder, nginx.log, apps[0].process)

    def at(self, page: Page) -> str:
        """The instance that has answered all of a page's requests so far."""
        until(lambda: self.nginx.served(_token(page)))
        found = {by for _, _, by in self.nginx.served(_token(page))}
        assert len(found) == 1, f"the session was sent to {found}"
        return found.pop()

    def token_at(self, instance: str) -> str:
        """A new session that belongs to an instance."""
        for _ in range(30):
            token = self._sign_in()
            self._ask("/health", {"Cookie": f"{SESSION_COOKIE}={token}"}).close()
            until(lambda: self.nginx.served(token))  # noqa: B023  called at once
            if self.nginx.served(token)[-1][2] == instance:
                return token
        raise AssertionError("every session belongs to the same instance")

    def _sign_in(self) -> str:
        form = urlencode({"username": LOGIN, "password": PASSWORD, "next": "/health"}).encode()
        with self._ask("/session/sign-in", {"Origin": self.nginx.url}, form) as answer:
            cookie = answer.headers["Set-Cookie"]
        assert "; Secure" in cookie
        return str(cookie.partition("=")[2].partition(";")[0])

    def _ask(self, path: str, headers: dict[str, str], form: bytes | None = None):
        class Stay(urllib.request.HTTPRedirectHandler):
            def redirect_request(self, *given):
                return None

            def http_error_303(self, request, answer, *rest):
                return answer

        trust = urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=str(CERTIFICATE)))
        return urllib.request.build_opener(trust, Stay).open(
            urllib.request.Request(self.nginx.url + path, form, headers), timeout=20
        )


@pytest.fixture
def front(tmp_path: Path, postgres_url: str, serve: Serve) -> Iterator[Front]:
    folder = tmp_path / "data"
    folder.mkdir()
    workspace = opened(folder, postgres_url)
    actor = set_up(workspace)
    apps = [serve(folder, VORONKA_DATABASE_URL=postgres_url, VORONKA_WORKER="false") for _ in range(2)]
    nginx = Nginx(tmp_path / "nginx", [int(app.url.rpartition(":")[2]) for app in apps])
    yield Front(workspace, actor, apps, nginx)
    for app in apps:
        app.stop()
    nginx.stop()
    workspace.db.close()


def _token(page: Page) -> str:
    (token,) = [cookie["value"] for cookie in page.context.cookies() if cookie["name"] == SESSION_COOKIE]
    return str(token)


def _card(page: Page, stage: str) -> Locator:
    return page.locator(f'.col[data-col="{stage}"] .card', has_text="Anvils")


def _drag(page: Page, source: str, to: str) -> None:
    start, end = _card(page, source).bounding_box(), page.locator(f'.col[data-col="{to}"]').bounding_box()
    page.mouse.move(start["x"] + 30, start["y"] + 15)
    page.mouse.down()
    page.mouse.move(start["x"] + 40, start["y"] + 25, steps=3)
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + min(end["height"] / 2, 160), steps=8)
    page.mouse.up()


def test_browsers_on_two_instances_see_each_other_and_one_outlives_its_instance(front: Front, visit: Visit) -> None:
    front.workspace.elements.create(front.actor, "orders", {"title": "Anvils"})
    mine = visit(front.site, "/board?process=orders", login=None, ignore_https_errors=True)
    mine.locator("input[name=username]").fill(LOGIN)
    mine.locator("input[name=password]").fill(PASSWORD)
    mine.keyboard.press("Enter")
    expect(_card(mine, "new")).to_be_visible()
    here = front.at(mine)
    (there,) = set(front.apps) - {here}
    theirs = visit(front.site, login=None, ignore_https_errors=True)
    theirs.context.add_cookies([{"name": SESSION_COOKIE, "value": front.token_at(there), "url": front.nginx.url}])
    theirs.goto(front.nginx.url + "/board?process=orders")
    settle(theirs)
    expect(_card(theirs, "new")).to_be_visible()

    _drag(mine, "new", "won")
    expect(_card(theirs, "won")).to_be_visible(timeout=10_000)
    token = _token(mine)
    mine.reload()  # ends its sockets, so that nginx tells where they were
    until(lambda: {"/_stcore/stream", "/live"} <= {path for path, status, _ in front.nginx.served(token) if status == 101})
    assert (front.at(mine), front.at(theirs)) == (here, there)
    expect(_card(mine, "won")).to_be_visible()

    front.apps[here].stop()
    mine.reload()
    settle(mine)
    expect(_card(mine, "won")).to_be_visible()
    assert _token(mine) == token
    assert front.nginx.served(token)[-1][2] == there
    _drag(mine, "won", "lost")
    expect(_card(theirs, "lost")).to_be_visible(timeout=10_000)


def test_wrong_passwords_are_counted_by_the_address_that_the_proxy_tells(tmp_path: Path, serve: Serve, workspace_at) -> None:
    workspace_at(tmp_path)
    app = serve(tmp_path)

    def wrong(address: str, login: str) -> str:
        form = urlencode({"username": login, "password": "guessed", "next": "/health"}).encode()
        with ask(f"{app.url}/session/sign-in", {"Origin": app.url, "X-Forwarded-For": address}, form) as answer:
            return str(answer.headers["Location"])

    assert all("wrong_login" in wrong(f"192.0.2.{number}", f"one{number}") for number in range(22))
    assert [wrong("198.51.100.7", f"two{number}") for number in range(21)][-1].startswith("/health?signin=too_many_attempts")
