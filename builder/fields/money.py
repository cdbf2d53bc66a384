"""An amount of money."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from pydantic import Field as Param

from builder.fields.entered import between, clean, number, shown
from model.errors import BadValue
from model.field import Control, FieldType, Reading
from model.language import Reader

LIMIT = 10**13
_SIGNS = {"€": "EUR", "£": "GBP", "₽": "RUB", "РУБ": "RUB", "РУБ.": "RUB", "РУБЛЕЙ": "RUB", "Р": "RUB", "Р.": "RUB",
          "₴": "UAH", "₸": "KZT", "₺": "TRY", "₹": "INR", "₩": "KRW", "₪": "ILS", "₫": "VND"}  # fmt: skip
_SHARED = {"$": ("USD", "AUD", "CAD", "HKD", "MXN", "NZD", "SGD"), "¥": ("JPY", "CNY")}
"""Signs of several currencies."""
_WORD = r"[^\W\d_]{1,6}\.?|[$€£¥₽₴₸₺₹₩₪₫]"
_MARKED = re.compile(rf"(?P<minus>[-−–‒－]?)\s*(?P<before>{_WORD})?\s*(?P<figures>[^A-Za-zА-Яа-яЁё]*?)\s*(?P<after>{_WORD})?")


class Money(FieldType):
    """An amount in one currency, with two decimals."""

    kind = "money"
    icon = "payments"
    control = Control.NUMBER
    operators = ("eq", "ne", "gt", "ge", "lt", "le", "in", "not_in", "empty", "not_empty")
    summable = True

    currency: str = Param("USD", pattern=r"^[A-Z]{3}$")
    """ISO code of the currency: USD, EUR, RUB ..."""
    allow_negative: bool = False
    """Whether amounts below zero are taken."""

    def parse(self, raw: Any, reading: Reading) -> float:
        found = number(self._figures(raw) if isinstance(raw, str) else raw, reading, 2)
        cents = between(found, -LIMIT, LIMIT).quantize(Decimal("0.01"), ROUND_HALF_EVEN)
        if cents < 0 and not self.allow_negative:
            raise BadValue("negative_money", value=shown(str(raw)))
        return float(cents) + 0.0

    def show(self, value: Any, reader: Reader) -> str:
        return reader.money(value, self.currency)

    def write(self, value: Any, reader: Reader) -> str:
        return reader.number(value, 0 if float(value).is_integer() else 2)

    def _figures(self, raw: str) -> str:
        """The number of `$ 1,234.50`, `1 234 руб.` or `(12.00)`; BadValue("other_currency") when the sign is another's."""
        text = clean(raw[:100]).strip()
        if text.startswith("(") and text.endswith(")"):
            text = "-" + text[1:-1].strip()
        found = _MARKED.fullmatch(text)
        if not found or not found["figures"]:
            return raw
        for sign in (found["before"], found["after"]):
            if sign and not self._own(sign.upper(), raw):
                return raw
        return found["minus"] + found["figures"]

    def _own(self, sign: str, raw: str) -> bool:
        """Whether it is the sign of this currency; False for what is no currency at all."""
        named = _SIGNS.get(sign) or (sign if re.fullmatch("[A-Z]{3}", sign) and sign != "NAN" else "")
        several = _SHARED.get(sign, (named,) if named else ())
        if several and self.currency not in several:
            raise BadValue("other_currency", value=shown(raw), currency=self.currency)
        return bool(several)
