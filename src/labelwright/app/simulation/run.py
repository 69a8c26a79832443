"""Replays of a recorded crowd under one policy."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from labelwright.app.simulation.certifying import Wish, certify_replay
from labelwright.app.simulation.collecting import (
    Collected,
    blended_labels,
    collect_adaptively,
    collect_fixed,
    dawid_skene_labels,
)
from labelwright.model.errors import UsageError
from labelwright.planning import Outcome, Policy, PolicyKind, RecordedCrowd, Simulated
from labelwright.ports import Progress


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be simulated.

    Attributes:
        policy: how answers are spent.
        target: τ, share of right labels among those accepted unseen.
        expert_cost: price of an expert's label in prices of an answer.
        gold: most items an expert labels for pilot and audit.
        replays: how many.
        seed: of all randomness.
    """

    policy: Policy
    target: float = 0.95
    expert_cost: float = 20.0
    gold: int = 200
    replays: int = 200
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0 < self.target < 1:
            raise UsageError("The target is a share between 0 and 1", where=f"--target {self.target}")
        if self.expert_cost <= 0 or self.gold < 0 or self.replays < 1:
            raise UsageError(
                "The expert's price is above 0, gold at least 0, replays at least 1",
                where=f"--expert-cost {self.expert_cost} --gold {self.gold} --replays {self.replays}",
            )


def simulate(crowd: RecordedCrowd, question: Question, progress: Progress) -> Simulated:
    """Replay the crowd again and again; replay number r depends on the seed and r only."""
    progress.start(f"Replaying {crowd.n_items:,} items", question.replays)
    outcomes = []
    for number in range(question.replays):
        outcomes.append(_replay(crowd, question, np.random.default_rng([question.seed, number])))
        progress.step()
    progress.done()
    return Simulated(crowd.n_items, question.policy.name, question.target, question.expert_cost, tuple(outcomes))


def answers_worth(expert_cost: float, target: float) -> float:
    """Most answers an item on average that may pay when an expert's label costs so much.

    With every answer the items that cannot be accepted get fewer, by about the same factor; so the best number grows
    with the price, but less than it, and with the strictness of the target.
    """
    return 1.0 + 0.67 * math.sqrt(expert_cost) * math.pow(0.1 / (1 - target), 0.6)


def _replay(crowd: RecordedCrowd, question: Question, rng: np.random.Generator) -> Outcome:
    replay, policy = crowd.replay(rng), question.policy
    if policy.kind is PolicyKind.CERTIFIED:
        most = policy.answers or answers_worth(question.expert_cost, question.target)
        return certify_replay(replay, Wish(question.target, question.expert_cost, question.gold, most), rng)
    if policy.answers is None:
        raise UsageError("A policy without certification needs its number of answers", where=policy.name)
    if policy.kind is PolicyKind.FIXED:
        return _accept_all(collect_fixed(replay, int(policy.answers)), dawid_skene_labels(replay), question.target)
    found = collect_adaptively(replay, policy.answers, rng, routed=policy.kind is PolicyKind.ROUTED)
    return _accept_all(found, blended_labels(found), question.target)


def _accept_all(found: Collected, labels: NDArray[np.int64], target: float) -> Outcome:
    """Every label is taken as it is; nobody has audited anything."""
    right = float((labels == found.replay.crowd.truth).mean())
    return Outcome(found.replay.per_item, right, 1.0, valid=right >= target - 1e-12, accepted_right=right)
