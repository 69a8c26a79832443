"""What there seems to be on the items, from what several annotators drew, and where that stays unsure."""

from __future__ import annotations

from collections import Counter

from labelwright.app.report.parts import Drawer, DrawnConsensus, UnsureRegion
from labelwright.app.report.settled import UNSURE
from labelwright.app.tables import SET_JOINT, Regions
from labelwright.consensus.structures import Drawing, FusedRegion, structure_consensus
from labelwright.model.errors import DataError

_NO_CLASS = "(no class)"


def drawn_consensus(regions: Regions, limit: int) -> DrawnConsensus | None:
    """The consensus on structures; None where no item has two answers or nothing can be grouped.

    Args:
        regions: what each annotator drew on each item.
        limit: unsure regions and expert items named.
    """
    answers = Counter(item for item, _ in regions)
    if max(answers.values(), default=0) < 2:
        return None
    try:
        found = structure_consensus([Drawing(i, a, entries) for (i, a), entries in regions.items()])
    except DataError:
        return None  # a broken drawing is named by the measures
    existing = found.existing()
    unsure = sorted((r for r in found.regions if _is_unsure(r)), key=lambda r: (_sureness(r), r.item, r.group))
    experts = list(dict.fromkeys(r.item for r in unsure))
    classes = Counter(_label(r) for r in existing)
    return DrawnConsensus(
        n_regions=len(found.regions),
        n_existing=len(existing),
        distribution=tuple(sorted(classes.items(), key=lambda kv: (-kv[1], kv[0]))),
        items=found.n_items,
        expert_items=tuple(experts[:limit]),
        n_expert=len(experts),
        unsure=tuple(_shown(r) for r in unsure[:limit]),
        annotators=tuple(
            Drawer(s.annotator, s.n_regions, s.detection, s.false_alarms, s.accuracy) for s in found.annotators
        ),
        reason=found.reason,
    )


def _is_unsure(region: FusedRegion) -> bool:
    """Several answered, and neither that it is there with this class nor that it is not there is sure."""
    return region.n_answers >= 2 and _sureness(region) < UNSURE


def _sureness(region: FusedRegion) -> float:
    """Probability of the likelier of there and not there; of there, together with its class."""
    return max(1 - region.probability, region.probability * region.posterior[region.labels])


def _label(region: FusedRegion) -> str:
    return SET_JOINT.join(region.labels) or _NO_CLASS


def _shown(region: FusedRegion) -> UnsureRegion:
    posterior = region.posterior[region.labels]
    drawn_by = len({m.annotator for m in region.members})
    return UnsureRegion(region.item, _label(region), region.probability, posterior, drawn_by, region.n_answers)
