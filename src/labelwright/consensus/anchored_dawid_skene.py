"""Anchored, shrunk Dawid-Skene: the robust default."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import gammaln

from labelwright.consensus.em import Floats, climb, one_coin_channel, pair_agreement
from labelwright.consensus.held import held_codes, passes_with
from labelwright.consensus.passes import FLOOR, Expectation
from labelwright.consensus.result import ConsensusResult
from labelwright.consensus.table import annotations_of

if TYPE_CHECKING:
    from narwhals.typing import IntoDataFrame

    from labelwright.coding import Coded
    from labelwright.consensus.gold import Gold, GoldCodes

# Candidates for m, the answers that the pool's matrix counts in an annotator's.
_STRENGTHS = tuple(2.0**power for power in range(1, 11))
# Answers of the pool's that count in an annotator's own skill.
_LEAN = 20.0
# Answers for each annotator and class at which his own skill and the pool's rows count alike.
_DENSE = 10.0
# Expected answers that are left out when m is chosen.
_NEGLIGIBLE = 1e-6
# Assumed skill where nobody answered the same item as another.
_ASSUMED = 0.7


@dataclass(frozen=True, slots=True)
class AnchoredDawidSkene:
    r"""Dawid-Skene with a hierarchical prior that cannot turn against the crowd.

    1. Anchor: of A, the share of equal answers among pairs on one item, and c = 1 / K, the skill that one-coin
       annotators would need: g = c + √((A − c)(1 − c)).
    2. Pool: the expected counts of all annotators together, plus ``weight`` × the number of annotations, spread evenly
       over the classes, of a one-coin matrix of skill g.
    3. Own skill: where there are few answers for each annotator and class, what an annotator does in one class is told
       best by how often he is right in all of them. f_a = his expected errors / those that the pool would make on his
       items (20 answers of the pool's counted with both); own_a is the pool with its errors times f_a. His prior matrix
       is λ own_a + (1 − λ) pool with λ = 1 / (1 + (d / 10)²), d the answers for each annotator and class.
    4. Annotators: row k of a's confusion matrix ~ Dirichlet(m · row k of his prior matrix); m out of 2, 4, … 1024 by
       the marginal likelihood of the expected counts (Dirichlet-multinomial), anew in each M-step.
    5. Class prior: half the mean posterior, half the vote shares.

    So annotators with few answers lean on the crowd and on their own average. Where no item has two answers nothing can
    be learned: every answer is taken as right with probability 0.7, and `reason` says so (known labels are held).

    Source: Labelwright's own combination of Dawid and Skene (1979), doi:10.2307/2346806, with the hierarchical prior
    of S. Paun et al., Comparing Bayesian Models of Annotation, TACL 6 (2018) 571-585, doi:10.1162/tacl_a_00040.

    Attributes:
        iterations: cap; None: to convergence.
        tol: converged when the log-likelihood of an annotation changes by less.
        weight: how strongly the anchor holds the pool, in answers for each annotation.
    """

    iterations: int | None = None
    tol: float = 1e-5
    weight: float = 0.2

    def fit(self, annotations: IntoDataFrame | Coded, gold: Gold | None = None) -> ConsensusResult:
        """Infer labels and error rates; `settings` gets the anchor's ``skill`` (g) and ``strength`` (m).

        Args:
            annotations: DataFrame with columns item, annotator, label; or a `Coded`.
            gold: known labels (item to label, or a DataFrame with columns item and label); these items are held to
                theirs. It must not be used again to choose, calibrate or certify the result.

        Raises:
            DataError: there is no annotation, or a column is missing.
        """
        coded = annotations_of(annotations)
        known = held_codes(coded, gold)
        agreement = pair_agreement(coded)
        if agreement is None:
            return _assumed(coded, known)
        skill = anchor_skill(agreement, coded.n_classes)
        maximize = partial(self._maximize, coded=coded, skill=skill)
        passes, n = passes_with(coded, known), coded.n_annotations
        found = climb(passes, maximize, n, iterations=self.iterations, tol=self.tol)
        strength = _strength(found.last.counts, self._prior_matrix(found.last, coded, skill))
        return found.result(
            "AnchoredDawidSkene", coded, settings={"skill": skill, "strength": strength}, held=known.item
        )

    def _maximize(self, seen: Expectation, _: Floats | None, *, coded: Coded, skill: float) -> tuple[Floats, Floats]:
        base = self._prior_matrix(seen, coded, skill)
        leaned = seen.counts + _strength(seen.counts, base) * base
        votes = np.bincount(coded.label, minlength=coded.n_classes) / coded.n_annotations
        prior = 0.5 * votes + 0.5 * seen.class_counts / seen.class_counts.sum()
        return np.maximum(leaned / leaned.sum(axis=1, keepdims=True), FLOOR), np.maximum(prior, FLOOR)

    def _prior_matrix(self, seen: Expectation, coded: Coded, skill: float) -> Floats:
        """What each annotator's confusion matrix leans on, shape (n_annotators, answer, truth)."""
        pool = self._pool(seen, skill)
        busy = np.count_nonzero(np.bincount(coded.annotator, minlength=1))
        density = coded.n_annotations / (busy * coded.n_classes)
        own = 1 / (1 + (density / _DENSE) ** 2)
        return np.asarray(own * _scaled_errors(pool, seen.counts, skill) + (1 - own) * pool)

    def _pool(self, seen: Expectation, skill: float) -> Floats:
        """P(answer | truth) of the crowd as a whole, shape (answer, truth)."""
        K = seen.class_counts.size
        pool = seen.counts.sum(axis=0)
        pool = pool + one_coin_channel(np.array([skill]), K)[0] * (self.weight * pool.sum() / K)
        return np.asarray(pool / np.maximum(pool.sum(axis=0, keepdims=True), FLOOR))


def anchor_skill(agreement: float, K: int) -> float:
    """Skill of one-coin annotators whose answers are equal in that share of pairs; chance where they agree less.

    Args:
        agreement: share of equal pairs, 0 to 1.
        K: number of classes.
    """
    chance = 1 / K
    return chance + math.sqrt(max(agreement - chance, 0.0) * (1 - chance))


def _scaled_errors(pool: Floats, counts: Floats, skill: float) -> Floats:
    """The pool with its errors made more or less frequent by each annotator, shape (n_annotators, answer, truth)."""
    K = pool.shape[0]
    if K == 1:
        return np.ones_like(counts)
    error = 1 - np.diagonal(pool)
    met = counts.sum(axis=1)
    wrong = met.sum(axis=1) - np.trace(counts, axis1=1, axis2=2)
    lean = _LEAN * (1 - skill) + FLOOR
    factor = (wrong + lean) / (met @ error + lean)
    own = np.clip(factor[:, None] * error, FLOOR, 1 - 1e-3)[:, None, :]
    diagonal = np.eye(K, dtype=bool)
    others = np.where(diagonal, 0.0, pool)
    return np.where(diagonal, 1 - own, own * others / others.sum(axis=0))


def _strength(counts: Floats, base: Floats) -> float:
    """The m under which the expected counts are most likely."""
    # What was hardly ever expected says nothing about m, and with many classes it is nearly everything.
    given = counts > _NEGLIGIBLE
    answers, share = counts[given], np.maximum(base[given], FLOOR)
    totals = counts.sum(axis=1)
    rows = totals[totals > _NEGLIGIBLE]

    def likelihood(m: float) -> float:
        prior = m * share
        cells = (gammaln(answers + prior) - gammaln(prior)).sum()
        return float(cells - (gammaln(rows + m) - gammaln(m)).sum())

    return max(_STRENGTHS, key=likelihood)


def _assumed(coded: Coded, known: GoldCodes) -> ConsensusResult:
    """Every answer taken as right with the same probability, where nothing can be learned."""
    K = coded.n_classes
    channel = one_coin_channel(np.full(coded.n_annotators, _ASSUMED if K > 1 else 1.0), K)
    prior = np.full(K, 1 / K)
    last = passes_with(coded, known).expect(channel, prior, keep=True)
    assert last.posterior is not None  # noqa: S101 - it was asked for
    return ConsensusResult(
        "AnchoredDawidSkene",
        coded,
        last.posterior,
        np.trace(last.counts, axis1=1, axis2=2),
        class_prior=prior,
        error_rates=np.ascontiguousarray(channel.transpose(0, 2, 1)),
        settings={"skill": _ASSUMED},
        log_likelihood=last.log_likelihood,
        reason=f"No item has two answers: every answer is assumed right with probability {_ASSUMED}",
        held=known.item,
    )
