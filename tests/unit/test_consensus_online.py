"""One answer more, without starting over."""

import numpy as np
import polars as pl
import pytest

from labelwright.consensus import CANDIDATES, AnchoredDawidSkene, DawidSkene, MajorityVote, Online
from labelwright.model.errors import DataError

EACH = pytest.mark.parametrize("estimator", CANDIDATES, ids=lambda e: type(e).__name__)


def table(seed=0, n_items=40):
    rng = np.random.default_rng(seed)
    rows = [
        (f"i{i}", f"p{a}", "xyz"[i % 3] if rng.random() < 0.75 else "xyz"[rng.integers(3)])
        for i in range(n_items)
        for a in rng.choice(6, 3, replace=False)
    ]
    return pl.DataFrame(rows, schema=["item", "annotator", "label"], orient="row")


@EACH
def test_without_new_answers_nothing_differs_from_the_full_fit(estimator):
    """Protects the link between the two ways to a posterior."""
    result = estimator.fit(table())
    online = Online(result)
    for row, item in enumerate(result.posteriors["item"]):
        believed = online.posterior_of(item)
        assert np.allclose(believed.probabilities, result.posterior[result.seen[row]], atol=1e-9)
        assert believed.n == 3


@EACH
def test_an_answer_moves_its_item_only(estimator):
    """Protects the other items, and the direction of the move."""
    result = estimator.fit(table())
    online = Online(result)
    before, other = online.posterior_of("i3"), online.posterior_of("i4")
    code = result.classes.index("y")
    after = online.add("i3", "somebody new", "y")
    assert after.n == before.n + 1
    assert after.probabilities[code] >= before.probabilities[code] - 1e-12
    assert sum(after.probabilities) == pytest.approx(1)
    assert online.posterior_of("i4") == other


def test_a_second_answer_replaces_the_first():
    """Protects the rule that the last answer counts."""
    frame = pl.DataFrame({"item": ["a", "a"], "annotator": ["p", "q"], "label": ["x", "y"]})
    online = Online(MajorityVote().fit(frame))
    assert online.posterior_of("a").contested
    believed = online.add("a", "q", "x")
    assert (believed.label, believed.posterior, believed.contested, believed.n) == ("x", 1.0, False, 2)


def test_a_full_fit_equals_a_fit_from_scratch_and_tells_the_difference():
    """Protects the periodic full fit: same numbers as from the whole table, with what changed."""
    frame = table()
    new = [("i1", "p9", "z"), ("i1", "p8", "z"), ("new", "p1", "x"), ("i2", "p1", "y")]
    online = Online(DawidSkene().fit(frame))
    for row in new:
        online.add(*row)
    assert online.n_added == 4
    fresh, difference = online.refit(DawidSkene())
    added = pl.DataFrame(new, schema=frame.schema, orient="row")
    scratch = DawidSkene().fit(pl.concat([frame, added]))
    joined = fresh.posteriors.join(scratch.posteriors, on="item", suffix="_s")
    assert joined.height == 41
    assert all(np.allclose(joined[c], joined[f"{c}_s"], atol=1e-6) for c in "xyz")
    assert difference.n_items == 3
    assert 0 <= difference.mean <= difference.largest <= 1
    assert online.n_added == 0
    assert online.posterior_of("new").n == 1


def test_a_new_class_is_refused_with_the_next_step():
    """Protects from a class that the model has never seen."""
    online = Online(AnchoredDawidSkene().fit(table()))
    with pytest.raises(DataError, match="full fit"):
        online.add("i1", "p1", "unheard of")


def test_an_unknown_item_has_no_posterior():
    """Protects from inventing a belief."""
    with pytest.raises(DataError, match="no answer"):
        Online(MajorityVote().fit(table())).posterior_of("nowhere")
