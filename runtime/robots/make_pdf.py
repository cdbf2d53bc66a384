"""Make a document."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field as Param

from model.robot import Input, LongTemplate, Robot, Step, Template, pick


class MakePdf(Robot):
    """Makes a PDF from a template and attaches it to the element."""

    kind = "make_pdf"
    icon = "description"
    group = "documents"

    name: Annotated[Template, Param(min_length=1)] = "{title}.pdf"
    """What the file is called."""
    title: Template = "{title}"
    """The heading of the document."""
    body: Annotated[LongTemplate, Param(min_length=1)]
    """The text of the document."""
    field: Annotated[str, pick(Input.FIELD)] = ""
    """The file field that gets the document; empty: it is only attached."""

    def run(self, step: Step) -> str:
        step.attach_pdf(step.fill(self.name), step.fill(self.title), step.fill(self.body), self.field)
        return "done"
