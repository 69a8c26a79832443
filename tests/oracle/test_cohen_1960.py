"""Cohen (1960), A coefficient of agreement for nominal scales, Educational and Psychological Measurement 20(1):37-46."""

import pytest

from labelwright.agreement import cohen_kappa, gwet_ac1, percent_agreement
from support.agreement_tables import contingency

PAGE_37 = contingency([[25, 12, 3], [13, 2, 15], [12, 16, 2]], [1, 2, 3])
PAGE_45 = contingency([[88, 14, 18], [10, 40, 10], [2, 6, 12]], [1, 2, 3])


def test_page_45():
    """Two judges, 200 items: p_o = .70, kappa = .492."""
    assert percent_agreement(PAGE_45).value == pytest.approx(0.70)
    assert cohen_kappa(PAGE_45).value == pytest.approx(0.492, abs=5e-4)


def test_page_37():
    """Two judges who agree less than by chance: p_o = .29, p_c = .35, so kappa is negative."""
    assert percent_agreement(PAGE_37).value == pytest.approx(0.29)
    assert cohen_kappa(PAGE_37).value == pytest.approx((0.29 - 0.35) / (1 - 0.35), abs=1e-12)


def test_chance_of_gwet_on_the_same_tables():
    """AC1 from Gwet's (2008) definition, worked by hand: P_e = .3225 and .2925."""
    assert gwet_ac1(PAGE_37).value == pytest.approx((0.29 - 0.3225) / (1 - 0.3225), abs=1e-12)
    assert gwet_ac1(PAGE_45).value == pytest.approx((0.70 - 0.2925) / (1 - 0.2925), abs=1e-12)
