"""Words for a kappa, with the name of whoever chose them."""

from __future__ import annotations

from dataclasses import dataclass

LANDIS_KOCH = "Landis & Koch 1977"
_WORDS = ((0.2, "slight"), (0.4, "fair"), (0.6, "moderate"), (0.8, "substantial"))


@dataclass(frozen=True, slots=True)
class Verbal:
    """A word for a kappa.

    Attributes:
        word: the word.
        author: whose scale it is.
    """

    word: str
    author: str = LANDIS_KOCH

    def __str__(self) -> str:
        return f"{self.word} ({self.author})"


def verbal_scale(kappa: float | None) -> Verbal | None:
    """The word of Landis and Koch (1977, The measurement of observer agreement for categorical data, p. 165).

    Below 0 poor, to .20 slight, to .40 fair, to .60 moderate, to .80 substantial, above almost perfect. The authors
    call the bounds "clearly arbitrary".

    Args:
        kappa: a chance-corrected agreement; None (undefined) has no word.
    """
    if kappa is None:
        return None
    if kappa < 0:
        return Verbal("poor")
    return Verbal(next((word for top, word in _WORDS if kappa <= top), "almost perfect"))
