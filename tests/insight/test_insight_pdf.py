"""PDFs are read back with pypdf; pictures of graphs are looked at with and without `dot`."""

from __future__ import annotations

import gc
import io
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from insight_world import ADMIN, CHIEF, GRAPH, SELLER, World, process
from pypdf import PdfReader
from test_insight_funnel import small

from insight.drawing import WIDE, Picture, graph_svg, picture
from insight.funnel import Insight
from locales import Language
from model.access import Action, Grant, Level, Role
from model.errors import BadValue, Denied
from model.field import Field
from model.graph import Graph, Node, Wire
from model.process import Funnel, Stage
from runtime.outside.pdf import Paper, blocks, bold_spans, letter
from store import open_database


@pytest.fixture
def world() -> Iterator[World]:
    """In memory only: no PDF depends on the engine."""
    db = open_database("memory://")
    yield World(db)
    db.close()


def pages(pdf: bytes) -> list[str]:
    assert pdf.startswith(b"%PDF")
    return [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]


def text(pdf: bytes) -> str:
    return " ".join(" ".join(pages(pdf)).split())


@pytest.fixture(params=["dot", "own"])
def drawn_by(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> str:
    if request.param == "own":
        monkeypatch.setenv("PATH", str(tmp_path))
    return str(request.param)


def test_funnel_pdf(world: World, reader: Language) -> None:
    small(world)
    report = world.insight.funnel(ADMIN, "deals", since=date(2026, 1, 1), until=date(2026, 3, 1))
    pdf = world.insight.funnel_pdf(report, reader)
    found = text(pdf)
    wanted = ["Сделки", "Основная", "Админ", "Новая", "Переговоры", "Отказ", "Иванова Анна", "Петров Пётр", "2026"]
    wanted += [reader.t(key) for key in ("insight.pdf.lost_at", "insight.pdf.people", "insight.nobody", "insight.pdf.reached")]
    wanted += [reader.money(300.75, "RUB").replace("\xa0", " "), reader.number(3.7)]
    assert [w for w in wanted if w not in found.replace("\xa0", " ")] == []
    assert "1 / " in found and PdfReader(io.BytesIO(pdf)).metadata.title == reader.t("insight.pdf.funnel", title="Сделки")


def test_funnel_pdf_draws_bars_in_the_stages_colours(world: World, reader: Language) -> None:
    small(world)
    full = world.insight.funnel_pdf(world.insight.funnel(ADMIN, "deals"), reader)
    content = b"".join(p.get_contents().get_data() for p in PdfReader(io.BytesIO(full)).pages)
    red, green, blue = (int("5B8DB8"[i : i + 2], 16) / 255 for i in (0, 2, 4))
    assert f"{red:.4f}".rstrip("0").encode()[:5] in content, (red, green, blue)


def test_empty_funnels_and_lists_print(world: World, reader: Language) -> None:
    assert "Новая" in text(world.insight.funnel_pdf(world.insight.funnel(ADMIN, "deals"), reader))
    world.publish(process(funnels=()))
    found = text(world.insight.funnel_pdf(world.insight.funnel(ADMIN, "deals"), reader))
    assert reader.t("insight.pdf.no_stages")[:20] in found


def test_no_word_is_missing(world: World, reader: Language) -> None:
    """Every key that the PDFs ask for is there, in this very language."""
    asked: set[str] = set()

    class Listening(Language):
        def t(self, key: str, **context: Any) -> str:
            asked.add(key)
            return super().t(key, **context)

    small(world)
    listening = Listening(reader.locale)
    for since in (None, date(2026, 1, 1)):
        for until in (None, date(2026, 3, 1)):
            for by in ("created", "closed"):
                report = world.insight.funnel(ADMIN, "deals", since=since, until=until, by=by)  # type: ignore[arg-type]
                world.insight.funnel_pdf(report, listening)
    world.insight.passport(CHIEF, "deals", listening)
    own = {key for key in asked if key.startswith("insight.")}
    assert len(own) > 60 and [key for key in sorted(own) if not listening.has(key)] == []


def test_passport(world: World, reader: Language, drawn_by: str) -> None:
    fields = (
        Field(code="amount", title="Сумма", kind="money", help="В рублях"),
        Field(code="phone", title="Телефон", kind="phone", required_at=("won",), multiple=True),
    )
    world.publish(process(fields=fields, description="Как мы продаём"))
    insight = Insight(
        world.db, world, world.clock, world.readable, Paper,
        lambda node, design, to: f"{design.title}: {node.kind}", lambda node, port, design, to: f"{port} {to.t('port.yes')}",
    )  # fmt: skip
    found = text(insight.passport(CHIEF, "deals", reader))
    wanted = ["Сделки", "Как мы продаём", "Телефон", "В рублях", "Продавец", "Начальник", "Роботы сделки", "Переговоры"]
    wanted += [reader.t("insight.passport.required_at", stages="Успех"), reader.t("insight.level.own"), "condition", "send_mail"]
    wanted += [reader.t("insight.passport.stage_rights"), f"yes {reader.t('port.yes')}", "Сделки: condition"]
    assert [w for w in wanted if w not in found] == []


def test_passport_needs_a_right(world: World, reader: Language) -> None:
    with pytest.raises(Denied):
        world.insight.passport(SELLER, "deals", reader)


def test_a_large_passport_breaks_over_pages(world: World, reader: Language) -> None:
    fields = tuple(Field(code=f"f{i}", title=f"Поле номер {i}", help="Подсказка " * 90) for i in range(200))
    stages = tuple(Stage(code=f"s{i}", title=f"Стадия {i}") for i in range(60))
    roles = tuple(Role(code=f"r{i}", title=f"Роль {i} " + "Щ" * 100) for i in range(40))
    grants = tuple(Grant(role=f"r{i}", action=a, level=Level.DEPARTMENTS) for i in range(40) for a in Action)
    world.publish(
        process(fields=fields, funnels=(Funnel(code="a", title="А", stages=stages),), roles=roles, grants=grants, amount_field="")
    )
    found = pages(world.insight.passport(ADMIN, "deals", reader))
    with_fields = [page for page in found if "Подсказка" in page]
    assert len(with_fields) > 10 and all(reader.t("insight.column.code") in page for page in with_fields)
    assert "Поле номер 199" in " ".join(" ".join(found).split())
    assert all(f"{i} / {len(found)}" in page for i, page in enumerate(found, 1))


NASTY = "<b>x</b> **y** {nb} {{7*7}} </svg><script>alert(1)</script> & \"'\x00\x07"


def test_text_is_only_text(world: World, reader: Language) -> None:
    stage = Stage(code="n", title=NASTY[:110])
    world.publish(
        process(title=NASTY[:110], funnels=(Funnel(code="a", title="A", stages=(stage,)),), graphs=(nasty_graph(),), grants=())
    )
    for pdf in (
        world.insight.passport(ADMIN, "deals", reader),
        world.insight.funnel_pdf(world.insight.funnel(ADMIN, "deals"), reader),
    ):
        found = text(pdf)
        assert "{nb} {{7*7}}" in found and "<script>" in found and "**y**" in found


def nasty_graph() -> Graph:
    nodes = (Node(id='"]; n9 [x', kind="a", title=NASTY[:110]), Node(id="<b>", kind=NASTY))
    return Graph(code="g", title=NASTY[:110], nodes=nodes, edges=(Wire(source='"]; n9 [x', target="<b>", port=NASTY[:30]),))


def test_svg_is_safe(drawn_by: str) -> None:
    drawn = graph_svg(nasty_graph(), process())
    root = ElementTree.fromstring(drawn)
    tags = {element.tag.rsplit("}", 1)[-1] for element in root.iter()}
    assert tags == {"svg", "title", "rect", "polyline", "polygon", "text"}
    assert "<script" not in drawn and "&lt;b&gt;" in drawn
    assert graph_svg(Graph(code="g", title="Пусто"), process()).startswith("<svg")


def apart(drawn: Picture) -> bool:
    boxes = drawn.boxes
    return all(
        abs(a.x - b.x) >= WIDE - 1 or abs(a.y - b.y) >= (a.height + b.height) / 2 - 1
        for i, a in enumerate(boxes)
        for b in boxes[i + 1 :]
    )


def check_picture(drawn: Picture, graph: Graph) -> None:
    assert apart(drawn)
    for box in drawn.boxes:
        assert box.x >= WIDE / 2 and box.x + WIDE / 2 <= drawn.width and box.y + box.height / 2 <= drawn.height
    boxes = {node.id: box for node, box in zip(graph.nodes, drawn.boxes, strict=True)}
    for wire, arrow in zip(graph.edges, drawn.arrows, strict=True):
        (x, y), (a, b) = arrow.points[0], arrow.points[-1]
        source, target = boxes[wire.source], boxes[wire.target]
        assert abs(x - source.x) <= WIDE / 2 + 3 and abs(y - source.y) <= source.height / 2 + 3
        assert abs(a - target.x) <= WIDE / 2 + 3 and abs(b - target.y) <= target.height / 2 + 3


def test_pictures(drawn_by: str) -> None:
    drawn = picture(GRAPH, process())
    check_picture(drawn, GRAPH)
    assert [a.label for a in drawn.arrows] == ["", "yes", "no"]
    assert [b.start for b in drawn.boxes] == [True, False, False, False]
    assert drawn.boxes[3].lines == ("stop",)


def test_dot_is_really_asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    with_dot = picture(GRAPH, process())
    assert len(with_dot.arrows[0].points) > 4  # a curve; our own layout draws elbows of four points
    monkeypatch.setenv("PATH", str(tmp_path))
    assert len(picture(GRAPH, process()).arrows[0].points) == 4


def test_a_broken_dot_is_no_harm(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    broken = tmp_path / "dot"
    for script in ("#!/bin/sh\nexit 3\n", '#!/bin/sh\necho \'{"bb": "oops"}\'\n'):
        broken.write_text(script)
        broken.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
        assert len(picture(GRAPH, process()).arrows[0].points) == 4


def test_wires_to_nowhere_cycles_and_twins(drawn_by: str) -> None:
    nodes = (Node(id="a", kind="x"), Node(id="b", kind="y"))
    wires = tuple(Wire(source=s, target=t) for s, t in [("a", "b"), ("b", "a"), ("a", "zzz"), ("zzz", "b")])
    drawn = picture(Graph(code="g", title="G", nodes=nodes, edges=wires), process())
    assert len(drawn.boxes) == 2 and len(drawn.arrows) == 2


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 14), st.data())
def test_our_own_layout_of_random_graphs(count: int, data: st.DataObject) -> None:
    nodes = tuple(Node(id=f"n{i}", kind="k", title="слово " * (i % 9 + 1)) for i in range(count))
    pairs = st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)).filter(lambda p: p[0] < p[1])
    found = data.draw(st.lists(pairs, max_size=25)) if count > 1 else []
    graph = Graph(code="g", title="G", nodes=nodes, edges=tuple(Wire(source=f"n{a}", target=f"n{b}") for a, b in found))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", "/nowhere")
        check_picture(picture(graph, process()), graph)


