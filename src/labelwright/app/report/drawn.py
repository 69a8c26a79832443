"""What is drawn, written or ranked: compared by place or distance rather than class by class."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from unicodedata import normalize

import numpy as np

from labelwright.agreement.defaults import MeasureRef, measure_of
from labelwright.agreement.structures import (
    Drawing,
    Regions,
    kendall_tau,
    regions_of,
    relation_match,
)
from labelwright.agreement.structures.edits import edit_distance
from labelwright.app.report.cards import FEWEST_ITEMS
from labelwright.app.report.confusion import EXAMPLES, MOST_PAIRS
from labelwright.app.report.distances import paired
from labelwright.app.report.gaps import beyond_one
from labelwright.app.report.measures import plain
from labelwright.app.report.values import ConfusedPair, ControlCard, NamedMeasure, PairAgreement
from labelwright.app.report.verdict import NOT_DRAWN
from labelwright.app.tables import ControlTable
from labelwright.app.tables import Regions as Answers
from labelwright.matching.drawings import Candidates
from labelwright.matching.optimal import best, matched
from labelwright.model.errors import DataError
from labelwright.model.measure import Measure
from labelwright.model.schema import STRUCTURE_KINDS, Kind
from labelwright.model.values import Entry, Text

#: Least similarity of two regions that are the same thing.
_SAME_THING = 0.5
_NO_KAPPA = "kappa is for classes; what is drawn is compared by place"


@dataclass(frozen=True, slots=True)
class Drawn:
    """How far drawings agree.

    Attributes:
        lead: the measure that the verdict rests on; None where no measure is known (see ``reason``).
        measures: the default of the kind first, then its alternatives.
        by_class: F1 of each class, for regions.
        likeness: name of the measure that compares pairs and annotators.
        pairs: every two annotators.
        cards: every annotator against the others.
        disagreement: by item, 0 to 1, of items with two answers.
        confused: pairs of classes on the same place, and classes that only one of two annotators drew.
        reason: why there is no measure.
    """

    lead: NamedMeasure | None
    measures: tuple[NamedMeasure, ...] = ()
    by_class: tuple[NamedMeasure, ...] = ()
    likeness: str | None = None
    pairs: tuple[PairAgreement, ...] = ()
    cards: tuple[ControlCard, ...] = ()
    disagreement: Mapping[str, float] | None = None
    confused: tuple[ConfusedPair, ...] = ()
    reason: str | None = None


def drawn_of(table: ControlTable, lengths: Mapping[str, float]) -> Drawn:
    """Measure what was drawn, written or ranked with the default of its kind and the alternatives.

    Args:
        table: the answers.
        lengths: length of each item in the units of its offsets, where it is known.
    """
    try:
        return _drawn(table, lengths)
    except DataError as error:  # one broken drawing must not cost the report of everything else
        return Drawn(None, reason=f"an answer cannot be compared: {error}")


def leading(table: ControlTable, lengths: Mapping[str, float]) -> tuple[str, Callable[[Answers], Measure]] | None:
    """Name and function of the measure that the verdict rests on, for some of the answers; None where there is none."""
    ref = measure_of(table.control).default
    if ref is None or ref.reads != "drawings":
        return None
    on_data = table.control.kind in STRUCTURE_KINDS

    def measure(answers: Answers) -> Measure:
        drawings = [Drawing(i, a, entries) for (i, a), entries in answers.items()]
        try:
            return plain(_measure(ref, regions_of(drawings) if on_data else drawings, lengths))
        except DataError as error:
            return Measure(None, reason=f"an answer cannot be compared: {error}")

    return ref.name[:1].upper() + ref.name[1:], measure


def _drawn(table: ControlTable, lengths: Mapping[str, float]) -> Drawn:
    choice = measure_of(table.control)
    refs = [r for r in (choice.default, *choice.alternatives) if r is not None and r.reads == "drawings"]
    if not refs:
        return Drawn(None, reason=choice.reason)
    drawings = [Drawing(i, a, entries) for (i, a), entries in table.regions.items()]
    on_data = table.control.kind in STRUCTURE_KINDS
    given: Any = regions_of(drawings) if on_data else drawings
    results = [(ref, _measure(ref, given, lengths)) for ref in refs]
    lead = results[0][1]
    with_people = _with_people(results) or lead
    return Drawn(
        lead=_named(refs[0], lead),
        measures=(*(_named(ref, result) for ref, result in results), *_relations(table)),
        by_class=_by_class(results),
        likeness=getattr(with_people, "measure", None),
        pairs=_pairs(with_people),
        cards=_cards(with_people, drawings),
        disagreement=_regions_apart(given) if on_data else _texts_compared(table)[0],
        confused=_confused(given) if on_data else (),
    )


def _relations(table: ControlTable) -> tuple[NamedMeasure, ...]:
    """Agreement on the links between the control's regions, where somebody linked some."""
    if not table.links:
        return ()
    answers = [Drawing(i, a, entries, table.links.get((i, a), ())) for (i, a), entries in table.regions.items()]
    found = relation_match(answers, interval="bootstrap")
    return (NamedMeasure("f1_relations", "F1 of relations, on matched regions", plain(found)),)


