"""What a model says of every item of the pool, kept for the choosing of the next ones."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from labelwright.app.context import Project
from labelwright.app.training import known_model, load_model, readable
from labelwright.model.project import Item
from labelwright.ports import Progress, Reads

_BATCH = 20_000


def score_pool(project: Project, number: int, progress: Progress) -> int:
    """What the current model says of every item of the pool, kept under the round's number; how many items.

    Items that cannot be read have no score. Without a model nothing is kept.
    """
    model = load_model(project)
    if model is None:
        return 0
    progress.start("Scoring the pool", len(project.pool))
    project.scores.begin(number)
    done = project.engine.each(project, partial(_scorer, number=number, version=model.record.version), progress)
    project.scores.finish(number, model.classes)
    progress.done()
    return done


def _scorer(project: Project, *, number: int, version: str) -> Callable[[int, int], int]:
    """What scores a stretch of the pool and keeps it; how many rows could be read."""
    model = known_model(project, version)
    ids = project.pool.ids() if model.learner.reads in {Reads.VECTOR, Reads.ITEM} else None

    def work(start: int, stop: int) -> int:
        rows, probabilities = [], []
        for at, data in project.pool.batches(_BATCH, (start, stop)):
            names = [""] * len(data) if ids is None else [ids[row] for row in at.tolist()]
            p = model.probabilities(project, [Item(name, d) for name, d in zip(names, data, strict=True)])
            known = readable(p)
            rows.append(at[known])
            probabilities.append(p[known])
        project.scores.put(number, (np.concatenate(rows), np.concatenate(probabilities)))
        return sum(len(r) for r in rows)

    return work
