"""What values point at: whether the person, the element or the file is there. Remembers its answers for one transaction."""

from __future__ import annotations

from collections.abc import Callable

from model.element import Element
from store import Database


class References:
    """Looks up what values point at. `readable` decides whether the actor may know of an element."""

    def __init__(self, db: Database, readable: Callable[[Element], bool]) -> None:
        self._users, self._elements, self._files = db.table("users"), db.table("elements"), db.table("files")
        self._readable = readable
        self._known: dict[tuple[str, int, object], bool] = {}

    def person(self, number: int) -> bool:
        """Whether there is such a user, active or not."""
        return self._remembered("person", number, None, lambda: self._users.get(doc_id=number) is not None)

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
        doc = self._elements.get(doc_id=number)
        if doc is None or doc["deleted_at"] is not None or (process and doc["process"] != process):
            return False
        return self._readable(Element.of(number, doc))

    def _file(self, number: int, element: int | None) -> bool:
        doc = self._files.get(doc_id=number)
        return doc is not None and doc.get("deleted_at") is None and element is not None and doc["element"] == element
