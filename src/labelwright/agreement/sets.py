"""Alpha for answers that are sets of classes, or classes of a tree."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from labelwright.agreement import distances
from labelwright.agreement.alpha import prepare_distance
from labelwright.agreement.interval import Interval, Sampling
from labelwright.agreement.measuring import Prepared
from labelwright.agreement.result import Agreement
from labelwright.coding import Coded, encode
from labelwright.model.errors import UsageError

if TYPE_CHECKING:
    from narwhals.typing import IntoDataFrame

SetDistance: TypeAlias = Literal["jaccard", "masi"]


def alpha_sets(
    annotations: IntoDataFrame | Coded,
    distance: SetDistance = "jaccard",
    interval: Interval | None = None,
    *,
    replicates: int = 1000,
    seed: int = 0,
    confidence: float = 0.95,
) -> Agreement:
    """Krippendorff's alpha for sets of classes.

    Args:
        annotations: DataFrame with columns item, annotator, label, where a label is a list or set of classes (a plain
            value is the set of that one class, an empty list "none of them"), or `Coded`.
        distance: ``jaccard`` (1 - shared / joint) or ``masi`` (Passonneau 2006, also rewards subsets).
        interval: ``bootstrap``, ``bca``, ``analytic`` or None.
        replicates: bootstrap replicates.
        seed: seed of the replicates.
        confidence: coverage of the interval.

    Returns:
        The coefficient, at most 1; None when no item has two annotations, or all sets are equal.

    Source: Artstein and Poesio (2008), Inter-coder agreement for computational linguistics, section 4.4 (distances
    between sets in alpha); Passonneau (2006), Measuring agreement on set-valued items (MASI).
    """
    return prepare_sets(encode(annotations), distance).result(Sampling(interval, replicates, seed, confidence))


def alpha_paths(
    annotations: IntoDataFrame | Coded,
    interval: Interval | None = None,
    *,
    replicates: int = 1000,
    seed: int = 0,
    confidence: float = 0.95,
) -> Agreement:
    """Krippendorff's alpha for classes of a tree (Taxonomy), by the distance of their paths.

    Args:
        annotations: DataFrame with columns item, annotator, label, where a label is a path (a list of names from the
            root down) or a list of several paths, or `Coded`.
        interval: ``bootstrap``, ``bca``, ``analytic`` or None.
        replicates: bootstrap replicates.
        seed: seed of the replicates.
        confidence: coverage of the interval.

    Returns:
        The coefficient, at most 1; None when no item has two annotations, or all answers are equal.

    Source: Krippendorff's alpha with the path distance of Wu and Palmer (1994): 1 - 2 × shared depth / sum of depths.
    """
    return prepare_paths(encode(annotations)).result(Sampling(interval, replicates, seed, confidence))


def prepare_sets(coded: Coded, distance: str = "jaccard") -> Prepared:
    """Alpha over sets of one table as a statistic over its items.

    Raises:
        UsageError: the distance is not known.
    """
    if distance not in ("jaccard", "masi"):
        raise UsageError(f"Unknown distance {distance!r}", next_step="Use jaccard or masi")
    distances.check_size(coded.n_classes)
    classes = [_as_set(value) for value in coded.class_list()]
    delta = distances.jaccard(classes) if distance == "jaccard" else distances.masi(classes)
    return prepare_distance(coded, f"Krippendorff's alpha, {distance} distance of sets", delta)


def prepare_paths(coded: Coded) -> Prepared:
    """Alpha over paths of one table as a statistic over its items."""
    distances.check_size(coded.n_classes)
    classes = [_as_paths(value) for value in coded.class_list()]
    return prepare_distance(coded, "Krippendorff's alpha, path distance", distances.paths(classes))


def _as_set(value: Any) -> frozenset[Any]:
    return frozenset(value) if _is_collection(value) else frozenset((value,))


def _as_paths(value: Any) -> frozenset[distances.Path]:
    """One path, or several, as a set of paths."""
    if not _is_collection(value):
        return frozenset(((value,),))
    parts = list(value)
    if parts and all(_is_collection(part) for part in parts):
        return frozenset(tuple(part) for part in parts)
    return frozenset((tuple(parts),)) if parts else frozenset()


def _is_collection(value: Any) -> bool:
    return isinstance(value, Iterable) and not isinstance(value, (str, bytes))
