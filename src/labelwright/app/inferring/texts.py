"""Free text: the answer that is closest to all others; never one that nobody wrote."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from labelwright.app.inferring.classes import differing, known
from labelwright.app.inferring.values import Inferred
from labelwright.coding import encode
from labelwright.consensus import Medoid


def infer_texts(labels: pl.DataFrame, gold: Mapping[str, str]) -> dict[str, Inferred]:
    """The medoid of each item's texts; contested where another is as close.

    Args:
        labels: columns item, annotator, label (text).
        gold: texts that are known.
    """
    coded = encode(labels)
    result = Medoid().fit(coded)
    split = differing(coded)[np.flatnonzero(np.diff(coded.starts) > 0)].tolist()
    rows = zip(result.texts.iter_rows(), split, strict=True)
    found = {
        str(item): Inferred(str(text), float(support), bool(tied), n, apart, {}, result.method)
        for (item, text, support, tied, n), apart in rows
    }
    return known(found, gold)
