"""What a text model says of a whole pool: the same numbers as scikit-learn's pipeline gives, many times sooner.

TF-IDF spends its time on making every n-gram a Python string and looking it up. Here an n-gram is a hash that grows
by one character at a time; it is looked up in a table of the vocabulary's hashes and goes straight into the sums of
the linear model, so that no matrix is built either. Hashes have 64 bits: that one of 10^11 n-grams of a large pool
meets one of 10^5 terms by accident has a chance below 10^-3, and it would move one probability a little.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, softmax
from sklearn.pipeline import Pipeline

#: Fewer texts are faster by scikit-learn than by compiling.
FEWEST = 5_000
_SPACE, _LETTER = np.uint8(1), np.uint8(2)


@dataclass(frozen=True, slots=True, eq=False)
class _Terms:
    """The vocabulary of one vectorizer: slots of a hash table, and what each term weighs."""

    keys: NDArray[np.uint64]
    places: NDArray[np.int64]
    idf: NDArray[np.float64]
    weights: NDArray[np.float64]  # shape (terms, classes or 1)


class FastText:
    """A fitted pipeline of `TextLearner`, ready to score many texts.

    Args:
        pipeline: with the steps ``features`` (words, characters) and ``classifier``.
    """

    def __init__(self, pipeline: Pipeline) -> None:
        (_, words), (_, characters) = pipeline.named_steps["features"].transformer_list
        classifier = pipeline.named_steps["classifier"]
        coefficients, start = np.asarray(classifier.coef_, dtype=np.float64), len(words.vocabulary_)
        self._words = _terms(words, coefficients[:, :start])
        self._characters = _terms(characters, coefficients[:, start:])
        self._intercept = np.asarray(classifier.intercept_, dtype=np.float64)

    def predict_proba(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Class probabilities, shape (texts, classes)."""
        from labelwright.adapters.learners.compiled_text import scores  # noqa: PLC0415

        letters, ends = _codes(texts)
        w, c = self._words, self._characters
        table = (w.keys, w.places, w.idf, w.weights, c.keys, c.places, c.idf, c.weights)
        found = scores(letters, ends, _kinds(), *table) + self._intercept
        if found.shape[1] > 1:
            return np.asarray(softmax(found, axis=1), dtype=np.float64)
        likely = expit(found[:, 0])
        return np.column_stack([1 - likely, likely])


def _codes(texts: Sequence[str]) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """All texts in lower case as code points, one after the other, and where each ends."""
    lowered = [text.lower() for text in texts]
    raw = "".join(lowered).encode("utf-32-le", "surrogatepass")
    return np.frombuffer(raw, dtype=np.uint32), np.cumsum([len(text) for text in lowered], dtype=np.int64)


@cache
def _kinds() -> NDArray[np.uint8]:
    """Of every code point whether it parts words (`str.split`), and whether it is a letter to regular expressions."""
    points = [chr(point) for point in range(0x110000)]
    space = np.fromiter((c.isspace() for c in points), dtype=np.uint8, count=len(points))
    letter = np.fromiter((c.isalnum() or c == "_" for c in points), dtype=np.uint8, count=len(points))
    return np.asarray(space * _SPACE + letter * _LETTER, dtype=np.uint8)


def _terms(vectorizer: Any, coefficients: NDArray[np.float64]) -> _Terms:
    from labelwright.adapters.learners.compiled_text import fill, hash_terms  # noqa: PLC0415 - numba takes a while

    names = sorted(vectorizer.vocabulary_, key=vectorizer.vocabulary_.__getitem__)
    raw = "".join(names).encode("utf-32-le", "surrogatepass")
    ends = np.cumsum([len(name) for name in names], dtype=np.int64)
    hashes = hash_terms(np.frombuffer(raw, dtype=np.uint32), ends)
    size = 1 << (4 * len(names) - 1).bit_length()
    keys, places = np.zeros(size, dtype=np.uint64), np.full(size, -1, dtype=np.int64)
    fill(hashes, keys, places)
    return _Terms(keys, places, np.asarray(vectorizer.idf_, dtype=np.float64), np.ascontiguousarray(coefficients.T))
