"""Robot graphs drawn: `dot` finds the places when it is installed, our own layout otherwise; the strokes are ours both times.

Only sizes and numbers go to `dot`, never a user's text, and it gives back only places.
"""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import hypot
from subprocess import CalledProcessError
from typing import Any
from xml.etree import ElementTree as xml

import graphviz  # type: ignore[import-untyped]

from insight.paper import Paper, Point
from model.graph import Graph, Node, Wire, layout
from model.process import Process

NamePort = Callable[[Node, str, Process], str]
"""What an arrow says: the port in words."""
Describe = Callable[[Node, Process], str]
"""What a node does, in words of the reader's language."""

WIDE, LINE, PAD, LINES, LETTERS = 176.0, 13.0, 8.0, 4, 29
ROW, COLUMN, MARGIN, TEXT = 110.0, 206.0, 12.0, 9.0
MANY = 150
"""From so many nodes on `dot` is not asked: it would take its time."""
INK, FAINT, EDGE, TINT = "#1F2933", "#52606D", "#7B8794", "#E3F1F2"
MM = 25.4 / 72
HEADED = 30.0
"""Millimetres that the headings above a picture take."""


@dataclass(frozen=True, slots=True)
class Box:
    """A node: middle and size in points, y down, and the lines written in it."""

    x: float
    y: float
    height: float
    lines: tuple[str, ...]
    start: bool
    """Nothing leads here: it starts the graph."""


@dataclass(frozen=True, slots=True)
class Arrow:
    """A wire as a line through points, the last one at the tip; `label` names the port where that tells something."""

    points: tuple[Point, ...]
    label: str
    spot: Point


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawn graph, in points."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


def plain(node: Node, process: Process) -> str:
    """A node's label when nobody describes it better."""
    return node.title or node.kind


def picture(graph: Graph, process: Process, describe: Describe | None = None, port: NamePort | None = None) -> Picture:
    """Lay a graph out, top to bottom. Wires to nodes that are not there are left out."""
    nodes = list({node.id: node for node in graph.nodes}.values())
    number = {node.id: i for i, node in enumerate(nodes)}
    wires = [w for w in graph.edges if w.source in number and w.target in number]
    labels = [_lines((describe or plain)(node, process)) for node in nodes]
    heights = [2 * PAD + LINE * len(lines) for lines in labels]
    ends = [(number[w.source], number[w.target]) for w in wires]
    words = _port_words(wires, nodes, process, port or (lambda node, code, home: code))
    found = _by_dot(heights, ends, words) or _by_layers(graph, number, heights, ends)
    places, lines, spots = found
    targets = {target for _, target in ends}
    boxes = [Box(*places[i], heights[i], labels[i], i not in targets) for i in range(len(nodes))]
    arrows = [Arrow(tuple(line), word, spot) for line, word, spot in zip(lines, words, spots, strict=True)]
    return _framed(boxes, arrows)


def _lines(text: str) -> tuple[str, ...]:
    """The first line, and below it the rest of what there is room for."""
    pieces = ["".join(c if c.isprintable() else " " for c in piece) for piece in text.strip().split("\n", 1)]
    shown = [line for piece in pieces for line in textwrap.wrap(piece, LETTERS, max_lines=LINES - 1, placeholder="…")]
    return tuple(shown[:LINES]) or ("…",)


def _port_words(wires: Sequence[Wire], nodes: Sequence[Node], process: Process, name: NamePort) -> list[str]:
    """The port's name, but not where `done` is the only way out."""
    ports: dict[str, set[str]] = {}
    for wire in wires:
        ports.setdefault(wire.source, set()).add(wire.port)
    of = {node.id: node for node in nodes}
    return [
        "" if ports[w.source] == {"done"} else textwrap.shorten(name(of[w.source], w.port, process), 24, placeholder="…")
        for w in wires
    ]


Layout = tuple[Mapping[int, Point], Sequence[Sequence[Point]], Sequence[Point]]


