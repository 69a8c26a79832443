"""Wawa: votes weighted by agreement with the majority."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from labelwright.consensus.held import held_codes
from labelwright.consensus.majority_vote import by_votes
from labelwright.consensus.result import ConsensusResult
from labelwright.consensus.table import annotations_of
from labelwright.consensus.votes import agreement_with_majority

if TYPE_CHECKING:
    from narwhals.typing import IntoDataFrame

    from labelwright.coding import Coded
    from labelwright.consensus.gold import Gold


@dataclass(frozen=True, slots=True)
class Wawa:
    r"""Worker agreement with aggregate: a majority vote, then one in which an annotator's vote weighs his agreement.

    w_a = share of a's answers equal to the majority's; the posterior of class k is the sum of w_a over its voters
    divided by the sum over all of the item's voters. A tie in the first vote counts as in `MajorityVote`.

    Source: the procedure is known from the Appen (Figure Eight) platform as "inter-annotator agreement with aggregate";
    it has no paper of its own.
    """

    def fit(self, annotations: IntoDataFrame | Coded, gold: Gold | None = None) -> ConsensusResult:
        """Count, weigh, count again.

        Args:
            annotations: DataFrame with columns item, annotator, label; or a `Coded`.
            gold: known labels (item to label, or a DataFrame with columns item and label); these items are held to
                theirs. It must not be used again to choose, calibrate or certify the result.

        Raises:
            DataError: there is no annotation, or a column is missing.
        """
        coded = annotations_of(annotations)
        known = held_codes(coded, gold)
        return by_votes("Wawa", coded, agreement_with_majority(coded, known), known)
