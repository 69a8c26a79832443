"""Existing labels beside a fresh consensus: how many are wrong, of which class, and which are the worst."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import NormalDist
from typing import Any

from labelwright.app.audit_shapes import Regions, alike
from labelwright.app.report.cards import wilson
from labelwright.export.existing import Existing
from labelwright.export.labelled import Region
from labelwright.matching.drawings import Drawing, regions_of
from labelwright.matching.groups import SAME_AREA, SAME_STRETCH
from labelwright.matching.optimal import matched
from labelwright.model.errors import NothingToDoError
from labelwright.model.measure import Measure
from labelwright.model.values import Entry, FrameRanges, Segment, Span

_OLD, _FRESH = "existing", "fresh"
_Z = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True, slots=True)
class Fresh:
    """One item's fresh label.

    Attributes:
        item: with the label.
        posterior: probability that it is right, 0 to 1; None where nobody knows.
        random: it was drawn at random, so that it speaks for the whole set.
    """

    item: Existing
    posterior: float | None = None
    random: bool = True


@dataclass(frozen=True, slots=True)
class Difference:
    """One item whose existing label is not the fresh one.

    Attributes:
        id: of the item.
        data: what it shows.
        existing: the label as one text.
        fresh: likewise.
        faults: what is wrong, in words, each with how often.
        posterior: of the fresh label.
        severity: for the order: faults, weighed with the posterior.
    """

    id: str
    data: Mapping[str, Any]
    existing: str | None
    fresh: str | None
    faults: Mapping[str, int]
    posterior: float | None
    severity: float


@dataclass(frozen=True, slots=True)
class Audit:
    """What the comparison came to.

    Attributes:
        compared: items with both labels.
        unmatched: existing items without a fresh label.
        error_rate: share of the compared items whose existing label is wrong.
        by_class: existing class → share of its labels (items, or regions) that are wrong.
        faults: kind of fault → how often, over all items.
        confusions: (existing, fresh) → how often.
        worst: the items that differ, the worst first.
        basis: what the error rate rests on, one sentence.
    """

    compared: int
    unmatched: int
    error_rate: Measure
    by_class: Mapping[str, Measure]
    faults: Mapping[str, int]
    confusions: Mapping[tuple[str, str], int]
    worst: Sequence[Difference] = field(default_factory=tuple)
    basis: str = ""

    def as_dict(self, named: int) -> dict[str, Any]:
        """For ``--json``, with so many of the worst items."""
        return {
            "compared": self.compared,
            "unmatched": self.unmatched,
            "error_rate": self.error_rate.as_dict(),
            "basis": self.basis,
            "by_class": {name: m.as_dict() for name, m in self.by_class.items()},
            "faults": dict(self.faults),
            "confusions": [{"existing": a, "fresh": b, "count": n} for (a, b), n in self.confusions.items()],
            "differing": len(self.worst),
            "worst": [_row(d) for d in self.worst[:named]],
        }


def _row(difference: Difference) -> dict[str, Any]:
    return {
        "id": difference.id,
        "data": dict(difference.data),
        "existing": difference.existing,
        "fresh": difference.fresh,
        "faults": dict(difference.faults),
        "posterior": difference.posterior,
    }


def pairs_of(old: Iterable[Existing], fresh: Iterable[Fresh]) -> tuple[list[tuple[Existing, Fresh]], int]:
    """Existing items with their fresh label, found by id, else by file name, else by text; and how many have none.

    Items that show the same text are paired in the order of both sets.
    """
    index: dict[str, deque[Fresh]] = defaultdict(deque)
    for one in fresh:
        for key in one.item.keys:
            index[key].append(one)
    found, missing = [], 0
    taken: set[int] = set()
    for item in old:
        same = next((index[key] for key in item.keys if key in index), None)
        if same is None:
            missing += 1
            continue
        while len(same) > 1 and id(same[0]) in taken:
            same.popleft()
        taken.add(id(same[0]))
        found.append((item, same[0]))
    return found, missing


def audit(pairs: Sequence[tuple[Existing, Fresh]], unmatched: int = 0, basis: str | None = None) -> Audit:
    """Compare existing labels with fresh ones.

    Args:
        pairs: items with both.
        unmatched: existing items without a fresh label.
        basis: what is to be said of the rate, where the origin of the items is not known to the workspace.

    A class is wrong where the fresh one differs. A drawing is wrong where no fresh one of its class lies at its place
    (IoU of .5; stretches: any overlap); a fresh one without an existing one was missed. The error rate rests on the
    items that were drawn at random, where there are at least 30 of them, else on all, and says which; its interval is
    Wilson's (1927), 95 %.

    Raises:
        NothingToDoError: no item has both labels.
    """
    if not pairs:
        raise NothingToDoError(
            "No item has both an existing and a fresh label",
            where=f"{unmatched} existing labels",
            next_step="Label some of these items first; items are found by id, file name or text",
        )
    drawn = any(old.regions is not None or new.item.regions is not None for old, new in pairs)
    regions, how = alike(pairs) if drawn else ([], "")
    faults, marks = _drawn_faults(regions) if drawn else _class_faults(pairs)
    randomly = [number for number, (_, new) in enumerate(pairs) if new.random]
    rows = randomly if len(randomly) >= 30 or len(randomly) == len(pairs) else list(range(len(pairs)))
    wrong = sum(bool(faults[number]) for number in rows)
    total: Counter[str] = Counter()
    for found in faults:
        total.update({kind: n for (kind, _, _), n in found.items()})
    return Audit(
        compared=len(pairs),
        unmatched=unmatched,
        error_rate=_rate(wrong, len(rows)),
        by_class=_by_class(marks),
        faults=dict(total.most_common()),
        confusions=_confusions(faults),
        worst=_worst(pairs, faults),
        basis=(basis or _basis(len(rows), len(pairs), len(randomly))) + how,
    )


def _basis(used: int, compared: int, randomly: int) -> str:
    if used == randomly:
        return f"The rate rests on {used} items that were drawn at random."
    return (
        f"The rate rests on all {compared} compared items, of which {randomly} were drawn at random: items that were "
        "chosen because they are difficult make it too high for the whole set."
    )


Fault = tuple[str, str, str]
Marks = dict[str, list[bool]]


def _class_faults(pairs: Sequence[tuple[Existing, Fresh]]) -> tuple[list[Counter[Fault]], Marks]:
    faults, marks = [], defaultdict(list)
    for old, new in pairs:
        before, now = str(old.label), str(new.item.label)
        marks[before].append(before != now)
        faults.append(Counter({("wrong class", before, now): 1}) if before != now else Counter())
    return faults, marks


def _drawn_faults(pairs: Sequence[tuple[Regions, Regions]]) -> tuple[list[Counter[Fault]], Marks]:
    drawings = [
        Drawing(str(number), who, tuple(_entries(drawn, str(number))))
        for number, (old, new) in enumerate(pairs)
        for who, drawn in ((_OLD, old), (_FRESH, new))
    ]
    regions = regions_of(drawings)
    stretch = any(isinstance(p, Span | Segment | FrameRanges) for p in regions.places)
    found = matched(regions, SAME_STRETCH if stretch else SAME_AREA)
    partner = dict(zip(found.left.tolist(), found.right.tolist(), strict=True))
    partner |= {b: a for a, b in partner.items()}
    faults: list[Counter[Fault]] = [Counter() for _ in pairs]
    marks: Marks = defaultdict(list)
    owners, items = regions.annotator.tolist(), regions.item.tolist()
    for row, entry in enumerate(regions.entries):
        number = int(regions.items[items[row]])
        label = ", ".join(entry.labels) or "(none)"
        other = partner.get(row)
        if regions.annotators[owners[row]] == _OLD:
            now = None if other is None else ", ".join(regions.entries[other].labels) or "(none)"
            marks[label].append(now != label)
            if now is None:
                faults[number][("nothing is there", label, "")] += 1
            elif now != label:
                faults[number][("wrong class", label, now)] += 1
        elif other is None:
            faults[number][("missed", "", label)] += 1
    return faults, marks


def _entries(regions: Sequence[Region], item: str) -> list[Entry]:
    return [Entry("drawn", "", r.place, r.labels, f"{item}-{n}") for n, r in enumerate(regions)]


def _rate(wrong: int, count: int) -> Measure:
    if not count:
        return Measure(None, reason="no label of this kind was compared")
    low, high = wilson(wrong / count, count, _Z)
    return Measure(wrong / count, low, high, n_items=count, n_annotations=2 * count)


def _by_class(marks: Mapping[str, Sequence[bool]]) -> dict[str, Measure]:
    rates = {name: _rate(sum(wrong), len(wrong)) for name, wrong in marks.items()}
    return dict(sorted(rates.items(), key=lambda pair: (-(pair[1].value or 0), pair[0])))


def _confusions(faults: Sequence[Counter[Fault]]) -> dict[tuple[str, str], int]:
    counts: Counter[tuple[str, str]] = Counter()
    for found in faults:
        counts.update({(a, b): n for (kind, a, b), n in found.items() if kind == "wrong class"})
    return dict(counts.most_common())


def _worst(pairs: Sequence[tuple[Existing, Fresh]], faults: Sequence[Counter[Fault]]) -> tuple[Difference, ...]:
    found = []
    for (old, new), wrong in zip(pairs, faults, strict=True):
        if wrong:
            kinds: Counter[str] = Counter()
            kinds.update({kind: 0 for kind, _, _ in wrong})
            for (kind, _, _), n in wrong.items():
                kinds[kind] += n
            sure = 0.5 if new.posterior is None else new.posterior
            severity = sum(wrong.values()) * sure
            found.append(Difference(old.id, old.data, old.text, new.item.text, dict(kinds), new.posterior, severity))
    return tuple(sorted(found, key=lambda d: (-d.severity, d.id)))
