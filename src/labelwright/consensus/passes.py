"""One pass over the annotations: the E-step that every model with a channel P(answer | truth) shares.

The pass returns what the M-steps need, the expected counts of (annotator, answer, truth); what the models differ in is
only how they turn these counts into a channel.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from labelwright.coding import Coded
from labelwright.consensus.votes import tally

Floats = NDArray[np.float64]
# From so many annotations on, a compiled loop pays for the seconds it takes to compile or load.
COMPILED_FROM = 1_000_000
# No probability of a channel lies below: products of them stay positive, and one answer never settles an item alone.
FLOOR = 1e-10


@dataclass(frozen=True, eq=False)
class Expectation:
    """What one pass found.

    Attributes:
        counts: expected number of answers, shape (n_annotators, answer, truth).
        class_counts: expected number of items of each class, shape (n_classes,).
        log_likelihood: of the annotations under the channel and prior that the pass used.
        posterior: shape (n_items, n_classes); None unless asked for.
    """

    counts: Floats
    class_counts: Floats
    log_likelihood: float
    posterior: Floats | None


class Passes(Protocol):
    """Passes over one annotation table."""

    def start(self) -> Expectation:
        """Counts under the vote shares, where no channel is known yet; its log-likelihood is minus infinity."""
        ...

    def expect(self, channel: Floats, prior: Floats, *, keep: bool) -> Expectation:
        """Counts under a channel of shape (n_annotators, answer, truth) and a prior of shape (n_classes,).

        ``keep``: the posterior, too.
        """
        ...


def passes_over(coded: Coded) -> Passes:
    """Sparse matrices for small tables, compiled loops for large ones; both give the same numbers."""
    if coded.n_annotations < COMPILED_FROM:
        return SparsePasses(coded)
    from labelwright.consensus.compiled import CompiledPasses  # noqa: PLC0415 - numba takes half a second to load

    return CompiledPasses(coded)


class SparsePasses:
    """E-step as two products with the sparse matrix of answers, items × (annotator, answer)."""

    def __init__(self, coded: Coded) -> None:
        self._coded = coded
        columns = coded.annotator.astype(np.int64) * coded.n_classes + coded.label
        shape = (coded.n_items, coded.n_annotators * coded.n_classes)
        self._answers = sparse.csr_array((np.ones(coded.n_annotations), columns, coded.starts), shape=shape)
        self._columns = sparse.csr_array(self._answers.T)
        self._seen = np.diff(coded.starts) > 0

    def start(self) -> Expectation:
        """Counts under the vote shares."""
        votes = tally(self._coded, np.ones(self._coded.n_annotations))
        share = votes / np.maximum(votes.sum(axis=1, keepdims=True), 1)
        return self._counted(share, -np.inf, keep=False)

    def expect(self, channel: Floats, prior: Floats, *, keep: bool) -> Expectation:
        """Counts under a channel and a prior."""
        evidence = np.log(channel).reshape(-1, self._coded.n_classes)
        score = np.asarray(self._answers @ evidence) + np.log(prior)
        top = score.max(axis=1, keepdims=True)
        posterior = np.exp(score - top)
        total = posterior.sum(axis=1, keepdims=True)
        posterior /= total
        likelihood = (top + np.log(total))[self._seen]
        return self._counted(posterior, float(likelihood.sum()), keep=keep)

    def _counted(self, posterior: Floats, log_likelihood: float, *, keep: bool) -> Expectation:
        K = self._coded.n_classes
        counts = np.asarray(self._columns @ posterior).reshape(-1, K, K)
        return Expectation(counts, posterior[self._seen].sum(axis=0), log_likelihood, posterior if keep else None)
