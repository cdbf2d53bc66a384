"""Our own front-end components: one typed function each. Their source is in `components/`, their bundles in `pages/assets/`.

Every text a component shows comes in through `labels`; `LABELS` lists the names each of them reads. Nothing here is HTML: values
travel as data and are shown as text. Callbacks get the event itself, already decoded, and run before the page does.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Literal, NotRequired, TypedDict
from uuid import uuid4

import streamlit as st

ASSETS = Path(__file__).resolve().parent.parent / "assets"
URL = "/assets"

Labels = Mapping[str, str]
Tell = Callable[[Any], None]

LABELS: dict[str, tuple[str, ...]] = {
    "board": (
        "board",
        "keys",
        "empty",
        "add",
        "add_placeholder",
        "count",
        "more",
        "move",
        "moved",
        "cancelled",
        "not_allowed",
        "dismiss",
    ),
    "canvas": (
        "canvas",
        "keys",
        "palette",
        "search",
        "nothing_found",
        "collapse",
        "expand",
        "add_node",
        "undo",
        "redo",
        "duplicate",
        "delete",
        "layout",
        "zoom_in",
        "zoom_out",
        "fit",
        "connect",
        "connect_from",
        "connect_to",
        "cycle",
        "no_input",
        "no_targets",
        "empty",
        "problems",
        "minimap",
        "dismiss",
        "close",
        "added",
        "deleted",
        "connected",
        "input",
        "state_done",
        "state_waiting",
        "state_failed",
        "state_skipped",
        "state_running",
    ),
    "reunion": ("ended", "typed", "sign_in"),
    "sorter": ("sorter", "keys", "remove", "add", "empty", "moved", "move_up", "move_down", "locked", "cancelled"),
    "stagebar": ("stagebar", "current", "passed", "finish", "success", "failure", "not_allowed", "dismiss"),
    "table": ("table",),
    "timeline": (
        "timeline",
        "empty",
        "more",
        "changes",
        "trace",
        "before",
        "after",
        "nothing",
        "quiet",
        "state_done",
        "state_waiting",
        "state_failed",
        "state_skipped",
        "state_retrying",
    ),
    "funnelbars": ("funnelbars", "empty", "conversion"),
    "facts": ("edit", "empty", "add"),
}
"""Which labels each component reads. `{name}` parts are filled in by the component: the board's add {title}, moved {title} {to},
count and more {n}; the sorter's moved {label} {n}; the timeline's more, changes, trace and quiet {n}; the facts' empty {n}; the
canvas' added {label}, deleted {n}, connected {from} {to}."""


class Who(TypedDict):
    """A person as shown: name for the tooltip, initials and a hex colour for the circle."""

    name: str
    initials: str
    color: str


class BoardColumn(TypedDict):
    """A stage on the board. `count` and `sum` are of the whole stage; `more` says how many of its cards were not sent."""

    id: str
    title: str
    color: str
    semantics: Literal["P", "S", "F"]
    count: int
    sum: str
    can_add: bool
    can_drop: bool
    more: int


class Line(TypedDict):
    label: str
    text: str


class Mark(TypedDict):
    kind: Literal["overdue", "slow", "info"]
    text: str


class BoardCard(TypedDict):
    """One element on the board; `version` comes back with the move, so that a stale move can be refused."""

    id: int
    col: str
    title: str
    lines: list[Line]
    who: Who | None
    marks: list[Mark]
    version: int
    can_move: bool
    key: NotRequired[str]


REFUSALS = 10
"""Refused moves that a board is told of: more than can be made until it has heard of the first."""


class Refused(TypedDict):
    """Takes a shown move back and says why. `nonce` is that of the move; what has a greater one than all before is news."""

    element: int
    reason: str
    nonce: int


class Port(TypedDict):
    id: str
    label: str
    tone: Literal["good", "bad", "plain"]


class GraphNode(TypedDict):
    """A robot, a trigger or a piece of logic on the canvas."""

    id: str
    kind: str
    label: str
    summary: str
    icon: str
    group: str
    x: float
    y: float
    input: bool
    ports: list[Port]
    problems: list[str]
    state: Literal["done", "waiting", "failed", "skipped", "running"] | None
    note: NotRequired[str]


class GraphEdge(TypedDict):
    id: str
    source: str
    target: str
    port: str


class PaletteItem(TypedDict):
    kind: str
    label: str
    help: str
    icon: str
    group: str
    input: bool
    ports: list[Port]


class PaletteGroup(TypedDict):
    id: str
    label: str
    tone: NotRequired[Literal["trigger", "logic", "robot"]]


