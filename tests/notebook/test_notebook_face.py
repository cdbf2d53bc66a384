"""The Python face: everything by the person's rights, typed tables, drawings that draw themselves and escape."""

import inspect
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import pandas as pd
import pytest

from builder import edit
from member import Design, Member
from model.errors import BadValue, Denied, Invalid, NotAllowed, NotFound
from model.process import Stage
from settings import Settings
from workspace import Workspace, build

EVIL = "<script>alert(1)</script>"


class Still:
    """A clock that stands."""

    def now(self) -> datetime:
        return datetime(2026, 5, 12, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    found = build(Settings(data=tmp_path_factory.mktemp("data"), _env_file=None), Still(), url="memory://")
    admin = found.set_up("Demo", "en", "ada", "Ada", "correct horse 1", zone="Europe/Berlin", demo=True)
    actor = found.actor(admin.id)
    bob = found.people.add_user(actor, "bob", "Bob", None)
    found.people.add_user(actor, "eve", EVIL, None)
    found.people.save_role(actor, "manager", "Manager", (bob.id,), ())
    yield found
    found.db.close()


@pytest.fixture
def ada(workspace: Workspace) -> Member:
    return workspace.as_user("ada")


@pytest.fixture
def bob(workspace: Workspace) -> Member:
    return workspace.as_user("bob")


def test_nobody_acts_as_somebody_unknown(workspace: Workspace) -> None:
    with pytest.raises(NotFound):
        workspace.as_user("mallory")


def test_processes_are_a_list_that_shows_itself(ada: Member) -> None:
    assert {row.code for row in ada.processes} >= {"deals", "candidates"} and "deals" in repr(ada.processes)
    assert "<td>Deals</td>" in ada.processes._repr_html_()
    assert ada.process("deals").amount_field == "amount"


def test_elements_are_a_typed_table(ada: Member) -> None:
    deals = ada.elements("deals")
    assert len(deals) == 200 and deals.index.name == "id" and deals.index.is_unique
    assert deals["amount"].dtype == "Float64" and deals.loc[deals["stage"] == "Won", "amount"].sum() == 227507
    assert str(deals["created_at"].dt.tz) == "Europe/Berlin" and deals["expected_close"].dtype.kind == "M"
    assert set(deals["product"]) >= {"GTX Pro", "MG Special"} and "Darcel Schlecht" in set(deals["responsible"])
    open_deals = ada.elements("deals", {"field": "stage", "op": "in", "value": ["prospecting", "engaging"]})
    assert len(open_deals) == 52 and open_deals["closed_at"].isna().all()
    candidates = ada.elements("candidates")
    assert candidates["relocation"].dtype == "boolean" and candidates["skills"].str.contains(", ").any()
    assert list(ada.elements("deals", {"field": "stage", "op": "eq", "value": "nowhere"}).columns) == list(deals.columns)


def test_elements_as_the_card_shows_them(ada: Member) -> None:
    shown = ada.elements("deals", shown=True, limit=3)
    assert len(shown) == 3 and {"Title", "Amount", "Product", "Stage"} <= set(shown.columns)
    assert shown["Amount"].str.startswith("$").all()


def test_a_filter_that_is_none_is_told(ada: Member) -> None:
    with pytest.raises(BadValue, match="bad_filter"):
        ada.elements("deals", {"field": "amount", "op": "like"})
    with pytest.raises(Invalid):
        ada.elements("deals", {"field": "nothing", "op": "eq", "value": 1})


def test_the_history_of_an_element(ada: Member) -> None:
    won = ada.elements("deals", {"field": "stage", "op": "eq", "value": "won"}, limit=1).index[0]
    history = ada.history(int(won))
    assert list(history["what"]) == ["created", "moved", "moved"] and history["at"].is_monotonic_increasing


def test_a_funnel_is_a_table_and_bars(ada: Member) -> None:
    funnel = ada.funnel("deals")
    assert dict(funnel.frame["count"]) == {"prospecting": 14, "engaging": 38, "won": 92, "lost": 56}
    assert "$227,507" in funnel._repr_html_() and ElementTree.fromstring(f"<r>{funnel._repr_html_()}</r>") is not None
    assert "Deals" in repr(funnel)


def test_a_graph_draws_itself(ada: Member) -> None:
    drawing = ada.graph("deals", "won")
    texts = {node.text for node in ElementTree.fromstring(drawing._repr_svg_()).iter() if node.text}
    assert "Order confirmation" in texts and "pdf.done>mail" in repr(drawing)
    with pytest.raises(NotFound):
        ada.graph("deals", "nothing")


def test_rights_hold_for_everything(ada: Member, bob: Member) -> None:
    assert {row.code for row in bob.processes} == {"deals", "accounts", "products"}
    assert set(bob.elements("deals")["stage"]) == {"Won"}, "a manager sees the won ones of all, and otherwise the own"
    assert bob.funnel("deals").report.total == 92
    foreign = int(ada.elements("deals", {"field": "stage", "op": "eq", "value": "engaging"}, limit=1).index[0])
    with pytest.raises(NotFound):
        bob.element(foreign)
    won = int(bob.elements("deals").index[0])
    for denied in (
        lambda: bob.update(won, amount=1), lambda: bob.move(won, "lost"), lambda: bob.delete(won),
        lambda: bob.create("accounts", title="Mine"), lambda: bob.graph("deals", "won"), lambda: bob.design("deals"),
        lambda: bob.elements("candidates"), lambda: bob.process("candidates"), lambda: bob.funnel("candidates"),
        lambda: bob.new_process("Mine"), lambda: bob.graph("candidates", "offer"),
    ):  # fmt: skip
        with pytest.raises(Denied):
            denied()
    with pytest.raises(NotFound):
        bob.design("candidates")
    mine = bob.create("deals", title="Mine", amount=5)
    bob.comment(mine.id, "Mine")
    assert bob.move(mine.id, "engaging").stage == "engaging" and bob.element(mine.id).created_by == bob.actor.user


def test_rights_taken_away_are_gone_at_once(workspace: Workspace, ada: Member) -> None:
    cat = workspace.people.add_user(ada.actor, "cat", "Cat", None)
    workspace.people.save_role(ada.actor, "head", "Head", (cat.id,), ())
    member = workspace.as_user("cat")
    assert len(member.elements("deals")) >= 200
    workspace.people.save_role(ada.actor, "head", "Head", (), ())
    with pytest.raises(Denied):
        member.elements("deals")


def test_what_users_wrote_is_never_obeyed(workspace: Workspace, ada: Member) -> None:
    design = ada.new_process(EVIL, "evil")
    design.add_field(EVIL, code="note").add_graph(EVIL, "a>b", {"a": ("by_hand", EVIL, {}), "b": ("stop", "", {})}, "g")
    design.set_funnel(EVIL, [Stage(code="one", title=EVIL), Stage(code="won", title=EVIL, semantics="S")])
    assert design.publish() == 1
    eve = workspace.people.by_login("eve")
    assert eve
    ada.create("evil", title=EVIL, note=EVIL, responsible=eve.id)
    shown = (
        ada.processes._repr_html_(), design._repr_html_(), design.problems._repr_html_(), ada.funnel("evil")._repr_html_(),
        ada.graph("evil", "g")._repr_svg_(), design.graph("g")._repr_svg_(), ada.elements("evil")._repr_html_(),
    )  # fmt: skip
    assert not any("<script" in text for text in shown) and sum("&lt;script" in text for text in shown) >= 6


def test_a_process_is_designed_step_by_step(ada: Member) -> None:
    design = ada.new_process("Repairs", name="list")
    assert design.code == "repairs" and design.publish("first") == 1 and list(design.changes) == []
    with pytest.raises(NotAllowed, match="no_stages"):
        design.add_stage(Stage(code="x", title="X"))
    design.set_funnel("Repairs", [Stage(code="new", title="New"), Stage(code="done", title="Done", semantics="S")])
    design.add_stage(Stage(code="work", title="At work"), before="done").add_section("More", "more")
    design.add_field("Price", "money", params={"currency": "EUR"}, section="more", required_at=("done",)).change(
        amount_field="price"
    )
    design.grant("fitter", "Fitter", read="all", change="own").grant("fitter", stage="done", read="none")
    assert "New field “Price”." in repr(design.changes) and design.process.field("price")
    design.add_field("Wrong", "link", params={"process": "nowhere"})
    assert [p.code for p in design.problems if p.level == "error"] == ["unknown_process"] and "nowhere" in repr(design.problems)
    with pytest.raises(Invalid):
        design.publish()
    assert design.undo().publish("stages") == 2
    number = ada.create("repairs", title="A bike").id
    with pytest.raises(Invalid):
        ada.move(number, "done")
    assert ada.move(number, "done", price="12,50 €".replace(",", ".")).values["price"] == 12.5
    with pytest.raises(NotAllowed, match="stage_in_use"):
        design.set_funnel("Other", [Stage(code="a", title="A"), Stage(code="b", title="B", semantics="S")])
    assert isinstance(ada.elements("repairs"), pd.DataFrame) and "Repairs" in repr(design)


def test_words_that_are_none_are_told(ada: Member) -> None:
    design = ada.new_process("Words", "words")
    for wrong in (
        lambda: design.grant("manager", read="everything"), lambda: design.grant("manager", fly="all"),
        lambda: design.add_graph("G", "a->b", {"a": ("by_hand", "", {})}), lambda: design.add_graph("G", "a", {}),
    ):  # fmt: skip
        with pytest.raises(BadValue):
            wrong()


def test_the_workspace_opens_by_its_folder(tmp_path: Path) -> None:
    made = Workspace.open(tmp_path / "data")
    made.set_up("Mine", "ru", "анна", "Анна", "correct horse 1")
    made.db.close()
    again = Workspace.open(str(tmp_path / "data"))
    anna = again.as_user("анна")
    assert anna.actor.admin and repr(anna) == "Анна @ Mine" and anna.reader.locale == "ru"
    assert list(anna.processes) == []
    again.work()
    again.db.close()


NAMED = {"set_grant": "grant", "remove_role": "drop_role", "only_funnel": "set_funnel", "set_graph": "add_graph"}
"""What the notebook calls otherwise."""


def test_a_notebook_designs_all_that_the_designer_does() -> None:
    """The designer's page changes drafts by the functions of `builder.edit`, and by undo, redo, discard and restore alone."""
    changes = {
        name for name, made in inspect.getmembers(edit, inspect.isfunction)
        if not name.startswith("_") and next(iter(inspect.signature(made).parameters), "") == "process"
    }  # fmt: skip
    assert len(changes) > 20
    missing = {name for name in changes if not hasattr(Design, NAMED.get(name, name))}
    assert not missing


def test_what_is_designed_can_be_changed_and_taken_back(ada: Member) -> None:
    design = ada.new_process("Cars", code="cars").add_field("Plate", code="plate").add_section("More", "more").publish(
        "one"
    ) and (ada.design("cars"))
    design.change_field("plate", required=True).move_fields({"more": ["plate"]}).change_section("more", "Papers")
    assert design.process.field("plate").required and design.process.field("plate").section == "more"
    design.add_funnel(
        "Repair", [Stage(code="in_work", title="In work"), Stage(code="ready", title="Ready", semantics="S")], "repair"
    )
    design.add_stage(Stage(code="wait", title="Waits"), before="ready", funnel="repair").change_stage(
        "wait", title="Waits for parts"
    )
    design.order_stages("repair", ["wait", "in_work", "ready"]).order_funnels(["repair"]).change_funnel("repair", "Repairs")
    assert [stage.title for stage in design.process.funnel("repair").stages] == ["Waits for parts", "In work", "Ready"]
    design.remove_stage("wait").undo()
    assert design.process.stage("wait") and design.redo().process.stage("wait") is None
    design.remove_field("plate").restore_field("plate").order_sections(["more"]).remove_section("more").remove_funnel("repair")
    assert design.process.field("plate").section != "more" and design.process.funnel("repair") is None
    assert design.restore(1).changes == [] and design.change(title="Vans").discard().process.title == "Cars"