def _with_people(results: Sequence[tuple[MeasureRef, Any]]) -> Any:
    """The result that tells pairs and annotators apart: F1 at an IoU of one half where there is one."""
    found = [(ref, r) for ref, r in results if getattr(r, "annotators", ())]
    return next((r for ref, r in found if ref.function == "iou_match"), found[0][1] if found else None)


def _measure(ref: MeasureRef, given: Any, lengths: Mapping[str, float]) -> Any:
    options = dict(ref.options)
    if ref.function == "unitizing_alpha":
        options["lengths"] = lengths
    return ref.resolve()(given, interval="bootstrap", **options)


def _named(ref: MeasureRef, result: Measure) -> NamedMeasure:
    key = re.sub(r"[^a-z0-9]+", "_", ref.name.lower()).strip("_")
    return NamedMeasure(key, ref.name[:1].upper() + ref.name[1:], plain(result))


def _by_class(results: Sequence[tuple[MeasureRef, Any]]) -> tuple[NamedMeasure, ...]:
    """F1 of each class: at an IoU of one half, or whatever F1 comes first."""
    found = [(ref, r) for ref, r in results if getattr(r, "classes", ()) and ref.function != "unitizing_alpha"]
    chosen = next((r for ref, r in found if ref.function == "iou_match"), found[0][1] if found else None)
    if chosen is None:
        return ()
    return tuple(NamedMeasure(str(c.label), str(c.label or "(no class)"), plain(c)) for c in chosen.classes)


def _pairs(result: Any) -> tuple[PairAgreement, ...]:
    return tuple(
        PairAgreement(
            str(p.a), str(p.b), Measure(None, n_items=p.n_items, reason=_NO_KAPPA), p.n_items, result.measure, plain(p)
        )
        for p in getattr(result, "pairs", ())
    )


def _cards(result: Any, drawings: Iterable[Drawing]) -> tuple[ControlCard, ...]:
    """Everybody against the others; apart is who lies, with the whole interval, below everybody else."""
    given = Counter(d.annotator for d in drawings)
    people = [(str(a.annotator), plain(a)) for a in getattr(result, "annotators", ())]
    values = {who: m.value for who, m in people if m.value is not None}
    cards = []
    for who, measure in people:
        rest = [v for other, v in values.items() if other != who]
        apart = len(rest) >= 2 and measure.n_items >= FEWEST_ITEMS and (measure.high or 1.0) < min(rest)
        cards.append(ControlCard(who, given[who], measure, Measure(None, reason=_NO_KAPPA), apart))
    return tuple(sorted(cards, key=lambda c: -c.n))


# ---------------------------------------------------------------- items


def alike_regions(regions: Regions) -> Candidates:
    """Matched regions of one class with an IoU of one half or more."""
    classes = regions.class_code
    found = regions.candidates
    same = found.where((classes[found.left] == classes[found.right]) & (found.similarity >= _SAME_THING))
    return same.where(best(same, regions.cell, same.similarity))


def _regions_apart(regions: Regions) -> dict[str, float]:
    """One less the F1 of an item over its pairs of annotators; nobody drew anything: 0."""
    chosen = alike_regions(regions)
    n = len(regions.items)
    agreed = np.bincount(regions.item[chosen.left], minlength=n)
    drawn = np.bincount(regions.item, minlength=n)
    answers = np.bincount(regions.cell_item, minlength=n)
    sides = drawn * (answers - 1)
    return {
        item: float(1 - 2 * agreed[k] / sides[k]) if sides[k] else 0.0
        for k, item in enumerate(regions.items)
        if answers[k] >= 2
    }


def written_likeness(table: ControlTable) -> dict[tuple[str, str], float]:
    """How like the others' each text or ranking is, by item and annotator, 0 to 1."""
    return _texts_compared(table)[1]


def _texts_compared(table: ControlTable) -> tuple[dict[str, float], dict[tuple[str, str], float]]:
    """Mean distance of an item's pairs of texts or rankings, and each one's likeness to the others."""
    ranking = table.control.kind is Kind.RANKING

    def distance(one: tuple[Entry, ...], other: tuple[Entry, ...]) -> float | None:
        if not ranking:
            return _texts_distance(_written(one), _written(other))
        value = kendall_tau([Drawing("", "a", one), Drawing("", "b", other)]).value
        return None if value is None else (1 - value) / 2

    return paired({key: entries for key, entries in table.regions.items() if entries}, distance)


