"""Medoid: the transcript that is closest to all others."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labelwright.consensus.table import annotations_of
from labelwright.consensus.transcripts import TextResult, by_item, finished, similarity, texts_of

if TYPE_CHECKING:
    from narwhals.typing import IntoDataFrame

    from labelwright.coding import Coded

_TIE = 1e-12


@dataclass(frozen=True, slots=True)
class Medoid:
    r"""One of the answers as it was given: argmax_t Σ_a similarity(t, t_a).

    Similarity is 1 − word edit distance / number of words of the longer one. It never makes up a text that nobody
    wrote. Of equally close ones the one written by more people is taken, then the first in the order of the texts; the
    item is then contested.

    Source: L. Kaufman and P. J. Rousseeuw, Clustering by Means of Medoids (1987); for transcripts J. Li and
    F. Fukumoto, A Dataset of Crowdsourced Word Sequences (RASA and HRRASA), AnnoNLP (2019), doi:10.18653/v1/D19-5904.
    """

    def fit(self, annotations: IntoDataFrame | Coded) -> TextResult:
        """Choose the texts.

        Args:
            annotations: DataFrame with columns item, annotator, label, the labels being texts; or a `Coded`.

        Raises:
            DataError: there is no annotation, a column is missing, or a label is no text.
        """
        coded = annotations_of(annotations)
        texts = texts_of(coded)
        return finished(
            coded,
            "Medoid",
            {code: _closest(Counter(coded.label[rows].tolist()), texts) for code, rows in by_item(coded)},
        )


def _closest(counted: Counter[int], texts: list[str]) -> tuple[str, bool]:
    words = {label: texts[label].split() for label in counted}
    support = {
        label: sum(n * similarity(words[label], words[other]) for other, n in counted.items()) for label in counted
    }
    best = max(support.values())
    tied = sorted(label for label in counted if support[label] >= best - _TIE)
    return texts[max(tied, key=lambda label: counted[label])], len(tied) > 1
