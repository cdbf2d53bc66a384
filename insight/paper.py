"""The paper that reports are written on. `runtime/outside/pdf.py` makes the real one; wiring hands it in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal, Protocol

Point = tuple[float, float]
Align = Literal["left", "right", "center"]


class Paper(Protocol):
    """A document that grows downwards and breaks into numbered pages by itself. Lengths are millimetres, colours `#RRGGBB`.

    Text is only ever text: no markup is read out of it, and characters that cannot be printed are left out.
    """

    width: float
    """Between the margins."""
    height: float
    """Between the margins: the largest figure."""

    def heading(self, text: str, level: int = 1, keep: float = 24) -> None:
        """A heading, level 1 to 3; also an entry of the outline. On the next page unless `keep` millimetres below it fit, too."""

    def paragraph(self, text: str, size: float = 10, color: str = "#1F2933") -> None:
        """Words, wrapped."""

    def table(
        self,
        head: Sequence[str],
        rows: Sequence[Sequence[str]],
        widths: Sequence[float] = (),
        align: Sequence[Align] = (),
        size: float = 8,
    ) -> None:
        """A table over the whole width; its head is repeated on each page. `widths` are shares of the width."""

    def figure(self, height: float) -> None:
        """Make room for a drawing, on the next page if need be. Shapes then count from its top left corner."""

    def bar(self, x: float, y: float, width: float, height: float, color: str, border: str = "") -> None:
        """A filled rectangle in the figure."""

    def polygon(self, points: Sequence[Point], color: str) -> None:
        """A filled polygon in the figure."""

    def line(self, points: Sequence[Point], color: str, thick: float = 0.25) -> None:
        """A line through points of the figure."""

    def text(
        self,
        x: float,
        y: float,
        width: float,
        text: str,
        size: float = 9,
        color: str = "#1F2933",
        align: Align = "left",
        bold: bool = False,
    ) -> None:
        """One line of text with its middle at `y`; made smaller, then cut with `…`, until it fits `width`."""

    def image(self, data: bytes, width: float) -> None:
        """A PNG or JPEG below the last thing."""

    def save(self) -> bytes:
        """The PDF."""


class MakePaper(Protocol):
    """Takes a fresh sheet."""

    def __call__(self, title: str, at: datetime) -> Paper:
        """A document with a title in its properties and at the foot of each page, dated `at`."""