def _written(entries: tuple[Entry, ...]) -> str:
    return normalize("NFC", "\n".join(t for e in entries if isinstance(e.value, Text) for t in e.value.texts)).strip()


def _texts_distance(one: str, other: str) -> float:
    """As in `edit_similarity`: edits in shares of the longer text."""
    longest = max(len(one), len(other))
    return edit_distance(one, other) / longest if longest and one != other else 0.0


# ---------------------------------------------------------------- classes


def _confused(regions: Regions) -> tuple[ConfusedPair, ...]:
    """Regions on the same place with other classes, and regions that only one of two annotators drew."""
    pairs = matched(regions, _SAME_THING)
    label = [" + ".join(c) or "(no class)" for c in regions.classes]
    counts: Counter[tuple[str, str]] = Counter()
    where: dict[tuple[str, str], Counter[int]] = {}
    who: dict[tuple[str, str], Counter[int]] = {}
    for left, right in zip(pairs.left.tolist(), pairs.right.tolist(), strict=True):
        if label[left] != label[right]:
            key = (min(label[left], label[right]), max(label[left], label[right]))
            _note(counts, where, who, key, regions, (left, right))
    for row, missing in enumerate(_missed(regions, pairs)):
        for _ in range(missing):
            _note(counts, where, who, (label[row], NOT_DRAWN), regions, (row,))
    total, gaps = counts.total(), _gaps(regions, pairs, label)
    return tuple(
        ConfusedPair(
            a=a,
            b=b,
            n=n,
            share=n / total,
            rate=n / max(1, n + _agreeing(pairs, label, a, b)),
            items=tuple(regions.items[i] for i, _ in where[a, b].most_common(EXAMPLES)),
            by=tuple((regions.annotators[p], k) for p, k in who[a, b].most_common(EXAMPLES)),
            gap=None if b == NOT_DRAWN else (a, b) in gaps,
        )
        for k, ((a, b), n) in enumerate(counts.most_common())
        if k < MOST_PAIRS or (a, b) in gaps
    )


def _gaps(regions: Regions, pairs: Candidates, label: Sequence[str]) -> set[tuple[str, str]]:
    """Pairs of classes that are confused beyond chance and beyond one person: also between all others."""
    between: dict[tuple[str, str], Counter[tuple[int, int]]] = {}
    for left, right in zip(pairs.left.tolist(), pairs.right.tolist(), strict=True):
        if label[left] != label[right]:
            key = (min(label[left], label[right]), max(label[left], label[right]))
            both = (int(regions.annotator[left]), int(regions.annotator[right]))
            between.setdefault(key, Counter())[both] += 1
    n_classes = len(set(label))
    n_pairs, found = n_classes * (n_classes - 1) // 2, set()
    for key, own in between.items():
        of: Counter[int] = Counter()
        for both, n in own.items():
            of.update(dict.fromkeys(both, n))
        worst = of.most_common(1)[0][0]
        others = [sum(n for both, n in c.items() if worst not in both) for c in (own, *between.values())]
        everybody = (own.total(), sum(c.total() for c in between.values()))
        if beyond_one(everybody, (others[0], sum(others[1:])), n_pairs):
            found.add(key)
    return found


def _note(
    counts: Counter[tuple[str, str]],
    where: dict[tuple[str, str], Counter[int]],
    who: dict[tuple[str, str], Counter[int]],
    key: tuple[str, str],
    regions: Regions,
    rows: tuple[int, ...],
) -> None:
    counts[key] += 1
    where.setdefault(key, Counter())[int(regions.item[rows[0]])] += 1
    who.setdefault(key, Counter()).update(int(regions.annotator[r]) for r in rows)


def _missed(regions: Regions, pairs: Candidates) -> list[int]:
    """For each region, how many of the item's other annotators drew nothing there."""
    others = np.bincount(regions.cell_item, minlength=len(regions.items))[regions.item] - 1
    seen = np.bincount(np.concatenate([pairs.left, pairs.right]), minlength=len(regions.entries))
    return [int(n) for n in np.maximum(0, others - seen)]


def _agreeing(pairs: Candidates, label: Sequence[str], a: str, b: str) -> int:
    """Matched regions in which either class was given by both."""
    return sum(
        label[x] == label[y] and label[x] in {a, b}
        for x, y in zip(pairs.left.tolist(), pairs.right.tolist(), strict=True)
    )
