"""A made-up crowd from stated assumptions, for a plan before the first answer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from labelwright.model.errors import UsageError
from labelwright.planning.recorded import RecordedCrowd


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What is assumed of the annotators and the items.

    Attributes:
        classes: number of classes, K, at least 2.
        annotators: how many take part.
        accuracy: mean share of right answers to usual items, above 1 / K.
        spread: standard deviation of that share from annotator to annotator.
        hard: share of items where everybody is right only half as far above chance as usual; there annotators err
            together, which is what makes posteriors claim too much.
    """

    classes: int = 2
    annotators: int = 8
    accuracy: float = 0.85
    spread: float = 0.07
    hard: float = 0.1

    def __post_init__(self) -> None:
        wrong = not 2 <= self.classes <= 1000 or not 2 <= self.annotators <= 10_000
        if wrong or not 1 / max(self.classes, 2) < self.accuracy < 1 or self.spread < 0 or not 0 <= self.hard <= 1:
            raise UsageError(
                "These assumptions do not fit together",
                where=f"classes {self.classes}, annotators {self.annotators}, accuracy {self.accuracy}, "
                f"spread {self.spread}, hard {self.hard}",
                next_step="At least two classes and annotators, an accuracy above chance and below 1, shares of 0 to 1",
            )


def made_up(assumed: Assumptions, n_items: int, answers: int, rng: np.random.Generator) -> RecordedCrowd:
    """A crowd in which every item has so many answers (at most one of each annotator)."""
    K, n = assumed.classes, min(answers, assumed.annotators)
    chance = 1 / K
    skill = np.clip(rng.normal(assumed.accuracy, assumed.spread, assumed.annotators), chance + 0.01, 0.995)
    truth = rng.integers(K, size=n_items)
    hard = rng.random(n_items) < assumed.hard
    tempting = (truth + rng.integers(1, K, n_items)) % K
    who = np.argsort(rng.random((n_items, assumed.annotators)), axis=1)[:, :n]
    p = np.where(hard[:, None], chance + 0.5 * (skill[who] - chance), skill[who])
    wrong = np.where(hard[:, None], tempting[:, None], (truth[:, None] + rng.integers(1, K, who.shape)) % K)
    label = np.where(rng.random(who.shape) < p, truth[:, None], wrong)
    return RecordedCrowd(
        np.repeat(np.arange(n_items, dtype=np.int32), n),
        who.astype(np.int32).ravel(),
        label.astype(np.int32).ravel(),
        truth.astype(np.int32),
        tuple(range(K)),
        assumed.annotators,
    )
