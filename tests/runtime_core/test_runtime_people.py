"""People: who may change them, what is refused, and whose roles and colleagues rights are decided with."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.access import SYSTEM_ACTOR, Role
from model.errors import BadValue, Denied, Invalid, NotAllowed, NotFound, SignedOut
from runtime.outside.passwords import Passwords
from runtime.people import Department, People, _Tree


def test_passwords_are_argon2id_and_never_shown(place: SimpleNamespace) -> None:
    stored = place.db.table("users").get(doc_id=place.ids["anna"])["password"]
    assert stored.startswith("$argon2id$")
    assert stored != place.db.table("users").get(doc_id=place.ids["boris"])["password"]
    assert "anna-password" not in repr(place.people.users(active=False)) and "argon2" not in repr(place.people.users())


def test_the_default_hash_is_not_a_cheap_one() -> None:
    hashed = Passwords().hash("secret-secret")
    assert "m=65536,t=3,p=4" in hashed
    assert Passwords().verify(hashed, "secret-secret")


@pytest.mark.parametrize("stored", ["", "broken", "$argon2id$broken"])
@pytest.mark.parametrize("password", ["", "nobody has this password", "\ud800"])
def test_verify_refuses_without_raising(stored: str, password: str) -> None:
    assert not Passwords(1, 8, 1).verify(stored, password)


def test_nobody_signs_in_to_an_account_without_a_password(room: SimpleNamespace) -> None:
    user = room.people.add_user(SYSTEM_ACTOR, "imported", "Imported", None)
    for tried in ("", "nobody has this password", "None"):
        assert room.people.check("imported", tried) is None
    with pytest.raises(BadValue):
        room.people.set_password(room.people.actor(user.id), user.id, "", "new-password")
    room.people.set_password(room.actor("root"), user.id, "", "from-the-admin")
    assert room.people.check("imported", "from-the-admin") is not None


def test_check_takes_the_right_password_of_active_users_only(place: SimpleNamespace) -> None:
    assert place.people.check(" ANNA ", "anna-password").id == place.ids["anna"]
    for login, password in (
        ("anna", "wrong"),
        ("anna", ""),
        ("nobody", "anna-password"),
        ("anna", "x" * 10_000),
        ("anna", "\ud800"),
    ):
        assert place.people.check(login, password) is None
    place.people.change_user(place.actor("root"), place.ids["anna"], active=False)
    assert place.people.check("anna", "anna-password") is None


def test_an_unknown_login_costs_a_hash_too(room: SimpleNamespace) -> None:
    class Counting(Passwords):
        checked = 0

        def verify(self, stored: str, password: str) -> bool:
            self.checked += 1
            return super().verify(stored, password)

    counting = Counting(1, 8, 1)
    people = People(room.db, room.clock, counting)
    people.check("nobody", "whatever-it-is")
    people.check("anna", "whatever-it-is")
    assert counting.checked == 2


def test_a_hash_of_older_parameters_is_renewed_at_the_next_check(room: SimpleNamespace) -> None:
    people = People(room.db, room.clock, Passwords(2, 16, 1))
    assert people.check("anna", "anna-password") is not None
    assert "m=16,t=2" in room.db.table("users").get(doc_id=room.ids["anna"])["password"]


def test_only_administrators_change_people(room: SimpleNamespace) -> None:
    anna, people, ids = room.actor("anna"), room.people, room.ids
    deeds = [
        lambda: people.add_user(anna, "x", "X", "long-enough"),
        lambda: people.change_user(anna, ids["boris"], name="B"),
        lambda: people.change_user(anna, ids["anna"], admin=True),
        lambda: people.change_user(anna, ids["anna"], language="ru", admin=True),
        lambda: people.change_user(anna, ids["boris"], language="ru"),
        lambda: people.set_password(anna, ids["boris"], "boris-password", "new-password"),
        lambda: people.add_department(anna, "D"),
        lambda: people.change_department(anna, room.sales.id, title="D"),
        lambda: people.remove_department(anna, room.north.id),
        lambda: people.save_role(anna, "boss", "Boss", [ids["anna"]], []),
        lambda: people.remove_role(anna, "boss"),
    ]
    for deed in deeds:
        with pytest.raises(Denied):
            deed()
    assert people.change_user(anna, ids["anna"], language="ru").language == "ru"


def test_all_that_is_wrong_with_a_user_is_said(room: SimpleNamespace) -> None:
    root = room.actor("root")
    with pytest.raises(Invalid) as refused:
        room.people.add_user(root, "ANNA", " ", "short", email="no", department=99, language="de")
    assert {p.path: p.code for p in refused.value.problems} == {
        "login": "login_taken", "name": "required", "password": "password_too_short", "email": "not_an_email",
        "department": "no_such_department", "language": "unknown_language",
    }  # fmt: skip
    for login, code in (("two words", "login_with_space"), ("a\0", "bad_characters"), ("x" * 101, "too_long"), ("", "required")):
        with pytest.raises(Invalid) as refused:
            room.people.change_user(root, room.ids["anna"], login=login)
        assert [(p.path, p.code) for p in refused.value.problems] == [("login", code)]
    with pytest.raises(Invalid) as refused:
        room.people.change_user(root, room.ids["anna"], nam="x")
    assert refused.value.problems[0].context["nearest"] == "name"
    assert room.people.change_user(root, room.ids["anna"], login="Anna").login == "Anna"


def test_the_last_active_administrator_stays(room: SimpleNamespace) -> None:
    root, people = room.actor("root"), room.people
    for change in ({"admin": False}, {"active": False}):
        with pytest.raises(NotAllowed) as refused:
            people.change_user(root, root.user, **change)
        assert refused.value.problem.code == "last_administrator"
    people.change_user(root, room.ids["anna"], admin=True)
    people.change_user(root, room.ids["anna"], active=False)
    with pytest.raises(NotAllowed):
        people.change_user(root, root.user, active=False)
    people.change_user(root, room.ids["anna"], active=True)
    assert people.change_user(root, root.user, admin=False).admin is False


def test_passwords_are_changed_by_their_owner_or_an_administrator(room: SimpleNamespace) -> None:
    anna, root, people = room.actor("anna"), room.actor("root"), room.people
    with pytest.raises(BadValue) as refused:
        people.set_password(anna, anna.user, "wrong", "new-password")
    assert refused.value.problems[0].path == "old"
    for bad, code in (("1234567", "password_too_short"), ("x" * 1001, "password_too_long"), ("\ud800" * 9, "bad_characters")):
        with pytest.raises(Invalid) as refused_new:
            people.set_password(anna, anna.user, "anna-password", bad)
        assert [(p.path, p.code) for p in refused_new.value.problems] == [("new", code)]
    people.set_password(anna, anna.user, "anna-password", "new-password")
    assert people.check("anna", "new-password") and not people.check("anna", "anna-password")
    people.set_password(root, anna.user, "", "by-the-admin")
    assert people.check("anna", "by-the-admin")


def test_lists_and_names(room: SimpleNamespace) -> None:
    room.people.change_user(room.actor("root"), room.ids["dora"], active=False)
    assert [u.login for u in room.people.users()] == ["anna", "boris", "carl", "root"]
    assert [u.login for u in room.people.users(active=False)] == ["anna", "boris", "carl", "dora", "root"]
    assert room.people.names()[room.ids["dora"]] == "Dora"
    assert room.people.by_login("aNNa").id == room.ids["anna"] and room.people.by_login("x") is None
    with pytest.raises(NotFound):
        room.people.user(99)


def test_an_actor_knows_roles_and_colleagues(place: SimpleNamespace) -> None:
    people, ids = place.people, place.ids
    people.save_role(SYSTEM_ACTOR, "crew", "Crew", [], [place.sales.id])
    people.change_department(SYSTEM_ACTOR, place.north.id, head=ids["dora"])
    anna, carl, dora = place.actor("anna"), place.actor("carl"), place.actor("dora")
    assert (anna.roles, carl.roles, dora.roles) == ({"sales", "crew"}, {"crew"}, {"boss", "crew"})
    assert anna.colleagues == {ids["anna"], ids["boris"]}
    assert anna.below == {ids["anna"], ids["boris"], ids["carl"], ids["dora"]}
    assert carl.colleagues == carl.below == {ids["carl"], ids["dora"]}
    assert dora.colleagues == {ids["dora"], ids["carl"]}, "a head sees the department"
    assert (place.actor("root").admin, anna.admin, anna.name) == (True, False, "Anna")
    people.change_user(SYSTEM_ACTOR, ids["anna"], active=False)
    for gone in (ids["anna"], 99):
        with pytest.raises(SignedOut):
            people.actor(gone)


def test_departments_make_a_tree(room: SimpleNamespace) -> None:
    people, root = room.people, room.actor("root")
    with pytest.raises(Invalid) as refused:
        people.change_department(root, room.sales.id, parent=room.north.id)
    assert refused.value.problems[0].code == "department_below_itself"
    with pytest.raises(Invalid):
        people.change_department(root, room.sales.id, parent=room.sales.id)
    for wrong in ({"title": ""}, {"parent": 99}, {"head": 99}, {"parent": "1"}, {"boss": 1}):
        with pytest.raises(Invalid) as refused:
            people.change_department(root, room.sales.id, **wrong)
        assert [p.path for p in refused.value.problems] == list(wrong)
    with pytest.raises(NotAllowed) as kept:
        people.remove_department(root, room.sales.id)
    assert kept.value.problem.context == {"people": 2, "departments": 1}
    empty = people.add_department(root, "Empty", parent=room.north.id)
    people.save_role(root, "crew", "Crew", [], [empty.id, room.sales.id])
    people.remove_department(root, empty.id)
    assert next(r for r in people.roles() if r.code == "crew").departments == (room.sales.id,)
    assert [d.title for d in people.departments()] == ["North", "Other", "Sales"]
    with pytest.raises(NotFound):
        people.change_department(root, 99, title="X")


def test_roles_are_kept_and_made_when_missing(room: SimpleNamespace) -> None:
    people, root = room.people, room.actor("root")
    people.ensure_roles([Role(code="boss", title="Other title"), Role(code="hr", title="HR"), Role(code="hr", title="HR")])
    assert [(r.code, r.title, r.users) for r in people.roles()] == [
        ("boss", "Boss", (room.ids["dora"],)), ("hr", "HR", ()), ("sales", "Sales", (room.ids["anna"], room.ids["boris"])),
    ]  # fmt: skip
    with pytest.raises(Invalid) as refused:
        people.save_role(root, "Bad code", "", [99], [99])
    assert {p.path: p.code for p in refused.value.problems} == {
        "code": "bad_code", "title": "required", "users": "no_such_person", "departments": "no_such_department",
    }  # fmt: skip
    people.remove_role(root, "sales")
    assert room.actor("anna").roles == frozenset()
    with pytest.raises(NotFound):
        people.remove_role(root, "sales")


@given(st.lists(st.tuples(st.integers(1, 8), st.none() | st.integers(1, 8)), max_size=8, unique_by=lambda pair: pair[0]))
def test_walks_over_departments_end_whatever_the_data(pairs: list[tuple[int, Any]]) -> None:
    tree = _Tree([Department(id, "D", parent) for id, parent in pairs], [(100 + id, id) for id, _ in pairs])
    for id, parent in pairs:
        assert id in tree.upwards(id) and id in tree.downwards(id)
        assert parent is None or parent in tree.upwards(id)
        for above in tree.upwards(id) & {p for p, _ in pairs}:
            assert id in tree.downwards(above)
