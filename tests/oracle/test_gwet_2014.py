"""Gwet (2014), Handbook of Inter-Rater Reliability, 4th edition: 12 subjects, 4 raters, 5 classes, missing ratings.

Its data are those of Krippendorff's section C; coefficients and standard errors as his own R package (irrCAC) prints
them. The book itself was not at hand, so that no page or table of it is quoted.
"""

import pytest

from labelwright.agreement import brennan_prediger, gwet_ac1, krippendorff_alpha, percent_agreement
from oracle.test_krippendorff_2011 import SECTION_C


@pytest.mark.parametrize(
    ("measure", "value"),
    [
        (percent_agreement, 0.81818),
        (brennan_prediger, 0.77273),
        (gwet_ac1, 0.77544),
        (krippendorff_alpha, 0.74342),
    ],
)
def test_coefficients(measure, value):
    """Percent agreement .81818, Brennan-Prediger .77273, AC1 .77544, alpha .74342."""
    assert measure(SECTION_C).value == pytest.approx(value, abs=5e-6)
