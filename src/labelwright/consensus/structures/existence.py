"""Does it exist? Detections and false alarms of each annotator, from who marked what.

Model, for items i that the annotators S_i answered:

- things that are there: Poisson(mu) an item; annotator j marks each with probability p_j (detection),
- false alarms: annotator j starts Poisson(lambda_j) an item; each other one marks the same with probability c (what
  tempts one may tempt another).

A group that the annotators D of S marked is then one of two independent Poisson processes, thinned:

    real    mu prod_{j in D} p_j prod_{j in S - D} (1 - p_j)
    false   c^(|D| - 1) (1 - c)^(|S| - |D|) sum_{j in D} lambda_j

and the probability that it exists is real / (real + false). Fitted by EM: the things that everybody missed,
mu prod (1 - p_j) an item, count as chances not taken. Priors: p_j leans on the pool with the weight of `LEAN` chances,
the pool on Beta(4, 1); lambda_j on the pool with the weight of `LEAN` items; c on Beta(1, 19); mu and the pool of
lambda on a first guess with the weight of `LEAN` items (half of what one marked and another did not is false). Without
false alarms, mu is the capture-recapture estimate of what is there (Sekar and Deming 1949).

Which of these the data can tell depends on the answers an item has. With three patterns of marks (two answers) misses
and false alarms cannot be told apart, and the prior decides; with seven (three answers) they can, but not c as well,
which therefore keeps its prior unless items have four answers or more.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from labelwright.matching.arrays import Floats, Ints
from labelwright.matching.groups import Groups

#: Chances (items) that the pool weighs in each annotator's rate.
LEAN = 4.0
_POOL_HITS, _POOL_MISSES = 4.0, 1.0
_SHARED, _ALONE = 1.0, 19.0
_STRAY = 0.1
_EDGE = 1e-6
_TOLERANCE = 1e-5
#: Answers that an item needs to say something about shared false alarms.
_TELLING = 4


@dataclass(frozen=True, slots=True, eq=False)
class Marks:
    """Who marked what, as indices.

    Attributes:
        cell_item: item of each answer, shape (cells,).
        cell_annotator: annotator of each answer, shape (cells,).
        group_item: item of each group, shape (groups,).
        member_group: group of each member, shape (members,).
        member_annotator: annotator of each member, shape (members,).
        n_items: number of items.
        n_annotators: number of annotators.
    """

    cell_item: Ints
    cell_annotator: Ints
    group_item: Ints
    member_group: Ints
    member_annotator: Ints
    n_items: int
    n_annotators: int

    @property
    def answers(self) -> Floats:
        """Answers to each item, shape (items,)."""
        return np.bincount(self.cell_item, minlength=self.n_items).astype(np.float64)

    @property
    def sizes(self) -> Floats:
        """Members of each group, shape (groups,)."""
        return np.bincount(self.member_group, minlength=len(self.group_item)).astype(np.float64)

    def over_cells(self, by_annotator: Floats) -> Floats:
        """Sum over those who answered each item, shape (items,)."""
        return np.bincount(self.cell_item, by_annotator[self.cell_annotator], self.n_items).astype(np.float64)

    def over_members(self, by_annotator: Floats) -> Floats:
        """Sum over the members of each group, shape (groups,)."""
        weights = by_annotator[self.member_annotator]
        return np.bincount(self.member_group, weights, len(self.group_item)).astype(np.float64)

    def per_annotator(self, by_item: Floats) -> Floats:
        """Sum over the items that each annotator answered, shape (annotators,)."""
        return np.bincount(self.cell_annotator, by_item[self.cell_item], self.n_annotators).astype(np.float64)

    def per_member(self, by_group: Floats, share: Floats | None = None) -> Floats:
        """Sum over the groups that each annotator is in, shape (annotators,)."""
        weights = by_group[self.member_group] * (1.0 if share is None else share)
        return np.bincount(self.member_annotator, weights, self.n_annotators).astype(np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Rates:
    """The model's parameters.

    Attributes:
        detection: p_j, shape (annotators,).
        false_alarms: lambda_j an item, shape (annotators,).
        things: mu, things that are there an item.
        shared: c, probability that another annotator shares a false alarm.
    """

    detection: Floats
    false_alarms: Floats
    things: float
    shared: float


@dataclass(frozen=True, slots=True, eq=False)
class Existence:
    """What was inferred.

    Attributes:
        probability: that each group exists, shape (groups,).
        rates: the fitted parameters.
        iterations: EM steps made.
        converged: no probability moved by more than 1e-5 in the last one.
    """

    probability: Floats
    rates: Rates
    iterations: int
    converged: bool


def marks_of(groups: Groups) -> Marks:
    """Who marked what."""
    regions = groups.regions
    return Marks(
        cell_item=regions.cell_item,
        cell_annotator=regions.cell_annotator,
        group_item=groups.item(),
        member_group=groups.of,
        member_annotator=regions.annotator,
        n_items=len(regions.items),
        n_annotators=len(regions.annotators),
    )


def infer_existence(marks: Marks, iterations: int = 300) -> Existence:
    """Fit the model by EM.

    Args:
        marks: who marked what, those who answered and marked nothing included.
        iterations: most steps.
    """
    if not len(marks.group_item):
        return Existence(np.zeros(0), _first(marks), 0, converged=True)
    first = rates = _first(marks)
    before: Floats = np.zeros(len(marks.group_item))
    for step in range(1, iterations + 1):
        probability = _probability(marks, rates)
        if np.abs(probability - before).max() < _TOLERANCE:
            return Existence(probability, rates, step, converged=True)
        rates, before = _rates(marks, probability, rates, first), probability
    return Existence(before, rates, iterations, converged=False)


def _first(marks: Marks) -> Rates:
    """Start and prior: everybody finds four of five; half of what one marked and another did not is false.

    Beside that, one false alarm to ten groups is assumed, so that no rate starts at zero.
    """
    alone = float(((marks.sizes == 1) & (marks.answers[marks.group_item] > 1)).sum())
    groups, answers = len(marks.group_item), max(1.0, float(marks.answers.sum()))
    people = np.ones(marks.n_annotators)
    false_alarms = people * (alone / 2 + _STRAY * groups) / answers
    things = max(_EDGE, (groups - alone / 2) / max(1, marks.n_items))
    return Rates(0.8 * people, false_alarms, things, _SHARED / (_SHARED + _ALONE))


def _probability(marks: Marks, rates: Rates) -> Floats:
    """E-step: real / (real + false), shape (groups,)."""
    missed = np.log1p(-rates.detection)
    item, size = marks.group_item, marks.sizes
    real = np.log(rates.things) + marks.over_cells(missed)[item]
    real = real + marks.over_members(np.log(rates.detection) - missed)
    false = np.log(marks.over_members(rates.false_alarms))
    others = marks.answers[item] - size
    false = false + (size - 1) * np.log(rates.shared) + others * np.log1p(-rates.shared)
    return np.asarray(1.0 / (1.0 + np.exp(np.clip(false - real, -700, 700))))


def _rates(marks: Marks, probability: Floats, rates: Rates, first: Rates) -> Rates:
    """M-step."""
    unseen = rates.things * np.exp(marks.over_cells(np.log1p(-rates.detection)))
    there = np.bincount(marks.group_item, probability, marks.n_items) + unseen
    return Rates(
        detection=_leaning(marks.per_member(probability), marks.per_annotator(there)),
        false_alarms=_false_alarms(marks, 1.0 - probability, rates, first),
        things=(float(there.sum()) + LEAN * first.things) / (marks.n_items + LEAN),
        shared=_shared(marks, 1.0 - probability),
    )


def _leaning(hits: Floats, chances: Floats) -> Floats:
    """Detection rates that lean on the pool."""
    pool = (hits.sum() + _POOL_HITS) / (chances.sum() + _POOL_HITS + _POOL_MISSES)
    return np.asarray(np.clip((hits + LEAN * pool) / (chances + LEAN), _EDGE, 1 - _EDGE))


def _false_alarms(marks: Marks, false: Floats, rates: Rates, first: Rates) -> Floats:
    """False alarms an item: each false group is shared out to who may have started it."""
    weights = rates.false_alarms[marks.member_annotator]
    share = weights / marks.over_members(rates.false_alarms)[marks.member_group]
    started = marks.per_member(false, share)
    items = np.bincount(marks.cell_annotator, minlength=marks.n_annotators).astype(np.float64)
    pool = (started.sum() + LEAN * first.false_alarms) / (items.sum() + LEAN)
    return np.asarray((started + LEAN * pool) / (items + LEAN))


def _shared(marks: Marks, false: Floats) -> float:
    """How often a false alarm is shared; with three answers or fewer it could explain away everything, so the prior."""
    answers = marks.answers[marks.group_item]
    many = answers >= _TELLING
    joined = float((false * (marks.sizes - 1))[many].sum())
    chances = float((false * (answers - 1))[many].sum())
    return (joined + _SHARED) / (chances + _SHARED + _ALONE)
