"""What every estimator of a consensus returns: one frozen shape."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from labelwright.coding import Coded
from labelwright.consensus.names import class_columns, named
from labelwright.consensus.skill import wilson
from labelwright.consensus.votes import TIE, agreement_with_majority, tally

Floats = NDArray[np.float64]
NO_ITEMS: NDArray[np.int64] = np.zeros(0, np.int64)
NO_ITEMS.flags.writeable = False


@dataclass(frozen=True, eq=False)
class ConsensusResult:
    """The inferred labels, how sure they are, and what was learned about the annotators.

    Items and annotators without any answer are in none of the frames. Arrays are read-only.

    Attributes:
        method: name of the estimator.
        coded: the annotations it rests on.
        posterior: probability of each class, shape (n_items, n_classes), rows sum to 1. It is what the model believes,
            not a promise: see `calibrate`.
        right: expected number of right answers of each annotator, shape (n_annotators,).
        class_prior: probability of each class before any answer; None where the model has none.
        error_rates: P(answer | true class), shape (n_annotators, true, answer); None where the model has none.
        weights: votes that one answer of an annotator counts, shape (n_annotators,); only for voting.
        parameters: further columns of `annotators` by name, shape (n_annotators,).
        item_parameters: what the model estimates for each item by name, shape (n_items,).
        settings: numbers that the fit chose by itself (a prior's strength, say), by name.
        iterations: how many were made; 0 for a closed form.
        converged: whether the change fell below the tolerance before the cap.
        log_likelihood: of the annotations under the model (natural logarithm); None where the model has none.
        reason: what the reader must know about this fit (a cap reached, a default used); None where all is well.
        why: why `select` chose it; None where it was not chosen.
        held: codes of the items whose label was given, ascending: they have a posterior of 1, and prove nothing.
    """

    method: str
    coded: Coded
    posterior: Floats
    right: Floats
    class_prior: Floats | None = None
    error_rates: Floats | None = None
    weights: Floats | None = None
    parameters: Mapping[str, Floats] = field(default_factory=dict)
    item_parameters: Mapping[str, Floats] = field(default_factory=dict)
    settings: Mapping[str, float] = field(default_factory=dict)
    iterations: int = 0
    converged: bool = True
    log_likelihood: float | None = None
    reason: str | None = None
    why: str | None = None
    held: NDArray[np.int64] = field(default_factory=lambda: NO_ITEMS)

    def __post_init__(self) -> None:
        for array in (self.posterior, self.right, self.class_prior, self.error_rates, self.weights):
            if array is not None:
                array.flags.writeable = False

    @property
    def n_dropped(self) -> int:
        """Answers that did not count, because the same annotator answered the same item again later."""
        return self.coded.n_dropped

    @cached_property
    def classes(self) -> tuple[Any, ...]:
        """Class values in the order of the columns of `posterior`."""
        return tuple(self.coded.class_list())

    @cached_property
    def answers(self) -> NDArray[np.int64]:
        """Answers of each annotator, shape (n_annotators,)."""
        return np.bincount(self.coded.annotator, minlength=self.coded.n_annotators)

    @cached_property
    def seen(self) -> NDArray[np.int64]:
        """Codes of the items that somebody has answered."""
        return np.flatnonzero(np.diff(self.coded.starts) > 0)

    @cached_property
    def _choice(self) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        return choose(self.posterior, self.coded)

    @property
    def label_codes(self) -> NDArray[np.int64]:
        """Code of the label shown for each item, shape (n_items,)."""
        return self._choice[0]

    @property
    def contested(self) -> NDArray[np.bool_]:
        """Items whose best class is tied with another, shape (n_items,)."""
        return self._choice[1]

    @cached_property
    def labels(self) -> pl.DataFrame:
        """Columns item, label, posterior (of that label, 0 to 1), contested (tied with another class).

        A tie shows the tied class whose voters agree with the other annotators more often (the sum over its voters of
        their share of answers equal to the majority's); if that is tied too, the class chosen more often over the whole
        table, then the one that comes first among the classes. It is never a coin toss, and `contested` says so.
        """
        codes = self.label_codes
        top = np.take_along_axis(self.posterior, codes[:, None], axis=1)[:, 0]
        frame = pl.DataFrame(
            [
                named("item", self.coded.item_names),
                named("label", self.coded.classes, codes),
                pl.Series("posterior", top),
                pl.Series("contested", self.contested),
            ]
        )
        return self._only_seen(frame)

    @cached_property
    def posteriors(self) -> pl.DataFrame:
        """Column item and one column for each class (named by its text, in the order of `classes`)."""
        columns = [named("item", self.coded.item_names)]
        names = class_columns(self.classes)
        columns += [pl.Series(name, self.posterior[:, k]) for k, name in enumerate(names)]
        return self._only_seen(pl.DataFrame(columns))

    @cached_property
    def annotators(self) -> pl.DataFrame:
        """Columns annotator, skill, low, high, n, and the model's own parameters.

        ``skill`` is the expected share of right answers given the posteriors, ``low`` and ``high`` its 95 % Wilson
        interval (Wilson 1927) over ``n`` answers, of which those count less whose being right is itself uncertain. It
        leans on the annotator's own votes: `leave_one_out` does not.
        """
        busy = np.flatnonzero(self.answers > 0)
        skill = self.right[busy] / self.answers[busy]
        n = self._effective(skill, busy)
        _, low, high = wilson(skill * n, n)
        frame = {"skill": skill, "low": low, "high": high, "n": self.answers[busy]}
        frame |= {name: values[busy] for name, values in self.parameters.items()}
        return pl.DataFrame([named("annotator", self.coded.annotator_names, busy)]).with_columns(
            pl.Series(name, values) for name, values in frame.items()
        )

    @cached_property
    def confusion(self) -> pl.DataFrame | None:
        """Columns annotator, truth, answer, probability: P(answer | truth). None where the model has none."""
        if self.error_rates is None:
            return None
        busy = np.flatnonzero(self.answers > 0)
        K = self.coded.n_classes
        true, answer = np.divmod(np.arange(K * K), K)
        return pl.DataFrame(
            [
                named("annotator", self.coded.annotator_names, np.repeat(busy, K * K)),
                named("truth", self.coded.classes, np.tile(true, busy.size)),
                named("answer", self.coded.classes, np.tile(answer, busy.size)),
                pl.Series("probability", self.error_rates[busy].reshape(-1)),
            ]
        )

    def _effective(self, skill: Floats, busy: NDArray[np.int64]) -> Floats:
        """Answers that would tell as much if it were known which are right, shape (n_busy,).

        The share's variance is that of n draws, s (1 − s) / n, plus that of the posteriors, Σ r (1 − r) / n².
        """
        right = self.posterior[self.coded.item, self.coded.label]
        unsure = np.bincount(self.coded.annotator, weights=right * (1 - right), minlength=self.answers.size)[busy]
        drawn = self.answers[busy] * skill * (1 - skill)
        total = drawn + unsure
        return np.asarray(self.answers[busy] * np.divide(drawn, total, out=np.ones_like(total), where=drawn > 0))

    def _only_seen(self, frame: pl.DataFrame) -> pl.DataFrame:
        return frame if self.seen.size == frame.height else frame[self.seen]


def choose(posterior: Floats, coded: Coded) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The label of each item by the tie rule of `ConsensusResult.labels`, and which items are tied.

    Args:
        posterior: shape (n_items, n_classes).
        coded: the annotations, for breaking ties.
    """
    best = posterior.argmax(axis=1)
    top = np.take_along_axis(posterior, best[:, None], axis=1)
    tied = posterior >= top - TIE
    contested = np.count_nonzero(tied, axis=1) > 1
    rows = np.flatnonzero(contested)
    if rows.size:
        best[rows] = _broken(tied[rows], rows, coded)
    return best, contested


def _broken(tied: NDArray[np.bool_], rows: NDArray[np.int64], coded: Coded) -> NDArray[np.int64]:
    """One of the tied classes for each of those items."""
    support = tally(coded, agreement_with_majority(coded)[coded.annotator])[rows]
    backed = np.where(tied, support, -1.0)
    tied &= backed >= backed.max(axis=1, keepdims=True) - TIE
    votes = np.bincount(coded.label, minlength=coded.n_classes)
    return np.asarray(np.where(tied, votes, -1).argmax(axis=1))
