"""Ratings, preferences and transcripts."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labelwright.consensus import BradleyTerry, Medoid, RatingModel, Rover, preferences_of_rankings
from labelwright.consensus.transcripts import edit_distance
from labelwright.model.errors import DataError


def table(*rows):
    return pl.DataFrame(rows, schema=["item", "annotator", "label"], orient="row")


def ratings(seed=0, n_items=60):
    """Simulated ratings: five people, one rates 2 higher, one 2 lower, everybody half of the items."""
    rng = np.random.default_rng(seed)
    truth = rng.normal(5, 2, n_items)
    bias = {"a": 0.0, "b": 0.0, "c": 0.0, "high": 2.0, "low": -2.0}
    rows = [
        (i, who, round(float(truth[i] + b + rng.normal(0, 0.7)), 3))
        for i in range(n_items)
        for who, b in bias.items()
        if rng.random() < 0.5
    ]
    return table(*rows), truth


def test_bias_is_found_and_taken_out():
    """Protects the point of the model: closer to the truth than the mean, with the biases named."""
    frame, truth = ratings()
    result = RatingModel().fit(frame)
    mean = dict(frame.group_by("item").agg(pl.col("label").mean()).iter_rows())
    score = dict(result.scores.select("item", "score").iter_rows())
    error = np.sqrt(np.mean([(score[i] - truth[i]) ** 2 for i in score]))
    assert error < 0.7 * np.sqrt(np.mean([(mean[i] - truth[i]) ** 2 for i in score]))
    people = {row["annotator"]: row for row in result.annotators.iter_rows(named=True)}
    assert people["high"]["low"] > 1
    assert people["low"]["high"] < -1
    assert people["a"]["low"] < 0.3
    assert result.converged


def test_score_intervals_cover_the_truth():
    """Protects the intervals of the scores (simulated, the model is true): at least nine in ten hold it."""
    frame, truth = ratings(3, 200)
    scores = RatingModel().fit(frame).scores
    shift = np.mean([truth[i] for i in scores["item"]]) - scores["score"].mean()
    inside = [low <= truth[i] - shift <= high for i, low, high in scores.select("item", "low", "high").iter_rows()]
    assert np.mean(inside) > 0.9


def test_one_rater_is_told_so():
    """Protects from a bias that cannot be known."""
    assert "Only one annotator" in RatingModel().fit(table(("a", "p", 1), ("b", "p", 2))).reason


def test_ratings_all_alike_do_not_break():
    """Protects the variances from zero."""
    result = RatingModel().fit(table(("a", "p", 3), ("a", "q", 3), ("b", "p", 3)))
    assert result.scores["score"].to_list() == pytest.approx([3, 3])


def test_a_rating_that_is_no_number_is_refused():
    """Protects from ranking words."""
    with pytest.raises(DataError, match="no number"):
        RatingModel().fit(table(("a", "p", "good")))


def preferences(seed=0, n=20):
    """Simulated preferences: six good people, a coin and a contrarian."""
    rng = np.random.default_rng(seed)
    score = rng.normal(0, 2, n)
    rows = []
    for person, reliable in enumerate([0.97] * 6 + [0.5, 0.03]):
        for _ in range(80):
            i, j = rng.choice(n, 2, replace=False)
            first = (rng.random() < 1 / (1 + np.exp(score[j] - score[i]))) == (rng.random() < reliable)
            rows.append((f"p{person}", f"o{i if first else j:02}", f"o{j if first else i:02}"))
    return pl.DataFrame(rows, schema=["annotator", "better", "worse"], orient="row"), score


def test_scores_follow_the_truth_and_the_contrarian_is_found():
    """Protects the order and the reliabilities."""
    frame, score = preferences()
    result = BradleyTerry().fit(frame)
    assert result.converged
    assert np.corrcoef(result.score, score)[0, 1] > 0.9
    skill = dict(result.annotators.select("annotator", "skill").iter_rows())
    assert min(skill[f"p{k}"] for k in range(6)) > 0.75
    assert 0.3 < skill["p6"] < 0.8
    assert skill["p7"] < 0.3


def test_bradley_terry_equals_its_closed_form_for_two():
    """Protects the scale: two objects, nearly no prior, reliable people: the log odds of the wins."""
    frame = pl.DataFrame({"annotator": ["p"] * 40, "better": ["a"] * 30 + ["b"] * 10, "worse": ["b"] * 30 + ["a"] * 10})
    result = BradleyTerry(spread=100.0).fit(frame)
    r = result.reliability[0]
    p = result.probability("a", "b")
    assert r * p + (1 - r) * (1 - p) == pytest.approx(0.75, abs=0.005)
    assert result.scores["item"].to_list() == ["a", "b"]


def test_groups_never_compared_are_told():
    """Protects from comparing scores that nothing links."""
    frame = pl.DataFrame({"annotator": ["p", "p"], "better": ["a", "c"], "worse": ["b", "d"]})
    assert "2 groups" in BradleyTerry().fit(frame).reason


def test_an_object_is_not_compared_with_itself():
    """Protects from nonsense in, nonsense out."""
    with pytest.raises(DataError, match="row 1"):
        BradleyTerry().fit(pl.DataFrame({"annotator": ["p"], "better": ["a"], "worse": ["a"]}))


def test_rankings_become_preferences():
    """Protects the decomposition of a ranking."""
    assert preferences_of_rankings([("p", ["x", "y", "z"])]).rows() == [
        ("p", "x", "y"),
        ("p", "x", "z"),
        ("p", "y", "z"),
    ]


TEXTS = (
    ("i", "a", "the cat sat on the mat"),
    ("i", "b", "the cat sat on mat"),
    ("i", "c", "a cat sat on the mat"),
)


def test_rover_can_mend_what_everybody_got_wrong_somewhere():
    """Protects the vote by word: each answer has one error, the consensus has none."""
    rows = [("i", "a", "the bat sat on the mat"), ("i", "b", "the cat sat on mat"), ("i", "c", "a cat sat on the mat")]
    result = Rover().fit(table(*rows))
    assert result.texts["text"].to_list() == ["the cat sat on the mat"]
    assert result.annotators["skill"].to_list() == pytest.approx([5 / 6] * 3)


def test_medoid_takes_an_answer_as_it_was_given():
    """Protects from texts that nobody wrote."""
    result = Medoid().fit(table(*TEXTS, ("j", "a", "x"), ("j", "b", "y")))
    assert result.texts["text"].to_list() == ["the cat sat on the mat", "x"]
    assert result.texts["contested"].to_list() == [False, True]
    assert result.texts["support"][0] == pytest.approx((1 + 5 / 6 + 5 / 6) / 3)


def test_a_transcript_that_is_no_text_is_refused():
    """Protects from numbers taken for words."""
    with pytest.raises(DataError, match="type int"):
        Medoid().fit(table(("i", "a", 3)))


@given(words=st.lists(st.sampled_from("xyz"), max_size=8), people=st.integers(1, 5))
@settings(deadline=None)
def test_everybody_wrote_the_same(words, people):
    """Protects the clearest case for both methods."""
    text = " ".join(words)
    frame = table(*(("i", f"p{k}", text) for k in range(people)))
    for method in (Rover(), Medoid()):
        row = method.fit(frame).texts.row(0, named=True)
        assert (row["text"], row["support"], row["contested"]) == (text, 1.0, False)


@given(a=st.text("xyz", max_size=8), b=st.text("xyz", max_size=8), c=st.text("xyz", max_size=8))
@settings(deadline=None)
def test_edit_distance_is_a_metric(a, b, c):
    """Protects symmetry, identity and the triangle inequality."""
    assert edit_distance(a, b) == edit_distance(b, a)
    assert (edit_distance(a, b) == 0) == (a == b)
    assert edit_distance(a, c) <= edit_distance(a, b) + edit_distance(b, c)


@given(order=st.permutations(range(3)))
@settings(deadline=None)
def test_who_wrote_which_text_does_not_matter(order):
    """Protects from results that hang on the order of the rows."""
    frame = table(*(TEXTS[k] for k in order))
    for method in (Rover(), Medoid()):
        assert method.fit(frame).texts["text"].to_list() == method.fit(table(*TEXTS)).texts["text"].to_list()
