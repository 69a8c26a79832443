"""Somebody's answers beside an expert's on the same items: how often they are the same, and where they differ."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from labelwright.app.answers import Reply, same_drawing
from labelwright.app.context import Project
from labelwright.app.review_report import share
from labelwright.model.measure import Measure
from labelwright.model.project import Annotator, Level, Purpose

#: Differing answers that are shown, the newest first.
MOST = 5


@dataclass(frozen=True, slots=True)
class Differing:
    """An item on which she and an expert, each on her own, said different things."""

    item: str
    text: str
    hers: str
    experts: str


@dataclass(frozen=True, slots=True)
class Beside:
    """The comparison: the share of equal answers with its interval, and some of the differing ones."""

    same: Measure
    differing: tuple[Differing, ...] = ()


def beside_expert(
    project: Project, annotator: Annotator, replies: Mapping[str, Sequence[Reply]], hidden: Collection[str]
) -> Beside:
    """Compare with the experts, whose names are not told. Novices above all start beside one.

    What an expert said on a review desk had seen the others' answers: it is no answer of her own, and is left out.

    Args:
        project: the labeling project.
        annotator: whose answers.
        replies: everybody's, by annotator.
        hidden: items that no report shows.
    """
    experts = {a.id for a in project.store.annotators() if a.level is Level.EXPERT} - {annotator.id}
    theirs = {r.item: r for who in sorted(experts) for r in _own(replies, who)}
    shared = [(r, theirs[r.item]) for r in _own(replies, annotator.id) if r.item in theirs]
    same = share([_same(*pair) for pair in shared], "you have no item in common with an expert yet")
    apart = [pair for pair in shared if not _same(*pair) and pair[0].item not in hidden]
    return Beside(same, _shown(project, sorted(apart, key=lambda pair: pair[0].at, reverse=True)[:MOST]))


def _own(replies: Mapping[str, Sequence[Reply]], who: str) -> list[Reply]:
    return [r for r in replies.get(who, ()) if r.last and r.purpose is not Purpose.REVIEW]


def _same(one: Reply, other: Reply) -> bool:
    if one.label is None and other.label is None:
        return same_drawing(one.entries, other.entries)
    return one.label == other.label


def _shown(project: Project, pairs: Sequence[tuple[Reply, Reply]]) -> tuple[Differing, ...]:
    items = project.store.items(mine.item for mine, _ in pairs)
    fields = [f for f in project.schema.data_fields if f not in project.media.fields]
    return tuple(
        Differing(
            mine.item,
            " ".join(str(items[mine.item].data.get(f, "")) for f in fields)[:600],
            mine.label or "what you drew",
            theirs.label or "what was drawn",
        )
        for mine, theirs in pairs
        if mine.item in items
    )
