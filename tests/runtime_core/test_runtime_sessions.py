"""Sessions: how they begin, last and end, and how guessing is slowed down."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import pytest
from core_world import build

from model.errors import BadValue, Denied, NotAllowed, NotFound, SignedOut
from runtime.outside.passwords import Passwords
from runtime.people import People
from runtime.sessions import Sessions
from runtime.tables import PROMOTED
from store import open_database


@pytest.fixture
def gate(place: SimpleNamespace) -> SimpleNamespace:
    """The workspace with its sessions."""
    place.sessions = Sessions(place.db, place.clock, place.people)
    return place


def enter(gate: SimpleNamespace, login: str = "anna", password: str = "", address: str = "10.0.0.1") -> str:
    return gate.sessions.sign_in(login, password or f"{login}-password", address, "Firefox")


def test_a_session_knows_its_user_and_its_token_is_not_stored(gate: SimpleNamespace) -> None:
    token, other = enter(gate), enter(gate)
    assert token != other and len(token) >= 43
    assert gate.sessions.user_of(token) == gate.ids["anna"]
    assert token not in str(gate.db.table("sessions").search())
    for wrong in ("", "x", token[:-1], token + "x", "\ud800"):
        assert gate.sessions.user_of(wrong) is None
    gate.sessions.sign_out(token)
    assert gate.sessions.user_of(token) is None
    assert gate.sessions.user_of(other) == gate.ids["anna"]


def test_a_session_lasts_thirty_days_from_when_it_was_seen(gate: SimpleNamespace) -> None:
    token = enter(gate)
    gate.clock.move(days=29)
    assert gate.sessions.user_of(token) == gate.ids["anna"]
    gate.clock.move(days=29)
    assert gate.sessions.user_of(token) == gate.ids["anna"]
    gate.clock.move(days=30)
    assert gate.sessions.user_of(token) is None


def test_looking_at_a_session_is_no_write_for_an_hour(gate: SimpleNamespace) -> None:
    token = enter(gate)
    before = gate.db.revision()
    gate.clock.move(minutes=59)
    gate.sessions.user_of(token)
    assert gate.db.revision() == before
    gate.clock.move(minutes=2)
    gate.sessions.user_of(token)
    assert gate.db.revision() > before


def test_sessions_survive_a_restart(tmp_path: Path) -> None:
    for place in build(f"sqlite:///{tmp_path / 'a.db'}"):
        token = Sessions(place.db, place.clock, place.people).sign_in("anna", "anna-password", "a", "b")
    db = open_database(f"sqlite:///{tmp_path / 'a.db'}", promoted=PROMOTED)
    people = People(db, place.clock, Passwords(1, 8, 1))
    assert Sessions(db, place.clock, people).user_of(token) == place.ids["anna"]
    db.close()


def test_sessions_are_listed_and_revoked(gate: SimpleNamespace) -> None:
    first = enter(gate)
    gate.clock.move(minutes=1)
    second = enter(gate)
    anna, boris, root = gate.actor("anna"), gate.actor("boris"), gate.actor("root")
    newest, oldest = gate.sessions.of(anna.user)
    assert (newest.agent, newest.created_at) == ("Firefox", "2026-11-21T12:01:00.000Z")
    with pytest.raises(Denied):
        gate.sessions.revoke(boris, oldest.id)
    with pytest.raises(NotFound):
        gate.sessions.revoke(anna, 99)
    gate.sessions.revoke(anna, oldest.id)
    assert gate.sessions.user_of(first) is None and gate.sessions.user_of(second) == anna.user
    gate.sessions.revoke(root, newest.id)
    assert gate.sessions.of(anna.user) == []


def test_an_inactive_user_is_out_at_once_and_stays_out(gate: SimpleNamespace) -> None:
    token, root = enter(gate), gate.actor("root")
    ticket = gate.sessions.ticket(gate.ids["anna"])
    gate.people.change_user(root, gate.ids["anna"], active=False)
    assert gate.sessions.user_of(token) is None
    with pytest.raises(BadValue):
        enter(gate)
    gate.people.change_user(root, gate.ids["anna"], active=True)
    assert gate.sessions.user_of(token) is None
    with pytest.raises(SignedOut):
        gate.sessions.redeem(ticket, "x")


def test_a_new_password_ends_the_other_sessions(gate: SimpleNamespace) -> None:
    here, there, boris = enter(gate), enter(gate), enter(gate, "boris")
    anna = gate.actor("anna")
    gate.people.set_password(anna, anna.user, "anna-password", "new-password", keep=here)
    assert gate.sessions.user_of(here) == anna.user
    assert gate.sessions.user_of(there) is None
    assert gate.sessions.user_of(boris) == gate.ids["boris"]
    gate.people.set_password(gate.actor("root"), anna.user, "", "newest-password")
    assert gate.sessions.user_of(here) is None


def fail(gate: SimpleNamespace, times: int, login: str = "anna", address: str = "10.0.0.1") -> None:
    for _ in range(times):
        with pytest.raises(BadValue) as refused:
            enter(gate, login, "wrong-password", address)
        assert refused.value.problems[0].code == "wrong_login"


def waits(gate: SimpleNamespace, login: str = "anna", address: str = "10.0.0.1", password: str = "") -> int:
    """Minutes one must wait; 0 when one gets in."""
    try:
        enter(gate, login, password, address)
    except NotAllowed as refused:
        assert refused.problem.code == "too_many_attempts"
        return int(refused.problem.context["minutes"])
    return 0


def test_wrong_password_unknown_login_and_inactive_user_look_alike(gate: SimpleNamespace) -> None:
    gate.people.change_user(gate.actor("root"), gate.ids["dora"], active=False)
    seen = set()
    for login in ("anna", "nobody", "dora"):
        with pytest.raises(BadValue) as refused:
            enter(gate, login, "wrong-password")
        seen.add(str(refused.value.problems))
    assert len(seen) == 1


def test_after_five_failures_the_wait_grows(gate: SimpleNamespace) -> None:
    fail(gate, 5)
    assert waits(gate) == 1, "even the right password waits"
    gate.clock.move(seconds=61)
    fail(gate, 1)
    assert waits(gate) == 2
    gate.clock.move(minutes=3)
    fail(gate, 1)
    assert waits(gate) == 4
    for _ in range(10):
        gate.clock.move(minutes=61)
        fail(gate, 1)
    assert waits(gate) == 60
    gate.clock.move(minutes=61)
    assert waits(gate) == 0
    fail(gate, 4)
    assert waits(gate) == 0


def test_nobody_is_locked_out_by_the_guesses_of_others(gate: SimpleNamespace) -> None:
    """From one address or from everywhere: who has signed in with this browser before gets in."""
    device = gate.sessions.remember(enter(gate), "")
    for n in range(60):  # an attacker who waits no longer than needed, so that as many guesses as possible are counted
        gate.clock.move(minutes=5 if n >= 30 else 0)
        fail(gate, 1, address=f"10.0.{n}.1")
    assert waits(gate, address="10.9.9.9") == 5, "a browser that nobody knows waits, but not for long"
    assert gate.sessions.sign_in(" Anna", "anna-password", "10.0.59.1", "Firefox", device)
    other = gate.sessions.remember(enter(gate, "boris"), "invented")
    with pytest.raises(NotAllowed):
        gate.sessions.sign_in("anna", "anna-password", "10.9.9.9", "Firefox", other)


def test_with_a_stolen_device_one_guesses_no_faster(gate: SimpleNamespace) -> None:
    device = gate.sessions.remember(enter(gate), "")
    said = []
    for n in range(9):
        try:
            gate.sessions.sign_in("anna", "wrong-password", f"10.0.{n}.1", "x", device)
        except (BadValue, NotAllowed) as refused:
            said.append(refused.problems[0].code)
    assert said == ["wrong_login"] * 5 + ["too_many_attempts"] * 4
    assert waits(gate, address="10.7.7.7") == 0, "what is counted by the device keeps out nobody else"


def test_one_browser_may_belong_to_several_people(gate: SimpleNamespace) -> None:
    device = gate.sessions.remember(enter(gate), "")
    assert gate.sessions.remember(enter(gate, "boris"), device) == device
    fail(gate, 5)
    fail(gate, 5, "boris", "10.0.0.2")
    for login in ("anna", "boris"):
        assert gate.sessions.sign_in(login, f"{login}-password", "10.0.0.1", "Firefox", device)
    gate.clock.move(days=181)
    fail(gate, 5)
    with pytest.raises(NotAllowed):
        gate.sessions.sign_in("anna", "anna-password", "10.0.0.1", "Firefox", device)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [("10.0.0.1", "10.0.0.2", False), ("::ffff:10.0.0.1", "10.0.0.1", True), ("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", True),
     ("2001:db8:0:1::1", "2001:db8:0:2::1", False), ("fe80::1%eth0", "fe80::2", True), ("not an address", "", False)],
)  # fmt: skip
def test_what_counts_as_one_address(gate: SimpleNamespace, one: str, other: str, same: bool) -> None:
    fail(gate, 5, address=one)
    assert waits(gate, address=other) == (1 if same else 0)


def test_waiting_is_for_the_address_whatever_the_login(gate: SimpleNamespace) -> None:
    for n in range(20):
        fail(gate, 1, f"nobody{n}")
    assert waits(gate) == 1
    assert waits(gate, address="10.0.1.1") == 0


def test_an_own_account_does_not_wash_an_address_clean(gate: SimpleNamespace) -> None:
    for n in range(19):
        fail(gate, 1, f"nobody{n}")
        assert waits(gate, "boris") == 0
    fail(gate, 1, "e")
    assert waits(gate, "boris") == 1


def test_own_typing_mistakes_are_forgiven_the_address_too(gate: SimpleNamespace) -> None:
    for _ in range(4):
        fail(gate, 4)
        assert waits(gate) == 0


def test_failures_are_forgotten_after_a_day_and_survive_a_restart(gate: SimpleNamespace) -> None:
    fail(gate, 5)
    gate.sessions = Sessions(gate.db, gate.clock, gate.people)
    assert waits(gate) == 1
    gate.clock.move(hours=25)
    fail(gate, 4)
    assert waits(gate) == 0


def test_guesses_at_the_same_time_count_too(gate: SimpleNamespace) -> None:
    def guess(_: int) -> str:
        try:
            return enter(gate, "anna", "wrong-password")
        except (BadValue, NotAllowed) as refused:
            return str(refused.problems[0].code)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(guess, range(20)))
    assert sorted(answers) == ["too_many_attempts"] * 15 + ["wrong_login"] * 5


def test_what_is_typed_into_the_login_is_not_kept(gate: SimpleNamespace) -> None:
    fail(gate, 1, "my-secret-password")
    assert "my-secret-password" not in str(gate.db.table("attempts").search())


def test_a_ticket_opens_one_session_within_a_minute(gate: SimpleNamespace) -> None:
    ticket = gate.sessions.ticket(gate.ids["anna"])
    gate.clock.move(seconds=59)
    token = gate.sessions.redeem(ticket, "Chrome")
    assert gate.sessions.user_of(token) == gate.ids["anna"]
    late = gate.sessions.ticket(gate.ids["anna"])
    gate.clock.move(seconds=60)
    for bad in (ticket, late, "", "invented"):
        with pytest.raises(SignedOut) as refused:
            gate.sessions.redeem(bad, "Chrome")
        assert refused.value.problem.code == "bad_ticket"


def test_a_ticket_is_redeemed_once_even_at_the_same_time(gate: SimpleNamespace) -> None:
    ticket = gate.sessions.ticket(gate.ids["anna"])

    def redeem(_: int) -> bool:
        try:
            return bool(gate.sessions.redeem(ticket, "x"))
        except SignedOut:
            return False

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(redeem, range(8))) == 1


def test_odd_agents_do_no_harm(gate: SimpleNamespace) -> None:
    token = gate.sessions.sign_in("anna", "anna-password", "x" * 10_000, "\0\ud800" + "a" * 10_000)
    assert gate.sessions.user_of(token) == gate.ids["anna"]
