"""The outbox: letters and calls, written with the robot's own transaction and sent after it. At least once, never lost.

waiting --claim (lease)--> sending --> sent
   ^                          |-----> waiting again, later (1, 5, 30 min, 2 h)
   |                          |-----> failed, with the reason
   +-- resend -- held / failed        held: there is no mail server, or somebody must let it go first
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Protocol

from tinydb import where

from model.access import Action, Actor, require_any
from model.clock import Clock, moment, stamp
from model.errors import Denied, NotAllowed, NotFound, SignedOut, VoronkaError
from model.event import Event
from runtime.elements import Elements
from runtime.library import Library
from runtime.newest import newest
from runtime.outside.http import Answer, CallRefused, Request
from runtime.outside.mail import Letter, MailRefused, MailServer
from runtime.people import People, acting
from runtime.runs import Runs
from store import Database

log = logging.getLogger(__name__)

BACKOFF = (1, 5, 30, 120)
"""Minutes before the second try, the third, ...; after the last the row has failed."""
LEASE = timedelta(minutes=5)
"""A row that is being sent belongs to its sender for so long; then it is taken for crashed and sent again."""

Attachment = Callable[[Actor, int], tuple[str, bytes]]
"""(actor, file id) -> name and bytes of a file that the actor may open."""


class MailSettings(Protocol):
    """What the outbox asks of the workspace's settings."""

    @property
    def smtp_host(self) -> str: ...
    @property
    def smtp_port(self) -> int: ...
    @property
    def smtp_user(self) -> str: ...
    @property
    def smtp_password(self) -> str: ...
    @property
    def smtp_from(self) -> str: ...
    @property
    def smtp_tls(self) -> bool: ...
    @property
    def private_calls(self) -> bool: ...
    @property
    def hold_outgoing(self) -> bool: ...


class Mailer(Protocol):
    """Sends one letter; MailRefused when it never will, any other exception when it may later."""

    def send(self, server: MailServer, letter: Letter) -> None: ...


