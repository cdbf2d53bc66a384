"""A workspace in which every text was written by somebody who wants to break the pages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from model.access import Action, Actor, Grant, Level, Role
from model.field import Field, Section
from model.graph import Graph, Node, Wire
from model.importing import ImportRow
from model.process import Funnel, Process, Stage
from running import open_workspace
from workspace import Workspace

MARKUP = "<img src=x onerror=hit=1>**b** `c` :red[r] :material/home: $x$ {{7*7}} {title.__class__} -> &lt; <b id=j>"
"""Markup of every kind that something between us and the screen might read."""
MORE = (
    "[l](javascript:hit=2) <script>hit=3 ![p](x) :blue-badge[q] "
    "<svg/onload=hit=4> :smile: :streamlit: :material_home: _i_ \\*\\* \u202ertl\u202c z\u200bw 😀 %s"
)
"""What fits only where texts may be long."""
MARK = "¦"
"""Between the name of a text and its markup: wherever it is shown, all of the markup must follow."""


def nasty(name: str, *, long: bool = False) -> str:
    """A text that says which one it is, followed by markup; at most 120 characters unless it may be long."""
    return f"{name}{MARK}{MARKUP} {MORE}" if long else f"{name}{MARK}{MARKUP}"


def grants(role: str) -> tuple[Grant, ...]:
    return tuple(Grant(role=role, action=action, level=Level.ALL) for action in Action)


def _fields() -> tuple[Field, ...]:
    options = [{"code": "one", "title": nasty("F1option")}, {"code": "two", "title": nasty("F2option")}]
    kinds: dict[str, dict[str, Any]] = {
        "string": {"default": "As proposed", "on_board": True}, "text": {}, "integer": {}, "double": {},
        "money": {"params": {"currency": "USD"}}, "boolean": {}, "date": {}, "datetime": {},
        "enumeration": {"params": {"options": options}, "on_board": True}, "url": {}, "email": {}, "phone": {},
        "employee": {"on_board": True}, "link": {"params": {"process": "nasty"}}, "file": {},
    }  # fmt: skip
    made = [
        Field(code=f"f_{kind}", title=nasty(f"T{kind}"), kind=kind, help=nasty(f"H{kind}", long=True), **more)
        for kind, more in kinds.items()
    ]
    several = [
        Field(code="m_string", title=nasty("Tmany"), multiple=True, section="second"),
        Field(code="m_options", title=nasty("Tmanyoptions"), kind="enumeration", multiple=True, section="second",
              params={"options": options}),
        Field(code="reason", title=nasty("Treason"), required_at=("lost",), section="second"),
    ]  # fmt: skip
    return (*made, *several)


ROBOT = f"R{MARK}<img src=x onerror=hit=5>**b** :red[r] $x$ {{title.__class__}} {{f_string}}"
"""A template of a robot; what it becomes ends in the element's own markup."""


def _graphs() -> tuple[Graph, ...]:
    nodes = (
        Node(id="t", kind="stage_entered", params={"stages": ["work"]}, title=nasty("Ntrigger")),
        Node(id="comment", kind="add_comment", params={"text": ROBOT}, title=nasty("Ncomment"), x=280),
        Node(id="notify", kind="notify", params={"whom": "responsible", "text": ROBOT}, title=nasty("Nnotify"), x=560),
        Node(id="task", kind="create_task", params={"title": ROBOT, "responsible": "responsible"}, title=nasty("Ntask"), x=840),
        Node(id="mail", kind="send_mail", params={"to": "a@example.com", "subject": ROBOT, "body": ROBOT}, x=1120),
        Node(
            id="pdf",
            kind="make_pdf",
            params={"name": ROBOT.partition(" {")[0], "title": ROBOT, "body": ROBOT},
            title=nasty("Npdf"),
            x=1400,
        ),
        Node(id="fails", kind="move_stage", params={"stage": "lost"}, title=nasty("Nfails"), x=1680),
    )
    names = [node.id for node in nodes]
    wires = tuple(Wire(source=a, target=b) for a, b in pairwise(names))
    by_hand = Graph(
        code="hand", title=nasty("Ghand"), nodes=(Node(id="h", kind="by_hand"), Node(id="c", kind="add_comment",
        params={"text": ROBOT}, x=280)), edges=(Wire(source="h", target="c"),),
    )  # fmt: skip
    return Graph(code="main", title=nasty("Gmain"), nodes=nodes, edges=wires), by_hand


def process(code: str = "nasty", **more: Any) -> Process:
    """A process with a field of every kind, two funnels, a robot graph, and no harmless word in it."""
    stages = (
        Stage(code="new", title=nasty("Snew")), Stage(code="work", title=nasty("Swork"), norm_hours=0.001),
        Stage(code="won", title=nasty("Swon"), semantics="S"), Stage(code="lost", title=nasty("Slost"), semantics="F"),
    )  # fmt: skip
    second = (Stage(code="b_new", title=nasty("Sbnew")), Stage(code="b_won", title=nasty("Sbwon"), semantics="S"))
    given: dict[str, Any] = {
        "title": nasty("Ptitle"), "element_title": nasty("Pelement"), "description": nasty("Pdescription", long=True),
        "sections": (Section(code="main", title=nasty("Cmain")), Section(code="second", title=nasty("Csecond"))),
        "fields": _fields(), "amount_field": "f_money", "graphs": _graphs(),
        "funnels": (Funnel(code="a", title=nasty("Fa"), stages=stages), Funnel(code="b", title=nasty("Fb"), stages=second)),
        "roles": (Role(code="crew", title=nasty("Rcrew")),), "grants": grants("crew"),
    }  # fmt: skip
    return Process(code=code, **{**given, **more})


