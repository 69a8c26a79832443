"""Classifiers on vectors: the user's own embeddings, and static embeddings of words."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from labelwright.adapters.learners.dense import DenseLearner, Features, stacked
from labelwright.model.errors import DataError, UsageError
from labelwright.ports import Reads


class VectorLearner(DenseLearner):
    """Logistic regression on an embedding that the user brings."""

    name = "vectors"
    reads = Reads.VECTOR

    def embed(self, inputs: Sequence[Any]) -> Features:
        """The vectors as they are.

        Raises:
            DataError: they are of different lengths.
        """
        rows = [None if v is None else np.asarray(v, dtype=np.float32) for v in inputs]
        sizes = sorted({row.size for row in rows if row is not None})
        if len(sizes) > 1:
            raise DataError(
                f"The vectors are of different lengths: {', '.join(map(str, sizes))}",
                where="model.vectors",
                next_step="Give each item a vector of the same embedding",
            )
        return stacked(rows, sizes[0] if sizes else self._dimensions())

    def _dimensions(self) -> int:
        return 1 if self._pipeline is None else int(self._pipeline.named_steps["scaler"].n_features_in_)


class StaticTextLearner(DenseLearner):
    """Static embeddings of word pieces, averaged over the text, then logistic regression. Needs no download.

    The embedding is the one that wordllama carries in its wheel (256 dimensions, MIT).
    """

    name = "static"
    reads = Reads.TEXT

    def embed(self, inputs: Sequence[Any]) -> Features:
        """The mean vector of each text's pieces, of length 1; NaN where there is no piece."""
        texts = [text if isinstance(text, str) and text.strip() else "" for text in inputs]
        if not texts:
            return np.empty((0, 256), dtype=np.float32)
        found = np.asarray(_embedding().embed(texts, norm=False), dtype=np.float32)
        found[[not text for text in texts]] = np.nan
        length = np.linalg.norm(found, axis=1, keepdims=True)
        return np.asarray(np.divide(found, length, out=np.full_like(found, np.nan), where=length > 0))


@cache
def _embedding() -> Any:
    """Wordllama's own weights. Its folder doubles as its cache: it looks for the bundled tokenizer only there."""
    root = logging.getLogger()
    before = list(root.handlers), root.level
    try:
        import wordllama  # noqa: PLC0415 - optional
    except ImportError as problem:
        raise UsageError(
            "Static embeddings are not installed",
            where="model.kind: static",
            next_step='Install them: pip install "labelwright[embeddings]", or set model.kind to text',
        ) from problem
    finally:
        # Its import sets up the root logger, which is the application's.
        root.handlers[:], root.level = before
    return wordllama.WordLlama.load(cache_dir=Path(wordllama.__file__).parent, disable_download=True)
