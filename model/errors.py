"""Every error of Voronka.

VoronkaError                 code, path, context: the words are in the locales under `error.<code>`
  NotFound                   no such element, process, user ... (or none that you may see)
  Denied                     the rights do not allow it; says which right is missing
  SignedOut                  no session, or it has ended
  Invalid                    one or several problems, each with its path
    BadValue                 one value that its field type cannot take
  Stale                      somebody changed this meanwhile; carries both sides
  UnknownKind                no such robot, trigger or field type
  LoopStopped                a chain of robots fed itself
  NotAllowed                 the thing is possible but refused by a rule (last administrator, stage with elements ...)
  Unreadable                 a file that cannot be read as what it should be
  NotStored                  the disk or the database did not take it; nothing was written
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: where (`path`), what (`code`, words under `error.<code>`), and the figures for the words."""

    path: str
    code: str
    context: Mapping[str, Any] = field(default_factory=dict)
    level: str = "error"
    """`error` blocks, `warning` only tells."""

    def at(self, prefix: str) -> Problem:
        """The same problem seen from one step further out."""
        return Problem(f"{prefix}/{self.path}" if self.path else prefix, self.code, self.context, self.level)


class VoronkaError(Exception):
    """Base of all. `code` names the words in the locales (`error.<code>`), `context` fills their placeholders."""

    code: ClassVar[str] = "unknown"

    def __init__(self, code: str = "", path: str = "", **context: Any) -> None:
        self.problem = Problem(path, code or type(self).code, context)
        super().__init__(f"{self.problem.code} {path} {context or ''}".strip())

    @property
    def problems(self) -> tuple[Problem, ...]:
        """All that is wrong; at least one."""
        return (self.problem,)


class NotFound(VoronkaError):
    code = "not_found"


class Denied(VoronkaError):
    code = "denied"


class SignedOut(VoronkaError):
    code = "signed_out"


class NotAllowed(VoronkaError):
    code = "not_allowed"


class LoopStopped(VoronkaError):
    code = "loop_stopped"


class Unreadable(VoronkaError):
    code = "unreadable"


class NotStored(VoronkaError):
    code = "disk_refused"


class Invalid(VoronkaError):
    """Several problems at once, so that a form can show each beside its input."""

    code = "invalid"

    def __init__(self, problems: Iterable[Problem]) -> None:
        self._problems = tuple(problems)
        super().__init__("invalid", self._problems[0].path if self._problems else "")
        self.args = ("; ".join(f"{p.path}: {p.code}" for p in self._problems),)

    @property
    def problems(self) -> tuple[Problem, ...]:
        return self._problems


class BadValue(Invalid):
    """One value that does not fit. `BadValue("too_long", limit=255)`."""

    def __init__(self, code: str, path: str = "", **context: Any) -> None:
        super().__init__([Problem(path, code, context)])

    def at(self, path: str) -> BadValue:
        """The same with the place it stands at."""
        found = self.problems[0]
        return BadValue(found.code, path, **found.context)


class Stale(VoronkaError):
    """Somebody changed this meanwhile. `mine` was not written, `theirs` stands: {path: value} each, so neither is lost."""

    code = "stale"

    def __init__(self, path: str, mine: Mapping[str, Any], theirs: Mapping[str, Any], **context: Any) -> None:
        super().__init__("stale", path, **context)
        self.mine, self.theirs = dict(mine), dict(theirs)


class UnknownKind(VoronkaError):
    code = "unknown_kind"

    @classmethod
    def near(cls, kind: str, known: Iterable[str], path: str = "") -> Self:
        """Offer the nearest known name."""
        close = difflib.get_close_matches(str(kind), list(known), 1)
        return cls(path=path, kind=kind, nearest=close[0] if close else "")
