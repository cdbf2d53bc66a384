"""One of the listed options."""

from __future__ import annotations

import difflib
from typing import Any

from pydantic import Field as Param
from pydantic import field_validator

from builder.fields.entered import shown, words
from model.errors import BadValue
from model.field import CODE, Control, FieldType, Reading
from model.kind import Frozen
from model.language import Reader


class Option(Frozen):
    """One thing to choose. Its code is what elements keep."""

    code: str = Param(pattern=CODE.pattern)
    title: str = Param(min_length=1, max_length=120)
    color: str = Param("", pattern=r"^(#[0-9A-Fa-f]{6})?$")


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


class Enumeration(FieldType):
    """One of the listed options."""

    kind = "enumeration"
    icon = "list"
    control = Control.CHOICE
    operators = ("eq", "ne", "in", "not_in", "empty", "not_empty")

    options: tuple[Option, ...] = Param(min_length=1, max_length=1000)
    """What can be chosen, in order."""

    @field_validator("options")
    @classmethod
    def _apart(cls, options: tuple[Option, ...]) -> tuple[Option, ...]:
        for taken in ([o.code for o in options], [_plain(o.title) for o in options]):
            if len(set(taken)) < len(taken):
                raise ValueError("param.same_option")
        return options

    def parse(self, raw: Any, reading: Reading) -> str:
        wanted = _plain(words(raw))
        for option in self.options:
            if wanted == option.code:
                return option.code
        for option in self.options:
            if wanted == _plain(option.title):
                return option.code
        raise BadValue("no_such_option", value=shown(raw), options=self._offer(), nearest=self._nearest(wanted))

    def show(self, value: Any, reader: Reader) -> str:
        return next((o.title for o in self.options if o.code == value), str(value))

    def _offer(self) -> str:
        titles = ", ".join(o.title for o in self.options[:10])
        return titles + (" …" if len(self.options) > 10 else "")

    def _nearest(self, wanted: str) -> str:
        titles = {_plain(o.title): o.title for o in self.options}
        return next((titles[t] for t in difflib.get_close_matches(wanted[:120], list(titles), 1)), "")
