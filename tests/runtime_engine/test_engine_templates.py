"""Templates: what they fill, what they leave alone, and that nobody gets out of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from engine_world import CLIENTS, World, deals, graph, say
from hypothesis import given, settings
from hypothesis import strategies as st

from locales import Language
from model.element import Element
from model.field import FieldType
from model.kind import Catalog
from runtime.lookup import Names
from runtime.template import LIMIT, fill, names, only_name, unknown

TYPES: Catalog[FieldType] = Catalog.scan("builder.fields", FieldType)
NOW = datetime(2026, 11, 21, 22, 30, tzinfo=UTC)
DEAL = Element(
    id=7, process="deals", title="Big {deal} <b>", funnel="sales", stage="talk", responsible=3,
    created_at="2026-11-21T22:30:00.000Z",
    values={"amount": 1234567.5, "company": "Acme {title}", "tags": ["a", "b"], "counter": 5, "client": 9,
            "close_date": "2026-12-31", "call_at": "2026-11-21T22:30:00.000Z", "urgent": True, "helper": 4,
            "notes": 'say "hi"\nnow'},
)  # fmt: skip
CLIENT = Element(id=9, process="clients", title="Acme Ltd", responsible=4, values={"phone": "+74951234567", "deal": 7})
PEOPLE = {3: {"name": "Анна", "email": "anna@example.com"}, 4: {"name": "Boris", "email": ""}}


def lookup(locale: str = "en", zone: str = "Europe/Moscow", element: Element | None = DEAL) -> tuple[Names, Language]:
    reader = Language(locale, zone, person=lambda id: PEOPLE.get(id, {}).get("name", ""))
    linked = {9: (CLIENT, CLIENTS)}.get
    return Names(element, deals(), TYPES, reader, NOW, lambda id: PEOPLE.get(id, {}), linked), reader


def filled(text: str, locale: str = "en", **more: Any) -> str:
    found, reader = lookup(locale, **more)
    return fill(text, found, reader)


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("plain", "plain"),
        ("{title}", "Big {deal} <b>"),
        ("{company} {company}", "Acme {title} Acme {title}"),
        ("{id}/{counter}", "7/5"),
        ("{stage} {funnel} {process}", "Talk Sales Deals"),
        ("{responsible} {responsible.name} {responsible.email}", "Анна Анна anna@example.com"),
        ("{helper.name} {helper.email|default:no mail}", "Boris no mail"),
        ("{client.phone} {client.title} {client.id} {client.responsible}", "+74951234567 Acme Ltd 9 Boris"),
        ("{client.nonsense} {client.phone.more}", "{client.nonsense} {client.phone.more}"),
        ("{amount}", "$1,234,567.50"),
        (
            "{amount|money} {amount|money:eur} {amount|number} {amount|number:0}",
            "$1,234,567.50 €1,234,567.50 1,234,567.5 1,234,568",
        ),
        ("{close_date} {close_date|date:dd.MM.yyyy} {close_date|date:d MMMM yyyy}", "Dec 31, 2026 31.12.2026 31 December 2026"),
        ("{call_at|date:dd.MM.yyyy} {call_at|datetime:HH:mm} {call_at|date:dd.MM HH:mm}", "22.11.2026 01:30 22.11 01:30"),
        ("{today} {today|date:yyyy-MM-dd}", "Nov 22, 2026 2026-11-22"),
        ("{tags} {urgent}", "a, b Yes"),
        ("{email|default:none} {email}", "none "),
        ("{company|upper} {responsible|lower}", "ACME {TITLE} анна"),
        ("{notes|json}", '"say \\"hi\\"\\nnow"'),
        ("{email|json} {counter|json}", "null 5"),
        ("{title|url}", "Big%20%7Bdeal%7D%20%3Cb%3E"),
        (
            "{title|nonsense} {amount|date} {title|money} {amount|number:x}",
            "Big {deal} <b> $1,234,567.50 Big {deal} <b> $1,234,567.50",
        ),
        ("{unknown} {{title}} {} { title } {title", "{unknown} {title} {} { title } {title"),
        ('{"json": "{counter}", "list": [{"x": {counter}}]}', '{"json": "5", "list": [{"x": 5}]}'),
        ("{{}} {{{title}}}", "{} {{title}}"),
    ],
)
def test_filling(template: str, expected: str) -> None:
    assert filled(template).replace("\u202f", " ") == expected


def test_filling_in_russian() -> None:
    text = filled("{close_date|date:d MMMM yyyy} {amount|number:2} {urgent}", "ru").replace("\u00a0", " ")
    assert text == "31 декабря 2026 1 234 567,50 Да"


def test_without_an_element_only_today_is_known() -> None:
    assert filled("{today|date:yyyy} {title} {process}", element=None) == "2026 {title} Deals"


def test_an_unreadable_link_is_empty() -> None:
    assert filled("[{client.phone}]", element=DEAL._replace(values={"client": 10})) == "[]"


def test_a_filled_value_is_not_filled_again() -> None:
    """What users typed into fields stays text, whatever it looks like."""
    evil = DEAL._replace(title="{responsible.email}", values={"company": "{{title}} {notes}", "notes": "secret"})
    assert filled("{title} {company}", element=evil) == "{responsible.email} {{title}} {notes}"


ESCAPES = [
    "{title.__class__}", "{title.__class__.__mro__}", "{__class__}", "{__init__}", "{self}", "{_element}", "{title.__doc__}",
    "{title!r}", "{title:>100000000}", "{0}", "{title[0]}", "{title.upper()}", "{responsible.password}", "{responsible.__dict__}",
    "{responsible.login}", "{responsible.admin}", "{client.__init__.__globals__}", "{client.values}", "{values}", "{version}",
    "{deleted_at}", "{import_id}", "{updated_by}", "{client.import_id}", "{client.client.phone}", "{get}", "{doc}", "{of}",
    "{{7*7}}", "{% for x in y %}", "{%print(1)%}", "{{''.__class__}}", "${7*7}", "#{7*7}", "<%= 7*7 %>", "{{config}}",
    "{{self.__init__}}", "{title|attr:__class__}", "{title|safe}", "{title|eval:1}", "{title|format:%s}", "{title|__class__}",
    "{env.PATH}", "{os.environ}", "{settings.smtp_password}", "{smtp_password}", "{process.grants}", "{today.__class__}",
    "{title|exec}",
]  # fmt: skip


@pytest.mark.parametrize("template", ESCAPES)
def test_nobody_gets_out(template: str) -> None:
    assert len(ESCAPES) >= 40
    text = filled(template)
    harmless = {template, template.replace("{{", "{").replace("}}", "}"), DEAL.title}
    assert text in harmless
    for secret in ("class", "object at", "49", "dict", "globals"):
        assert secret not in text or secret in template


def test_a_text_cannot_grow_without_limit() -> None:
    long = DEAL._replace(title="x" * 10_000)
    text = filled("{title}" * 5000, element=long)
    assert len(text) == LIMIT
    assert len(filled("a" * 300_000)) == LIMIT


@settings(deadline=None)
@given(st.text(alphabet=st.sampled_from("{}|:._ abctile\\\n0№д"), max_size=300) | st.text(max_size=200))
def test_any_text_is_filled_without_an_error(text: str) -> None:
    found, reader = lookup()
    assert len(fill(text, found, reader)) <= LIMIT
    for name in names(text):
        assert f"{{{name}" in text
    only_name(text)
    for problem in unknown(text, ["title", "amount"]):
        assert problem.code in ("unknown_name", "unknown_text_format") and problem.level == "warning"


@settings(deadline=None)
@given(
    st.sampled_from(["amount", "close_date", "call_at", "title", "tags", "urgent"]),
    st.sampled_from(["date", "datetime", "money", "number", "json", "url", "default", "upper"]),
    st.text(max_size=40),
)
def test_any_format_is_borne(name: str, form: str, argument: str) -> None:
    found, reader = lookup()
    assert isinstance(fill(f"{{{name}|{form}:{argument}}}", found, reader), str)


def test_what_is_unknown_is_told_with_the_nearest(world: World) -> None:
    world.publish()
    text = "{titel} {client.fone} {responsible.nam} {amount|monney} {client.phone} {today} {helper.email}"
    found = [p for p in world.problems(graph(t=("element_created", {}), s=say(text))) if p.path == "graphs/main/nodes/s/text"]
    assert [(p.level, p.code, p.context["name"], p.context["nearest"]) for p in found] == [
        ("error", "unknown_name", "client.fone", "client.phone"),
        ("error", "unknown_name", "responsible.nam", "responsible.name"),
        ("warning", "unknown_name", "titel", "title"), ("warning", "unknown_text_format", "monney", "money"),
    ]  # fmt: skip
