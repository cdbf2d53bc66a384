"""The pages there are: file, icon and the key of their name. A page's file is its path in the browser."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from model.language import Reader

PAGES = Path(__file__).resolve().parent.parent
HOME = "home"


@dataclass(frozen=True, slots=True)
class Place:
    """A page: `name` is its file's name, its path in the browser and its key in the locales (`nav.<name>`)."""

    name: str
    icon: str

    @property
    def file(self) -> str:
        """The script, relative to the main one."""
        return f"{self.name}.py"

    @property
    def there(self) -> bool:
        """Whether the script exists."""
        return (PAGES / self.file).is_file()


ALL = (
    Place(HOME, "home"),
    Place("board", "view_kanban"),
    Place("list", "table_rows"),
    Place("card", "article"),
    Place("tasks", "task_alt"),
    Place("inbox", "inbox"),
    Place("search", "search"),
    Place("processes", "account_tree"),
    Place("designer", "design_services"),
    Place("importing", "upload_file"),
    Place("funnel", "filter_alt"),
    Place("robots", "smart_toy"),
    Place("people", "group"),
    Place("settings", "settings"),
    Place("profile", "account_circle"),
)
BY_NAME = {place.name: place for place in ALL}


def pages(reader: Reader) -> list[Any]:
    """Every page as Streamlit's navigation wants it. Each one asks for its user and rights itself."""
    return [
        st.Page(p.file, title=reader.t(f"nav.{p.name}"), icon=f":material/{p.icon}:", url_path=p.name, default=p.name == HOME)
        for p in ALL
        if p.there
    ]
