"""The loops of `refit`, compiled. Imported only by it."""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from labelwright.consensus.passes import FLOOR

Floats = NDArray[np.float64]
Codes = NDArray[np.int32]
Counts = NDArray[np.int64]
Table = tuple[Counts, Counts, Codes, Codes]

_LEAN = 20.0
_DENSE = 10.0
_NEGLIGIBLE = 1e-6
_HARDLY = 1e-3
# m, the answers that the pool's matrix counts in an annotator's, is chosen anew so often.
_EVERY = 4
_POWERS = 10
_FACTORS = 16


@njit(cache=True)
def first_pair_agreement(starts: Counts, taken: Counts, label: Codes) -> float:
    """Share of items whose first two answers are equal; -1 where no item has two."""
    pairs, same = 0, 0
    for i in range(taken.size):
        if taken[i] > 1:
            pairs += 1
            same += label[starts[i]] == label[starts[i] + 1]
    return same / pairs if pairs else -1.0


@njit(cache=True)
def fit(
    table: Table,
    known: Codes,
    n_annotators: int,
    channel: Floats,
    prior: Floats,
    options: tuple[float, float, float],
    iterations: int,
) -> tuple[Floats, Floats, Floats, int]:
    """Expect and maximize by turns; channel, prior, posterior and the number of turns."""
    starts, taken, _, label = table
    skill, weight, tol = options
    K = prior.size
    n = taken.sum()
    votes = _vote_shares(starts, taken, label, K)
    counts = np.zeros((n_annotators, K, K))
    classes = np.zeros(K)
    posterior = np.zeros((taken.size, K))
    if channel.shape[0] == 0:
        _count_votes(table, known, counts, classes)
        before = -np.inf
    else:
        before = _expect(table, known, channel, prior, counts, classes, posterior)
    m, done = 0.0, 0
    for turn in range(iterations):
        base = _bases(counts, _pool(counts, skill, weight), skill, n)
        if turn % _EVERY == 0:
            m = _strength(counts, base)
        channel = _channel(counts, base, m)
        prior = _prior(votes, classes)
        now = _expect(table, known, channel, prior, counts, classes, posterior)
        done = turn + 1
        if abs(now - before) < tol * max(n, 1) and turn > 0:
            break
        before = now
    return channel, prior, posterior, done


@njit(cache=True)
def _vote_shares(starts: Counts, taken: Counts, label: Codes, K: int) -> Floats:
    """Shares of the classes among the first answers of the items: who is asked again would bias them."""
    votes = np.full(K, 0.5)
    for i in range(taken.size):
        if taken[i] > 0:
            votes[label[starts[i]]] += 1.0
    return np.asarray(votes / votes.sum())


@njit(cache=True)
def _count_votes(table: Table, known: Codes, counts: Floats, classes: Floats) -> None:
    """Expected counts under the vote shares."""
    starts, taken, annotator, label = table
    K = classes.size
    p = np.empty(K)
    for i in range(taken.size):
        if taken[i] == 0:
            continue
        p[:] = 0.0
        first, last = starts[i], starts[i] + taken[i]
        for row in range(first, last):
            p[label[row]] += 1.0 / taken[i]
        if known[i] >= 0:
            p[:] = 0.0
            p[known[i]] = 1.0
        for k in range(K):
            classes[k] += p[k]
        for row in range(first, last):
            for k in range(K):
                counts[annotator[row], label[row], k] += p[k]


@njit(cache=True)
def _posterior_of(table: Table, i: int, channel: Floats, prior: Floats, p: Floats) -> float:
    """Writes an item's posterior into ``p``; the log-likelihood of its answers."""
    starts, taken, annotator, label = table
    K = p.size
    likelihood = 0.0
    for k in range(K):
        p[k] = prior[k]
    for row in range(starts[i], starts[i] + taken[i]):
        for k in range(K):
            p[k] *= channel[annotator[row], label[row], k]
        if (row - starts[i]) % _FACTORS == _FACTORS - 1:
            likelihood += _normalize(p)
    return likelihood + _normalize(p)


@njit(cache=True)
def _normalize(p: Floats) -> float:
    total = 0.0
    for k in range(p.size):
        total += p[k]
    for k in range(p.size):
        p[k] /= total
    return math.log(total)


@njit(cache=True)
def _expect(
    table: Table,
    known: Codes,
    channel: Floats,
    prior: Floats,
    counts: Floats,
    classes: Floats,
    posterior: Floats,
) -> float:
    """Expected counts under a channel and a prior; the log-likelihood."""
    starts, taken, annotator, label = table
    K = prior.size
    counts[:] = 0.0
    classes[:] = 0.0
    p = np.empty(K)
    likelihood = 0.0
    for i in range(taken.size):
        found = _posterior_of(table, i, channel, prior, p)
        for k in range(K):
            posterior[i, k] = p[k]
        if known[i] >= 0:
            p[:] = 0.0
            p[known[i]] = 1.0
        if taken[i] == 0:
            continue
        likelihood += found
        for k in range(K):
            classes[k] += p[k]
        for row in range(starts[i], starts[i] + taken[i]):
            for k in range(K):
                counts[annotator[row], label[row], k] += p[k]
    return likelihood


