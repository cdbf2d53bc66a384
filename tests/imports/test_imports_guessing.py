"""Guessing: what columns mean, from real and from tricky files."""

from __future__ import annotations

from pathlib import Path

import pytest
from imports_world import words

from builder import sheets
from builder.sheets import Plan, guess, read
from builder.sheets.hints import code_of, semantics


def planned(text: str, **more: object) -> Plan:
    return guess(read("a.csv", text.encode()), **more)  # type: ignore[arg-type]


def kinds(text: str) -> list[str]:
    return [c.kind for c in planned(text).columns]


def test_the_deals(crm: Path) -> None:
    plan = guess(read("", crm / "sales_pipeline.csv"), currency="EUR")
    assert {c.name: (c.kind, c.role) for c in plan.columns} == {
        "opportunity_id": ("string", "title"),
        "sales_agent": ("enumeration", "responsible"),
        "product": ("enumeration", ""),
        "account": ("string", ""),
        "deal_stage": ("enumeration", "stage"),
        "engage_date": ("date", "created"),
        "close_date": ("date", "closed"),
        "close_value": ("money", "amount"),
    }
    assert not plan.day_first
    assert plan.column("close_value").params == {"currency": "EUR"}  # type: ignore[union-attr]
    assert [(s.code, s.semantics, s.count) for s in plan.stages] == [
        ("prospecting", "P", 500),
        ("engaging", "P", 1589),
        ("won", "S", 4238),
        ("lost", "F", 2473),
    ]
    assert plan.start_stage == "engaging"
    assert plan.column("engage_date").empty == pytest.approx(500 / 8800)  # type: ignore[union-attr]


def test_the_sister_files(crm: Path) -> None:
    found = {
        name: {c.name: c.role or c.kind for c in guess(read("", crm / f"{name}.csv")).columns}
        for name in ("accounts", "products", "sales_teams")
    }
    assert found["accounts"] | {"sector": "?"} == {
        "account": "title", "sector": "?", "year_established": "integer", "revenue": "amount", "employees": "integer",
        "office_location": "enumeration", "subsidiary_of": "enumeration",
    }  # fmt: skip
    assert found["products"] == {"product": "title", "series": "enumeration", "sales_price": "amount"}
    assert found["sales_teams"] == {"sales_agent": "title", "manager": "responsible", "regional_office": "enumeration"}


def test_a_russian_file() -> None:
    plan = planned(
        "Название;Стадия;Ответственный;Сумма;Дата создания;Дата закрытия;Телефон;Оплачен;Комментарий\n"
        + "".join(
            f"Сделка {n};{'Новая' if n % 3 else 'Успешно'};Иванов;1 200,50 ₽;{n + 1:02}.03.2026;31.03.2026;89001234567;да;о {n}\n"
            for n in range(20)
        )
    )
    assert [c.role or c.kind for c in plan.columns] == [
        "title", "stage", "responsible", "amount", "created", "closed", "phone", "boolean", "string",
    ]  # fmt: skip
    assert (plan.day_first, plan.decimal) == (True, ",")
    assert plan.role("amount").params == {"currency": "RUB"}  # type: ignore[union-attr]
    assert [(s.title, s.semantics) for s in plan.stages] == [("Новая", "P"), ("Успешно", "S")]
    assert plan.role("amount").code == "summa"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        ("n\n1\n-2\n30", "integer"),
        ("n\n1\n2.5", "double"),
        ("price\n1\n2", "money"),
        ("x\n$5\n$1,200.50", "money"),
        ("x\n1\n0\n1", "integer"),
        ("is_vip\n1\n0\n1", "boolean"),
        ("x\nyes\nno", "boolean"),
        ("x\nИстина\nложь", "boolean"),
        ("x\n2026-01-31\n2026-02-28", "date"),
        ("x\n31.02.2026\n01.03.2026", "date"),
        ("x\n2026-01-31T10:00:00Z\n2026-02-28", "datetime"),
        ("x\n3/4/2026 5:30 PM\n3/5/2026 6:00 AM", "datetime"),
        ("x\na@b.de\nc@d.com", "email"),
        ("x\nhttps://a.de/x\nwww.b.com", "url"),
        ("x\n+7 900 123-45-67\n+49 (30) 12345", "phone"),
        ("phone\n89001234567\n89001234568", "phone"),
        ("x\n00123\n00456", "string"),
        ("x\n" + "1" * 20 + "\n2", "string"),
        ("x\n" + "a" * 300 + "\nb", "text"),
        ("x\n" + "red\ngreen\nblue\n" * 5, "enumeration"),
        ("x\n" + "\n".join(f"value {n}" for n in range(40)), "string"),
        ("amount\n5\nNaN\n-7", "money"),
        ("x\n=1+1\n<b>\n{{7*7}}", "string"),
    ],
)
def test_kinds(column: str, kind: str) -> None:
    assert kinds(column) == [kind]


