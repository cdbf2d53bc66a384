"""What a person has chosen for a file on its way in, and the plan that follows from it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import sheets as tables
from builder import sheets
from builder.sheets import ColumnPlan, Plan, StagePlan
from builder.sheets.guessing import options
from builder.sheets.hints import code_of, says
from builder.sheets.plan import PUT_ASIDE
from model.process import Process
from pages.parts.importing.reading import Read
from pages.parts.user import User

SYSTEM_ROLES = ("title", "stage", "responsible", "created", "closed")
SKIP, NEW, AMOUNT, OWN = "skip", "field", "amount", "field:"
"""Where a column goes: nowhere, into a new field, into the new field that boards add up, into a field of this code."""
MAKE = "new:"
"""A stage value makes a stage of these semantics."""
OPTIONS = 500
NAMES = 2000
MOST_STAGES = 50
"""Different values above which a column is not taken for one of stages."""


@dataclass
class Draft:
    """A read file and everything chosen since. `process` None: a new one of `title` and `code` is made."""

    read: Read
    process: Process | None
    title: str
    code: str = ""
    day_first: bool = True
    decimal: Literal[".", ","] = "."
    assumed: bool = False
    """Whether nobody has said the decimal mark yet, nor the file."""
    unknown_person: Literal["error", "empty", "create"] = "empty"
    goes: dict[str, str] = field(default_factory=dict)
    """Where each column goes, by its name."""
    kinds: dict[str, str] = field(default_factory=dict)
    """Field types of the columns that become new fields."""
    links: dict[str, str] = field(default_factory=dict)
    """Processes that columns of the type link lead to."""
    stages: dict[str, str] = field(default_factory=dict)
    """What each value of the stage column means: SKIP, MAKE with semantics, or a stage's code."""
    begun: str = ""
    """Code of the stage at which closed elements stood before."""
    named: dict[str, int] = field(default_factory=dict)
    """Users that names in the file were said to mean."""
    keys: list[str] | None = None
    """Columns by whose values rows find the elements that they change; None: not looked for yet."""
    matched: dict[str, str] = field(default_factory=dict)
    """Fields of the process that are named like columns."""
    _values: dict[str, Counter[str]] = field(default_factory=dict, repr=False)
    _staged: dict[str, Plan] = field(default_factory=dict, repr=False)
    _looked: dict[str, tuple[Any, Any]] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, read: Read, process: Process | None, title: str, admin: bool) -> Draft:
        """What is guessed for a file, into this process or into a new one."""
        found = cls(
            read, process, title, day_first=read.plan.day_first, decimal=read.plan.decimal, assumed=read.plan.assumed,
            unknown_person="create" if admin else "empty",
        )  # fmt: skip
        for column in read.plan.columns:
            found.kinds[column.name] = column.kind
            found.links[column.name] = column.params.get("process", "")
        plan = sheets.match(read.plan, process) if process else read.plan
        found.matched = {c.name: c.code for c in plan.columns if process and c.code}
        found.goes = {c.name: _goes(c, process) for c in plan.columns}
        if process and process.has_stages and "stage" not in found.goes.values():
            named = [c.name for c in plan.columns if says(c.name, "stage") and 0 < c.distinct <= MOST_STAGES]
            found.goes |= dict.fromkeys(named[:1], "stage")
        found.restage()
        return found

    # choosing

    def send(self, column: str, to: str) -> None:
        """Let a column go somewhere; what went there before becomes a field again, or is skipped."""
        for other, place in self.goes.items():
            if other != column and place == to and to not in (SKIP, NEW):
                self.goes[other] = SKIP if self.process else NEW
        stage = self.stage_column
        self.goes[column] = to
        if self.stage_column != stage:
            self.restage()

    def mark(self, decimal: str) -> None:
        """Say which mark decimals stand behind."""
        self.decimal, self.assumed = "," if decimal == "," else ".", False

    def mean(self, value: str, choice: str) -> None:
        """Let a stage value mean something. A new process has one success: the one before becomes a stage in progress."""
        for other, meant in self.stages.items():
            if other != value and choice == meant == f"{MAKE}S":
                self.stages[other] = f"{MAKE}P"
        self.stages[value] = choice

    def restage(self) -> None:
        """Take the stage column's values as they are guessed."""
        plan = self._stage_plan()
        if self.process:
            fitted = sheets.match(plan, self.process)
            self.stages = {s.value: s.code or SKIP for s in fitted.stages}
            self.begun = fitted.start_stage
        else:
            self.stages = {s.value: f"{MAKE}{s.semantics}" for s in plan.stages}
            self.begun = plan.start_stage

    # what follows

    @property
    def stage_column(self) -> str:
        """Name of the column that says the stage; empty: none."""
        return next((name for name, place in self.goes.items() if place == "stage"), "")

    @property
    def stage_values(self) -> tuple[StagePlan, ...]:
        """The values of the stage column with what is guessed of them."""
        return self._stage_plan().stages

    def names(self) -> Counter[str]:
        """The names in the column of responsible persons, with their rows."""
        column = next((name for name, place in self.goes.items() if place == "responsible"), "")
        return self._counted(column) if column else Counter()

    def plan(self, user: User) -> Plan:
        """The plan to read the rows by."""
        taken = {c.code for c in self.read.plan.columns if c.code} | {f.code for f in self._fields()}
        columns = tuple(self._column(c, user, taken) for c in self.read.plan.columns)
        made = [self._stage(s, self.stages.get(s.value, SKIP)) for s in self.stage_values]
        return self.read.plan.model_copy(
            update={
                "columns": columns,
                "day_first": self.day_first,
                "decimal": self.decimal,
                "assumed": self.assumed,
                "stages": tuple(s for s in made if s is not None),
                "start_stage": self.begun,
                "unknown_person": self.unknown_person,
            }
        )

    def target(self, user: User) -> tuple[Process, Plan]:
        """The process as it will be when the rows go in, and the plan fitted to it."""
        plan = self.plan(user)
        if self.process:
            return tables.grown(self.process, plan)
        return sheets.propose(plan, self.code or "new", self.title.strip()[:120] or "…", user.reader.t), plan

    def once(self, name: str, asked: Any, look: Callable[[], Any]) -> Any:
        """What a look through all rows has shown; done anew when something else is `asked`."""
        held = self._looked.get(name)
        if held is None or held[0] != asked:
            held = self._looked[name] = (asked, look())
        return held[1]

    # inside

    def _fields(self) -> tuple[Any, ...]:
        return (*self.process.fields, *self.process.removed_fields) if self.process else ()

    def _counted(self, column: str) -> Counter[str]:
        if column not in self._values:
            self._values[column] = sheets.values(self.read.sheet, column, NAMES)
        return self._values[column]

    def _stage_plan(self) -> Plan:
        """The file's plan with the stages of the column that says the stage now."""
        column = self.stage_column
        if not column:
            return self.read.plan.model_copy(update={"stages": (), "start_stage": ""})
        if column not in self._staged:
            guessed = self.read.plan.role("stage")
            same = guessed is not None and guessed.name == column
            changed = self.read.plan.change(column, role="stage")
            self._staged[column] = self.read.plan if same else sheets.restage(self.read.sheet, changed)
        return self._staged[column]

    def _stage(self, stage: StagePlan, choice: str) -> StagePlan | None:
        if choice == SKIP:
            return None
        if choice.startswith(MAKE):
            return stage.model_copy(update={"semantics": choice.removeprefix(MAKE), "code": "" if self.process else stage.code})
        return stage.model_copy(update={"code": choice})

    def _column(self, column: ColumnPlan, user: User, taken: set[str]) -> ColumnPlan:
        place = self.goes.get(column.name, SKIP)
        if place == SKIP or place in PUT_ASIDE:
            return column.model_copy(update={"role": "" if place == SKIP else place, "code": ""})
        role = place if place in (*SYSTEM_ROLES, AMOUNT) else ""
        if self.process and place != NEW:
            return self._into(column, role, self.matched.get(column.name, "") if role else place.removeprefix(OWN))
        code = column.code if column.code and not self._in_process(column.code) else code_of(column.name, taken, "field")
        kind = self.kinds[column.name]
        return column.model_copy(update={"role": role, "code": code, "kind": kind, "params": self._params(column, kind, user)})

    def _into(self, column: ColumnPlan, role: str, code: str) -> ColumnPlan:
        """The column as it goes into a field that is there already; into none when there is none of this code."""
        field = self.process.field(code) if self.process else None
        if field is None:
            return column.model_copy(update={"role": role, "code": ""})
        told = {"code": code, "title": field.title, "kind": field.kind, "params": field.params, "multiple": field.multiple}
        return column.model_copy(update={"role": role, **told})

    def _in_process(self, code: str) -> bool:
        return any(f.code == code for f in self._fields())

    def _params(self, column: ColumnPlan, kind: str, user: User) -> Mapping[str, Any]:
        if kind == "link":
            return {"process": self.links.get(column.name) or next(iter(user.workspace.processes.codes()), "")}
        if kind == column.kind:
            return column.params
        if kind == "enumeration":
            return {"options": options(list(self._counted(column.name))[:OPTIONS])}
        return {"currency": user.workspace.settings.get().currency} if kind == "money" else {}


def _goes(column: ColumnPlan, process: Process | None) -> str:
    """Where a column goes as guessed."""
    if column.role in PUT_ASIDE and not (column.role == "stage" and process and not process.has_stages):
        return column.role
    if process:
        fitting = f"{OWN}{column.code}" if column.code else SKIP
        return column.role if column.role in SYSTEM_ROLES else fitting
    return column.role or (NEW if column.code else SKIP)