@njit(cache=True)
def _pool(counts: Floats, skill: float, weight: float) -> Floats:
    """P(answer | truth) of the crowd as a whole, anchored at a one-coin matrix."""
    K = counts.shape[1]
    pool = np.zeros((K, K))
    for a in range(counts.shape[0]):
        for l in range(K):  # noqa: E741 - the answer, as in the papers
            for k in range(K):
                pool[l, k] += counts[a, l, k]
    lean = weight * pool.sum() / K
    off = max((1 - skill) / max(K - 1, 1), FLOOR)
    for k in range(K):
        total = 0.0
        for l in range(K):  # noqa: E741
            pool[l, k] += lean * (skill if l == k else off)
            total += pool[l, k]
        for l in range(K):  # noqa: E741
            pool[l, k] /= max(total, FLOOR)
    return pool


@njit(cache=True)
def _bases(counts: Floats, pool: Floats, skill: float, n: int) -> Floats:
    """What each annotator's matrix leans on: the pool, and the pool with its errors scaled to the annotator."""
    A, K = counts.shape[0], counts.shape[1]
    busy = 0
    for a in range(A):
        busy += counts[a].sum() > _NEGLIGIBLE
    density = n / max(busy * K, 1)
    own = 1 / (1 + (density / _DENSE) ** 2)
    base = np.empty((A, K, K))
    lean = _LEAN * (1 - skill) + FLOOR
    for a in range(A):
        wrong, expected = 0.0, 0.0
        for k in range(K):
            met = counts[a, :, k].sum()
            wrong += met - counts[a, k, k]
            expected += met * (1 - pool[k, k])
        factor = (wrong + lean) / (expected + lean)
        for k in range(K):
            error = max(1 - pool[k, k], FLOOR)
            scaled = min(max(factor * error, FLOOR), 1 - _HARDLY)
            for l in range(K):  # noqa: E741
                mine = 1 - scaled if l == k else scaled * pool[l, k] / error
                base[a, l, k] = own * mine + (1 - own) * pool[l, k]
    return base


@njit(cache=True)
def _strength(counts: Floats, base: Floats) -> float:
    """The m under which the expected counts are most likely (Dirichlet-multinomial)."""
    A, K = counts.shape[0], counts.shape[1]
    best, chosen = -np.inf, 2.0
    for power in range(1, _POWERS + 1):
        m = 2.0**power
        total = 0.0
        for a in range(A):
            for k in range(K):
                met = 0.0
                for l in range(K):  # noqa: E741
                    c = counts[a, l, k]
                    met += c
                    if c > _NEGLIGIBLE:
                        b = m * max(base[a, l, k], FLOOR)
                        total += math.lgamma(c + b) - math.lgamma(b)
                if met > _NEGLIGIBLE:
                    total -= math.lgamma(met + m) - math.lgamma(m)
        if total > best:
            best, chosen = total, m
    return chosen


@njit(cache=True)
def _channel(counts: Floats, base: Floats, m: float) -> Floats:
    """P(answer | truth) of each annotator."""
    A, K = counts.shape[0], counts.shape[1]
    channel = np.empty((A, K, K))
    for a in range(A):
        for k in range(K):
            total = 0.0
            for l in range(K):  # noqa: E741
                channel[a, l, k] = counts[a, l, k] + m * base[a, l, k]
                total += channel[a, l, k]
            for l in range(K):  # noqa: E741
                channel[a, l, k] = max(channel[a, l, k] / total, FLOOR)
    return channel


@njit(cache=True)
def _prior(votes: Floats, classes: Floats) -> Floats:
    """Half the vote shares, half the mean posterior."""
    total = classes.sum()
    prior = np.empty(votes.size)
    for k in range(votes.size):
        prior[k] = max(0.5 * votes[k] + 0.5 * (classes[k] / total if total > 0 else votes[k]), FLOOR)
    return prior


@njit(cache=True)
def dissent(table: Table, channel: Floats, posterior: Floats) -> Floats:
    """Of each item, over its answers y that are not its most probable class c: log P(y | y) - log P(y | c) above 0."""
    starts, taken, annotator, label = table
    found = np.zeros(taken.size)
    for i in range(taken.size):
        c = posterior[i].argmax()
        for row in range(starts[i], starts[i] + taken[i]):
            a, y = annotator[row], label[row]
            if y != c:
                found[i] += max(math.log(channel[a, y, y] / channel[a, y, c]), 0.0)
    return found
