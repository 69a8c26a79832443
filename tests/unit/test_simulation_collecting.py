"""Which answers a simulated job buys: none about items an expert has labeled, none beyond what pays."""

import numpy as np
import pytest

from labelwright.app.simulation.certifying import Wish, certify_replay, collect_candidates
from labelwright.app.simulation.collecting import collect_adaptively, collect_more
from labelwright.planning import RecordedCrowd


def crowd(skill, n=400, answers=8, hard=0.0, seed=3):
    """Fifteen equally skilled annotators; of a share of the items nobody knows more than chance."""
    rng = np.random.default_rng(seed)
    truth = {f"i{k}": str(rng.integers(2)) for k in range(n)}
    chance = {item: 0.5 if rng.random() < hard else skill for item in truth}
    rows = [
        (item, f"a{a}", label if rng.random() < chance[item] else str(1 - int(label)))
        for item, label in truth.items()
        for a in rng.permutation(15)[:answers]
    ]
    return RecordedCrowd.of(rows, truth)


def test_what_an_expert_labeled_and_what_has_enough_answers_is_not_asked_about():
    """Their answers would be paid for nothing; the budget goes to the others."""
    made = crowd(0.8)
    found = collect_adaptively(made.replay(np.random.default_rng(0)), 2.0, np.random.default_rng(1), routed=True)
    known = np.where(np.arange(made.n_items) < 50, made.truth, -1).astype(np.int32)
    before = found.replay.taken.copy()
    more = collect_more(found, 4.0, routed=True, known=known, most=5)
    assert (more.replay.taken[:50] == before[:50]).all()
    assert more.replay.taken[50:].max() == 5
    assert more.replay.per_item == pytest.approx(4.0, abs=0.01)


def test_going_on_is_the_same_as_not_having_stopped():
    """A pause between two answers changes nothing where no expert has said anything."""
    made = crowd(0.8)
    at_once = collect_adaptively(made.replay(np.random.default_rng(0)), 2.6, np.random.default_rng(1), routed=True)
    paused = collect_adaptively(made.replay(np.random.default_rng(0)), 1.45, np.random.default_rng(1), routed=True)
    paused = collect_more(paused, 2.6, routed=True)
    assert (paused.replay.taken == at_once.replay.taken).all()


def test_easy_crowds_are_asked_less_than_hard_ones():
    """Where nearly everything can be accepted after a few answers, no more are bought; the cap is for the others."""
    wish = Wish(target=0.9, expert_cost=20.0, gold=400, answers=5.0)
    bought = {}
    for name, made in {"easy": crowd(0.95, n=2000), "hard": crowd(0.75, n=2000, hard=0.3)}.items():
        replay = made.replay(np.random.default_rng(0))
        collect_candidates(replay, wish, np.random.default_rng(1))
        bought[name] = replay.per_item
    assert bought["easy"] <= 3.0
    assert bought["hard"] > 4.5


def test_a_dear_expert_makes_more_answers_worth_while():
    """The cap is the same: what stops is that one more answer no longer pays."""
    made, bought = crowd(0.9, hard=0.1), []
    for price in (5.0, 80.0):
        replay = made.replay(np.random.default_rng(0))
        collect_candidates(replay, Wish(0.9, price, 130, 5.0), np.random.default_rng(1))
        bought.append(replay.per_item)
    assert bought[0] < bought[1]


def test_nobody_is_asked_about_the_pilot_any_more():
    """An expert has said what is right: from then on the budget is the others'."""
    made = crowd(0.75, hard=0.3)
    start, rng = made.replay(np.random.default_rng(0)), np.random.default_rng(1)
    before = collect_adaptively(start, 2.5, rng, routed=True).replay.taken
    pilot = rng.permutation(made.n_items)[: round(0.02 * made.n_items)]
    replay = made.replay(np.random.default_rng(0))
    collect_candidates(replay, Wish(0.95, 20.0, 130, 8.0), np.random.default_rng(1))
    assert (replay.taken[pilot] == before[pilot]).all()
    assert replay.per_item > 7


def test_items_that_experts_saw_are_no_candidates():
    """Pilot and least sure teach the order; what teaches does not certify."""
    made = crowd(0.85)
    _, found = collect_candidates(
        made.replay(np.random.default_rng(0)), Wish(0.95, 20.0, 130, 4.0), np.random.default_rng(1)
    )
    least_sure = round(0.03 * made.n_items)
    assert found.pilot == round(0.02 * made.n_items)
    assert found.wrong.size == made.n_items - found.pilot - least_sure


def test_every_item_of_a_replay_is_paid_for_once():
    """Accepted, gold and expert's items add up to all of them."""
    made = crowd(0.9, hard=0.1)
    for number in range(5):
        done = certify_replay(
            made.replay(np.random.default_rng(number)), Wish(0.9, 20.0, 130, 4.0), np.random.default_rng(number)
        )
        assert round(done.accepted * made.n_items) + done.gold + done.to_expert == made.n_items
        assert done.gold <= 130
