"""Edits keep a process sound, whatever their order."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builder import edit
from builder.changes import changes
from builder.check import problems
from builder.presets import preset
from builder.stages import LOST_COLOR, PALETTE, WON_COLOR, in_order, next_color
from locales import NAMES, Language
from model.access import Action, Level, Role
from model.errors import Invalid, NotAllowed, NotFound, VoronkaError
from model.field import CODE, SYSTEM, Field, FieldType
from model.graph import Graph
from model.kind import Catalog
from model.process import Process, Stage

TYPES = Catalog.scan("builder.fields", FieldType)
NONE: Any = Catalog({})
HEAD = Role(code="head", title="Head")


def errors(process: Process) -> list[str]:
    """What proof-reading finds, but for what edits know nothing of: robots, and which types can be added up."""
    return [
        f"{p.path}: {p.code}"
        for p in problems(process, TYPES, NONE, NONE)
        if p.level == "error" and not p.path.startswith("graphs") and p.code != "amount_not_summable"
    ]


# --- codes -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "code"),
    [
        ("Сумма сделки", "summa_sdelki"),
        ("Объект", "obekt"),
        ("Щётка №5", "shchetka_no5"),
        ("Close date", "close_date"),
        ("2nd call", "item_2nd_call"),
        ("!!!", "item"),
        ("Título", "titulo"),
        ("stage", "stage_2"),
        ("снова_и_снова", "snova_i_snova"),
    ],
)
def test_a_code_is_made_of_a_title(title: str, code: str) -> None:
    assert edit.code_for(title) == code


@given(st.text(max_size=80), st.sets(st.sampled_from(["item", "item_2", "a", "a_2", "stage"])))
def test_a_code_is_always_well_formed_and_free(title: str, taken: set[str]) -> None:
    code = edit.code_for(title, taken)
    assert CODE.match(code) and code not in taken and code not in SYSTEM
    assert edit.code_for(title, {*taken, code}) != code


# --- fields and sections -----------------------------------------------------------------------------------------------


def test_fields_come_go_and_come_back(deals: Process) -> None:
    more = edit.add_field(deals, Field(code="note", title="Note", section="nowhere", required_at=("new", "gone")), before="due")
    assert [f.code for f in more.fields][:3] == ["amount", "note", "due"]
    assert more.field("note").section == "main" and more.field("note").required_at == ("new",)
    less = edit.remove_field(more, "amount")
    assert less.amount_field == "" and [f.code for f in less.removed_fields] == ["amount"]
    with pytest.raises(NotAllowed, match="code_taken"):
        edit.add_field(less, Field(code="amount", title="Other"))
    assert edit.restore_field(less, "amount").fields[-1].code == "amount"
    assert edit.change_field(deals, "amount", title="Sum").field("amount").title == "Sum"
    with pytest.raises(Invalid) as refused:
        edit.change_field(deals, "amount", title="")
    assert refused.value.problems[0].path == "title" and refused.value.problems[0].code == "param.string_too_short"
    with pytest.raises(NotAllowed):
        edit.change_field(deals, "amount", code="other")
    with pytest.raises(NotFound):
        edit.remove_field(deals, "nothing")


def test_the_card_is_arranged_by_sections(deals: Process) -> None:
    two = edit.add_section(deals, "Client")
    moved = edit.move_fields(two, {"client": ["owner", "mail"], "main": ["source"]})
    assert [(f.section, f.code) for f in moved.fields] == [
        ("main", "source"), ("main", "amount"), ("main", "due"), ("client", "owner"), ("client", "mail"),
    ]  # fmt: skip
    assert [s.code for s in edit.order_sections(moved, ["client"]).sections] == ["client", "main"]
    assert {f.section for f in edit.remove_section(moved, "main").fields} == {"client"}
    with pytest.raises(NotAllowed, match="last_section"):
        edit.remove_section(deals, "main")


# --- stages ------------------------------------------------------------------------------------------------------------


def codes(process: Process) -> str:
    return " ".join(s.code for s in process.stages())


def test_stages_keep_their_order(deals: Process) -> None:
    assert codes(edit.add_stage(deals, "main", Stage(code="call", title="Call"))) == "new work call won lost"
    assert codes(edit.add_stage(deals, "main", Stage(code="call", title="Call"), before="work")) == "new call work won lost"
    assert codes(edit.order_stages(deals, "main", ["lost", "won", "work", "new"])) == "work new won lost"
    assert codes(edit.change_stage(deals, "new", semantics="F")) == "work won new lost"
    swapped = edit.change_stage(deals, "work", semantics="S")
    assert codes(swapped) == "new won work lost" and swapped.stage("won").semantics == "P"


@pytest.mark.parametrize(
    ("edit_it", "code"),
    [
        (lambda p: edit.remove_stage(p, "won"), "no_success_stage"),
        (lambda p: edit.change_stage(p, "won", semantics="F"), "no_success_stage"),
        (lambda p: edit.add_stage(p, "main", Stage(code="s", title="S", semantics="S")), "second_success_stage"),
        (lambda p: edit.remove_stage(edit.remove_stage(p, "new"), "work"), "no_progress_stage"),
        (lambda p: edit.add_stage(p, "main", Stage(code="won", title="Won")), "code_taken"),
        (lambda p: edit.add_funnel(p, "Second", [Stage(code="a", title="A")]), "no_success_stage"),
    ],
)
def test_a_funnel_stays_a_funnel(deals: Process, edit_it: Any, code: str) -> None:
    with pytest.raises(NotAllowed, match=code):
        edit_it(deals)


def test_what_speaks_of_a_removed_stage_forgets_it(deals: Process) -> None:
    spoken = edit.change_field(deals, "amount", required_at=("work", "won"))
    spoken = edit.set_grant(spoken, HEAD, Action.READ, Level.NONE, "work")
    slim = edit.remove_stage(spoken, "work")
    assert slim.field("amount").required_at == ("won",) and not [g for g in slim.grants if g.stage]
    assert errors(slim) == []


def test_a_second_funnel_gets_codes_of_its_own(deals: Process) -> None:
    both = edit.add_funnel(deals, "Partners", deals.funnels[0].stages)
    assert len({s.code for s in both.stages()}) == 8 and errors(both) == []
    assert edit.remove_funnel(both, "partners") == deals
    assert [f.code for f in edit.order_funnels(both, ["partners"]).funnels] == ["partners", "main"]


# --- rights, robots, the rest ------------------------------------------------------------------------------------------


def test_rights_are_set_and_taken_away(deals: Process) -> None:
    given_ = edit.set_grant(deals, HEAD, Action.READ, Level.OWN)
    given_ = edit.set_grant(given_, HEAD, Action.READ, Level.ALL)
    assert [g.level for g in given_.grants if g.role == "head"] == [Level.ALL] and given_.roles[-1] == HEAD
    assert edit.remove_role(given_, "head") == deals
    assert not [g for g in edit.set_grant(given_, HEAD, Action.READ, None).grants if g.role == "head"]


def test_graphs_are_added_replaced_and_removed(deals: Process) -> None:
    more = edit.add_graph(deals, "Поздравить")
    assert more.graphs[-1] == Graph(code="pozdravit", title="Поздравить")
    off = edit.set_graph(more, Graph(code="pozdravit", title="Off", enabled=False))
    assert len(off.graphs) == 2 and not off.graph("pozdravit").enabled
    assert edit.remove_graph(off, "pozdravit") == deals


def test_the_process_itself_is_changed_by_its_own_words_only(deals: Process) -> None:
    assert edit.change(deals, title="Sales", color="#112233").title == "Sales"
    with pytest.raises(NotAllowed):
        edit.change(deals, code="other")
    with pytest.raises(NotFound):
        edit.change(deals, amount_field="nothing")
    with pytest.raises(Invalid):
        edit.change(deals, color="red")


# --- any sequence ------------------------------------------------------------------------------------------------------

some_code = st.sampled_from(
    ["amount", "due", "note", "main", "client", "new", "work", "won", "lost", "call", "second", "manager"]
)
semantics = st.sampled_from(["P", "S", "F"])
stage_codes = st.lists(st.sampled_from(["new", "work", "won", "lost", "call"]), max_size=4)
steps = st.one_of(
    st.tuples(st.just(edit.add_field), st.builds(Field, code=some_code, title=some_code, section=some_code,
                                                 required_at=stage_codes.map(tuple), kind=st.sampled_from(["string", "money"]))),
    st.tuples(st.just(edit.remove_field), some_code),
    st.tuples(st.just(edit.restore_field), some_code),
    st.tuples(st.just(edit.move_fields), st.dictionaries(st.sampled_from(["main", "client"]), st.lists(some_code, max_size=3))),
    st.tuples(st.just(edit.add_section), some_code),
    st.tuples(st.just(edit.remove_section), some_code),
    st.tuples(st.just(edit.order_sections), st.lists(some_code, max_size=3)),
    st.tuples(st.just(edit.add_stage), st.sampled_from(["main", "second"]),
              st.builds(Stage, code=some_code, title=some_code, semantics=semantics), some_code),
    st.tuples(st.just(lambda p, code, s: edit.change_stage(p, code, semantics=s)), some_code, semantics),
    st.tuples(st.just(edit.order_stages), st.sampled_from(["main", "second"]), stage_codes),
    st.tuples(st.just(edit.remove_stage), some_code),
    st.tuples(st.just(edit.add_funnel), some_code,
              st.lists(st.builds(Stage, code=some_code, title=some_code, semantics=semantics), max_size=4)),
    st.tuples(st.just(edit.remove_funnel), some_code),
    st.tuples(st.just(edit.set_grant), st.just(HEAD), st.sampled_from([Action.READ, Action.CHANGE]), st.sampled_from(Level),
              st.sampled_from(["", "new", "work", "call"])),
    st.tuples(st.just(edit.remove_role), some_code),
    st.tuples(st.just(lambda p, code: edit.change(p, amount_field=code)), st.sampled_from(["amount", ""])),
)  # fmt: skip


@settings(max_examples=150)
@given(st.lists(steps, max_size=20), st.sampled_from(["scratch", "all_inclusive", "list"]))
def test_any_sequence_of_edits_keeps_the_process_sound(sequence: list[Any], name: Any) -> None:
    process = preset(name, "deals", "Deals", lambda key: key)
    for do, *arguments in sequence:
        try:
            after = do(process, *arguments)
        except VoronkaError:
            continue
        assert errors(after) == [], do
        assert Process.read(after.dump()) == after
        for locale in NAMES:
            assert not any("{" in told.say(Language(locale)) for told in changes(process, after))
        assert (
            bool(changes(process, after))
            or after.removed_fields != process.removed_fields
            or after == process
            or do is edit.set_grant
        )
        process = after


# --- the colours -------------------------------------------------------------------------------------------------------

VISION = {
    "usual": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritanopia": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
"""Machado, Oliveira, Fernandes 2009, severity 1, in linear RGB."""
XYZ = ((0.4124, 0.3576, 0.1805), (0.2126, 0.7152, 0.0722), (0.0193, 0.1192, 0.9505))


def linear(color: str) -> list[float]:
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]


def times(matrix: Any, vector: list[float]) -> list[float]:
    return [sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix]


def lab(rgb: list[float]) -> list[float]:
    white = (0.9505, 1.0, 1.089)
    xyz = [v / w for v, w in zip(times(XYZ, [min(1, max(0, c)) for c in rgb]), white, strict=True)]
    x, y, z = (t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in xyz)
    return [116 * y - 16, 500 * (x - y), 200 * (y - z)]


@pytest.mark.parametrize("vision", VISION)
def test_stage_colours_stay_apart_for_everybody(vision: str) -> None:
    seen = [lab(times(VISION[vision], linear(c))) for c in (*PALETTE, WON_COLOR, LOST_COLOR)]
    apart = min(sum((a - b) ** 2 for a, b in zip(p, q, strict=True)) ** 0.5 for n, p in enumerate(seen) for q in seen[:n])
    assert apart > 19


@pytest.mark.parametrize("color", [*PALETTE, WON_COLOR, LOST_COLOR])
def test_stage_colours_stand_out_in_both_themes(color: str) -> None:
    light = times(XYZ, linear(color))[1] + 0.05
    assert 1.05 / light > 1.7 and light / 0.0585 > 1.9
    assert max(1.05 / light, light / 0.05) > 4.5, "white or black text on it passes AA"


def test_a_new_stage_takes_the_colour_that_is_used_least(deals: Process) -> None:
    assert next_color(deals) == PALETTE[0]
    used = deals
    for number in range(10):
        color = next_color(used)
        used = edit.add_stage(used, "main", Stage(code=f"s{number}", title="S", color=color))
    assert {s.color for s in used.stages() if s.code.startswith("s")} == set(PALETTE)
    assert in_order(tuple(reversed(deals.funnels[0].stages)))[0].code == "work"