BODY = """# Договор №1

Уважаемый **Иван**!
Сумма: 100 000 ₽ * 2 ** 3

- первый
- **второй** пункт

<script>alert(1)</script> {nb} {{7*7}}"""


def test_letter() -> None:
    pdf = letter("Счёт <b>", BODY)
    found = text(pdf)
    for wanted in (
        "Счёт <b>",
        "Договор №1",
        "Уважаемый Иван!",
        "₽ * 2 ** 3",
        "• первый",
        "второй пункт",
        "<script>",
        "{nb} {{7*7}}",
    ):
        assert wanted in found, wanted
    assert pdf == letter("Счёт <b>", BODY)
    assert letter("a", "b", datetime(2026, 5, 6, tzinfo=UTC)) != letter("a", "b")


def test_letter_markup() -> None:
    assert list(blocks("# А\nб\nв\n\n\n- г\nд\n#е")) == [
        ("heading", "А"), ("paragraph", "б\nв"), ("item", "г"), ("paragraph", "д\n#е"),
    ]  # fmt: skip
    assert bold_spans("a **b** c**d** ** e ** **") == [
        ("a ", False), ("b", True), (" c", False), ("d", True), (" ** e ** **", False),
    ]  # fmt: skip


def test_letter_limit() -> None:
    with pytest.raises(BadValue) as refused:
        letter("", "я" * (100 * 1024 + 1))
    (problem,) = refused.value.problems
    assert problem.code == "pdf_too_long" and problem.context["limit"] == 200
    started = time.process_time()
    found = pages(letter("Отчёт", "Слово **за** словом. " * 5000))
    assert len(found) > 20 and time.process_time() - started < 20


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80), st.text(max_size=400))
def test_any_text_prints(title: str, body: str) -> None:
    assert letter(title, body).startswith(b"%PDF")


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(st.text(max_size=300), min_size=3, max_size=3), max_size=8))
def test_any_table_prints(rows: list[list[str]]) -> None:
    paper = Paper("x")
    paper.table(["a", "b", "c"], rows, widths=(1, 2, 9))
    assert paper.save().startswith(b"%PDF")


