"""A small app with each component on its own page: `streamlit run tests/components/lab.py`, then `/?c=board`."""

import asyncio
import sys
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT))

listeners: set[Any] = set()
rev = 0


async def live(ws):
    await ws.accept()
    listeners.add(ws)
    try:
        while (await ws.receive())["type"] != "websocket.disconnect":
            pass
    finally:
        listeners.discard(ws)


async def bump(request):
    global rev
    rev += 1
    await asyncio.gather(*(ws.send_json({"rev": rev}) for ws in listeners), return_exceptions=True)
    return PlainTextResponse(f"{len(listeners)}")


app = st.App(
    str(HERE / "lab_page.py"),
    routes=[
        Mount("/assets", StaticFiles(directory=ROOT / "pages" / "assets")),
        WebSocketRoute("/live", live),
        Route("/bump", bump),
    ],
)
