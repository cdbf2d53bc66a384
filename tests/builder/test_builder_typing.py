"""What people type is what is stored: as their language writes it, and never another magnitude."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from locales import Language
from model.errors import BadValue
from model.field import FieldType
from model.kind import Catalog

TYPES = Catalog.scan("builder.fields", FieldType)
READERS = {code: Language(code, "Europe/Moscow") for code in ("en", "ru")}
NUMBERS = [
    ("money", {"allow_negative": True}, st.decimals(-(10**13), 10**13, places=2)),
    ("integer", {}, st.integers(-(2**53), 2**53)),
    *(("double", {"digits": n}, st.decimals(-(10**9), 10**9, places=n)) for n in (0, 2, 3, 6)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "typed", "en", "ru"),
    [
        ("money", "1250,50", 1250.5, 1250.5),
        ("money", "1250.5", 1250.5, 1250.5),
        ("money", "1.250,50", 1250.5, 1250.5),
        ("money", "1,250.50", 1250.5, 1250.5),
        ("money", "$\u00a01\u202f250,50", 1250.5, 1250.5),
        ("money", "1\u2009250\u2009000", 1_250_000.0, 1_250_000.0),
        ("money", "1,250", 1250.0, "two_readings"),
        ("money", "1.250", "two_readings", "two_readings"),
        ("double", "0,125", 0.125, 0.125),
        ("double", "1,250", 1250.0, 1.25),
        ("double", "1.250", 1.25, "two_readings"),
        ("double", "\u22121250,5", -1250.5, -1250.5),
        ("double", "1.250.000", 1_250_000.0, 1_250_000.0),
        ("double", "12 34", "not_a_number", "not_a_number"),
        ("integer", "1,250", 1250, "not_whole_or"),
        ("integer", "1250,5", "not_whole", "not_whole"),
        ("integer", "9 007 199 254 740 992", 2**53, 2**53),
        ("integer", "9007199254740993", "too_big", "too_big"),
        ("date", "03/04/1066", "1066-03-04", "1066-04-03"),
    ],
)
def test_a_text_means_what_its_reader_means(kind: str, typed: str, en: Any, ru: Any) -> None:
    found = TYPES.load(kind, {"digits": 3} if kind == "double" else {})
    for locale, meant in (("en", en), ("ru", ru)):
        try:
            understood: Any = found.parse(typed, READERS[locale].reading)
        except BadValue as refused:
            understood = refused.problems[0].code
        assert understood == meant, locale


def test_who_is_asked_is_shown_both_readings() -> None:
    with pytest.raises(BadValue) as refused:
        TYPES.load("money", {}).parse("1,250", READERS["ru"].reading)
    assert READERS["ru"].explain(refused.value) == (
        "«1,250» можно прочесть двояко. Вы имели в виду 1\u00a0250 или 1,25? Введите так."
    )


@given(st.sampled_from(NUMBERS).flatmap(lambda n: st.tuples(st.just(n[:2]), n[2])), st.sampled_from(["en", "ru"]))
@example((("double", {"digits": 3}), Decimal("1.125")), "ru")
def test_what_is_shown_is_read_back(number: Any, locale: str) -> None:
    (kind, params), value = number
    found, reader = TYPES.load(kind, params), READERS[locale]
    stored = found.parse(value, reader.reading)
    assert found.parse(found.write(stored, reader), reader.reading) == stored
    assert found.parse(found.show(stored, reader), reader.reading) == stored, "a figure copied off a card"


@given(
    st.decimals(0, 10**7, places=3),
    st.sampled_from(["", " ", "\u00a0", "\u202f", ",", ".", "'"]),
    st.sampled_from(".,"),
    st.integers(0, 3),
)
def test_no_magnitude_is_ever_guessed(value: Decimal, group: str, mark: str, digits: int) -> None:
    """However a number is written, it is read as itself, as what its reader's marks say, or asked about."""
    value = round(value, digits)
    written = f"{value:,.{digits}f}".replace(",", "\0").replace(".", mark).replace("\0", group)
    if group == mark and digits:
        return
    for reader in READERS.values():
        try:
            found = TYPES.load("double", {"digits": 6}).parse(written, reader.reading)
        except BadValue as refused:
            assert refused.problems[0].code == "two_readings" and value >= 1
            continue
        own = written.count(".") + written.count(",") == 1 and {".", ","} & {*written} <= {
            reader.reading.decimal,
            reader.reading.group,
        }
        assert found == pytest.approx(float(value)) or own


@given(st.dates(), st.sampled_from(["en", "ru"]))
def test_every_day_that_is_shown_is_read_back(day: Any, locale: str) -> None:
    found, reader = TYPES.load("date", {}), READERS[locale]
    assert found.parse(found.write(day.isoformat(), reader), reader.reading) == day.isoformat()
