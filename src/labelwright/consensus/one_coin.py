"""One-coin Dawid-Skene: every annotator has one probability of being right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from labelwright.consensus.em import Floats, climb, one_coin_channel, shares_of
from labelwright.consensus.held import held_codes, passes_with
from labelwright.consensus.passes import Expectation
from labelwright.consensus.result import ConsensusResult
from labelwright.consensus.table import annotations_of

if TYPE_CHECKING:
    from narwhals.typing import IntoDataFrame

    from labelwright.coding import Coded
    from labelwright.consensus.gold import Gold


@dataclass(frozen=True, slots=True)
class OneCoin:
    r"""EM for annotators that are right with probability s_a whatever the class, and else choose any other class.

    P(l | z_i = k) = s_a where l = k, otherwise (1 − s_a) / (K − 1). E-step as in `DawidSkene`; M-step: s_a = (expected
    right answers + c) / (answers + c / g), a Beta prior with mean g, the share of right answers over all annotators
    at that time. p_k = 1 / K, unless ``estimate_prior``: then the mean posterior of class k.

    Two things differ from the method as published, which is ``credit=0, estimate_prior=True, tol=1e-6``: without the
    Beta prior a single annotator can reach s_a = 1 and settle every item alone; and as the model has no room for a
    class that people overlook, an estimated class prior drifts towards the class that they fall back on.

    Source: Y. Zhang, X. Chen, D. Zhou and M. I. Jordan, Spectral Methods Meet EM, Journal of Machine Learning Research
    17 (2016) 1-44, doi:10.48550/arXiv.1406.3824.

    Attributes:
        iterations: cap; None: to convergence.
        tol: converged when the log-likelihood of an annotation changes by less.
        credit: c, right answers that each annotator starts with.
        estimate_prior: whether the class prior is estimated; otherwise every class is as probable.
    """

    iterations: int | None = None
    tol: float = 1e-4
    credit: float = 20.0
    estimate_prior: bool = False

    def fit(self, annotations: IntoDataFrame | Coded, gold: Gold | None = None) -> ConsensusResult:
        """Infer labels and skills.

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
        return found.result("OneCoin", coded, held=known.item)

    def _maximize(self, seen: Expectation, _: Floats | None) -> tuple[Floats, Floats]:
        right = np.trace(seen.counts, axis1=1, axis2=2)
        answers = seen.counts.sum(axis=(1, 2))
        mean = right.sum() / answers.sum()
        skill = (right + self.credit) / np.maximum(answers + self.credit / mean, 1e-300)
        K = seen.class_counts.size
        prior = shares_of(seen.class_counts) if self.estimate_prior else np.full(K, 1 / K)
        return one_coin_channel(skill, K), prior
