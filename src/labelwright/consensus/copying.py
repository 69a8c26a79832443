"""Who copies whom: two annotators who share more mistakes than people who work apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import ndtr, stdtr

from labelwright.coding import Coded
from labelwright.consensus.anchored_dawid_skene import AnchoredDawidSkene
from labelwright.consensus.names import named
from labelwright.consensus.result import ConsensusResult
from labelwright.consensus.table import annotations_of
from labelwright.model.errors import UsageError

if TYPE_CHECKING:
    from narwhals.typing import IntoDataFrame

Floats = NDArray[np.float64]
# Fewer answers apart from all others say nothing about a pair.
_FEWEST = 5
# Up to so many, the sum of chances is counted out; beyond, it is as good as normal.
_EXACT = 400
# A match is never taken for less, or more, probable.
_EDGE = 1e-3


def copying(annotations: IntoDataFrame | Coded, *, alpha: float = 0.05) -> pl.DataFrame:
    r"""Test each pair of annotators for answers that were not given apart.

    Right answers are alike because they are right; copied ones are alike where they are wrong. So the items looked at
    are those on which a's answer is not what the others', without a and b, make most probable. There b gives the same
    answer, if he works apart, with probability p_i = Σ_t P(t | all answers but b's) P(b says a's answer | t), under the
    confusion matrices of the anchored Dawid-Skene. Hard items tempt everybody into the same mistake: the odds of p_i
    are multiplied by λ, the matches of all other pairs over those expected, where that is above 1; on items where the
    others disagree by a λ of their own. The number of matches is then a sum of independent chances, whose upper tail is
    a p-value (a generalized binomial test). The p-value that counts is that or, if larger, the tail of a t distribution
    whose spread is that of the other pairs' standardized matches, so that what the model does not know of is not
    blamed on a pair. Of both directions the smaller one counts, doubled.

    Verdict ``copies`` where p, times the pairs tested (Bonferroni), is below ``alpha``. False alarms: of simulated
    teams of 4 to 20 who work apart, with a fifth of the items hard, at most a share ``alpha`` has a pair accused
    (measured in tests). Two who copy on every item, and share it with nobody but one other, cannot be told from two
    who are right; and who copied from whom only the times can tell.

    Source: generalized binomial test of W. J. van der Linden and L. Sotaridona, Detecting answer copying when the
    regular response process follows a known response model, JEBS 31 (2006) 283-304, doi:10.3102/10769986031003283.

    Args:
        annotations: DataFrame with columns item, annotator, label; or a `Coded`.
        alpha: probability of any false accusation in the table, 0 to 1.

    Returns:
        Columns a, b, shared (items both answered, and somebody else, too), apart (of these, the answers of a or of b
        that are off, in the direction that counts), matches (given by both), expected, p_value, p_adjusted, copies;
        the smallest p-value first. Pairs with fewer than five such answers are left out.

    Raises:
        DataError: there is no annotation, or a column is missing.
        UsageError: alpha is not between 0 and 1.
    """
    if not 0 < alpha < 1:
        raise UsageError("alpha must lie between 0 and 1", where=f"alpha={alpha}")
    coded = annotations_of(annotations)
    found = _tested(list(_pairs(coded)))
    count = len(found)
    rows = sorted(
        ((min(1.0, t.p_value * count), t) for t in found), key=lambda row: (row[1].p_value, row[1].a, row[1].b)
    )
    numbers: dict[str, list[Any]] = {
        "shared": [t.shared for _, t in rows],
        "apart": [t.apart for _, t in rows],
        "matches": [t.matches for _, t in rows],
        "expected": [t.expected for _, t in rows],
        "p_value": [t.p_value for _, t in rows],
        "p_adjusted": [adjusted for adjusted, _ in rows],
        "copies": [adjusted < alpha for adjusted, _ in rows],
    }
    kinds = {"shared": pl.Int64, "apart": pl.Int64, "matches": pl.Int64, "copies": pl.Boolean}
    pair = [
        named("a", coded.annotator_names, np.array([t.a for _, t in rows], np.int64)),
        named("b", coded.annotator_names, np.array([t.b for _, t in rows], np.int64)),
    ]
    columns = [pl.Series(name, values, dtype=kinds.get(name, pl.Float64)) for name, values in numbers.items()]
    return pl.DataFrame([*pair, *columns])


@dataclass(frozen=True, eq=False)
class _Direction:
    """Items on which the first one's answer is off: chances that the second gives it, and whether he does.

    ``disputed``: the others do not agree among themselves either.
    """

    chance: Floats
    same: NDArray[np.bool_]
    disputed: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class _Pair:
    a: int
    b: int
    shared: int
    directions: tuple[_Direction, _Direction]

    def counted(self) -> Floats:
        """Matches and those expected, on calm and on disputed items; shape (2, 2)."""
        parts = [(d.same[d.disputed == x], d.chance[d.disputed == x]) for x in (False, True) for d in self.directions]
        table = np.array([[same.sum(), chance.sum()] for same, chance in parts], np.float64)
        return np.asarray(table.reshape(2, 2, 2).sum(axis=1))


@dataclass(frozen=True, slots=True)
class _Test:
    a: int
    b: int
    shared: int
    apart: int
    matches: int
    expected: float
    p_value: float


def _pairs(coded: Coded) -> Iterator[_Pair]:
    """What every pair of annotators has in common."""
    if coded.n_classes < 2:
        return
    result = AnchoredDawidSkene().fit(coded)
    evidence, total, prior = _evidence(result)
    others = np.diff(coded.starts)
    rows_of = [np.flatnonzero(coded.annotator == a) for a in range(coded.n_annotators)]
    where = np.full(coded.n_items, -1, np.int64)
    for a, b in combinations(range(coded.n_annotators), 2):
        where[coded.item[rows_of[a]]] = rows_of[a]
        rows_b = rows_of[b]
        rows_a = where[coded.item[rows_b]]
        kept = (rows_a >= 0) & (others[coded.item[rows_b]] >= 3)
        where[coded.item[rows_of[a]]] = -1
        if int(kept.sum()) < _FEWEST:
            continue
        rows_a, rows_b = rows_a[kept], rows_b[kept]
        rest = total[coded.item[rows_b]] - evidence[rows_a] - evidence[rows_b] + prior
        calm = _unanimous(coded, rows_a, rows_b)
        one = _direction(result, rest, (rows_a, rows_b), (evidence, calm))
        other = _direction(result, rest, (rows_b, rows_a), (evidence, calm))
        yield _Pair(a, b, rows_a.size, (one, other))


def _evidence(result: ConsensusResult) -> tuple[Floats, Floats, Floats]:
    """Log P(answer | class) of each annotation, its sum over each item, and the log prior."""
    coded = result.coded
    assert result.error_rates is not None  # noqa: S101 - the anchored model has both
    assert result.class_prior is not None  # noqa: S101
    evidence = np.asarray(np.log(result.error_rates)[coded.annotator, :, coded.label])
    total = np.stack([np.bincount(coded.item, e, coded.n_items) for e in evidence.T], axis=1).astype(np.float64)
    return evidence, total, np.asarray(np.log(result.class_prior))


def _unanimous(coded: Coded, rows_a: NDArray[np.int64], rows_b: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Items whose other annotators all say the same."""
    items, rest = coded.item[rows_b], np.arange(rows_b.size)
    counts = coded.counts[items]
    for rows in (rows_a, rows_b):
        counts[rest, coded.label[rows]] -= 1
    return np.asarray(counts.max(axis=1) == np.diff(coded.starts)[items] - 2)


