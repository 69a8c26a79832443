"""What the report says of people and of the consensus, on simulated answers whose truth is known."""

from __future__ import annotations

import numpy as np
import polars as pl

from labelwright.app.report import Report, build_report
from labelwright.app.report.cards import cards_of, likeness
from labelwright.app.report.overlap import Overlap
from labelwright.app.report.settled import with_looks
from labelwright.app.tables import ControlTable, Tables
from labelwright.model.project import Annotator
from labelwright.model.schema import Control, Kind

CLASSES = ("x", "y", "z")


def report_of(skills: list[float], n_items: int, seed: int, *, noise: str = "random") -> Report:
    """A report on `answers_of`."""
    labels = answers_of(skills, n_items, seed, noise=noise)
    answers = labels.select(
        "item",
        "annotator",
        pl.lit("valid").alias("state"),
        pl.lit(None, pl.Float64).alias("seconds"),
        pl.lit(0, pl.Int64).alias("round"),
    )
    control = ControlTable(Control("label", "Choices", Kind.CHOICE, ("text",), CLASSES), labels)
    people = {f"p{k}": Annotator(f"p{k}", f"p{k}", "") for k in range(len(skills))}
    return build_report(Tables((control,), answers, lambda _: {}, n_items, people), "simulated")


def answers_of(skills: list[float], n_items: int, seed: int, *, noise: str = "random") -> pl.DataFrame:
    """Everybody answers every item, right with their skill; else at random, or always the first class."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 3, n_items)
    rows = []
    for k, skill in enumerate(skills):
        other = rng.integers(0, 3, n_items) if noise == "random" else np.zeros(n_items, int)
        label = np.where(rng.random(n_items) < skill, truth, other)
        rows += [(f"i{n}", f"p{k}", CLASSES[c]) for n, c in enumerate(label)]
    return pl.DataFrame(rows, schema=["item", "annotator", "label"], orient="row")


def apart(report: Report) -> set[str]:
    return {c.annotator for c in report.controls[0].cards if c.apart}


def test_in_a_team_of_equals_hardly_anybody_is_said_to_stand_apart():
    """Of 100 simulated teams of five equals at most five have anybody who is said to stand apart."""
    alarms = 0
    for seed in range(100):
        overlap = Overlap.of(answers_of([0.75] * 5, 60, seed))
        cards = cards_of(overlap.annotator_ids, overlap.coded.annotator, likeness(overlap, numbers=False), [])
        alarms += any(card.apart for card in cards)
    assert alarms <= 5


def test_somebody_who_guesses_is_found_and_nobody_else_is():
    """Of 100 teams with one who guesses, that one alone is accused, and in about 95: the test's level lets 5 pass."""
    accused, outside = [], []
    for seed in range(100):
        overlap = Overlap.of(answers_of([0.8, 0.8, 0.8, 0.8, 0.0], 80, seed))
        cards = cards_of(overlap.annotator_ids, overlap.coded.annotator, likeness(overlap, numbers=False), [])
        accused.append({c.annotator for c in with_looks(cards, overlap) if c.looks})
        outside.append({c.annotator for c in cards if c.apart})
    assert sum(who == {"p4"} for who in outside) >= 99
    assert sum(who == {"p4"} for who in accused) >= 90
    assert not any(who - {"p4"} for who in accused)


def test_the_verdict_names_who_needs_help():
    """Who answers as if without looking stands first in the answer to "who needs help with what"."""
    found = report_of([0.8, 0.8, 0.8, 0.8, 0.0], 80, 0).controls[0]
    assert found.verdict.help[0].startswith("p4 ")
    assert len(found.verdict.help) == 1


def test_somebody_who_always_says_the_same_is_told_from_one_who_guesses():
    """A constant answer is named as such."""
    found = report_of([0.9, 0.9, 0.9, 0.9, 0.0], 80, 3, noise="constant")
    assert next(c.looks for c in found.controls[0].cards if c.annotator == "p4") == "constant"


def test_many_poor_answers_are_worth_something_together_and_two_are_not():
    """Alpha of .3 says no to two answers an item, and to eleven says: train on their consensus."""
    many = report_of([0.55] * 11, 200, 1).controls[0]
    assert many.agreement.krippendorff_alpha.value < 0.4
    assert many.verdict.headline == "On the consensus only"
    two = report_of([0.55] * 2, 200, 1).controls[0]
    assert two.verdict.level == "poor"


def test_the_expert_gets_what_the_consensus_is_unsure_of():
    """Every item for the expert has several answers and a posterior under .8, least sure first."""
    consensus = report_of([0.6] * 3, 200, 5).controls[0].consensus
    posteriors = [e.posterior for e in consensus.expert]
    assert 0 < len(posteriors) <= consensus.n_expert
    assert posteriors == sorted(posteriors)
    assert posteriors[-1] < 0.8
    assert all(e.answers == 3 for e in consensus.expert)
    assert sum(n for _, n in consensus.distribution) == 200
