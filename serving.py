"""What Voronka mends of Streamlit's server while it starts."""

from __future__ import annotations

import socket
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from streamlit import config
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.Common_pb2 import FileUploaderState
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.scriptrunner import script_runner
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData
from streamlit.runtime.state import SessionState
from streamlit.runtime.state.common import unpack_widget_state_value
from streamlit.runtime.state.session_state import Serialized
from streamlit.web.server.starlette import starlette_server

from api.open_pages import PERSON

LARGEST_FRAME = 8 * 1024 * 1024
"""Bytes that are put together in memory for one frame of a browser, before anybody can look at it."""
AT_A_TIME, AT_MOST = 2, 3
"""Page runs of one person at a time: of those that are not long yet, and of all."""
LONG = 5.0
"""Seconds after which a run is a long one."""


def send_at_once() -> None:
    """Take Nagle's algorithm off the connections of Streamlit's server.

    It opens its socket without naming TCP, by which asyncio knows where to do that itself; each page run then waits some 40 ms
    for the browser's acknowledgement (measured: 48 ms instead of 7). Connections inherit what the listening socket has.
    """
    bind = starlette_server._bind_socket

    def bound(address: str, port: int, backlog: int) -> socket.socket:
        made = bind(address, port, backlog)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return made

    starlette_server._bind_socket = bound


def run_all_that_is_told() -> None:
    """Run what a request tells of, not only the one fragment that it names.

    Streamlit's front end sends what is told within one tick as one request, for a fragment if any of it stands in one: what was
    typed into a search in the tick in which news came to the board was taken down, and the board was drawn as before. And a
    session that has run nothing yet, of a server started anew, passed over what a page asked of fragments it knew from before.
    So whatever stands in no fragment runs the whole page, and what stands in several runs each of them.
    """
    request = AppSession.request_rerun

    def requested(session: AppSession, asked: ClientState | None) -> None:
        if asked is None or not asked.fragment_id:
            return request(session, asked)
        state = session.session_state
        others = {_place(state, told) for told in asked.widget_states.widgets if _is_news(state, told, asked.fragment_id)}
        if not len(state) or None in others:
            asked.ClearField("fragment_id")
            return request(session, asked)
        for place in (asked.fragment_id, *filter(None, others)):
            request(session, _part(state, asked, place))

    AppSession.request_rerun = requested  # type: ignore[assignment, method-assign]


def _place(state: SessionState, told: WidgetState) -> str | None:
    """The fragment that this widget stands in."""
    drawn = state.get_widget_metadata(told.id)
    return drawn.fragment_id if drawn else None


def _is_news(state: SessionState, told: WidgetState, but: str) -> bool:
    """Whether this widget was pressed or is told to be something else than it was, and does not stand in that fragment."""
    drawn = state.get_widget_metadata(told.id)
    if drawn is None or drawn.fragment_id == but:
        return False
    if _is_press(told):
        return bool(unpack_widget_state_value(told))
    held = state._new_widget_state.states.get(told.id)
    if isinstance(held, Serialized):  # no run has looked at it since it was told
        return held.value != told
    try:
        used = state._getitem(told.id, None)  # the last run may not have been told of it: the browser had not drawn it yet
    except KeyError:
        return False
    value = unpack_widget_state_value(told)
    if told.HasField("file_uploader_state_value"):  # files are found within a run only
        return _files(drawn.serializer(used)) != _files(value)
    return bool(used != drawn.deserializer(value))


def _files(state: FileUploaderState) -> list[str]:
    return [file.file_id for file in state.uploaded_file_info]


def _is_press(told: WidgetState) -> bool:
    """Whether this is told only when it happens, and held by nobody."""
    return (told.WhichOneof("value") or "").endswith("trigger_value")


def _part(state: SessionState, asked: ClientState, place: str) -> ClientState:
    """What is asked of one fragment: presses in others are not told to it, for each is to be heard once."""
    part = ClientState()
    part.CopyFrom(asked)
    part.fragment_id = place
    kept = [told for told in asked.widget_states.widgets if not _is_press(told) or _place(state, told) == place]
    del part.widget_states.widgets[:]
    part.widget_states.widgets.extend(kept)
    return part


def know_people(upload_megabytes: int) -> None:
    """Let a page belong to the person that the gate names: nobody else can come back to it, or send files into it."""
    config.set_option("server.trustedUserHeaders", {PERSON: "person"})
    config.set_option("server.maxUploadSize", upload_megabytes)


def bound_frames() -> None:
    """Have the server take no larger frame than people need: Streamlit's 200 MB are meant for what it sends itself."""
    given = starlette_server._get_uvicorn_config_kwargs

    def bounded() -> dict[str, Any]:
        return {**given(), "ws_max_size": LARGEST_FRAME}

    starlette_server._get_uvicorn_config_kwargs = bounded


class Turns:
    """So many page runs of one person at a time; the next ones wait. Others never wait for them.

    Each open page runs in a thread of its own, and all threads share one processor: whoever keeps twenty pages running would
    leave everybody else a twentieth. A run that takes long (an import) stops counting, so that it does not keep its person from
    all else, but only so many of them do.
    """

    def __init__(self, at_a_time: int = AT_A_TIME, at_most: int = AT_MOST, clock: Callable[[], float] = time.monotonic) -> None:
        self._at_a_time, self._at_most, self._clock = at_a_time, at_most, clock
        self._changed = threading.Condition()
        self._running = defaultdict[str, dict[object, float]](dict)
        self._waiting = defaultdict[str, list[object]](list)

    @contextmanager
    def turn(self, person: str) -> Iterator[None]:
        """Wait for one's turn, and have it."""
        me = object()
        with self._changed:
            self._waiting[person].append(me)
            self._changed.notify_all()
            while not self._may_run(person, me):
                self._changed.wait(1)  # for one of them may have become long
            self._waiting[person].remove(me)
            self._running[person][me] = self._clock()
            self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                del self._running[person][me]
                self._changed.notify_all()

    def _may_run(self, person: str, me: object) -> bool:
        running, now = self._running[person], self._clock()
        short = sum(now - since < LONG for since in running.values())
        return self._waiting[person][0] is me and short < self._at_a_time and len(running) < self._at_most


def take_turns(turns: Turns) -> None:
    """Have page runs of one person wait for each other. Those of nobody we know (in tests without a gate) do not."""
    run = script_runner.ScriptRunner._run_script

    def in_turn(runner: script_runner.ScriptRunner, rerun_data: RerunData) -> None:
        person = str(runner._user_info.get("person") or "")
        if not person:
            return run(runner, rerun_data)
        with turns.turn(person):
            run(runner, rerun_data)

    script_runner.ScriptRunner._run_script = in_turn  # type: ignore[assignment, method-assign]
