"""Logistic regression with priors: at the top of its density, also where whole Newton steps would never arrive."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

from labelwright.coding.logistic import fit_logistic
from labelwright.consensus.calibration import _logit, _platt

MEAN, DEVIATION = np.array([0.0, 0.5]), np.array([3.0, 0.5])


@pytest.mark.parametrize("wrong", [0, 5, 26, 60, 100])
@pytest.mark.parametrize("claimed", [0.6, 0.97, 0.9999])
def test_the_maximum_is_found_whatever_was_claimed(wrong, claimed):
    """Scipy's general minimizer finds no higher density; sure and wrong posteriors are where steps must be halved."""
    right = np.arange(100) >= wrong
    x = _logit(np.clip(claimed + np.linspace(-0.05, 0.00009, 100), 0.5, 1.0))
    design = np.column_stack((np.ones(100), x))

    def loss(w):
        z = design @ w
        return (np.logaddexp(0, z) - right * z).sum() + (((w - MEAN) / DEVIATION) ** 2).sum() / 2

    w, _ = fit_logistic(design, right.astype(float), MEAN, DEVIATION)
    assert loss(w) <= minimize(loss, MEAN, method="BFGS").fun + 1e-6


def test_what_is_promised_on_gold_is_what_came_true():
    """A crowd that is sure of nearly everything and wrong in a quarter: calibrated, it promises about three quarters."""
    x, right = np.full(100, 9.0), (np.arange(100) >= 26).astype(float)
    u, v = _platt(x, right)
    assert 1 / (1 + np.exp(-(u + v * 9.0))) == pytest.approx(0.74, abs=0.02)


def test_without_observations_the_priors_speak():
    """Nothing was seen: the weights are the priors' means, and as unsure as these."""
    w, curvature = fit_logistic(np.empty((0, 2)), np.empty(0), MEAN, DEVIATION)
    assert w == pytest.approx(MEAN)
    assert np.linalg.inv(curvature) == pytest.approx(np.diag(DEVIATION**2))
