"""The words of the components, by the names that components.LABELS lists."""

from __future__ import annotations

from model.language import Reader
from pages.parts.components import LABELS


def labels(reader: Reader, component: str) -> dict[str, str]:
    """Every label of a component; parts like `{title}` are left for the component to fill."""
    return {name: reader.t(f"component.{component}.{name}") for name in LABELS[component]}
