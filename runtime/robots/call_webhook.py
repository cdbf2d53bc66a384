"""Call another system."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import Field as Param

from model.robot import LongTemplate, Minutes, Pause, Robot, Step, Template


class CallWebhook(Robot):
    """Calls another system by HTTP and waits for its answer. Addresses of the local network are refused unless allowed."""

    kind = "call_webhook"
    icon = "webhook"
    group = "messages"
    ports = ("done", "failed")

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "POST"
    """How it is called."""
    url: Annotated[Template, Param(min_length=1)]
    """The address, beginning with https:// or http://."""
    headers: LongTemplate = ""
    """Further headers, one a line: Name: value."""
    body: LongTemplate = ""
    """What is sent. Values put into JSON are escaped as JSON wants it."""

    timeout: Annotated[Minutes, Param(ge=0, le=5_256_000)] = 0
    """How long to wait for the answer; 0: as long as the call is being tried."""

    def run(self, step: Step) -> str | Pause:
        if step.resumed == "time":
            step.say("trace.no_answer")
            return "failed"
        if step.resumed is not None:
            answer = step.resumed
            if answer["status"]:
                step.say("trace.answer", status=answer["status"])
            else:
                step.say(f"outbox.reason.{answer['reason']}")
            return "done" if answer["state"] == "sent" else "failed"
        body, is_json = _filled(self.body, step.fill)
        headers = {"Content-Type": "application/json" if is_json else "text/plain; charset=utf-8"} if body else {}
        for line in self.headers.splitlines():
            name, colon, value = line.partition(":")
            if colon:
                headers = {k: v for k, v in headers.items() if k.lower() != name.strip().lower()}
                headers[name.strip()] = " ".join(step.fill(value).split())
        row = step.outside.call(self.method, "".join(step.fill(self.url).split()), body, headers)
        return Pause(outbox=row, until=step.now + timedelta(minutes=self.timeout) if self.timeout else None)


def _filled(template: str, fill: Callable[[str], str]) -> tuple[str, bool]:
    """The filled body and whether it is JSON. A template that is JSON itself is filled text by text, so that it stays JSON."""
    try:
        data = json.loads(template)
    except ValueError:
        text = fill(template)
        return text, _is_json(text)
    return json.dumps(_each(data, fill), ensure_ascii=False), True


def _each(data: Any, fill: Callable[[str], str]) -> Any:
    if isinstance(data, str):
        return fill(data)
    if isinstance(data, list):
        return [_each(item, fill) for item in data]
    return {key: _each(item, fill) for key, item in data.items()} if isinstance(data, dict) else data


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
