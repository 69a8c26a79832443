"""Which class is it? The posterior of each group's class, from what its members said.

One-coin model (Dawid and Skene 1979 with one accuracy an annotator): annotator j says the true class with probability
a_j and each of the other K - 1 with (1 - a_j) / (K - 1). EM over the groups, each weighted with the probability that it
exists. a_j leans on the pool with the weight of four groups, the pool on Beta(4, 1); class shares have one group more
each (Laplace). A region with several classes has the set of them as its class.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from labelwright.matching.arrays import Floats, Ints

_LEAN = 4.0
_POOL_RIGHT, _POOL_WRONG = 4.0, 1.0
_EDGE = 1e-6
_TOLERANCE = 1e-5


@dataclass(frozen=True, slots=True, eq=False)
class Votes:
    """Who gave which class to which group.

    Attributes:
        group: group of each member, shape (members,).
        annotator: annotator of each member, shape (members,).
        label: class of each member, shape (members,).
        n_groups: number of groups.
        n_annotators: number of annotators.
        n_classes: number of classes.
    """

    group: Ints
    annotator: Ints
    label: Ints
    n_groups: int
    n_annotators: int
    n_classes: int


@dataclass(frozen=True, slots=True, eq=False)
class ClassPosterior:
    """What was inferred.

    Attributes:
        posterior: shape (groups, classes), rows sum to 1.
        accuracy: a_j, shape (annotators,).
        iterations: EM steps made.
        converged: no posterior moved by more than 1e-5 in the last one.
    """

    posterior: Floats
    accuracy: Floats
    iterations: int
    converged: bool


def infer_classes(votes: Votes, exists: Floats, iterations: int = 200) -> ClassPosterior:
    """Fit the model by EM.

    Args:
        votes: who gave which class.
        exists: probability that each group exists, shape (groups,).
        iterations: most steps.
    """
    before = _shares(votes)
    if votes.n_classes < 2 or votes.n_groups == 0:
        return ClassPosterior(before, np.ones(votes.n_annotators), 0, converged=True)
    accuracy = _accuracy(votes, before, exists)
    for step in range(1, iterations + 1):
        posterior = _posterior(votes, accuracy, (exists[:, None] * before).sum(axis=0))
        if np.abs(posterior - before).max() < _TOLERANCE:
            return ClassPosterior(posterior, accuracy, step, converged=True)
        accuracy, before = _accuracy(votes, posterior, exists), posterior
    return ClassPosterior(before, accuracy, iterations, converged=False)


def _tallied(votes: Votes, weights: Floats) -> Floats:
    """Sums of weights by group and class, shape (groups, classes)."""
    at = votes.group * votes.n_classes + votes.label
    sums = np.bincount(at, weights, votes.n_groups * votes.n_classes).astype(np.float64)
    return sums.reshape(votes.n_groups, votes.n_classes)


def _shares(votes: Votes) -> Floats:
    """Shares of votes, the start."""
    tally = _tallied(votes, np.ones(len(votes.group)))
    return np.asarray(tally / tally.sum(axis=1, keepdims=True))


def _accuracy(votes: Votes, posterior: Floats, exists: Floats) -> Floats:
    """M-step: how often each annotator is right."""
    weight = exists[votes.group]
    right = np.bincount(votes.annotator, weight * posterior[votes.group, votes.label], votes.n_annotators)
    said = np.bincount(votes.annotator, weight, votes.n_annotators)
    pool = (right.sum() + _POOL_RIGHT) / (said.sum() + _POOL_RIGHT + _POOL_WRONG)
    return np.asarray(np.clip((right + _LEAN * pool) / (said + _LEAN), _EDGE, 1 - _EDGE))


def _posterior(votes: Votes, accuracy: Floats, mass: Floats) -> Floats:
    """E-step."""
    odds = np.log(accuracy) - np.log1p(-accuracy) + np.log(votes.n_classes - 1)
    score = _tallied(votes, odds[votes.annotator]) + np.log(mass + 1.0)
    share = np.exp(score - score.max(axis=1, keepdims=True))
    return np.asarray(share / share.sum(axis=1, keepdims=True))
