"""Dawid-Skene: every annotator has a confusion matrix."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from labelwright.consensus.em import Floats, climb, normalized, shares_of
from labelwright.consensus.held import held_codes, passes_with
from labelwright.consensus.passes import Expectation
from labelwright.consensus.result import ConsensusResult
from labelwright.consensus.table import annotations_of

if TYPE_CHECKING:
    from narwhals.typing import IntoDataFrame

    from labelwright.coding import Coded
    from labelwright.consensus.gold import Gold


@dataclass(frozen=True, slots=True)
class DawidSkene:
    r"""Maximum likelihood of observer error-rates by EM.

    Model: item i has the true class z_i with P(z_i = k) = p_k; annotator a answers l with P(l | z_i = k) = π^a_kl,
    independently given z_i. E-step: P(z_i = k) ∝ p_k ∏ π^a_{k l_ia} over the item's answers. M-step: π^a_kl = expected
    share of l among a's answers to items of class k; p_k = mean of P(z_i = k). Start: the vote shares.

    With one or two answers an item the likelihood has optima where everybody is always wrong: see `AnchoredDawidSkene`.

    Source: A. P. Dawid and A. M. Skene, Maximum Likelihood Estimation of Observer Error-Rates Using the EM Algorithm,
    Applied Statistics 28 (1979) 20-28, doi:10.2307/2346806.

    The defaults hold it together on small tables: each annotator is credited with ``credit`` right answers in every
    class, so a class that he has hardly met is no evidence against him. ``credit=0, tol=1e-6``: as published.

    Attributes:
        iterations: cap; None: to convergence.
        tol: converged when the log-likelihood of an annotation changes by less.
        credit: right answers added to each class of each annotator before any is counted; 0 or more.
    """

    iterations: int | None = None
    tol: float = 1e-4
    credit: float = 0.3

    def fit(self, annotations: IntoDataFrame | Coded, gold: Gold | None = None) -> ConsensusResult:
        """Infer labels and error rates.

        Args:
            annotations: DataFrame with columns item, annotator, label; or a `Coded`.
            gold: known labels (item to label, or a DataFrame with columns item and label); these items are held to
                theirs. It must not be used again to choose, calibrate or certify the result.

        Raises:
            DataError: there is no annotation, or a column is missing.
        """
        coded = annotations_of(annotations)
        known = held_codes(coded, gold)
        passes, n = passes_with(coded, known), coded.n_annotations
        found = climb(passes, self._maximize, n, iterations=self.iterations, tol=self.tol)
        return found.result("DawidSkene", coded, held=known.item)

    def _maximize(self, seen: Expectation, _: Floats | None) -> tuple[Floats, Floats]:
        credit = self.credit * np.eye(seen.class_counts.size)
        return normalized(seen.counts + credit), shares_of(seen.class_counts)
