"""Kinds: things of which there are many, one file each (robots, triggers, field types)."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, Generic, Self, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from model.errors import Problem, UnknownKind


class Frozen(BaseModel):
    """A value: it never changes, `model_copy(update=...)` makes the next one. Unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    def dump(self) -> dict[str, Any]:
        """Give the JSON form, aliases included."""
        return self.model_dump(mode="json", by_alias=True)

    @classmethod
    def read(cls, data: Any) -> Self:
        """Build from the JSON form; pydantic's ValidationError where it does not fit."""
        return cls.model_validate(data)


class Kind(Frozen):
    """One kind. Its fields are its parameters (they make the form, the docs and the REST schema), its docstring its help.

    A subclass gives `kind` (its file's name), `icon` (a bare Material symbol name) and explains every parameter in a
    docstring below it. The words people see are in the locales, `<shelf>` being `robot`, `trigger` or `field`:
    `<shelf>.<kind>.title`, `<shelf>.<kind>.help`, `<shelf>.<kind>.param.<name>` with `.help` behind it if it needs more words,
    and `<shelf>.<kind>.param.<name>.<choice>` for each value of a Literal.
    """

    kind: ClassVar[str]
    icon: ClassVar[str]

    @classmethod
    def problems(cls, params: Mapping[str, Any]) -> list[Problem]:
        """Say everything that is wrong with these parameters; `path` is the parameter's name."""
        try:
            cls.model_validate(params)
        except ValidationError as refused:
            return [_problem(error) for error in refused.errors(include_url=False, include_context=True)]
        return []


def _problem(error: Any) -> Problem:
    """Translate one of pydantic's findings into ours: `param.<its type>` with its limits as context."""
    context = {k: str(v) for k, v in (error.get("ctx") or {}).items() if k != "error"}
    own = (error.get("ctx") or {}).get("error")
    if isinstance(own, ValueError) and str(own).startswith("param."):
        return Problem(path=".".join(map(str, error["loc"])), code=str(own), context=context)
    return Problem(path=".".join(map(str, error["loc"])), code=f"param.{error['type']}", context=context)


K = TypeVar("K", bound=Kind)


class Catalog(Mapping[str, type[K]], Generic[K]):
    """The kinds of one shelf by name. Made once in wiring and passed on: there is no global registry."""

    def __init__(self, kinds: Mapping[str, type[K]]) -> None:
        self._kinds = dict(sorted(kinds.items()))

    @classmethod
    def scan(cls, package: str, base: type[K]) -> Catalog[K]:
        """Import every module of `package` and collect the concrete subclasses of `base` defined in it."""
        found: dict[str, type[K]] = {}
        home = importlib.import_module(package)
        for module in pkgutil.iter_modules(home.__path__):
            for value in vars(importlib.import_module(f"{package}.{module.name}")).values():
                if _is_concrete(value, base) and value.__module__ == f"{package}.{module.name}":
                    found[value.kind] = value
        return cls(found)

    def load(self, kind: str, params: Mapping[str, Any]) -> K:
        """Build one configured kind; UnknownKind (with the nearest name) or pydantic's ValidationError."""
        if kind not in self._kinds:
            raise UnknownKind.near(kind, self._kinds)
        return self._kinds[kind].model_validate(params)

    def __getitem__(self, kind: str) -> type[K]:
        return self._kinds[kind]

    def __iter__(self) -> Iterator[str]:
        return iter(self._kinds)

    def __len__(self) -> int:
        return len(self._kinds)


def _is_concrete(value: Any, base: type) -> bool:
    return inspect.isclass(value) and issubclass(value, base) and value is not base and not inspect.isabstract(value)
