"""Plain pages of the server before there is a session: sign-in at any address, set-up once, errors in words."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from running import PASSWORD

FORM = {"language": "en", "name": "Acme", "zone": "Europe/Berlin", "currency": "EUR", "person": "Vera <b>", "login": "vera",
        "password": PASSWORD, "repeat": PASSWORD, "email": "vera@example.com"}  # fmt: skip


@pytest.mark.parametrize("address", ["/", "/board", "/board?process=deals&q=%22%3E%3Cb%3E%26"])
def test_without_a_session_any_page_is_the_sign_in_page(hatch: SimpleNamespace, address: str) -> None:
    for cookie in ("", "invented"):
        answer = hatch.client.get(address, headers={"cookie": f"voronka_session={cookie}"})
        assert answer.status_code == 200 and 'name="password"' in answer.text and "a page for" not in answer.text
        next_ = re.search(r'name="next" value="([^"]*)"', answer.text)
        assert next_ and next_[1].replace("&amp;", "&") == address
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy and answer.headers["cache-control"] == "no-store"
        assert not re.search(r"<script(?![^>]*src=)|<style|\sstyle=|\son\w+=", answer.text)
    hatch.sign_in()
    assert hatch.client.get(address).text == "a page for people with a session"


def test_what_went_wrong_stands_beside_its_input(hatch: SimpleNamespace) -> None:
    led = hatch.sign_in("boris", "guess", next="/board?process=deals").headers["location"]
    text = hatch.client.get(led).text
    assert 'aria-describedby="wrong"' in text and "Login or password is wrong" in text
    assert 'name="next" value="/board?process=deals"' in text and "guess" not in text
    assert "<b>" not in hatch.client.get("/?signin=<b>&minutes=<b>").text
    assert hatch.client.get("/session/sign-in").headers["location"] == "/"


def test_set_up_keeps_what_was_typed_and_leads_into_the_workspace(empty: SimpleNamespace) -> None:
    assert 'action="/session/set-up"' in empty.client.get("/board?process=deals").text
    refused = empty.post("/session/set-up", **{**FORM, "login": "", "password": "pas5wrd", "repeat": "pas5wrd"})
    assert refused.status_code == 422 and not empty.workspace.is_set_up
    assert 'value="Vera &lt;b&gt;"' in refused.text and 'value="Europe/Berlin" selected' in refused.text
    assert 'id="login-said"' in refused.text and 'id="password-said"' in refused.text and "pas5wrd" not in refused.text
    differ = empty.post("/session/set-up", **{**FORM, "repeat": "another one"})
    assert 'id="repeat-said"' in differ.text
    made = empty.post("/session/set-up", **FORM)
    assert (made.status_code, made.headers["location"]) == (303, "/")
    assert empty.client.get("/").text == "a page for people with a session"
    view = empty.workspace.settings.get()
    assert (view.name, view.zone, view.currency, view.language) == ("Acme", "Europe/Berlin", "EUR", "en")


@pytest.mark.parametrize("origin", ["", "null", "http://evil.test"])
def test_only_our_own_page_sets_up(empty: SimpleNamespace, origin: str) -> None:
    assert empty.post("/session/set-up", origin, **FORM).status_code == 403
    assert not empty.workspace.is_set_up


def test_of_two_who_set_up_at_once_one_wins_and_the_other_is_told(empty: SimpleNamespace) -> None:
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda n: empty.post("/session/set-up", **{**FORM, "login": f"vera{n}"}), range(4)))
    assert sorted(answer.headers["location"] for answer in answers) == ["/", *["/?signin=already_set_up"] * 3]
    assert len(empty.workspace.people.users()) == 1


def test_a_stranger_cannot_keep_the_server_busy_by_it(hatch: SimpleNamespace) -> None:
    """Once there is a workspace, nothing is read, hashed or locked."""
    before = hatch.hasher.made, hatch.workspace.db.revision()
    for _ in range(20):
        assert hatch.post("/session/set-up", **FORM).headers["location"] == "/?signin=already_set_up"
    assert (hatch.hasher.made, hatch.workspace.db.revision()) == before
    assert "set up already" in hatch.client.get("/?signin=already_set_up").text


def test_an_error_of_ours_is_told_in_words(hatch: SimpleNamespace, caplog: pytest.LogCaptureFixture) -> None:
    answer = hatch.client.get("/broken")
    assert answer.status_code == 500 and "Something went wrong" in answer.text and "secret" not in answer.text
    number = re.search(r"number: (\w{8})", answer.text)
    assert number and number[1] in caplog.text and "a secret of ours" in caplog.text
