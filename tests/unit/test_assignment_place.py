"""Who labels what: exact shares, equal loads, an order of one's own."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwright.assignment import place
from labelwright.model.errors import UsageError
from labelwright.model.project import Purpose

items_of = st.integers(0, 60).map(lambda n: [f"item-{i}" for i in range(n)])
team_of = st.integers(1, 7).map(lambda n: [f"person-{i}" for i in range(n)])


def placed(items, team, share=0.2, overlap=2, seed=1, load=None, purpose=Purpose.LABEL):
    return place(
        items, team, share=share, overlap=overlap, purpose=purpose, load=load or {}, rng=np.random.default_rng(seed)
    )


@given(items_of, team_of, st.floats(0, 1), st.integers(2, 5), st.integers(0, 99))
def test_exactly_the_share_goes_to_several_annotators_and_nobody_gets_an_item_twice(items, team, share, overlap, seed):
    """The overlap that was asked for is the overlap that agreement rests on."""
    found = placed(items, team, share, overlap, seed)
    times = Counter(p.item for p in found)
    assert set(times) == set(items)
    several = min(overlap, len(team))
    shared = round(share * len(items))
    assert sorted(times.values()) == sorted([1] * (len(items) - shared) + [several] * shared)
    assert len({(p.item, p.annotator) for p in found}) == len(found)


@given(items_of, team_of, st.floats(0, 1), st.integers(0, 99))
def test_queues_stay_within_one_item_of_each_other(items, team, share, seed):
    """Nobody waits while another drowns."""
    counts = Counter(dict.fromkeys(team, 0))
    counts.update(p.annotator for p in placed(items, team, share, 2, seed))
    assert max(counts.values()) - min(counts.values()) <= 1


def test_those_who_have_much_to_do_get_less():
    """A queue that is full already is counted."""
    found = placed([f"i{n}" for n in range(10)], ["a", "b"], share=0.0, load={"a": 10})
    assert Counter(p.annotator for p in found) == {"b": 10}


def test_everyone_has_an_order_of_her_own():
    """Shared items do not come at the same place for everybody, so that order is not confused with data."""
    found = placed([f"i{n}" for n in range(50)], ["a", "b"], share=1.0)
    order = {a: [p.item for p in sorted(found, key=lambda p: p.position) if p.annotator == a] for a in "ab"}
    assert sorted(order["a"]) == sorted(order["b"])
    assert order["a"] != order["b"]
    positions = sorted(p.position for p in found if p.annotator == "a")
    assert positions == list(range(50))


def test_the_same_seed_gives_the_same_plan():
    """A round that is planned again after a crash is the same round."""
    items, team = [f"i{n}" for n in range(20)], ["a", "b", "c"]
    assert placed(items, team, seed=5) == placed(items, team, seed=5)
    assert placed(items, team, seed=5) != placed(items, team, seed=6)


def test_shared_items_are_told_apart_for_us_only():
    """A shared item's purpose is overlap in our books; test items stay test items."""
    purposes = Counter(p.purpose for p in placed([f"i{n}" for n in range(10)], ["a", "b"], share=0.2))
    assert purposes == {Purpose.LABEL: 8, Purpose.OVERLAP: 4}
    assert {p.purpose for p in placed(["x"], ["a", "b"], share=1.0, purpose=Purpose.TEST)} == {Purpose.TEST}


def test_an_empty_team_is_refused_with_the_next_step():
    """Nothing is planned for nobody."""
    with pytest.raises(UsageError, match="labelwright team add"):
        placed(["x"], [])
