"""Shrout and Fleiss (1979), Intraclass correlations: uses in assessing rater reliability, Psychological Bulletin 86(2)."""

import pytest

from labelwright.agreement import icc
from support.agreement_tables import by_item

# Table 2, p. 423: six targets, four judges.
TABLE_2 = by_item([(9, 2, 5, 8), (6, 1, 3, 2), (8, 4, 6, 8), (7, 1, 2, 6), (10, 5, 6, 9), (6, 2, 4, 7)])


@pytest.mark.parametrize(
    ("form", "value"),
    [
        ("ICC(1,1)", 0.17),
        ("ICC(2,1)", 0.29),
        ("ICC(3,1)", 0.71),
        ("ICC(1,k)", 0.44),
        ("ICC(2,k)", 0.62),
        ("ICC(3,k)", 0.91),
    ],
)
def test_table_4(form, value):
    """The six forms: .17, .29, .71, .44, .62, .91 (p. 424)."""
    assert icc(TABLE_2, form).value == pytest.approx(value, abs=5e-3)


@pytest.mark.parametrize(
    ("form", "low", "high"),
    [
        ("ICC(1,1)", -0.133, 0.723),
        ("ICC(2,1)", 0.019, 0.761),
        ("ICC(3,1)", 0.342, 0.946),
        ("ICC(1,k)", -0.884, 0.912),
        ("ICC(2,k)", 0.071, 0.927),
        ("ICC(3,k)", 0.676, 0.986),
    ],
)
def test_intervals_of_the_same_data(form, low, high):
    """The F-based 95 % intervals, as the psych package of R prints them for these data."""
    found = icc(TABLE_2, form, "analytic")
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-4)
