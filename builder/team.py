"""Teams: the people of a demo with their departments and roles, as a JSON file beside its packages. Packages hold no people."""

from __future__ import annotations

import orjson

from model.kind import Frozen


class Unit(Frozen):
    """A department; those above it come first. `head` is a login."""

    code: str
    title: str
    parent: str = ""
    head: str = ""


class Seat(Frozen):
    """A person and the code of the department they work in."""

    login: str
    name: str
    department: str


class Holders(Frozen):
    """Who has a role: logins, and codes of departments."""

    people: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()


class Team(Frozen):
    """What the file holds; `roles` by code."""

    departments: tuple[Unit, ...] = ()
    people: tuple[Seat, ...] = ()
    roles: dict[str, Holders] = {}

    def dump_bytes(self) -> bytes:
        """The file."""
        return orjson.dumps(self.dump(), option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)

    @classmethod
    def load(cls, data: bytes) -> Team:
        """Read what `dump_bytes` wrote."""
        return cls.read(orjson.loads(data))