class SortItem(TypedDict):
    id: str
    label: str
    hint: NotRequired[str]
    color: NotRequired[str]
    icon: NotRequired[str]
    badge: NotRequired[str]
    locked: NotRequired[bool]
    kind: NotRequired[str]


class SortGroup(TypedDict):
    """A list to put in order. `can_drop_kinds`: which `kind`s it takes from other groups (all, if it is left out)."""

    id: str
    title: str
    items: list[SortItem]
    can_add: bool
    can_drop_kinds: NotRequired[list[str]]


class BarStage(TypedDict):
    id: str
    title: str
    color: str
    semantics: Literal["P", "S", "F"]
    can: bool
    hint: NotRequired[str]


class Change(TypedDict):
    label: str
    before: str
    after: str


class TraceStep(TypedDict):
    label: str
    port: str
    state: str
    text: str


class TimelineItem(TypedDict):
    """One thing that happened. `when` and `day` are already formatted; items of the same `day` stand under one heading."""

    id: str
    icon: str
    tone: Literal["plain", "good", "bad", "info", "robot"]
    when: str
    day: str
    who: Who | None
    title: str
    text: NotRequired[str]
    changes: NotRequired[list[Change]]
    trace: NotRequired[list[TraceStep]]
    link: NotRequired[dict[str, str] | None]
    quiet: NotRequired[bool]


class FunnelStage(TypedDict):
    id: str
    title: str
    color: str
    count: int
    count_text: str
    sum_text: str
    conversion_text: str
    share: float
    semantics: Literal["P", "S", "F"]


class FactValue(TypedDict):
    """One value: its text, and what makes it more than text (a face, a colour, a link out, an element to open)."""

    text: str
    who: NotRequired[Who | None]
    color: NotRequired[str]
    href: NotRequired[str]
    open: NotRequired[int]


class Fact(TypedDict):
    """A field of an element; no values: it is empty. `locked` ones are never edited."""

    code: str
    label: str
    values: list[FactValue]
    help: NotRequired[str]
    locked: NotRequired[bool]


class TableColumn(TypedDict):
    """`end`: its values stand at the right, as figures do. The first column's values open their row."""

    code: str
    title: str
    end: bool
    sorts: bool


class TableRow(TypedDict):
    """An element: the address of its card, and its values column by column."""

    id: int
    href: str
    cells: list[list[FactValue]]


class FactSection(TypedDict):
    """`empty` fields are folded below `facts`."""

    code: str
    title: str
    facts: list[Fact]
    empty: list[Fact]


# A superseded call's clean-up may come late (data changed while the bundle loaded), so only the newest call takes the view away.
LOADER = """
const bundle = import(new URL('{url}/{name}.js?v={hash}', window.location.origin).href)
const live = new WeakMap()
export default function (args) {{
  const el = args.parentElement
  const s = live.get(el) ?? {{ turn: 0 }}
  live.set(el, s)
  s.args = args
  const turn = ++s.turn
  const show = m => {{ if (!s.gone) s.cleanup = m.default(s.args) }}
  s.module ? show(s.module) : bundle.then(m => {{ s.module = m; if (turn === s.turn) show(m) }})
  return () => setTimeout(() => {{
    if (turn !== s.turn) return
    s.gone = true
    live.delete(el)
    s.cleanup?.()
  }}, 150)
}}
"""


def _mounted(name: str) -> Any:
    """The component `name`, declared anew only when its bundle is another one."""
    bundle = ASSETS / f"{name}.js"
    return _declared(name, bundle.stat().st_mtime_ns)


@cache
def _declared(name: str, stamp: int) -> Any:
    digest = hashlib.sha256((ASSETS / f"{name}.js").read_bytes()).hexdigest()[:12]
    return st.components.v2.component(f"voronka_{name}", js=LOADER.format(url=URL, name=name, hash=digest))


def _unheard(key: str) -> Iterator[dict[str, Any]]:
    """The acts that a component has told and that were not heard before, each marked as heard when it is handed out.

    Streamlit keeps one trigger of a component: a second one that is told while a run is waiting takes the place of the first.
    So a component tells all acts of the last seconds each time (`emit` in components/src/lib/component.ts), numbered within
    its `talk`, one browser session's talk with it.
    """
    if key not in st.session_state:
        return  # it was told by a page that is no longer there
    told = st.session_state[key]["acts"]
    mine = told["talk"] == st.session_state.get(f"{key}:talk")
    for act in told["acts"] if mine else told["acts"][-1:]:
        if act["n"] > st.session_state.get(f"{key}:heard", 0):
            st.session_state[f"{key}:heard"] = act["n"]
            yield act


