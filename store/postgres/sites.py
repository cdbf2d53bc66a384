"""Places in a document as PostgreSQL's SQL writes them: see compile.Site. Two columns are read, `doc` and `body` (see keys)."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from store.compile import Clause
from store.names import literal
from store.path import DOC_ID, Order, Parts, parts
from store.postgres.keys import key

LONGEST = 200  # characters of a key in an index, whose rows hold 2,704 bytes; three of four bytes each may stand together
Columns = Mapping[str, str]  # dotted path -> the column that holds the key there


class PostgresSite(NamedTuple):
    """SQL expressions. json: the JSON here, NULL when missing; text: its key; short: as much of it as indexes hold.

    columns: of the document that this site is; depth keeps lists in lists apart.
    """

    json: str
    text: str
    short: str
    columns: Columns = {}
    depth: int = 0

    def at(self, keys: Sequence[str]) -> "PostgresSite":
        """See compile.Site."""
        if not keys:
            return self
        return _below(self.json, tuple(keys), self.depth, self.columns.get(".".join(keys)))

    def exists(self) -> Clause:
        """See compile.Site."""
        return Clause(f"{self.json} IS NOT NULL")

    def null(self) -> Clause:
        """See compile.Site."""
        return Clause(f"{self.json} = 'null'")

    def equal(self, wanted: Any) -> Clause:
        """See compile.Site."""
        found = key(wanted)
        if len(found) < LONGEST:
            return Clause(f"{self.short} = %s", (found,))
        return Clause(f"({self.short} = %s AND {self.text} = %s)", (found[:LONGEST], found))

    def compare(self, sign: str, wanted: Any) -> Clause:
        """The keys of numbers begin with 0, of texts with 1; what comes from 2 on is a list or an object."""
        found, low, high = key(wanted), f" AND {self.short} >= '1'", f" AND {self.short} < '2'"
        if not isinstance(wanted, str):
            low, high = "", f" AND {self.short} < '1'"
        guard = low if "<" in sign else high
        if len(found) < LONGEST:
            return Clause(f"({self.short} {sign} %s{guard})", (found,))
        return Clause(f"({self.short} {sign[0]}= %s AND {self.text} {sign} %s{guard})", (found[:LONGEST], found))

    def one_of(self, wanted: Sequence[Any]) -> Clause:
        """See compile.Site."""
        keys = [key(each) for each in wanted]
        short = [each for each in keys if len(each) < LONGEST]
        found = Clause(f"{self.short} = ANY(%s::text[])", (short,))
        if len(short) == len(keys):
            return found
        long = [each for each in keys if len(each) >= LONGEST]
        sql = f"({found.sql} OR ({self.short} = ANY(%s::text[]) AND {self.text} = ANY(%s::text[])))"
        return Clause(sql, (short, [each[:LONGEST] for each in long], long))

    def holds_text(self, text: str) -> Clause:
        """See compile.Site."""
        return Clause(f"strpos(substr({self.text}, 2), %s) > 0", (text,))

    def full(self) -> tuple[Clause, Clause]:
        """See compile.Site."""
        return Clause(f"{self.text} <> '1'"), Clause(f"{self.json} <> '{{}}'")

    def by_kind(self, array: Clause, text: Clause, mapping: Clause) -> Clause:
        """See compile.Site."""
        sql = f"CASE jsonb_typeof({self.json}) WHEN 'array' THEN {array.sql} WHEN 'object' THEN {mapping.sql}"
        sql = f"({sql} WHEN 'string' THEN {self.text} >= '1' AND {text.sql} END)"
        return Clause(sql, array.bound + mapping.bound + text.bound)

    def item(self) -> "PostgresSite":
        """See compile.Site."""
        name = f"e{self.depth}.item"
        return _site(name, f"({name} #>> '{{}}')", self.depth + 1)

    def inside(self) -> "PostgresSite":
        """See compile.Site. What is no object has nothing at any key in PostgreSQL anyhow."""
        return self

    def any_item(self, clause: Clause) -> Clause:
        """See compile.Site."""
        items = f"CASE jsonb_typeof({self.json}) WHEN 'array' THEN {self.json} END"
        return Clause(
            f"EXISTS (SELECT 1 FROM jsonb_array_elements({items}) AS e{self.depth}(item) WHERE {clause.sql})", clause.bound
        )


def document(columns: Columns) -> PostgresSite:
    """The document itself."""
    return PostgresSite("body", "NULL", "NULL", columns)


def promotion(path: str) -> str:
    """What a column for the path holds, for statements without parameters."""
    return document({}).at(parts(path)).short.replace("%%", "%")


def terms(path: str, columns: Columns) -> tuple[str, ...]:
    """What to sort and group by for one path: the short key, and what that leaves out of long texts, lists and objects."""
    if path == DOC_ID:
        return ("id",)
    keys, site = parts(path), document(columns).at(parts(path))
    whole = f"({_down('doc', keys[:-1])} ->> {_key(keys[-1])})"
    rest = f"CASE WHEN {site.short} = '2' THEN {whole} WHEN length({site.short}) = {LONGEST} THEN {site.text} END"
    return site.short, f'(({rest}) COLLATE "C")'


def ordering(order: Order, columns: Columns) -> str:
    """The ORDER BY of a window."""
    found = [
        f"{term} {'DESC' if descending else 'ASC'} NULLS LAST" for path, descending in order for term in terms(path, columns)
    ]
    return " ORDER BY " + ", ".join([*found, "id"])


def total(path: str) -> str:
    """The sum of the numbers at the path: exact, and as text, whether there was a float among them beside it."""
    if path == DOC_ID:
        return "coalesce(sum(id), 0)::text, FALSE"
    keys = parts(path)
    number = f"({_down('doc', keys[:-1])} ->> {_key(keys[-1])})"
    only = f"FILTER (WHERE json_typeof({_down('doc', keys)}) = 'number')"
    return f"coalesce(sum({number}::numeric) {only}, 0)::text, coalesce(bool_or({number} ~ '[.eE]') {only}, FALSE)"


@lru_cache(1000)
def _below(json: str, keys: Parts, depth: int, column: str | None) -> PostgresSite:
    return _site(_down(json, keys), f"({_down(json, keys[:-1])} ->> {_key(keys[-1])})", depth, column)


def _site(json: str, text: str, depth: int, column: str | None = None) -> PostgresSite:
    ordered = f'({text} COLLATE "C")'
    short = f"(CASE WHEN {ordered} >= '2' THEN '2' ELSE left({ordered}, {LONGEST}) END COLLATE \"C\")"
    return PostgresSite(json, ordered, column or short, {}, depth)


def _down(json: str, keys: Sequence[str]) -> str:
    """Not one `#>`: that would take a key of digits for a place in a list."""
    return f"({' -> '.join([json, *map(_key, keys)])})" if keys else json


def _key(name: str) -> str:
    return literal(name).replace("%", "%%")
