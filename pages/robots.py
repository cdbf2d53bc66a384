"""Robots: how each graph does, what its runs did and why they failed, and the letters and calls on their way out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Literal

import streamlit as st

from model.access import Action, may
from model.errors import VoronkaError
from model.process import Process
from model.run import Run
from pages.parts import components, frame, processes, robots_view
from pages.parts.design import drawing
from pages.parts.funnel_view import when
from pages.parts.labels import labels
from pages.parts.text import plain
from pages.parts.user import require_user
from runtime.outbox import OutboxRow

user = require_user()
t = user.reader.t
engine, outbox = user.workspace.engine, user.workspace.outbox
STATES = ("all", "waiting", "failed", "stopped", "done")
SHOWN = 100
"""Newest runs, letters and calls in a table."""
FEW = 14
"""Rows of a table that needs no scrolling."""
OPEN = ("ready", "waiting")
BULK: Mapping[str, Literal["retry", "cancel"]] = {"failed": "retry", "waiting": "cancel"}
"""What can be done at once with all the runs of a state."""
ICONS = {"retry": ":material/replay:", "cancel": ":material/stop:"}


def _graphs(process: Process) -> None:
    report = user.workspace.insight.robots(user.actor, process.code)
    rows = robots_view.graph_rows(user, process, report.graphs)
    names = list(rows[0])
    figures = {name: st.column_config.TextColumn(alignment="right", width=95) for name in names[1:6]}
    figures |= {name: st.column_config.TextColumn(alignment="right", width=140) for name in names[6:8]}
    st.dataframe(rows, hide_index=True, height="content", column_config=figures)


# --- runs ---------------------------------------------------------------------------------------------------------------


def _runs(process: Process) -> None:
    """The runs at the left, the chosen one at the right: the newest failed one, else the newest."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        state = st.segmented_control(
            t("robots.state"), STATES, default="all", required=True, label_visibility="collapsed", key="robots:state",
            format_func=lambda s: t("robots.all") if s == "all" else t(f"robots.{s}"),
        )  # fmt: skip
        graphs = {"": t("robots.all_graphs"), **{g.code: g.title for g in process.graphs}}
        graph = st.selectbox(
            t("robots.graph"), list(graphs), format_func=graphs.__getitem__, key=f"robots:graph:{process.code}", width=240,
            label_visibility="collapsed",
        )  # fmt: skip
        st.button(t("robots.refresh"), icon=":material/refresh:", type="tertiary", key="robots:refresh")
    found = engine.runs(
        user.actor, process=process.code, state=None if state == "all" else state, limit=SHOWN * (5 if graph else 1)
    )
    runs = [run for run in found if graph in ("", run.graph)][:SHOWN]
    if not runs:
        st.caption(t("robots.no_runs") if state == "all" and not graph else t("robots.no_such_runs"))
        return
    _many(process, state, graph)
    titles = user.workspace.elements.titles(user.actor, [run.element for run in runs if run.element])
    left, right = st.columns([3, 2], gap="medium")
    with left:
        rows = robots_view.run_rows(user.reader, process, runs, titles)
        chosen = _chosen(rows, [run.id for run in runs], f"robots:run:{process.code}:{state}:{graph}")
        if len(runs) == SHOWN:
            st.caption(t("robots.first", n=SHOWN))
    with right, st.container(border=True, key="robots-run"):
        _run(process, runs[chosen], titles)
    if any(run.state == "ready" for run in runs):
        _watch("runs", lambda: not engine.runs(user.actor, process=process.code, state="ready", limit=1))


def _many(process: Process, state: str, graph: str) -> None:
    """Try all the failed runs again that are shown, or stop all that wait; asked once more before."""
    if state not in BULK:
        return
    ids = engine.changeable(user.actor, process.code, OPEN if state == "waiting" else [state], graph)
    if len(ids) < 2:
        return
    act = BULK[state]
    with st.popover(t(f"robots.{act}_all", n=len(ids)), icon=ICONS[act]):
        st.write(t(f"robots.{act}_all_sure", n=len(ids)))
        current = f"robots:current:{process.code}:{graph}"
        if act == "retry":
            st.toggle(t("robots.with_current"), key=current)
        st.button(
            t(f"robots.{act}_all_do"), type="primary", key=f"robots:{act}:all:{process.code}:{graph}",
            on_click=_all, args=(act, ids, current),
        )  # fmt: skip


def _all(act: str, ids: list[int], current: str) -> None:
    """current: the key of the switch, which may have been set in the same moment in which the button was pressed."""
    one = partial(engine.retry, current=st.session_state[current]) if act == "retry" else engine.cancel
    done, refused = engine.many(one, user.actor, ids)
    st.toast(plain(t("robots.all_done", n=done)), icon=":material/check:")
    if refused:
        st.toast(plain(t("robots.all_refused", n=refused)), icon=":material/error:")


