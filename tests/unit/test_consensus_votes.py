"""Majority and weighted votes."""

import polars as pl
import pytest

from labelwright.consensus import MajorityVote
from labelwright.model.errors import DataError


def table(*rows):
    return pl.DataFrame(rows, schema=["item", "annotator", "label"], orient="row")


def test_majority_shares_are_the_posterior():
    """Protects the definition: the posterior is the share of the votes."""
    result = MajorityVote().fit(table(("a", "p", "x"), ("a", "q", "x"), ("a", "r", "y")))
    assert result.labels.row(0) == ("a", "x", pytest.approx(2 / 3), False)
    assert result.posteriors.row(0) == ("a", pytest.approx(2 / 3), pytest.approx(1 / 3))


def test_a_tie_shows_the_class_with_more_votes_over_the_table():
    """Protects the stated tie rule: never a coin toss, and said so."""
    rows = [("a", "p", "x"), ("a", "q", "y"), ("b", "p", "y"), ("b", "q", "y")]
    labels = MajorityVote().fit(table(*rows)).labels
    assert labels["label"].to_list() == ["y", "y"]
    assert labels["contested"].to_list() == [True, False]


def test_a_tie_that_the_table_does_not_break_shows_the_first_class():
    """Protects the last resort of the tie rule."""
    labels = MajorityVote().fit(table(("a", "p", "y"), ("a", "q", "x"))).labels
    assert labels.row(0) == ("a", "x", 0.5, True)


def test_the_last_answer_of_an_annotator_counts():
    """Protects the rule for repeated answers, and that the drops are reported."""
    result = MajorityVote().fit(table(("a", "p", "x"), ("a", "q", "y"), ("a", "p", "y")))
    assert result.n_dropped == 1
    assert result.labels.row(0) == ("a", "y", 1.0, False)


def test_no_annotations_are_refused():
    """Protects from a consensus of nothing."""
    with pytest.raises(DataError, match="no annotations"):
        MajorityVote().fit(table(("a", "p", "x")).clear())


def test_a_class_named_item_keeps_its_column():
    """Protects the frame of posteriors from a class that is called like its first column."""
    result = MajorityVote().fit(table(("a", "p", "item"), ("a", "q", "x")))
    assert result.posteriors.columns == ["item", "item_", "x"]
