"""Scores a workspace's pool on a Ray cluster of two nodes and chooses from it: what the test of the engine runs."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

import ray

from labelwright.adapters.pool.engine import DaftEngine
from labelwright.app.scoring import score_pool
from labelwright.app.selection import select
from labelwright.bootstrap import open_project
from labelwright.entry.cli.output import Bar

# Ray sends functions of this module by value, for the nodes cannot import the tests.


def noting(project, *, seen: str, inner):
    """The same work, with a note of the node that did it."""
    work = inner(project)
    Path(seen, ray.get_runtime_context().get_node_id()).touch()
    return work


class Noting(DaftEngine):
    """The engine under test; its work notes where it was done."""

    def each(self, project, prepare, progress):
        return super().each(project, partial(noting, seen=sys.argv[3], inner=prepare), progress)


def main() -> None:
    import numpy as np

    address, root = sys.argv[1], Path(sys.argv[2])
    ray.init(address=address, log_to_driver=False)
    end = time.monotonic() + 60
    while sum(node["Alive"] for node in ray.nodes()) < 2 and time.monotonic() < end:
        time.sleep(0.2)
    project = open_project(root)
    engine = Noting(f"ray://{address}", root, open_project, small=0, stretch=50)
    project = replace(project, engine=engine)
    done = score_pool(project, 1, Bar(quiet=True))
    chosen = select(project, 2, 60, apart=np.empty(0, dtype=np.int64))
    items = [item.id for item in project.pool.items(chosen.rows.tolist())]
    sys.stdout.write(json.dumps({"scored": done, "strategy": chosen.strategy, "items": items}) + "\n")


if __name__ == "__main__":
    main()
