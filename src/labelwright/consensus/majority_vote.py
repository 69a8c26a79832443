"""Majority vote: one annotator, one vote."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from labelwright.consensus.held import held_codes
from labelwright.consensus.result import ConsensusResult
from labelwright.consensus.table import annotations_of
from labelwright.consensus.votes import shares

if TYPE_CHECKING:
    from narwhals.typing import IntoDataFrame

    from labelwright.coding import Coded
    from labelwright.consensus.gold import Gold, GoldCodes


@dataclass(frozen=True, slots=True)
class MajorityVote:
    r"""The class that most annotators chose.

    The posterior of class k is its share of the item's votes, n_ik / n_i. A tie is contested. Shown is the tied class
    whose voters agree with the other annotators more often, then the one chosen more often over the whole table, then
    the first in the order of the classes; never a coin toss.

    An annotator's skill is the share of his answers equal to the label; an answer to a contested item counts 1 / t
    where it is among the t tied classes.
    """

    def fit(self, annotations: IntoDataFrame | Coded, gold: Gold | None = None) -> ConsensusResult:
        """Count the votes.

        Args:
            annotations: DataFrame with columns item, annotator, label; or a `Coded`.
            gold: known labels (item to label, or a DataFrame with columns item and label); these items are held to
                theirs. It must not be used again to choose, calibrate or certify the result.

        Raises:
            DataError: there is no annotation, or a column is missing.
        """
        coded = annotations_of(annotations)
        return by_votes("MajorityVote", coded, np.ones(coded.n_annotators), held_codes(coded, gold))


def by_votes(method: str, coded: Coded, weights: NDArray[np.float64], known: GoldCodes) -> ConsensusResult:
    """The consensus of votes that count ``weights[annotator]`` each; known items have their label."""
    posterior, right = shares(coded, weights, known)
    return ConsensusResult(method, coded, posterior, right, weights=weights, held=known.item)
