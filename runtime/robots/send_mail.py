"""Send a letter."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field as Param

from model.robot import LongTemplate, Robot, Step, Template
from runtime.outside.mail import addresses


class SendMail(Robot):
    """Sends an e-mail. Without a mail server in the settings it stays in the outbox and can be sent from there later."""

    kind = "send_mail"
    icon = "mail"
    group = "messages"
    ports = ("done", "no_address")

    to: Annotated[Template, Param(min_length=1)]
    """To whom: {email}, {responsible.email}, {client.email} or an address; several apart by commas."""
    subject: Annotated[Template, Param(min_length=1)]
    """The subject."""
    body: LongTemplate = ""
    """The text."""
    attach_files: bool = False
    """Attach the files that stand in the element's fields."""

    def run(self, step: Step) -> str:
        wanted = f"{{{self.to}}}" if step.process.field(self.to) else self.to
        to = addresses(step.fill(wanted))
        if not to:
            return "no_address"
        files = _files(step) if self.attach_files else ()
        step.outside.send_mail(", ".join(to), step.fill(self.subject), step.fill(self.body), files)
        step.log(", ".join(to))
        return "done"


def _files(step: Step) -> tuple[int, ...]:
    """Ids of the files in the element's file fields."""
    held = (step.element.get(field.code) for field in step.process.fields if field.kind == "file")
    return tuple(file for value in held if value for file in (value if isinstance(value, list) else [value]))
