"""Sums and best paths of a linear-chain conditional random field, as compiled loops. Imported only for these.

J. Lafferty, A. McCallum, F. Pereira, Conditional Random Fields, ICML (2001). Probabilities are scaled token by token,
so that nothing underflows; ``links`` holds exponentials of the transition weights, 0 where one is not allowed.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Places = NDArray[np.int64]


@njit(cache=True)
def _forward(seen: Floats, first: Floats, links: Floats, alpha: Floats, scale: Floats) -> None:
    """Scaled forward sums of one sequence; ``seen`` holds exponentials."""
    n, tags = seen.shape
    for t in range(n):
        total = 0.0
        for j in range(tags):
            value = first[j]
            if t > 0:
                value = 0.0
                for i in range(tags):
                    value += alpha[t - 1, i] * links[i, j]
            alpha[t, j] = value * seen[t, j]
            total += alpha[t, j]
        scale[t] = total
        for j in range(tags):
            alpha[t, j] /= total


@njit(cache=True)
def _backward(seen: Floats, links: Floats, scale: Floats, beta: Floats) -> None:
    n, tags = seen.shape
    for j in range(tags):
        beta[n - 1, j] = 1.0
    for t in range(n - 2, -1, -1):
        for i in range(tags):
            value = 0.0
            for j in range(tags):
                value += links[i, j] * seen[t + 1, j] * beta[t + 1, j]
            beta[t, i] = value / scale[t + 1]


@njit(cache=True)
def _exponentials(scores: Floats, seen: Floats) -> float:
    """Into ``seen``, each token's scores less their largest; the sum of these largest."""
    shift = 0.0
    for t in range(scores.shape[0]):
        most = scores[t].max()
        shift += most
        for j in range(scores.shape[1]):
            seen[t, j] = np.exp(scores[t, j] - most)
    return shift


@njit(cache=True)
def expectations(
    scores: Floats, first: Floats, links: Floats, ends: Places, weights: Floats, marginals: Floats
) -> tuple[Floats, Floats, Floats]:
    """Over all sequences: log of the sum over paths, and expected counts of links and of first tags, weighed.

    Args:
        scores: of tags by token, shape (tokens, tags).
        first: exponentials of the weights of first tags.
        links: exponentials of the transition weights, shape (tags, tags).
        ends: one past the last token of each sequence.
        weights: of the sequences.
        marginals: filled with the probability of each tag, unweighed, shape (tokens, tags).
    """
    tags = scores.shape[1]
    logs, of_links, of_first = np.zeros(len(ends)), np.zeros((tags, tags)), np.zeros(tags)
    start = 0
    for k in range(len(ends)):
        n = ends[k] - start
        if n == 0:
            continue
        seen, alpha, beta, scale = np.empty((n, tags)), np.empty((n, tags)), np.empty((n, tags)), np.empty(n)
        shift = _exponentials(scores[start : ends[k]], seen)
        _forward(seen, first, links, alpha, scale)
        _backward(seen, links, scale, beta)
        logs[k] = shift + np.log(scale).sum()
        for t in range(n):
            for j in range(tags):
                marginals[start + t, j] = alpha[t, j] * beta[t, j]
                if t > 0:
                    arriving = seen[t, j] * beta[t, j] / scale[t] * weights[k]
                    for i in range(tags):
                        of_links[i, j] += alpha[t - 1, i] * links[i, j] * arriving
        for j in range(tags):
            of_first[j] += marginals[start, j] * weights[k]
        start = ends[k]
    return logs, of_links, of_first


@njit(cache=True)
def best_paths(scores: Floats, first: Floats, links: Floats, ends: Places) -> tuple[Places, Floats]:
    """The likeliest tags of every sequence (Viterbi), shape (tokens,), and the score of each path.

    Here ``first`` and ``links`` are weights, not exponentials, and minus infinity where nothing is allowed.
    """
    tags = scores.shape[1]
    path, totals = np.zeros(len(scores), np.int64), np.zeros(len(ends))
    came = np.zeros((len(scores), tags), np.int64)
    start = 0
    for k in range(len(ends)):
        end = ends[k]
        if end == start:
            continue
        best = first + scores[start]
        for t in range(start + 1, end):
            now = np.empty(tags)
            for j in range(tags):
                reached = best + links[:, j]
                came[t, j] = reached.argmax()
                now[j] = reached[came[t, j]] + scores[t, j]
            best = now
        path[end - 1] = best.argmax()
        totals[k] = best[path[end - 1]]
        for t in range(end - 1, start, -1):
            path[t - 1] = came[t, path[t]]
        start = end
    return path, totals
