"""Who gets what: tags, level, caps and queues; novices beside experts; nobody twice."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwright.assignment import Candidate, Prefer, Rule, Wanted, choose_gold, desk_order, gold_places, route
from labelwright.model.project import Level, Purpose

TAGS = ("law", "de", "medical")
people = st.lists(
    st.builds(
        Candidate,
        st.uuids().map(str),
        st.sampled_from(Level),
        st.frozensets(st.sampled_from(TAGS)),
        st.none() | st.floats(0, 9),
        st.integers(0, 20),
        st.integers(0, 20),
        st.none() | st.integers(0, 8),
    ),
    max_size=6,
    unique_by=lambda c: c.id,
)
wishes = st.lists(
    st.tuples(st.integers(1, 3), st.frozensets(st.sampled_from(TAGS), max_size=1), st.none() | st.sampled_from(Level)),
    max_size=20,
).map(lambda rows: [Wanted(f"i{k}", n, needs=tags, level=level) for k, (n, tags, level) in enumerate(rows)])
rules = st.builds(Rule, st.sampled_from(Prefer), st.integers(0, 5), st.integers(0, 9))
RANK = [Level.NOVICE, Level.REGULAR, Level.EXPERT]


def rng(seed=1):
    return np.random.default_rng(seed)


@given(people, wishes, rules, st.integers(0, 9))
def test_nobody_gets_an_item_twice_or_one_that_she_may_not_have(team, wanted, rule, seed):
    """Tags, level and caps hold under every rule, and what cannot be given is told with a reason."""
    routed = route(wanted, team, rule, rng(seed))
    by_id, want = {c.id: c for c in team}, {w.item: w for w in wanted}
    pairs = [(g.item, g.annotator) for g in routed.given]
    assert len(set(pairs)) == len(pairs)
    for item, who in pairs:
        assert want[item].needs <= by_id[who].tags
        assert want[item].level is None or RANK.index(by_id[who].level) >= RANK.index(want[item].level)
    given_to = Counter(who for _, who in pairs)
    assert all(c.room is None or given_to[c.id] <= c.room for c in team)
    got = Counter(item for item, _ in pairs)
    assert {i for i, _ in routed.short} == {w.item for w in wanted if got[w.item] < w.answers}
    assert all(reason for _, reason in routed.short)


@given(people, wishes, rules)
def test_what_somebody_had_before_is_never_given_again(team, wanted, rule):
    """An item that is asked once more goes to somebody else."""
    first = route(wanted, team, rule, rng())
    had = {w.item: frozenset(g.annotator for g in first.given if g.item == w.item) for w in wanted}
    again = [Wanted(w.item, w.answers, needs=w.needs, level=w.level, taken=had[w.item]) for w in wanted]
    second = route(again, team, rule, rng(2))
    assert not {(g.item, g.annotator) for g in first.given} & {(g.item, g.annotator) for g in second.given}


def test_a_novice_starts_beside_an_expert():
    """Her first items are labeled by an expert, too, and after them no longer."""
    team = [Candidate("new", Level.NOVICE, answered=18), Candidate("old", Level.EXPERT, waiting=100)]
    routed = route([Wanted(f"i{k}") for k in range(5)], team, Rule(novice_items=20), rng())
    hers = [g.item for g in routed.given if g.annotator == "new"]
    beside = [g for g in routed.given if g.annotator == "old"]
    assert len(hers) == 5
    assert len(beside) == 2
    assert {g.item for g in beside} <= set(hers)
    assert {g.purpose for g in beside} == {Purpose.OVERLAP}


def test_reserved_experts_get_reviews_and_stand_beside_novices_only():
    """Dear hours are not spent on what others can do; where nobody else may take an item, the reason is told."""
    team = [Candidate("eva", Level.EXPERT, reserved=True), Candidate("ada"), Candidate("nils", Level.NOVICE)]
    rule = Rule(novice_items=3)
    routed = route([Wanted(f"i{k}", 2) for k in range(10)], team, rule, np.random.default_rng(1))
    beside = {g.item for g in routed.given if g.annotator == "eva"}
    assert len(beside) == 3
    assert len(routed.given) == 23
    alone = route([Wanted("x"), Wanted("y", 1, Purpose.REVIEW)], team[:1], rule, np.random.default_rng(1))
    assert [(g.item, g.annotator) for g in alone.given] == [("y", "eva")]
    assert alone.short == (("x", "only experts may take it, and they review (team.experts_label)"),)
    high = route([Wanted("x", level=Level.EXPERT)], team, rule, np.random.default_rng(1))
    assert [g.annotator for g in high.given] == ["eva"]


def test_an_expert_who_has_the_item_already_is_beside_enough():
    """No second expert is paid for."""
    team = [Candidate("new", Level.NOVICE), Candidate("old", Level.EXPERT), Candidate("other", Level.EXPERT)]
    routed = route([Wanted("i", taken=frozenset({"old", "other"}))], team, Rule(novice_items=20), rng())
    assert [g.annotator for g in routed.given] == ["new"]


def test_who_gives_half_the_hours_gets_half_the_queue():
    """Everybody is done at the same time; who said no hours counts as the middle of those who did."""
    team = [
        Candidate("full", hours=40),
        Candidate("half", hours=20),
        Candidate("full too", hours=40),
        Candidate("mute"),
    ]
    given_to = Counter(g.annotator for g in route([Wanted(f"i{k}") for k in range(70)], team, Rule(), rng()).given)
    assert given_to == {"full": 20, "half": 10, "full too": 20, "mute": 20}


def test_who_knows_the_class_gets_the_item_as_long_as_her_queue_allows():
    """Class-wise skill routes; a queue that runs away is stopped by the slack."""
    team = [
        Candidate("dogs", skill={"dog": 0.95, "cat": 0.5}),
        Candidate("cats", skill={"dog": 0.5, "cat": 0.95}),
    ]
    likely = [{"dog": 0.9, "cat": 0.1}, {"dog": 0.1, "cat": 0.9}]
    wanted = [Wanted(f"i{k}", likely=likely[k % 2]) for k in range(20)]
    routed = route(wanted, team, Rule(Prefer.SKILL, slack=5), rng())
    assert all((g.annotator == "dogs") == (int(g.item[1:]) % 2 == 0) for g in routed.given)
    only_dogs = route([Wanted(f"i{k}", likely=likely[0]) for k in range(20)], team, Rule(Prefer.SKILL, slack=5), rng())
    loads = Counter(g.annotator for g in only_dogs.given)
    assert loads["dogs"] - loads["cats"] in {5, 6}


def test_the_cheaper_one_is_asked_first_and_an_unknown_rate_is_dear():
    """Cost decides within the slack."""
    team = [Candidate("dear", cost=2.0), Candidate("cheap", cost=0.5), Candidate("unknown")]
    routed = route([Wanted(f"i{k}") for k in range(4)], team, Rule(Prefer.COST, slack=10), rng())
    assert {g.annotator for g in routed.given} == {"cheap"}


@pytest.mark.parametrize(
    ("want", "words"),
    [
        (Wanted("i", needs=frozenset({"law"})), "tags law"),
        (Wanted("i", level=Level.EXPERT), "expert"),
        (Wanted("i", 2), "had it"),
    ],
)
def test_an_item_that_nobody_may_take_is_told_with_the_reason(want, words):
    """The lead learns what the team lacks."""
    ((item, reason),) = route([want], [Candidate("a")], Rule(), rng()).short
    assert item == "i"
    assert words in reason


@given(st.integers(1, 80), st.floats(0, 1), st.integers(0, 99))
def test_an_order_loses_and_doubles_nothing_and_spreads_evenly(n, share, seed):
    """What is spread stands at even distances: any stretch of the desk holds its part of it, give or take one."""
    queue = list(range(n))
    spread = set(queue[: round(share * n)])
    order = desk_order(queue, spread, rng(seed))
    assert sorted(order) == queue
    for end in range(n + 1):
        part = sum(x in spread for x in order[:end])
        assert abs(part - end * len(spread) / n) <= 1


def test_gold_comes_at_any_place_with_the_same_hazard():
    """Counting the tasks since the last gold one tells nothing: gaps are geometric, at the share that was asked for."""
    places = np.array(gold_places(200_000, 0.2, rng()))
    total = 200_000 + len(places)
    assert len(places) / total == pytest.approx(0.2, abs=0.005)
    gaps = np.diff(places)
    for k in (1, 2, 5):
        assert (gaps == k).sum() / (gaps >= k).sum() == pytest.approx(0.25, abs=0.01)
    assert gold_places(100, 0.0, rng()) == []


def test_gold_wears_evenly_and_stops_at_its_cap():
    """The least exposed come first; what somebody had, or what is worn, is not given."""
    exposures = {"a": 0, "b": 5, "c": 1, "worn": 30, "had": 0}
    assert set(choose_gold(exposures, {"had"}, 2, 30, rng())) == {"a", "c"}
    assert set(choose_gold(exposures, {"had"}, 9, 30, rng())) == {"a", "b", "c"}
    many = {f"g{k}": 0 for k in range(40)}
    assert choose_gold(many, (), 10, 30, rng(1)) != choose_gold(many, (), 10, 30, rng(2))
