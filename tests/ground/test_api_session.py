"""Signing in and out by the routes: cookies, ways back, strangers' pages, guessing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, as_completed
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.session import HASHED, QUEUE, safe_next

COOKIE = "voronka_session"


def test_the_right_password_gives_a_cookie_that_scripts_cannot_read(hatch: SimpleNamespace) -> None:
    answer = hatch.sign_in(next="/board?process=deals")
    assert (answer.status_code, answer.headers["location"]) == (303, "/board?process=deals")
    said = answer.headers["set-cookie"].lower()
    assert said.startswith(f"{COOKIE}=") and "httponly" in said and "samesite=lax" in said and "path=/" in said
    assert "secure" not in said
    assert hatch.workspace.sessions.user_of(answer.cookies[COOKIE]) == hatch.admin.id


def test_behind_https_the_cookie_is_for_https_only(hatch: SimpleNamespace) -> None:
    headers = {"origin": "http://voronka.test", "x-forwarded-proto": "https"}
    answer = hatch.client.post("/session/sign-in", data={"username": "boris", "password": "a long password"}, headers=headers)
    assert "secure" in answer.headers["set-cookie"].lower()


def test_a_wrong_password_is_told_by_a_code_and_leaves_no_cookie(hatch: SimpleNamespace) -> None:
    for login in ("boris", "nobody"):
        answer = hatch.sign_in(login, "guess", next="/tasks")
        assert answer.headers["location"] == "/tasks?signin=wrong_login"
        assert "set-cookie" not in answer.headers and "guess" not in answer.headers["location"]


def test_guessing_is_slowed_down_and_the_right_password_waits_too(hatch: SimpleNamespace) -> None:
    said = [hatch.sign_in("boris", f"guess {n}").headers["location"] for n in range(7)]
    assert said[4] == "/?signin=wrong_login" and said[6] == "/?signin=too_many_attempts&minutes=1"
    assert "set-cookie" not in hatch.sign_in("boris", "a long password").headers
    hatch.clock.move(minutes=3)
    assert "set-cookie" in hatch.sign_in("boris", "a long password").headers


def test_few_passwords_are_looked_at_at_a_time_and_whoever_comes_too_many_is_told(hatch: SimpleNamespace) -> None:
    """Each one takes 64 MB of memory."""
    with ThreadPoolExecutor(60) as pool, hatch.hasher.held:
        asked = [pool.submit(hatch.sign_in, "boris", "a long password", next="/board") for _ in range(60)]
        refused = [next(done).result() for done in [as_completed(asked)] for _ in range(60 - HASHED - QUEUE)]
        assert hatch.client.get("/health").status_code == 200
        assert {answer.status_code for answer in refused} == {503} and hatch.hasher.most == HASHED
        assert all("busy" in answer.text and answer.headers["retry-after"] for answer in refused)
        assert 'value="boris"' in refused[0].text and 'name="next" value="/board"' in refused[0].text
    assert hatch.hasher.most == HASHED


@pytest.mark.parametrize("origin", ["http://evil.test", "null", "", "http://voronka.test.evil.test", "http://voronka.test:81"])
@pytest.mark.parametrize("path", ["/session/sign-in", "/session/sign-out"])
def test_other_sites_cannot_post(hatch: SimpleNamespace, origin: str, path: str) -> None:
    hatch.sign_in()
    token = hatch.client.cookies[COOKIE]
    answer = hatch.post(path, origin=origin, username="boris", password="a long password")
    assert answer.headers["location"] == "/?signin=bad_origin" and "set-cookie" not in answer.headers
    assert hatch.workspace.sessions.user_of(token) == hatch.admin.id


def test_signing_out_ends_the_session_for_good(hatch: SimpleNamespace) -> None:
    hatch.sign_in()
    token = hatch.client.cookies[COOKIE]
    assert hatch.client.get("/session/sign-out").status_code == 405  # a picture on some page must not sign anybody out
    answer = hatch.post("/session/sign-out")
    assert answer.status_code == 303 and COOKIE not in hatch.client.cookies
    assert hatch.workspace.sessions.user_of(token) is None


def test_a_ticket_opens_once_and_not_for_long(hatch: SimpleNamespace) -> None:
    ticket = hatch.workspace.sessions.ticket(hatch.admin.id)
    assert hatch.client.get(f"/session/enter?ticket={ticket}").headers["location"] == "/"
    assert hatch.workspace.sessions.user_of(hatch.client.cookies[COOKIE]) == hatch.admin.id
    assert hatch.client.get(f"/session/enter?ticket={ticket}").headers["location"] == "/?signin=signed_out"
    late = hatch.workspace.sessions.ticket(hatch.admin.id)
    hatch.clock.move(seconds=61)
    assert "set-cookie" not in hatch.client.get(f"/session/enter?ticket={late}").headers


@pytest.mark.parametrize("body", [b"\xff\xfe", b"username=%ff%00&password=%ed%a0%80", b"x" * 40_000, b"username=a&" * 60])
def test_broken_forms_are_refused_and_do_no_harm(hatch: SimpleNamespace, body: bytes) -> None:
    headers = {"origin": "http://voronka.test", "content-type": "application/x-www-form-urlencoded"}
    answer = hatch.client.post("/session/sign-in", content=body, headers=headers)
    assert answer.status_code in (303, 400) and "set-cookie" not in answer.headers


def test_every_answer_carries_the_headers(hatch: SimpleNamespace) -> None:
    for path in ("/health", "/session/enter?ticket=x", "/files/1", "/assets/board.js"):
        headers = hatch.client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff" and headers["x-frame-options"] == "SAMEORIGIN"
        assert headers["referrer-policy"] == "same-origin"


@pytest.mark.parametrize(
    "wanted",
    ["https://evil.test", "//evil.test", "/\\evil.test", "\\\\evil.test", "javascript:alert(1)", "/a\r\nSet-Cookie: x=1", "",
     "/session/sign-out", "/\t/evil.test", "x", None, "/" + "a" * 3000],
)  # fmt: skip
def test_ways_back_that_are_none_of_ours(wanted: object) -> None:
    assert safe_next(wanted) == "/"


@given(st.text(max_size=60))
def test_the_way_back_never_leaves_this_server(text: str) -> None:
    for wanted in (text, f"/{text}"):
        found = safe_next(wanted)
        parts = urlsplit(f"http://voronka.test{found}")
        assert found.startswith("/") and not found.startswith(("//", "/\\")) and parts.netloc == "voronka.test"
