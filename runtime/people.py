"""People: users, the tree of departments, roles; and the Actor, which is what rights are decided for."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Protocol

from tinydb import where

from model.access import SYSTEM_ACTOR, Actor, Role
from model.clock import Clock, stamp
from model.errors import BadValue, Denied, Invalid, NotAllowed, NotFound, Problem, SignedOut
from runtime.access import nearest
from runtime.validation import parse_text
from runtime.workspace_settings import LANGUAGES
from store import Database

SHORTEST, LONGEST = 8, 1000
"""Characters of a password; the upper end keeps hashing from being used to wear the server out."""
ROLE_CODE = re.compile(r"^[a-z][a-z0-9_]{0,39}$")
EMAIL = re.compile(r"[^@\s]+@[^@\s]+")


class Hasher(Protocol):
    """What People needs of `runtime.outside.passwords.Passwords`."""

    def hash(self, password: str) -> str:
        """The text to store."""

    def verify(self, stored: str, password: str) -> bool:
        """Whether it fits; an empty `stored` costs the same time and never fits."""

    def outdated(self, stored: str) -> bool:
        """Whether it should be hashed anew."""


@dataclass(frozen=True, slots=True)
class User:
    """A person with an account. `department` and `language` may be empty (None, "": the workspace's language)."""

    id: int
    login: str
    name: str
    email: str = ""
    admin: bool = False
    active: bool = True
    department: int | None = None
    language: str = ""
    created_at: str = ""


@dataclass(frozen=True, slots=True)
class Department:
    """A node of the tree. `head` is a user id."""

    id: int
    title: str
    parent: int | None = None
    head: int | None = None


@dataclass(frozen=True, slots=True)
class RoleRow:
    """A role and who has it; a department's role reaches the departments below it."""

    code: str
    title: str
    users: tuple[int, ...] = ()
    departments: tuple[int, ...] = ()


Ended = Callable[[int, str], None]
"""Told of a user whose sessions must end, and the token of the one that stays (empty: none)."""


class People:
    """Keeps people. Only administrators change anything; everybody may choose their own name, language and password."""

    def __init__(self, db: Database, clock: Clock, passwords: Hasher) -> None:
        self._db, self._clock, self._passwords = db, clock, passwords
        self._users, self._departments, self._roles = db.table("users"), db.table("departments"), db.table("roles")
        self._ended: list[Ended] = []

    def on_ended(self, listener: Ended) -> None:
        """Call `listener(user, keep)` inside the transaction that changes a password or deactivates a user."""
        self._ended.append(listener)

    # users

    def users(self, active: bool = True) -> list[User]:
        """Everybody, by name; with `active=False` those too who no longer work here."""
        found = [_user(doc.doc_id, doc) for doc in self._users.search()]
        return sorted((u for u in found if u.active or not active), key=lambda u: (u.name.casefold(), u.id))

    def user(self, id: int) -> User:
        """One user; NotFound."""
        return _user(id, self._doc(id))

    def by_login(self, login: str) -> User | None:
        """The user of this login, letter case aside."""
        wanted = login.strip().casefold()
        return next((_user(d.doc_id, d) for d in self._users.search() if d["login"].casefold() == wanted), None)

    def names(self) -> dict[int, str]:
        """Names by user id, inactive users included."""
        return dict(self._users.select(["doc_id", "name"]))

    def add_user(
        self,
        actor: Actor,
        login: str,
        name: str,
        password: str | None,
        email: str = "",
        admin: bool = False,
        department: int | None = None,
        language: str = "",
    ) -> User:
        """Make an account; without a password nobody can sign in to it until an administrator sets one.

        Denied; Invalid with every problem (login taken, password too short ...).
        """
        _admins_only(actor)
        given = {"login": login, "name": name, "email": email, "admin": admin, "department": department, "language": language}
        problems = check_password(password, "password") if password is not None else []
        hashed = "" if problems or password is None else self._passwords.hash(password)
        with self._db.transaction():
            doc, wrong = self._checked(given, None)
            if problems + wrong:
                raise Invalid(problems + wrong)
            doc |= {"password": hashed, "active": True, "created_at": stamp(self._clock.now())}
            return _user(self._users.insert(doc), doc)

    def change_user(self, actor: Actor, id: int, **changes: Any) -> User:
        """Change login, name, email, admin, active, department or language of a user.

        Denied (but one's own name and language are one's own); NotFound; Invalid; NotAllowed("last_administrator").
        """
        if not (actor.user == id and changes.keys() <= {"name", "language"}):
            _admins_only(actor)
        with self._db.transaction():
            before = self._doc(id)
            doc, problems = self._checked(changes, id)
            if problems:
                raise Invalid(problems)
            after = {**before, **doc}
            if before["admin"] and before["active"] and not (after["admin"] and after["active"]):
                self._keep_an_admin(id)
            self._users.update(doc, doc_ids=[id])
            if before["active"] and not after["active"]:
                self._tell_ended(id, "")
            return _user(id, after)

    def set_password(self, actor: Actor, id: int, old: str, new: str, keep: str = "") -> None:
        """Change one's own password (`old` must fit), or as an administrator somebody else's. Ends the other sessions.

        keep: the token of the session that stays. Denied, NotFound, BadValue("wrong_password"), Invalid.
        """
        if actor.user != id:
            _admins_only(actor)
        doc = self._doc(id)
        if actor.user == id and not (len(old) <= LONGEST and self._passwords.verify(doc["password"], old)):
            raise BadValue("wrong_password", "old")
        if problems := check_password(new, "new"):
            raise Invalid(problems)
        hashed = self._passwords.hash(new)
        with self._db.transaction():
            self._users.update({"password": hashed}, doc_ids=[id])
            self._tell_ended(id, keep)

    def check(self, login: str, password: str) -> User | None:
        """The active user whose login and password these are, else None; an unknown login takes as long as a wrong password."""
        user = self.by_login(login)
        stored = self._doc(user.id)["password"] if user is not None and user.active else ""
        if len(password) > LONGEST or not self._passwords.verify(stored, password) or user is None:
            return None
        if self._passwords.outdated(stored):
            self._users.update({"password": self._passwords.hash(password)}, doc_ids=[user.id])
        return user

    def without_password(self) -> set[int]:
        """Ids of the users who cannot sign in because nobody has given them a password yet."""
        return {id for (id,) in self._users.select(["doc_id"], where("password") == "")}

    # departments

    def departments(self) -> list[Department]:
        """All departments, by title."""
        found = [Department(d.doc_id, d["title"], d["parent"], d["head"]) for d in self._departments.search()]
        return sorted(found, key=lambda d: (d.title.casefold(), d.id))

    def add_department(self, actor: Actor, title: str, parent: int | None = None, head: int | None = None) -> Department:
        """Make a department below `parent` (None: at the top). Denied, Invalid."""
        _admins_only(actor)
        with self._db.transaction():
            doc = self._department({"title": title, "parent": parent, "head": head}, None)
            return Department(self._departments.insert(doc), **doc)

    def change_department(self, actor: Actor, id: int, **changes: Any) -> Department:
        """Change title, parent or head. Denied, NotFound, Invalid (a department cannot stand below itself)."""
        _admins_only(actor)
        with self._db.transaction():
            before = self._departments.get(doc_id=id)
            if before is None:
                raise NotFound(path=str(id), what="department")
            after = self._department({**before, **changes}, id)
            self._departments.replace(id, after)
            return Department(id, **after)

    def remove_department(self, actor: Actor, id: int) -> None:
        """Remove an empty department. Denied, NotFound, NotAllowed("department_in_use") with people or departments in it."""
        _admins_only(actor)
        with self._db.transaction():
            if self._departments.get(doc_id=id) is None:
                raise NotFound(path=str(id), what="department")
            people = self._users.count(where("department") == id)
            below = self._departments.count(where("parent") == id)
            if people or below:
                raise NotAllowed("department_in_use", str(id), people=people, departments=below)
            self._departments.remove(doc_ids=[id])
            for doc in self._roles.search():
                if id in doc["departments"]:
                    left = [other for other in doc["departments"] if other != id]
                    self._roles.update({"departments": left}, doc_ids=[doc.doc_id])

    # roles

    def roles(self) -> list[RoleRow]:
        """All roles, by title."""
        found = [RoleRow(d["code"], d["title"], tuple(d["users"]), tuple(d["departments"])) for d in self._roles.search()]
        return sorted(found, key=lambda r: (r.title.casefold(), r.code))

    def save_role(self, actor: Actor, code: str, title: str, users: Iterable[int], departments: Iterable[int]) -> RoleRow:
        """Make or change a role. Denied, Invalid."""
        _admins_only(actor)
        with self._db.transaction():
            row = RoleRow(code, _words(title), tuple(dict.fromkeys(users)), tuple(dict.fromkeys(departments)))
            if problems := self._role_problems(row):
                raise Invalid(problems)
            doc = {"code": code, "title": row.title, "users": list(row.users), "departments": list(row.departments)}
            self._roles.upsert(doc, where("code") == code)
            return row

    def remove_role(self, actor: Actor, code: str) -> None:
        """Remove a role: its people lose what it granted. Denied, NotFound."""
        _admins_only(actor)
        if not self._roles.remove(where("code") == code):
            raise NotFound(path=code[:40], what="role")

    def ensure_roles(self, roles: Iterable[Role]) -> None:
        """Make those roles that are missing, without members; known ones stay as they are."""
        with self._db.transaction():
            known = {doc["code"] for doc in self._roles.search()}
            for role in {r.code: r for r in roles if r.code not in known}.values():
                self._roles.insert({"code": role.code, "title": role.title, "users": [], "departments": []})

    # rights

    def is_active(self, user_id: int) -> bool:
        """Whether robots can act as this user: 0 is the system."""
        doc = self._users.get(doc_id=user_id) if user_id else {"active": True}
        return doc is not None and bool(doc["active"])

    def actor(self, user_id: int) -> Actor:
        """Who acts, with roles and colleagues as they stand now; SignedOut when inactive or unknown."""
        doc = self._users.get(doc_id=user_id)
        if doc is None or not doc["active"]:
            raise SignedOut()
        tree = _Tree(self.departments(), self._users.select(["doc_id", "department"]))
        own = tree.of(user_id)
        above = {up for each in own for up in tree.upwards(each)}
        roles = {r.code for r in self.roles() if user_id in r.users or above & set(r.departments)}
        colleagues = tree.people(own) | {user_id}
        below = tree.people({down for each in own for down in tree.downwards(each)}) | {user_id}
        return Actor(user_id, doc["name"], doc["admin"], frozenset(roles), frozenset(colleagues), frozenset(below))

    # inside

    def _doc(self, id: int) -> Mapping[str, Any]:
        doc: Mapping[str, Any] | None = self._users.get(doc_id=id)
        if doc is None:
            raise NotFound(path=str(id)[:40], what="user")
        return doc

    def _tell_ended(self, user: int, keep: str) -> None:
        for listener in self._ended:
            listener(user, keep)

    def _keep_an_admin(self, id: int) -> None:
        admins = [d.doc_id for d in self._users.search((where("admin") == True) & (where("active") == True))]  # noqa: E712
        if admins == [id]:
            raise NotAllowed("last_administrator", str(id))

    def _checked(self, given: Mapping[str, Any], id: int | None) -> tuple[dict[str, Any], list[Problem]]:
        checks: dict[str, Callable[[Any], Any]] = {
            "login": lambda v: self._login(v, id),
            "name": lambda v: _required(v, 120),
            "email": _email,
            "admin": bool,
            "active": bool,
            "department": self._known_department,
            "language": _language,
        }
        return _each(given, checks)

    def _login(self, value: Any, id: int | None) -> str:
        login = _required(value, 100)
        if " " in login:
            raise BadValue("login_with_space")
        other = self.by_login(login)
        if other is not None and other.id != id:
            raise BadValue("login_taken", value=login)
        return login

    def _known_department(self, value: Any) -> int | None:
        if value is not None and (not isinstance(value, int) or self._departments.get(doc_id=value) is None):
            raise BadValue("no_such_department", id=value)
        return value

    def _known_user(self, value: Any) -> int | None:
        if value is not None and (not isinstance(value, int) or self._users.get(doc_id=value) is None):
            raise BadValue("no_such_person", id=value)
        return value

    def _department(self, given: Mapping[str, Any], id: int | None) -> dict[str, Any]:
        checks = {"title": lambda v: _required(v, 120), "parent": self._known_department, "head": self._known_user}
        doc, problems = _each(given, checks)
        parent = doc.get("parent")
        if id is not None and parent is not None and id in _Tree(self.departments(), ()).upwards(parent):
            problems.append(Problem("parent", "department_below_itself"))
        if problems:
            raise Invalid(problems)
        return doc

    def _role_problems(self, row: RoleRow) -> list[Problem]:
        problems = [] if ROLE_CODE.match(row.code) else [Problem("code", "bad_code", {"value": row.code[:40]})]
        if not row.title:
            problems.append(Problem("title", "required", {"field": "title"}))
        for path, ids, check in (
            ("users", row.users, self._known_user),
            ("departments", row.departments, self._known_department),
        ):
            for each in ids:
                try:
                    check(each)
                except BadValue as refused:
                    problems += refused.at(path).problems
        return problems


class _Tree:
    """The departments as a tree with people in it. Walks stop at a department met twice, should data hold a cycle."""

    def __init__(self, departments: Iterable[Department], members: Iterable[tuple[Any, ...]]) -> None:
        self._parent: dict[int, int | None] = {}
        self._children: dict[int, list[int]] = defaultdict(list)
        self._people: dict[int, set[int]] = defaultdict(set)
        for each in departments:
            self._parent[each.id] = each.parent
            if each.parent is not None:
                self._children[each.parent].append(each.id)
            if each.head is not None:
                self._people[each.id].add(each.head)
        for user, department in members:
            if department is not None:
                self._people[department].add(user)

    def of(self, user: int) -> set[int]:
        """The departments that a user works in or heads."""
        return {department for department, people in self._people.items() if user in people}

    def people(self, departments: Iterable[int]) -> set[int]:
        """Everybody in these departments, heads included."""
        return {user for each in departments for user in self._people.get(each, ())}

    def upwards(self, department: int) -> set[int]:
        """A department and all above it."""
        found: set[int] = set()
        here: int | None = department
        while here is not None and here not in found:
            found.add(here)
            here = self._parent.get(here)
        return found

    def downwards(self, department: int) -> set[int]:
        """A department and all below it."""
        found, waiting = set(), [department]
        while waiting:
            here = waiting.pop()
            if here not in found:
                found.add(here)
                waiting += self._children[here]
        return found


def check_password(password: str, path: str) -> list[Problem]:
    """What is wrong with a new password."""
    if len(password) < SHORTEST:
        return [Problem(path, "password_too_short", {"limit": SHORTEST})]
    return [Problem(path, "password_too_long", {"limit": LONGEST})] if len(password) > LONGEST else _unwritable(password, path)


def _unwritable(password: str, path: str) -> list[Problem]:
    """A lone surrogate cannot be hashed."""
    try:
        password.encode()
    except UnicodeEncodeError:
        return [Problem(path, "bad_characters")]
    return []


def _each(given: Mapping[str, Any], checks: Mapping[str, Callable[[Any], Any]]) -> tuple[dict[str, Any], list[Problem]]:
    """Check each value by its own rule, gathering the problems."""
    found: dict[str, Any] = {}
    problems: list[Problem] = []
    for key, value in given.items():
        try:
            if key not in checks:
                raise BadValue("unknown_field", field=key, nearest=nearest(key, checks))
            found[key] = checks[key](value)
        except BadValue as refused:
            problems += refused.at(key).problems
    return found, problems


def _admins_only(actor: Actor) -> None:
    if not actor.admin:
        raise Denied("admins_only")


def _words(value: Any) -> str:
    return " ".join(parse_text(value, "", 10_000).split())


def _required(value: Any, limit: int) -> str:
    text = " ".join(parse_text(value, "", limit).split())
    if not text:
        raise BadValue("required", field="", stage="")
    return text


def _email(value: Any) -> str:
    text = " ".join(parse_text(value, "", 255).split())
    if text and not EMAIL.fullmatch(text):
        raise BadValue("not_an_email", value=text[:80])
    return text


def _language(value: Any) -> str:
    if value not in ("", *LANGUAGES):
        raise BadValue("unknown_language", value=str(value)[:40])
    return str(value)


def _user(id: int, doc: Mapping[str, Any]) -> User:
    return User(id=id, **{f.name: doc[f.name] for f in fields(User) if f.name != "id" and f.name in doc})


def acting(user: int, people: People) -> Actor:
    """Who robots act as: the user who published them; the system for what came with the program. SignedOut when gone."""
    return people.actor(user) if user else SYSTEM_ACTOR
