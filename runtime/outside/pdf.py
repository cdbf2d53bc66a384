"""The one door to fpdf2: paper for reports, letters for robots. Text is only ever text."""

from __future__ import annotations

import io
import re
import weakref
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from fpdf import FPDF, FontFace, XPos, YPos
from fpdf.enums import MethodReturnValue, TableBordersLayout
from fpdf.fonts import TTFFont

from model.errors import BadValue

Align = Literal["left", "right", "center"]
Point = tuple[float, float]

FONTS = Path(__file__).parent / "fonts"
FAMILY = "DejaVu"
MARGIN, FOOT = 15.0, 18.0
INK, FAINT, RULE, HEAD = "#1F2933", "#52606D", "#CBD2D9", "#F0F4F8"
HEADINGS = {1: 18.0, 2: 13.0, 3: 11.0}
CELL, CELL_LINE, CELL_PAD, CELL_LINES = 8.0, 4.2, 1.2, 30
LIMIT = 200 * 1024
"""Bytes of text that a letter takes."""
SPACES = {"\t": " ", "\xa0": "\xa0", "\u202f": "\xa0", "\u2009": " ", "\u2002": " ", "\u2003": " ", "\u3000": " ", "\u2028": "\n"}
"""What is printed for spaces of other kinds; those that hold words together go on doing so."""
DRAFT = datetime(2000, 1, 1, tzinfo=UTC)
"""The date of a document that is given none: the same text makes the same bytes."""


def clean(text: str) -> str:
    """Only what can be printed: no control characters but line ends, one kind of space, no halves of characters."""
    return "".join(c if c.isprintable() or c == "\n" else SPACES.get(c, "") for c in text.replace("\r\n", "\n"))


class _Sheets(FPDF):
    """A4 pages with a title and page numbers at the foot."""

    def __init__(self, title: str, at: datetime) -> None:
        super().__init__(format="A4")
        self._foot = title
        self.ending = False
        """Set before the last foot: fpdf2 fills in the number of pages only while it knows the placeholder."""
        self.set_margins(MARGIN, MARGIN, MARGIN)
        self.set_auto_page_break(True, FOOT)
        self.add_font(FAMILY, "", FONTS / "DejaVuSans.ttf")
        self.add_font(FAMILY, "B", FONTS / "DejaVuSans-Bold.ttf")
        self.c_margin = 0
        self.set_title(title)
        self.set_creation_date(at)
        # a user's "{nb}" is text: the placeholder for the number of pages is known in the foot alone
        self.alias_nb_pages(None)  # type: ignore[arg-type]

    def footer(self) -> None:
        """Write the foot of a page."""
        self.set_y(-12)
        self.set_font(FAMILY, "", 7.5)
        self.set_text_color(FAINT)
        self.cell(self.epw - 30, 5, _fitting(self, self._foot, self.epw - 32))
        self.alias_nb_pages("{nb}")
        self.cell(30, 5, f"{self.page_no()} / {{nb}}", align="R")
        if not self.ending:
            self.alias_nb_pages(None)  # type: ignore[arg-type]


def _fitting(pdf: FPDF, text: str, width: float) -> str:
    """The text, or as much of its beginning as fits with `…` behind."""
    if pdf.get_string_width(text) <= width:
        return text
    low, high = 0, len(text)
    while low < high:
        half = (low + high + 1) // 2
        low, high = (half, high) if pdf.get_string_width(text[:half] + "…") <= width else (low, half - 1)
    return text[:low] + "…"


