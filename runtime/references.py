"""What values point at: whether the person, the element or the file is there. Remembers its answers for one transaction."""

from __future__ import annotations

from collections.abc import Callable

from model.element import Element
from store import Database


class References:
    """Looks up what values point at. `readable` decides whether the actor may know of an element."""

    def __init__(self, db: Database, readable: Callable[[Element], bool]) -> None:
        self._db = db
        self._readable = readable
        self._known: dict[tuple[str, int, object], bool] = {}

    def person(self, number: int) -> bool:
        """Whether there is such a user, active or not."""
        return self._remembered("person", number, None, lambda: self._db.table("users").get(doc_id=number) is not None)

    def element(self, number: int, process: str) -> bool:
        """Whether there is such an element, in this process if one is named, and the actor may read it."""
        return self._remembered("element", number, process, lambda: self._element(number, process))

    def file(self, number: int, element: int | None) -> bool:
        """Whether there is such a file and it hangs on this element (None: one that is not stored yet has no files)."""
        return self._remembered("file", number, element, lambda: self._file(number, element))

    def _remembered(self, what: str, number: int, more: object, look: Callable[[], bool]) -> bool:
        key = (what, number, more)
        if key not in self._known:
            self._known[key] = look()
        return self._known[key]

    def _element(self, number: int, process: str) -> bool:
        found = self._db.table("elements").get_as(number, Element.of)
        if found is None or found.deleted_at is not None or (process and found.process != process):
            return False
        return self._readable(found)

    def _file(self, number: int, element: int | None) -> bool:
        doc = self._db.table("files").get(doc_id=number)
        return doc is not None and doc.get("deleted_at") is None and element is not None and doc["element"] == element
