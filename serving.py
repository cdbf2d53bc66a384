"""What Voronka mends of Streamlit's server while it starts."""

from __future__ import annotations

import socket

from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.state import SessionState
from streamlit.runtime.state.common import unpack_widget_state_value
from streamlit.web.server.starlette import starlette_server


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


def run_whole_pages() -> None:
    """Run the page, and not a fragment of it alone, where that would lose something.

    Streamlit's front end sends what is told within one tick as one request, for a fragment if any of it stands in one: what was
    typed into a search in the tick in which news came to the board was taken down, and the board was drawn as before. And a
    session that has run nothing yet, of a server started anew, passed over what a page asked of fragments it knew from before.
    """
    request = AppSession.request_rerun

    def requested(session: AppSession, asked: ClientState | None) -> None:
        if asked and asked.fragment_id:
            state = session.session_state
            if not len(state) or any(_outside(state, told) for told in asked.widget_states.widgets):
                asked.ClearField("fragment_id")
        request(session, asked)

    AppSession.request_rerun = requested  # type: ignore[assignment, method-assign]


def _outside(state: SessionState, told: WidgetState) -> bool:
    """Whether this widget is in no fragment, and was pressed or is told to be something else than it was."""
    drawn = state.get_widget_metadata(told.id)
    if drawn is None or drawn.fragment_id is not None:
        return False
    value = unpack_widget_state_value(told)
    if (told.WhichOneof("value") or "").endswith("trigger_value"):  # told only when it happens, held by nobody
        return bool(value)
    try:
        return bool(state.get_widget_value(told.id) != drawn.deserializer(value))
    except KeyError:  # it is not shown any more
        return False
