"""Similarity of brush masks: shared pixels over all painted pixels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from labelwright.matching.arrays import Compare, Floats, Ints
from labelwright.matching.brush import painted
from labelwright.matching.runs import runs_iou
from labelwright.model.values import Mask


def mask_iou(masks: Sequence[Mask]) -> Compare:
    """Intersection over union in pixels, exact; masks of pictures of different size share nothing.

    Raises:
        DataError: a mask's code is broken.
    """
    runs = [painted(m) for m in masks]

    def one(a: int, b: int) -> float:
        known = masks[a].size is not None and masks[b].size is not None
        return 0.0 if known and masks[a].size != masks[b].size else runs_iou(runs[a], runs[b])

    def compare(left: Ints, right: Ints) -> Floats:
        return np.array([one(a, b) for a, b in zip(left.tolist(), right.tolist(), strict=True)], dtype=np.float64)

    return compare
