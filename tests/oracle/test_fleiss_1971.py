"""Fleiss (1971), Measuring nominal scale agreement among many raters, Psychological Bulletin 76(5):378-382."""

import pytest

from labelwright.agreement import by_class, fleiss_kappa, percent_agreement
from support.agreement_tables import counted

# Table 1, p. 379: 30 patients, 6 psychiatrists each, 5 diagnoses (depression, personality disorder, schizophrenia,
# neurosis, other).
TABLE_1 = [
    (0, 0, 0, 6, 0), (0, 3, 0, 0, 3), (0, 1, 4, 0, 1), (0, 0, 0, 0, 6), (0, 3, 0, 3, 0), (2, 0, 4, 0, 0),
    (0, 0, 4, 0, 2), (2, 0, 3, 1, 0), (2, 0, 0, 4, 0), (0, 0, 0, 0, 6), (1, 0, 0, 5, 0), (1, 1, 0, 4, 0),
    (0, 3, 3, 0, 0), (1, 0, 0, 5, 0), (0, 2, 0, 3, 1), (0, 0, 5, 0, 1), (3, 0, 0, 1, 2), (5, 1, 0, 0, 0),
    (0, 2, 0, 4, 0), (1, 0, 2, 0, 3), (0, 0, 0, 0, 6), (0, 1, 0, 5, 0), (0, 2, 0, 1, 3), (2, 0, 0, 4, 0),
    (1, 0, 0, 4, 1), (0, 5, 0, 1, 0), (4, 0, 0, 0, 2), (0, 2, 0, 4, 0), (1, 0, 5, 0, 0), (0, 0, 0, 0, 6),
]  # fmt: skip


def test_table_1():
    """P-bar = .555, kappa = .430 (p. 380)."""
    table = counted(TABLE_1)
    assert percent_agreement(table).value == pytest.approx(0.5556, abs=5e-5)
    found = fleiss_kappa(table)
    assert found.value == pytest.approx(0.430, abs=5e-4)
    assert (found.n_items, found.n_annotations) == (30, 180)


def test_diagnoses_one_by_one():
    """Kappa of each diagnosis against the rest: .245, .245, .520, .471, .566 (p. 381)."""
    kappas = [part.value for part in by_class(counted(TABLE_1), fleiss_kappa)]
    assert kappas == pytest.approx([0.245, 0.245, 0.520, 0.471, 0.566], abs=6e-4)