def _direction(
    result: ConsensusResult,
    rest: Floats,
    rows: tuple[NDArray[np.int64], NDArray[np.int64]],
    known: tuple[Floats, NDArray[np.bool_]],
) -> _Direction:
    """Where the first of the two is off, and what the second does there; ``known``: evidence, and calm items."""
    coded, (first, second), (evidence, calm) = result.coded, rows, known
    said = coded.label[first]
    off = rest.argmax(axis=1) != said
    if result.error_rates is None or not off.any():
        return _Direction(np.zeros(0), np.zeros(0, np.bool_), np.zeros(0, np.bool_))
    first, second, said = first[off], second[off], said[off]
    score = rest[off] + evidence[first]
    truth = np.exp(score - score.max(axis=1, keepdims=True))
    truth /= truth.sum(axis=1, keepdims=True)
    gives = result.error_rates[coded.annotator[second[0]]][:, said].T
    chance = np.clip((truth * gives).sum(axis=1), _EDGE, 1 - _EDGE)
    return _Direction(chance, coded.label[second] == said, ~calm[off])


def _tested(pairs: list[_Pair]) -> list[_Test]:
    """The test of every pair with enough answers that are off."""
    used = [p for p in pairs if max(d.same.size for d in p.directions) >= _FEWEST]
    counted = [p.counted() for p in used]
    total = np.sum(counted, axis=0) if used else np.zeros((2, 2))
    shifts = [np.array([_shift(m, e) for m, e in (total - own).tolist()]) for own in counted]
    judged = [
        [_Judged.of(d, s) for d in p.directions if d.same.size >= _FEWEST] for p, s in zip(used, shifts, strict=True)
    ]
    squares = [float(np.mean([j.score**2 for j in row])) for row in judged]
    found = []
    for p, row, square in zip(used, judged, squares, strict=True):
        freedom = len(used) - 1
        spread = max(1.0, (sum(squares) - square) / freedom) if freedom else np.inf
        best, value = min(((j, j.p_value(spread, freedom)) for j in row), key=lambda pair: pair[1])
        found.append(_Test(p.a, p.b, p.shared, best.n, best.matches, best.expected, min(1.0, value * len(row))))
    return found


