"""Streamlit sessions without a browser: what a page costs the server, without what it costs Chromium."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass, field

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

LARGEST = 64 * 1024 * 1024
EVENTS = "$$STREAMLIT_INTERNAL_KEY_{}__events"
"""The id by which Streamlit hears of a component's events."""


@dataclass
class Session:
    """One browser tab, as the server sees it. `board` is set once a component inside a fragment was shown."""

    socket: ClientConnection
    page: str
    query: str
    script: str = ""
    board: tuple[str, str] | None = None
    """Id of the component and of its fragment."""
    times: list[float] = field(default_factory=list)

    async def run(self) -> None:
        """Run the page as a click on it would."""
        told = BackMsg()
        state = told.rerun_script
        state.query_string, state.page_name, state.page_script_hash = self.query, "" if self.script else self.page, self.script
        await self._told(told)

    async def poke(self) -> None:
        """Run the board alone, as it does when somebody changed something."""
        if self.board is None:
            raise RuntimeError(f"{self.page} shows no board")
        told = BackMsg()
        component, fragment = self.board
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
            kind = heard.WhichOneof("type")
            if kind == "new_session":
                self.script = heard.new_session.page_script_hash
            elif kind == "delta" and heard.delta.new_element.WhichOneof("type") == "bidi_component" and heard.delta.fragment_id:
                self.board = heard.delta.new_element.bidi_component.id, heard.delta.fragment_id
            elif kind == "script_finished":
                self.times.append(time.perf_counter() - started)
                return


@dataclass(frozen=True, slots=True)
class Load:
    """What some sessions got: seconds of each run, and how many runs a second all of them together."""

    times: list[float]
    rate: float


def clicking(
    url: str, page: str = "", query: str = "", cookie: str = "", *, sessions: int, seconds: float, poke: bool = False
) -> Load:
    """So many sessions, each of which runs the page (or pokes its board) again as soon as it has been answered."""
    return asyncio.run(_clicking(url, page, query, cookie, sessions, seconds, poke))


async def _clicking(url: str, page: str, query: str, cookie: str, sessions: int, seconds: float, poke: bool) -> Load:
    opened = [await _opened(url, page, query, cookie) for _ in range(sessions)]
    for session in opened:
        session.times.clear()
    started = time.perf_counter()
    end = started + seconds
    await asyncio.gather(*(_until(session, end, poke) for session in opened))
    spent = time.perf_counter() - started
    for session in opened:
        await session.socket.close()
    times = [seconds for session in opened for seconds in session.times]
    return Load(times, len(times) / spent)


async def _opened(url: str, page: str, query: str, cookie: str) -> Session:
    socket = await connect(
        url.replace("http", "ws", 1) + "/_stcore/stream",
        subprotocols=[Subprotocol("streamlit")], origin=Origin(url), max_size=LARGEST,
        additional_headers={"Cookie": cookie} if cookie else {},
    )  # fmt: skip
    session = Session(socket, page, query)
    await session.run()
    return session


async def _until(session: Session, end: float, poke: bool) -> None:
    while time.perf_counter() < end:
        await (session.poke() if poke else session.run())