def test_a_cell_taller_than_a_page_loses_nothing() -> None:
    paper = Paper("x")
    paper.table(["Код", "Текст"], [["1", " ".join(f"слово{i}" for i in range(3000))], ["2", "\n" * 500 + "конец"]])
    found = pages(paper.save())
    assert len(found) > 5 and all("Код" in page for page in found)
    assert all(f"слово{i}" in " ".join(found) for i in (0, 1500, 2999)) and "конец" in " ".join(found)


def test_pictures_in_paper() -> None:
    from PIL import Image

    data = io.BytesIO()
    Image.new("RGB", (20, 10), "#0F6E74").save(data, "PNG")
    paper = Paper("x")
    paper.image(data.getvalue(), 40)
    assert len(PdfReader(io.BytesIO(paper.save())).pages[0].images) == 1
    for broken in (b"", b"GIF", b"<svg onload=alert(1)></svg>", b"\x89PNG\r\n\x1a\nrubbish"):
        with pytest.raises(BadValue):
            Paper("x").image(broken, 40)


def test_a_paper_given_up_half_way_closes_its_fonts() -> None:
    paper = Paper("x")
    files = [font.ttfont.reader.file for font in paper._pdf.fonts.values()]
    assert len(files) == 2 and not any(file.closed for file in files)
    del paper
    gc.collect()
    assert all(file.closed for file in files)
