"""Texts that are nearly the same and still have different labels.

Shingles and Jaccard similarity after A. Z. Broder, On the resemblance and containment of documents (Compression and
Complexity of Sequences, 1997); candidates by bands of MinHash values (P. Indyk, R. Motwani, STOC 1998).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from labelwright.model.errors import UsageError

#: Characters of a shingle.
SHINGLE = 5
_HASHES = 128
#: The smallest prime above 2^32: values are hashed modulo it.
_PRIME = 4_294_967_311
#: Chance of missing a pair at the threshold.
_MISS = 1e-4
#: Of one bucket, each text is compared with so many that follow: boilerplate must not cost the square of its number.
_NEIGHBOURS = 50

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class DuplicatePair:
    """Two texts that are nearly the same: their places in the input, and the Jaccard similarity of their shingles."""

    a: int
    b: int
    similarity: float


def near_duplicates(
    texts: Sequence[str], labels: Sequence[str], at_least: float = 0.8, *, seed: int = 0
) -> tuple[DuplicatePair, ...]:
    """Pairs of nearly equal texts with different labels, the most similar first.

    Texts are compared without regard to case and spacing, by the Jaccard similarity of their sets of shingles (5
    characters). The similarity is exact; which pairs are compared is decided by MinHash, which misses a pair at the
    threshold with a probability below 1e-4 (more often only among more than 50 texts that are all alike; of texts
    that are equal, one for each label is named).

    Args:
        texts: one an item.
        labels: one an item.
        at_least: least similarity of a pair, above 0 and at most 1.
        seed: of the hash functions.

    Raises:
        UsageError: the two are of different length, or the threshold is out of its range.
    """
    if len(texts) != len(labels):
        raise UsageError(f"{len(texts)} texts do not go with {len(labels)} labels", where="near duplicates")
    if not 0 < at_least <= 1:
        raise UsageError("A similarity lies above 0 and at most at 1", where=f"at_least={at_least}")
    first: dict[tuple[str, str], int] = {}
    for row, (text, label) in enumerate(zip(texts, labels, strict=True)):
        first.setdefault((" ".join(text.casefold().split()), label), row)
    kept = {row: key[0] for key, row in first.items() if key[0]}
    shingles = {text: _shingles(text) for text in dict.fromkeys(kept.values())}
    rows: dict[str, list[int]] = {}
    for row, text in kept.items():
        rows.setdefault(text, []).append(row)
    found = [DuplicatePair(a, b, 1.0) for same in rows.values() for a, b in combinations(sorted(same), 2)]
    for one, other in _candidates(list(shingles), shingles, at_least, seed):
        alike = _jaccard(shingles[one], shingles[other])
        if alike >= at_least:
            pairs = ((min(a, b), max(a, b)) for a in rows[one] for b in rows[other] if labels[a] != labels[b])
            found += [DuplicatePair(a, b, alike) for a, b in pairs]
    return tuple(sorted(found, key=lambda p: (-p.similarity, p.a, p.b)))


def alike_pairs(texts: Sequence[str], at_least: float, *, seed: int = 0) -> list[tuple[int, int]]:
    """Places of every two texts that are nearly the same, the smaller first; see `near_duplicates` for how.

    Among many equal texts each is paired with the first of them only.

    Raises:
        UsageError: the threshold is out of its range.
    """
    if not 0 < at_least <= 1:
        raise UsageError("A similarity lies above 0 and at most at 1", where=f"at_least={at_least}")
    rows: dict[str, list[int]] = {}
    for row, text in enumerate(texts):
        plain = " ".join(text.casefold().split())
        if plain:
            rows.setdefault(plain, []).append(row)
    shingles = {text: _shingles(text) for text in rows}
    pairs = [(same[0], other) for same in rows.values() for other in same[1:]]
    for one, other in _candidates(list(shingles), shingles, at_least, seed):
        if _jaccard(shingles[one], shingles[other]) >= at_least:
            a, b = rows[one][0], rows[other][0]
            pairs.append((min(a, b), max(a, b)))
    return sorted(pairs)


def _shingles(text: str) -> frozenset[str]:
    return frozenset(text[k : k + SHINGLE] for k in range(max(1, len(text) - SHINGLE + 1)))


def _jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    both = len(one & other)
    return both / (len(one) + len(other) - both)


def _candidates(
    texts: Sequence[str], shingles: dict[str, frozenset[str]], at_least: float, seed: int
) -> Iterator[tuple[str, str]]:
    """Pairs of different texts that share a band of their signatures, each once."""
    if len(texts) < 2:
        return
    signatures = _signatures([shingles[t] for t in texts], seed)
    width = next((w for w in (16, 8, 4, 2) if (1 - at_least**w) ** (_HASHES // w) <= _MISS), 1)
    seen: set[tuple[int, int]] = set()
    for start in range(0, _HASHES, width):
        buckets: dict[bytes, list[int]] = {}
        for k, band in enumerate(signatures[:, start : start + width]):
            buckets.setdefault(band.tobytes(), []).append(k)
        for bucket in buckets.values():
            for at, a in enumerate(bucket):
                seen.update((a, b) for b in bucket[at + 1 : at + 1 + _NEIGHBOURS])
    yield from ((texts[a], texts[b]) for a, b in sorted(seen))


def _signatures(sets: Sequence[frozenset[str]], seed: int) -> Ints:
    """Least values of 128 hash functions over each set, shape (sets, 128)."""
    rng = np.random.default_rng(seed)
    factor = rng.integers(1, 2**31, _HASHES, dtype=np.uint64)
    offset = rng.integers(0, 2**32, _HASHES, dtype=np.uint64)
    out = np.empty((len(sets), _HASHES), np.int64)
    for k, one in enumerate(sets):
        values = np.fromiter((crc32(s.encode("utf-8", "surrogatepass")) for s in one), np.uint64, len(one))
        out[k] = ((values[:, None] * factor + offset) % np.uint64(_PRIME)).min(axis=0)
    return out
