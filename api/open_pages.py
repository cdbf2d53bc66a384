"""What Streamlit knows of open pages: whose they are, and how much of files they hold. The one place that asks it."""

from __future__ import annotations

from collections.abc import Mapping

from streamlit.runtime import Runtime, get_instance
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager

PERSON = "x-voronka-person"
"""The header by which the gate tells Streamlit who is behind a socket; `serving` has it taken for what `st.user` says."""


def owner(page: str) -> str:
    """The person whose open page this is; empty when there is none."""
    session = get_instance().get_app_session(page)
    return "" if session is None or not get_instance().is_active_session(page) else _owner(session._user_info)


def held() -> dict[str, int]:
    """Bytes of uploaded files in memory, by person."""
    runtime: Runtime = get_instance()
    manager, found = runtime.uploaded_file_mgr, dict[str, int]()
    assert isinstance(manager, MemoryUploadedFileManager)
    for info in runtime._session_mgr.list_sessions():
        files = list(manager.file_storage.get(info.session.id, {}).values())
        person = _owner(info.session._user_info)
        found[person] = found.get(person, 0) + sum(len(file.data) for file in files)
    return found


def let_go(person: str) -> None:
    """Forget the files of this person's pages that are closed, and would be kept for two minutes in case they come back."""
    runtime: Runtime = get_instance()
    for info in runtime._session_mgr.list_sessions():
        if _owner(info.session._user_info) == person and not runtime.is_active_session(info.session.id):
            runtime.uploaded_file_mgr.remove_session_files(info.session.id)


def _owner(told: Mapping[str, object]) -> str:
    return str(told.get("person") or "")
