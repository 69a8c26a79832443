"""Makes a model mean what it says: a temperature found on labels that it has not seen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import log_softmax, softmax

from labelwright.model.errors import UsageError

#: Fewer held-out labels say nothing about confidence: the temperature stays 1.
FEWEST = 20
_FLOOR = 1e-12
#: log temperature ~ N(0, 1): a handful of labels does not turn a model upside down.
_LOG_RANGE = 3.0

Floats = NDArray[np.float64]


def temperature(probabilities: ArrayLike, truth: Sequence[str], classes: Sequence[str]) -> float:
    """The T for which softmax(log p / T) fits held-out labels best: above 1 the model was too sure of itself.

    C. Guo et al., On Calibration of Modern Neural Networks, ICML (2017), with a standard normal prior on log T.

    Args:
        probabilities: of items that the model was not trained on, shape (items, classes), finite.
        truth: their labels; those that are none of ``classes`` are left out.
        classes: names in the order of the columns.

    Returns:
        T, e^-3 to e^3; 1 with fewer than 20 labels.

    Raises:
        UsageError: the shapes do not fit.
    """
    p = np.asarray(probabilities, dtype=np.float64)
    if p.shape != (len(truth), len(classes)):
        raise UsageError(f"Probabilities of shape {p.shape} do not go with {len(truth)} labels", where="calibration")
    code = {name: k for k, name in enumerate(classes)}
    rows = np.array([i for i, label in enumerate(truth) if label in code], dtype=np.int64)
    if rows.size < FEWEST:
        return 1.0
    from scipy.optimize import minimize_scalar  # noqa: PLC0415 - takes a fifth of a second to load

    logs = np.log(np.maximum(p[rows], _FLOOR))
    own = np.array([code[truth[i]] for i in rows.tolist()])

    def loss(log_t: float) -> float:
        fit = log_softmax(logs / np.exp(log_t), axis=1)[np.arange(rows.size), own].sum()
        return float(log_t * log_t / 2 - fit)

    found = minimize_scalar(loss, bounds=(-_LOG_RANGE, _LOG_RANGE), method="bounded")
    return float(np.exp(found.x))


def tempered(probabilities: ArrayLike, t: float) -> Floats:
    """softmax(log p / T), shape (items, classes): the likeliest class stays the same.

    Args:
        probabilities: shape (items, classes); rows of NaN stay NaN.
        t: above 0.
    """
    p = np.asarray(probabilities, dtype=np.float64)
    if t == 1.0 or not p.size:
        return p
    return np.asarray(softmax(np.log(np.maximum(p, _FLOOR)) / t, axis=1), dtype=np.float64)


def calibration_gap(probabilities: ArrayLike, right: ArrayLike, bins: int = 10) -> float | None:
    """Mean distance between the confidence and the share that is right, over bins of equal size.

    M. P. Naeini, G. Cooper, M. Hauskrecht, Obtaining Well Calibrated Probabilities Using Bayesian Binning, AAAI
    (2015), with bins of equal numbers of items.

    Args:
        probabilities: of the predicted class, shape (items,), 0 to 1.
        right: whether it is the true one, shape (items,).
        bins: at most so many, of at least 10 items each.

    Returns:
        0 to 1; None with fewer than 20 items.
    """
    confidence, hits = np.asarray(probabilities, np.float64), np.asarray(right, np.float64)
    if confidence.size < FEWEST:
        return None
    parts = np.array_split(np.argsort(confidence, kind="stable"), min(bins, confidence.size // 10))
    return float(sum(abs(confidence[p].sum() - hits[p].sum()) for p in parts) / confidence.size)
