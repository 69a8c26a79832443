"""Which classes are taken for each other, how much of the disagreement that is, and by whom."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import numpy as np

from labelwright.app.report.overlap import Ints, Overlap
from labelwright.app.report.values import ConfusedPair, Confusion

#: Classes a matrix shows; beyond that nobody reads it.
MOST_CLASSES = 24
#: Pairs of classes that are looked at closely.
MOST_PAIRS = 10
#: Items named as examples of one pair.
EXAMPLES = 5


def confusion_of(overlap: Overlap) -> Confusion | None:
    """The matrix of the classes used most; None where no item has two answers or there is one class."""
    counts = overlap.coincidences
    if counts.shape[0] < 2 or not counts.any():
        return None
    used = np.flatnonzero(counts.any(axis=1))
    keep = np.sort(used[np.argsort(-counts[used].sum(axis=1), kind="stable")][:MOST_CLASSES])
    chosen = counts[np.ix_(keep, keep)].copy()
    np.fill_diagonal(chosen, np.diag(chosen) // 2)
    return Confusion(
        classes=tuple(overlap.classes[k] for k in keep),
        counts=tuple(tuple(int(n) for n in row) for row in chosen),
        left_out=int(used.size - keep.size),
    )


def confused_pairs(overlap: Overlap, gaps: Collection[frozenset[str]] | None) -> tuple[ConfusedPair, ...]:
    """Pairs of classes given to the same item, the most frequent first.

    ``gaps`` are named in any case, and marked; None: nobody looked for any.
    """
    counts = overlap.coincidences
    upper = np.triu(counts, k=1)
    all_different = int(upper.sum())
    if not all_different:
        return ()
    order = np.argsort(-upper, axis=None, kind="stable")[: int((upper > 0).sum()) if gaps else MOST_PAIRS]
    found = []
    for k, at in enumerate(order.tolist()):
        a, b = divmod(at, counts.shape[1])
        gap = None if gaps is None else frozenset((overlap.classes[a], overlap.classes[b])) in gaps
        if upper[a, b] and (gap or k < MOST_PAIRS):
            found.append(replace(_pair(overlap, upper, counts, a, b, all_different), gap=gap))
    return tuple(found)


def _pair(overlap: Overlap, upper: Ints, counts: Ints, a: int, b: int, all_different: int) -> ConfusedPair:
    n = int(upper[a, b])
    either = int(counts[a].sum() + counts[b].sum() - (counts[a, a] + counts[b, b]) // 2 - n)
    return ConfusedPair(
        a=overlap.classes[a],
        b=overlap.classes[b],
        n=n,
        share=n / all_different,
        rate=n / either,
        items=tuple(overlap.items_between(a, b, EXAMPLES)),
        by=_who(overlap, a, b),
    )


def _who(overlap: Overlap, a: int, b: int) -> tuple[tuple[str, int], ...]:
    """Annotators whose answers take part in the confusion, with the number of those answers."""
    coded = overlap.coded
    both = overlap.table.tocsc()[:, [a, b]].toarray()
    mixed = (both[:, 0] > 0) & (both[:, 1] > 0)
    rows = mixed[coded.item] & ((coded.label == a) | (coded.label == b))
    own = np.where(coded.label == a, both[coded.item, 0], both[coded.item, 1])
    other = np.where(coded.label == a, both[coded.item, 1], both[coded.item, 0])
    minority = rows & (own <= other)
    n = np.bincount(coded.annotator[minority], minlength=coded.n_annotators)
    order = np.argsort(-n, kind="stable")[:EXAMPLES]
    return tuple((overlap.annotator_ids[i], int(n[i])) for i in order if n[i])
