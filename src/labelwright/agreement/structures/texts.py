"""Agreement on free text: normalized edit distance, word error rate, chrF."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TypeAlias
from unicodedata import normalize

from labelwright.agreement.interval import Interval, Sampling
from labelwright.agreement.structures.answers import Scored, compared
from labelwright.agreement.structures.edits import edit_distance
from labelwright.agreement.structures.pooling import StructureAgreement
from labelwright.matching.drawings import Drawing
from labelwright.model.values import Text

#: Longest character n-gram and weight of recall of chrF, as its author set them (Popović 2015: n = 6, beta = 2).
_LONGEST = 6
_BETA = 2.0

_Grams: TypeAlias = list[Counter[str]]


def edit_similarity(
    drawings: Iterable[Drawing],
    interval: Interval | None = None,
    *,
    replicates: int = 1000,
    seed: int = 0,
    confidence: float = 0.95,
) -> StructureAgreement:
    """Mean of 1 - edit distance / length of the longer text, over pairs of answers; in code points, from 0 to 1.

    Args:
        drawings: answers with `Text` entries; several texts of one answer are joined by line breaks. Texts are compared
            as written, but for outer white space and Unicode's equivalent spellings (NFC). Two empty texts agree.
        interval: ``bootstrap``, ``bca``, ``analytic`` (delta method) over items, or None.
        replicates: bootstrap replicates.
        seed: seed of the replicates.
        confidence: coverage of the intervals.

    Returns:
        The mean, with ``.pairs`` and ``.annotators``.
    """
    sampling = Sampling(interval, replicates, seed, confidence)
    return compared(_texts(drawings), _edit_similarity, "normalized edit similarity", sampling)


def word_error_rate(
    drawings: Iterable[Drawing],
    interval: Interval | None = None,
    *,
    replicates: int = 1000,
    seed: int = 0,
    confidence: float = 0.95,
) -> StructureAgreement:
    """Word errors over words, each text being the reference once: 0 is full agreement, above 1 is possible.

    Sum of 2 × edit distance in words over the sum of words of both texts; words are what white space separates. Where
    neither has a word there is nothing to err on. Arguments as for `edit_similarity`.
    """
    sampling = Sampling(interval, replicates, seed, confidence)
    return compared(_texts(drawings), _word_errors, "word error rate", sampling)


def chrf(
    drawings: Iterable[Drawing],
    interval: Interval | None = None,
    *,
    replicates: int = 1000,
    seed: int = 0,
    confidence: float = 0.95,
) -> StructureAgreement:
    """Mean character n-gram F-score over pairs of answers, from 0 to 1, each text being the reference once.

    Source: Popović (2015), chrF: character n-gram F-score for automatic MT evaluation (n to 6, beta 2, white space
    left out). Arguments as for `edit_similarity`.
    """
    sampling = Sampling(interval, replicates, seed, confidence)
    grams = [(drawing, _grams(text)) for drawing, text in _texts(drawings)]
    return compared(grams, _chrf_both_ways, "chrF", sampling)


def _texts(drawings: Iterable[Drawing]) -> list[tuple[Drawing, str]]:
    read = [(d, [e.value.texts for e in d.entries if isinstance(e.value, Text)]) for d in drawings]
    return [(d, normalize("NFC", "\n".join(t for part in parts for t in part)).strip()) for d, parts in read if parts]


def _edit_similarity(one: str, two: str) -> Scored:
    longest = max(len(one), len(two))
    return (1.0 - edit_distance(one, two) / longest if longest else 1.0), 1.0


def _word_errors(one: str, two: str) -> Scored:
    a, b = one.split(), two.split()
    return 2.0 * edit_distance(a, b), float(len(a) + len(b))


def chrf_score(answer: str, reference: str) -> float:
    """The chrF of one answer against one reference, from 0 to 1.

    Precision and recall are averaged over the orders first, as in the paper, over those orders that both texts are long
    enough for, as in sacreBLEU (Post 2018). Two texts without a character agree.
    """
    return _f_score(*_precision_and_recall(_grams(answer), _grams(reference)))


def _grams(text: str) -> _Grams:
    """The character n-grams of each order that the text is long enough for; white space is left out."""
    letters = "".join(text.split())
    orders = range(1, min(_LONGEST, len(letters)) + 1)
    return [Counter(letters[at : at + order] for at in range(len(letters) - order + 1)) for order in orders]


def _chrf_both_ways(one: _Grams, two: _Grams) -> Scored:
    precision, recall = _precision_and_recall(one, two)
    return (_f_score(precision, recall) + _f_score(recall, precision)) / 2, 1.0


def _precision_and_recall(one: _Grams, two: _Grams) -> tuple[float, float]:
    """Means over the orders of shared n-grams over those of either text."""
    if one == two:
        return 1.0, 1.0
    orders = [(_shared(a, b), a.total(), b.total()) for a, b in zip(one, two, strict=False)]
    precision = sum(both / total for both, total, _ in orders) / max(1, len(orders))
    recall = sum(both / total for both, _, total in orders) / max(1, len(orders))
    return precision, recall


def _shared(a: Counter[str], b: Counter[str]) -> int:
    return sum(min(count, b[gram]) for gram, count in a.items() if gram in b)


def _f_score(precision: float, recall: float) -> float:
    bottom = _BETA**2 * precision + recall
    return (1 + _BETA**2) * precision * recall / bottom if bottom else 0.0
