"""Several annotators' answers to one item, made one: by rules that need no more than the answers themselves.

Classes, sides and sets of classes: the answer that most annotators gave; a tie is contested and is left out. Numbers:
the median. Texts: the one most annotators wrote, else the one closest to all others (the medoid). What was drawn:
grouped by place, kept where it exists with a probability of at least one half, its place fused
(`labelwright.consensus.structures`). A relation is kept where more than half of the annotators drew it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING, Any

from labelwright.export.answers import Given, ItemAnswers
from labelwright.export.labelled import Labelled, Link, Lost, Region
from labelwright.model.values import Entry

if TYPE_CHECKING:
    from labelwright.consensus.structures import FusedRegion

#: Stated in the manifest.
RULE = (
    "An answer marked as ground truth stands. Several annotators on one item: classes by majority (a tie is contested "
    "and left out), numbers by their median, "
    "texts by majority, else the one closest to all others; drawings are grouped by place, kept where they exist with "
    "a probability of at least 0.5, and fused; relations are kept where more than half drew them."
)
_EXISTS = 0.5

Groups = Mapping[str, tuple["FusedRegion", ...]]


@dataclass
class Merging:
    """Makes one labeled item of all answers to it.

    Attributes:
        answers: reads the whole source again; called once, and only when several annotators drew on one item.
        lost: takes what is left out.
    """

    answers: Callable[[], Iterator[ItemAnswers]]
    lost: Lost
    _groups: Groups | None = field(default=None, init=False)

    def merged(self, item: ItemAnswers, lost: Lost) -> Labelled | None:
        """One labeled item; None where nothing of it is settled.

        Args:
            item: with two or more answers.
            lost: takes what is left out of this item.
        """
        given = item.given
        values = _values(item, lost)
        regions = self._regions(item, lost) if any(g.regions for g in given) else ()
        if not values and not regions and any(g.values for g in given) and not any(g.regions for g in given):
            return None
        facts = {
            "id": given[0].facts.get("id", item.id),
            "n_annotations": len(given),
            "annotators": [g.annotator for g in given],
            "annotation_ids": [str(g.facts.get("annotation_id")) for g in given],
        }
        links = _links(item, regions, lost) if any(g.links for g in given) else ()
        return Labelled(item.id, item.data, tuple(r for r, _ in regions), values, links, facts=facts)

    def _regions(self, item: ItemAnswers, lost: Lost) -> tuple[tuple[Region, FusedRegion], ...]:
        if self._groups is None:
            self._groups = _grouped(self.answers())
        found = []
        for group in self._groups.get(item.id, ()):
            region = _region(item, group, self._groups[item.id])
            if group.probability >= _EXISTS:
                found.append((region, group))
            else:
                labelled = Labelled(item.id, item.data)
                by = [m.annotator for m in group.members]
                lost.of(labelled, region, "too few annotators drew it", probability=group.probability, annotators=by)
        return tuple(found)


def _values(item: ItemAnswers, lost: Lost) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for control in dict.fromkeys(c for g in item.given for c in g.values):
        said = [g.values[control] for g in item.given if control in g.values]
        value, settled = agreed(said)
        if settled:
            found[control] = value
        else:
            lost.add(item.id, "contested: annotators tie", control=control, values=said)
    return found


def agreed(said: Sequence[Any]) -> tuple[Any, bool]:
    """The value that stands for all, and whether it is settled; see the module."""
    if all(type(v) in {int, float} for v in said):
        return median(said), True
    counts = Counter(_key(v) for v in said)
    (best, n), *others = counts.most_common(2)
    if not others or n > others[0][1]:
        return next(v for v in said if _key(v) == best), True
    if all(isinstance(v, str) and " " in v.strip() for v in said):
        return _closest([str(v) for v in said]), True
    return None, False


def _key(value: Any) -> str:
    """Equal answers give equal keys; the order in which classes of a set were chosen says nothing."""
    flat = sorted(value) if isinstance(value, list) and all(isinstance(v, str) for v in value) else value
    return json.dumps(flat, sort_keys=True, ensure_ascii=False)


def _closest(texts: list[str]) -> str:
    from labelwright.consensus.transcripts import similarity  # noqa: PLC0415 - loads numpy, which few conversions need

    words = {t: t.split() for t in texts}
    return max(sorted(words), key=lambda t: sum(similarity(words[t], words[o]) for o in texts))


def _grouped(answers: Iterable[ItemAnswers]) -> Groups:
    """What several annotators drew, grouped and fused; control by control, over all items with several answers."""
    from labelwright.consensus.structures import Drawing, structure_consensus  # noqa: PLC0415 - as above

    shared = [item for item in answers if len(item.given) > 1 and any(g.regions for g in item.given)]
    controls = sorted({r.control for item in shared for g in item.given for r in g.regions})
    found: dict[str, list[FusedRegion]] = {item.id: [] for item in shared}
    for control in controls:
        drawings = [Drawing(i.id, g.annotator, tuple(_entries(g, control))) for i in shared for g in i.given]
        for region in structure_consensus(drawings).regions:
            found[region.item].append(region)
    return {item: tuple(regions) for item, regions in found.items()}


def _entries(given: Given, control: str) -> Iterator[Entry]:
    for number, r in enumerate(given.regions):
        if r.control == control:
            yield Entry(r.control, r.target, r.place, r.labels, r.id if r.id is not None else f"#{number}")


def _region(item: ItemAnswers, group: FusedRegion, all_groups: Sequence[FusedRegion]) -> Region:
    entry = group.members[0].entry
    members = [(m.annotator, m.entry.region) for m in group.members]
    numbered = ((g.annotator, n, r) for g in item.given for n, r in enumerate(g.regions))
    by_id = {(who, f"#{n}" if r.id is None else r.id): r for who, n, r in numbered}
    drawn = [by_id[m] for m in members if m in by_id]
    said = {c for r in drawn for c in r.attributes}
    attributes = {}
    for control in sorted(said):
        value, settled = agreed([r.attributes[control] for r in drawn if control in r.attributes])
        if settled:
            attributes[control] = value
    return Region(
        place=group.value,
        labels=group.labels,
        control=entry.control,
        target=entry.target,
        id=_name(group),
        parent=_parent(members, drawn, all_groups),
        attributes=attributes,
        probability=group.probability,
    )


def _name(group: FusedRegion) -> str:
    return f"{group.members[0].entry.control}-{group.group}"


def _parent(
    members: Sequence[tuple[str, str | None]], drawn: Sequence[Region], groups: Sequence[FusedRegion]
) -> str | None:
    """The group that most members' parents are in."""
    where = {(m.annotator, m.entry.region): _name(g) for g in groups for m in g.members}
    pairs = zip(members, drawn, strict=False)
    votes = Counter(where.get((annotator, r.parent)) for (annotator, _), r in pairs if r.parent is not None)
    return votes.most_common(1)[0][0] if votes else None


def _links(item: ItemAnswers, regions: Sequence[tuple[Region, FusedRegion]], lost: Lost) -> tuple[Link, ...]:
    where = {(m.annotator, m.entry.region): r.id for r, g in regions for m in g.members}
    votes: Counter[Link] = Counter()
    for given in item.given:
        ends = ((where.get((given.annotator, k.source)), where.get((given.annotator, k.to)), k) for k in given.links)
        votes.update({Link(a, b, k.direction, k.labels) for a, b, k in ends if a and b})
    kept = tuple(link for link, n in votes.items() if 2 * n > len(item.given))
    drawn = sum(len(g.links) for g in item.given)
    if drawn and not kept:
        lost.add(item.id, "no relation was drawn by more than half of the annotators", relations=drawn)
    return kept
