"""An audit that may be looked at after every item: evidence that grows, and a set that is certified when it suffices.

For a set of N items with E errors, the errors seen in a random order without replacement have the likelihood
P_E(x_1 … x_t) = (E)_S (N − E)_{t − S} / (N)_t, with S errors among t and (z)_k the falling factorial. Against it stands
a mixture Q over error rates a below 1 − τ. Under E the quotient W_t = Q / P_E is a martingale that starts at 1, so the
chance that it ever reaches 1/α is at most α (J. Ville 1939; for sampling without replacement I. Waudby-Smith and
A. Ramdas, NeurIPS 2020). A certificate at time t is false only where E ≥ S + u + 1, u = ⌊(1 − τ)(N − t)⌋. As the
likelihood of what was seen falls in E beyond N S / t, the smallest such E has the smallest W: that one is looked at.

So the set may be certified as soon as W ≥ 20, whenever that is, and the chance of a false certificate is at most 5 %.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.special import gammaln, logsumexp

from labelwright.model.errors import UsageError

# Error rates of the mixture, as shares of 1 − τ.
_RATES = (np.arange(40) + 0.5) / 40


def log_evidence(population: int, audited: int, errors: int, target: float) -> float:
    """Logarithm of W against the most favourable number of errors that would make a certificate false.

    Minus infinity where nothing can be said yet; infinity where so many errors do not fit into the unaudited items.

    Args:
        population: N, size of the set.
        audited: t, items drawn so far, at random and without replacement.
        errors: S, wrong labels among them.
        target: τ, 0 to 1.

    Raises:
        UsageError: the numbers do not fit together.
    """
    if not (0 <= errors <= audited <= population and 0 < target < 1):
        raise UsageError(
            "Errors, audited items and the set do not fit together",
            where=f"{errors}, {audited}, {population}, {target}",
        )
    rest = population - audited
    false = errors + math.floor((1 - target) * rest + 1e-9) + 1
    if false > population or false - errors > rest:
        return math.inf
    if audited == 0 or false * audited < population * errors:
        return -math.inf if audited else 0.0
    rates = (1 - target) * _RATES
    alternative = logsumexp(errors * np.log(rates) + (audited - errors) * np.log1p(-rates)) - math.log(rates.size)
    return float(alternative - _log_likelihood(population, audited, errors, false))


def certifies(population: int, audited: int, errors: int, target: float, alpha: float = 0.05) -> bool:
    """Whether the evidence suffices: W ≥ 1 / α. May be asked after every item."""
    return log_evidence(population, audited, errors, target) >= -math.log(alpha)


def _log_likelihood(population: int, audited: int, errors: int, total: int) -> float:
    """Logarithm of P_E for one order of the errors seen, where the set holds ``total`` errors."""
    right = audited - errors
    falls = ((total, errors), (population - total, right))
    found = sum(float(gammaln(z + 1) - gammaln(z - k + 1)) for z, k in falls)
    return found - float(gammaln(population + 1) - gammaln(population - audited + 1))