def test_one_date_decides_for_the_file() -> None:
    many = "".join("03/04/2016\n" for _ in range(3000))
    assert planned(f"d\n{many}").day_first is True
    assert planned(f"d\n{many}", day_first=False).day_first is False
    assert planned(f"d\n{many}10/20/2016\n").day_first is False
    assert planned(f"d\n{many}20/10/2016\n", day_first=False).day_first is True
    assert planned("d\n03.04.2016\n", day_first=True).day_first is True


@pytest.mark.parametrize(
    ("values", "mark"),
    [("1,5\n2,5", ","), ("1.5\n2.5", "."), ("1.234,50", ","), ("1,234.50", "."), ("1,234\n5,678", "."), ("0,125", ",")],
)
def test_decimal_marks(values: str, mark: str) -> None:
    assert planned("n;x\n" + "".join(f"{v};a\n" for v in values.split("\n"))).decimal == mark


def test_options_of_rows_behind_the_sample() -> None:
    plan = guess(read("a.csv", ("color\n" + "red\nBlue\n" * 100 + "blue\nGreen\n").encode()), sample=10)
    options = plan.columns[0].params["options"]
    assert [o["title"] for o in options] == ["red", "Blue", "Green"]


def test_numbers_keep_their_figures() -> None:
    assert planned("x\n1.23456\n2.5\n").columns[0].params == {"digits": 5}


def test_a_plan_can_be_overridden() -> None:
    plan = planned("name,other\n" + "".join(f"n{i},o{i}\n" for i in range(9)))
    assert [(c.role, c.code) for c in plan.columns] == [("title", ""), ("", "other")]
    changed = plan.change("other", role="title")
    assert [(c.role, c.code) for c in changed.columns] == [("", "name"), ("title", "")]
    assert plan.columns[0].role == "title"
    assert changed.change("name", kind="text").columns[0].kind == "text"


@pytest.mark.parametrize(
    ("title", "meant"),
    [("Closed Won", "S"), ("Closed Lost", "F"), ("Успешно реализовано", "S"), ("Неуспех", "F"), ("Отказ клиента", "F"),
     ("Проиграна", "F"), ("Выиграна", "S"), ("Hired", "S"), ("Rejected", "F"), ("Wonderful", "P"), ("Negotiation", "P")],
)  # fmt: skip
def test_what_stages_mean(title: str, meant: str) -> None:
    assert semantics(title) == meant


def test_codes_are_sound_and_unlike() -> None:
    taken: set[str] = {"title"}
    assert [code_of(n, taken, "column_1") for n in ("Title", "Сумма, ₽", "сумма", "2nd day", "☃", "x" * 90)] == [
        "title_2", "summa", "summa_2", "column_1_2nd_day", "column_1", "x" * 36,
    ]  # fmt: skip


def test_a_proposal_has_one_success_and_starts_somewhere() -> None:
    table = "name,status\n" + "".join(f"n{i},{'Lost' if i % 2 else 'Won'}\n" for i in range(8))
    process = sheets.propose(planned(table), "deals", "Deals", words)
    assert [s.semantics for s in process.stages()] == ["P", "S", "F"]
    table = "name,status\n" + "".join(f"n{i},{'In work' if i % 2 else 'Waiting'}\n" for i in range(8))
    process = sheets.propose(planned(table), "deals", "Deals", words)
    assert [s.semantics for s in process.stages()] == ["P", "P", "S"]
    assert not sheets.propose(planned("name,x\na,1\nb,2\n"), "things", "Things", words).has_stages


def test_two_successes_become_one() -> None:
    table = "name,status\n" + "".join(f"n{i},{('Won', 'Won', 'Paid', 'New')[i % 4]}\n" for i in range(16))
    assert [(s.title, s.semantics) for s in planned(table).stages] == [("New", "P"), ("Paid", "P"), ("Won", "S")]
