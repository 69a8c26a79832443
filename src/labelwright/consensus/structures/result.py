"""The consensus on structures: what there is, how sure that is, of which class and where."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from labelwright.model.values import Entry, Geometry

Classes = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Member:
    """What one annotator drew of a thing."""

    annotator: str
    entry: Entry


@dataclass(frozen=True, slots=True)
class FusedRegion:
    """One thing that one or several annotators drew.

    Attributes:
        item: id of the item.
        group: number within the item, from 0.
        probability: that it exists, from 0 to 1.
        labels: its most probable classes (a set of one, where regions have one class each; empty without classes).
        posterior: probability of each set of classes, given that it exists; those below .001 are left out.
        value: the fused place.
        members: who drew it, and what.
        n_answers: annotators who answered the item.
    """

    item: str
    group: int
    probability: float
    labels: Classes
    posterior: Mapping[Classes, float]
    value: Geometry
    members: tuple[Member, ...]
    n_answers: int

    def as_entry(self) -> Entry:
        """The region as a line of an answer, for the control and target of its first member; item-wide unique id."""
        first = self.members[0].entry
        return Entry(first.control, first.target, self.value, self.labels, f"consensus-{self.group}")


@dataclass(frozen=True, slots=True)
class DrawingSkill:
    """What was learned about one annotator.

    Attributes:
        annotator: id of the annotator.
        n_items: items answered.
        n_regions: regions drawn.
        detection: probability of marking what is there.
        false_alarms: expected number of false alarms an item.
        accuracy: probability of the right class; None where there is only one class.
    """

    annotator: str
    n_items: int
    n_regions: int
    detection: float
    false_alarms: float
    accuracy: float | None


@dataclass(frozen=True)
class StructureConsensus:
    """The consensus on what several annotators drew.

    Attributes:
        regions: by item and group, in the order of the items.
        annotators: what was learned about each.
        n_items: items answered.
        n_annotations: answers.
        n_dropped: answers that a later one of the same annotator to the same item replaced.
        things: expected number of things that are there an item, those that nobody drew included.
        shared_false_alarms: probability that another annotator shares a false alarm.
        converged: both models converged.
        reason: what the reader must know about this fit; None where all is well.
    """

    regions: tuple[FusedRegion, ...]
    annotators: tuple[DrawingSkill, ...]
    n_items: int
    n_annotations: int
    n_dropped: int
    things: float | None
    shared_false_alarms: float | None
    converged: bool
    reason: str | None = None

    @cached_property
    def by_item(self) -> Mapping[str, tuple[FusedRegion, ...]]:
        """The regions of each item on which somebody drew something."""
        found: dict[str, list[FusedRegion]] = {}
        for region in self.regions:
            found.setdefault(region.item, []).append(region)
        return {item: tuple(regions) for item, regions in found.items()}

    def existing(self, at_least: float = 0.5) -> tuple[FusedRegion, ...]:
        """The regions that exist with at least that probability."""
        return tuple(r for r in self.regions if r.probability >= at_least)

    @property
    def frame(self) -> pl.DataFrame:
        """The regions as a table: item, group, probability, labels, label_probability, n_members, n_answers."""
        columns = {
            "item": pl.Series([r.item for r in self.regions], dtype=pl.String),
            "group": pl.Series([r.group for r in self.regions], dtype=pl.Int64),
            "probability": pl.Series([r.probability for r in self.regions], dtype=pl.Float64),
            "labels": pl.Series([list(r.labels) for r in self.regions], dtype=pl.List(pl.String)),
            "label_probability": pl.Series([r.posterior[r.labels] for r in self.regions], dtype=pl.Float64),
            "n_members": pl.Series([len(r.members) for r in self.regions], dtype=pl.Int64),
            "n_answers": pl.Series([r.n_answers for r in self.regions], dtype=pl.Int64),
        }
        return pl.DataFrame(columns)
