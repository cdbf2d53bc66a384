"""The notebook in docs/ runs from its first cell to its last and shows what it promises."""

import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient

DOCUMENT = Path(__file__).parents[2] / "docs/candidates.ipynb"


class OurKernel(AsyncKernelManager):
    """The interpreter that runs the tests, whatever kernels this machine has registered."""

    @property
    def kernel_spec(self) -> KernelSpec:
        return KernelSpec(argv=[sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"])


@pytest.fixture(scope="module")
def shown() -> str:
    """Everything the cells showed, in order; running fails with the cell's own traceback."""
    notebook: Any = nbformat.read(DOCUMENT, as_version=4)
    where = {"metadata": {"path": str(DOCUMENT.parent)}}
    NotebookClient(notebook, timeout=120, resources=where, kernel_manager_class=OurKernel).execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    return "\n".join(str(output.get("data") or output.get("text", "")) for output in outputs)


def test_it_is_kept_without_outputs() -> None:
    notebook: Any = nbformat.read(DOCUMENT, as_version=4)
    nbformat.validate(notebook)
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in notebook.cells)


@pytest.mark.parametrize(
    "promised",
    [
        "Anna @ Notebook",
        "image/svg+xml", "Offer for Kim Novak.pdf", "Omar Diaz", "Rejected",  # the graph, the table
        "Passed?, Reject", "  Robot  ", "('Your resume', ",
        "$2,600", "Hired",  # the funnel adds up
        "You may not change the settings of",
    ],
)  # fmt: skip
def test_it_shows_what_it_promises(shown: str, promised: str) -> None:
    assert promised in shown
