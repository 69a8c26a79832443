"""Pairwise preferences and rankings: Bradley-Terry with annotators that may be careless."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import expit, log_expit

from labelwright.coding.coded import as_list
from labelwright.coding.table import columns_of
from labelwright.consensus.em import cap_of
from labelwright.consensus.names import named
from labelwright.model.errors import DataError

if TYPE_CHECKING:
    from narwhals.typing import IntoDataFrame

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]
# 97.5 % point of the standard normal distribution.
_Z = 1.959963984540054
# Beta prior of an annotator's reliability: nine preferences in ten follow the scores.
_RELIABLE = (9.0, 1.0)
# Up to so many objects intervals come from the exact inverse of the curvature.
_DENSE = 1500


@dataclass(frozen=True, eq=False)
class PreferenceResult:
    """Scores of the objects compared, and how reliable the annotators are.

    Attributes:
        objects: names, sorted.
        annotator_names: names, sorted.
        score: of each object on the logit scale, mean 0, shape (n_objects,).
        score_sd: posterior standard deviation (Laplace); None above 1500 objects.
        n_comparisons: of each object.
        reliability: P(an annotator's preference follows the model), shape (n_annotators,).
        n_preferences: of each annotator.
        log_likelihood: of the preferences.
        iterations: made.
        converged: before the cap.
        reason: what the reader must know; None where all is well.
    """

    objects: tuple[Any, ...]
    annotator_names: tuple[Any, ...]
    score: Floats
    score_sd: Floats | None
    n_comparisons: Codes
    reliability: Floats
    n_preferences: Codes
    log_likelihood: float
    iterations: int
    converged: bool
    reason: str | None = None
    method: str = "BradleyTerry"

    @cached_property
    def scores(self) -> pl.DataFrame:
        """Columns item, rank (1 is best), score, low, high (95 % credible interval), n; best first."""
        order = np.argsort(-self.score, kind="stable")
        half = None if self.score_sd is None else _Z * self.score_sd[order]
        empty = pl.Series("low", [None] * order.size, dtype=pl.Float64)
        return pl.DataFrame(
            [
                named("item", self.objects, order),
                pl.Series("rank", np.arange(1, order.size + 1)),
                pl.Series("score", self.score[order]),
                empty if half is None else pl.Series("low", self.score[order] - half),
                empty.rename("high") if half is None else pl.Series("high", self.score[order] + half),
                pl.Series("n", self.n_comparisons[order]),
            ]
        )

    @cached_property
    def annotators(self) -> pl.DataFrame:
        """Columns annotator, skill (reliability, 0 to 1: one half is a coin toss, below is contrary), n."""
        return pl.DataFrame(
            [
                named("annotator", self.annotator_names),
                pl.Series("skill", self.reliability),
                pl.Series("n", self.n_preferences),
            ]
        )

    def probability(self, better: Any, worse: Any) -> float:
        """P(a fully reliable annotator prefers the first), 0 to 1."""
        at = {name: code for code, name in enumerate(self.objects)}
        return float(expit(self.score[at[better]] - self.score[at[worse]]))


@dataclass(frozen=True, slots=True)
class BradleyTerry:
    r"""P(a prefers i to j) = r_a L(s_i − s_j) + (1 − r_a) L(s_j − s_i), with L the logistic function.

    EM over whether a preference follows the scores; M-step: s by Newton steps on the weighted logistic regression with
    the prior s ~ N(0, ``spread``²), which keeps objects that always win finite; r_a = (expected followed + 9) /
    (preferences + 10). Without annotators' noise (r = 1) it is Bradley and Terry's model.

    Source: R. A. Bradley and M. E. Terry, Biometrika 39 (1952) 324-345, doi:10.2307/2334029; the noise from X. Chen et
    al., Pairwise Ranking Aggregation in a Crowdsourced Setting, WSDM (2013) 193-202, doi:10.1145/2433396.2433420.

    Attributes:
        iterations: cap; None: to convergence.
        tol: converged when the log posterior of a preference changes by less.
        spread: standard deviation of the prior of the scores, on the logit scale.
    """

    iterations: int | None = None
    tol: float = 1e-8
    spread: float = 2.0

    def fit(self, preferences: IntoDataFrame) -> PreferenceResult:
        """Infer scores.

        Args:
            preferences: DataFrame with columns annotator, better and worse, one preference a row; see
                `preferences_of_rankings`.

        Raises:
            DataError: there is no preference, a column is missing, or an object is compared with itself.
        """
        table = _Table.of(preferences)
        cap = cap_of(self.iterations, self.tol)
        score: Floats = np.zeros(len(table.objects))
        reliability: Floats = np.full(len(table.annotators), 0.9)
        value = -np.inf
        for done in range(1, cap + 1):
            follows = _follows(table, score, reliability)
            score, curvature = _newton(table, score, follows, self.spread)
            reliability = _reliability(table, follows)
            before, value = value, _objective(table, score, reliability, self.spread)
            if abs(value - before) < self.tol * table.better.size:
                return _result(table, score, reliability, curvature, done, converged=True)
        return _result(table, score, reliability, curvature, cap, converged=False)


def preferences_of_rankings(rankings: Iterable[tuple[Any, Sequence[Any]]]) -> pl.DataFrame:
    """Rankings to preferences: every object is preferred to all that come after it.

    Args:
        rankings: annotator and objects, best first.

    Returns:
        Columns annotator, better, worse.
    """
    rows = [
        (annotator, order[i], order[j])
        for annotator, order in rankings
        for i in range(len(order))
        for j in range(i + 1, len(order))
    ]
    names = ("annotator", "better", "worse")
    return pl.DataFrame({name: [row[k] for row in rows] for k, name in enumerate(names)}, strict=False)


@dataclass(frozen=True, eq=False)
class _Table:
    """Preferences as codes."""

    objects: tuple[Any, ...]
    annotators: tuple[Any, ...]
    annotator: Codes
    better: Codes
    worse: Codes

    @classmethod
    def of(cls, preferences: IntoDataFrame) -> _Table:
        who, better, worse = (as_list(c) for c in columns_of(preferences, ("annotator", "better", "worse")))
        if not who:
            raise DataError("There are no preferences", next_step="Give at least one")
        for i, (x, y) in enumerate(zip(better, worse, strict=True)):
            if x == y or x is None or y is None or who[i] is None:
                raise DataError(f"{x!r} is compared with {y!r}", where=f"row {i + 1}", next_step="Leave the row out")
        objects, annotators = _sorted({*better, *worse}), _sorted(set(who))
        at = {name: code for code, name in enumerate(objects)}
        person = {name: code for code, name in enumerate(annotators)}
        codes = (np.array([at[x] for x in column], np.int64) for column in (better, worse))
        return cls(objects, annotators, np.array([person[x] for x in who], np.int64), *codes)

    def gap(self, score: Floats) -> Floats:
        return np.asarray(score[self.better] - score[self.worse])


def _sorted(names: set[Any]) -> tuple[Any, ...]:
    try:
        return tuple(sorted(names))
    except TypeError:
        return tuple(sorted(names, key=repr))


def _follows(table: _Table, score: Floats, reliability: Floats) -> Floats:
    """P(a preference follows the scores), shape (n_preferences,)."""
    r = reliability[table.annotator]
    p = expit(table.gap(score))
    return np.asarray(r * p / (r * p + (1 - r) * (1 - p)))


def _reliability(table: _Table, follows: Floats) -> Floats:
    n = np.bincount(table.annotator, minlength=len(table.annotators))
    followed = np.bincount(table.annotator, weights=follows, minlength=n.size)
    return np.asarray((followed + _RELIABLE[0]) / (n + sum(_RELIABLE)))


def _newton(table: _Table, score: Floats, follows: Floats, spread: float) -> tuple[Floats, sparse.csr_array]:
    """One Newton step on the weighted log posterior of the scores, and its curvature."""
    n = score.size
    from scipy.sparse.linalg import cg  # noqa: PLC0415 - takes long to load

    p = expit(table.gap(score))
    slope = follows - p
    gradient = np.bincount(table.better, weights=slope, minlength=n) - np.bincount(
        table.worse, weights=slope, minlength=n
    )
    weight = p * (1 - p)
    rows = np.concatenate((table.better, table.worse, table.better, table.worse, np.arange(n)))
    columns = np.concatenate((table.better, table.worse, table.worse, table.better, np.arange(n)))
    values = np.concatenate((weight, weight, -weight, -weight, np.full(n, spread**-2)))
    curvature = sparse.csr_array((values, (rows, columns)), shape=(n, n))
    step, _ = cg(curvature, gradient - score / spread**2, rtol=1e-10)
    score = score + np.clip(step, -1, 1)
    return score - score.mean(), curvature


def _likelihood(table: _Table, score: Floats, reliability: Floats) -> float:
    r, gap = reliability[table.annotator], table.gap(score)
    return float(np.logaddexp(np.log(r) + log_expit(gap), np.log1p(-r) + log_expit(-gap)).sum())


def _objective(table: _Table, score: Floats, reliability: Floats, spread: float) -> float:
    a, b = _RELIABLE
    prior = (a * np.log(reliability) + b * np.log1p(-reliability)).sum() - 0.5 * ((score / spread) ** 2).sum()
    return _likelihood(table, score, reliability) + float(prior)


def _result(
    table: _Table, score: Floats, reliability: Floats, curvature: sparse.csr_array, done: int, *, converged: bool
) -> PreferenceResult:
    n = score.size
    sd = np.sqrt(np.diag(np.linalg.inv(curvature.toarray()))) if n <= _DENSE else None
    reasons = [] if converged else [f"Stopped at {done} iterations before the change was small"]
    if sd is None:
        reasons.append(f"No intervals: more than {_DENSE} objects")
    graph = sparse.csr_array((np.ones(table.better.size), (table.better, table.worse)), shape=(n, n))
    from scipy.sparse import csgraph  # noqa: PLC0415 - takes long to load

    parts = int(csgraph.connected_components(graph, directed=False)[0])
    if parts > 1:
        reasons.append(f"The objects fall into {parts} groups never compared with each other: scores compare within")
    return PreferenceResult(
        table.objects,
        table.annotators,
        score,
        sd,
        np.bincount(table.better, minlength=n) + np.bincount(table.worse, minlength=n),
        reliability,
        np.bincount(table.annotator, minlength=reliability.size),
        _likelihood(table, score, reliability),
        done,
        converged,
        "; ".join(reasons) or None,
    )
