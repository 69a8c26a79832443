"""How probably each consensus label is right, by what an expert has found: the order in which labels are accepted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from labelwright.coding.logistic import fit_logistic

Floats = NDArray[np.float64]
Codes = NDArray[np.integer]

# Beyond, a logit says more than any crowd can know.
_CLIP = 12.0
# Up to this logit labels get better fast; beyond it they do more and more slowly: what a crowd agrees upon is wrong
# where all of it errs.
_KNEE, _BEYOND = 5.0, 10.0
# Normal priors, mean and standard deviation: intercept, slope up to the knee and beyond, slope of the dissent, offset
# and turn of a class. The first four lie near those of ten recorded crowds; the dissent's was below 0 on each of them.
_INTERCEPT = (1.4, 0.9)
_SLOPE = (0.25, 0.12)
_SLOPE_BEYOND = (0.23, 0.17)
_SLOPE_DISSENT = (-1.0, 0.45)
_OFFSET = 0.8
_TURN = 0.1
# Of the logit: how much a whole job is better or worse than what was fitted (mean and standard deviation).
_MISFIT = (0.0, 0.15)


@dataclass(frozen=True, eq=False)
class Ranker:
    """Chance that a label is right = 1 / (1 + exp(−(u + v x + w y + z d + o_label + s_label x))).

    x is the logit up to its knee, y what is beyond, flattened; d the logarithm of 1 + the dissent: where answers were
    outvoted an item is hard, and its label less sure than its posterior says.

    The offsets and turns by class matter: where one class is rare, labels of that class are wrong far more often than
    their posteriors say, and an order that mixes the classes by posterior wastes the audit on them.

    Attributes:
        weights: u, v, w, z, the offsets o and the turns s of the classes; shape (4 + 2 K,).
        covariance: of the weights (Laplace), shape (4 + 2 K, 4 + 2 K).
        n: labels that it was fitted to.
    """

    weights: Floats
    covariance: Floats
    n: int

    def chance(self, posterior: Floats, dissent: Floats) -> Floats:
        """Chance that each item's most probable class is right; shape (n_items,)."""
        return np.asarray(expit(_design(posterior, dissent) @ self.weights))

    def draws(self, posterior: Floats, dissent: Floats, n: int, rng: np.random.Generator) -> Floats:
        """The same under ``n`` draws of the weights, shape (n, n_items): how unsure the chances are."""
        factor = np.linalg.cholesky(self.covariance)
        weights = self.weights + rng.standard_normal((n, self.weights.size)) @ factor.T
        weights[:, 1:3] = np.maximum(weights[:, 1:3], 0.0)
        weights[:, 3] = np.minimum(weights[:, 3], 0.0)
        misfit = _MISFIT[0] + _MISFIT[1] * rng.standard_normal((n, 1))
        return np.asarray(expit(weights @ _design(posterior, dissent).T + misfit))


def fit_ranker(posterior: Floats, dissent: Floats, right: NDArray[np.bool_]) -> Ranker:
    """Penalized logistic regression (Platt 1999, with an offset and a turn for each class), by Newton's method.

    Args:
        posterior: of the items whose label an expert has given, shape (n, K); may be empty: then the priors speak.
        dissent: evidence against those labels in their own answers, nats (`consensus.refit.dissent`); shape (n,).
        right: whether their most probable class was right, shape (n,).
    """
    K = posterior.shape[1]
    design = _design(posterior, dissent)
    common = np.array([_INTERCEPT, _SLOPE, _SLOPE_BEYOND, _SLOPE_DISSENT])
    mean = np.concatenate((common[:, 0], np.zeros(2 * K)))
    deviation = np.concatenate((common[:, 1], np.full(K, _OFFSET), np.full(K, _TURN)))
    w, curvature = fit_logistic(design, np.asarray(right, np.float64), mean, deviation)
    return Ranker(w, np.asarray(np.linalg.inv(curvature)), len(right))


def _design(posterior: Floats, dissent: Floats) -> Floats:
    """Columns: 1, the logit up to its knee, what is beyond, the dissent, one for each class, and one for its logit."""
    n, K = posterior.shape
    label = posterior.argmax(axis=1)
    top = posterior[np.arange(n), label]
    with np.errstate(divide="ignore"):
        logit = np.clip(np.log(top) - np.log1p(-top), -_CLIP, _CLIP)
    x = np.minimum(logit, _KNEE)
    beyond = -_BEYOND * np.expm1(-np.maximum(logit - _KNEE, 0.0) / _BEYOND)
    own = np.eye(K)[label]
    return np.column_stack((np.ones(n), x, beyond, np.log1p(dissent), own, own * x[:, None]))
