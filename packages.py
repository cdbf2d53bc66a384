"""Packages in and out of a workspace: what `builder.package` reads becomes processes, people and elements by the usual doors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tinydb import where

from builder.package import Package, Sample, pack, unpack
from builder.team import Team
from model.access import Action, Actor, as_filter, require_any
from model.element import Element
from model.errors import Denied, Invalid, NotAllowed
from model.event import Cause
from model.importing import ImportRow
from model.process import Process

if TYPE_CHECKING:
    from services import Services

EXAMPLES = Path(__file__).resolve().parent / "examples"
SUFFIX = ".voronka.json"
TEAM = "team.json"

Progress = Callable[[float, str], None]
"""Told of long work: the share that is done (0..1) and a key of the locales that says what is being done."""


def silent(share: float, key: str) -> None:
    """Nobody watches."""


def demo(language: str) -> list[Path]:
    """The packages that Voronka ships in this language; those in English when there are none."""
    found = sorted((EXAMPLES / language).glob(f"*{SUFFIX}"))
    return found or sorted((EXAMPLES / "en").glob(f"*{SUFFIX}"))


def install_demo(workspace: Services, actor: Actor, language: str, progress: Progress) -> None:
    """Install what Voronka ships, its dates moved to today and its money in the workspace's currency, and who works with it."""
    shipped, currency = demo(language), workspace.settings.get().currency
    team = Team.load((shipped[0].parent / TEAM).read_bytes())
    people, departments = _settle(workspace, actor, team)
    for number, path in enumerate(shipped):
        package = unpack(path.read_bytes()).at(workspace.clock.now().date()).priced(currency)
        _install(workspace, actor, package, _part(progress, 0.1 + 0.9 * number / len(shipped), 0.9 / len(shipped)))

    titles = {role.code: role.title for role in workspace.people.roles()}
    for code, held in team.roles.items():
        users, units = (people[login] for login in held.people), (departments[unit] for unit in held.departments)
        workspace.people.save_role(actor, code, titles[code], users, units)


def _settle(workspace: Services, actor: Actor, team: Team) -> tuple[dict[str, int], dict[str, int]]:
    """Make a team's departments and people, who cannot sign in until they are given a password: ids by login, ids by code."""
    found, departments, people = workspace.people, dict[str, int](), dict[str, int]()
    for unit in team.departments:
        departments[unit.code] = found.add_department(actor, unit.title, departments.get(unit.parent)).id
    for seat in team.people:
        there = found.by_login(seat.login)  # the administrator may be called so
        made = there or found.add_user(actor, seat.login, seat.name, None, department=departments[seat.department])
        people[seat.login] = made.id
    for unit in team.departments:
        if unit.head:
            found.change_department(actor, departments[unit.code], head=people[unit.head])
    return people, departments


def _part(progress: Progress, start: float, share: float) -> Progress:
    """Who is told of a part of the work as of a whole."""
    return lambda done, key: progress(start + share * done, key)


def install(workspace: Services, actor: Actor, data: bytes, progress: Progress = silent) -> list[str]:
    """Bring in a package: processes, published, with their roles and elements; codes of the processes. One transaction.

    Denied; Unreadable when it is no package; NotAllowed("process_exists") when a code is taken.
    """
    return _install(workspace, actor, unpack(data), progress)


def _install(workspace: Services, actor: Actor, package: Package, progress: Progress) -> list[str]:
    taken = {row.code for archived in (False, True) for row in workspace.processes.all(archived)}
    with workspace.db.transaction():
        for process in package.processes:
            if process.code in taken:
                raise NotAllowed("process_exists", process.code, name=process.code, title=process.title)
            workspace.processes.create(actor, process)
        for process in package.processes:
            workspace.processes.publish(actor, process.code)
        _fill(workspace, actor, package, progress)
    return [process.code for process in package.processes]


def _fill(workspace: Services, actor: Actor, package: Package, progress: Progress) -> None:
    """Make the elements, those that others link to first. A link whose other end comes later is set when both are there."""
    ids: dict[int, int] = {}
    later: list[tuple[int, str, Any]] = []
    order = _order(package)
    for number, process in enumerate(order):
        listed = package.of(process)
        rows = [_row(place, sample, ids) for place, sample in listed]
        progress(number / len(order), "setup.doing.demo")
        report = workspace.imports.run(actor, process, rows, f"{process}{SUFFIX}", total=len(rows))
        if report.skipped:
            raise Invalid(p.at(f"elements/{report.skipped[0].number}") for p in report.skipped[0].problems)
        made = workspace.db.table("elements").select(["doc_id"], where("import_id") == report.id, sort=[("doc_id", False)])
        ids |= {place: row[0] for (place, _), row in zip(listed, made, strict=True)}
        later += [(place, code, sample.values[code]) for place, sample in listed for code, to in sample.links if to not in ids]
    for place, code, value in later:
        workspace.elements.update(actor, ids[place], {code: _linked(value, ids)}, cause=Cause(actor.id, note="import"))


def _order(package: Package) -> list[str]:
    """Processes with elements, those first that others link to (as far as they do not link to each other)."""
    wants = {p.code: _wanted(package, p.code) for p in package.processes}
    found: list[str] = []
    while wants:
        ready = [code for code, needed in wants.items() if needed <= set(found)] or list(wants)[:1]
        found += ready
        wants = {code: needed for code, needed in wants.items() if code not in ready}
    return [code for code in found if package.of(code)]


def _wanted(package: Package, code: str) -> set[str]:
    return {package.elements[to].process for _, sample in package.of(code) for _, to in sample.links} - {code}


def _row(place: int, sample: Sample, ids: Mapping[int, int]) -> ImportRow:
    later = {code for code, to in sample.links if to not in ids}
    values = {code: _linked(value, ids) for code, value in sample.values.items() if code not in later}
    return ImportRow(
        number=place, cells=(), title=sample.title, values=values, stage=sample.stage, created_at=sample.created_at,
        people={"responsible": sample.responsible} if sample.responsible else {}, closed_at=sample.closed_at, moved=sample.moved,
    )  # fmt: skip


def _linked(value: Any, ids: Mapping[int, int]) -> Any:
    """`{"ref": place}` as the id of the element made of it."""
    if isinstance(value, list):
        return [_linked(one, ids) for one in value]
    return ids[value["ref"]] if isinstance(value, dict) and value.keys() == {"ref"} else value


def export(workspace: Services, actor: Actor, *codes: str, elements: bool = False) -> bytes:
    """Published processes (drafts, before that) as one package; with their elements if the actor may export them.

    Processes that link to each other keep their links when they travel together. NotFound, Denied.
    """
    found: list[Process] = []
    held: list[Element] = []
    ways: dict[int, list[tuple[str, str]]] = {}
    for code in codes:
        process = _exported(workspace, actor, code)
        found.append(process)
        if elements:
            require_any(process, actor, Action.EXPORT)
            mine = as_filter(process, actor, Action.EXPORT)
            held += workspace.elements.find(actor, code, mine)
            ways |= workspace.elements.ways(actor, code, mine)
    as_of = workspace.clock.now().date().isoformat() if elements else ""
    return pack(found, held, names=workspace.people.names(), ways=ways, as_of=as_of)


def _exported(workspace: Services, actor: Actor, code: str) -> Process:
    version = workspace.processes.published(code)
    process = version.process if version else workspace.processes.draft(code)
    if not workspace.processes.may(actor, code, Action.SETTINGS):
        raise Denied(path=code, action=Action.SETTINGS.value, process=process.title, reason="no_grant")
    return process
