"""Rounds on a schedule, killed at random: what is there at the end is what is there when nobody kills."""

from __future__ import annotations

import pytest

from labelwright.adapters.labelstudio.install import cache_dir
from labelwright.adapters.reviews import fetch_reviews, read_reviews
from labelwright.entry.demo import prepare
from support.survival import Plan, play

pytestmark = pytest.mark.server


def test_a_loop_that_is_killed_at_random_ends_with_the_same_labels(tmp_path, label_studio):
    """Four rounds, six kills of the server: no task twice, no label twice, no round lost; benchmarks/rounds_survive.py is the whole of it."""
    reviews = prepare.distinct(read_reviews(fetch_reviews(cache_dir() / "demo")))
    alone = play(tmp_path / "alone", label_studio, reviews, Plan(rounds=4, batch=10))
    killed = play(tmp_path / "killed", label_studio, reviews, Plan(rounds=4, batch=10, kills=6))
    assert len(killed.killed_at) == 6
    assert alone.twice == killed.twice == []
    assert [r["round"] for r in killed.rows] == [1, 2, 3, 4]
    assert {r["state"] for r in killed.rows} == {"closed"}
    assert killed.answers == alone.answers
    assert len(alone.answers) == len({(item, who) for item, who, _ in alone.answers}) == 4 * 12
