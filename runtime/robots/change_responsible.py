"""Hand over."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field as Param

from model.robot import Input, Robot, Step, pick


class ChangeResponsible(Robot):
    """Makes somebody responsible. Of several people each gets elements in turn; whose account is closed is passed over."""

    kind = "change_responsible"
    icon = "assignment_ind"
    group = "people"
    ports = ("done", "nobody")

    people: Annotated[tuple[str, ...], pick(Input.PERSON, several=True), Param(min_length=1, max_length=100)]
    """Who. Of several, each comes in turn."""

    def run(self, step: Step) -> str:
        found = [user for user in map(step.person, self.people) if user is not None]
        if not found:
            return "nobody"
        step.set({"responsible": found[step.turn() % len(found)] if len(found) > 1 else found[0]})
        return "done"
