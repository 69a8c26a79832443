"""What the rounds have learned: the curve with random beside it, for each class too, and the shares of the classes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from labelwright.app.context import Project
from labelwright.app.marking import labels_to_learn
from labelwright.app.reading import marked_field
from labelwright.app.shadow import RANDOM_ITEMS
from labelwright.learning.accuracy import wilson
from labelwright.learning.spans import read_marks
from labelwright.model.measure import Measure
from labelwright.model.project import Purpose, RoundRecord, RoundState
from labelwright.model.schema import Kind


@dataclass(frozen=True, slots=True)
class RoundPoint:
    """One closed round.

    Attributes:
        labels: answers that counted by then.
        accuracy: of its model, on items that no model is trained on.
        random: of the shadow model: as many labels, of which the chosen ones are drawn at random.
        by_class: share found among the test items of each class; of spans their F1.
    """

    round: int
    strategy: str
    labels: int
    accuracy: Measure
    random: Measure
    by_class: Mapping[str, Measure]


@dataclass(frozen=True, slots=True)
class Learned:
    """What the rounds came to.

    Attributes:
        points: the closed rounds in their order.
        shares: of the classes in the pool, each with its interval (Wilson, 1927), largest first.
        random_items: labeled items that were drawn at random, on which the shares rest.
        near_duplicates: items that were left out because they nearly repeat one that went out.
        counted: what a class's value in `RoundPoint.by_class` is: ``found`` or ``F1``.
        reason: why there are no shares; None where there are.
    """

    points: tuple[RoundPoint, ...]
    shares: tuple[tuple[str, Measure], ...]
    random_items: int
    near_duplicates: int
    counted: str = "found"
    reason: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """For the report's JSON."""
        return {
            "rounds": [
                {
                    "round": p.round,
                    "strategy": p.strategy,
                    "labels": p.labels,
                    "accuracy": p.accuracy.as_dict(),
                    "random_accuracy": p.random.as_dict(),
                    "by_class": {name: m.as_dict() for name, m in p.by_class.items()},
                }
                for p in self.points
            ],
            "by_class_is": self.counted,
            "class_shares": {name: m.as_dict() for name, m in self.shares},
            "class_shares_reason": self.reason,
            "random_items": self.random_items,
            "near_duplicates": self.near_duplicates,
        }


def what_was_learned(project: Project) -> Learned | None:
    """The curve and the shares as they stand now; None where no round was closed."""
    rounds = [r for r in project.store.rounds() if r.state is RoundState.CLOSED]
    if not rounds:
        return None
    shares, n, reason = _shares(project)
    return Learned(
        points=tuple(_point(project, r) for r in rounds),
        shares=shares,
        random_items=n,
        near_duplicates=sum(r.result.get("near_duplicates") or 0 for r in project.store.rounds()),
        counted="found" if marked_field(project) is None else "F1",
        reason=reason,
    )


def _point(project: Project, record: RoundRecord) -> RoundPoint:
    model = project.store.model(f"round-{record.number}")
    found = (model.card.get("evaluation") or {}).get("by_class") or {} if model else {}
    return RoundPoint(
        record.number,
        record.strategy,
        record.result.get("labels") or 0,
        _measure(record.result.get("accuracy"), "no model was measured"),
        _measure(record.result.get("random_accuracy"), "there is no shadow model yet"),
        {name: _measure(values, "not measured") for name, values in found.items()},
    )


def _measure(values: Mapping[str, Any] | None, reason: str) -> Measure:
    return Measure(None, reason=reason) if not values else Measure(**values)


def _shares(project: Project) -> tuple[tuple[tuple[str, Measure], ...], int, str | None]:
    """Shares of the classes among the items that chance chose: the test set, and the random part of every batch."""
    marks = marked_field(project) is not None
    if project.control.kind is not Kind.CHOICE and not marks:
        return (), 0, f"shares are counted of classes and spans, not of {project.control.kind.value}"
    drawn = {a.item for a in project.store.assignments(trial=False) if a.purpose is Purpose.TEST}
    drawn |= {item for r in project.store.rounds() for item in r.result.get(RANDOM_ITEMS) or ()}
    labels = labels_to_learn(project)
    said = [_classes(labels[item].label, marks=marks) for item in sorted(drawn & labels.keys())]
    if not said:
        return (), 0, "no item that was drawn at random has a label yet"
    names = {*project.control.classes, *(name for one in said for name in one)}
    shares = [(name, _share(sum(name in one for one in said), len(said))) for name in sorted(names)]
    return tuple(sorted(shares, key=lambda pair: -(pair[1].value or 0.0))), len(said), None


def _classes(label: str, *, marks: bool) -> set[str]:
    return {name for _, _, name in read_marks(label)} if marks else {label}


def _share(hits: int, n: int) -> Measure:
    low, high = wilson(hits, n)
    return Measure(hits / n, low, high, n)


def curve_rows(points: Iterable[RoundPoint]) -> list[dict[str, Any]]:
    """The points as `entry.render.curve` draws them."""
    return [_row(p.labels, p.accuracy) for p in points]


def random_rows(points: Iterable[RoundPoint]) -> list[dict[str, Any]]:
    """The same of the shadow model."""
    return [_row(p.labels, p.random) for p in points]


def _row(labels: int, m: Measure) -> dict[str, Any]:
    return {"labels": labels, "accuracy": m.value, "low": m.low, "high": m.high}
