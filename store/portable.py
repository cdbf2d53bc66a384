"""The whole database as plain TinyDB sees it: {table: {id: document}}."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tinydb.storages import Storage

from store.condition import Condition
from store.document import decode, encode, fits
from store.engine import Engine
from store.errors import Damaged
from store.path import Window
from store.transactions import Transactions

Tables = dict[str, dict[str, Any]]


class Whole(Storage):
    """A TinyDB storage: reads and writes everything at once, which is what exports and imports need."""

    def __init__(self, engine: Engine, transactions: Transactions) -> None:
        self._engine = engine
        self._transactions = transactions

    def read(self) -> Tables:
        """All tables as of one moment; ids are texts, as in TinyDB's JSON file."""
        with self._transactions.transaction():
            return {table: self._read_table(table) for table in sorted(self._engine.tables())}

    def write(self, data: Mapping[str, Mapping[Any, Any]]) -> None:
        """Replace everything, in one transaction. Damaged when the data is not TinyDB's."""
        with self._transactions.transaction():
            for table in self._engine.tables():
                self._transactions.touch(table)
                self._engine.drop(table)
            for table, rows in data.items():
                self._transactions.touch(table)
                self._engine.put(table, [_row(table, key, document) for key, document in rows.items()])

    def _read_table(self, table: str) -> dict[str, Any]:
        rows = self._engine.find(table, Condition(), Window())
        return {str(row[0]): decode(table, row) for row in rows}


def export_json(storage: Whole, path: Path) -> None:
    """Write a TinyDB JSON file. ASCII, because TinyDB reads files in the encoding of the system."""
    with beside(path) as part:
        part.write_text(json.dumps(storage.read()), encoding="ascii")


def import_json(storage: Whole, path: Path) -> None:
    """Replace everything by what a TinyDB JSON file holds. Damaged, and nothing changed, when it is none."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise Damaged(f"{path} is no JSON file: {error}") from error
    if not isinstance(data, dict) or not all(isinstance(rows, dict) for rows in data.values()):
        raise Damaged(f"{path} is no TinyDB file: it should hold objects of tables")
    storage.write(data)


@contextmanager
def beside(path: Path) -> Iterator[Path]:
    """A file to write, put in the place of `path` once it is complete and on disk."""
    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)
    try:
        yield part
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _row(table: str, key: Any, document: Any) -> tuple[int, str]:
    if not isinstance(document, Mapping) or not str(key).isdecimal() or not fits(int(key)):
        raise Damaged(f"{table}/{key} is no TinyDB document")
    return int(key), encode(document)
