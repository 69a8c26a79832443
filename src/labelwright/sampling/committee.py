"""Disagreement of a committee: mean divergence of its members from their mean (McCallum and Nigam, 1998)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwright.model.errors import UsageError
from labelwright.sampling.entropy import entropies
from labelwright.sampling.ranking import lowest
from labelwright.sampling.requests import as_probabilities, check_count


def committee(members: ArrayLike, n: int, rng: np.random.Generator) -> NDArray[np.int64]:  # noqa: ARG001
    """The ``n`` items on which the members disagree most.

    Args:
        members: class probabilities by member, shape (members, items, classes), at least two members, each row adding
            up to 1.
        n: how many items are wanted.
        rng: not used (ties go by row number); every strategy takes one.

    Returns:
        Row numbers, the most disputed first, shape (n,).

    Raises:
        UsageError: n cannot be had, fewer than two members, or arrays that are no probabilities.
    """
    voices = [as_probabilities(member) for member in _members(members)]
    if len({voice.shape for voice in voices}) > 1:
        raise UsageError("The members do not speak of the same items and classes", where="sampling.committee")
    check_count(n, len(voices[0]))
    return lowest(-disagreement(voices), n)


def disagreement(voices: list[NDArray[np.floating]]) -> NDArray[np.float64]:
    """Mean Kullback-Leibler divergence from the mean in nats, shape (items,), 0..ln(members).

    It is the entropy of the mean less the mean of the entropies: doubt that all share is no disagreement.
    """
    mean = np.stack(voices).mean(axis=0, dtype=np.float64)
    own = np.mean([entropies(voice.astype(np.float64)) for voice in voices], axis=0)
    return np.asarray(np.maximum(entropies(mean) - own, 0))


def _members(members: ArrayLike) -> list[NDArray[Any]]:
    try:
        voices = [np.asarray(member) for member in members]  # type: ignore[union-attr]
    except TypeError:
        voices = []
    if len(voices) < 2 or any(voice.ndim != 2 for voice in voices):
        raise UsageError(
            "A committee has at least two members, each with probabilities of shape (items, classes)",
            where="sampling.committee",
        )
    return voices
