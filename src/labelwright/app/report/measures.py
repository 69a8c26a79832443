"""Which measures a control gets, and the four that every report names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from labelwright.agreement import cohen_kappa, fleiss_kappa, krippendorff_alpha, percent_agreement
from labelwright.app.report.values import Agreement, PairAgreement
from labelwright.app.tables import SET_KINDS
from labelwright.coding import Coded
from labelwright.model.measure import Measure
from labelwright.model.schema import STRUCTURE_KINDS, Control, Kind

Level = Literal["nominal", "ordinal", "interval"]

#: Kinds whose answers are classes, so that the same answer is the same class.
CLASS_KINDS = frozenset({Kind.CHOICE, Kind.CHOICES, Kind.TAXONOMY, Kind.PAIRWISE, Kind.RATING})
_LEVELS: dict[Kind, Level] = {Kind.RATING: "ordinal", Kind.NUMBER: "interval"}
_ORDERED_ONLY = "kappa counts every different number as equally wrong; Krippendorff's alpha (interval) does not"
#: Above this the tables of all pairs would not fit into memory.
_MOST_CLASSES = 1000


@dataclass(frozen=True, slots=True)
class Measured:
    """The four measures and the pairs they come from."""

    agreement: Agreement
    pairs: tuple[PairAgreement, ...] = ()


def measured(control: Control, coded: Coded) -> Measured:
    """The four measures, each with a 95 % bootstrap interval over items."""
    if control.kind in CLASS_KINDS and coded.n_classes <= _MOST_CLASSES:
        return _classes(control, coded)
    if control.kind is Kind.NUMBER:
        return _numbers(coded)
    reason = _no_classes(control, coded)
    return Measured(undefined(reason, coded))


def _classes(control: Control, coded: Coded) -> Measured:
    weights: Literal["quadratic"] | None = "quadratic" if control.kind is Kind.RATING else None
    level = _LEVELS.get(control.kind, "nominal")
    pairwise = cohen_kappa(coded, weights=weights, interval="bootstrap")
    return Measured(
        Agreement(
            percent=plain(percent_agreement(coded, interval="bootstrap")),
            cohen_kappa_mean=plain(pairwise.mean),
            fleiss_kappa=plain(fleiss_kappa(coded, interval="bootstrap")),
            krippendorff_alpha=plain(krippendorff_alpha(coded, level=level, interval="bootstrap")),
            level=level,
            n_dropped=coded.n_dropped,
        ),
        tuple(PairAgreement(str(p.a), str(p.b), plain(p), p.n_items) for p in pairwise.pairs),
    )


def _numbers(coded: Coded) -> Measured:
    none = Measure(None, n_items=0, n_annotations=coded.n_annotations, reason=_ORDERED_ONLY)
    return Measured(
        Agreement(
            percent=plain(percent_agreement(coded, interval="bootstrap")),
            cohen_kappa_mean=none,
            fleiss_kappa=none,
            krippendorff_alpha=plain(krippendorff_alpha(coded, level="interval", interval="bootstrap")),
            level="interval",
            n_dropped=coded.n_dropped,
        )
    )


def undefined(reason: str, coded: Coded) -> Agreement:
    """Four times the same reason."""
    none = Measure(None, n_annotations=coded.n_annotations, reason=reason)
    return Agreement(none, none, none, none, level="none", n_dropped=coded.n_dropped)


def _no_classes(control: Control, coded: Coded) -> str:
    if control.kind in CLASS_KINDS:
        return f"{coded.n_classes} different answers are no classes any more"
    if control.kind in STRUCTURE_KINDS:
        return "what is drawn on the data is compared by place, not by class: see the structure measures"
    if control.per_region:
        return "it is asked for each region: only answers on matched regions can be compared"
    if control.kind is Kind.TEXT:
        return "free text is compared by distance, not by class: see the text measures"
    return control.reason or f"no measure of agreement is known for {control.kind}"


def plain(result: Measure) -> Measure:
    """The six keys alone, whatever else a result carries."""
    return Measure(result.value, result.low, result.high, result.n_items, result.n_annotations, result.reason)


def without(coded: Coded, annotator: int, level: Level) -> Measure:
    """Alpha without one annotator (no interval: it is compared with the whole)."""
    return plain(krippendorff_alpha(coded.select(coded.annotator != annotator), level=level))


def merged(coded: Coded, a: str, b: str, names: tuple[str, ...]) -> Measure:
    """Nominal alpha if two classes were one, with its interval."""
    one, other = names.index(a), names.index(b)
    label = coded.label.copy()
    label[label == other] = one
    again = Coded.from_codes(coded.item, coded.annotator, label, classes=coded.classes, n_items=coded.n_items)
    return plain(krippendorff_alpha(again, interval="bootstrap"))


def is_set(control: Control) -> bool:
    """An answer is a set of classes."""
    return control.kind in SET_KINDS


Alpha = Callable[[Any], Measure]
