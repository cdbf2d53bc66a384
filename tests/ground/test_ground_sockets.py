"""The server answers at once: no connection of it waits for an acknowledgement before it sends the rest."""

from __future__ import annotations

import socket

import pytest
from streamlit.web.server.starlette import starlette_server

import serving


def test_connections_have_nagles_algorithm_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(starlette_server, "_bind_socket", starlette_server._bind_socket)  # put back at the end
    serving.send_at_once()
    with starlette_server._bind_socket("127.0.0.1", 0, 1) as listening, socket.create_connection(listening.getsockname()):
        listening.setblocking(True)
        accepted, _ = listening.accept()
        with accepted:
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_streamlit_by_itself_leaves_it_on() -> None:
    """When this fails, `serving.send_at_once` has nothing left to do."""
    with starlette_server._bind_socket("127.0.0.1", 0, 1) as listening:
        assert not listening.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
