"""Of items that are nearly the same only one is worth a label: the first that comes.

Texts by the Jaccard similarity of their shingles, found by MinHash as in `near_duplicates`; pictures by the distance
of their perceptual hashes (difference hash: N. Krawetz, 2013).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from labelwright.learning.near_duplicates import alike_pairs

#: Bits of 64 by which the hashes of two pictures of the same thing differ at most.
BITS = 4


def texts_alike(texts: Sequence[str], at_least: float, *, seed: int = 0) -> NDArray[np.int64]:
    """For each text the first that is nearly the same and is kept itself; its own place where there is none.

    Args:
        texts: in the order in which they are kept. Empty ones are alike to none.
        at_least: least Jaccard similarity, above 0 and at most 1.
        seed: of the hash functions.

    Returns:
        Places, shape (texts,).

    Raises:
        UsageError: the threshold is out of its range.
    """
    return _first_kept(len(texts), alike_pairs(texts, at_least, seed=seed))


def pictures_alike(hashes: Sequence[int | None], bits: int = BITS) -> NDArray[np.int64]:
    """The same for pictures by their hashes of 64 bits; None (it cannot be read) is alike to none."""
    known = np.array([k for k, h in enumerate(hashes) if h is not None], dtype=np.int64)
    values = np.array([h for h in hashes if h is not None], dtype=np.uint64)
    pairs = []
    for at in range(1, len(values)):
        near = np.flatnonzero(np.bitwise_count(values[:at] ^ values[at]) <= bits)
        pairs += [(int(known[k]), int(known[at])) for k in near.tolist()]
    return _first_kept(len(hashes), pairs)


def _first_kept(n: int, pairs: Sequence[tuple[int, int]]) -> NDArray[np.int64]:
    first = np.arange(n, dtype=np.int64)
    for a, b in sorted(pairs, key=lambda pair: (pair[1], pair[0])):
        if first[a] == a and first[b] == b:
            first[b] = a
    return first
