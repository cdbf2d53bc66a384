"""What the routes share."""

from __future__ import annotations

from collections.abc import Callable

from workspace import Workspace

GetWorkspace = Callable[[], Workspace]
"""Asked on each request, so that routes can be made before the workspace is open."""
