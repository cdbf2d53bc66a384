"""The watchdog: which runs cannot move and why, and what of it can be mended. Nothing here is part of a run's usual way.

late          ready for longer than LATE: no worker is at it
lost_timer    what should wake it is noted in the run, but stands in no table: mended
lost_answer   its letter or call is through or was thrown away, but it was never told: mended
lost_turn     it waits for its turn, and nobody is before it: mended
never_wakes   nothing is noted that could wake it: only a person can stop it
owner_gone    it will fail when it goes on: who published its robots is no longer active
version_gone  so will this one: the version that began it is not there any more
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from tinydb import where

from model.clock import moment, stamp
from runtime.runs import ALIVE, QUEUED, Runs, alive
from store import Database

LATE = timedelta(minutes=15)
MENDED = ("lost_timer", "lost_answer", "lost_turn")


class Watchdog:
    """Looks over all runs that have not ended."""

    def __init__(self, db: Database) -> None:
        self._db, self._runs = db, db.table("runs")

    def stuck(self, now: datetime | None, only: Collection[int] | None = None) -> dict[int, str]:
        """Run -> why it cannot move; of all runs, or of these only. Without `now` nothing is late."""
        docs = self._runs.get(doc_ids=self._suspects() if only is None else only)
        found = {doc.doc_id: self._why(doc, now) for doc in docs}
        return {run: why for run, why in found.items() if why}

    def mend(self, runs: Runs) -> int:
        """Let go on what can; how many runs."""
        mended = 0
        for run in self._silent():
            with self._db.transaction():
                doc: Any = runs.get(run)
                if doc is not None and self._why(doc, None) in MENDED:  # as it stands now
                    _mend(runs, run, doc)
                    mended += 1
        return mended

    def _silent(self, only: int | None = None) -> list[int]:
        """Waiting runs that no timer, no event, no letter and no call will wake."""
        waiting = where("state") == "waiting"
        if only is not None:
            doc = self._runs.get(doc_id=only)
            found = [only] if doc is not None and waiting(doc) else []
        else:
            found = [run for (run,) in self._runs.select(["doc_id"], waiting)]
        pending = where("state").one_of(["waiting", "sending", "held"])
        mine = where("run") == only
        asked = [(name, mine if only else None) for name in ("timers", "wakes")]
        asked.append(("outbox", pending & mine if only else pending))
        heard = {run for name, which in asked for (run,) in self._db.table(name).select(["run"], which)}
        return [run for run in found if run not in heard]

    def _suspects(self) -> set[int]:
        """Runs worth a closer look: those that nothing wakes, those that could go on, those that will fail."""
        found = {*self._silent(), *(run for (run,) in self._runs.select(["doc_id"], where("state") == "ready"))}
        going_on = where("state").one_of(list(ALIVE))
        for group in self._runs.group(["process", "version", "owner"], going_on):
            process, version, owner = group["key"]
            if self._lapsed(process, version, owner):
                these = (where("process") == process) & (where("version") == version) & (where("owner") == owner)
                found |= {run for (run,) in self._runs.select(["doc_id"], going_on & these)}
        return found

    def _why(self, doc: Any, now: datetime | None) -> str:
        if doc["state"] not in ALIVE:
            return ""
        lapsed = self._lapsed(doc["process"], doc["version"], doc.get("owner"))
        if lapsed or doc["state"] == "ready":
            since = doc.get("ready_at") or doc.get("started_at", "")
            return lapsed or ("late" if now is not None and since < stamp(now - LATE) else "")
        if doc.get("reason") == QUEUED:
            return "" if any(each["reason"] != QUEUED for each in alive(self._runs, doc)) else "lost_turn"
        return _unheard(doc) if self._silent(doc.doc_id) else ""

    def _lapsed(self, process: str, version: int, owner: int | None) -> str:
        """Why runs of this version will fail as soon as they go on."""
        if not self._db.table("versions").count((where("process") == process) & (where("number") == version)):
            return "version_gone"
        user = self._db.table("users").get(doc_id=owner) if owner else {"active": True}
        return "" if user is not None and user["active"] else "owner_gone"


def _unheard(doc: Mapping[str, Any]) -> str:
    """What a run waits for that does not stand in any table."""
    records = _open(doc).values()
    if any(record.get("outbox") for record in records):
        return "lost_answer"
    return "lost_timer" if any(record.get("due") or record.get("event") for record in records) else "never_wakes"


def _open(doc: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The nodes of a run that wait."""
    return {name: record for name, record in doc["nodes"].items() if record["state"] in ("waiting", "retrying")}


def _mend(runs: Runs, run: int, doc: dict[str, Any]) -> None:
    if doc["reason"] == QUEUED:
        runs.call_next(doc)
        return
    for node, record in _open(doc).items():
        if record.get("outbox"):
            runs.wake(run, node, {"what": "outbox", "row": record["outbox"]})
        elif record.get("due") or record.get("event"):
            due = moment(record["due"]) if record.get("due") else None
            kind = "retry" if record["state"] == "retrying" else "wake"
            runs.set_timer(run, doc, node, kind, due, record.get("event", ""))
