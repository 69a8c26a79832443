"""Positions of texts without any download: TF-IDF of words and of characters, then a truncated SVD.

Latent semantic analysis (Deerwester et al., 1990). It is fitted on the very items that are compared, so that it
needs neither labels nor a model, and serves a first round as well as a tenth.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from labelwright.model.errors import UsageError
from labelwright.model.project import Item

#: Dimensions at most: more hardly move a cluster, and each costs a pass.
DIMENSIONS = 64
_SEED = 0


class TextEmbedder:
    """Embeds items by the texts that the screen shows. Implements `ports.Embedder`.

    Args:
        fields: names of the data fields that hold text, in their order; asked when they are needed.
    """

    def __init__(self, fields: Callable[[], Sequence[str]]) -> None:
        self._fields = fields

    def features(self, items: Sequence[Item]) -> NDArray[np.floating]:
        """Positions of length 1 (or 0 for a text without a word that another has), shape (items, at most 64).

        Raises:
            UsageError: the items hold no text.
        """
        fields = self._fields()
        if not fields:
            raise UsageError("the screen shows no text, and there are no features yet for images, audio and video")
        texts = ["\n".join(str(item.data[f]) for f in fields if f in item.data) for item in items]
        return embed(texts)


def embed(texts: Sequence[str], most: int = DIMENSIONS) -> NDArray[np.floating]:
    """Positions of texts, each of length 1 or 0, shape (texts, at most ``most``)."""
    from sklearn.decomposition import TruncatedSVD  # noqa: PLC0415 - a second of importing
    from sklearn.preprocessing import normalize  # noqa: PLC0415

    counted = _tfidf(texts)
    dimensions = min(most, counted.shape[0] - 1, counted.shape[1] - 1)
    if dimensions < 1:
        return np.zeros((len(texts), 1))
    svd = TruncatedSVD(dimensions, random_state=_SEED)
    return np.asarray(normalize(svd.fit_transform(counted)), dtype=np.float64)


def _tfidf(texts: Sequence[str]) -> Any:
    """Terms that two texts share; of texts that share none, all terms."""
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415
    from sklearn.pipeline import make_union  # noqa: PLC0415

    for least in (2, 1):
        words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=least)
        characters = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True, min_df=least)
        try:
            return make_union(words, characters).fit_transform(texts)
        except ValueError:  # an empty vocabulary
            continue
    return np.zeros((len(texts), 1))
