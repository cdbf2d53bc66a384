"""The desk: one person's view of one draft while the page runs, and the only way its parts change the draft.

A change is a function from a process to a process (those of `builder.edit`), saved with the revision that was on the screen.
If somebody else was quicker, the change is kept: it can be put on top of theirs or dropped.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import streamlit as st

from model.access import Action
from model.errors import Problem, Stale, VoronkaError
from model.graph import Node
from model.process import Process
from pages.parts.design.places import Place, place_of
from pages.parts.user import User

Op = Callable[[Process], Process]
TABS = ("fields", "stages", "access", "robots", "versions")


@dataclass
class Memory:
    """What this browser's designer of one process remembers between runs."""

    revision: int = 0
    """The draft's state that is on the screen."""
    turn: int = 0
    """Part of every input's key: another turn makes the inputs anew, from the draft."""
    drawn: int = 0
    """Counts what we did to a graph ourselves: the canvas then takes it from us."""
    pending: Op | None = None
    """A change that met somebody else's; neither made nor lost."""
    others: bool = False
    """Somebody else has changed the draft since it was last drawn."""
    trouble: str = ""
    """Why the last change was refused, in words."""
    panel: str = ""
    """What the inspector shows in the place of the chosen thing."""
    publishing: bool = False
    forms: dict[str, Any] = field(default_factory=dict)
    """What each watched form held last."""
    nodes: dict[str, dict[str, Node]] = field(default_factory=dict)
    """For each graph the nodes that were ever seen on its canvas."""


class Desk:
    """The draft `process` of `code`, and what may be done to it by this person."""

    def __init__(self, user: User, code: str) -> None:
        """Reads the draft. NotFound when there is none; Denied is the page's affair."""
        self.user, self.code, self.t = user, code, user.reader.t
        self.library = user.workspace.processes
        self.memory: Memory = st.session_state.setdefault(f"design:{code}", Memory())
        now = self.library.revision(code)
        self.process: Process = self.library.draft(code)
        if not self.memory.revision:
            self.memory.revision = now
        self.moved_on = now != self.memory.revision
        """Whether the draft is another one than this browser drew: its inputs are still those of the old one."""

    # --- where -----------------------------------------------------------------------------------------------------

    @property
    def tab(self) -> str:
        """The open tab."""
        asked = st.query_params.get("tab", "")
        return asked if asked in self.tabs else self.tabs[0]

    @cached_property
    def tabs(self) -> tuple[str, ...]:
        """The tabs this person may use: with the right to robots alone, only those."""
        return TABS if self.library.may(self.user.actor, self.code, Action.SETTINGS) else ("robots", "versions")

    @property
    def item(self) -> str:
        """What is chosen on the tab: a field, a stage, a graph, a version."""
        return str(st.query_params.get("item", ""))

    @property
    def node(self) -> str:
        """The robot that is chosen on the canvas."""
        return str(st.query_params.get("node", ""))

    def show(self, place: Place) -> None:
        """Open a tab with something chosen on it; the browser's address says so too."""
        self.memory.panel = ""
        self.memory.trouble = ""
        for name, value in (("tab", place.tab), ("item", place.item), ("node", place.node)):
            if value:
                st.query_params[name] = value
            else:
                st.query_params.pop(name, None)

    def choose(self, item: str = "", node: str = "") -> None:
        """Choose something on the open tab."""
        self.show(Place(self.tab, item, node))

    # --- changes ---------------------------------------------------------------------------------------------------

    def key(self, name: str) -> str:
        """The key of an input."""
        return f"design:{self.code}:{self.memory.turn}:{name}"

    def anew(self) -> None:
        """Make every input anew, from the draft as it is."""
        self.memory.turn += 1
        self.memory.forms.clear()

    def apply(self, op: Op, *, keep: bool = False) -> bool:
        """Make a change in the draft. Refused: the words stand in `memory.trouble`; `keep` leaves the inputs as they are."""
        self.memory.trouble = ""
        try:
            self.memory.revision = self.library.save(self.user.actor, op(self.process), expect=self.memory.revision)
        except Stale:
            self._put_by(op)
            return False
        except VoronkaError as refused:
            self.memory.trouble = self.user.explain(refused)
            if not keep:
                self.anew()
            return False
        self.process = self.library.draft(self.code)
        self.__dict__.pop("problems", None)
        return True

    def doing(self, op: Op) -> Callable[[], None]:
        """`on_click` of a button that makes a change."""

        def pressed() -> None:
            self.apply(op)

        return pressed

    def _put_by(self, op: Op) -> None:
        """Keep a change that met somebody else's, behind those that did so before."""
        earlier = self.memory.pending
        self.memory.pending = op if earlier is None else lambda process: op(earlier(process))
        self.memory.others = True

    def on(self, name: str, op: Callable[[Process, Any], Process], *, keep: bool = True) -> dict[str, Any]:
        """`key` and `on_change` of an input: what is entered becomes `op(process, entered)`."""
        key = self.key(name)

        def told() -> None:
            entered = st.session_state[key]
            self.apply(lambda process: op(process, entered), keep=keep)

        return {"key": key, "on_change": told}

    def watch(self, name: str, entered: Any, op: Callable[[Process, Any], Process]) -> None:
        """For forms that others draw: apply what was entered when it is another thing than at the last look."""
        key = self.key(name)
        held = self.memory.forms.setdefault(key, entered)
        if held != entered:
            self.memory.forms[key] = entered
            self.apply(lambda process: op(process, entered), keep=True)

    def step(self, act: Callable[[], object]) -> None:
        """Undo, redo, discard, restore: what makes the whole draft another one."""
        self.memory.trouble = ""
        if self.library.revision(self.code) != self.memory.revision:
            self.memory.others = True
            return
        try:
            act()
        except VoronkaError as refused:
            self.memory.trouble = self.user.explain(refused)
        self.memory.revision = self.library.revision(self.code)
        self.anew()

    def catch_up(self) -> None:
        """Take the draft as somebody else has left it."""
        self.memory.revision = self.library.revision(self.code)
        self.memory.others = True
        self.anew()

    # --- what is wrong -----------------------------------------------------------------------------------------------

    @cached_property
    def problems(self) -> list[Problem]:
        """All that is wrong with the draft, errors first."""
        return self.library.problems(self.process)

    def problems_at(self, tab: str, item: str, node: str = "") -> list[Problem]:
        """What is wrong with one thing; without `node` also what is wrong inside it."""
        wanted = Place(tab, item, node)
        found = ((place_of(p), p) for p in self.problems)
        return [p for place, p in found if (place if node else Place(place.tab, place.item)) == wanted]
