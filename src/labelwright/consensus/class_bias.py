"""Which classes an annotator gives too often or too rarely."""

from __future__ import annotations

import numpy as np
import polars as pl

from labelwright.consensus.items import expected_confusions
from labelwright.consensus.names import named
from labelwright.consensus.result import ConsensusResult

# 97.5 % point of the standard normal distribution.
_Z = 1.959963984540054


def class_bias(result: ConsensusResult) -> pl.DataFrame:
    """Share of each class in an annotator's answers, against its share in what his items are believed to be.

    The interval is that of the difference of two dependent proportions (McNemar 1947, normal approximation): only
    answers that differ from the believed class count for it.

    Args:
        result: from any estimator.

    Returns:
        Columns annotator, class, given (share of his answers, 0 to 1), expected (mean posterior of the class over his
        items), bias (given − expected, −1 to 1), low and high (95 %), n (his answers).
    """
    busy = np.flatnonzero(result.answers > 0)
    counts = expected_confusions(result)[busy]
    n = result.answers[busy].astype(np.float64)[:, None]
    K = counts.shape[1]
    stayed = np.diagonal(counts, axis1=1, axis2=2)
    too_often = (counts.sum(axis=1) - stayed) / n
    too_rarely = (counts.sum(axis=2) - stayed) / n
    bias = too_often - too_rarely
    half = _Z * np.sqrt(np.clip(too_often + too_rarely - bias**2, 0, None) / n)
    return pl.DataFrame(
        [
            named("annotator", result.coded.annotator_names, np.repeat(busy, K)),
            named("class", result.coded.classes, np.tile(np.arange(K), busy.size)),
            pl.Series("given", (counts.sum(axis=1) / n).ravel()),
            pl.Series("expected", (counts.sum(axis=2) / n).ravel()),
            pl.Series("bias", bias.ravel()),
            pl.Series("low", np.clip(bias - half, -1, 1).ravel()),
            pl.Series("high", np.clip(bias + half, -1, 1).ravel()),
            pl.Series("n", np.repeat(result.answers[busy], K)),
        ]
    )
