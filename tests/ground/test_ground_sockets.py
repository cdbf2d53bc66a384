"""The server answers at once: no connection waits for an acknowledgement, no thread for what the collector need not look at."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

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


def test_what_the_app_has_loaded_is_not_looked_through_again() -> None:
    """Asked of a process of its own: what is frozen here would stay so."""
    asked = "import gc, app; app._warm(); print(gc.get_freeze_count() > 100_000 > 10 * len(gc.get_objects()))"
    told = subprocess.run([sys.executable, "-c", asked], cwd=Path(serving.__file__).parent, capture_output=True, text=True)
    assert told.stdout == "True\n", told.stderr