def _by_dot(heights: Sequence[float], ends: Sequence[tuple[int, int]], words: Sequence[str]) -> Layout | None:
    """Places by `dot`; None when it is not there, fails or would take long."""
    if not heights or len(heights) > MANY:
        return None
    drawn = graphviz.Digraph(
        graph_attr={"nodesep": "0.35", "ranksep": "0.45"},
        node_attr={"shape": "box", "fixedsize": "true", "label": "", "width": f"{WIDE / 72:.3f}"},
        edge_attr={"arrowhead": "none", "fontsize": "9"},
    )
    for i, height in enumerate(heights):
        drawn.node(f"n{i}", height=f"{height / 72:.3f}")
    for i, (source, target) in enumerate(ends):
        drawn.edge(f"n{source}", f"n{target}", id=f"e{i}", label="x" * len(words[i]))
    try:
        return _read_dot(json.loads(drawn.pipe(format="json", encoding="utf-8", quiet=True)), len(ends))
    except (graphviz.ExecutableNotFound, CalledProcessError, OSError, ValueError, LookupError):
        return None


def _read_dot(data: Mapping[str, Any], count: int) -> Layout:
    top = float(data["bb"].split(",")[3])

    def points(text: str) -> list[Point]:
        return [(float(x), top - float(y)) for x, y in (pair.split(",") for pair in text.split())]

    places = {int(each["name"][1:]): points(each["pos"])[0] for each in data["objects"]}
    edges = {int(each["id"][1:]): each for each in data.get("edges", ())}
    lines = [list(_flat(points(edges[i]["pos"]))) for i in range(count)]
    spots = [points(edges[i]["lp"])[0] if "lp" in edges[i] else lines[i][0] for i in range(count)]
    return places, lines, spots


def _flat(knots: Sequence[Point], steps: int = 8) -> Iterator[Point]:
    """A chain of cubic Bezier curves as points on it."""
    yield knots[0]
    for i in range(0, len(knots) - 3, 3):
        for step in range(1, steps + 1):
            t = step / steps
            weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
            yield (
                sum(w * p[0] for w, p in zip(weights, knots[i : i + 4], strict=True)),
                sum(w * p[1] for w, p in zip(weights, knots[i : i + 4], strict=True)),
            )


def _by_layers(graph: Graph, number: Mapping[str, int], heights: Sequence[float], ends: Sequence[tuple[int, int]]) -> Layout:
    """Our own: rows by longest path, elbows between them."""
    spots = layout(graph, across=ROW, down=COLUMN)
    places = {number[name]: (aside, down) for name, (down, aside) in spots.items()}
    lines = [_elbow(places[a], places[b], heights[a], heights[b]) for a, b in ends]
    return places, lines, [((line[1][0] + line[2][0]) / 2, line[1][1] - 7) for line in lines]


def _elbow(source: Point, target: Point, above: float, below: float) -> list[Point]:
    start, end = source[1] + above / 2, target[1] - below / 2
    half = (start + end) / 2
    return [(source[0], start), (source[0], half), (target[0], half), (target[0], end)]


def _framed(boxes: Sequence[Box], arrows: Sequence[Arrow]) -> Picture:
    """Move everything so that it starts at the margin."""
    if not boxes:
        return Picture(0, 0, (), ())
    xs = [x for b in boxes for x in (b.x - WIDE / 2, b.x + WIDE / 2)] + [p[0] for a in arrows for p in a.points]
    ys = [y for b in boxes for y in (b.y - b.height / 2, b.y + b.height / 2)] + [p[1] for a in arrows for p in a.points]
    dx, dy = MARGIN - min(xs), MARGIN - min(ys)

    def moved(p: Point) -> Point:
        return p[0] + dx, p[1] + dy

    return Picture(
        max(xs) + dx + MARGIN,
        max(ys) + dy + MARGIN,
        tuple(Box(*moved((b.x, b.y)), b.height, b.lines, b.start) for b in boxes),
        tuple(Arrow(tuple(map(moved, a.points)), a.label, moved(a.spot)) for a in arrows),
    )


