"""The app: pages by Streamlit, our routes before them, and the worker beside them, all in one process."""

from __future__ import annotations

import gc
import importlib
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.middleware import Middleware

import api
from api.frontend import ADDRESS, Frontend
from api.gate import Gate
from api.headers import SecurityHeaders, inline
from api.hosts import Hosts
from api.known import Known
from api.live import Bus
from api.threshold import InWords, Threshold
from pages.parts import frame, places
from serving import Turns, know_people, run_all_that_is_told, take_turns
from workspace import Workspace, current

HERE = Path(__file__).resolve().parent
STATIC = Path(st.__file__).parent / "static"
SCRIPTS = [*inline((STATIC / "index.html").read_text("utf-8") + ADDRESS), *frame.SCRIPTS.values()]
PAGES = places.BY_NAME.keys() - {places.HOME}
bus = Bus(current)
known = Known(current)


@asynccontextmanager
async def lifespan(app: Any) -> AsyncIterator[dict[str, Any]]:
    """Start the worker (unless one runs beside us) and the live bus; stop both on the way out."""
    run_all_that_is_told()
    take_turns(Turns())
    workspace = current()
    know_people(workspace.environment.upload_megabytes)
    stop = threading.Event()
    worker = _start_worker(workspace, stop) if workspace.environment.worker else None
    bus.open()
    known.open()
    threading.Thread(target=_warm, name="voronka-warm", daemon=True).start()
    try:
        yield {"workspace": workspace}
    finally:
        stop.set()
        known.close()
        bus.close()
        if worker:
            worker.join(2)


def _warm() -> None:
    """Do now what the first person would have to wait for, and everybody now and then.

    Streamlit's first text field imports pandas. What has been loaded by then stays, and Python's collector, which holds up all
    threads while it looks, need not look through it again.
    """
    importlib.import_module("pandas")
    gc.collect()
    gc.freeze()


def _start_worker(workspace: Workspace, stop: threading.Event) -> threading.Thread:
    thread = threading.Thread(target=workspace.worker.run, args=(stop,), name="voronka-worker", daemon=True)
    thread.start()
    return thread


app = st.App(
    HERE / "pages" / "_nav.py",
    routes=api.routes(current, bus),
    lifespan=lifespan,
    middleware=[
        Middleware(SecurityHeaders, scripts=SCRIPTS),
        Middleware(InWords, get=current),
        Middleware(Hosts, get=current),
        Middleware(Gate, get=current, known=known),
        Middleware(Threshold, get=current, pages=PAGES),
        Middleware(Frontend, folder=STATIC, pages=PAGES, title="Voronka"),
    ],
)
