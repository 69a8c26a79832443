"""Ratings and numbers: the latent score, and the step of the scale that it falls on."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import ndtr

from labelwright.app.inferring.classes import differing, known
from labelwright.app.inferring.values import Inferred, unsettled
from labelwright.coding import encode
from labelwright.coding.coded import as_list
from labelwright.consensus import RatingModel
from labelwright.model.values import Number

Floats = NDArray[np.float64]
#: Decimals that a number's step may have.
_DECIMALS = 6
#: Steps of a scale up to which each gets its probability.
_MOST_STEPS = 101
_LEAST = 1e-4


def infer_numbers(labels: pl.DataFrame, gold: Mapping[str, str]) -> dict[str, Inferred]:
    """The step nearest to each item's latent score (`RatingModel`), never outside what was answered.

    The scale's step is the least power of ten of which all answers are multiples. A step's probability is that of the
    score lying half a step around it.

    Args:
        labels: columns item, annotator, label (float).
        gold: numbers that are known, written as labels.
    """
    coded = encode(labels)
    result = RatingModel().fit(coded)
    given = np.asarray(coded.class_list(), np.float64)[coded.label]
    step = step_of(given)
    low, high = np.full(coded.n_items, np.inf), np.full(coded.n_items, -np.inf)
    np.minimum.at(low, coded.item, given)
    np.maximum.at(high, coded.item, given)
    split, votes = differing(coded), np.diff(coded.starts)
    scale = np.arange(round(given.min() / step), round(given.max() / step) + 1) * step
    found: dict[str, Inferred] = {}
    for i, item in enumerate(as_list(coded.item_names)):
        score, sd = float(result.score[i]), float(result.score_sd[i])
        value = written(float(np.round(np.clip(score, low[i], high[i]) / step) * step))
        steps = scale if scale.size <= _MOST_STEPS else np.array([value])
        mass = _mass(steps, score, sd, step, whole=scale.size <= _MOST_STEPS)
        p = float(mass[np.abs(steps - value).argmin()])
        found[str(item)] = Inferred(
            label=f"{value:g}",
            posterior=p,
            contested=unsettled(p, tied=False, differing=bool(split[i])) and _far_apart(low[i], high[i], step),
            votes=int(votes[i]),
            differing=bool(split[i]),
            distribution={f"{written(float(s)):g}": float(q) for s, q in zip(steps, mass, strict=True) if q >= _LEAST},
            method=result.method,
            value=Number(value),
        )
    return known(found, gold)


def step_of(numbers: Floats) -> float:
    """The least power of ten, from one downwards, of which all are multiples."""
    for decimals in range(_DECIMALS):
        if np.allclose(numbers, np.round(numbers, decimals), atol=1e-9, rtol=0):
            return float(10.0**-decimals)
    return float(10.0**-_DECIMALS)


def written(number: float) -> float:
    """Without what floating point leaves behind."""
    return round(number, _DECIMALS)


def _far_apart(low: float, high: float, step: float) -> bool:
    """Neighbours on a scale are no quarrel: answers more than one step apart are."""
    return high - low > 1.5 * step


def _mass(steps: Floats, score: float, sd: float, step: float, *, whole: bool) -> Floats:
    """Probability of each step; the ends of a whole scale take what lies beyond."""
    sd = max(sd, 1e-12)
    above = ndtr((steps + step / 2 - score) / sd)
    below = ndtr((steps - step / 2 - score) / sd)
    if whole:
        above[-1], below[0] = 1.0, 0.0
    return np.asarray(above - below)
