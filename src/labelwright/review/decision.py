"""What an answer leads to: accept the label, ask one more and whom, send the item to an expert, or stop.

An item may raise several questions: one for a choice or a rating, one for each class where several may be right, one
for each thing that somebody drew (does it exist, and of which class). An answer answers all of them at once, so their
information adds up, and the item is as sure as all of them together.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from labelwright.model.errors import UsageError
from labelwright.review.information import entropies, information

Floats = NDArray[np.float64]
# Those who tell nearly as much as the best for their price share the work: the one with the shortest queue gets it.
_NEARLY = 0.95
# Nats: an answer that is expected to tell less tells nothing.
_NOTHING = 1e-6


class Verb(StrEnum):
    """What to do with an item now."""

    ACCEPT = "accept"
    ASK = "ask"
    EXPERT = "expert"
    STOP = "stop"  # the budget is used up; the item stays as it is, nothing is lost


@dataclass(frozen=True, slots=True)
class Decision:
    """One item's next step.

    Attributes:
        verb: what to do.
        sure: probability that every question of the item is answered rightly, as the model believes, 0 to 1.
        annotator: whom to ask (an index); None unless ``verb`` is ask.
        gain: information that is expected from that answer, in nats; 0 unless ``verb`` is ask.
        reason: one sentence.
    """

    verb: Verb
    sure: float
    annotator: int | None = None
    gain: float = 0.0
    reason: str = ""


@dataclass(frozen=True, eq=False)
class Question:
    """What is believed about one question of an item, and how annotators answer such questions.

    Attributes:
        posterior: shape (K,), sums to 1.
        channel: P(answer | truth) of each annotator, shape (n_annotators, answer, truth).
        noise: entropy of each annotator's answer under each truth; computed once for a channel that many items share.
        near: on a scale, steps on either side that are no quarrel; 0: only the answer itself is right.
    """

    posterior: Floats
    channel: Floats
    noise: Floats | None = None
    near: int = 0

    @property
    def sure(self) -> float:
        """Probability that the best answer is right, 0 to 1."""
        if not self.near:
            return float(self.posterior.max())
        return min(float(np.convolve(self.posterior, np.ones(2 * self.near + 1)).max()), 1.0)

    @classmethod
    def of_presence(cls, probability: float, detection: Floats, false_alarm: Floats) -> Question:
        """Is it there? One class of several, a box, a span: yes or no.

        Args:
            probability: that it is, 0 to 1.
            detection: P(marked | there) of each annotator, shape (n_annotators,).
            false_alarm: P(marked | not there), shape (n_annotators,).
        """
        marked = np.stack((np.asarray(false_alarm), np.asarray(detection)), axis=-1)
        return cls(np.array([1 - probability, probability]), np.stack((1 - marked, marked), axis=1))


@dataclass(frozen=True, eq=False)
class Crowd:
    """Who could be asked.

    Attributes:
        cost: price of an answer of each, above 0, shape (n_annotators,).
        free: whether each may be asked: active, below the cap, with tags and level; shape (n_annotators,).
        queue: items that wait on each desk, shape (n_annotators,).
    """

    cost: Floats
    free: NDArray[np.bool_]
    queue: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))

    def __post_init__(self) -> None:
        if self.cost.size and self.cost.min() <= 0:
            raise UsageError("The price of an answer must be above 0", where=f"{self.cost.min()}")


@dataclass(frozen=True, slots=True)
class Rule:
    """When it is enough.

    Attributes:
        accept_at: an item this sure is accepted, 0 to 1.
        expert_cost: price of an expert's label; more is never spent on one item's answers.
        most_answers: no item gets more; None: only the expert's price is the cap.
        budget_left: what may still be spent; None: no budget.
    """

    accept_at: float = 0.98
    expert_cost: float = 20.0
    most_answers: int | None = None
    budget_left: float | None = None


def decide(
    questions: Sequence[Question],
    crowd: Crowd,
    asked: Collection[int],
    rule: Rule,
    rng: np.random.Generator,
    spent: float | None = None,
) -> Decision:
    """The next step of one item after an answer. Its time grows with the annotators, never with the items.

    The annotator with the most information per cost is asked; among those within 5 % of her the one with the shortest
    queue, ties by ``rng``. The expert gets the item when answers would cost at least as much: the uncertainty that is
    left, divided by what the best answer tells per cost, on top of what was spent.

    Args:
        questions: at least one.
        crowd: who could be asked.
        asked: annotators who have it already, answered or not.
        rule: when it is enough.
        rng: source of randomness, for ties.
        spent: on this item so far; without it the prices of those asked.
    """
    sure = float(np.prod([q.sure for q in questions]))
    paid = float(crowd.cost[list(asked)].sum()) if spent is None else spent
    if sure >= rule.accept_at:
        return Decision(Verb.ACCEPT, sure, reason=f"its label is {sure:.1%} sure")
    if rule.most_answers is not None and len(asked) >= rule.most_answers:
        return _expert(sure, rule, f"{len(asked)} answers have not settled it")
    able = crowd.free.copy()
    able[list(asked)] = False
    if not able.any():
        return _expert(sure, rule, "nobody is left to ask")
    gain = np.sum([information(q.posterior, q.channel, q.noise) for q in questions], axis=0)
    worth = np.where(able, gain / crowd.cost, -1.0)
    best = float(worth.max())
    left = sum(float(entropies(q.posterior[:, None])[0]) for q in questions)
    if best <= _NOTHING or paid + left / best > rule.expert_cost:
        return _expert(sure, rule, "more answers would cost as much as the expert")
    who = _shortest(np.flatnonzero(worth >= _NEARLY * best), crowd, rng)
    if rule.budget_left is not None and crowd.cost[who] > rule.budget_left:
        return _stop(sure)
    return Decision(Verb.ASK, sure, who, float(gain[who]), f"one more answer tells {gain[who]:.3f} nats")


def _expert(sure: float, rule: Rule, reason: str) -> Decision:
    if rule.budget_left is not None and rule.expert_cost > rule.budget_left:
        return _stop(sure)
    return Decision(Verb.EXPERT, sure, reason=reason)


def _stop(sure: float) -> Decision:
    return Decision(Verb.STOP, sure, reason="the budget is used up; what is known of it is kept")


def _shortest(able: NDArray[np.int64], crowd: Crowd, rng: np.random.Generator) -> int:
    queue = crowd.queue[able] if crowd.queue.size else np.zeros(able.size, np.int64)
    shortest = able[queue == queue.min()]
    return int(shortest[rng.integers(shortest.size)])


def shared_noise(channel: Floats) -> Floats:
    """Entropies of a channel that many items share: computed once, given to each `Question`."""
    return entropies(channel)
