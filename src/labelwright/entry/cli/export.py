"""`labelwright export`: a dataset from the consensus."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from labelwright.app.context import Project


def export_workspace(project: Project, name: str, out: Path, *, force: bool) -> dict[str, Any]:
    """stub until the format helper is in."""
    return {"format": name, "path": str(out), "rows": 0}
