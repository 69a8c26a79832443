"""The report of one control: measure, rank, explain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from labelwright.agreement import verbal_scale
from labelwright.app.report.cards import cards_of, habits_of
from labelwright.app.report.confusion import confused_pairs, confusion_of
from labelwright.app.report.drawing import compared_by_distance, drawn_report, on_regions
from labelwright.app.report.gaps import can_tell, gaps_of
from labelwright.app.report.items import MOST_ITEMS, Ranked, difficult_items, rank
from labelwright.app.report.measures import CLASS_KINDS, Level, Measured, measured, merged, without
from labelwright.app.report.overlap import Overlap
from labelwright.app.report.settled import settled, summary_of, with_consensus, with_looks
from labelwright.app.report.spread import VOTED, Spread, spread_of
from labelwright.app.report.values import (
    Agreement,
    ConfusedPair,
    ControlCard,
    ControlReport,
    DifficultItem,
    Remedies,
)
from labelwright.app.report.verdict import LOW, Findings, verdict_of
from labelwright.app.tables import ControlTable, Tables
from labelwright.consensus import ConsensusResult
from labelwright.model.measure import Measure
from labelwright.model.schema import STRUCTURE_KINDS

#: Alpha without each annotator is worked out for teams up to this size and tables up to that many answers.
_MOST_PEOPLE = 40
_MOST_ANSWERS = 500_000
#: Classes up to which pairs of classes are counted.
_MOST_CLASSES = 2000
_MERGES = 3
_LEVELS: Mapping[str, Level] = {"nominal": "nominal", "ordinal": "ordinal", "interval": "interval"}
_EXAMPLES = 8
_HALF = 0.5


def control_report(table: ControlTable, tables: Tables, limit: int = MOST_ITEMS) -> ControlReport:
    """Everything about one control; ``limit`` difficult items are named."""
    about_regions = table.control.per_region and table.control.kind not in STRUCTURE_KINDS
    asked = on_regions(table) if about_regions else table
    if compared_by_distance(table.control):
        return drawn_report(asked, tables, limit)
    return _coded_report(asked, tables, limit)


def _coded_report(table: ControlTable, tables: Tables, limit: int) -> ControlReport:
    """Answers that are classes, sets of classes or numbers."""
    overlap = Overlap.of(table.labels)
    found = measured(table, overlap.coded)
    spread = spread_of(table, overlap)
    counts = table.control.kind in CLASS_KINDS and overlap.coded.n_classes <= _MOST_CLASSES
    ranked = rank(overlap.item_ids, spread.disagreement, overlap.sizes, spread.contested, limit)
    difficult = difficult_items(ranked, table, tables)
    cards = _cards(overlap, spread, found, habits=counts)
    result, calibration = settled(table.control.kind, overlap, tables.known(table.control.name))
    confused = confused_pairs(overlap, _gaps(result, overlap)) if counts else ()
    if result is not None:
        difficult, cards = with_consensus(difficult, result, overlap), with_looks(cards, overlap)
    consensus = None if result is None else replace(summary_of(result, overlap, limit), calibration=calibration)
    low = _low(found.agreement)
    if low is not None:
        confused = _with_merges(overlap, confused, found.agreement)
        cards = _with_absence(overlap, cards, found.agreement)
    return ControlReport(
        control=table.control,
        agreement=replace(found.agreement, n_dropped=table.n_dropped),
        verbal=_verbal(found.agreement),
        others=found.others,
        pairs=found.pairs,
        difficult=difficult,
        n_difficult=int((np.nan_to_num(spread.disagreement) > 0).sum()),
        n_contested=ranked.all_contested,
        n_shared_items=int(overlap.shared.sum()),
        distribution=_distribution(overlap) if counts else (),
        confusion=confusion_of(overlap) if counts else None,
        confused=confused,
        cards=tuple(cards),
        verdict=verdict_of(
            replace(
                _findings(found.agreement, overlap, spread, _votes(table, ranked), confused, cards, tables),
                consensus=consensus,
                worst=tuple(d.item for d in difficult if d.contested or _far(table, d)),
            )
        ),
        remedies=_remedies(low, confused, cards, difficult) if low is not None else None,
        by_class=found.by_class,
        consensus=consensus,
    )


def _gaps(result: ConsensusResult | None, overlap: Overlap) -> set[frozenset[str]] | None:
    """Pairs of classes that are gaps in the guidelines; None where nobody can tell."""
    if not can_tell(overlap):
        return None
    return {frozenset((g["class_a"], g["class_b"])) for g in gaps_of(result, overlap)}


def _far(table: ControlTable, item: DifficultItem) -> bool:
    """Whether answers that are no votes lie far apart."""
    return table.control.kind not in VOTED and item.disagreement >= _HALF


def _cards(overlap: Overlap, spread: Spread, found: Measured, *, habits: bool) -> list[ControlCard]:
    cards = cards_of(overlap.annotator_ids, overlap.coded.annotator, spread.likeness, found.pairs)
    if not habits:
        return cards
    return [replace(card, habits=habits_of(overlap, card.annotator)) for card in cards]


def _low(agreement: Agreement) -> str | None:
    """The sentence about a kappa or an alpha below the limit; None when there is none."""
    named: tuple[tuple[str, Measure], ...] = (
        ("Krippendorff's alpha", agreement.krippendorff_alpha),
        ("Cohen's kappa (mean of the pairs)", agreement.cohen_kappa_mean),
        ("Fleiss' kappa", agreement.fleiss_kappa),
    )
    low = [f"{name} is {m.value:.2f}" for name, m in named if m.value is not None and m.value < LOW]
    return f"{', '.join(low)}: below {LOW:.1f}." if low else None


def _with_merges(
    overlap: Overlap, confused: tuple[ConfusedPair, ...], agreement: Agreement
) -> tuple[ConfusedPair, ...]:
    if agreement.level != "nominal" or len(overlap.classes) < 3:
        return confused
    worst = [replace(p, merged=merged(overlap.coded, p.a, p.b, overlap.classes)) for p in confused[:_MERGES]]
    return (*worst, *confused[_MERGES:])


def _with_absence(overlap: Overlap, cards: list[ControlCard], agreement: Agreement) -> list[ControlCard]:
    """Alpha without each annotator, so that a lead sees whether one person makes it low."""
    n = sum(c.agreement.value is not None for c in cards)
    if not 3 <= n <= _MOST_PEOPLE or overlap.coded.n_annotations > _MOST_ANSWERS or agreement.level not in _LEVELS:
        return cards
    level = _LEVELS[agreement.level]
    code = {name: k for k, name in enumerate(overlap.annotator_ids)}
    return [replace(c, without=without(overlap.coded, code[c.annotator], level)) for c in cards]


def _verbal(agreement: Agreement) -> str | None:
    value = agreement.krippendorff_alpha.value
    return None if value is None or agreement.level == "none" else str(verbal_scale(value))


def _distribution(overlap: Overlap) -> tuple[tuple[str, int], ...]:
    """How often each class was chosen, most often first."""
    n = np.bincount(overlap.coded.label, minlength=overlap.coded.n_classes)
    return tuple((overlap.classes[k], int(n[k])) for k in np.argsort(-n, kind="stable"))


def _votes(table: ControlTable, ranked: Ranked) -> int | None:
    """Contested items; None where answers are no votes."""
    return ranked.all_contested if table.control.kind in VOTED else None


def _findings(
    agreement: Agreement,
    overlap: Overlap,
    spread: Spread,
    contested: int | None,
    confused: Sequence[ConfusedPair],
    cards: Sequence[ControlCard],
    tables: Tables,
) -> Findings:
    names: Mapping[str, str] = {a.id: a.name or a.id for a in tables.annotators.values()}
    return Findings(
        what="alpha",
        measure=agreement.krippendorff_alpha,
        shared=int(overlap.shared.sum()),
        items=int((overlap.sizes > 0).sum()),
        contested=contested,
        differing=int((np.nan_to_num(spread.disagreement) >= _HALF).sum()),
        confused=confused,
        cards=cards,
        names=dict(names),
        answers_per_item=int(np.median(overlap.sizes[overlap.shared])) if overlap.shared.any() else 0,
    )


def _remedies(
    because: str, confused: Sequence[ConfusedPair], cards: Sequence[ControlCard], difficult: Sequence[DifficultItem]
) -> Remedies:
    """Guideline items: examples of the worst confusions first, then the most difficult."""
    named = [item for pair in confused[:_MERGES] for item in pair.items[:3]] + [d.item for d in difficult]
    return Remedies(
        because=because,
        confused=tuple(confused[:_MERGES]),
        apart=tuple(c.annotator for c in cards if c.apart),
        guideline_items=tuple(dict.fromkeys(named))[:_EXAMPLES],
    )