def _show(
    name: str,
    key: str,
    data: dict[str, Any],
    acts: Mapping[str, Tell | None],
    states: Mapping[str, Tell | None] | None = None,
    answered: str = "",
) -> Any:
    """Mount `name`, handing the value of each act and each state to its callback.

    Data equal to the last ones never reach a component. The view of one that shows an act's outcome before it is known
    has to be put right when nothing came of it: `answered` names that act, and `turn` makes the data after it other ones.
    """

    def acted() -> None:
        for act in _unheard(key):
            if act["name"] == answered:
                st.session_state[f"{key}:turn"] = st.session_state.get(f"{key}:turn", 0) + 1
            if tell := acts.get(act["name"]):
                tell(act["value"])

    def kept(state: str, tell: Tell | None) -> Callable[[], None]:
        def run() -> None:
            if tell is not None and key in st.session_state:
                tell(st.session_state[key].get(state))

        return run

    callbacks = {f"on_{state}_change": kept(state, tell) for state, tell in (states or {}).items()}
    data = data | {"talk": st.session_state.setdefault(f"{key}:talk", uuid4().hex)}
    if answered:
        data |= {"turn": st.session_state.get(f"{key}:turn", 0)}
    return _mounted(name)(key=key, data=data, on_acts_change=acted, **callbacks)


def board(
    key: str,
    columns: Sequence[BoardColumn],
    cards: Sequence[BoardCard],
    labels: Labels,
    live: bool = True,
    refused: Sequence[Refused] = (),
    *,
    locale: str = "en",
    on_move: Tell | None = None,
    on_open: Callable[[int], None] | None = None,
    on_add: Tell | None = None,
    on_more: Callable[[str], None] | None = None,
    on_poke: Tell | None = None,
) -> Any:
    """Columns of cards that are moved by hand, finger or keys.

    * `on_move({"element", "from", "to", "index", "version", "nonce"})`: already shown; answer with other data or with `refused`.
    * `on_open(element id)`, `on_add({"stage", "title"})`.
    * `on_more(stage id)`: a column with `more > 0` was scrolled near its end, or its button pressed.
    * `on_poke(revision)`: `/live` said something changed (only with `live`).

    Call it inside an `st.fragment`, then an event reruns only the board.
    """
    data = {
        "columns": list(columns), "cards": list(cards), "labels": dict(labels), "locale": locale, "live": live,
        "refused": list(refused),
    }  # fmt: skip
    return _show("board", key, data, {"move": on_move, "open": on_open, "add": on_add, "more": on_more, "poke": on_poke})


def canvas(
    key: str,
    rev: int | str,
    nodes: Sequence[GraphNode],
    edges: Sequence[GraphEdge],
    palette: Sequence[PaletteItem],
    labels: Labels,
    dark: bool | None = None,
    readonly: bool = False,
    selected: str | None = None,
    *,
    groups: Sequence[PaletteGroup] = (),
    on_graph_change: Tell | None = None,
    on_selected_change: Callable[[str | None], None] | None = None,
    on_action: Tell | None = None,
) -> Any:
    """The designer's canvas: robots wired by named ports.

    Nodes' places and edges are taken from here only when `rev` changes; until then the canvas' own state is the truth. Labels,
    summaries, problems, ports and states are taken on every run, by node id. `dark=None` follows the theme.

    * `on_graph_change({"nodes": [{"id", "kind", "x", "y", "copy_of"?}], "edges": [{"id", "source", "target", "port"}], "rev"})`;
      `copy_of` names the node a copy was made of, so that its settings can be copied too. `rev` is the one it was based on.
    * `on_selected_change(node id or None)`.
    * `on_action({"type": "open_problem" | "open", "id": node id})`: the problem badge, double click or Enter on a node.
    """
    data = {
        "rev": rev,
        "nodes": list(nodes),
        "edges": list(edges),
        "palette": list(palette),
        "groups": list(groups),
        "labels": dict(labels),
        "dark": dark,
        "readonly": readonly,
        "selected": selected,
    }
    states = {"graph": on_graph_change, "selected": on_selected_change}
    return _show("canvas", key, data, {"action": on_action}, states)


