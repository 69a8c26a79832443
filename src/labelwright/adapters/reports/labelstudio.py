"""A Label Studio JSON export as an annotation set."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from labelwright.adapters.reports.infer import infer_config
from labelwright.app.tables import last_answers
from labelwright.model.errors import DataError
from labelwright.model.project import Annotation, AnnotationSet, AnnotationState, Annotator, Item
from labelwright.model.schema import Schema
from labelwright.model.values import Answer
from labelwright.ports import Codec

ReadConfig = Callable[[str], Schema]


@dataclass(frozen=True, slots=True)
class ExportFile:
    """What an export held.

    Attributes:
        annotations: every annotation in its state.
        rejected: tasks and annotations that could not be read, counted by reason.
        notes: what a reader must know about how it was read.
    """

    annotations: AnnotationSet
    rejected: Mapping[str, int]
    notes: tuple[str, ...]


def read_export(path: Path, codec: Codec, read_config: ReadConfig, config: str | None = None) -> ExportFile:
    """Read an export of format JSON (``exportType=JSON``): tasks with their annotations.

    Drafts and predictions are left aside; skipped annotations are kept in their own state.

    Args:
        path: the file.
        codec: reads one annotation.
        read_config: reads a labeling config.
        config: the project's labeling config; without it, it is inferred from the answers.

    Raises:
        DataError: the file is no such export.
    """
    return read_tasks(load_tasks(path), codec, read_config, config, where=str(path))


def read_tasks(
    tasks: list[dict[str, Any]], codec: Codec, read_config: ReadConfig, config: str | None = None, where: str = "export"
) -> ExportFile:
    """The same from tasks that were read already, e.g. page by page from the API."""
    if tasks and not any(isinstance(t.get("annotations", t.get("completions")), list) for t in tasks):
        raise _no_annotations(tasks[0], where)
    notes: tuple[str, ...] = ()
    if config is None:
        config = infer_config(_results(tasks))
        notes = (
            "The labeling config was inferred from the answers; classes nobody chose are unknown (--schema FILE).",
        )
    with _no_collection():
        intake = _Intake(read_config(config), codec)
        for number, task in enumerate(tasks, start=1):
            intake.add(task, number)
    return ExportFile(intake.finish(), dict(intake.rejected), notes)


def load_tasks(path: Path) -> list[dict[str, Any]]:
    """The tasks of an export file; JSON lines are read too."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise DataError(
            f"The file cannot be read: {error.strerror}",
            where=str(path),
            next_step="Check the path and its permissions.",
        ) from error
    raw = raw.removeprefix(b"\xef\xbb\xbf").strip()
    with _no_collection():
        found = _parse(raw, path)
    tasks = [found] if isinstance(found, dict) else found
    if not isinstance(tasks, list) or not all(isinstance(t, dict) for t in tasks):
        raise DataError(
            "The file holds no list of tasks",
            where=str(path),
            next_step="Export the project from Label Studio in the format JSON.",
        )
    return tasks


def _parse(raw: bytes, path: Path) -> Any:
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as whole:
        try:
            return [orjson.loads(line) for line in raw.splitlines() if line.strip()]
        except orjson.JSONDecodeError:
            raise DataError(
                f"The file is not valid JSON: {whole.msg}",
                where=f"{path}, line {whole.lineno}, column {whole.colno}",
                next_step="Export again from Label Studio in the format JSON; a download may have been cut off.",
            ) from whole


