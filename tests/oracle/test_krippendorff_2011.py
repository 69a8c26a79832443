"""Krippendorff (2011), Computing Krippendorff's alpha-reliability, University of Pennsylvania.

The data of section C are also the worked example of Content Analysis (Krippendorff 2013, 3rd edition, chapter 12).
"""

import pytest

from labelwright.agreement import krippendorff_alpha
from support.agreement_tables import by_annotator

SECTION_A = by_annotator({"Meg": "0 1 0 0 0 0 0 0 1 0", "Owen": "1 1 1 0 0 1 0 0 0 0"})
SECTION_B = by_annotator({"Ben": "a a b b d c c c e d d a", "Gerry": "b a b b b c c c e d d d"})
SECTION_C = by_annotator(
    {
        "A": "1 2 3 3 2 1 4 1 2 . . .",
        "B": "1 2 3 3 2 2 4 1 2 5 . 3",
        "C": ". 3 3 3 2 3 4 2 2 5 1 .",
        "D": "1 2 3 3 2 4 4 1 2 5 1 .",
    }
)


def test_section_a_binary_two_observers():
    """Binary data, two observers, no missing data: alpha = .095."""
    assert krippendorff_alpha(SECTION_A).value == pytest.approx(0.095, abs=5e-4)


def test_section_b_nominal_two_observers():
    """Nominal data, two observers, no missing data: alpha = .692."""
    assert krippendorff_alpha(SECTION_B).value == pytest.approx(0.692, abs=5e-4)


@pytest.mark.parametrize(
    ("level", "alpha"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)]
)
def test_sections_c_and_d_many_observers_missing_data(level, alpha):
    """Any number of observers, missing data, each metric: .743, .815, .849, .797."""
    found = krippendorff_alpha(SECTION_C, level)
    assert found.value == pytest.approx(alpha, abs=5e-4)
    assert (found.n_items, found.n_annotations) == (11, 40)  # the unit with one value does not count


def test_circular_metric_of_section_d():
    """The circular metric is sin² of half a turn's share: on a scale of 2 it is the nominal one."""
    assert krippendorff_alpha(SECTION_A, "circular", period=2).value == pytest.approx(
        krippendorff_alpha(SECTION_A).value, abs=1e-12
    )
