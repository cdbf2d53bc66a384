"""Field types take what people and tables write, refuse the rest clearly, and never change what is already stored."""

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.errors import BadValue
from model.field import Control, FieldType, Reading
from model.filter import OPERATORS
from model.kind import Catalog

TYPES = Catalog.scan("builder.fields", FieldType)
PARAMS: dict[str, dict[str, Any]] = {
    "enumeration": {"options": [{"code": "web", "title": "Web site"}, {"code": "call", "title": "Звонок", "color": "#112233"}]},
    "link": {"process": "accounts"},
    "money": {"currency": "EUR"},
}
RU = Reading(day_first=True, decimal=",", zone=ZoneInfo("Europe/Moscow"))
US = Reading(day_first=False, decimal=".", zone=ZoneInfo("America/New_York"))
PLAIN = Reading()


def make(kind: str, **params: Any) -> FieldType:
    return TYPES.load(kind, {**PARAMS.get(kind, {}), **params})


def test_all_the_types_of_the_first_issue_are_there() -> None:
    assert set(TYPES) == {
        "string", "text", "integer", "double", "money", "boolean", "date", "datetime", "enumeration", "url", "email", "phone",
        "employee", "link", "file",
    }  # fmt: skip


@pytest.mark.parametrize("kind", TYPES)
def test_a_type_knows_its_control_and_only_real_operators(kind: str) -> None:
    found = TYPES[kind]
    assert isinstance(found.control, Control) and found.icon
    assert set(found.operators) <= set(OPERATORS) and {"empty", "not_empty"} <= set(found.operators)
    assert found.summable == (kind in ("integer", "double", "money"))


@pytest.mark.parametrize(
    ("kind", "raw", "reading", "stored"),
    [
        ("string", "  Big\n deal ", PLAIN, "Big deal"),
        ("string", 5.0, PLAIN, "5"),
        ("string", "a\x00b\x07", PLAIN, "ab"),
        ("text", "one\r\ntwo\n", PLAIN, "one\ntwo"),
        ("integer", "1 234", RU, 1234),
        ("integer", "1,234,567", US, 1234567),
        ("integer", 7.0, PLAIN, 7),
        ("integer", "−5", RU, -5),
        ("double", "1\u00a0234,5", RU, 1234.5),
        ("double", "1\u202f234,56", RU, 1234.56),
        ("double", ".5", US, 0.5),
        ("double", "1'234.5", US, 1234.5),
        ("double", "1.5E+05", US, 150000.0),
        ("double", 0.125, PLAIN, 0.12),
        ("double", "1.234.567,25", RU, 1234567.25),
        ("money", "$1,234.505", US, BadValue),
        ("money", "€ 1,234.505", US, 1234.5),
        ("money", "1 234,50 €", RU, 1234.5),
        ("money", "1054", US, 1054.0),
        ("money", "EUR 10", US, 10.0),
        ("money", 0.125, PLAIN, 0.12),
        ("money", 0.135, PLAIN, 0.14),
        ("money", "2.675", PLAIN, 2.68),
        ("money", 1e13, PLAIN, 1e13),
        ("money", -0.001, PLAIN, 0.0),
        ("boolean", "Да", RU, True),
        ("boolean", "no", US, False),
        ("boolean", 1, PLAIN, True),
        ("boolean", "0", PLAIN, False),
        ("date", "31.12.2026", RU, "2026-12-31"),
        ("date", "3/1/2017", US, "2017-03-01"),
        ("date", "3/1/2017", RU, "2017-01-03"),
        ("date", "10/20/2016", US, "2016-10-20"),
        ("date", "2016-10-20 00:00:00", US, "2016-10-20"),
        ("date", "20161020", US, "2016-10-20"),
        ("date", "31.12.26", RU, "2026-12-31"),
        ("date", "5 марта 2026 г.", RU, "2026-03-05"),
        ("date", "Oct 20, 2016", US, "2016-10-20"),
        ("datetime", "5 марта 2026 г. в 10:00", RU, "2026-03-05T07:00:00.000Z"),
        ("datetime", "5 марта 2026 года, 10:00", RU, "2026-03-05T07:00:00.000Z"),
        ("date", "20-Oct-2016", US, "2016-10-20"),
        ("date", date(2026, 1, 2), PLAIN, "2026-01-02"),
        ("date", "2011-01-01T00:30:00+01:00", RU, "2011-01-01"),
        ("date", "2026-03-01T22:00:00.000Z", RU, "2026-03-02"),
        ("date", datetime(2026, 3, 1, 22, tzinfo=UTC), RU, "2026-03-02"),
        ("date", "29.02.2024", RU, "2024-02-29"),
        ("datetime", "31.12.2026 18:30", RU, "2026-12-31T15:30:00.000Z"),
        ("datetime", "12/31/2026 6:30 PM", US, "2026-12-31T23:30:00.000Z"),
        ("datetime", "2011-01-01T00:30:00+01:00", RU, "2010-12-31T23:30:00.000Z"),
        ("datetime", "2026-12-31", RU, "2026-12-30T21:00:00.000Z"),
        ("datetime", "2011-12-31T23:59:59.9999", PLAIN, "2011-12-31T23:59:59.999Z"),
        ("datetime", datetime(2026, 1, 1, tzinfo=timezone(timedelta(hours=3))), PLAIN, "2025-12-31T21:00:00.000Z"),
        ("enumeration", " web  SITE ", PLAIN, "web"),
        ("enumeration", "CALL", PLAIN, "call"),
        ("enumeration", "звонок", PLAIN, "call"),
        ("url", "example.com/a?b=1", PLAIN, "https://example.com/a?b=1"),
        ("url", "http://localhost:8501/", PLAIN, "http://localhost:8501/"),
        ("url", "mailto:a@example.com", PLAIN, "mailto:a@example.com"),
        ("url", "пример.рф", PLAIN, "https://пример.рф"),
        ("email", " Anna.B@Example.COM ", PLAIN, "Anna.B@example.com"),
        ("phone", "+7 (900) 123-45-67", PLAIN, "+79001234567"),
        ("phone", 79001234567.0, PLAIN, "79001234567"),
        ("employee", "#12", PLAIN, 12),
        ("link", 12.0, PLAIN, 12),
        ("file", "3", PLAIN, 3),
    ],
)
def test_what_people_and_tables_write_is_understood(kind: str, raw: Any, reading: Reading, stored: Any) -> None:
    if stored is BadValue:
        with pytest.raises(BadValue):
            make(kind).parse(raw, reading)
        return
    found = make(kind).parse(raw, reading)
    assert found == stored and type(found) is type(stored)


