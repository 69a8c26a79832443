"""Ratings: a latent score for each item, a bias and a precision for each annotator."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from labelwright.coding import Coded
from labelwright.consensus.em import cap_of
from labelwright.consensus.names import named
from labelwright.consensus.table import annotations_of
from labelwright.model.errors import DataError

if TYPE_CHECKING:
    from narwhals.typing import IntoDataFrame

Floats = NDArray[np.float64]
# 97.5 % point of the standard normal distribution.
_Z = 1.959963984540054
# Answers that the crowd's mean noise counts in an annotator's: with less, people who keep to the middle of the scale
# are taken for precise ones (measured on snow_valence and s5_adult).
_LEAN = 200.0


@dataclass(frozen=True, eq=False)
class RatingResult:
    """Scores and what was learned about the annotators.

    Attributes:
        coded: the annotations it rests on.
        score: of each item in the units of the ratings, shape (n_items,).
        score_sd: its posterior standard deviation.
        bias: of each annotator: how much higher than the others he rates, shape (n_annotators,).
        bias_sd: its posterior standard deviation.
        noise: standard deviation of each annotator around score + bias, shape (n_annotators,).
        iterations: made.
        converged: before the cap.
        reason: what the reader must know; None where all is well.
    """

    coded: Coded
    score: Floats
    score_sd: Floats
    bias: Floats
    bias_sd: Floats
    noise: Floats
    iterations: int
    converged: bool
    reason: str | None = None
    method: str = "RatingModel"

    @property
    def n_dropped(self) -> int:
        """Answers that did not count, because the same annotator answered the same item again later."""
        return self.coded.n_dropped

    @cached_property
    def scores(self) -> pl.DataFrame:
        """Columns item, score, low, high (95 % credible interval), n (ratings)."""
        n = np.diff(self.coded.starts)
        seen = np.flatnonzero(n > 0)
        return pl.DataFrame(
            [
                named("item", self.coded.item_names, seen),
                pl.Series("score", self.score[seen]),
                pl.Series("low", (self.score - _Z * self.score_sd)[seen]),
                pl.Series("high", (self.score + _Z * self.score_sd)[seen]),
                pl.Series("n", n[seen]),
            ]
        )

    @cached_property
    def annotators(self) -> pl.DataFrame:
        """Columns annotator, bias, low, high (95 % credible interval of the bias), noise, n (ratings)."""
        n = np.bincount(self.coded.annotator, minlength=self.coded.n_annotators)
        busy = np.flatnonzero(n > 0)
        return pl.DataFrame(
            [
                named("annotator", self.coded.annotator_names, busy),
                pl.Series("bias", self.bias[busy]),
                pl.Series("low", (self.bias - _Z * self.bias_sd)[busy]),
                pl.Series("high", (self.bias + _Z * self.bias_sd)[busy]),
                pl.Series("noise", self.noise[busy]),
                pl.Series("n", n[busy]),
            ]
        )


@dataclass(frozen=True, slots=True)
class RatingModel:
    r"""Two-way random effects with a noise of his own for each annotator.

    y_ia = μ_i + b_a + e_ia, with μ_i ~ N(m, τ²), b_a ~ N(0, β²), e_ia ~ N(0, s_a²). Mean-field EM: Gaussian posteriors
    of μ and b by turns, then m, τ², β² and s_a² from the expected squares; s_a² leans on the crowd’s with the weight of
    200 answers. With equal s_a and no bias a score is the mean, shrunk to the overall mean.

    Source: the rater model of J. L. Fleiss, The Design and Analysis of Clinical Experiments (1986), ch. 1; unequal
    precisions as in V. C. Raykar et al., Learning from Crowds, JMLR 11 (2010) 1297-1322, sec. 4.

    Attributes:
        iterations: cap; None: to convergence.
        tol: converged when no score moves by more, in standard deviations of the ratings.
    """

    iterations: int | None = None
    tol: float = 1e-6

    def fit(self, annotations: IntoDataFrame | Coded) -> RatingResult:
        """Infer scores.

        Args:
            annotations: DataFrame with columns item, annotator, label, the labels being numbers; or a `Coded`.

        Raises:
            DataError: there is no annotation, a column is missing, or a label is no number.
        """
        coded = annotations_of(annotations)
        y = numbers_of(coded)
        state = _State.start(coded, y)
        cap = cap_of(self.iterations, self.tol)
        step = self.tol * max(float(y.std()), 1e-300)
        for done in range(1, cap + 1):
            before = state.score
            state.improve()
            if float(np.abs(state.score - before).max()) <= step:
                return state.result(done, converged=True)
        return state.result(cap, converged=False)


def numbers_of(coded: Coded) -> Floats:
    """The rating of each annotation, shape (n_annotations,).

    Raises:
        DataError: a label is no finite number.
    """
    try:
        values = np.array([float(value) for value in coded.class_list()])
    except (TypeError, ValueError) as error:
        raise DataError("A rating is no number", where=str(error), next_step="Give ratings as numbers") from error
    if not bool(np.isfinite(values).all()):
        raise DataError("A rating is not finite", where="column label")
    return values[coded.label]


@dataclass(slots=True)
class _State:
    """Posterior means and variances on their way."""

    coded: Coded
    y: Floats
    score: Floats
    score_var: Floats
    bias: Floats
    bias_var: Floats
    noise_var: Floats
    between: float
    bias_between: float
    centre: float

    @classmethod
    def start(cls, coded: Coded, y: Floats) -> _State:
        items = np.maximum(np.bincount(coded.item, minlength=coded.n_items), 1)
        score = np.bincount(coded.item, weights=y, minlength=coded.n_items) / items
        rest = max(float(((y - score[coded.item]) ** 2).mean()), 1e-12)
        zero = np.zeros(coded.n_annotators)
        noise = np.full(coded.n_annotators, rest)
        spread = max(float(score.var()), 1e-12)
        return cls(coded, y, score, np.zeros(coded.n_items), zero, zero.copy(), noise, spread, rest, float(y.mean()))

    def improve(self) -> None:
        """Scores, then biases, then the variances."""
        item, who = self.coded.item, self.coded.annotator
        weight = 1 / self.noise_var[who]
        precision = np.bincount(item, weights=weight, minlength=self.score.size) + 1 / self.between
        pull = np.bincount(item, weights=weight * (self.y - self.bias[who]), minlength=self.score.size)
        self.score = (pull + self.centre / self.between) / precision
        self.score_var = 1 / precision
        precision = np.bincount(who, weights=weight, minlength=self.bias.size) + 1 / self.bias_between
        pull = np.bincount(who, weights=weight * (self.y - self.score[item]), minlength=self.bias.size)
        self.bias = pull / precision
        self.bias_var = 1 / precision
        self._variances()

    def _variances(self) -> None:
        item, who = self.coded.item, self.coded.annotator
        seen = np.diff(self.coded.starts) > 0
        n = np.bincount(who, minlength=self.bias.size)
        # A shift between scores and biases fits alike: the biases of the people who answer carry none of it.
        shift = float(np.average(self.bias, weights=n))
        self.bias = self.bias - shift
        self.score = self.score + shift
        square = (self.y - self.score[item] - self.bias[who]) ** 2 + self.score_var[item] + self.bias_var[who]
        floor = 1e-9 * max(float(self.y.var()), 1e-12)
        total = np.bincount(who, weights=square, minlength=self.bias.size)
        crowd = float(square.mean())
        self.noise_var = np.maximum((total + _LEAN * crowd) / (n + _LEAN), floor)
        self.centre = float(self.score[seen].mean())
        self.between = max(float(((self.score[seen] - self.centre) ** 2 + self.score_var[seen]).mean()), floor)
        self.bias_between = max(float((self.bias**2 + self.bias_var)[n > 0].mean()), floor)

    def result(self, done: int, *, converged: bool) -> RatingResult:
        reasons = [] if converged else [f"Stopped at {done} iterations before the change was small"]
        if int((np.bincount(self.coded.annotator, minlength=1) > 0).sum()) == 1:
            reasons.append("Only one annotator: his bias cannot be told from the scores")
        return RatingResult(
            self.coded,
            self.score,
            np.sqrt(self.score_var),
            self.bias,
            np.sqrt(self.bias_var),
            np.sqrt(self.noise_var),
            done,
            converged,
            "; ".join(reasons) or None,
        )
