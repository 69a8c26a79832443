"""Puts a new set-up in force: all of it, or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labelwright.adapters.labelstudio.config import read_config
from labelwright.adapters.pool.files import FilePool
from labelwright.adapters.pool.importing import columns_of
from labelwright.adapters.settings import render_settings, written_settings
from labelwright.app.init import map_columns
from labelwright.app.settings import FILE_NAME
from labelwright.bootstrap import Workspace, open_workspace
from labelwright.entry.api.v1.files import write_whole
from labelwright.model.errors import SchemaError
from labelwright.ports import PoolSummary, Progress

#: Settings that speak of the data and the screen: of another screen they would be wrong.
_OF_THE_SCREEN = frozenset({"version", "name", "data", "schema", "guidelines", "expected_distribution"})


@dataclass(frozen=True, slots=True)
class Plan:
    """What a project starts from."""

    name: str
    data: Path
    xml: str
    guidelines: str
    columns: Mapping[str, str]
    data_settings: Mapping[str, Any]
    overlap: float
    batch: int


def apply_plan(place: Workspace, plan: Plan, progress: Progress) -> PoolSummary:
    """Write the workspace's files and index its data; on any failure the files are as they were.

    Raises:
        SchemaError: the screen cannot be used.
        UsageError: the columns do not fit.
        DataError: no row can be used.
    """
    schema = read_config(plan.xml)
    if schema.problems:
        raise SchemaError("; ".join(schema.problems), next_step="Mend the config, or take a template")
    fields = map_columns(schema.data_fields, columns_of(plan.data), dict(plan.columns))
    files = {
        "schema.xml": plan.xml,
        "guidelines.md": plan.guidelines,
        FILE_NAME: render_settings({"name": plan.name, "sections": _sections(place, plan, fields)}),
    }
    before = {name: _read(place.root / name) for name in files}
    try:
        for name, text in files.items():
            write_whole(place.root / name, text)
        changed = open_workspace(place.root)
        return FilePool(changed.state / "pool", progress).import_files(changed.pool_spec())
    except BaseException:
        for name, old in before.items():
            if old is not None:
                write_whole(place.root / name, old)
        raise


def _sections(place: Workspace, plan: Plan, fields: Mapping[str, str]) -> dict[str, Any]:
    """What the wizard asks; all else stays as it is written, secrets from the environment by their names."""
    kept = {name: part for name, part in written_settings(place.root).items() if name not in _OF_THE_SCREEN}
    path = plan.data.relative_to(place.root) if plan.data.is_relative_to(place.root) else plan.data
    return {
        **kept,
        "data": {**plan.data_settings, "files": [str(path)], "fields": dict(fields)},
        "overlap": {**kept.get("overlap", {}), "share": plan.overlap},
        "sampling": {**kept.get("sampling", {}), "batch": plan.batch},
    }


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None
