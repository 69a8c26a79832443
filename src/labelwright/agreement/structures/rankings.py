"""Agreement on rankings: Kendall's tau and Spearman's footrule."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations

from labelwright.agreement.interval import Interval, Sampling
from labelwright.agreement.structures.answers import Scored, compared
from labelwright.agreement.structures.pooling import StructureAgreement
from labelwright.matching.drawings import Drawing
from labelwright.model.errors import UsageError
from labelwright.model.values import Ranking


def kendall_tau(
    drawings: Iterable[Drawing],
    interval: Interval | None = None,
    *,
    replicates: int = 1000,
    seed: int = 0,
    confidence: float = 0.95,
) -> StructureAgreement:
    """Mean of Kendall's tau over pairs of rankings, from -1 (reversed) to 1 (equal); 0 is what chance gives.

    tau = (pairs in the same order - pairs in the other) / pairs, over what both ranked (Kendall 1938). Rankings that
    share fewer than two things are left out.

    Args:
        drawings: answers with one `Ranking` entry.
        interval: ``bootstrap``, ``bca``, ``analytic`` (delta method) over items, or None.
        replicates: bootstrap replicates.
        seed: seed of the replicates.
        confidence: coverage of the intervals.

    Returns:
        The mean, with ``.pairs`` and ``.annotators``.

    Raises:
        UsageError: things were sorted into several buckets, which are classes and not an order.
    """
    sampling = Sampling(interval, replicates, seed, confidence)
    return compared(_orders(drawings), _tau, "Kendall's tau", sampling)


def footrule_similarity(
    drawings: Iterable[Drawing],
    interval: Interval | None = None,
    *,
    replicates: int = 1000,
    seed: int = 0,
    confidence: float = 0.95,
) -> StructureAgreement:
    """Mean of 1 - footrule / its greatest value over pairs of rankings, from 0 to 1.

    The footrule is the sum of the differences of ranks over what both ranked, at most n² / 2 rounded down (Spearman
    1906; Diaconis and Graham 1977). It is not corrected for chance. Arguments and errors as for `kendall_tau`.
    """
    sampling = Sampling(interval, replicates, seed, confidence)
    return compared(_orders(drawings), _footrule, "footrule similarity", sampling)


def _orders(drawings: Iterable[Drawing]) -> list[tuple[Drawing, tuple[str, ...]]]:
    read = [(d, e.value) for d in drawings for e in d.entries if isinstance(e.value, Ranking)]
    for drawing, ranking in read:
        if len(ranking.buckets) > 1:
            raise UsageError(
                "Buckets are classes, not an order",
                where=f"item {drawing.item}, annotator {drawing.annotator}",
                next_step="Use `coded_answers` and Krippendorff's alpha.",
            )
    return [(d, r.buckets[0][1] if r.buckets else ()) for d, r in read]


def _common(one: Sequence[str], two: Sequence[str]) -> tuple[list[str], dict[str, int]]:
    """What both ranked, in the first one's order, and its rank in the second one's among the same."""
    shared = set(one) & set(two)
    return [x for x in one if x in shared], {x: rank for rank, x in enumerate(y for y in two if y in shared)}


def _tau(one: Sequence[str], two: Sequence[str]) -> Scored:
    order, rank = _common(one, two)
    if len(order) < 2:
        return 0.0, 0.0
    signs = [1 if rank[a] < rank[b] else -1 for a, b in combinations(order, 2)]
    return sum(signs) / len(signs), 1.0


def _footrule(one: Sequence[str], two: Sequence[str]) -> Scored:
    order, rank = _common(one, two)
    if len(order) < 2:
        return 0.0, 0.0
    moved = sum(abs(at - rank[x]) for at, x in enumerate(order))
    return 1.0 - moved / (len(order) ** 2 // 2), 1.0
