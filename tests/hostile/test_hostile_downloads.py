"""Many people save one large file over slow lines: the app holds pieces of it, not twenty copies."""

from __future__ import annotations

import hashlib
import os
import re
import socket
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

from running import Serve, Site, WorkspaceAt
from workspace import SESSION_COOKIE

MEGABYTES = 190 if os.environ.get("VORONKA_TORTURE") else 24
PEOPLE = 20


def held(site: Site) -> int:
    """Megabytes that the app takes of the machine's memory."""
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{site.process.pid}/status").read_text())
    assert found
    return int(found[1]) // 1024


def begin(site: Site, path: str, token: str, *headers: str) -> tuple[socket.socket, bytes]:
    """A download whose beginning is there; the rest waits until somebody reads on."""
    link = socket.socket()
    link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
    link.settimeout(60)
    host = urlsplit(site.url)
    link.connect((host.hostname, host.port))
    asked = (f"GET {path} HTTP/1.1", f"Host: {host.netloc}", f"Cookie: {SESSION_COOKIE}={token}", "Connection: close", *headers)
    link.sendall("\r\n".join((*asked, "", "")).encode())
    got = b""
    while b"\r\n\r\n" not in got:
        got += link.recv(4096)
    return link, got


def rest(link: socket.socket) -> bytes:
    """Whatever still comes."""
    return b"".join(iter(lambda: link.recv(1 << 20), b""))


def test_downloads_are_sent_in_pieces(tmp_path: Path, workspace_at: WorkspaceAt, serve: Serve) -> None:
    workspace = workspace_at(tmp_path, demo=True)
    data = os.urandom(1 << 20) * MEGABYTES
    number = workspace.files.add(workspace.administrator(), 1, "film.mp4", data).id
    token = workspace.sessions.redeem(workspace.sessions.ticket(1), "test")
    site, path = serve(tmp_path, VORONKA_WORKER="false"), f"/files/{number}"
    with ExitStack() as stack:
        first, _ = begin(site, path, token)
        assert len(rest(stack.enter_context(first))) > len(data) - 4096  # what one download needs is there by now
        before = held(site)
        links = [begin(site, path, token) for _ in range(PEOPLE)]
        for link, _ in links:
            stack.enter_context(link)
        assert held(site) - before < 40, "the app holds more than pieces of it"
        head, _, body = links[0][1].partition(b"\r\n\r\n")
        assert f"content-length: {len(data)}".encode() in head.lower()
        assert hashlib.sha256(body + rest(links[0][0])).digest() == hashlib.sha256(data).digest()
        part, got = begin(site, path, token, "Range: bytes=10-19")
        stack.enter_context(part)
        assert got.startswith(b"HTTP/1.1 206") and (got + rest(part)).endswith(data[10:20])
