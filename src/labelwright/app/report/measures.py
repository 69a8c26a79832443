"""Which measures a control gets, and the four that every report names."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import polars as pl

from labelwright.agreement import (
    alpha_paths,
    alpha_sets,
    by_class,
    cohen_kappa,
    fleiss_kappa,
    gwet_ac1,
    krippendorff_alpha,
    percent_agreement,
)
from labelwright.app.report.values import Agreement, NamedMeasure, PairAgreement
from labelwright.app.tables import PATH_JOINT, SET_KINDS, ControlTable
from labelwright.coding import Coded
from labelwright.model.measure import Measure
from labelwright.model.schema import STRUCTURE_KINDS, Control, Kind

Level = Literal["nominal", "ordinal", "interval"]

#: Kinds whose answers are classes, so that the same answer is the same class.
CLASS_KINDS = frozenset({Kind.CHOICE, Kind.DATETIME, Kind.CHOICES, Kind.TAXONOMY, Kind.PAIRWISE, Kind.RATING})
LEVELS: dict[Kind, Level] = {Kind.RATING: "ordinal", Kind.NUMBER: "interval"}
_ORDERED_ONLY = "kappa counts every different number as equally wrong; Krippendorff's alpha (interval) does not"
#: Above this the tables of all pairs would not fit into memory.
_MOST_CLASSES = 1000
#: Classes of which each gets an agreement of its own.
_MOST_PARTS = 30
#: Answers from which pairs get the closed-form interval: there it differs from the bootstrap's by its noise.
_MANY = 300_000


@dataclass(frozen=True, slots=True)
class Measured:
    """The four measures and the pairs they come from."""

    agreement: Agreement
    pairs: tuple[PairAgreement, ...] = ()
    others: tuple[NamedMeasure, ...] = ()
    by_class: tuple[NamedMeasure, ...] = ()


def measured(table: ControlTable, coded: Coded) -> Measured:
    """The four measures, each with a 95 % interval over items."""
    control = table.control
    if control.kind in CLASS_KINDS and coded.n_classes <= _MOST_CLASSES:
        found = _classes(control, coded)
        return found if table.sets is None else _with_sets(found, table.sets, control)
    if control.kind is Kind.NUMBER:
        return _numbers(coded)
    reason = no_classes(control, coded)
    return Measured(undefined(reason, coded))


def _with_sets(found: Measured, sets: pl.DataFrame, control: Control) -> Measured:
    """For sets alpha weighs how much they share; the other measures count equal sets only."""
    if control.kind is Kind.TAXONOMY:
        alpha, level = alpha_paths(paths_of(sets), interval="bootstrap"), "paths"
    else:
        alpha, level = alpha_sets(sets, "masi", interval="bootstrap"), "sets, MASI distance"
    strict = NamedMeasure("alpha_of_equal_sets", "Alpha, equal sets only", found.agreement.krippendorff_alpha)
    agreement = replace(found.agreement, krippendorff_alpha=plain(alpha), level=level)
    return replace(found, agreement=agreement, others=(strict,), by_class=_by_member(sets))


def paths_of(sets: pl.DataFrame) -> pl.DataFrame:
    """Members that are paths, as lists of their levels."""
    paths = [[path.split(PATH_JOINT) for path in members] for members in sets["label"].to_list()]
    return sets.with_columns(pl.Series("label", paths, dtype=pl.List(pl.List(pl.String))))


def _by_member(sets: pl.DataFrame) -> tuple[NamedMeasure, ...]:
    """Alpha of each member against its absence."""
    members = sets.explode("label")["label"].drop_nulls().unique().sort().to_list()[:_MOST_PARTS]
    return tuple(
        NamedMeasure(
            member,
            member,
            plain(
                krippendorff_alpha(
                    sets.with_columns(pl.col("label").list.contains(member).cast(pl.Int8)), interval="bootstrap"
                )
            ),
        )
        for member in members
    )


def _parts(coded: Coded) -> tuple[NamedMeasure, ...]:
    """Alpha of each class against all others; none where there are two classes, of which both say the same."""
    if not 2 < coded.n_classes <= _MOST_PARTS:
        return ()
    interval: Literal["bootstrap", "analytic"] = "bootstrap" if coded.n_annotations <= _MANY else "analytic"
    return tuple(NamedMeasure(str(p.key), str(p.key), plain(p)) for p in by_class(coded, interval=interval))


def _classes(control: Control, coded: Coded) -> Measured:
    weights: Literal["quadratic"] | None = "quadratic" if control.kind is Kind.RATING else None
    level = LEVELS.get(control.kind, "nominal")
    pairwise = cohen_kappa(coded, weights=weights, interval="bootstrap" if coded.n_annotations <= _MANY else "analytic")
    ac1 = gwet_ac1(coded, interval="bootstrap") if level == "nominal" else None
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
        () if ac1 is None else (NamedMeasure("gwet_ac1", "Gwet's AC1", plain(ac1)),),
        _parts(coded) if level == "nominal" and control.kind not in SET_KINDS else (),
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


def no_classes(control: Control, coded: Coded) -> str:
    """Why the four measures of classes do not apply."""
    if control.kind in CLASS_KINDS:
        return f"{coded.n_classes} different answers are no classes any more"
    if control.kind in STRUCTURE_KINDS:
        return "what is drawn on the data is compared by place, not by class: see the structure measures"
    if control.kind is Kind.TEXT:
        return "free text is compared by distance, not by class: see the text measures"
    if control.per_region:
        return "it is asked for each region: only answers on matched regions can be compared"
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