@st.fragment
def _watch(what: str, over: Callable[[], bool]) -> None:
    """Look every second whether what is under way has ended, and then show how."""
    if over():
        st.rerun()
    components.pulse(f"robots:watch:{what}", 1)


def _chosen(rows: list[dict[str, str]], ids: list[int], key: str) -> int:
    """A table of which one row is chosen, at first the first. It stays chosen by its id when newer ones come above it."""
    shown: Any = st.dataframe(
        rows, hide_index=True, height="content" if len(rows) <= FEW else 560, on_select="rerun", selection_mode="single-row",
        key=f"{key}:{ids[0]}:{len(ids)}",
    )  # fmt: skip
    for row in shown["selection"]["rows"] if shown else ():
        st.session_state[key] = ids[row]
    held = st.session_state.setdefault(key, ids[0])
    return ids.index(held) if held in ids else 0


def _run(process: Process, run: Run, titles: dict[int, str]) -> None:
    """One run: for what, how it ended and why, what can be done about it, and what each robot did."""
    home = robots_view.home_of(user, process, run)
    name = titles.get(run.element or 0, "") or t("robots.no_element")
    st.markdown(f"#### {robots_view.MARKS[run.state]} {plain(name)}")
    ended = robots_view.lasted(user.reader, robots_view.seconds_of(run)) if run.finished_at else ""
    told = [robots_view.title(user, home, run.graph), t(f"run.state.{run.state}"), when(user.reader, run.started_at), ended]
    st.caption(plain(" · ".join(part for part in told if part)))
    if by := robots_view.started_by(user, home, run):
        st.caption(plain(t("robots.started_by", what=by)))
    if why := robots_view.reason(user.reader, run):
        (st.error if run.state == "failed" else st.info)(plain(why))
    elif run.state in OPEN and run.due:
        st.info(plain(t("robots.until", at=when(user.reader, run.due))))
    if run.state in OPEN and (stuck := engine.stuck([run.id]).get(run.id)):
        st.warning(plain(t(f"run.stuck.{stuck}")))
    _acts(process, home, run, run.element in titles)
    if run.trace:
        st.markdown(robots_view.steps(user, home, run))
    else:
        st.caption(t("robots.no_steps"))


def _acts(process: Process, home: Process, run: Run, known: bool) -> None:
    graph = home.graph(run.graph)
    with st.container(horizontal=True, gap="small"):
        if run.state == "failed" and _may_change(process, run):
            again = partial(_try, engine.retry, run.id, t("robots.retried"))
            st.button(t("robots.retry"), icon=":material/replay:", type="primary", key=f"retry-{run.id}", on_click=again)
            version = user.workspace.processes.published(process.code)
            if version is not None and version.number != run.version:
                newly = partial(_try, partial(engine.retry, current=True), run.id, t("robots.retried"))
                st.button(
                    t("robots.retry_current"), icon=":material/update:", key=f"retry-current-{run.id}", on_click=newly,
                    help=t("robots.retry_current_help", old=run.version, new=version.number),
                )  # fmt: skip
        if run.state in OPEN and _may_change(process, run):
            stop = partial(_try, engine.cancel, run.id, t("robots.cancelled"))
            st.button(t("robots.cancel"), icon=":material/stop:", key=f"cancel-{run.id}", on_click=stop)
        if known and st.button(t("robots.open"), icon=":material/open_in_new:", key=f"goto-{run.id}"):
            frame.go("card", id=run.element)
        if graph and st.button(t("robots.show"), icon=":material/account_tree:", key=f"draw-{run.id}"):
            st.dialog(plain(graph.title), width="large")(_draw)(home, run)


def _may_change(process: Process, run: Run) -> bool:
    """Whether retrying and stopping is this person's to do; the engine asks again."""
    if run.element is None:
        return may(process, user.actor, Action.ROBOTS)
    try:
        element = user.workspace.elements.get(user.actor, run.element)
    except VoronkaError:
        return False
    return user.workspace.elements.may(user.actor, element, Action.CHANGE)


def _draw(home: Process, run: Run) -> None:
    """The run's graph as it was, each robot in the colour of what it did."""
    graph = home.graph(run.graph)
    if graph is not None:
        components.canvas(
            f"robots-canvas-{run.id}", f"{run.id}:{len(run.trace)}", robots_view.drawn(user, home, graph, run),
            drawing.edges(graph), [], labels(user.reader, "canvas"), readonly=True,
        )  # fmt: skip


def _try(act: Callable[..., Any], number: int, done: str) -> None:
    """Do it and say so; what refuses says why."""
    try:
        act(user.actor, number)
        st.toast(plain(done), icon=":material/check:")
    except VoronkaError as refused:
        st.toast(plain(user.explain(refused)), icon=":material/error:")


# --- the outbox ---------------------------------------------------------------------------------------------------------


