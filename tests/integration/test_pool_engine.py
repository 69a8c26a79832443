"""Work on the whole pool: the same scores and the same choice in one process, in several, and on two nodes of Ray."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import psutil
import pytest

from labelwright.adapters.processes import free_port
from labelwright.app.scoring import score_pool
from labelwright.app.selection import select
from labelwright.bootstrap import open_project
from labelwright.model.errors import SettingsError
from support.learned import QUIET, learned, workspace

NOTHING = np.empty(0, dtype=np.int64)
DRIVER = Path(__file__).parents[1] / "support" / "ray_driver.py"


def scored_and_chosen(project) -> tuple[pl.DataFrame, list[str]]:
    """The score table of the pool, and the ids of a batch."""
    assert score_pool(project, 1, QUIET) == 600
    table = pl.read_parquet(project.scores.table(1).parts).sort("row")
    chosen = select(project, 2, 60, apart=NOTHING)
    assert chosen.strategy == "hybrid"
    return table, [item.id for item in project.pool.items(chosen.rows.tolist())]


def test_several_processes_score_and_choose_as_one_does(tmp_path):
    """A pool that is chosen from differently when it grows over the size that one process works on."""
    project = learned(workspace(tmp_path))
    table, ids = scored_and_chosen(project)
    spread = replace(project, engine=replace(project.engine, small=0, stretch=70))
    again, same = scored_and_chosen(spread)
    assert again.equals(table)
    assert same == ids


def test_an_engine_that_there_is_not_is_refused(tmp_path):
    """A spelling mistake that silently works on one core for a day."""
    project = learned(workspace(tmp_path, n=120))
    with pytest.raises(SettingsError, match="no engine spark"):
        score_pool(replace(project, engine=replace(project.engine, address="spark://x:1")), 1, QUIET)


@pytest.mark.server
def test_two_nodes_of_ray_choose_what_one_machine_does(tmp_path):
    """The one setting that moves the work to a cluster must not move the choice."""
    place = workspace(tmp_path)
    _, ids = scored_and_chosen(learned(place))
    shutil.rmtree(place.state / "pool" / "scores")
    seen = tmp_path / "nodes"
    seen.mkdir()
    with two_nodes() as address:
        command = [sys.executable, str(DRIVER), address, str(place.root), str(seen)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout.strip().splitlines()[-1])
    assert found == {"scored": 600, "strategy": "hybrid", "items": ids}
    assert len(list(seen.iterdir())) == 2
    assert len(open_project(place.root).scores.table(1)) == 600


@contextmanager
def two_nodes():
    """A head and a worker on this machine, each with one core; the address. Only what was started here is ended."""
    folder = Path(tempfile.mkdtemp(prefix="lw-ray-"))  # short: a socket's path has 107 characters at most
    port = free_port()
    head = ["--head", f"--port={port}", "--include-dashboard=false", f"--temp-dir={folder}"]
    started: list[psutil.Process] = []
    try:
        started.append(_start(*head))
        _wait_for_head(started[0], port)
        started.append(_start(f"--address=127.0.0.1:{port}"))
        yield f"127.0.0.1:{port}"
    finally:
        for process in reversed(started):
            _end(process)
        shutil.rmtree(folder, ignore_errors=True)


def _start(*options: str) -> psutil.Process:
    low = free_port()
    common = ["--node-ip-address=127.0.0.1", "--num-cpus=1", "--disable-usage-stats", "--block"]
    memory = ["--object-store-memory=80000000", f"--min-worker-port={low}", f"--max-worker-port={low + 40}"]
    environment = {**os.environ, "RAY_DISABLE_MEMORY_MONITOR": "1"}
    process = subprocess.Popen(
        [str(Path(sys.executable).with_name("ray")), "start", *options, *common, *memory],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env=environment,
    )
    return psutil.Process(process.pid)


def _wait_for_head(head: psutil.Process, port: int) -> None:
    check = "import ray, sys; ray.init(address=sys.argv[1], log_to_driver=False)"
    end = time.monotonic() + 90
    while time.monotonic() < end and head.is_running():
        command = [sys.executable, "-c", check, f"127.0.0.1:{port}"]
        with suppress(subprocess.TimeoutExpired):
            if subprocess.run(command, capture_output=True, timeout=40, check=False).returncode == 0:
                return
    raise AssertionError("the head of the cluster did not start")


def _end(process: psutil.Process) -> None:
    """The process and all that it started, by their numbers."""
    with suppress(psutil.NoSuchProcess):
        family = [*process.children(recursive=True), process]
        for member in family:
            with suppress(psutil.NoSuchProcess):
                member.send_signal(signal.SIGTERM)
        _, alive = psutil.wait_procs(family, timeout=10)
        for member in alive:
            with suppress(psutil.NoSuchProcess):
                member.kill()