def _shift(matches: int, expected: float) -> float:
    """How much likelier than expected matches are in the rest of the team; never less likely."""
    return max(1.0, matches / expected) if expected > 1 else 1.0


@dataclass(frozen=True, slots=True)
class _Judged:
    """One direction of one pair; ``exact`` is the tail of the sum, ``score`` its matches in standard deviations."""

    n: int
    matches: int
    expected: float
    exact: float
    score: float

    @classmethod
    def of(cls, direction: _Direction, shifts: Floats) -> _Judged:
        p, shift = direction.chance, shifts[direction.disputed.astype(np.int64)]
        p = shift * p / (1 - p + shift * p)
        matches, expected = int(direction.same.sum()), float(p.sum())
        score = (matches - expected) / float(np.sqrt((p * (1 - p)).sum()))
        return cls(p.size, matches, expected, at_least(matches, p), score)

    def p_value(self, spread: float, freedom: int) -> float:
        """The larger of the exact tail and that of a t distribution with the spread of the other pairs' scores."""
        if not freedom:
            return 1.0
        return max(self.exact, float(stdtr(freedom, -self.score / np.sqrt(spread))))


def at_least(matches: int, chances: Floats) -> float:
    """P(at least so many of independent events happen), the chances shape (n,)."""
    if matches <= 0:
        return 1.0
    if chances.size > _EXACT:
        spread = float(np.sqrt((chances * (1 - chances)).sum()))
        return float(ndtr((float(chances.sum()) - matches + 0.5) / max(spread, 1e-12)))
    distribution = np.ones(1)
    for p in chances.tolist():
        distribution = np.append(distribution * (1 - p), 0.0) + np.append(0.0, distribution * p)
    return float(min(1.0, distribution[matches:].sum()))


def pairs_of(found: pl.DataFrame) -> dict[Any, list[Any]]:
    """Each annotator accused of copying, with the colleagues concerned."""
    accused: dict[Any, list[Any]] = {}
    for a, b in found.filter(pl.col("copies")).select("a", "b").iter_rows():
        accused.setdefault(a, []).append(b)
        accused.setdefault(b, []).append(a)
    return accused
