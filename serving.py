"""What Voronka mends of Streamlit's server while it starts."""

from __future__ import annotations

import socket

from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.Common_pb2 import FileUploaderState
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.state import SessionState
from streamlit.runtime.state.common import unpack_widget_state_value
from streamlit.runtime.state.session_state import Serialized
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