@pytest.mark.parametrize(
    ("kind", "raw", "reading", "code"),
    [
        ("string", "x" * 256, PLAIN, "too_long"),
        ("string", "   ", PLAIN, "empty_value"),
        ("string", None, PLAIN, "not_a_text"),
        ("string", float("nan"), PLAIN, "not_finite"),
        ("integer", "1.5", US, "not_whole"),
        ("integer", "1,5", US, "not_whole"),
        ("integer", "12 34", RU, "not_a_number"),
        ("integer", True, PLAIN, "not_a_number"),
        ("integer", 2**60, PLAIN, "too_big"),
        ("double", "NaN", PLAIN, "not_finite"),
        ("double", float("inf"), PLAIN, "not_finite"),
        ("double", "1e99", PLAIN, "too_big"),
        ("double", 10**4000, PLAIN, "number_too_big"),
        ("double", "1,23,456", US, "not_a_number"),
        ("double", "1.2.3", US, "not_a_number"),
        ("money", -5, PLAIN, "negative_money"),
        ("money", "(12.00)", PLAIN, "negative_money"),
        ("money", float("nan"), PLAIN, "not_finite"),
        ("money", "NaN", PLAIN, "not_finite"),
        ("money", 1.1e13, PLAIN, "too_big"),
        ("money", "100 USD", PLAIN, "other_currency"),
        ("money", "$100", PLAIN, "other_currency"),
        ("money", "abc", PLAIN, "not_a_number"),
        ("money", "100 apples", PLAIN, "not_a_number"),
        ("boolean", "maybe", PLAIN, "not_yes_or_no"),
        ("boolean", 2, PLAIN, "not_yes_or_no"),
        ("date", "31.02.2026", RU, "no_such_day"),
        ("date", "31 February 2026", US, "no_such_day"),
        ("date", "29.02.2023", RU, "no_such_day"),
        ("date", "12/31/2026", RU, "no_such_month"),
        ("date", "0000-01-01", PLAIN, "no_such_day"),
        ("date", "soon", PLAIN, "not_a_date"),
        ("date", 42663, PLAIN, "not_a_date"),
        ("date", "31.12.2026 banana", RU, "not_a_date"),
        ("date", "31.12.20267", RU, "not_a_date"),
        ("datetime", "31.12.2026 25:00", RU, "no_such_time"),
        ("datetime", "31.12.2026 13:00 PM", RU, "no_such_time"),
        ("datetime", "0001-01-01", RU, "no_such_day"),
        ("datetime", "noon", RU, "not_a_time"),
        ("enumeration", "Web cite", PLAIN, "no_such_option"),
        ("url", "javascript:alert(1)", PLAIN, "bad_link"),
        ("url", "JAVASCRIPT:alert(1)//x.com", PLAIN, "bad_link"),
        ("url", "data:text/html,x", PLAIN, "bad_link"),
        ("url", "https://", PLAIN, "bad_link"),
        ("url", 'https://a.com/"><script>', PLAIN, "bad_link"),
        ("url", "http://[::1", PLAIN, "bad_link"),
        ("url", "word", PLAIN, "bad_link"),
        ("email", "a@b", PLAIN, "bad_email"),
        ("email", "a@b.com\nBcc: x@y.com", PLAIN, "bad_email"),
        ("email", "a..b@c.com", PLAIN, "bad_email"),
        ("phone", "12", PLAIN, "bad_phone"),
        ("phone", "call me", PLAIN, "bad_phone"),
        ("phone", "1" * 16, PLAIN, "bad_phone"),
        ("employee", 0, PLAIN, "not_a_person"),
        ("link", "Acme", PLAIN, "not_an_element"),
        ("file", True, PLAIN, "not_a_file"),
    ],
)
def test_what_cannot_be_is_refused_with_its_reason(kind: str, raw: Any, reading: Reading, code: str) -> None:
    with pytest.raises(BadValue) as refused:
        make(kind).parse(raw, reading)
    assert refused.value.problem.code == "invalid" or refused.value.problems[0].code == code
    assert refused.value.problems[0].code == code


