"""Image classifier without a download: gradients, colours and a thumbnail, then logistic regression."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from labelwright.adapters.learners.dense import DenseLearner, Features, stacked
from labelwright.ports import Reads

_SIDE = 64
_CELL = 8
_BINS = 9
_THUMBNAIL = 12
_COLOUR_BINS = 8
_CELLS = _SIDE // _CELL
#: Four normalisations of each cell would be four times as much; one over the blocks of 2 × 2 cells says nearly as much.
_HOG = (_CELLS - 1) * (_CELLS - 1) * 4 * _BINS
DIMENSIONS = _HOG + 4 * 3 * _COLOUR_BINS + _THUMBNAIL * _THUMBNAIL + 6


class ImageLearner(DenseLearner):
    """Histograms of gradients, colour histograms by quarter, a thumbnail, means and spreads; then a linear model.

    N. Dalal, B. Triggs, Histograms of Oriented Gradients for Human Detection, CVPR (2005), on 64 × 64 pixels.
    """

    name = "image"
    reads = Reads.IMAGE
    strength = 0.01

    def embed(self, inputs: Sequence[Any]) -> Features:
        """Features of pictures given as path or as bytes."""
        return stacked([_described(source) for source in inputs], DIMENSIONS)


def _described(source: Any) -> NDArray[np.float64] | None:
    pixels = _pixels(source)
    if pixels is None:
        return None
    grey = pixels @ np.array([0.299, 0.587, 0.114])
    return np.concatenate([_gradients(grey), _colours(pixels), _thumbnail(grey), _moments(pixels)])


def _pixels(source: Any) -> NDArray[np.float64] | None:
    """RGB between 0 and 1, shape (64, 64, 3); None where it is no picture, or one that is too large to be opened."""
    if source is None:
        return None
    try:
        with Image.open(BytesIO(source) if isinstance(source, bytes) else Path(source)) as opened:
            opened.draft("RGB", (2 * _SIDE, 2 * _SIDE))  # a large JPEG is read at a fraction of its size
            small = opened.convert("RGB").resize((_SIDE, _SIDE), Image.Resampling.BILINEAR, reducing_gap=2.0)
            return np.asarray(small, dtype=np.float64) / 255
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None


def _gradients(grey: NDArray[np.float64]) -> NDArray[np.float64]:
    """Gradient directions by cell, weighed by strength, normalised over blocks of 2 × 2 cells."""
    down, right = np.gradient(grey)
    strength, angle = np.hypot(down, right), np.arctan2(down, right) % np.pi
    place = angle / np.pi * _BINS
    low = np.floor(place).astype(np.int64)
    share = place - low
    cell = np.arange(_SIDE) // _CELL
    at = (cell[:, None] * _CELLS + cell[None, :]) * _BINS
    size = _CELLS * _CELLS * _BINS
    histogram = np.bincount((at + low % _BINS).ravel(), (strength * (1 - share)).ravel(), size)
    histogram += np.bincount((at + (low + 1) % _BINS).ravel(), (strength * share).ravel(), size)
    cells = histogram.reshape(_CELLS, _CELLS, _BINS)
    blocks = np.concatenate([cells[:-1, :-1], cells[:-1, 1:], cells[1:, :-1], cells[1:, 1:]], axis=2)
    length = np.sqrt((blocks**2).sum(axis=2, keepdims=True) + 1e-4)
    return np.asarray(np.minimum(blocks / length, 0.2).ravel(), dtype=np.float64)


def _colours(pixels: NDArray[np.float64]) -> NDArray[np.float64]:
    """Histogram of each channel in each quarter of the picture, as square roots of shares."""
    half = _SIDE // 2
    quarters = [pixels[r : r + half, c : c + half, k] for r in (0, half) for c in (0, half) for k in range(3)]
    counts = [np.histogram(q, bins=_COLOUR_BINS, range=(0, 1))[0] for q in quarters]
    return np.asarray(np.sqrt(np.concatenate(counts) / half**2), dtype=np.float64)


def _thumbnail(grey: NDArray[np.float64]) -> NDArray[np.float64]:
    edges = np.linspace(0, _SIDE, _THUMBNAIL + 1).astype(np.int64)[:-1]
    sums = np.add.reduceat(np.add.reduceat(grey, edges, axis=0), edges, axis=1)
    sizes = np.diff([*edges, _SIDE])
    return np.asarray((sums / np.outer(sizes, sizes)).ravel(), dtype=np.float64)


def _moments(pixels: NDArray[np.float64]) -> NDArray[np.float64]:
    flat = pixels.reshape(-1, 3)
    return np.concatenate([flat.mean(axis=0), flat.std(axis=0)])