@contextmanager
def _no_collection() -> Iterator[None]:
    """Millions of small values and no cycles: the collector would only search in vain (4x slower)."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _no_annotations(first: Mapping[str, Any], where: str) -> DataError:
    if "annotator" in first or "annotation_id" in first:
        return DataError(
            "This is Label Studio's JSON-MIN, which leaves out what a report needs",
            where=where,
            next_step="Export the project again in the format JSON.",
        )
    return DataError(
        "The tasks carry no annotations",
        where=where,
        next_step="Export the project from Label Studio in the format JSON.",
    )


def _results(tasks: list[dict[str, Any]]) -> Iterator[tuple[list[dict[str, Any]], Mapping[str, Any]]]:
    for task in tasks:
        data = task.get("data")
        for raw in _annotations_of(task):
            result = raw.get("result")
            if isinstance(result, list):
                yield [line for line in result if isinstance(line, dict)], data if isinstance(data, dict) else {}


def _annotations_of(task: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = task.get("annotations", task.get("completions"))
    return [a for a in found if isinstance(a, dict)] if isinstance(found, list) else []


@dataclass(slots=True)
class _Intake:
    """Tasks go in one by one; the set comes out."""

    schema: Schema
    codec: Codec
    items: dict[str, Item] = field(default_factory=dict)
    annotations: list[Annotation] = field(default_factory=list)
    annotators: dict[str, Annotator] = field(default_factory=dict)
    rejected: Counter[str] = field(default_factory=Counter)

    def add(self, task: Mapping[str, Any], number: int) -> None:
        data = task.get("data")
        if not isinstance(data, dict):
            self.rejected["a task without data"] += 1
            return
        item = str(task.get("id", f"task {number}"))
        meta = task.get("meta")
        self.items[item] = Item(item, data, meta if isinstance(meta, dict) else {}, group=item)
        for place, raw in enumerate(_annotations_of(task), start=1):
            self._annotation(raw, item, f"{item}/{place}")

    def _annotation(self, raw: Mapping[str, Any], item: str, fallback: str) -> None:
        annotator = _annotator(raw.get("completed_by"))
        if annotator is None:
            self.rejected["an annotation that does not say who made it"] += 1
            return
        self.annotators.setdefault(annotator.id, annotator)
        answer, state = self._answer(raw)
        self.annotations.append(
            Annotation(
                id=str(raw.get("id", fallback)),
                item=item,
                annotator=annotator.id,
                answer=answer,
                state=state,
                created_at=_time(raw.get("created_at")),
                updated_at=_time(raw.get("updated_at")),
                seconds=_seconds(raw.get("lead_time")),
                truth=raw.get("ground_truth") is True,
            )
        )

    def _answer(self, raw: Mapping[str, Any]) -> tuple[Answer, AnnotationState]:
        if raw.get("was_cancelled") is True:
            return Answer(), AnnotationState.SKIPPED
        if not isinstance(raw.get("result"), list):
            return Answer(), AnnotationState.INVALID
        try:
            answer = self.codec.decode(orjson.dumps(raw["result"]).decode(), self.schema)
        except (DataError, ValueError, KeyError, TypeError):
            return Answer(), AnnotationState.INVALID
        return answer, AnnotationState.VALID if self._fits(answer) else AnnotationState.INVALID

    def _fits(self, answer: Answer) -> bool:
        """Every required question of the whole item is answered."""
        return all(answer.of(c.name) for c in self.schema.controls if c.required and not c.per_region)

    def finish(self) -> AnnotationSet:
        """The set, with the earlier of several answers marked as superseded."""
        _, superseded = last_answers(a for a in self.annotations if a.state is AnnotationState.VALID)
        annotations = tuple(
            replace(a, state=AnnotationState.SUPERSEDED)
            if a.id in superseded and a.state is AnnotationState.VALID
            else a
            for a in self.annotations
        )
        return AnnotationSet(self.schema, self.items, annotations, self.annotators)


def _annotator(who: Any) -> Annotator | None:
    """Label Studio names a user by number, or by a record with id, email and names."""
    if isinstance(who, dict):
        name = " ".join(str(who[k]) for k in ("first_name", "last_name") if who.get(k))
        email = str(who.get("email") or "")
        key = email or str(who.get("id", ""))
        user = who.get("id")
        return Annotator(key, name or email.partition("@")[0] or f"user {key}", email, user=_int(user)) if key else None
    if isinstance(who, int) and not isinstance(who, bool):
        return Annotator(str(who), f"user {who}", "", user=who)
    return Annotator(who, who.partition("@")[0], who if "@" in who else "") if isinstance(who, str) and who else None


def _int(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _time(value: Any) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found if found.tzinfo else None


def _seconds(value: Any) -> float | None:
    good = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < float("inf")
    return float(value) if good else None
