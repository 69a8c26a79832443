"""What is inferred of one item, whatever the control asks for; and when that settles nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from labelwright.model.values import Value

#: Where answers differ, a label less probable than this is contested. On ten real crowds with two answers an item such
#: labels were right half of the time, those above in four of five (docs/adr/009).
UNSETTLED = 0.6


@dataclass(frozen=True, slots=True)
class Inferred:
    """One item's consensus.

    Attributes:
        label: the class; a set of classes, a ranking or a text as one text; a number as it is written.
        posterior: probability that the label is right, 0 to 1, as far as ``method`` knows; of texts and rankings how
            like the answers are to it.
        contested: the answers do not settle it; see `TIE_RULE`.
        votes: answers it rests on.
        differing: not all of these are the same.
        distribution: probability by class; of a set of classes that each is in it; empty for texts and rankings.
        method: name of the estimator; ``gold`` where the label was known.
        value: the label as a value, where it is more than a name.
    """

    label: str
    posterior: float
    contested: bool
    votes: int
    differing: bool = False
    distribution: Mapping[str, float] = field(default_factory=dict)
    method: str = ""
    value: Value | None = None


def unsettled(posterior: float, *, tied: bool, differing: bool) -> bool:
    """Whether the answers leave it open."""
    return tied or (differing and posterior < UNSETTLED)
