"""Files by their address: only for who may read the element, and never shown by the browser."""

from __future__ import annotations

from types import SimpleNamespace

import pytest


@pytest.fixture
def attached(hatch: SimpleNamespace) -> int:
    """A web page with a script, attached to a deal that only administrators see."""
    element = hatch.workspace.elements.create(hatch.admin, "deals", {"title": "Secret"})
    return int(hatch.workspace.files.add(hatch.admin, element.id, 'от"чёт\r\n.html', b"<script>alert(1)</script>").id)


def test_it_is_saved_and_never_run(hatch: SimpleNamespace, attached: int) -> None:
    hatch.sign_in()
    answer = hatch.client.get(f"/files/{attached}")
    assert (answer.status_code, answer.content) == (200, b"<script>alert(1)</script>")
    said = answer.headers
    assert (
        said["content-disposition"].startswith("attachment; filename*=UTF-8''%D0%BE%D1%82")
        and "\r" not in said["content-disposition"]
    )
    assert said["x-content-type-options"] == "nosniff" and "sandbox" in said["content-security-policy"]
    assert said["cache-control"] == "private, no-store"


def test_without_a_session_there_is_nothing(hatch: SimpleNamespace, attached: int) -> None:
    for token in ("", "invented"):
        hatch.client.cookies.set("voronka_session", token)
        answer = hatch.client.get(f"/files/{attached}")
        assert answer.status_code == 303 and not answer.content


def test_who_may_not_read_the_element_learns_nothing(hatch: SimpleNamespace, attached: int) -> None:
    hatch.sign_in("boris", "a long password")
    hidden, unknown = hatch.client.get(f"/files/{attached}"), hatch.client.get("/files/4711")
    assert hidden.status_code == unknown.status_code == 404 and hidden.text == unknown.text
    assert b"alert(1)" not in hidden.content


def test_a_revoked_session_opens_nothing(hatch: SimpleNamespace, attached: int) -> None:
    hatch.sign_in()
    hatch.workspace.sessions.sign_out(hatch.client.cookies["voronka_session"])
    assert hatch.client.get(f"/files/{attached}").status_code == 303


@pytest.mark.parametrize("number", ["0", "99999999999999999999999", "-1", "1.5", "../1", "x"])
def test_odd_numbers(hatch: SimpleNamespace, attached: int, number: str) -> None:
    hatch.sign_in()
    assert hatch.client.get(f"/files/{number}").status_code == 404


def test_bytes_that_are_lost_are_told_in_words(hatch: SimpleNamespace, attached: int) -> None:
    hatch.sign_in()
    for path in (hatch.workspace.environment.data / "files").rglob("*"):
        if path.is_file():
            path.unlink()
    answer = hatch.client.get(f"/files/{attached}")
    assert answer.status_code == 404 and "Traceback" not in answer.text and len(answer.text) > 20


def test_assets_stay_in_their_folder(hatch: SimpleNamespace) -> None:
    assert hatch.client.get("/assets/board.js?v=1").headers["cache-control"].endswith("immutable")
    assert hatch.client.get("/assets/board.js").headers["cache-control"] == "no-cache"
    for path in ("/assets/../theme.toml", "/assets/%2e%2e/theme.toml", "/assets/..%2f..%2fsettings.py"):
        assert hatch.client.get(path).status_code == 404
