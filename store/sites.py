"""Places in a document as SQLite's SQL writes them: see compile.Site."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import orjson

from store.compile import Clause
from store.names import json_path, kind, value


class SqliteSite(NamedTuple):
    """Two SQL expressions: a value (lists and objects as blobs) and its JSON type (NULL when missing).

    doc, keys: where it stands; depth keeps lists in lists apart.
    """

    value: str
    kind: str
    doc: str
    keys: tuple[str, ...] = ()
    depth: int = 0

    def at(self, keys: Sequence[str]) -> "SqliteSite":
        """See compile.Site."""
        return _site(self.doc, (*self.keys, *keys), self.depth)

    def exists(self) -> Clause:
        """See compile.Site."""
        return Clause(f"{self.kind} IS NOT NULL")

    def null(self) -> Clause:
        """See compile.Site."""
        return Clause(f"{self.kind} = 'null'")

    def equal(self, wanted: Any) -> Clause:
        """See compile.Site."""
        return Clause(f"{self.value} = ?", (wanted,))

    def compare(self, sign: str, wanted: Any) -> Clause:
        """Numbers sort before '', texts from there to x'': so a comparison stays among its own kind."""
        low, high = (" >= ''", " < x''") if isinstance(wanted, str) else ("", " < ''")
        guard = low if "<" in sign else high
        sql = f"{self.value} {sign} ?" + (f" AND {self.value}{guard}" if guard else "")
        return Clause(f"({sql})", (wanted,))

    def one_of(self, wanted: Sequence[Any]) -> Clause:
        """See compile.Site."""
        return Clause(f"{self.value} IN (SELECT value FROM json_each(?))", (orjson.dumps(wanted).decode(),))

    def holds_text(self, text: str) -> Clause:
        """See compile.Site."""
        return Clause(f"instr({self.value}, ?) > 0", (text,))

    def full(self) -> tuple[Clause, Clause]:
        """See compile.Site."""
        return Clause(f"{self.value} <> ''"), Clause(f"{self.value} <> CAST('{{}}' AS BLOB)")

    def by_kind(self, array: Clause, text: Clause, mapping: Clause) -> Clause:
        """See compile.Site."""
        sql = f"CASE {self.kind} WHEN 'array' THEN {array.sql} WHEN 'text' THEN {text.sql}"
        return Clause(f"({sql} WHEN 'object' THEN {mapping.sql} END)", array.bound + text.bound + mapping.bound)

    def item(self) -> "SqliteSite":
        """See compile.Site."""
        name = f"e{self.depth}"
        found = f"iif({name}.type IN ('array', 'object'), CAST({name}.value AS BLOB), {name}.value)"
        return SqliteSite(found, f"{name}.type", f"{name}.value", depth=self.depth + 1)

    def inside(self) -> "SqliteSite":
        """See compile.Site."""
        return _site(f"CASE {self.kind} WHEN 'object' THEN {self.doc} ELSE '{{}}' END", (), self.depth)

    def any_item(self, clause: Clause) -> Clause:
        """See compile.Site."""
        source = f"json_each({self.doc}, {json_path(self.keys)}) AS e{self.depth}"
        return Clause(f"EXISTS (SELECT 1 FROM {source} WHERE {clause.sql})", clause.bound)


@lru_cache(1000)
def _site(doc: str, keys: tuple[str, ...], depth: int) -> SqliteSite:
    return SqliteSite(value(keys, doc), kind(keys, doc), doc, keys, depth)


DOCUMENT = _site("doc", (), 0)
