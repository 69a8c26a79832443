"""MACE: an annotator either knows, or answers by a habit of his own."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from labelwright.consensus.em import Floats, climb, shares_of
from labelwright.consensus.held import held_codes, passes_with
from labelwright.consensus.passes import FLOOR, Expectation
from labelwright.consensus.result import ConsensusResult
from labelwright.consensus.table import annotations_of

if TYPE_CHECKING:
    from narwhals.typing import IntoDataFrame

    from labelwright.coding import Coded
    from labelwright.consensus.gold import Gold


@dataclass(frozen=True, slots=True)
class MACE:
    r"""Multi-annotator competence estimation.

    With probability θ_a annotator a gives the true class, otherwise he answers l with his own habit ξ_al, whatever the
    item: P(l | z_i = k) = θ_a [l = k] + (1 − θ_a) ξ_al. EM with the prior means θ ~ Beta(½, ½) and
    ξ ~ Dirichlet(10, …, 10) for the M-step. Two things differ from the paper: the start is the vote shares (random
    restarts chosen by likelihood end in optima where a habit of many is taken for knowledge), and the class prior is
    estimated instead of uniform (where an item has two answers). Nothing in it is random.

    Source: D. Hovy, T. Berg-Kirkpatrick, A. Vaswani and E. Hovy, Learning Whom to Trust with MACE, NAACL-HLT (2013)
    1120-1130, https://aclanthology.org/N13-1132.

    Attributes:
        iterations: cap; None: to convergence.
        tol: converged when the log-likelihood of an annotation changes by less.
        knowing: the two parameters of the Beta prior.
        habit: parameter of the Dirichlet prior for each class.
    """

    iterations: int | None = None
    tol: float = 1e-4
    knowing: tuple[float, float] = (0.5, 0.5)
    habit: float = 10.0

    def fit(self, annotations: IntoDataFrame | Coded, gold: Gold | None = None) -> ConsensusResult:
        """Infer labels, trust and habits; `annotators` gets the column ``trust`` (θ).

        Args:
            annotations: DataFrame with columns item, annotator, label; or a `Coded`.
            gold: known labels (item to label, or a DataFrame with columns item and label); these items are held to
                theirs. It must not be used again to choose, calibrate or certify the result.

        Raises:
            DataError: there is no annotation, or a column is missing.
        """
        coded = annotations_of(annotations)
        # With one answer an item nothing speaks against an annotator but the class prior: then it stays even.
        step = partial(self._maximize, estimate_prior=bool(np.diff(coded.starts).max() > 1))
        known = held_codes(coded, gold)
        passes, n = passes_with(coded, known), coded.n_annotations
        found = climb(passes, step, n, iterations=self.iterations, tol=self.tol)
        return found.result("MACE", coded, parameters={"trust": _trust(found.channel)}, held=known.item)

    def _maximize(self, seen: Expectation, channel: Floats | None, *, estimate_prior: bool) -> tuple[Floats, Floats]:
        K = seen.class_counts.size
        diagonal = np.diagonal(seen.counts, axis1=1, axis2=2)
        guessed = diagonal * _guessing(channel, K)
        habit = seen.counts.sum(axis=2) - diagonal + guessed + self.habit
        knew = (diagonal - guessed).sum(axis=1) + self.knowing[0]
        trust = knew / (seen.counts.sum(axis=(1, 2)) + sum(self.knowing))
        habit /= habit.sum(axis=1, keepdims=True)
        answer = (1 - trust)[:, None] * habit
        spread = np.repeat(answer[:, :, None], K, axis=2) + trust[:, None, None] * np.eye(K)
        prior = shares_of(seen.class_counts) if estimate_prior else np.full(K, 1 / K)
        return np.maximum(spread, FLOOR), prior


def _guessing(channel: Floats | None, K: int) -> Floats:
    """P(habit | right answer l), shape (n_annotators, K) or a number; at the start θ is ½ and habits are even."""
    if channel is None:
        return np.array(1 / (K + 1))
    if K == 1:
        return np.array(0.5)
    # Off the diagonal a row of the channel holds (1 − θ) ξ_l in every column; its neighbour is one of these.
    answer = np.arange(K)
    return channel[:, answer, (answer + 1) % K] / channel[:, answer, answer]


def _trust(channel: Floats) -> Floats:
    """θ out of the channel, shape (n_annotators,)."""
    K = channel.shape[1]
    if K == 1:
        return np.ones(channel.shape[0])
    answer = np.arange(K)
    return np.asarray((channel[:, answer, answer] - channel[:, answer, (answer + 1) % K]).mean(axis=1))
