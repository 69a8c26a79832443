"""Expectation maximization over a channel P(answer | truth): the loop that the models share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from labelwright.coding import Coded
from labelwright.consensus.passes import FLOOR, Expectation, Passes
from labelwright.consensus.result import NO_ITEMS, ConsensusResult
from labelwright.model.errors import UsageError

Floats = NDArray[np.float64]
# Without a cap of the caller's the loop still ends, and the result says that it did not converge.
LONGEST = 2000

#: The last pass and the channel it used (None at the start) to the next channel, shape (n_annotators, answer, truth),
#: and class prior, shape (n_classes,).
Maximize: TypeAlias = Callable[[Expectation, Floats | None], tuple[Floats, Floats]]


@dataclass(frozen=True, eq=False)
class Fitted:
    """Where the loop stopped: the last pass, the channel and prior it used, and how it ended."""

    last: Expectation
    channel: Floats
    prior: Floats
    iterations: int
    converged: bool

    @property
    def posterior(self) -> Floats:
        """Shape (n_items, n_classes)."""
        assert self.last.posterior is not None  # noqa: S101 - `climb` keeps it in its last pass
        return self.last.posterior

    @property
    def right(self) -> Floats:
        """Expected right answers of each annotator, shape (n_annotators,)."""
        return np.asarray(np.trace(self.last.counts, axis1=1, axis2=2))

    @property
    def error_rates(self) -> Floats:
        """P(answer | truth), shape (n_annotators, truth, answer)."""
        return np.ascontiguousarray(self.channel.transpose(0, 2, 1))

    @property
    def reason(self) -> str | None:
        """Says so when the cap ended the loop."""
        return None if self.converged else f"Stopped at {self.iterations} iterations before the change was small"

    def result(
        self,
        method: str,
        coded: Coded,
        *,
        right: Floats | None = None,
        parameters: Mapping[str, Floats] | None = None,
        settings: Mapping[str, float] | None = None,
        reason: str | None = None,
        held: NDArray[np.int64] | None = None,
    ) -> ConsensusResult:
        """The frozen result, with what the model adds."""
        return ConsensusResult(
            method,
            coded,
            self.posterior,
            self.right if right is None else right,
            class_prior=self.prior,
            error_rates=self.error_rates,
            parameters=parameters or {},
            settings=settings or {},
            iterations=self.iterations,
            converged=self.converged,
            log_likelihood=self.last.log_likelihood,
            reason="; ".join(text for text in (self.reason, reason) if text) or None,
            held=NO_ITEMS if held is None else held,
        )


def climb(passes: Passes, maximize: Maximize, n: int, *, iterations: int | None, tol: float) -> Fitted:
    """Maximize and expect by turns, from the vote shares on, until nothing moves.

    Args:
        passes: over the annotation table.
        maximize: the model's M-step.
        n: number of annotations.
        iterations: cap; None: to convergence.
        tol: converged when the log-likelihood of an annotation changes by less.
    """
    cap = LONGEST if iterations is None else iterations
    if cap < 1 or tol < 0:
        raise UsageError(
            "iterations must be at least 1 and tol at least 0", where=f"iterations={iterations}, tol={tol}"
        )
    last = passes.start()
    channel: Floats | None = None
    for done in range(1, cap + 1):
        before = last.log_likelihood
        channel, prior = maximize(last, channel)
        last = passes.expect(channel, prior, keep=done == cap)
        if abs(last.log_likelihood - before) < tol * n:
            kept = last if last.posterior is not None else passes.expect(channel, prior, keep=True)
            return Fitted(kept, channel, prior, done, converged=True)
    assert channel is not None  # noqa: S101 - the cap is at least 1
    return Fitted(last, channel, prior, cap, converged=False)


def cap_of(iterations: int | None, tol: float) -> int:
    """How many iterations at most.

    Raises:
        UsageError: fewer than 1, or a negative tolerance.
    """
    cap = LONGEST if iterations is None else iterations
    if cap < 1 or tol < 0:
        raise UsageError(
            "iterations must be at least 1 and tol at least 0", where=f"iterations={iterations}, tol={tol}"
        )
    return cap


def shares_of(class_counts: Floats) -> Floats:
    """Class prior by counts, nowhere below the floor."""
    return np.asarray(np.maximum(class_counts / class_counts.sum(), FLOOR))


def normalized(counts: Floats) -> Floats:
    """Counts of (annotator, answer, truth) to P(answer | truth).

    Answers that an annotator has given keep at least the floor; so a class that he never met leaves him no evidence
    between them. Answers that he never gave get the floor itself.
    """
    given = counts.sum(axis=2, keepdims=True) > 0
    safe = np.where(given, np.maximum(counts, FLOOR), 0.0)
    total = safe.sum(axis=1, keepdims=True)
    share = np.divide(safe, total, out=np.full_like(safe, 1 / counts.shape[1]), where=total > 0)
    return np.asarray(np.maximum(share, FLOOR))


def one_coin_channel(skill: Floats, K: int) -> Floats:
    """P(answer | truth) of annotators that are right with probability ``skill`` and else choose any other class.

    Args:
        skill: shape (n,), 0 to 1.
        K: number of classes.

    Returns:
        Shape (n, K, K).
    """
    if K == 1:
        return np.ones((skill.size, 1, 1))
    p = np.clip(skill, FLOOR, 1 - FLOOR)[:, None, None]
    return np.where(np.eye(K, dtype=bool), p, (1 - p) / (K - 1))


def pair_agreement(coded: Coded) -> float | None:
    """Share of equal answers among all pairs of answers to one item; None where no item has two."""
    sizes = np.diff(coded.starts).astype(np.float64)
    pairs = float((sizes * (sizes - 1)).sum())
    if not pairs:
        return None
    counts = coded.counts.astype(np.float64)
    return float((counts * (counts - 1)).sum()) / pairs