class Caller(Protocol):
    """Makes one request; CallRefused when it must not be made, any other exception when it may work later."""

    def call(self, request: Request, private: bool) -> Answer: ...


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a row comes from. `key` is `run/node/attempt`, unique; `by` the user it is sent for (0: the system)."""

    key: str
    run: int
    node: str
    element: int | None
    process: str
    chain: tuple[str, ...]
    by: int


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """A letter or a call as people see it. `payload`: to, subject, body, files | method, url, body, headers."""

    id: int
    kind: str
    key: str
    state: str
    payload: Mapping[str, Any]
    attempts: int
    next_at: str | None
    reason: str
    run: int | None
    node: str
    element: int | None
    process: str
    at: str
    sent_at: str | None
    result: Mapping[str, Any]

    @classmethod
    def of(cls, number: int, doc: Mapping[str, Any]) -> OutboxRow:
        """Make a row of its stored document."""
        return cls(number, **{name: doc[name] for name in cls.__slots__ if name != "id"})

    @property
    def subject(self) -> str:
        """What it is about, in one line: a letter's subject, a call's method and address."""
        payload = self.payload
        return str(payload["subject"] if self.kind == "mail" else f"{payload['method']} {payload['url']}")


@dataclass(frozen=True, slots=True)
class _Outcome:
    """How an attempt ended: the next state, why, and what came back."""

    state: str
    reason: str = ""
    result: Mapping[str, Any] | None = None


class Outbox:
    """Keeps and sends the rows. `settings` gives the workspace's settings as they stand, `attachment` opens files."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        settings: Callable[[], MailSettings],
        mailer: Mailer,
        caller: Caller,
        people: People,
        *,
        library: Library,
        elements: Elements,
        attachment: Attachment,
    ) -> None:
        self._db, self._clock, self._settings, self._mailer, self._caller = db, clock, settings, mailer, caller
        self._people, self._library, self._elements, self._attachment = people, library, elements, attachment
        self._table, self._runs = db.table("outbox"), Runs(db, clock)

    # inside a robot's transaction

    def put(self, kind: str, payload: Mapping[str, Any], origin: Origin) -> int:
        """Write a row to be sent after the commit; its id."""
        now = stamp(self._clock.now())
        state, reason = ("held", "approval") if self._settings().hold_outgoing else ("waiting", "")
        doc = {"kind": kind, "state": state, "payload": dict(payload), "attempts": 0, "next_at": now, "reason": reason}
        place = {"key": origin.key, "run": origin.run, "node": origin.node, "element": origin.element, "process": origin.process}
        more = {"chain": list(origin.chain), "by": origin.by, "at": now, "sent_at": None, "result": {}, "lease": None}
        return self._table.insert(doc | place | more)

    def result(self, row: int) -> Mapping[str, Any]:
        """What became of a row: {"state": "sent"|"failed"|"waiting", "status": int|None, "reason": str}."""
        doc = self._table.get(doc_id=row)
        if doc is None:
            return {"state": "failed", "status": None, "reason": "discarded"}
        state = doc["state"] if doc["state"] in ("sent", "failed") else "waiting"
        return {**doc["result"], "state": state, "status": doc["result"].get("status"), "reason": doc["reason"]}

    # sending

    def due(self) -> bool:
        """Whether there is something to send now."""
        return self._next() is not None

    def dispatch(self, limit: int = 20) -> int:
        """Send what is due, one after the other, each outside any transaction; how many were tried. Several may at a time."""
        for done in range(limit):
            row = self._claim()
            if row is None:
                return done
            self._record(row, self._attempt(row))
        return limit

    def _next(self) -> Any:
        """The oldest row that is due; None when there is none. Those of one element go out one by one, to keep their order."""
        now = stamp(self._clock.now())
        fresh, sending = (where("state") == "waiting") & (where("next_at") <= now), where("state") == "sending"
        under_way = [element for (element,) in self._table.select(["element"], sending & (where("lease") > now))]
        others = ~where("element").one_of([element for element in under_way if element is not None])
        due = (fresh & others) | (sending & (where("lease") <= now))
        return next(iter(self._table.search(due, limit=1)), None)

    def _claim(self) -> Any:
        """Take the oldest due row for ourselves; None when there is none."""
        if not self.due():
            return None
        with self._db.transaction():
            row = self._next()
            if row is not None:
                lease = stamp(self._clock.now() + LEASE)
                row.update(state="sending", attempts=row["attempts"] + 1, lease=lease)
                self._table.replace(row.doc_id, row)
        return row

    def _attempt(self, row: Any) -> _Outcome:
        try:
            return self._mail(row) if row["kind"] == "mail" else self._call(row)
        except (MailRefused, CallRefused) as refused:
            return _Outcome("failed", refused.reason, {"detail": refused.detail})
        except VoronkaError as error:
            return _Outcome("failed", "sender_gone" if isinstance(error, SignedOut) else "no_file")
        except Exception as error:  # whatever a network can do: it is tried again
            log.info("Outbox row %d was not sent: %s", row.doc_id, error)
            reason = "mail_server" if row["kind"] == "mail" else "no_answer"
            return _Outcome("waiting", reason, {"detail": str(error)[:300]})

    def _mail(self, row: Any) -> _Outcome:
        server, sender = self._server()
        if not server.host:
            return _Outcome("held", "no_mail_server")
        payload = row["payload"]
        files = tuple(self._attachment(self._actor(row["by"]), number) for number in payload["files"]) if payload["files"] else ()
        letter = Letter(
            sender, payload["to"], payload["subject"], payload["body"], message_id(row, sender), self._clock.now(), files
        )
        self._mailer.send(server, letter)
        return _Outcome("sent")

    def _server(self) -> tuple[MailServer, str]:
        """The mail server of the settings as they stand (host empty: none), and who letters come from."""
        s = self._settings()
        return MailServer(s.smtp_host, s.smtp_port, s.smtp_user, s.smtp_password, s.smtp_tls), s.smtp_from or s.smtp_user

    def _call(self, row: Any) -> _Outcome:
        payload = row["payload"]
        headers = {**payload["headers"], "Idempotency-Key": row["key"]}
        request = Request(payload["method"], payload["url"], headers, payload["body"].encode())
        answer = self._caller.call(request, self._settings().private_calls)
        result = {"status": answer.status, "text": answer.text}
        if answer.status < 400:
            return _Outcome("sent", "", result)
        passing = answer.status in (408, 425, 429) or answer.status >= 500
        return _Outcome("waiting" if passing else "failed", "bad_status", result)

    def _record(self, row: Any, outcome: _Outcome) -> None:
        """Write how it ended, wake the run that waits for it, and tell the timeline of a letter that went out."""
        now = self._clock.now()
        state, next_at = outcome.state, None
        if state == "waiting":
            late = row["attempts"] > len(BACKOFF)
            state = "failed" if late else "waiting"
            next_at = None if late else stamp(now + timedelta(minutes=BACKOFF[row["attempts"] - 1]))
        with self._db.transaction():
            if self._table.get(doc_id=row.doc_id) is None:
                return
            row.update(state=state, next_at=next_at, reason=outcome.reason, result=dict(outcome.result or {}), lease=None)
            row["sent_at"] = stamp(now) if state == "sent" else None
            self._table.replace(row.doc_id, row)
            if state in ("sent", "failed"):
                self._wake(row)
            if state == "sent" and row["kind"] == "mail" and row["element"] is not None:
                self._tell(row)

    def _wake(self, row: Any) -> None:
        run = self._runs.get(row["run"]) if row["run"] else None
        record = run["nodes"].get(row["node"], {}) if run else {}
        if record.get("outbox") == row.doc_id:
            self._runs.wake(row["run"], row["node"], {"what": "outbox", "row": row.doc_id})

    def _tell(self, row: Any) -> None:
        payload = row["payload"]
        data = {"to": payload["to"], "subject": payload["subject"], "outbox": row.doc_id}
        by = row["by"] or None
        event = Event("mail_sent", row["process"], row["element"], row["sent_at"], by, tuple(row["chain"]), row["run"], data=data)
        self._elements.emit(event)

    def _actor(self, user: int) -> Actor:
        return acting(user, self._people)

    # people

    def rows(self, actor: Actor, process: str | None = None, state: str | None = None, limit: int = 100) -> list[OutboxRow]:
        """The newest rows: all for administrators, for others those of processes whose robots they look after, as far as they
        may read the elements.

        Denied when a process is named whose robots are not theirs.
        """
        codes = [process] if process is not None else list(self._library.codes())
        allowed = [code for code in codes if self._looks_after(actor, code)]
        if process is not None and not allowed:
            raise Denied(path=process, action=Action.ROBOTS.value, process=process, reason="no_grant")
        found: Any = where("process").one_of(allowed)
        if actor.admin and process is None:
            found = None
        if state is not None:
            found = where("state") == state if found is None else found & (where("state") == state)
        return newest(self._table, found, limit, lambda docs: self._seen(actor, [OutboxRow.of(doc.doc_id, doc) for doc in docs]))

    def _seen(self, actor: Actor, rows: list[OutboxRow]) -> list[OutboxRow]:
        """Those of these rows whose element the actor may read, and those without one; administrators see deleted ones' too."""
        if actor.admin:
            return rows
        there = self._elements.titles(actor, {row.element for row in rows if row.element is not None})
        return [row for row in rows if row.element is None or row.element in there]

    def has_mail_server(self) -> bool:
        """Whether letters have a way out."""
        return bool(self._server()[0].host)

    def try_mail(self, actor: Actor, to: str, subject: str, body: str) -> None:
        """Send a letter at once, past the rows, to see whether the mail server works. Administrators only.

        NotAllowed("no_mail_server"); NotAllowed("mail_failed", reason=, detail=) with what the server or the network said.
        """
        if not actor.admin:
            raise Denied("admins_only")
        server, sender = self._server()
        if not server.host:
            raise NotAllowed("no_mail_server")
        now = self._clock.now()
        made = {"key": "test", "at": stamp(now), "payload": {"to": to}}
        try:
            self._mailer.send(server, Letter(sender, to, subject, body, message_id(made, sender), now))
        except MailRefused as refused:
            raise NotAllowed("mail_failed", reason=refused.reason, detail=refused.detail) from refused
        except Exception as error:  # whatever a network can do
            raise NotAllowed("mail_failed", reason="mail_server", detail=str(error)[:300]) from error

    def resend(self, actor: Actor, id: int) -> None:
        """Send a held or failed row once more, starting its tries anew. Administrators only.

        NotFound; NotAllowed("not_to_resend") while it waits anyway or has been sent.
        """
        with self._db.transaction():
            row = self._admins_row(actor, id)
            if row["state"] not in ("held", "failed"):
                raise NotAllowed("not_to_resend", str(id), state=row["state"])
            row.update(state="waiting", attempts=0, reason="", next_at=stamp(self._clock.now()))
            self._table.replace(id, row)

    def discard(self, actor: Actor, id: int) -> None:
        """Throw a row away that was not sent; a run that waits for it goes on as with a failure. Administrators only.

        NotFound; NotAllowed("already_sent").
        """
        with self._db.transaction():
            row = self._admins_row(actor, id)
            if row["state"] == "sent" or (row["state"] == "sending" and moment(row["lease"]) > self._clock.now()):
                raise NotAllowed("already_sent", str(id))
            self._wake(row)
            self._table.remove(doc_ids=[id])

    def _admins_row(self, actor: Actor, id: int) -> Any:
        if not actor.admin:
            raise Denied("admins_only")
        row = self._table.get(doc_id=id)
        if row is None:
            raise NotFound(path=str(id)[:40], what="outbox")
        return row

    def _looks_after(self, actor: Actor, process: str) -> bool:
        version = self._library.published(process)
        if version is None:
            return actor.admin
        try:
            require_any(version.process, actor, Action.ROBOTS)
        except Denied:
            return False
        return True


def message_id(row: Mapping[str, Any], sender: str) -> str:
    """The Message-ID of a row's letter: the same at every try, another in every workspace."""
    seed = f"{row['key']}|{row['at']}|{row['payload']['to']}"
    domain = sender.rpartition("@")[2].strip(" >") or "localhost"
    return f"<{hashlib.sha256(seed.encode()).hexdigest()[:32]}@{domain}>"
