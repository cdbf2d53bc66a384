"""Which paths of which tables are indexed: what every engine makes of the word `promoted`."""

from collections.abc import Iterator, Mapping, Sequence

from store.names import expressible

Promoted = Mapping[str, Sequence[str | tuple[str, ...]]]


def wanted(table: str, promoted: Promoted) -> Iterator[tuple[str, ...]]:
    """The indexes of a table, each the paths it holds. ValueError for a path that SQL cannot follow."""
    for entry in promoted.get(table, ()):
        paths = (entry,) if isinstance(entry, str) else tuple(entry)
        if not expressible(paths):
            raise ValueError(f"cannot index {table}: {paths}")
        yield paths
