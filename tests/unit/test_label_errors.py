"""Likely label errors and near-duplicates against computations by hand."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labelwright.learning import label_errors, near_duplicates
from labelwright.model.errors import UsageError


def by_hand(labels: list[str], p: list[list[float]], classes: list[str]) -> dict[int, str]:
    """The definition, item by item: Northcutt, Jiang and Chuang (2021), section 3.1."""
    threshold = {}
    for k, name in enumerate(classes):
        own = [row[k] for row, label in zip(p, labels, strict=True) if label == name]
        if len(own) >= 5:
            threshold[name] = sum(own) / len(own)
    found = {}
    for at, (row, label) in enumerate(zip(p, labels, strict=True)):
        sure = [(row[k], -k, name) for k, name in enumerate(classes) if name in threshold and row[k] >= threshold[name]]
        if label in threshold and sure and max(sure)[2] != label:
            found[at] = max(sure)[2]
    return found


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 4), st.integers(20, 60))
def test_suspects_are_those_of_the_definition(seed: int, k: int, n: int) -> None:
    """An error in thresholds or joint would send the wrong items to be relabeled."""
    rng = np.random.default_rng(seed)
    classes = [f"c{i}" for i in range(k)]
    labels = [classes[i] for i in rng.integers(0, k, n)]
    p = rng.dirichlet(np.ones(k), n)
    found = label_errors(labels, p, classes)
    if found.reason is None:
        assert {s.row: s.suggested for s in found.suspects} == by_hand(labels, p.tolist(), classes)
        margins = [s.margin for s in found.suspects]
        assert margins == sorted(margins)
        assert found.joint.sum() - np.trace(found.joint) == len(found.suspects)


def test_flipped_labels_are_found_and_right_ones_are_not() -> None:
    """With a good model, the labels that were flipped are named and nothing else."""
    rng = np.random.default_rng(3)
    truth = rng.integers(0, 3, 300)
    p = np.full((300, 3), 0.05)
    p[np.arange(300), truth] = 0.9
    given_labels = truth.copy()
    given_labels[:20] = (truth[:20] + 1) % 3
    found = label_errors([f"k{i}" for i in given_labels], p, ["k0", "k1", "k2"])
    assert {s.row for s in found.suspects} == set(range(20))
    assert found.expected == pytest.approx(20)
    assert all(s.suggested == f"k{truth[s.row]}" for s in found.suspects)


def test_too_few_classes_give_a_reason() -> None:
    """Nothing is judged from a handful of items, and the result says why."""
    found = label_errors(["a"] * 30 + ["b"] * 4, np.full((34, 2), 0.5), ["a", "b"])
    assert found.reason is not None
    assert found.suspects == ()
    assert found.expected is None
    assert label_errors([], np.zeros((0, 2)), ["a", "b"]).reason is not None


def test_items_without_a_prediction_are_not_judged() -> None:
    """A fold that gave no probabilities makes no suspects."""
    p = np.tile([0.9, 0.1], (40, 1))
    p[20:] = [0.1, 0.9]
    p[0] = np.nan
    found = label_errors(["a"] * 20 + ["b"] * 20, p, ["a", "b"])
    assert found.n_items == 39
    assert found.suspects == ()


@pytest.mark.parametrize(
    ("labels", "p", "classes"),
    [
        (["a"], [[0.5, 0.5, 0.0]], ["a", "b"]),
        (["z"], [[0.5, 0.5]], ["a", "b"]),
        (["a"], [[1.5, -0.5]], ["a", "b"]),
        (["a"], [[0.5, 0.5]], ["a", "a"]),
    ],
)
def test_input_that_does_not_fit_is_refused(labels: list[str], p: list[list[float]], classes: list[str]) -> None:
    """Columns in another order than the classes must not be taken silently."""
    with pytest.raises(UsageError):
        label_errors(labels, p, classes)


WORDS = ["the", "screen", "broke", "after", "two", "days", "and", "nobody", "answered", "my", "letters", "again"]


def jaccard(one: str, other: str) -> float:
    a, b = ({t[k : k + 5] for k in range(max(1, len(t) - 4))} for t in (one, other))
    return len(a & b) / len(a | b)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.lists(st.sampled_from(WORDS), min_size=6, max_size=9), st.sampled_from("xy")), max_size=14),
    st.sampled_from([0.5, 0.7, 0.8, 0.9]),
)
def test_near_duplicates_are_those_of_all_pairs(rows: list[tuple[list[str], str]], at_least: float) -> None:
    """MinHash only saves time: the pairs are those that comparing everything finds."""
    unique = list(dict.fromkeys((" ".join(words), label) for words, label in rows))
    texts, labels = [t for t, _ in unique], [label for _, label in unique]
    expected = {
        (a, b)
        for a, b in combinations(range(len(texts)), 2)
        if labels[a] != labels[b] and jaccard(texts[a], texts[b]) >= at_least
    }
    found = near_duplicates(texts, labels, at_least)
    assert {(p.a, p.b) for p in found} == expected
    assert all(p.similarity == pytest.approx(jaccard(texts[p.a], texts[p.b])) for p in found)


def test_case_and_spacing_make_no_difference() -> None:
    """The same sentence typed twice is the same sentence."""
    found = near_duplicates(["Good  phone", "good phone ", "bad phone"], ["+", "-", "-"])
    assert [(p.a, p.b, p.similarity) for p in found] == [(0, 1, 1.0)]
    assert near_duplicates(["Good phone", "good phone"], ["+", "+"]) == ()


def test_a_threshold_out_of_range_is_refused() -> None:
    """A share is no percentage."""
    with pytest.raises(UsageError):
        near_duplicates(["a"], ["b"], 80)
    with pytest.raises(UsageError):
        near_duplicates(["a"], [], 0.8)
