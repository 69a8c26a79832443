"""Work on the whole pool, stretch by stretch, with Daft: on the cores of this machine, or on a Ray cluster.

Each stretch is read, worked on and written where it is worked on; only counts come back. So memory grows with the
size of a stretch, not of the pool, and the same code runs on one machine or on many. On a cluster every node must see
the workspace and the pool under the same paths, and have the same labelwright installed.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from labelwright.app.context import Project
from labelwright.model.errors import OutsideServiceError, SettingsError
from labelwright.ports import Progress
from labelwright.ports.scoring import Prepare

LOCAL = "local"
RAY = "ray://"
#: Rows of a stretch on many cores: large enough to be worth the way, small enough to be held.
STRETCH = 50_000
#: A pool of fewer rows is worked on in this process: starting others takes longer than the work.
SMALL = 500_000


@dataclass(frozen=True, slots=True)
class DaftEngine:
    """Runs work on stretches of the pool. Implements `ports.PoolEngine`.

    Attributes:
        address: ``local``, or ``ray://HOST:PORT`` with the address that `ray start --head` tells.
        root: the workspace, opened anew by every worker.
        open_project: opens it; a function that other processes can import.
        small: pools of fewer rows stay in this process, unless there is a cluster.
        stretch: rows that are worked on at a time.
    """

    address: str
    root: Path
    open_project: Callable[[Path], Project]
    small: int = SMALL
    stretch: int = STRETCH

    def each(self, project: Project, prepare: Prepare, progress: Progress) -> int:
        """The work on every stretch of the pool; the sum of what it gave.

        Raises:
            OutsideServiceError: the cluster cannot be reached.
            SettingsError: the engine is none, or the extra for clusters is not installed.
        """
        rows = len(project.pool)
        if self.address == LOCAL and rows < self.small:
            work, total = prepare(project), 0
            for start, stop in stretches(rows, self.stretch):
                total += work(start, stop)
                progress.step(stop - start)
            return total
        self._connect()
        total = 0
        for start, stop, done in _dispatched(self, prepare, rows):
            total += done
            progress.step(stop - start)
        return total

    def _connect(self) -> None:
        import daft  # noqa: PLC0415 - a second of importing

        # No line of statistics leaves this machine, whatever Daft's default is.
        os.environ["DO_NOT_TRACK"] = "true"
        if self.address == LOCAL:
            daft.set_runner_native()
            return
        if not self.address.startswith(RAY):
            raise SettingsError(
                f"There is no engine {self.address}",
                where="labelwright.yaml: pool.engine",
                next_step="Write local, or ray://HOST:PORT",
            )
        try:
            import ray  # noqa: F401, PLC0415
        except ImportError as problem:
            raise SettingsError(
                "A Ray cluster needs Ray, which is not installed",
                where="labelwright.yaml: pool.engine",
                next_step="pip install 'labelwright[cluster]', with the version of Ray that the cluster has",
            ) from problem
        try:
            daft.set_runner_ray(self.address.removeprefix(RAY), noop_if_initialized=True)
        except (ConnectionError, RuntimeError, TimeoutError) as problem:
            raise OutsideServiceError(
                f"The Ray cluster does not answer: {problem}",
                where=self.address,
                next_step="Start it (ray start --head), or set pool.engine: local",
            ) from problem


def stretches(rows: int, size: int = STRETCH) -> list[tuple[int, int]]:
    """First row, and row before which to stop, of every stretch."""
    return [(start, min(start + size, rows)) for start in range(0, rows, size)]


def _dispatched(engine: DaftEngine, prepare: Prepare, rows: int) -> Iterator[tuple[int, int, int]]:
    import daft  # noqa: PLC0415

    from labelwright.adapters.pool.worker import Worker  # noqa: PLC0415

    worker = daft.cls(Worker, use_process=engine.address == LOCAL)(engine.root, engine.open_project, prepare)
    given = stretches(rows, engine.stretch)
    frame = daft.from_pydict({"start": [s for s, _ in given], "stop": [s for _, s in given]})
    # A partition of its own for every stretch on a cluster, a batch of its own here: that is what is spread.
    spread = frame.into_batches(1) if engine.address == LOCAL else frame.into_partitions(len(given))
    done = spread.with_column("done", worker.work(daft.col("start"), daft.col("stop")))
    for line in done.iter_rows():
        yield int(line["start"]), int(line["stop"]), int(line["done"])
