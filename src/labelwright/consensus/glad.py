"""GLAD: ability of the annotators and ease of the items."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, log_expit, logit

from labelwright.coding import Coded
from labelwright.consensus.em import Floats, cap_of
from labelwright.consensus.gold import one_hot
from labelwright.consensus.held import held_codes
from labelwright.consensus.result import ConsensusResult
from labelwright.consensus.skill import expected_right
from labelwright.consensus.table import annotations_of
from labelwright.consensus.votes import cells

if TYPE_CHECKING:
    from narwhals.typing import IntoDataFrame

    from labelwright.consensus.gold import Gold, GoldCodes

# Mean of the normal priors (variance 1) of ability and of log ease.
_MEAN = 1.0
# A log ease beyond moves no probability that a double could tell from 0 or 1.
_EASIEST = 5.0
# Known answers at which they and the prior's mean count alike at the start.
_LEAN = 10.0


@dataclass(frozen=True, slots=True)
class GLAD:
    r"""Generative model of labels, abilities and difficulties.

    P(a answers i rightly) = 1 / (1 + exp(−α_a β_i)), with ability α_a (negative: adversarial) and ease β_i = exp(b_i);
    a wrong answer is any other class alike; classes are equally probable before any answer. Priors: α_a ~ N(1, 1),
    b_i ~ N(1, 1). E-step: P(z_i = k) ∝ exp(Σ_{a: l = k} [α_a β_i + log(K − 1)]). M-step: the expected log posterior is
    raised by one step in α, then one in b, each scaled by Jaakkola and Jordan's bound on the curvature of the logistic
    (a generalized EM; the paper uses gradient ascent).

    Source: J. Whitehill, P. Ruvolo, T. Wu, J. Bergsma and J. Movellan, Whose Vote Should Count More, Advances in
    Neural Information Processing Systems 22 (2009) 2035-2043.

    Attributes:
        iterations: cap; None: to convergence.
        tol: converged when the log-likelihood of an annotation changes by less.
    """

    iterations: int | None = None
    tol: float = 1e-4

    def fit(self, annotations: IntoDataFrame | Coded, gold: Gold | None = None) -> ConsensusResult:
        """Infer labels, abilities and eases: `annotators` gets ``ability`` (α), `item_parameters` ``ease`` (β).

        Args:
            annotations: DataFrame with columns item, annotator, label; or a `Coded`.
            gold: known labels (item to label, or a DataFrame with columns item and label); these items are held to
                theirs. It must not be used again to choose, calibrate or certify the result.

        Raises:
            DataError: there is no annotation, or a column is missing.
        """
        coded = annotations_of(annotations)
        if coded.n_classes == 1:
            return _certain(coded)
        known = held_codes(coded, gold)
        cap = cap_of(self.iterations, self.tol)
        model = _Model.over(coded, known)
        posterior, likelihood = model.expect()
        for done in range(1, cap + 1):
            model.maximize(posterior)
            before = likelihood
            posterior, likelihood = model.expect()
            if abs(likelihood - before) < self.tol * coded.n_annotations:
                return model.result(posterior, likelihood, done, converged=True)
        return model.result(posterior, likelihood, cap, converged=False)


@dataclass(slots=True)
class _Model:
    """The parameters on their way, and where each annotation counts."""

    coded: Coded
    known: GoldCodes
    cell: NDArray[np.int64]
    ability: Floats
    log_ease: Floats
    seen: NDArray[np.bool_]

    @classmethod
    def over(cls, coded: Coded, known: GoldCodes) -> _Model:
        seen = np.diff(coded.starts) > 0
        ability, log_ease = _first_abilities(coded, known), np.full(coded.n_items, _MEAN)
        return cls(coded, known, cells(coded), ability, log_ease, seen)

    def _evidence(self) -> Floats:
        """α β of each annotation, shape (n_annotations,)."""
        return np.asarray(self.ability[self.coded.annotator] * np.exp(self.log_ease)[self.coded.item])

    def expect(self) -> tuple[Floats, float]:
        """Posterior, shape (n_items, n_classes), and the log-likelihood."""
        K = self.coded.n_classes
        evidence = self._evidence()
        votes = np.bincount(self.cell, weights=evidence + np.log(K - 1), minlength=self.coded.n_items * K)
        score = votes.reshape(-1, K)
        top = score.max(axis=1, keepdims=True)
        posterior = np.exp(score - top)
        total = posterior.sum(axis=1, keepdims=True)
        posterior /= total
        # Every class starts from "all answers are wrong"; a vote for it turns one of them into right.
        wrong = log_expit(-evidence).sum() - evidence.size * np.log(K - 1)
        items = (top + np.log(total))[:, 0]
        items[self.known.item] = score[self.known.item, self.known.label]
        items = items[self.seen] - np.log(K)
        return one_hot(posterior, self.known), float(items.sum() + wrong)

    def maximize(self, posterior: Floats) -> None:
        """One step in the abilities, then one in the log eases."""
        right = posterior.reshape(-1)[self.cell]
        annotator, item = self.coded.annotator, self.coded.item
        ease = np.exp(self.log_ease)
        evidence = self._evidence()
        slope = _summed(annotator, (right - expit(evidence)) * ease[item], self.ability.size) - (self.ability - _MEAN)
        curvature = _summed(annotator, _bound(evidence) * ease[item] ** 2, self.ability.size) + 1
        self.ability = self.ability + slope / curvature
        evidence = self._evidence()
        slope = _summed(item, (right - expit(evidence)) * evidence, ease.size) - (self.log_ease - _MEAN)
        curvature = _summed(item, _bound(evidence) * evidence**2, ease.size) + 1
        self.log_ease = np.clip(self.log_ease + np.clip(slope / curvature, -1, 1), -_EASIEST, _EASIEST)

    def result(self, posterior: Floats, likelihood: float, done: int, *, converged: bool) -> ConsensusResult:
        K = self.coded.n_classes
        return ConsensusResult(
            "GLAD",
            self.coded,
            posterior,
            expected_right(self.coded, posterior),
            class_prior=np.full(K, 1 / K),
            parameters={"ability": self.ability},
            item_parameters={"ease": np.exp(self.log_ease)},
            iterations=done,
            converged=converged,
            log_likelihood=likelihood,
            reason=None if converged else f"Stopped at {done} iterations before the change was small",
            held=self.known.item,
        )


def _first_abilities(coded: Coded, known: GoldCodes) -> Floats:
    """The prior's mean, moved by what each annotator said of known items: from there who is adversarial is found."""
    truth = np.full(coded.n_items, -1, np.int64)
    truth[known.item] = known.label
    told = truth[coded.item] >= 0
    n = np.bincount(coded.annotator, weights=told, minlength=coded.n_annotators)
    right = np.bincount(coded.annotator, weights=truth[coded.item] == coded.label, minlength=coded.n_annotators)
    seen = logit((right + 0.5) / (n + 1)) / np.exp(_MEAN)
    return np.asarray((n * seen + _LEAN * _MEAN) / (n + _LEAN))


def _bound(x: Floats) -> Floats:
    """Curvature of a parabola that stays below the log of the logistic function and touches it at x."""
    size = np.maximum(np.abs(x), 1e-6)
    return np.asarray(np.tanh(size / 2) / (2 * size))


def _summed(codes: NDArray[np.int32], values: Floats, n: int) -> Floats:
    return np.asarray(np.bincount(codes, weights=values, minlength=n), np.float64)


def _certain(coded: Coded) -> ConsensusResult:
    """With one class every answer is right, and nothing is learned about anybody."""
    posterior = np.ones((coded.n_items, 1))
    reason = "There is only one class: abilities and eases cannot be estimated"
    return ConsensusResult("GLAD", coded, posterior, expected_right(coded, posterior), np.ones(1), reason=reason)
