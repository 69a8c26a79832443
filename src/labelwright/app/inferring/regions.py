"""What is drawn, as one answer: regions that exist, what is said about them, and the links between them."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from labelwright.app.inferring.values import UNSETTLED
from labelwright.app.tables import ControlTable
from labelwright.consensus.structures import Drawing, FusedRegion, StructureConsensus, structure_consensus
from labelwright.consensus.structures.existence import Marks, infer_existence
from labelwright.model.project import Annotation
from labelwright.model.values import Entry, Relation

METHOD = "structure consensus"
#: From this probability on, a region or a link is part of the answer.
EXISTS = 0.5
#: What a line keeps of the first one's that it is made from.
_KEPT = frozenset({"type", "original_width", "original_height", "image_rotation"})


@dataclass(frozen=True, slots=True)
class InferredRegions:
    """One item's consensus on what is drawn.

    Attributes:
        entries: the regions that exist, and the links between them.
        posterior: probability that these and no others are there with these classes, as if regions were independent.
        contested: whether a region, or its class, is left open though several answered.
        votes: answers it rests on.
        method: the estimators.
    """

    entries: tuple[Entry | Relation, ...]
    posterior: float
    contested: bool
    votes: int
    method: str = METHOD


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """The consensus on one structural control, with the ids of its regions."""

    control: str
    consensus: StructureConsensus
    items: tuple[str, ...]

    def id_of(self, region: FusedRegion) -> str:
        """Unique within the item over all controls."""
        return f"consensus-{self.control}-{region.group}"

    def existing(self) -> Mapping[str, list[FusedRegion]]:
        """The regions that are part of the answer, by item."""
        found: dict[str, list[FusedRegion]] = defaultdict(list)
        for region in self.consensus.existing(EXISTS):
            found[region.item].append(region)
        return found

    def ids_of_members(self) -> dict[tuple[str, str, str], str]:
        """Item, annotator and id of a region as it was drawn, to the id of the one it became part of."""
        return {
            (region.item, m.annotator, m.entry.region): self.id_of(region)
            for region in self.consensus.existing(EXISTS)
            for m in region.members
            if m.entry.region is not None
        }


def draw(table: ControlTable) -> Drawn:
    """Fit the consensus of one structural control.

    Raises:
        DataError: a drawing is broken.
    """
    drawings = [Drawing(i, a, entries) for (i, a), entries in table.regions.items()]
    return Drawn(table.control.name, structure_consensus(drawings), tuple(dict.fromkeys(i for i, _ in table.regions)))


def infer_regions(
    drawn: Drawn, table: ControlTable, links: Mapping[str, Sequence[Relation]]
) -> dict[str, InferredRegions]:
    """The answer of each item.

    Args:
        drawn: the fitted consensus.
        table: the control's answers.
        links: relations that exist, by item; those that start at a region of this control are taken.
    """
    detection = {s.annotator: s.detection for s in drawn.consensus.annotators}
    answered: dict[str, list[str]] = defaultdict(list)
    for item, annotator in table.regions:
        answered[item].append(annotator)
    regions, existing = drawn.consensus.by_item, drawn.existing()
    return {
        item: _answer(drawn, regions.get(item, ()), existing.get(item, ()), links.get(item, ()), missed)
        for item, people in answered.items()
        for missed in [(_unseen(drawn, detection, people), len(people))]
    }


def _unseen(drawn: Drawn, detection: Mapping[str, float], people: Iterable[str]) -> float:
    """Expected things that are there and that nobody drew."""
    return (drawn.consensus.things or 0.0) * math.prod(1 - detection.get(p, 0.0) for p in people)


def _answer(
    drawn: Drawn,
    regions: Sequence[FusedRegion],
    existing: Sequence[FusedRegion],
    links: Sequence[Relation],
    missed: tuple[float, int],
) -> InferredRegions:
    names = {drawn.id_of(r) for r in existing}
    unseen, votes = missed
    return InferredRegions(
        entries=(*(entry_of(r, drawn.id_of(r)) for r in existing), *(x for x in links if x.source in names)),
        posterior=math.exp(-unseen) * math.prod(_sureness(r) for r in regions),
        contested=any(_is_open(r) for r in regions),
        votes=votes,
    )


def _sureness(region: FusedRegion) -> float:
    """Probability of what is answered: there with its class, or not there."""
    p = region.probability
    return p * region.posterior[region.labels] if p >= EXISTS else 1 - p


def _is_open(region: FusedRegion) -> bool:
    """Several answered, and whether it is there, or what it is, stays below the limit."""
    if region.n_answers < 2:
        return False
    there = region.probability >= EXISTS
    sure = max(region.probability, 1 - region.probability)
    differing = len({m.entry.labels for m in region.members}) > 1
    return sure < UNSETTLED or (there and differing and region.posterior[region.labels] < UNSETTLED)


def entry_of(region: FusedRegion, name: str) -> Entry:
    """The region as a line of an answer."""
    first = region.members[0].entry
    kept = {key: value for key, value in first.extra.items() if key in _KEPT}
    return replace(first, value=region.value, labels=region.labels, region=name, extra=kept)


def infer_links(drawn: Sequence[Drawn], annotations: Sequence[Annotation]) -> dict[str, list[Relation]]:
    """The relations that exist between regions that exist, by item.

    A link is a thing that annotators mark or do not, so the model of `labelwright.consensus.structures.existence`
    says how probable each is: detections and false alarms of each annotator.
    """
    ids: dict[tuple[str, str, str], str] = {}
    for one in drawn:
        ids |= one.ids_of_members()
    linked = {a.item for a in annotations if any(isinstance(e, Relation) for e in a.answer.entries)}
    cells = sorted({(a.item, a.annotator) for a in annotations if a.item in linked})
    said: dict[tuple[str, str, str, str, tuple[str, ...]], set[str]] = defaultdict(set)
    for a in annotations:
        for link in a.answer.entries:
            if isinstance(link, Relation):
                ends = tuple(ids.get((a.item, a.annotator, end)) for end in (link.source, link.to))
                if ends[0] is not None and ends[1] is not None:
                    said[a.item, ends[0], ends[1], link.direction, tuple(sorted(link.labels))].add(a.annotator)
    if not said:
        return {}
    exists = infer_existence(_marks(cells, said)).probability
    found: dict[str, list[Relation]] = defaultdict(list)
    for (item, source, to, direction, labels), p in zip(said, exists, strict=True):
        if p >= EXISTS:
            found[item].append(Relation(source, to, direction, labels))
    return found


def _marks(
    cells: Sequence[tuple[str, str]], said: Mapping[tuple[str, str, str, str, tuple[str, ...]], set[str]]
) -> Marks:
    items = {name: k for k, name in enumerate(dict.fromkeys(i for i, _ in cells))}
    people = {name: k for k, name in enumerate(dict.fromkeys(a for _, a in cells))}
    members = [(g, people[a]) for g, who in enumerate(said.values()) for a in sorted(who)]
    return Marks(
        cell_item=np.array([items[i] for i, _ in cells], np.int64),
        cell_annotator=np.array([people[a] for _, a in cells], np.int64),
        group_item=np.array([items[key[0]] for key in said], np.int64),
        member_group=np.array([g for g, _ in members], np.int64),
        member_annotator=np.array([a for _, a in members], np.int64),
        n_items=len(items),
        n_annotators=len(people),
    )
