"""Logistic regression with normal priors, for the few weights that bring a posterior to what it promises."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

Floats = NDArray[np.float64]

_MOST_STEPS, _TINY = 100, 1e-10


def fit_logistic(design: Floats, right: Floats, mean: Floats, deviation: Floats) -> tuple[Floats, Floats]:
    """The weights of the highest posterior density, and the curvature there, by Newton's method.

    A step that does not climb is halved: where logits are large, whole steps run to and fro for ever.

    Args:
        design: one row for each observation, shape (n, k); n may be 0: then the priors speak.
        right: 1 or 0, shape (n,).
        mean: of the normal priors, shape (k,).
        deviation: their standard deviations, shape (k,).

    Returns:
        weights, shape (k,), and the curvature of the negative log posterior, shape (k, k).

    Source: J. Nocedal and S. Wright, Numerical Optimization (2006), section 3.1, for the halving.
    """
    precision = deviation**-2.0

    def loss(w: Floats) -> float:
        z = design @ w
        return float((np.logaddexp(0.0, z) - right * z).sum() + (precision * (w - mean) ** 2).sum() / 2)

    def curvature(w: Floats) -> Floats:
        p = expit(design @ w)
        return np.asarray((design * (p * (1 - p))[:, None]).T @ design + np.diag(precision))

    w, least = mean.astype(np.float64), loss(mean)
    for _ in range(_MOST_STEPS):
        gradient = design.T @ (right - expit(design @ w)) - precision * (w - mean)
        step = np.linalg.solve(curvature(w), gradient)
        while (found := loss(w + step)) > least and float(np.abs(step).max()) >= _TINY:
            step = step / 2
        if float(np.abs(step).max()) < _TINY:
            break
        w, least = w + step, found
    return w, curvature(w)