class Paper:
    """A document that grows downwards and breaks into numbered pages by itself. Lengths are millimetres, colours `#RRGGBB`."""

    def __init__(self, title: str, at: datetime = DRAFT) -> None:
        self._pdf = _Sheets(" ".join(clean(title).split()), at)
        self._pdf.add_page()
        self._corner: Point = (self._pdf.l_margin, self._pdf.t_margin)
        self._level = 0
        self.width = self._pdf.epw
        self.height = self._pdf.h - MARGIN - FOOT - 1
        # fontTools reads fonts lazily from open files: those of a paper that is given up half-way are closed with it
        fonts = [font.ttfont for font in self._pdf.fonts.values() if isinstance(font, TTFFont)]
        self._close = weakref.finalize(self, lambda: [font.close() for font in fonts])

    def heading(self, text: str, level: int = 1, keep: float = 24) -> None:
        """A heading, level 1 to 3; also an entry of the outline. On the next page unless `keep` millimetres below it fit, too."""
        shown, size = clean(text) or " ", HEADINGS[level]
        self._font(size, bold=True)
        tall = size * 0.5
        if self._pdf.y > MARGIN and self._pdf.will_page_break(tall + keep):
            self._pdf.add_page()
        elif self._pdf.y > MARGIN:
            self._pdf.ln(size * 0.25)
        self._level = min(level - 1, self._level + 1) if self._level or level == 1 else 0
        self._pdf.start_section(shown, self._level, strict=False)
        self._font(size, bold=True)
        self._pdf.multi_cell(0, tall, shown, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self._pdf.ln(1.5)

    def paragraph(self, text: str, size: float = 10, color: str = INK) -> None:
        """Words, wrapped."""
        self._font(size, color)
        self._pdf.multi_cell(0, size * 0.5, clean(text), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self._pdf.ln(1)

    def spans(self, spans: Sequence[tuple[str, bool]], size: float = 10.5, indent: float = 0) -> None:
        """One paragraph of (text, bold) pieces, a bullet before it when it is indented."""
        pdf = self._pdf
        self._font(size)
        margin = pdf.l_margin
        if indent:
            pdf.cell(indent, size * 0.55, "•", align="R")
            pdf.cell(1.5, size * 0.55, "")
            pdf.set_left_margin(margin + indent + 1.5)
        for text, bold in spans:
            self._font(size, bold=bold)
            pdf.write(size * 0.55, clean(text))
        pdf.set_left_margin(margin)
        pdf.ln(size * 0.55)
        pdf.ln(1 if indent else 2.2)

    def table(
        self,
        head: Sequence[str],
        rows: Sequence[Sequence[str]],
        widths: Sequence[float] = (),
        align: Sequence[Align] = (),
        size: float = CELL,
    ) -> None:
        """A table over the whole width; its head is repeated on each page. `widths` are shares of the width.

        A cell too tall for a page goes on in the next row. ValueError: a row of another length than the head.
        """
        shares = list(widths) or [1.0] * len(head)
        columns = [self.width * share / sum(shares) for share in shares]
        self._font(size)
        self._pdf.set_draw_color(RULE)
        self._pdf.set_fill_color("#FFFFFF")
        with self._pdf.table(
            borders_layout=TableBordersLayout.HORIZONTAL_LINES,
            col_widths=columns,
            headings_style=FontFace(emphasis="BOLD", color=INK, fill_color=HEAD),
            line_height=CELL_LINE,
            padding=CELL_PAD,
            text_align=tuple(a.upper() for a in align) or "LEFT",
            v_align="TOP",
            width=self.width,
        ) as drawn:
            drawn.row([clean(text)[:200] for text in head])
            for row in rows:
                for part in self._parts([clean(text) for _, text in zip(head, row, strict=True)], columns):
                    drawn.row(part)
        self._pdf.ln(3)

    def _parts(self, row: Sequence[str], columns: Sequence[float]) -> Iterator[list[str]]:
        """The row as rows that each fit on a page."""
        if all(len(text) < 120 and text.count("\n") < 4 for text in row):
            yield list(row)
            return
        lines = [self._wrapped(text, width - 2 * CELL_PAD) for text, width in zip(row, columns, strict=True)]
        for start in range(0, max(map(len, lines)), CELL_LINES):
            yield ["\n".join(cell[start : start + CELL_LINES]) for cell in lines]

    def _wrapped(self, text: str, width: float) -> list[str]:
        found = self._pdf.multi_cell(width, CELL_LINE, text, dry_run=True, output=MethodReturnValue.LINES, align="L")
        return found if isinstance(found, list) else [text]

    def figure(self, height: float) -> None:
        """Make room for a drawing, on the next page if need be. Shapes then count from its top left corner."""
        if self._pdf.will_page_break(height):
            self._pdf.add_page()
        self._corner = (self._pdf.l_margin, self._pdf.y)
        self._pdf.set_y(self._pdf.y + height)

    def bar(self, x: float, y: float, width: float, height: float, color: str, border: str = "") -> None:
        """A filled rectangle in the figure."""
        self._pdf.set_fill_color(color)
        self._pdf.set_draw_color(border or color)
        self._pdf.rect(*self._at((x, y)), width, height, style="DF" if border else "F")

    def polygon(self, points: Sequence[Point], color: str) -> None:
        """A filled polygon in the figure."""
        self._pdf.set_fill_color(color)
        self._pdf.polygon([self._at(p) for p in points], style="F")

    def line(self, points: Sequence[Point], color: str, thick: float = 0.25) -> None:
        """A line through points of the figure."""
        self._pdf.set_draw_color(color)
        self._pdf.set_line_width(thick)
        self._pdf.polyline([self._at(p) for p in points])
        self._pdf.set_line_width(0.2)

    def text(
        self,
        x: float,
        y: float,
        width: float,
        text: str,
        size: float = 9,
        color: str = INK,
        align: Align = "left",
        bold: bool = False,
    ) -> None:
        """One line of text with its middle at `y`; made smaller, then cut with `…`, until it fits `width`."""
        shown = " ".join(clean(text).split())
        self._font(size, color, bold)
        wide = self._pdf.get_string_width(shown)
        if wide > width:
            self._font(max(size * width / wide, size * 0.75), color, bold)
            shown = _fitting(self._pdf, shown, width)
        free = width - self._pdf.get_string_width(shown)
        aside = {"left": 0.0, "right": free, "center": free / 2}[align]
        left, middle = self._at((x + aside, y))
        self._pdf.text(left, middle + self._pdf.font_size * 0.35, shown)

    def image(self, data: bytes, width: float) -> None:
        """A PNG or JPEG below the last thing. BadValue when it is neither."""
        if not data.startswith((b"\x89PNG\r\n", b"\xff\xd8\xff")):
            raise BadValue("bad_picture")
        try:
            self._pdf.image(io.BytesIO(data), w=min(width, self.width))
        except (OSError, ValueError) as broken:
            raise BadValue("bad_picture") from broken
        self._pdf.ln(2)

    def save(self) -> bytes:
        """The PDF; nothing can be added afterwards."""
        self._pdf.ending = True
        made = bytes(self._pdf.output())
        self._close()
        return made

    def _at(self, point: Point) -> Point:
        return self._corner[0] + point[0], self._corner[1] + point[1]

    def _font(self, size: float, color: str = INK, bold: bool = False) -> None:
        self._pdf.set_font(FAMILY, "B" if bold else "", size)
        self._pdf.set_text_color(color)


def letter(title: str, body: str, at: datetime = DRAFT) -> bytes:
    """A PDF of a text: an empty line ends a paragraph, `# ` begins a heading, `- ` a list item, `**` stands around bold.

    Everything else is printed as it stands. BadValue("pdf_too_long", limit=KB) beyond 200 KB of text.
    """
    if len(title) + len(body) > LIMIT or len((title + body).encode("utf-8", "replace")) > LIMIT:
        raise BadValue("pdf_too_long", limit=LIMIT // 1024)
    paper = Paper(title, at)
    if title.strip():
        paper.heading(title)
    for kind, text in blocks(clean(body)):
        if kind == "heading":
            paper.heading(text, 2)
        else:
            paper.spans(bold_spans(text), indent=4 if kind == "item" else 0)
    return paper.save()


def blocks(body: str) -> Iterator[tuple[Literal["heading", "item", "paragraph"], str]]:
    """Cut a text into its blocks; line ends inside a paragraph stay."""
    lines: list[str] = []
    for line in [*body.split("\n"), ""]:
        text = line.strip()
        marked = text.startswith(("# ", "- "))
        if lines and (marked or not text):
            yield "paragraph", "\n".join(lines)
            lines = []
        if marked:
            yield ("heading" if text[0] == "#" else "item"), text[2:].strip()
        elif text:
            lines.append(text)


def bold_spans(text: str) -> list[tuple[str, bool]]:
    """(text, bold) pieces; a `**` without its partner is printed."""
    pieces = re.split(r"\*\*(?=\S)([^\n]+?)(?<=\S)\*\*", text)
    return [(piece, i % 2 == 1) for i, piece in enumerate(pieces) if piece]
