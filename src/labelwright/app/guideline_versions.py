"""Versions of the guidelines: what changed, what it touches, asking a sample again, and what came of it."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from labelwright.agreement import compare, krippendorff_alpha
from labelwright.agreement.result import Agreement
from labelwright.app.answers import Reply
from labelwright.app.context import Project
from labelwright.model.errors import UsageError
from labelwright.model.people import Message
from labelwright.model.project import AnnotatorStatus, Assignment, Purpose

_ANSWERS = frozenset({Purpose.LABEL, Purpose.OVERLAP, Purpose.TEST})
#: What counts now: where somebody was asked again, the second answer stands for the first.
_LASTING = _ANSWERS | {Purpose.REASK}
_SCHEMA = {"item": pl.String, "annotator": pl.String, "label": pl.String}


def text_of(project: Project, version: int) -> str:
    """The guidelines of a version.

    Raises:
        UsageError: there is no such version.
    """
    found = project.store.document("guidelines", version)
    if found is None:
        _, newest = project.versions()
        raise UsageError(f"There is no version {version} of the guidelines", next_step=f"The newest is {newest}")
    return found[1]


def diff(project: Project, before: int, after: int) -> str:
    """What changed between two versions, as a unified diff; empty where nothing did."""
    one, other = (text_of(project, v).splitlines() for v in (before, after))
    lines = difflib.unified_diff(one, other, f"guidelines version {before}", f"version {after}", lineterm="", n=2)
    return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Affected:
    """Answers that a change may touch: given under an older version, to classes whose section is another one now."""

    classes: tuple[str, ...]
    replies: tuple[Reply, ...]

    @property
    def items(self) -> tuple[str, ...]:
        """Their items, each once."""
        return tuple(dict.fromkeys(r.item for r in self.replies))


def affected(project: Project, replies: Sequence[Reply], changed: Sequence[str], since: int) -> Affected:
    """What a new version touches.

    Args:
        project: the labeling project.
        replies: everybody's answers.
        changed: classes whose section changed; empty where the change is about all of them.
        since: the first version with the change.
    """
    classes = tuple(changed) or tuple(project.control.classes)
    found = [
        r
        for r in replies
        if r.last
        and r.purpose in _LASTING
        and r.guidelines_version is not None
        and r.guidelines_version < since
        and (r.label is None or not classes or r.label in classes)
    ]
    return Affected(classes, tuple(found))


def reask(project: Project, touched: Affected, sample: int) -> int:
    """Ask a random sample of the touched answers again, each of the person who gave it; how many are asked.

    An answer that was asked again before is not asked a third time. People are told that the guidelines changed.
    """
    active = {a.id for a in project.store.annotators() if a.status is AnnotatorStatus.ACTIVE}
    again = {(a.item, a.annotator) for a in project.store.assignments() if a.purpose is Purpose.REASK}
    open_ = [r for r in touched.replies if r.annotator in active and (r.item, r.annotator) not in again]
    chosen = project.rng(15, len(again)).permutation(len(open_))[:sample].tolist()
    start = sum(project.store.counts().values())
    assignments = [
        Assignment(project.new_key(), open_[i].item, open_[i].annotator, Purpose.REASK, 0, start + n)
        for n, i in enumerate(chosen)
    ]
    project.store.add_assignments({}, assignments)
    _, version = project.versions()
    now = project.clock.now()
    text = "The guidelines have changed; some items come to you once more. Please answer them by the new version."
    people = sorted({a.annotator for a in assignments})
    project.store.put_messages([Message(f"guidelines:{version}:{p}", p, "guidelines", text, now) for p in people])
    return len(assignments)


def effect(replies: Sequence[Reply]) -> dict[str, Any]:
    """Agreement on items that were asked again, before and after, with the interval of the difference.

    All answers to these items count, on both sides: only what was asked again differs. The answers that were asked
    again alone would not do: they are those that name a changed class, often one and the same.
    """
    first = {(r.item, r.annotator): r for r in replies if r.purpose in _ANSWERS}
    again = {
        (r.item, r.annotator): r
        for r in replies
        if r.purpose is Purpose.REASK and _under_newer(r, first.get((r.item, r.annotator)))
    }
    if not again:
        none = {"value": None, "low": None, "high": None, "reason": "nothing was asked again yet"}
        return {**none, "items": 0, "before": none, "after": none}
    items = {item for item, _ in again}
    kept = {key: r for key, r in first.items() if r.item in items}
    before, after = _table(list(kept.values())), _table([again.get(key, r) for key, r in kept.items()])
    return {
        **_measure(compare(before, after)),
        "items": len(items),
        "before": _measure(krippendorff_alpha(before, interval="bootstrap")),
        "after": _measure(krippendorff_alpha(after, interval="bootstrap")),
    }


def _measure(found: Agreement) -> dict[str, Any]:
    return {"value": found.value, "low": found.low, "high": found.high, "reason": found.reason}


def _under_newer(again: Reply, first: Reply | None) -> bool:
    """Not what is asked again under the same guidelines, for consistency with oneself."""
    old, new = None if first is None else first.guidelines_version, again.guidelines_version
    return old is not None and new is not None and new > old


def _table(replies: Sequence[Reply]) -> pl.DataFrame:
    rows = [(r.item, r.annotator, r.label) for r in replies if r.label is not None]
    return pl.DataFrame(rows, schema=_SCHEMA, orient="row")
