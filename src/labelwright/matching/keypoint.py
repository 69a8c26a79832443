"""Similarity of key points: object keypoint similarity (OKS)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from labelwright.matching.arrays import Compare, Floats, Ints
from labelwright.matching.box import common_scale, scale_of
from labelwright.model.values import KeyPoint

#: Distance, as a share of the square root of the picture's area, at which the similarity has fallen to exp(-1/2).
TOLERANCE = 0.025
#: Beyond so many tolerances two points have nothing in common: the similarity, below .012, is called 0.
_REACH = 3.0


def keypoint_oks(points: Sequence[KeyPoint], tolerance: float = TOLERANCE) -> Compare:
    """exp(-d² / (2 s² k²)) of the COCO keypoint task, d the distance in pixels.

    COCO takes s² from the area of the object that the point belongs to. A lone point has no object, so s² is the
    picture's area here and k is ``tolerance``. Without a recorded size a square picture is assumed.
    """
    places = np.array([(p.x, p.y) for p in points], dtype=np.float64).reshape(-1, 2)
    scales = np.array([scale_of(p.size) for p in points], dtype=np.float64).reshape(-1, 2)

    def compare(left: Ints, right: Ints) -> Floats:
        scale = common_scale(scales[left], scales[right])
        squared = np.square((places[left] - places[right]) * scale).sum(axis=1)
        area = (scale * 100).prod(axis=1)
        exponent = squared / (2 * area * tolerance**2)
        return np.asarray(np.where(exponent <= _REACH**2 / 2, np.exp(-exponent), 0.0))

    return compare
