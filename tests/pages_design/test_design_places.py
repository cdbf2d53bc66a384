"""Every problem leads to a place of the designer, in words; changes are told without codes."""

from __future__ import annotations

import pytest

from builder.changes import Change
from locales import Language
from model.errors import Problem
from model.field import Field
from model.graph import Graph, Node
from model.process import Funnel, Process, Stage
from pages.parts.design.places import Place, name_of, place_of, say

PROCESS = Process(
    code="deals",
    title="Deals",
    fields=(Field(code="amount", title="Sum <b>"),),
    funnels=(Funnel(code="main", title="Main", stages=(Stage(code="won", title="Won", semantics="S"),)),),
    graphs=(Graph(code="hot", title="Hot", nodes=(Node(id="n1", kind="send_mail"),)),),
)
PLACES = {
    "title": (Place("fields"), "Fields and card"),
    "amount_field": (Place("fields"), "Fields and card"),
    "sections/main": (Place("fields"), "Fields and card"),
    "fields/amount": (Place("fields", "amount"), "Fields and card › Sum <b>"),
    "fields/amount/default": (Place("fields", "amount"), "Fields and card › Sum <b>"),
    "funnels/main": (Place("stages", "main"), "Stages › Main"),
    "stages/won": (Place("stages", "won"), "Stages › Won"),
    "grants/manager": (Place("access"), "Access"),
    "grants": (Place("access"), "Access"),
    "roles/manager": (Place("access"), "Access"),
    "graphs/hot": (Place("robots", "hot"), "Robots › Hot"),
    "graphs/hot/nodes/n1": (Place("robots", "hot", "n1"), "Robots › Hot › Send a letter"),
    "graphs/hot/nodes/n1/subject": (Place("robots", "hot", "n1"), "Robots › Hot › Send a letter"),
    "graphs/gone/nodes/n1": (Place("robots", "gone", "n1"), "Robots"),
}


@pytest.mark.parametrize("path", PLACES)
def test_a_problem_leads_to_its_place(path: str) -> None:
    problem = Problem(path, "blank_title")
    assert (place_of(problem), name_of(problem, PROCESS, Language("en"))) == PLACES[path]
    assert place_of(Change("field_added", path)) == PLACES[path][0]


def test_robots_without_a_name_go_by_that_of_their_kind() -> None:
    problem = Problem("graphs/hot/nodes/n1", "unreachable", {"title": "send_mail"})
    assert "send_mail" not in say(problem, PROCESS, Language("en")) and "Send a letter" in say(problem, PROCESS, Language("en"))
    assert "send_mail" not in say(problem, PROCESS, Language("ru"))


def test_a_problem_of_a_setting_names_it() -> None:
    missing = Problem("graphs/hot/nodes/n1/subject", "param.missing")
    assert say(missing, PROCESS, Language("en")) == "Subject: This is needed. Fill it in."
    default = Problem("fields/amount/default", "param.missing")
    assert say(default, PROCESS, Language("en")) == "Default value: This is needed. Fill it in."
