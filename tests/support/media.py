"""Workspaces of media files for tests, and the files."""

from __future__ import annotations

import shutil
import struct
import uuid
import zlib
from pathlib import Path
from typing import Any

import pytest

from labelwright.adapters.labelstudio.config import read_config
from labelwright.adapters.labelstudio.templates import render
from labelwright.adapters.processes import wait_until
from labelwright.app.delivery import deliver
from labelwright.app.rounds import open_round
from labelwright.bootstrap import Workspace, open_workspace
from labelwright.entry.cli.init import Start, make_workspace
from labelwright.entry.cli.output import Bar
from labelwright.model.desk import DeskRecord
from support import workspaces
from support.servers import REPOSITORY

DATASETS = REPOSITORY.parent / "shared" / "datasets"


def real_files(folder: Path, kind: str, pattern: str, n: int) -> Path:
    """``n`` files of a data set, copied; the test is skipped where the data set is not there."""
    found = sorted((DATASETS / kind).glob(pattern))[:n]
    if len(found) < n:
        pytest.skip(f"the data set {kind} is not on this machine")
    folder.mkdir(parents=True)
    for path in found:
        shutil.copy(path, folder / path.name)
    return folder


def picture(path: Path, side: int = 32, grey: int = 90) -> Path:
    """A grey PNG picture."""
    rows = b"".join(b"\0" + bytes([grey]) * side for _ in range(side))
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    parts = [(b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    chunks = b"".join(struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in parts)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunks)
    return path


def make(root: Path, server: Any, template: str, classes: list[str] | None, data: Path, **columns: str) -> Workspace:
    """A workspace of a template on ``server``; ``columns`` say where fields of a data file come from."""
    start = Start(
        root=root,
        schema_xml=render(template, classes),
        guidelines="# Task\n\nLook closely.\n",
        name=f"Media {uuid.uuid4().hex[:6]}",
        data=data,
        columns=columns,
        data_settings={},
        sections={
            "label_studio": {"url": server.url, "token": server.administrator.token},
            "model": {"kind": "none", "test_items": 0},
            "sampling": {"strategy": "random", "batch": 10},
            "server": {"reconcile_seconds": 1.0, "sweep_seconds": 2.0},
        },
    )
    make_workspace(start, read_config(start.schema_xml), Bar(quiet=True))
    return open_workspace(root)


def at_desk(place: Workspace, *names: str) -> DeskRecord:
    """Annotators who join (Ada without a name), a round, and the first one's desk, all desks with their tasks.

    Labelwright's server must have been started.
    """
    workspaces.join(place, *(names or ("Ada",)))
    project, desks = place.project(), place.desks()
    open_round(project)
    desk, *others = project.store.desks("work")
    for each in (desk, *others):
        deliver(project, desks, each, place.owner)  # or the worker does at this very moment
    assert wait_until(lambda: not [a for a in project.store.assignments() if a.task is None], timeout=60)
    return desk
