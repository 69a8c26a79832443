"""Krippendorff, Mathet, Bouvry and Widlöcher (2016), On the reliability of unitizing textual continua, Q&Q 50:2347-2364.

The oracle is the definition itself, written independently: the continuum is taken apart into its elements, and expected
coincidences are counted over every pair of elements of all annotators but those of a unit with itself (section 4 of the
paper; eq. 32-34 of Krippendorff 2019, section 12.6). No number printed in the paper is quoted here.
"""

from __future__ import annotations

import itertools

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from labelwright.agreement.structures import Drawing, unitizing_alpha
from labelwright.model.values import Entry, Span

LENGTH = 12


def _elements(units):
    """For each element of a continuum its value and the unit that it belongs to (a gap's elements belong to none)."""
    cells = [("", ("gap", at)) for at in range(LENGTH)]
    for number, (start, end, label) in enumerate(units):
        for at in range(start, end):
            cells[at] = (label, ("unit", number))
    return cells


def _by_definition(items, value=lambda label: label):
    """Alpha by counting pairs of elements; None where chance cannot disagree."""
    everything, disagreed = [], 0.0
    for item, annotators in enumerate(items):
        rows = [_elements(units) for units in annotators]
        for who, row in enumerate(rows):
            everything += [(value(label), (item, who, *unit)) for label, unit in row]
        for one, two in itertools.permutations(rows, 2):
            differ = sum(value(a[0]) != value(b[0]) for a, b in zip(one, two, strict=True))
            disagreed += differ / (len(rows) - 1)
    counted = [(a[0] != b[0]) for a, b in itertools.product(everything, repeat=2) if a[1] != b[1]]
    if not any(counted):
        return None
    return 1 - (disagreed / len(everything)) / (sum(counted) / len(counted))


@st.composite
def partitions(draw):
    """Units of one annotator that do not overlap."""
    cuts = sorted(draw(st.sets(st.integers(0, LENGTH), max_size=8)))
    pairs = list(zip(cuts[::2], cuts[1::2], strict=False))
    return [(start, end, draw(st.sampled_from("AB"))) for start, end in pairs]


crowds = st.lists(st.lists(partitions(), min_size=2, max_size=3), min_size=1, max_size=2)


def _alpha(items):
    drawings = [
        Drawing(f"i{item}", f"a{who}", tuple(Entry("l", "t", Span(s, e), (c,)) for s, e, c in units))
        for item, annotators in enumerate(items)
        for who, units in enumerate(annotators)
    ]
    return unitizing_alpha(drawings, {f"i{item}": LENGTH for item in range(len(items))})


@given(crowds)
@settings(max_examples=60, deadline=None)
def test_alpha_is_what_the_definition_counts(items):
    """Sums of lengths and squares give the same as counting every pair of elements."""
    expected = _by_definition(items)
    got = _alpha(items)
    assert got.value == (None if expected is None else pytest.approx(expected, abs=1e-9))
    assert (got.value is None) == (got.reason is not None)


@given(crowds)
@settings(max_examples=40, deadline=None)
def test_boundaries_and_classes_are_what_the_definition_counts(items):
    """Units against gaps, and one class against everything else, follow the same definition."""
    got = _alpha(items)
    expected = _by_definition(items, bool)
    assert got.boundaries.value == (None if expected is None else pytest.approx(expected, abs=1e-9))
    for part in got.classes:
        only = [[[u for u in units if u[2] == part.label] for units in annotators] for annotators in items]
        expected = _by_definition(only)
        assert part.value == (None if expected is None else pytest.approx(expected, abs=1e-9))


def _overlapping(units):
    """As `_elements`, for units that may overlap: a value is the set of classes, a section goes on while a unit does."""
    cells, before = [], (frozenset(), set(), 0)
    for at in range(LENGTH):
        over = {number for number, (start, end, _) in enumerate(units) if start <= at < end}
        value = frozenset(units[number][2] for number in over)
        goes_on = value == before[0] and over & before[1]
        before = (value, over, before[2] if goes_on else at)
        cells.append((value, ("unit", before[2]) if value else ("gap", at)))
    return cells


loose = st.lists(st.tuples(st.integers(0, 9), st.integers(1, 6), st.sampled_from("AB")), max_size=4).map(
    lambda rows: [(start, min(LENGTH, start + length), label) for start, length, label in rows],
)


@given(st.lists(loose, min_size=2, max_size=3))
@settings(max_examples=60, deadline=None)
def test_overlapping_units_of_one_annotator_are_what_the_definition_counts(annotators):
    """Where units of one annotator overlap, the same definition holds for sets of classes."""
    rows = [_overlapping(units) for units in annotators]
    everything = [(value, (who, *unit)) for who, row in enumerate(rows) for value, unit in row]
    differ = sum(a[0] != b[0] for one, two in itertools.permutations(rows, 2) for a, b in zip(one, two, strict=True))
    counted = [a[0] != b[0] for a, b in itertools.product(everything, repeat=2) if a[1] != b[1]]
    assume(any(counted))
    expected = 1 - (differ / (len(rows) - 1) / len(everything)) / (sum(counted) / len(counted))
    assert _alpha([annotators]).value == pytest.approx(expected, abs=1e-9)


def test_equal_unitizations_have_alpha_one():
    """Full agreement on boundaries and classes is 1."""
    units = [(1, 4, "A"), (6, 9, "B")]
    assert _alpha([[units, units, units]]).value == pytest.approx(1.0)


def test_two_annotators_by_hand():
    """A continuum of 4: one unit on its first half against one on its third quarter's element.

    Elements: a says A A - -, b says - - A -. Observed: 3 of 4 differ, D_o = 6/8. Values: A 3, gap 5 of 8.
    Self pairs: A 2² + 1², gap 2 + 3, S = 10. D_e = 2 · 3 · 5 / (64 - 10). Alpha = 1 - (6/8) / (30/54) = -0.35.
    """
    drawings = [
        Drawing("i", "a", (Entry("l", "t", Span(0, 2), ("A",)),)),
        Drawing("i", "b", (Entry("l", "t", Span(2, 3), ("A",)),)),
    ]
    assert unitizing_alpha(drawings, {"i": 4}).value == pytest.approx(-0.35)


def test_nobody_drew_a_unit():
    """Gaps alone leave nothing to agree on: undefined, with the reason."""
    got = _alpha([[[], []]])
    assert got.value is None
    assert "unit" in got.reason


@given(crowds)
@settings(max_examples=30, deadline=None)
def test_names_do_not_matter(items):
    """Annotators in another order and classes under another name give the same alpha."""
    got = _alpha(items)
    assume(got.value is not None)
    turned = [
        [[(s, e, {"A": "x", "B": "w"}[c]) for s, e, c in u] for u in reversed(annotators)] for annotators in items
    ]
    assert _alpha(turned).value == pytest.approx(got.value, abs=1e-9)
