"""Guessing what a sheet means from its names and values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import islice
from typing import Any, Literal

from builder.sheets import hints, looks
from builder.sheets.plan import PUT_ASIDE, ColumnPlan, Plan, Role, StagePlan
from builder.sheets.profile import DISTINCT, SPARSE, Profile
from builder.sheets.sheet import Sheet
from builder.stages import LOST_COLOR, PALETTE, WON_COLOR
from model.field import SYSTEM

MOST = 0.95
"""Share of the filled cells that must look alike; the others will be rows with problems."""
OPTIONS = 30
"""Different values above which a column is no enumeration."""
OPTION_LENGTH = 60
PIECE = 5000
"""Rows taken together while counting."""


def guess(sheet: Sheet, sample: int = 2000, *, day_first: bool = True, currency: str = "USD") -> Plan:
    """Make a plan: kinds from the first `sample` rows and a part of the others, dates' order and options from all rows.

    `day_first` and `currency` hold where the file proves nothing.
    """
    profiles = _profiles(sheet, sample)
    kinds = [_kind(p) for p in profiles]
    roles = _roles(profiles, kinds)
    stages = next((_stages(p) for p, role in zip(profiles, roles, strict=True) if role == "stage"), ())
    return Plan(
        columns=_columns(profiles, kinds, roles, currency),
        day_first=_day_first(profiles, day_first),
        decimal=_decimal(profiles),
        assumed=_assumed(profiles),
        stages=stages,
        start_stage=_start(next((p.name for p, role in zip(profiles, roles, strict=True) if role == "created"), ""), stages),
    )


def restage(sheet: Sheet, plan: Plan) -> Plan:
    """The plan with stages for the values of the column that says the stage now; none without such a column."""
    column = plan.role("stage")
    if column is None:
        return plan.model_copy(update={"stages": (), "start_stage": ""})
    profile = Profile(column.name)
    place = sheet.columns.index(column.name)
    for row in sheet.rows:
        profile.add(row.cells[place])
    stages, created = _stages(profile), plan.role("created")
    return plan.model_copy(update={"stages": stages, "start_stage": _start(created.name if created else "", stages)})


def values(sheet: Sheet, column: str, limit: int = DISTINCT) -> Counter[str]:
    """The different values of a column, as text, with the number of rows; of more than `limit` those met first."""
    place, found = sheet.columns.index(column), Counter[str]()
    for row in sheet.rows:
        text = "" if row.cells[place] is None else " ".join(str(row.cells[place]).split())
        if text and (text in found or len(found) < limit):
            found[text] += 1
    return found


def _profiles(sheet: Sheet, sample: int) -> list[Profile]:
    """Gone through in pieces: a piece of a column is counted at once, which is what makes large files bearable."""
    profiles = [Profile(name) for name in sheet.columns]
    rows, step = iter(sheet.rows), 1
    while piece := [row.cells for row in islice(rows, sample if step == 1 else PIECE)]:
        for profile, column in zip(profiles, zip(*piece, strict=True), strict=True):
            sampled = set(column[::step])
            for value, count in Counter(column).items():
                profile.add(value, count, value in sampled)
        step = SPARSE
    return profiles


def _day_first(profiles: Sequence[Profile], default: bool) -> bool:
    """One date that only fits one order decides for the file; if there are both, the greater number of dates."""
    month = sum(p.orders["month"] for p in profiles)
    day = sum(p.orders["day"] for p in profiles)
    if month or day:
        return day >= month
    return default or any(p.orders["dotted"] for p in profiles)


def _decimal(profiles: Sequence[Profile]) -> Literal[".", ","]:
    comma, point = (sum(p.marks[mark] for p in profiles) for mark in ",.")
    return "," if comma > point else "."


def _assumed(profiles: Sequence[Profile]) -> bool:
    """Whether no value proves the decimal mark, or values prove both."""
    return len({mark for p in profiles for mark in ".," if p.marks[mark] or mark == p.proven}) != 1


def _kind(profile: Profile) -> str:
    """The field type that most values look like; names decide where the values leave it open."""
    for kind, shapes in (("boolean", ("boolean",)), ("email", ("email",)), ("url", ("url",)), ("date", ("date",))):
        if profile.share(*shapes) >= MOST:
            return kind
    if profile.share("date", "datetime") >= MOST:
        return "datetime"
    if profile.share("phone") >= MOST or (
        hints.says(profile.name, "phone") and profile.share("phone", "digits", "integer") >= MOST
    ):
        return "phone"
    if profile.share("integer", "double", "money") >= MOST:
        return _number(profile)
    return _words(profile)


def _number(profile: Profile) -> str:
    if hints.says(profile.name, "boolean") and {str(v) for v in profile.values} <= {"0", "1"}:
        return "boolean"
    if profile.shapes["money"] or hints.says(profile.name, "money"):
        return "money"
    return "double" if profile.shapes["double"] else "integer"


def _words(profile: Profile) -> str:
    if profile.shapes["text"] or (hints.says(profile.name, "text") and profile.longest > OPTION_LENGTH):
        return "text"
    few = 1 < profile.distinct <= OPTIONS and profile.distinct * 2 <= profile.filled
    return "enumeration" if few and profile.longest <= OPTION_LENGTH else "string"


def _roles(profiles: Sequence[Profile], kinds: Sequence[str]) -> list[Role]:
    """Give each role to the column that fits best; one column has one role."""
    roles: list[Role] = [""] * len(profiles)
    for role, fitness in _FITNESS.items():
        scored = [(fitness(p, kind), -n) for n, (p, kind) in enumerate(zip(profiles, kinds, strict=True)) if not roles[n]]
        best, place = max(scored, default=(0.0, 0))
        if best > 0:
            roles[-place] = role
    return roles


def _fits_stage(profile: Profile, kind: str) -> float:
    if kind not in ("enumeration", "string") or not 1 < profile.distinct <= OPTIONS or profile.longest > OPTION_LENGTH:
        return 0.0
    ends = {hints.semantics(str(v)) for v in profile.values} - {"P"}
    named = hints.says(profile.name, "stage")
    if kind == "string" and not (named and ends):
        return 0.0
    return 2.0 * named + len(ends) if named or len(ends) == 2 else 0.0


def _fits_title(profile: Profile, kind: str) -> float:
    if kind not in ("string", "text") or not profile.filled:
        return 0.0
    named = hints.says(profile.name, "title") - 0.75 * hints.says(profile.name, "responsible")
    return max(0.01, 2.0 * named + profile.distinct / min(profile.filled, 5000) - profile.empty - (kind == "text"))


def _fits_responsible(profile: Profile, kind: str) -> float:
    fits = kind in ("string", "enumeration", "email") and hints.says(profile.name, "responsible")
    return 1.0 - profile.empty / 2 if fits else 0.0


def _fits_amount(profile: Profile, kind: str) -> float:
    return 1.0 + hints.says(profile.name, "amount") - profile.empty / 2 if kind == "money" else 0.0


def _fits_created(profile: Profile, kind: str) -> float:
    return 1.0 if kind in ("date", "datetime") and hints.says(profile.name, "created") else 0.0


def _fits_closed(profile: Profile, kind: str) -> float:
    return 1.0 if kind in ("date", "datetime") and hints.says(profile.name, "closed") else 0.0


_FITNESS: dict[Role, Any] = {
    "stage": _fits_stage, "title": _fits_title, "responsible": _fits_responsible, "amount": _fits_amount,
    "created": _fits_created, "closed": _fits_closed,
}  # fmt: skip


def _columns(profiles: Sequence[Profile], kinds: Sequence[str], roles: Sequence[Role], currency: str) -> tuple[ColumnPlan, ...]:
    taken = set(SYSTEM)
    found = []
    for place, (profile, kind, role) in enumerate(zip(profiles, kinds, roles, strict=True), 1):
        kept = profile.filled and role not in PUT_ASIDE
        found.append(
            ColumnPlan(
                name=profile.name,
                code=hints.code_of(profile.name, taken, f"column_{place}") if kept else "",
                title=_title(profile.name),
                kind=kind,
                params=_params(profile, kind, currency),
                role=role,
                decimal=profile.proven,
                unsure=next(iter(profile.unsure.values()), ""),
                empty=profile.empty,
                distinct=profile.distinct,
                examples=tuple(str(v)[:100] for v in list(profile.values)[:5]),
            )
        )
    return tuple(found)


def _title(name: str) -> str:
    """`engage_date` as people write it: «Engage date»."""
    words = " ".join(name.replace("_", " ").split()) or name
    return (words[:1].upper() + words[1:] if name.islower() else words)[:120]


def _params(profile: Profile, kind: str, currency: str) -> dict[str, Any]:
    if kind == "enumeration":
        return {"options": options(profile.values)}
    if kind == "money":
        return {"currency": next(filter(None, map(looks.currency, profile.values)), currency)}
    return {"digits": min(max(profile.digits, 2), 6)} if kind == "double" else {}


def options(values: Any) -> list[dict[str, str]]:
    """The options of an enumeration for these values, once each whatever their case, in order of appearance."""
    taken: set[str] = set()
    titles = {" ".join(str(v).split()).casefold(): " ".join(str(v).split()) for v in reversed(list(values))}
    return [{"code": hints.code_of(title, taken, "option"), "title": title[:120]} for title in reversed(titles.values())]


def _stages(profile: Profile) -> tuple[StagePlan, ...]:
    """Stages for the values of a column: in progress (early names first), the one success, the failures."""
    folded: dict[str, tuple[str, int]] = {}
    for value, count in profile.values.items():
        title = " ".join(str(value).split())[:120]
        first, so_far = folded.get(title.casefold(), (title, 0))
        folded[title.casefold()] = (first, so_far + count)
    won = max((f for f in folded.values() if hints.semantics(f[0]) == "S"), key=lambda f: f[1], default=("", 0))[0]
    taken: set[str] = set()
    found = [_stage(title, count, won, taken) for title, count in folded.values()]
    ordered = sorted(found, key=lambda s: ("PSF".index(s.semantics), hints.stage_order(s.title)))
    return tuple(s.model_copy(update={"color": _color(s, place)}) for place, s in enumerate(ordered))


def _stage(title: str, count: int, won: str, taken: set[str]) -> StagePlan:
    meant = hints.semantics(title)
    if meant == "S" and title != won:
        meant = "P"  # a funnel has one success
    return StagePlan(value=title, code=hints.code_of(title, taken, "stage"), title=title, semantics=meant, count=count)


def _color(stage: StagePlan, place: int) -> str:
    return {"S": WON_COLOR, "F": LOST_COLOR}.get(stage.semantics, PALETTE[place % len(PALETTE)])


def _start(created: str, stages: Sequence[StagePlan]) -> str:
    """The stage that the created column is named after: `engage_date` is when Engaging began."""
    stems = {word[:5] for word in hints.plain(created).split() if len(word) >= 5}
    return next((s.code for s in stages if s.semantics == "P" and stems & {w[:5] for w in hints.plain(s.title).split()}), "")