def tip(line: Sequence[Point], size: float = 6) -> list[Point]:
    """The head of an arrow at the end of a line: a triangle."""
    (x, y) = line[-1]
    behind = next((p for p in reversed(line[:-1]) if p != (x, y)), (x, y - 1))
    length = hypot(x - behind[0], y - behind[1])
    ux, uy = (x - behind[0]) / length, (y - behind[1]) / length
    base_x, base_y = x - ux * size, y - uy * size
    return [(x, y), (base_x - uy * size / 2, base_y + ux * size / 2), (base_x + uy * size / 2, base_y - ux * size / 2)]


def scale_of(paper: Paper, drawn: Picture) -> float:
    """Paper's units for one of the picture's: its own size, or less so that it and a heading above fit a page."""
    return min(MM, paper.width / drawn.width, (paper.height - HEADED) / drawn.height)


def draw(paper: Paper, drawn: Picture) -> None:
    """Put a picture on paper, as large as a page and its own size allow."""
    scale = scale_of(paper, drawn)
    size = TEXT * scale / MM

    left = (paper.width - drawn.width * scale) / 2

    def at(points: Sequence[Point]) -> list[Point]:
        return [(left + x * scale, y * scale) for x, y in points]

    paper.figure(drawn.height * scale)
    for arrow in drawn.arrows:
        paper.line(at(arrow.points), EDGE)
        paper.polygon(at(tip(arrow.points)), EDGE)
    for box in drawn.boxes:
        [(x, y)], wide = at([(box.x - WIDE / 2, box.y - box.height / 2)]), WIDE * scale
        paper.bar(x, y, wide, box.height * scale, TINT if box.start else "#FFFFFF", "#0F6E74" if box.start else EDGE)
        for i, line in enumerate(box.lines):
            paper.text(
                x, y + (PAD + LINE * (i + 0.5)) * scale, wide, line, size, align="center", bold=i == 0 and len(box.lines) > 1
            )
    for arrow in drawn.arrows:
        if arrow.label:
            [(x, y)] = at([(arrow.spot[0] - 50, arrow.spot[1])])
            paper.text(x, y, 100 * scale, arrow.label, size * 0.9, FAINT, "center")


def graph_svg(graph: Graph, process: Process, describe: Describe | None = None) -> str:
    """The graph as an SVG element, for notebooks. Labels are text nodes: markup in them is shown, not obeyed."""
    drawn = picture(graph, process, describe)
    size = {"viewBox": f"0 0 {drawn.width:.0f} {drawn.height:.0f}", "width": f"{drawn.width:.0f}"}
    root = xml.Element("svg", size, xmlns="http://www.w3.org/2000/svg", role="img")
    xml.SubElement(root, "title").text = _lines(graph.title)[0]
    for arrow in drawn.arrows:
        xml.SubElement(root, "polyline", points=_spots(arrow.points), fill="none", stroke=EDGE)
        xml.SubElement(root, "polygon", points=_spots(tip(arrow.points)), fill=EDGE)
        if arrow.label:
            _write(root, arrow.spot, arrow.label, FAINT)
    for box in drawn.boxes:
        _svg_box(root, box)
    return xml.tostring(root, encoding="unicode")


def _svg_box(root: xml.Element, box: Box) -> None:
    left, top = box.x - WIDE / 2, box.y - box.height / 2
    xml.SubElement(
        root, "rect", x=f"{left:.1f}", y=f"{top:.1f}", width=f"{WIDE:.0f}", height=f"{box.height:.0f}", rx="6",
        fill=TINT if box.start else "#FFFFFF", stroke="#0F6E74" if box.start else EDGE,
    )  # fmt: skip
    for i, line in enumerate(box.lines):
        _write(root, (box.x, top + PAD + LINE * (i + 0.5)), line, INK)


def _write(root: xml.Element, spot: Point, text: str, color: str) -> None:
    place = {"x": f"{spot[0]:.1f}", "y": f"{spot[1]:.1f}", "fill": color, "font-size": f"{TEXT:.0f}"}
    place |= {"font-family": "sans-serif", "text-anchor": "middle", "dominant-baseline": "central"}
    xml.SubElement(root, "text", place).text = text


def _spots(points: Sequence[Point]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
