"""Posteriors held against gold: how far they lie, and the same brought back to what they promise."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from labelwright.coding.logistic import fit_logistic
from labelwright.consensus.gold import Gold, gold_codes
from labelwright.consensus.result import ConsensusResult
from labelwright.model.errors import DataError

Floats = NDArray[np.float64]
# Beyond, a logit says more than any crowd can know.
_CLIP = 9.0
# Priors of the slope (raw posteriors claim too much) and of the intercept: normal, mean and standard deviation.
_SLOPE = (0.5, 0.5)
_INTERCEPT = (0.0, 3.0)
_FOLDS = 5
_LEAST = 10


@dataclass(frozen=True, eq=False)
class Calibration:
    """A calibrated consensus and what the calibration rests on.

    Attributes:
        result: the same labels with calibrated posteriors.
        intercept: of the Platt scaling.
        slope: of the Platt scaling; below 1 where the raw posteriors claimed too much.
        error_before: expected calibration error of the raw posteriors on the gold items, 0 to 1.
        error_after: the same for calibrated posteriors, each gold item scaled by a fit on the other folds.
        claimed: mean raw posterior of the labels of the gold items.
        accuracy: share of the gold items whose label is right.
        n_gold: gold items with answers.
    """

    result: ConsensusResult
    intercept: float
    slope: float
    error_before: float
    error_after: float
    claimed: float
    accuracy: float
    n_gold: int

    def applied(self, result: ConsensusResult) -> ConsensusResult:
        """The same scaling of another fit of the same annotations; items held to a known label keep theirs."""
        top = np.take_along_axis(result.posterior, result.label_codes[:, None], axis=1)[:, 0]
        wanted = expit(self.intercept + self.slope * _logit(top))
        wanted[result.held] = 1.0
        return replace(result, posterior=_rescaled(result, top, wanted), log_likelihood=None)


def calibrate(result: ConsensusResult, gold: Gold) -> Calibration:
    """Scale the posteriors so that of the labels claimed with probability p about a share p is right.

    Platt scaling: P(label right) = 1 / (1 + exp(−(u + v x))) with x the logit of the label's raw posterior, clipped
    at ±9; priors v ~ N(½, ½²) and u ~ N(0, 3²). The rest of each posterior keeps its proportions; no label changes.
    Gold used here must not be used again to certify the result, and a calibrated posterior is still no guarantee for a
    single job.

    Source: J. Platt, Probabilistic Outputs for Support Vector Machines (1999); C. Guo et al., On Calibration of Modern
    Neural Networks, ICML (2017), for the calibration error.

    Args:
        result: from any estimator that has not seen the gold: ``select(annotations, gold, held={})``. The scaling
            found holds for a fit that was held to it, too: see `Calibration.applied`.
        gold: item to label, or a DataFrame with columns item and label; at least 10 items with answers.

    Raises:
        DataError: fewer than 10 gold items have answers, or the result was held to some of them.
    """
    known = gold_codes(result.coded, gold)
    seen = np.isin(known.item, result.held)
    if seen.any():
        raise DataError(
            f"The result was held to {np.count_nonzero(seen)} of the gold labels, so they say nothing about it",
            next_step="Give a fit that has not seen them, select(annotations, gold, held={}), or use select_calibrated",
        )
    if len(known) < _LEAST:
        raise DataError(
            f"{len(known)} gold items have answers, too few to calibrate on", next_step=f"Give at least {_LEAST}"
        )
    top = np.take_along_axis(result.posterior, result.label_codes[:, None], axis=1)[:, 0]
    claimed = top[known.item]
    right = (result.label_codes[known.item] == known.label).astype(np.float64)
    u, v = _platt(_logit(claimed), right)
    return Calibration(
        replace(result, posterior=_rescaled(result, top, expit(u + v * _logit(top))), log_likelihood=None),
        intercept=u,
        slope=v,
        error_before=calibration_error(claimed, right),
        error_after=calibration_error(_held_out(_logit(claimed), right), right),
        claimed=float(claimed.mean()),
        accuracy=float(right.mean()),
        n_gold=len(known),
    )


def calibration_error(claimed: Floats, right: Floats, bins: int = 10) -> float:
    """Expected calibration error: mean gap between claim and truth over bins of equally many items, 0 to 1.

    Args:
        claimed: probabilities claimed, shape (n,).
        right: 1 where right, 0 where wrong, shape (n,).
        bins: at most so many; fewer where a bin would hold less than ten items.
    """
    order = np.argsort(claimed, kind="stable")
    parts = np.array_split(order, max(1, min(bins, claimed.size // 10)))
    gaps = [abs(claimed[part].mean() - right[part].mean()) * part.size for part in parts]
    return float(sum(gaps) / claimed.size)


def _logit(p: Floats) -> Floats:
    with np.errstate(divide="ignore"):
        return np.asarray(np.clip(np.log(p) - np.log1p(-p), -_CLIP, _CLIP))


def _platt(x: Floats, right: Floats) -> tuple[float, float]:
    """Intercept and slope."""
    design = np.column_stack((np.ones_like(x), x))
    means, deviations = np.array([_INTERCEPT, _SLOPE]).T
    w, _ = fit_logistic(design, right, means, deviations)
    return float(w[0]), float(w[1])


def _held_out(x: Floats, right: Floats) -> Floats:
    """Calibrated probabilities, each from a fit without its own fold."""
    fold = np.arange(x.size) % _FOLDS
    p = np.empty_like(x)
    for k in range(_FOLDS):
        u, v = _platt(x[fold != k], right[fold != k])
        p[fold == k] = expit(u + v * x[fold == k])
    return p


def _rescaled(result: ConsensusResult, top: Floats, wanted: Floats) -> Floats:
    """Posteriors whose label has the wanted probability, or just as much as the next best where that is more."""
    rows = np.arange(top.size)
    rest = result.posterior.copy()
    rest[rows, result.label_codes] = 0
    left = rest.sum(axis=1)
    K = rest.shape[1]
    if K == 1:
        return result.posterior.copy()
    even = np.full_like(rest, 1 / (K - 1))
    even[rows, result.label_codes] = 0
    rest = np.where(left[:, None] > 0, rest / np.where(left > 0, left, 1)[:, None], even)
    runner_up = rest.max(axis=1)
    wanted = np.maximum(wanted, runner_up / (1 + runner_up))
    rest *= (1 - wanted)[:, None]
    rest[rows, result.label_codes] = wanted
    return rest
