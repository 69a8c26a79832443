"""Similarity of text spans: shared code points over all code points of the two."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from labelwright.matching.arrays import Compare, Flags, Floats, Ints, ratio
from labelwright.model.values import Span


def line_overlap(low: Floats, high: Floats, left: Ints, right: Ints) -> tuple[Floats, Floats]:
    """Shared length and length of the union of intervals [low, high), each of shape (n,)."""
    shared = np.maximum(np.minimum(high[left], high[right]) - np.maximum(low[left], low[right]), 0.0)
    return shared, (high[left] - low[left]) + (high[right] - low[right]) - shared


def axis_of(span: Span) -> tuple[str, str] | None:
    """What the offsets count from: None for the start of the text, else the anchors."""
    return None if span.from_document else span.anchors


def span_iou(spans: Sequence[Span]) -> Compare:
    """Intersection over union of spans, in code points.

    Spans of HTML or a dialogue carry anchors. Offsets that count from anchors are compared only where both spans are
    anchored alike: in different nodes they share nothing. Offsets from the start of the document are all compared.
    """
    low = np.array([s.start for s in spans], dtype=np.float64)
    high = np.array([s.end for s in spans], dtype=np.float64)
    codes: dict[tuple[str, str] | None, int] = {}
    axis = np.array([codes.setdefault(axis_of(s), len(codes)) for s in spans], dtype=np.int64)

    def compare(left: Ints, right: Ints) -> Floats:
        shared, union = line_overlap(low, high, left, right)
        alike: Flags = axis[left] == axis[right]
        same: Flags = alike & (low[left] == low[right]) & (high[left] == high[right])
        return ratio(np.where(alike, shared, 0.0), union, same)

    return compare
