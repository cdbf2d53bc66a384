"""The main script: the places a person may go to. It stands inside pages/, so no deep link can pass by it."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pages.parts import frame, kept, memory, places, sidebar
from pages.parts.user import current_user
from workspace import current

HERE = Path(__file__).parent
workspace = current()
view = workspace.settings.get()
st.set_page_config(page_title=view.name, page_icon=str(HERE / "icon.svg"), layout="wide")
frame.style()

user = current_user()
reader = user.reader if user else workspace.reader(None)
frame.speak(reader)
with frame.unseen("reunion"):
    memory.keep(reader)


def _ended() -> None:
    frame.ended(reader)


if user is None:  # the session has ended while the page was open: nobody without one is sent any
    kept.rescue(reader.t("error.signed_out"))
    kept.show(reader)
    shut = [st.Page(_ended, title=view.name, url_path=p.name, default=p.name == places.HOME) for p in places.ALL]
    st.navigation(shut, position="hidden").run()
else:
    chosen = st.navigation(places.pages(reader), position="hidden")
    sidebar.draw(user, chosen.url_path or places.HOME)
    kept.show(reader)
    chosen.run()
