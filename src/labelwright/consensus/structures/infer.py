"""From what several annotators drew to one answer: group, infer what exists and of which class, fuse the places."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from labelwright.consensus.structures.classes import ClassPosterior, Votes, infer_classes
from labelwright.consensus.structures.existence import Existence, infer_existence, marks_of
from labelwright.consensus.structures.fusing import fused
from labelwright.consensus.structures.result import (
    Classes,
    DrawingSkill,
    FusedRegion,
    Member,
    StructureConsensus,
)
from labelwright.matching.arrays import Floats
from labelwright.matching.drawings import Drawing, Regions, regions_of
from labelwright.matching.groups import Groups, grouped
from labelwright.model.errors import UsageError

#: Classes less probable than this are left out of a posterior.
_LEAST = 1e-3

_NOTHING = "nobody drew anything"
_FEW_ANSWERS = (
    "no item has three answers, so that misses and false alarms cannot be told apart by the data: "
    "the probabilities of what only one annotator drew rest on the model's prior"
)
_NOT_CONVERGED = "the fit was stopped before it converged; the probabilities are approximate"


def structure_consensus(
    drawings: Regions | Iterable[Drawing],
    at_least: float | None = None,
    weights: Mapping[str, float] | None = None,
) -> StructureConsensus:
    """What several annotators drew, as one answer with probabilities.

    Regions are grouped by place (`labelwright.matching.groups`), each annotator at most once in a group. Whether a
    group exists is inferred from who marked it and who did not (`existence`), its class from what its members said
    (`classes`), and its place is fused from theirs (`fusing`).

    Args:
        drawings: what annotators drew on every item that they answered; who answered and drew nothing has an answer
            without entries, for that counts against what others drew.
        at_least: least mean similarity of one group, above 0 and at most 1; None takes the kind's usual one.
        weights: how much each annotator counts when places are fused, above 0; 1 where not given.

    Returns:
        One region for each group, with probability, posterior and fused place.

    Raises:
        UsageError: the threshold or a weight is out of its range.
    """
    if at_least is not None and not 0 < at_least <= 1:
        raise UsageError("A threshold of similarity lies above 0 and at most at 1", where=f"at_least={at_least}")
    regions = drawings if isinstance(drawings, Regions) else regions_of(drawings)
    groups = grouped(regions, at_least)
    exists = infer_existence(marks_of(groups))
    classes = _class_names(regions)
    labelled = infer_classes(_votes(groups, classes), exists.probability)
    known = len(regions.entries) > 0
    return StructureConsensus(
        regions=tuple(_fused_regions(groups, exists, labelled.posterior, classes, weights or {})),
        annotators=tuple(_skills(regions, exists, labelled, n_classes=len(classes))) if known else (),
        n_items=len(regions.items),
        n_annotations=len(regions.cell_item),
        n_dropped=regions.dropped,
        things=exists.rates.things if known else None,
        shared_false_alarms=exists.rates.shared if known else None,
        converged=exists.converged and labelled.converged,
        reason=_reason(regions, converged=exists.converged and labelled.converged),
    )


def _class_names(regions: Regions) -> list[Classes]:
    """The sets of classes in use, in the order of their codes."""
    return list(dict.fromkeys(regions.classes)) or [()]


def _votes(groups: Groups, classes: list[Classes]) -> Votes:
    regions = groups.regions
    return Votes(groups.of, regions.annotator, regions.class_code, groups.count, len(regions.annotators), len(classes))


def _fused_regions(
    groups: Groups,
    exists: Existence,
    posterior: Floats,
    classes: list[Classes],
    weights: Mapping[str, float],
) -> Iterator[FusedRegion]:
    regions = groups.regions
    item, within = groups.item().tolist(), groups.within_item().tolist()
    answers = np.bincount(regions.cell_item, minlength=len(regions.items)).tolist()
    names = [regions.annotators[a] for a in regions.annotator.tolist()]
    best, shares = posterior.argmax(axis=1).tolist(), posterior.tolist()
    for number, rows in enumerate(groups.members()):
        members = tuple(Member(names[row], regions.entries[row]) for row in rows.tolist())
        yield FusedRegion(
            item=regions.items[item[number]],
            group=within[number],
            probability=float(exists.probability[number]),
            labels=classes[best[number]],
            posterior=_posterior(shares[number], classes),
            value=fused([regions.places[r] for r in rows.tolist()], [weights.get(m.annotator, 1.0) for m in members]),
            members=members,
            n_answers=answers[item[number]],
        )


def _posterior(row: list[float], classes: list[Classes]) -> dict[Classes, float]:
    least = min(_LEAST, max(row))
    return {name: share for name, share in zip(classes, row, strict=True) if share >= least}


def _skills(
    regions: Regions,
    exists: Existence,
    labelled: ClassPosterior,
    *,
    n_classes: int,
) -> Iterator[DrawingSkill]:
    count = len(regions.annotators)
    items = np.bincount(regions.cell_annotator, minlength=count).tolist()
    drawn = np.bincount(regions.annotator, minlength=count).tolist()
    for code, name in enumerate(regions.annotators):
        yield DrawingSkill(
            annotator=name,
            n_items=items[code],
            n_regions=drawn[code],
            detection=float(exists.rates.detection[code]),
            false_alarms=float(exists.rates.false_alarms[code]),
            accuracy=float(labelled.accuracy[code]) if n_classes > 1 else None,
        )


def _reason(regions: Regions, *, converged: bool) -> str | None:
    if not regions.entries:
        return _NOTHING
    if np.bincount(regions.cell_item).max() < 3:
        return _FEW_ANSWERS
    return None if converged else _NOT_CONVERGED
