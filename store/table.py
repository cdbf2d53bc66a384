"""TinyDB's Table over an engine: the same methods, one row touched at a time, and a few more."""

from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager, nullcontext
from typing import Any, TypeVar, cast

from tinydb.queries import QueryLike
from tinydb.storages import Storage
from tinydb.table import Document
from tinydb.table import Table as TinyTable

from store.condition import understand
from store.document import Doc, Row, decode, encode, fits, no_more_ids
from store.engine import Engine
from store.errors import Conflict
from store.path import Order, Window
from store.scan import Group
from store.transactions import Transactions

MADE = 250
"""Documents of a table that are kept as what was made of them,"""
LONGEST = 20_000
"""... if their text is not longer than this, in characters: what is kept stays small, whatever people write."""
T = TypeVar("T")
Make = Callable[[int, Doc], T]
Change = Mapping[str, Any] | Callable[[MutableMapping[str, Any]], Any]


class Table(TinyTable):
    """One table. Documents are copied in and out; a write outside a transaction is a durable one of its own.

    Unlike TinyDB's, an id is never given twice, not even after `truncate`, and results are not cached: another process may write.
    """

    default_query_cache_capacity = 0

    def __init__(self, engine: Engine, transactions: Transactions, storage: Storage, name: str) -> None:
        super().__init__(storage, name)
        self._engine = engine
        self._transactions = transactions
        self._made: dict[tuple[int, Make[Any]], tuple[str, Any]] = {}

    def persist(self) -> None:
        """Make the table now, unless it is there."""
        with self._transactions.joined():
            if self.name not in self._engine.tables():
                self._transactions.touch(self.name)
                self._engine.advance(self.name, 0)

    def insert(self, document: Mapping[str, Any]) -> int:
        """Store a new document; its id. ValueError when it is a Document whose id is taken."""
        doc_id, text = _entry(document)
        if doc_id is not None:
            return self.insert_multiple([document])[0]
        with self._transactions.joined():
            self._transactions.touch(self.name)
            number = self._engine.last_id(self.name) + 1
            if not fits(number):
                raise no_more_ids(number)
            self._engine.put(self.name, [(number, text)])
            return number

    def insert_multiple(self, documents: Iterable[Mapping[str, Any]]) -> list[int]:
        """Store new documents, all or none; their ids."""
        new = [_entry(document) for document in documents]
        with self._transactions.joined():
            if new:
                self._transactions.touch(self.name)  # numbering may make the table
            rows = self._numbered(new) if new else []
            self._put(rows)
        return [doc_id for doc_id, _ in rows]

    def search(
        self,
        cond: QueryLike | None = None,
        *,
        sort: Order | None = None,
        limit: int | None = None,
        offset: int = 0,
    ) -> list[Document]:
        """The documents that meet the condition.

        sort: pairs of (dotted path or "doc_id", descending). Ascending, numbers come before texts and those
        before anything else; nulls and missing values are always last; ties are in the order of doc_id.
        limit, offset: how many, after how many. ValueError when negative.
        """
        rows = self._engine.find(self.name, understand(cond), _window(sort, limit, offset))
        return [self._document(row) for row in rows]

    def select(
        self,
        paths: Sequence[str],
        cond: QueryLike | None = None,
        *,
        sort: Order | None = None,
        limit: int | None = None,
        offset: int = 0,
    ) -> list[tuple[Any, ...]]:
        """The values at the dotted paths (or "doc_id") of the matching documents, None where missing."""
        return self._engine.select(self.name, paths, understand(cond), _window(sort, limit, offset))

    def get(self, cond: QueryLike | None = None, doc_id: int | None = None, doc_ids: Iterable[int] | None = None) -> Any:
        """The document with this id, or the first that meets the condition, or None; a list for doc_ids."""
        if doc_id is not None:
            found = self._engine.fetch(self.name, _ids((doc_id,)))
            return self._document(found[0]) if found else None
        if doc_ids is not None:
            return self._fetch(doc_ids)
        if cond is not None:
            return next(iter(self.search(cond, limit=1)), None)
        raise RuntimeError("You have to pass either cond or doc_id or doc_ids")

    def get_as(self, doc_id: int, make: Make[T]) -> T | None:
        """What make(doc_id, document) gives, None without such a document. It is made once for a text: do not change it.

        `make` must be the same function each time, or nothing is gained.
        """
        found = self._engine.fetch(self._name, [doc_id] if fits(doc_id) else [])
        if not found:
            return None
        text = found[0][1]
        known = self._made.get((doc_id, make))
        if known is not None and known[0] == text:
            return cast(T, known[1])
        made = make(doc_id, decode(self.name, found[0]))
        self._keep(make, doc_id, text, made)
        return made

    def count(self, cond: QueryLike | None = None) -> int:
        """How many documents meet the condition."""
        return self._engine.count(self.name, understand(cond))

    def count_by(self, path: str, cond: QueryLike | None = None) -> dict[Any, int]:
        """How many documents have each value at the path; None counts the missing.

        Lists and objects are counted under their JSON text.
        """
        return {group["key"][0]: group["count"] for group in self.group([path], cond)}

    def group(self, by: Sequence[str], cond: QueryLike | None = None, *, sums: Sequence[str] = ()) -> list[Group]:
        """Counts and sums for each distinct tuple of values at the paths `by`, in order of first appearance.

        [{"key": (value, ...), "count": 3, "sums": (12.5, ...)}, ...]; sums leave out what is no number.
        """
        return self._engine.group(self.name, by, understand(cond), sums)

    def min_max(self, path: str, cond: QueryLike | None = None) -> tuple[Any, Any]:
        """The least and the greatest value at the path, in the order of `search`; (None, None) if none."""
        ends = (self.select([path], cond, sort=[(path, descending)], limit=1) for descending in (False, True))
        least, greatest = (rows[0][0] if rows else None for rows in ends)
        return least, greatest

    def update(
        self,
        fields: Change,
        cond: QueryLike | None = None,
        doc_ids: Iterable[int] | None = None,
        *,
        expect: int | None = None,
    ) -> list[int]:
        """Merge the fields into the matching documents, or let a function change them; their ids.

        expect: the "version" each of them must have, else Conflict, and nothing is written.
        """
        change = fields if callable(fields) else _merge(fields)
        with self._transactions.joined():
            rows = self._rows(cond, doc_ids)
            self._put([self._changed(row, change, expect) for row in rows])
        return [doc_id for doc_id, _ in rows]

    def update_multiple(self, updates: Iterable[tuple[Change, QueryLike]]) -> list[int]:
        """Apply each (fields or function, condition) in turn; the ids, as often as updated."""
        with self._transactions.transaction():
            return [doc_id for fields, cond in updates for doc_id in self.update(fields, cond)]

    def replace(
        self,
        doc_id: int,
        doc: Mapping[str, Any],
        *,
        expect: int | None = None,
        by: str = "version",
        made: tuple[Make[T], T] | None = None,
    ) -> None:
        """Put another document in the place of this one. KeyError when absent; expect as in `update`, of the key `by`.

        made: (make, what it gives for this document), which spares `get_as` the making.
        """
        text = encode(doc)
        with self._transactions.joined():
            rows = self._engine.fetch(self.name, _ids((doc_id,)))
            if not rows:
                raise KeyError(doc_id)
            if expect is not None:
                self._expect(rows[0], expect, by)
            self._transactions.touch(self.name)
            self._engine.put(self.name, [(doc_id, text)])
        if made is not None:
            self._keep(made[0], doc_id, text, made[1])

    def look_ahead(self, doc_ids: Iterable[int]) -> None:
        """Read documents at once that this transaction will ask for one by one."""
        self._engine.fetch(self.name, _ids(doc_ids))

    def upsert(self, document: Mapping[str, Any], cond: QueryLike | None = None) -> list[int]:
        """Update what matches (a Document: its id), or insert when nothing does; the ids."""
        with self._transactions.transaction():
            return super().upsert(document, cond)

    def remove(self, cond: QueryLike | None = None, doc_ids: Iterable[int] | None = None) -> list[int]:
        """Remove the matching documents; their ids."""
        if cond is None and doc_ids is None:
            raise RuntimeError("Use truncate() to remove all documents")
        with self._transactions.joined():
            ids = [doc_id for doc_id, _ in self._rows(cond, doc_ids)]
            if ids:
                with self._whole(ids):
                    self._engine.delete(self.name, ids)
        return ids

    def truncate(self) -> None:
        """Remove all documents; the table goes on counting its ids."""
        with self._transactions.joined():
            self._transactions.touch(self.name)
            self._engine.clear(self.name)

    def __len__(self) -> int:
        return self.count()

    def __iter__(self) -> Iterator[Document]:
        for row in self._engine.find(self.name, understand(None), Window()):
            yield self._document(row)

    def _get_next_id(self) -> int:
        with self._transactions.joined():
            return self._engine.last_id(self.name) + 1

    def _document(self, row: Row) -> Document:
        return self.document_class(decode(self.name, row), row[0])

    def _keep(self, make: Make[T], doc_id: int, text: str, made: T) -> None:
        """Keep what was made of a document. When there is too much of it, all is forgotten."""
        if len(text) <= LONGEST:
            if len(self._made) >= MADE:
                self._made.clear()
            self._made[doc_id, make] = text, made

    def _fetch(self, ids: Iterable[int]) -> list[Document]:
        return [self._document(row) for row in self._engine.fetch(self.name, _ids(ids))]

    def _rows(self, cond: QueryLike | None, doc_ids: Iterable[int] | None) -> list[Row]:
        if doc_ids is None:
            return self._engine.find(self.name, understand(cond), Window())
        wanted = _ids(doc_ids)
        found = dict(self._engine.fetch(self.name, wanted))
        return [(doc_id, found[doc_id]) for doc_id in dict.fromkeys(wanted) if doc_id in found]

    def _put(self, rows: Sequence[Row]) -> None:
        if rows:
            with self._whole(rows):
                self._engine.put(self.name, rows)

    @contextmanager
    def _whole(self, rows: Sequence[Any]) -> Iterator[None]:
        """Write all rows or none: a single one needs no savepoint for that."""
        with self._transactions.transaction() if len(rows) > 1 else nullcontext():
            self._transactions.touch(self.name)
            yield

    def _numbered(self, new: Sequence[tuple[int | None, str]]) -> list[Row]:
        """Give ids to the documents that bring none; ValueError when one brings an id that is taken."""
        last = self._engine.last_id(self.name)
        brought = _ids(doc_id for doc_id, _ in new if doc_id is not None)
        taken = {doc_id for doc_id, _ in self._engine.fetch(self.name, brought)} if brought else set()
        rows: list[Row] = []
        for doc_id, text in new:
            number = last + 1 if doc_id is None else doc_id
            if not fits(number):
                raise no_more_ids(number)
            if number in taken:
                raise ValueError(f"Document with ID {number} already exists")
            if doc_id is not None:
                taken.add(number)
            last = max(last, number)
            rows.append((number, text))
        return rows

    def _changed(self, row: Row, change: Callable[[Doc], Any], expect: int | None) -> Row:
        document = self._expect(row, expect)
        change(document)
        return row[0], encode(document)

    def _expect(self, row: Row, expect: int | None, by: str = "version") -> Doc:
        document = decode(self.name, row)
        if expect is not None and document.get(by) != expect:
            raise Conflict(self.name, row[0], expect, document.get(by))
        return document


def _entry(document: Mapping[str, Any]) -> tuple[int | None, str]:
    if not isinstance(document, Mapping):
        raise ValueError("Document is not a Mapping")
    doc_id = int(document.doc_id) if isinstance(document, Document) else None
    return doc_id, encode(document)


def _ids(ids: Iterable[int]) -> list[int]:
    """The ids that a document can have."""
    return [number for each in ids if each == each and fits(number := int(each))]  # NaN is not itself, and no id


def _merge(fields: Mapping[str, Any]) -> Callable[[Doc], None]:
    return lambda document: document.update(fields)


def _window(sort: Order | None, limit: int | None, offset: int) -> Window:
    if offset < 0 or (limit is not None and limit < 0):
        raise ValueError("limit and offset cannot be negative")
    if not fits(offset):
        offset, limit = 0, 0  # nothing stands so far behind
    return Window(sort or (), limit if limit is None or fits(limit) else None, offset)