@dataclass(frozen=True)
class Hostile:
    """The workspace, its administrator, and what is in it."""

    workspace: Workspace
    admin: Actor
    element: int
    """It has a value in every field, comments, tasks, files, links, runs and mails."""
    other: int
    """It links to the first."""
    person: int
    imported: int
    """Id of an import with skipped rows."""


def seed(folder: Path) -> Hostile:
    """Fill a fresh workspace."""
    ws = open_workspace(folder)
    admin = ws.administrator()
    ws.settings.save(admin, name=nasty("Wname"), smtp_from="a@example.com")
    ws.people.change_user(admin, admin.user, name=nasty("Uadmin"))
    home = ws.people.add_department(admin, nasty("Dhome"))
    below = ws.people.add_department(admin, nasty("Dbelow"), parent=home.id, head=admin.user)
    person = ws.people.add_user(admin, "<b>nasty", nasty("Uperson"), "a long password", '"<b>x"@example.com', department=below.id)
    ws.processes.create(admin, process())
    ws.processes.publish(admin, "nasty", nasty("Vnote", long=True))
    ws.people.save_role(admin, "crew", nasty("Rcrew"), [person.id], [])
    ws.processes.create(admin, Process(code="draft", title=nasty("Pdraft"), description=nasty("Pdraftdescription")))
    admin = ws.administrator()
    element = _element(ws, admin, person.id)
    other = ws.elements.create(admin, "nasty", {"title": nasty("Eother", long=True), "f_link": element, "responsible": None}).id
    ws.work()
    rows = [ImportRow(1, (nasty("Icell"),), title=nasty("Eimported"), values={"f_integer": "x<b>"}),
            ImportRow(2, ("fine",), title=nasty("Eimported"))]  # fmt: skip
    report = ws.imports.run(admin, "nasty", rows, nasty("Ifile") + ".csv", columns=[nasty("Icolumn")])
    ws.processes.archive(admin, "draft")
    ws.processes.create(admin, Process(code="draft2", title=nasty("Pdraft"), description=nasty("Pdraftdescription")))
    _unknown_icons(ws)
    return Hostile(ws, ws.administrator(), element, other, person.id, report.view.id)


def _unknown_icons(ws: Workspace) -> None:
    """Icons that Streamlit does not know, as an older version or a foreign program has left them in the store."""
    for name, key in (("versions", "data"), ("processes", "draft")):
        table = ws.db.table(name)
        for doc, icon in zip(table.all(), ("foo", "\U0001f680", ":x:", ""), strict=False):
            table.update({key: {**doc[key], "icon": icon}}, doc_ids=[doc.doc_id])


def _element(ws: Workspace, admin: Actor, person: int) -> int:
    values = {
        "title": nasty("Etitle", long=True), "f_string": nasty("Vstring", long=True),
        "f_text": nasty("Vtext", long=True) + "\n# h\n* li",
        "f_integer": -5, "f_double": -0.5, "f_money": 12.5, "f_boolean": True, "f_date": "2026-02-28",
        "f_datetime": "2026-02-28T23:59:00Z", "f_enumeration": "one", "f_url": "https://example.com/?q=**x**:red[x]",
        "f_email": "a+b@example.com",
        "f_phone": "+7 999 123-45-67", "f_employee": person, "m_string": [nasty("Vmany"), "=cmd|' /C calc'!A0"],
        "m_options": ["one", "two"],
    }  # fmt: skip
    element = ws.elements.create(admin, "nasty", values).id
    ws.elements.update(admin, element, {"f_link": element})
    ws.elements.comment(admin, element, nasty("Xcomment", long=True) + "\n\n# h\n```\ncode\n```")
    ws.tasks.add(admin, element, nasty("Xtask", long=True), admin.user, datetime(2020, 1, 1, tzinfo=UTC), nasty("Xtext"))
    done = ws.tasks.add(admin, element, nasty("Xdone", long=True), admin.user)
    ws.tasks.done(admin, done.id)
    ws.files.add(admin, element, nasty("Xfile") + ".html", b"<script>hit=6</script>")
    ws.files.add(admin, element, nasty("Xheld") + ".svg", b"<svg onload=hit=7>", "f_file")
    ws.inbox.notify(admin.user, nasty("Xnote", long=True), element, "nasty")
    ws.elements.move(admin, element, "work")
    ws.work()
    ws.engine.start(admin, element, "hand")
    ws.work()
    return element


def twisted(text: str) -> list[str]:
    """The texts that are not shown as they were written, each with a little of what stands there instead.

    A text may be cut off by an ellipsis, and file names have `_` or a space for what file systems refuse.
    """
    wrong = []
    text = " ".join(text.replace(JOINER, "").split())
    for at in (i for i, char in enumerate(text) if char == MARK):
        found = text[at + 1 : at + 1 + len(MARKUP)].partition("…")[0].strip()
        if not any(shape.startswith(found) or found.startswith(shape) for shape in SHAPES):
            wrong.append(text[max(0, at - 15) : at + 70])
    return wrong


JOINER = "\u2060"
"""What keeps a `:name:` from being read as an icon; nobody sees it."""
_REFUSED = r'[<>:"|?*/\\]'
SHAPES = tuple(
    " ".join(shape.split())
    for written in (MARKUP, ROBOT.partition(MARK)[2].partition(" {")[0])
    for shape in (written, re.sub(_REFUSED, "_", written.rpartition("/")[2]), re.sub(_REFUSED, " ", written))
)
