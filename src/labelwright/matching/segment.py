"""Similarity of stretches of time: shared seconds over all seconds of the two."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from labelwright.matching.arrays import Compare, Flags, Floats, Ints, ratio
from labelwright.matching.span import line_overlap
from labelwright.model.values import Segment

#: Code of a segment that holds for every channel.
_EVERY_CHANNEL = -1


def segment_iou(segments: Sequence[Segment]) -> Compare:
    """Intersection over union of segments, in the units of their axis.

    Segments of two different channels share nothing; one without a channel holds for all of them.
    """
    low = np.array([s.start for s in segments], dtype=np.float64)
    high = np.array([s.end for s in segments], dtype=np.float64)
    channel = np.array([_EVERY_CHANNEL if s.channel is None else s.channel for s in segments], dtype=np.int64)

    def compare(left: Ints, right: Ints) -> Floats:
        shared, union = line_overlap(low, high, left, right)
        a, b = channel[left], channel[right]
        alike: Flags = (a == b) | (a == _EVERY_CHANNEL) | (b == _EVERY_CHANNEL)
        same: Flags = alike & (low[left] == low[right]) & (high[left] == high[right])
        return ratio(np.where(alike, shared, 0.0), union, same)

    return compare
