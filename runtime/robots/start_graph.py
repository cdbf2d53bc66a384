"""Start another graph."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field as Param

from model.robot import Input, Robot, Step, pick


class StartGraph(Robot):
    """Starts another graph of this process for the same element and goes on at once. That graph needs the trigger "By hand"."""

    kind = "start_graph"
    icon = "account_tree"
    group = "logic"

    graph: Annotated[str, pick(Input.GRAPH), Param(min_length=1)]
    """The graph to start."""

    def run(self, step: Step) -> str:
        step.start(self.graph)
        return "done"