def test_a_refusal_says_what_would_be_right() -> None:
    with pytest.raises(BadValue) as refused:
        make("enumeration").parse("Web cite", PLAIN)
    assert refused.value.problems[0].context["nearest"] == "Web site"
    with pytest.raises(BadValue) as refused:
        make("date").parse("12/31/2026", RU)
    assert refused.value.problems[0].context["month"] == 31
    with pytest.raises(BadValue) as refused:
        make("integer", min=1, max=9).parse(10, PLAIN)
    assert refused.value.problems[0].context["limit"] == 9


def test_parameters_are_checked() -> None:
    assert [p.code for p in TYPES["integer"].problems({"min": 5, "max": 1})] == ["param.min_over_max"]
    twice = [{"code": "a", "title": "Same"}, {"code": "b", "title": "same "}]
    assert [p.code for p in TYPES["enumeration"].problems({"options": twice})] == ["param.same_option"]
    assert [p.path for p in TYPES["link"].problems({})] == ["process"]
    assert make("file", extensions=[".PDF"]).model_dump()["extensions"] == ("pdf",)
    assert make("money", allow_negative=True).parse("(12,5)", RU) == -12.5


junk = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(),
    st.binary(),
    st.dates(),
    st.datetimes(),
    st.datetimes(timezones=st.timezones()),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(), st.none(), max_size=1),
    st.decimals(),
    st.complex_numbers(),
    st.text(alphabet="0123456789.,:-+/ ()eTZ$€%#@"),
    st.characters(),
    st.sampled_from(
        ["31.12.2026", "12/31/2026 1:00 PM", "1 234,5", "a@b.co", "+7 900 123 45 67", "https://a.b", "yes", "web", "1e400"]
    ),
)
readings = st.sampled_from([RU, US, PLAIN])


@given(st.sampled_from(sorted(TYPES)), junk, readings, readings)
def test_any_input_is_stored_or_refused_and_what_is_stored_stays(kind: str, raw: Any, reading: Reading, later: Reading) -> None:
    found = make(kind)
    try:
        stored = found.parse(raw, reading)
    except BadValue as refused:
        assert all(p.code and orjson.dumps(dict(p.context)) for p in refused.problems)
        return
    assert stored is not None and orjson.loads(orjson.dumps(stored)) == stored
    assert found.parse(stored, reading) == stored
    assert found.parse(stored, later) == stored, "the stored form means the same whatever the reading"


@given(st.dates(min_value=date(1000, 1, 1)), readings)
def test_every_day_of_the_calendar_is_read_back(day: date, reading: Reading) -> None:
    written = f"{day.day}.{day.month}.{day.year}" if reading.day_first else f"{day.month}/{day.day}/{day.year}"
    assert make("date").parse(written, reading) == day.isoformat()


@given(st.integers(0, 10**15), st.sampled_from([" ", "\u00a0", "\u202f", "."]))
def test_every_amount_is_read_back_in_groups(cents: int, group: str) -> None:
    written = f"{cents // 100:,}".replace(",", group) + f",{cents % 100:02}"
    assert make("money").parse(written, RU) == pytest.approx(cents / 100, abs=0.001)


def test_halves_of_characters_never_reach_the_store() -> None:
    assert make("string").parse("a\ud800b", PLAIN) == "ab"
    with pytest.raises(BadValue) as refused:
        make("phone").parse("\udfff5", PLAIN)
    assert "\udfff" not in refused.value.problems[0].context["value"]
