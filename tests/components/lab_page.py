"""The page of the lab: the component named by `?c=`, its sample data, and what it told Python."""

import json
import time

import streamlit as st
from lab_data import (
    GRAPH_GROUPS,
    LABELS,
    PALETTE,
    big_graph,
    board_data,
    funnel,
    graph,
    sections,
    sort_groups,
    stages,
    timeline_items,
)

from pages.parts import components

st.set_page_config(layout="wide")
query = st.query_params
name = query.get("c", "board")
state = st.session_state
echo = state.setdefault("echo", [])


def tell(event, act=None):
    def run(value):
        echo.append({"event": event, "value": value})
        if act:
            act(value)

    return run


def show_board():
    if "cards" not in state:
        state.columns, state.cards = board_data(int(query.get("n", 40)))
        state.refused = []

    def move(value):
        if value["to"] == "won":
            refusal = {"element": value["element"], "reason": "Заполните «Сумму», чтобы закрыть сделку", "nonce": value["nonce"]}
            state.refused = [*state.refused, refusal]
            return
        card = next(c for c in state.cards if c["id"] == value["element"])
        state.cards.remove(card)
        card |= {"col": value["to"], "version": card["version"] + 1}
        before = [c for c in state.cards if c["col"] == value["to"]]
        at = state.cards.index(before[value["index"]]) if value["index"] < len(before) else len(state.cards)
        state.cards.insert(at, card)

    def add(value):
        template = dict(state.cards[0]) if state.cards else {}
        state.cards.insert(
            0, template | {"id": 10_000 + len(state.cards), "col": value["stage"], "title": value["title"], "marks": []}
        )

    def draw():
        for column in state.columns:
            column["count"] = sum(c["col"] == column["id"] for c in state.cards) + column["more"]
        time.sleep(float(query.get("slow", 0)))
        if query.get("tick"):
            state.cards[-1]["lines"][0]["text"] = f"{time.time():.1f}"
        components.board(
            "kb",
            state.columns,
            state.cards,
            LABELS["board"],
            live=bool(query.get("live")),
            refused=state.refused,
            on_move=tell("move", move),
            on_open=tell("open"),
            on_add=tell("add", add),
            on_more=tell("more"),
            on_poke=tell("poke"),
        )
        st.button("New session", on_click=lambda: [state.pop(name) for name in ("kb:talk", "kb:heard")])
        show_echo()

    st.fragment(draw, run_every=0.25 if query.get("tick") else None)()


def show_canvas():
    nodes, edges = big_graph(int(query["big"])) if "big" in query else graph(query.get("state") == "1")
    if query.get("empty"):
        nodes, edges = [], []
    if state.get("changed"):
        nodes[1] |= {"label": "Переименовано", "ports": nodes[1]["ports"][:1], "problems": ["Нет поля «Сумма»"]}
    if state.get("revised"):
        nodes[0] |= {"x": 0, "y": 400}
        nodes, edges = nodes[:3], edges[:2]
    components.canvas(
        "cv",
        2 if state.get("revised") else 1,
        nodes,
        edges,
        PALETTE,
        LABELS["canvas"],
        groups=GRAPH_GROUPS,
        readonly=bool(query.get("readonly")),
        selected=state.get("chosen", query.get("selected")),
        on_graph_change=tell("graph"),
        on_selected_change=tell("selected"),
        on_action=tell("action"),
    )
    with st.container(horizontal=True):
        st.button("Change", on_click=state.update, kwargs={"changed": True})
        st.button("Revise", on_click=state.update, kwargs={"revised": True})
        st.button("Choose", on_click=state.update, kwargs={"chosen": "boss"})


def show_sorter():
    components.sorter(
        "so",
        sort_groups(query.get("kinds")),
        LABELS["sorter"],
        state.get("picked"),
        cross=bool(query.get("cross", "1")),
        on_order_change=tell("order"),
        on_select_change=tell("select", lambda v: state.update(picked=v)),
        on_remove=tell("remove"),
        on_add=tell("add"),
    )


def show_stagebar():
    refuse = query.get("refuse")
    components.stagebar(
        "sb",
        stages(bool(query.get("evil"))),
        state.get("stage", query.get("at", "offer")),
        LABELS["stagebar"],
        bool(query.get("disabled")),
        on_move=tell("move", lambda v: refuse or state.update(stage=v)),
    )


def show_timeline():
    components.timeline("tl", timeline_items(), LABELS["timeline"], more=12, on_open=tell("open"), on_more=tell("more"))


def show_funnelbars():
    components.funnelbars(
        "fb", funnel(), LABELS["funnelbars"], state.get("picked"), on_pick=tell("pick", lambda v: state.update(picked=v))
    )


def show_facts():
    components.facts("fa", sections(), LABELS["facts"], not query.get("readonly"), on_edit=tell("edit"), on_open=tell("open"))


def show_echo():
    st.text(json.dumps(echo, ensure_ascii=False))


{
    "board": show_board,
    "canvas": show_canvas,
    "sorter": show_sorter,
    "stagebar": show_stagebar,
    "timeline": show_timeline,
    "funnelbars": show_funnelbars,
    "facts": show_facts,
}[name]()
if name != "board":
    st.button("Rerun")
    show_echo()
