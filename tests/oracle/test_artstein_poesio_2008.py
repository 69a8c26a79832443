"""Artstein and Poesio (2008), Inter-coder agreement for computational linguistics, Computational Linguistics 34(4)."""

import numpy as np
import pytest

from labelwright.agreement import brennan_prediger, cohen_kappa, krippendorff_alpha, percent_agreement, scott_pi
from labelwright.agreement.alpha import prepare_distance
from labelwright.agreement.interval import Sampling
from labelwright.coding import encode
from support.agreement_tables import contingency

# p. 558: coder A by columns, coder B by rows; p. 568: the same with a third class.
PAGE_558 = contingency([[20, 10], [20, 50]], ["stat", "ireq"])
PAGE_568 = contingency([[46, 0, 0], [6, 32, 6], [0, 0, 10]], ["stat", "ireq", "chck"])


def test_page_558():
    """A_o = .7, S = .4, pi = .341, kappa = .348."""
    assert percent_agreement(PAGE_558).value == pytest.approx(0.7)
    assert brennan_prediger(PAGE_558).value == pytest.approx(0.4)
    assert scott_pi(PAGE_558).value == pytest.approx(0.341, abs=5e-4)
    assert cohen_kappa(PAGE_558).value == pytest.approx(0.348, abs=5e-4)


def test_page_568():
    """A_o = .88, S = .82, pi = .7995, kappa = .8013, alpha = .800."""
    assert percent_agreement(PAGE_568).value == pytest.approx(0.88)
    assert brennan_prediger(PAGE_568).value == pytest.approx(0.82)
    assert scott_pi(PAGE_568).value == pytest.approx(0.7995, abs=5e-5)
    assert cohen_kappa(PAGE_568).value == pytest.approx(0.8013, abs=5e-5)
    assert krippendorff_alpha(PAGE_568).value == pytest.approx(0.800, abs=1e-3)


def test_page_568_weighted():
    """With half the distance to "chck" alpha is .8156."""
    coded = encode(PAGE_568)
    weights = {"chck": 0.5}
    classes = coded.class_list()
    delta = np.array([[0 if a == b else min(weights.get(a, 1), weights.get(b, 1)) for b in classes] for a in classes])
    found = prepare_distance(coded, "alpha", delta.astype(float)).result(Sampling())
    assert found.value == pytest.approx(0.8156, abs=5e-5)
