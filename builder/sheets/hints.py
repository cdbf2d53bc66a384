"""What the names of columns and stages tell, in English and Russian."""

from __future__ import annotations

import re
from collections.abc import Mapping

from model.latin import latin
from model.process import Semantics

_ROLES: Mapping[str, str] = {
    "stage": r"stage|status|state|стади[яи]|статус|этап|состояние",
    "responsible": r"responsible|owner|agent|manager|assignee|assigned|sales ?rep|seller|recruiter|ответственн\w*|менеджер|"
    r"исполнитель|владелец|куратор|рекрутер",
    "created": r"creat(ed?|ion)|engaged?|opened?|start(ed)?|begin|received|registered|создан\w*|начал[оа]|открыт\w*|"
    r"поступлени[ея]|регистраци\w*|заведен\w*",
    "closed": r"closed?|closing|finish(ed)?|completed?|end(ed)?|won|закрыт\w*|завершен\w*|окончани[ея]|конец",
    "title": r"title|name|subject|deal|opportunity|candidate|заголовок|название|наименование|имя|фио|тема|сделка|кандидат",
    "amount": r"amount|value|revenue|total|sum|budget|сумма|стоимость|выручка|бюджет|итого",
}
_KINDS: Mapping[str, str] = {
    "money": r"amount|value|price|cost|sum|total|revenue|budget|salary|fee|сумма|стоимость|цена|выручка|бюджет|зарплата|оклад|"
    r"итого|оплата|доход|руб|usd|eur|rub",
    "boolean": r"is|has|flag|active|enabled|done|paid|vip|есть|активен|активна|флаг|признак|оплачен\w*|выполнен\w*",
    "phone": r"phone|tel|mobile|fax|телефон\w*|тел|моб|факс",
    "text": r"comments?|description|notes?|remarks?|комментари\w*|описание|примечани\w*|заметк[аи]",
}
_SEMANTICS: tuple[tuple[Semantics, str], ...] = (
    ("F", r"lost|lose|fail\w*|reject\w*|cancel\w*|refus\w*|declin\w*|junk|spam|withdrawn|disqualified|abandoned|отказ\w*|"
          r"проигр\w*|провал\w*|отклон\w*|отмен\w*|неуспе\w*|потерян\w*|не подошел|не подошла|брак|спам"),
    ("S", r"won|win|success\w*|succeeded|done|complete\w*|hired|paid|closed|finished|успе\w*|выигр\w*|заверш\w*|"
          r"выполнен\w*|принят\w*|оплачен\w*|закрыт\w*|готово|нанят\w*|сделано"),
)  # fmt: skip
_FIRST = (
    r"new|lead|prospect\w*|incoming|inbox|open|backlog|to ?do|applied|application|created|"
    r"нов\w+|лид\w*|заявк\w*|входящ\w*|отклик\w*|обращени\w*"
)
_LAST = (
    r"negotiat\w*|contract|invoice\w*|payment|offer|final|review|"
    r"договор\w*|сч[её]т\w*|оплат\w*|оффер|финал\w*|согласован\w*"
)


def plain(text: str) -> str:
    """A name as it is compared: small letters, `_`, `-` and `.` and camelCase as spaces, ё as е."""
    apart = re.sub(r"(?<=[a-zа-я])(?=[A-ZА-Я])", " ", text)
    return " ".join(re.sub(r"[^\w]+|_+", " ", apart).casefold().replace("ё", "е").split())


def says(name: str, word: str) -> bool:
    """Whether a column's name has a word of this role or kind of value."""
    pattern = _ROLES.get(word) or _KINDS[word]
    return re.search(rf"\b({pattern})\b", plain(name)) is not None


def semantics(stage: str) -> Semantics:
    """What a stage's name says: P, S or F."""
    name = plain(stage)
    return next((found for found, pattern in _SEMANTICS if re.search(rf"\b({pattern})\b", name)), "P")


def stage_order(stage: str) -> int:
    """Where a stage in progress belongs by its name: 0 early, 1 unknown, 2 late."""
    name = plain(stage)
    if re.search(rf"\b({_FIRST})\b", name):
        return 0
    return 2 if re.search(rf"\b({_LAST})\b", name) else 1


def code_of(name: str, taken: set[str], fallback: str) -> str:
    """A code for a name, in Latin letters, unlike any in `taken`, to which it is added."""
    stem = re.sub(r"[^a-z0-9]+", "_", latin(plain(name))).strip("_")[:36].strip("_")
    if not stem or not stem[0].isalpha():
        stem = f"{fallback}_{stem}".strip("_")[:36].strip("_")
    code, count = stem, 1
    while code in taken:
        count += 1
        code = f"{stem}_{count}"
    taken.add(code)
    return code
