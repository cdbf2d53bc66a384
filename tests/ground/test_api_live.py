"""The live socket: for signed-in people from our own pages, and it tells a number, nothing else."""

from __future__ import annotations

import time
from functools import partial
from types import SimpleNamespace

import pytest
from starlette.websockets import WebSocketDisconnect

from api.limits import Limits
from settings import Settings
from workspace import build

OURS, LIVE = {"origin": "http://voronka.test"}, "ws://voronka.test/live"


def wait_until(hatch: SimpleNamespace, listeners: int) -> None:
    end = time.monotonic() + 5
    while len(hatch.bus) != listeners:
        assert time.monotonic() < end, f"{len(hatch.bus)} listen, not {listeners}"
        time.sleep(0.01)


def test_a_commit_is_told_at_once_and_only_by_its_number(hatch: SimpleNamespace) -> None:
    hatch.sign_in()
    with hatch.client.websocket_connect(LIVE, headers=OURS) as socket:
        wait_until(hatch, 1)
        hatch.workspace.elements.create(hatch.admin, "deals", {"title": "Secret"})
        told = socket.receive_json()
        assert set(told) == {"rev"} and isinstance(told["rev"], int)
    wait_until(hatch, 0)


def test_what_another_process_commits_is_told_too(hatch: SimpleNamespace) -> None:
    hatch.sign_in()
    with hatch.client.websocket_connect(LIVE, headers=OURS) as socket:
        wait_until(hatch, 1)
        first = socket.receive_json()["rev"]
        other = build(Settings(data=hatch.workspace.environment.data, _env_file=None))  # its own connections, as a process has
        other.elements.create(hatch.admin, "deals", {"title": "From beside"})
        assert socket.receive_json()["rev"] > first
        other.db.close()


@pytest.mark.parametrize("headers", [{}, {"origin": "http://evil.test"}, {"origin": "null"}])
def test_other_sites_are_turned_away(hatch: SimpleNamespace, headers: dict[str, str]) -> None:
    hatch.sign_in()
    with pytest.raises(WebSocketDisconnect) as shut, hatch.client.websocket_connect(LIVE, headers=headers):
        pass
    assert shut.value.code == 4401 and len(hatch.bus) == 0


def test_without_a_session_it_stays_shut(hatch: SimpleNamespace) -> None:
    for token in ("", "invented"):
        hatch.client.cookies.set("voronka_session", token)
        with pytest.raises(WebSocketDisconnect), hatch.client.websocket_connect(LIVE, headers=OURS):
            pass
    assert len(hatch.bus) == 0


def test_one_person_and_one_address_have_so_many_sockets_and_no_more(hatch: SimpleNamespace) -> None:
    hatch.sign_in()
    client = hatch.limited(Limits(sockets=2, sockets_of_address=3), "10.0.0.1")
    open_ = partial(client.websocket_connect, LIVE, headers=OURS)
    with open_(), open_():
        with pytest.raises(WebSocketDisconnect) as shut, open_():
            pass
        assert shut.value.code == 4429
        hatch.client.cookies.clear()
        hatch.sign_in("boris", "a long password")
        client.cookies = hatch.client.cookies
        with open_(), pytest.raises(WebSocketDisconnect), open_():
            pass
    with open_(), open_():
        pass


@pytest.mark.parametrize("how", ["signed out", "revoked", "blocked", "expired", "elsewhere"])
def test_it_ends_with_its_session(hatch: SimpleNamespace, how: str) -> None:
    workspace = hatch.workspace
    hatch.sign_in("boris", "a long password")
    boris = workspace.people.by_login("boris").id
    with hatch.client.websocket_connect(LIVE, headers=OURS) as socket:
        wait_until(hatch, 1)
        if how == "signed out":
            workspace.sessions.sign_out(hatch.client.cookies["voronka_session"])
        elif how == "revoked":
            workspace.sessions.revoke(hatch.admin, workspace.sessions.of(boris)[0].id)
        elif how == "blocked":
            workspace.people.change_user(hatch.admin, boris, active=False)
        elif how == "expired":  # nothing is committed: the look that comes by itself
            hatch.clock.move(days=31)
        else:
            other = build(Settings(data=workspace.environment.data, _env_file=None), hatch.clock)
            other.sessions.sign_out(hatch.client.cookies["voronka_session"])
            other.db.close()
        with pytest.raises(WebSocketDisconnect) as shut:
            while True:
                socket.receive_json()
        assert shut.value.code == 4401
    wait_until(hatch, 0)


def test_what_listeners_send_is_ignored(hatch: SimpleNamespace) -> None:
    hatch.sign_in()
    with hatch.client.websocket_connect(LIVE, headers=OURS) as socket:
        wait_until(hatch, 1)
        socket.send_text("x" * 10_000)
        socket.send_bytes(b"\x00")
        hatch.workspace.elements.create(hatch.admin, "deals", {"title": "Still here"})
        assert socket.receive_json()["rev"] > 0
