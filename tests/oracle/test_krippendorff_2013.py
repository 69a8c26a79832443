"""Krippendorff (2013), Content Analysis, 3rd edition, chapter 12: the four-observer example with its coincidences.

The chapter's example has the data of Krippendorff (2011), section C. The book itself was not at hand: the coefficients
are those that the paper prints, and the coincidence matrix (n = 40) is checked against the data before alpha is worked
out from it in exact fractions, a second way that shares no code with ours.
"""

from fractions import Fraction

import numpy as np
import pytest

from labelwright.agreement import krippendorff_alpha
from labelwright.coding import encode
from support.agreement_tables import by_annotator

DATA = by_annotator(
    {
        "A": "1 2 3 3 2 1 4 1 2 . . .",
        "B": "1 2 3 3 2 2 4 1 2 5 . 3",
        "C": ". 3 3 3 2 3 4 2 2 5 1 .",
        "D": "1 2 3 3 2 4 4 1 2 5 1 .",
    }
)
THIRD, FOUR_THIRDS = Fraction(1, 3), Fraction(4, 3)
COINCIDENCES = [
    [7, FOUR_THIRDS, THIRD, THIRD, 0],
    [FOUR_THIRDS, 10, FOUR_THIRDS, THIRD, 0],
    [THIRD, FOUR_THIRDS, 8, THIRD, 0],
    [THIRD, THIRD, THIRD, 4, 0],
    [0, 0, 0, 0, 3],
]


def test_the_data_give_the_printed_coincidences():
    """Every pair of values of a unit counts 1 / (values of the unit - 1): the printed table, with margins 9 13 10 5 3."""
    counts = encode(DATA).counts.astype(float)
    sizes = counts.sum(axis=1)
    counts, sizes = counts[sizes >= 2], sizes[sizes >= 2]
    pairs = np.einsum("ic,ik->ick", counts, counts) - np.einsum("ic,ck->ick", counts, np.eye(5))
    assert (pairs / (sizes - 1)[:, None, None]).sum(axis=0) == pytest.approx(np.array(COINCIDENCES, float))
    assert [sum(row) for row in COINCIDENCES] == [9, 13, 10, 5, 3]


@pytest.mark.parametrize(
    ("level", "delta"),
    [
        ("nominal", lambda c, k: Fraction(int(c != k))),
        ("interval", lambda c, k: Fraction((c - k) ** 2)),
        ("ratio", lambda c, k: Fraction(c - k, c + k) ** 2),
        ("ordinal", lambda c, k: _between(c, k) ** 2),
    ],
)
def test_alpha_follows_from_the_coincidences(level, delta):
    """1 - (n - 1) Σ o δ² / Σ n n δ², in exact fractions: .743, .849, .797, .815 as printed."""
    margins = [sum(row) for row in COINCIDENCES]
    cells = [(c, k) for c in range(5) for k in range(5)]
    observed = sum(COINCIDENCES[c][k] * delta(c + 1, k + 1) for c, k in cells)
    expected = sum(margins[c] * margins[k] * delta(c + 1, k + 1) for c, k in cells)
    alpha = float(1 - (sum(margins) - 1) * observed / expected)
    printed = {"nominal": 0.743, "interval": 0.849, "ratio": 0.797, "ordinal": 0.815}
    assert alpha == pytest.approx(printed[level], abs=5e-4)
    assert krippendorff_alpha(DATA, level).value == pytest.approx(alpha, abs=1e-12)


def _between(c, k):
    """The ordinal distance: all values from one rank to the other, those at the ends by half."""
    margins = [sum(row) for row in COINCIDENCES]
    low, high = sorted((c, k))
    return Fraction(sum(margins[low - 1 : high])) - Fraction(margins[low - 1] + margins[high - 1], 2)
