"""Teams on a real store without a server: people, rounds and answers put in as intake would."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from labelwright.app.context import Project
from labelwright.app.team import put_profile
from labelwright.assignment import IntakePlan
from labelwright.bootstrap import Workspace
from labelwright.model.desk import AnnotationRecord, DeskRecord
from labelwright.model.project import (
    AnnotationState,
    Annotator,
    Assignment,
    AssignmentState,
    Level,
    Purpose,
)
from support import workspaces

START = datetime(2026, 11, 23, 9, tzinfo=UTC)
NOBODY = SimpleNamespace(url="http://127.0.0.1:9", administrator=SimpleNamespace(token="0" * 40))


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    time: datetime = START

    def now(self) -> datetime:
        return self.time

    def move(self, **by: float) -> None:
        self.time += timedelta(**by)


@dataclass
class Crew:
    """A project with its team, and what they answered."""

    place: Workspace
    project: Project
    clock: Clock
    numbers: dict[str, int] = field(default_factory=dict)
    count: int = 0

    def join(self, name: str, level: Level = Level.REGULAR, **profile: Any) -> Annotator:
        """An annotator with a desk, as if Label Studio had made both."""
        number = len(self.numbers) + 1
        self.numbers[name] = number
        person = Annotator(name, name.title(), f"{name}@example.org", level, user=number, **profile)
        put_profile(self.project, person, None)
        self.project.store.put_desk(DeskRecord(100 + number, name, "work", f"http://desk/{name}"))
        return person

    def person(self, name: str) -> Annotator:
        """What is known of her now."""
        return next(a for a in self.project.store.annotators() if a.id == name)

    def give(self, name: str, item: str, purpose: Purpose = Purpose.LABEL, round_number: int = 1) -> Assignment:
        """An item of the pool on her desk."""
        (row,) = self.project.pool.rows_of([item]).tolist()
        (content,) = self.project.pool.items([row])
        self.count += 1
        key = f"k{self.count:06d}"
        self.project.store.add_assignments(
            {item: (content, row)}, [Assignment(key, item, name, purpose, round_number, self.count)]
        )
        self.project.store.record_delivery({key: self.count})
        return self.project.store.assignments_of_keys([key])[key]

    def answer(
        self,
        assignment: Assignment,
        label: str | list[dict[str, Any]] | None,
        seconds: float = 5.0,
        extra: list[dict[str, Any]] | None = None,
    ) -> None:
        """Her answer, a label or raw result lines, a skip where it is None, taken in as intake would."""
        self.clock.move(seconds=seconds)
        self.count += 1
        name, now = assignment.annotator, self.clock.now()
        said = workspaces.result(label) if isinstance(label, str) else label or []
        result = [] if label is None else [*said, *(extra or [])]
        raw = json.dumps({"id": self.count, "result": result, "was_cancelled": label is None})
        state = AnnotationState.SKIPPED if label is None else AnnotationState.VALID
        done = AssignmentState.SKIPPED if label is None else AssignmentState.DONE
        _, version = self.project.versions()
        record = AnnotationRecord(
            self.count, 100 + self.numbers[name], assignment.task or 0, assignment.key, assignment.item, name,
            state, now, now, seconds, assignment.purpose, assignment.round, raw, 1, version,
        )  # fmt: skip
        plan = IntakePlan((record,), (), ((assignment.key, done),))
        self.project.store.apply_intake(record.project, plan, None)

    def say(self, name: str, item: str, label: str | None, purpose: Purpose = Purpose.LABEL, **more: Any) -> None:
        """Give and answer at once."""
        self.answer(self.give(name, item, purpose), label, **more)

    def work(
        self,
        name: str,
        answer: Callable[[Assignment], str | list[dict[str, Any]] | None],
        seconds: float = 5.0,
        most: int = 10**6,
    ) -> int:
        """Answer what waits for her, in her order; how many it were."""
        waiting = [
            a
            for a in self.project.store.assignments(annotator=name, trial=False)
            if a.state in {AssignmentState.PLANNED, AssignmentState.DELIVERED}
        ]
        for a in sorted(waiting, key=lambda a: (a.round, a.position))[:most]:
            self.answer(a, answer(a), seconds)
        return len(waiting[:most])

    def gold(self, labels: Mapping[str, str]) -> None:
        """Known labels of items of the pool."""
        from labelwright.app.gold import GoldRow, add_gold
        from labelwright.model.people import GoldSource

        rows = [GoldRow(n, item, label) for n, (item, label) in enumerate(labels.items(), 2)]
        add_gold(self.project, rows, GoldSource.LEAD)


def crew(folder: Path, n: int = 60, template: str = "text-classification", **sections: dict[str, Any]) -> Crew:
    """A sentiment project (or of another template) of ``n`` sentences with a real store, nobody in the team yet, and a clock that stands."""
    place = workspaces.make(folder / f"w{uuid.uuid4().hex[:6]}", NOBODY, n, template, **sections)
    clock = Clock()
    return Crew(place, replace(place.project(), clock=clock), clock)
