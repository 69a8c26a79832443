"""Similarity of ranges of video frames."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from labelwright.matching.arrays import Compare, Floats, Ints
from labelwright.matching.runs import Runs, merged, runs_iou
from labelwright.model.values import FrameRanges


def frames_of(ranges: FrameRanges) -> Runs:
    """The frames as runs; both ends of a range belong to it."""
    pairs = np.array(ranges.ranges, dtype=np.int64).reshape(-1, 2)
    return merged(pairs[:, 0], pairs[:, 1] + 1)


def timeline_iou(timelines: Sequence[FrameRanges]) -> Compare:
    """Frames in both over frames in either, exact."""
    runs = [frames_of(t) for t in timelines]

    def compare(left: Ints, right: Ints) -> Floats:
        rows = zip(left.tolist(), right.tolist(), strict=True)
        return np.array([runs_iou(runs[a], runs[b]) for a, b in rows], dtype=np.float64)

    return compare