def sorter(
    key: str,
    groups: Sequence[SortGroup],
    labels: Labels,
    selected: str | None = None,
    *,
    cross: bool = False,
    removable: bool = True,
    on_order_change: Callable[[list[dict[str, Any]]], None] | None = None,
    on_select_change: Callable[[str], None] | None = None,
    on_remove: Callable[[str], None] | None = None,
    on_add: Callable[[str], None] | None = None,
) -> Any:
    """Lists put in order by dragging or by Alt+Up / Alt+Down; with `cross`, items also go from list to list.

    * `on_order_change([{"group", "ids"}])`: all groups, after a drop.
    * `on_select_change(item id)`, `on_remove(item id)`, `on_add(group id)`.
    """
    data = {"groups": list(groups), "labels": dict(labels), "selected": selected, "cross": cross, "removable": removable}
    acts = {"order": on_order_change, "select": on_select_change, "remove": on_remove, "add": on_add}
    return _show("sorter", key, data, acts, answered="order")


def stagebar(
    key: str,
    stages: Sequence[BarStage],
    current: str,
    labels: Labels,
    disabled: bool = False,
    *,
    on_move: Callable[[str], None] | None = None,
) -> Any:
    """The stages as chevrons across a card; `on_move(stage id)` when one is chosen: shown at once, the next data may undo it."""
    data = {"stages": list(stages), "current": current, "labels": dict(labels), "disabled": disabled}
    return _show("stagebar", key, data, {"move": on_move}, answered="move")


def table(
    key: str,
    columns: Sequence[TableColumn],
    rows: Sequence[TableRow],
    labels: Labels,
    by: str = "",
    down: bool = False,
    *,
    on_sort: Tell | None = None,
    on_open: Callable[[int], None] | None = None,
) -> Any:
    """Elements as rows, sorted `by` a column's code by whoever gives them.

    * `on_sort({"by", "down"})`: a column's head was pressed; `on_open(element id)`: a row was.
    """
    data = {"columns": list(columns), "rows": list(rows), "by": by, "down": down, "labels": dict(labels)}
    return _show("table", key, data, {"sort": on_sort, "open": on_open})


def pulse(key: str, seconds: float) -> None:
    """Run the fragment that this stands in again every so many seconds, and show nothing.

    Unlike `st.fragment(run_every=...)` it holds still while a page is being left, which would be left empty otherwise.
    """
    _show("pulse", key, {"seconds": seconds}, {"beat": None})


def reunion(key: str, memory: Mapping[str, Any], labels: Labels) -> dict[str, Any]:
    """Run the fragment that this stands in again when the browser has lost the server and found it again, and show nothing.

    Streamlit 1.67 does not, though a server that was started anew, or was out of reach for two minutes, has forgotten the page.
    Gives the `memory` (JSON) that the browser was given last: the first run of a session gets that of the session before.
    When the session is over, it leads to the sign-in page; where something was typed, it shows that first.
    """
    _show("reunion", key, {"memory": dict(memory), "labels": dict(labels)}, {"back": None}, {"memory": None})
    return st.session_state[key].get("memory") or {}


def timeline(
    key: str,
    items: Sequence[TimelineItem],
    labels: Labels,
    *,
    more: int = 0,
    live: bool = False,
    on_open: Callable[[str], None] | None = None,
    on_more: Callable[[int], None] | None = None,
    on_poke: Tell | None = None,
) -> Any:
    """What happened, by day, newest first as given.

    * `on_open(link id)`; `on_more(number of items shown)` from the button that is there when `more` items were not sent.
    * `on_poke(revision)`: `/live` said something changed (only with `live`).
    """
    data = {"items": list(items), "labels": dict(labels), "more": more, "live": live}
    return _show("timeline", key, data, {"open": on_open, "more": on_more, "poke": on_poke})


def funnelbars(
    key: str,
    stages: Sequence[FunnelStage],
    labels: Labels,
    selected: str | None = None,
    *,
    on_pick: Callable[[str], None] | None = None,
) -> Any:
    """A funnel of centred bars as wide as `share` (0..1); `on_pick(stage id)` when one is pressed."""
    data = {"stages": list(stages), "labels": dict(labels), "selected": selected}
    return _show("funnelbars", key, data, {"pick": on_pick})


def facts(
    key: str,
    sections: Sequence[FactSection],
    labels: Labels,
    editable: bool = True,
    *,
    on_edit: Tell | None = None,
    on_open: Callable[[int], None] | None = None,
) -> Any:
    """What is known of an element, by sections.

    * `on_edit({"section", "code"})`: a section's button (`code` is then empty), or a value was pressed.
    * `on_open(element id)`: a value that is another element.
    """
    data = {"sections": list(sections), "labels": dict(labels), "editable": editable}
    return _show("facts", key, data, {"edit": on_edit, "open": on_open})
