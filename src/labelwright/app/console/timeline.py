"""Rounds as the console shows them: what came of each, and how far its durable steps are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from labelwright.app.context import Project
from labelwright.app.rounds import where
from labelwright.model.loop import StepRecord
from labelwright.model.project import RoundRecord, RoundState

Document = dict[str, Any]
_DONE = ("done", "skipped")
_WAITING = ("planned", "delivered")


def rounds_of(project: Project) -> list[Document]:
    """One entry a round, oldest first; a round that is still being selected is the last."""
    counts = project.store.assignment_counts_by_round()
    steps: dict[int, list[StepRecord]] = defaultdict(list)
    for record in project.store.steps():
        steps[record.round].append(record)
    rounds = project.store.rounds()
    found = [_round(r, counts.get(r.number, {}), steps[r.number]) for r in rounds]
    begun = steps[len(rounds) + 1]
    return [*found, _selecting(begun)] if begun else found


def _round(record: RoundRecord, counts: Mapping[str, int], steps: Sequence[StepRecord]) -> Document:
    asked = sum(n for s, n in counts.items() if s != "withdrawn")
    waiting = sum(counts.get(s, 0) for s in _WAITING)
    found = record.result.get("accuracy") or {}
    random = record.result.get("random_accuracy") or {}
    step, said = where(record, steps, waiting=waiting > 0)
    return {
        "round": record.number,
        "state": record.state.value,
        "step": step,
        "strategy": record.strategy,
        "opened_at": record.opened_at.isoformat(),
        "closed_at": record.closed_at.isoformat() if record.closed_at else None,
        "asked": asked,
        "done": sum(counts.get(s, 0) for s in _DONE),
        "waiting": waiting,
        "labels": record.result.get("labels"),
        "accuracy": _measure(found),
        "random": random.get("value"),
        "by_chance": _measure(random),
        "gain": _measure(record.result.get("gain_over_random") or {}),
        "note": said or record.result.get("reason") or record.result.get("note"),
        "steps": [_step(s) for s in steps],
        "by_hand": not steps and record.state is RoundState.OPEN,
    }


def _selecting(steps: Sequence[StepRecord]) -> Document:
    """A round whose items are being drawn: it has steps and is none yet."""
    first = steps[0]
    none = _measure({"reason": "its items are being drawn"})
    return {
        "round": first.round, "state": "selecting", "step": first.step.value, "strategy": "",
        "opened_at": first.changed_at.isoformat(), "closed_at": None, "asked": 0, "done": 0, "waiting": 0,
        "labels": None, "accuracy": none, "random": None, "by_chance": none, "gain": none, "note": first.reason,
        "steps": [_step(s) for s in steps], "by_hand": False,
    }  # fmt: skip


def _measure(found: Mapping[str, Any]) -> Document:
    return {
        **{k: found.get(k) for k in ("value", "low", "high", "reason")},
        "n_items": found.get("n_items") or 0,
        "n_annotations": found.get("n_annotations") or 0,
    }


def _step(s: StepRecord) -> Document:
    return {
        "round": s.round,
        "step": s.step.value,
        "state": s.state.value,
        "changed_at": s.changed_at.isoformat(),
        "tries": s.tries,
        "retry_at": s.retry_at.isoformat() if s.retry_at else None,
        "reason": s.reason,
    }
