"""Streamlit sessions without a browser: what a page costs the server, without what it costs Chromium."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from workspace import SESSION_COOKIE

ENDED_WELL = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)
LARGEST = 64 * 1024 * 1024
EVENTS = "$$STREAMLIT_INTERNAL_KEY_{}__events"
"""The id by which Streamlit hears of a component's events."""


@dataclass
class Session:
    """One browser tab, as the server sees it; without a `page` on the only one there is. RuntimeError when a run fails."""

    socket: ClientConnection
    page: str
    query: str
    script: str = ""
    board: tuple[str, str] | None = None
    """What the last run showed: the ids of the component and of its fragment."""
    times: list[float] = field(default_factory=list)

    async def run(self) -> None:
        """Run the page as a click on it would."""
        told, self.board = BackMsg(), None
        state = told.rerun_script
        state.query_string, state.page_name, state.page_script_hash = self.query, "" if self.script else self.page, self.script
        await self._told(told)

    async def poke(self) -> None:
        """Run the board alone, as it does when somebody changed something."""
        if self.board is None:
            raise RuntimeError(f"{self.page} shows no board")
        told = BackMsg()
        (component, fragment), self.board = self.board, None
        state = told.rerun_script
        state.query_string, state.page_script_hash, state.fragment_id = self.query, self.script, fragment
        event = json.dumps([{"event": "poke", "value": {"rev": time.time_ns(), "nonce": time.time_ns()}}])
        state.widget_states.widgets.append(WidgetState(id=EVENTS.format(component), json_trigger_value=event))
        await self._told(told)

    async def _told(self, message: BackMsg) -> None:
        """Send it and hear the server out until the script has ended."""
        started = time.perf_counter()
        await self.socket.send(message.SerializeToString())
        while True:
            data = await self.socket.recv()
            heard = ForwardMsg.FromString(data if isinstance(data, bytes) else data.encode())
            if heard.WhichOneof("type") == "script_finished":
                break
            self._heard(heard)
        self.times.append(time.perf_counter() - started)
        if heard.script_finished not in ENDED_WELL or (self.page and self.board is None):
            raise RuntimeError(f"{self.page} shows no board")

    def _heard(self, message: ForwardMsg) -> None:
        kind, element = message.WhichOneof("type"), message.delta.new_element
        if kind == "new_session":
            self.script = message.new_session.page_script_hash
        elif kind == "navigation":  # the page chosen by the main script, which is what the browser names from then on
            self.script = message.navigation.page_script_hash
        elif kind == "delta" and message.delta.fragment_id and element.WhichOneof("type") == "bidi_component":
            self.board = element.bidi_component.id, message.delta.fragment_id


@dataclass(frozen=True, slots=True)
class Load:
    """What some sessions got: seconds of the very first run and of each later one; runs a second of all of them together."""

    first: float
    times: list[float]
    rate: float


def clicking(
    url: str, page: str = "", query: str = "", *cookies: str,
    sessions: int, seconds: float, poke: bool = False, rest: float = 0,
) -> Load:  # fmt: skip
    """So many sessions, each of which runs the page (or pokes its board) again `rest` seconds after it has been answered.

    They share the people of these cookies: the server lets one person run a few pages at a time.
    """
    return asyncio.run(_clicking(url, page, query, cookies or ("",), sessions, seconds, poke, rest))


async def _clicking(
    url: str, page: str, query: str, cookies: Sequence[str], sessions: int, seconds: float, poke: bool, rest: float
) -> Load:
    opened = [await _opened(url, page, query, cookies[number % len(cookies)]) for number in range(sessions)]
    first = opened[0].times[0]
    for session in opened:
        session.times.clear()
    started = time.perf_counter()
    end = started + seconds
    await asyncio.gather(*(_until(session, end, poke, rest) for session in opened))
    spent = time.perf_counter() - started
    for session in opened:
        await session.socket.close()
    times = [seconds for session in opened for seconds in session.times]
    return Load(first, times, len(times) / spent)


async def _opened(url: str, page: str, query: str, cookie: str) -> Session:
    socket = await connect(
        url.replace("http", "ws", 1) + "/_stcore/stream",
        subprotocols=[Subprotocol("streamlit")], origin=Origin(url), max_size=LARGEST,
        additional_headers={"Cookie": f"{SESSION_COOKIE}={cookie}"},
    )  # fmt: skip
    session = Session(socket, page, query)
    await session.run()
    return session


async def _until(session: Session, end: float, poke: bool, rest: float) -> None:
    await asyncio.sleep(rest * random.random())  # nobody presses in time with the others
    while time.perf_counter() < end:
        await (session.poke() if poke else session.run())
        await asyncio.sleep(rest)
