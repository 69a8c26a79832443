"""How much one more answer is expected to tell about an item, and by whom it tells most for its price.

The mutual information of the truth and an answer, I = H(answer) − Σ_k p_k H(answer | truth k), in nats: the expected
fall of the posterior's entropy (D. Lindley, On a Measure of the Information Provided by an Experiment, 1956).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.int32]
Counts = NDArray[np.int64]


def entropies(channel: Floats) -> Floats:
    """Entropy of the answer under each truth in nats, for channels of shape (…, answer, truth); result (…, truth)."""
    return np.asarray(-(channel * np.log(np.where(channel > 0, channel, 1.0))).sum(axis=-2))


def information(posterior: Floats, channel: Floats, noise: Floats | None = None) -> Floats:
    """Information of one answer by each annotator about one item, in nats.

    Args:
        posterior: of the item, shape (K,).
        channel: P(answer | truth), shape (n_annotators, answer, truth).
        noise: `entropies` of the channel, where it is at hand.
    """
    q = channel @ posterior
    own = entropies(channel) if noise is None else noise
    told = -(q * np.log(np.where(q > 0, q, 1.0))).sum(axis=-1)
    return np.asarray(np.maximum(told - own @ posterior, 0.0))


def mean_channel(channel: Floats, weights: Floats) -> Floats:
    """The channel of somebody of the crowd, drawn by weight; shape (answer, truth)."""
    total = weights.sum()
    even = np.full(weights.size, 1 / max(weights.size, 1))
    return np.asarray(np.tensordot(weights / total if total > 0 else even, channel, axes=1))


def information_of_pool(posterior: Floats, wanted: NDArray[np.bool_], pool: Floats) -> Floats:
    """Information of one answer by somebody of the crowd for each item, in nats; -1 where none is wanted.

    Args:
        posterior: shape (n_items, K).
        wanted: items that may be asked about, shape (n_items,).
        pool: see `mean_channel`.
    """
    from labelwright.review.compiled_information import of_pool  # noqa: PLC0415 - numba takes half a second to load

    return np.asarray(of_pool(posterior, wanted, pool))


def information_of_best(
    posterior: Floats, wanted: NDArray[np.bool_], rows: tuple[Counts, Counts, Codes], channel: Floats, cost: Floats
) -> tuple[Floats, Counts]:
    """Highest information per cost that one of each item's own annotators offers, and the row of that annotator.

    Args:
        posterior: shape (n_items, K).
        wanted: items that may be asked about, shape (n_items,).
        rows: first row and row after the last of each item, and the annotator of each row.
        channel: shape (n_annotators, answer, truth).
        cost: price of an answer of each annotator, above 0, shape (n_annotators,).

    Returns:
        Information per cost, -1 where there is nobody or none is wanted; and rows, -1 there.
    """
    from labelwright.review.compiled_information import of_best  # noqa: PLC0415

    found, row = of_best(posterior, wanted, rows, channel, cost)
    return np.asarray(found), np.asarray(row)