def _outbox(process: Process) -> None:
    rows = outbox.rows(user.actor, process=process.code, limit=SHOWN)
    if not rows:
        st.caption(t("robots.outbox_empty"))
        return
    if not outbox.has_mail_server() and any(row.state == "held" for row in rows):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.warning(t("robots.no_mail_server"), icon=":material/mail_off:")
            if user.actor.admin and st.button(t("robots.to_settings"), key="robots:settings"):
                frame.go("settings")
    titles = user.workspace.elements.titles(user.actor, [row.element for row in rows if row.element])
    left, right = st.columns([3, 2], gap="medium")
    with left:
        lines = robots_view.out_rows(user.reader, rows, titles)
        chosen = _chosen(lines, [row.id for row in rows], f"robots:letter:{process.code}")
    with right, st.container(border=True, key="robots-letter"):
        _letter(rows[chosen], titles)
    if any(_going(row) for row in rows):
        _watch("outbox", lambda: not any(_going(row) for row in outbox.rows(user.actor, process=process.code, limit=SHOWN)))


def _going(row: OutboxRow) -> bool:
    """Whether it is on its way this moment, not waiting for another try."""
    return row.state == "sending" or (row.state == "waiting" and not row.attempts)


def _letter(row: OutboxRow, titles: dict[int, str]) -> None:
    """One letter or call: how it stands, what can be done, the whole text, and what was answered."""
    st.markdown(f"#### {robots_view.MARKS[robots_view.OUT_MARKS[row.state]]} {plain(row.subject)}")
    st.caption(plain(t("robots.to_whom", to=robots_view.out_to(row))))
    tried = t("robots.tries", n=row.attempts) if row.attempts > 1 else ""
    due = t("robots.next", at=when(user.reader, row.next_at)) if row.state == "waiting" and row.attempts else ""
    told = [robots_view.out_state(user.reader, row), when(user.reader, row.sent_at or row.at), tried, due]
    st.caption(plain(" · ".join(part for part in told if part)))
    with st.container(horizontal=True, gap="small"):
        if user.actor.admin and row.state in ("failed", "held"):
            again = partial(_try, outbox.resend, row.id, t("robots.resent"))
            away = partial(_try, outbox.discard, row.id, t("robots.discarded"))
            stuck = row.kind == "mail" and not outbox.has_mail_server()
            st.button(
                t("robots.resend"), icon=":material/send:", key=f"resend-{row.id}", on_click=again, disabled=stuck,
                type="secondary" if stuck else "primary",
            )  # fmt: skip
            st.button(t("robots.discard"), icon=":material/delete:", key=f"discard-{row.id}", on_click=away)
        if row.element in titles and st.button(t("robots.open"), icon=":material/open_in_new:", key=f"letter-goto-{row.id}"):
            frame.go("card", id=row.element)
    with st.expander(t(f"robots.text.{row.kind}"), expanded=row.kind == "mail"):
        st.text(row.payload.get("body") or t("robots.no_text"))
    if files := row.payload.get("files"):
        st.caption(plain(t("robots.files", names=", ".join(user.reader.file(number) for number in files))))
    answer = str(row.result.get("text") or row.result.get("detail") or "")
    if answer or row.result.get("status"):
        with st.expander(plain(t("robots.answer", code=row.result.get("status") or "—"))):
            st.text(answer or "—")


# --- the page -----------------------------------------------------------------------------------------------------------


def _choose(found: dict[str, Process]) -> Process:
    """The process named by `?process=`, else the last one looked at if it has robots, else the first that has."""
    asked = st.query_params.get("process") or st.session_state.get("process")
    with_robots = [code for code, process in found.items() if process.graphs]
    fitting = (
        asked if asked in found and (found[asked].graphs or st.query_params.get("process")) else next(iter(with_robots), None)
    )
    first = fitting or next(iter(found))
    code = st.selectbox(
        t("robots.process"), list(found), index=list(found).index(first), format_func=lambda c: found[c].title,
        key=f"robots:process:{first}", width=320, label_visibility="collapsed",
    )  # fmt: skip
    return found[code]


def _page(found: dict[str, Process]) -> None:
    process = _choose(found)
    with frame.guard(user.reader):
        robots_view.stumbling(user)
        if not process.graphs:
            draw = (t("robots.draw"), lambda: frame.go("designer", process=process.code, tab="robots"))
            frame.empty("smart_toy", t("robots.none"), draw if may(process, user.actor, Action.SETTINGS) else None, key="robots")
            return
        _graphs(process)
        looks_after = may(process, user.actor, Action.ROBOTS)
        history, *letters = st.tabs([t("robots.history"), *([t("robots.outbox")] if looks_after else [])])
        with history:
            _runs(process)
        for tab in letters:
            with tab:
                _outbox(process)


mine = [p for p in processes.readable(user) if may(p, user.actor, Action.ROBOTS) or may(p, user.actor, Action.SETTINGS)]
frame.page(t("nav.robots"), icon="smart_toy")
if mine:
    _page({process.code: process for process in mine})
else:
    make = (t("process.create"), lambda: frame.go("processes")) if user.actor.admin else None
    frame.empty("smart_toy", t("process.none" if user.actor.admin else "robots.no_right"), make, key="robots")
