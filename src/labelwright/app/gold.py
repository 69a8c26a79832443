"""Gold: items whose label is known. Added by the lead, from a file or by adjudication; retired when worn or wrong."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from labelwright.app.context import Project
from labelwright.model.consensus import ConsensusState, ItemConsensus
from labelwright.model.errors import DataError, UsageError
from labelwright.model.people import AUDIT, LEAD, GoldItem, GoldSource
from labelwright.model.schema import STRUCTURE_KINDS, Kind
from labelwright.model.values import Entry


@dataclass(frozen=True, slots=True)
class GoldRow:
    """One row of a gold file: a label, or for what is drawn Label Studio's `result` records."""

    row: int
    item: str
    label: str | None
    answer: tuple[Mapping[str, Any], ...] = ()
    explanation: str | None = None


@dataclass(frozen=True, slots=True)
class GoldAdded:
    """What came of a file: new and changed gold, and rows that were refused with their reasons."""

    added: int
    changed: int
    rejected: tuple[tuple[int, str], ...]


def add_gold(project: Project, rows: Sequence[GoldRow], source: GoldSource, by: str = LEAD) -> GoldAdded:
    """Take in known labels of items of the pool; what is known of an item already is replaced.

    An item on which people have worked may become gold: their answers are then measured by it. A bad row is refused
    with its reason, and the others are taken.

    Raises:
        DataError: no row can be used.
    """
    control = project.control
    problems = _problems(project, rows)
    good = [r for r in rows if r.row not in problems]
    if rows and not good:
        row, reason = next(iter(problems.items()))
        raise DataError(
            "No row of the gold can be used",
            where=f"row {row}: {reason}",
            next_step="It needs the columns id and label",
        )
    known = {g.item: g for g in project.store.gold(control.name)}
    now = project.clock.now()
    gold = [
        GoldItem(r.item, control.name, r.label, source, r.answer, by, r.explanation, now)
        for r in {r.item: r for r in good}.values()
    ]
    fresh = [g for g in gold if g.item not in known]
    changed = [
        g for g in gold if g.item in known and (g.label, g.answer) != (known[g.item].label, known[g.item].answer)
    ]
    keep_gold(project, [*fresh, *changed])
    return GoldAdded(len(fresh), len(changed), tuple(sorted(problems.items())))


def _differs(said: GoldItem, known: GoldItem) -> bool:
    """Another label; or the same label of an item that was doubted: the lead stands by it."""
    return (said.label, said.answer) != (known.label, known.answer) or known.suspected is not None


def _problems(project: Project, rows: Sequence[GoldRow]) -> dict[int, str]:
    """Why rows cannot be used, by row."""
    found = project.pool.rows_of([r.item for r in rows]).tolist() if rows else []
    drawn = project.store.items(r.item for r in rows)
    labels: dict[str, set[str | None]] = {}
    for r in rows:
        labels.setdefault(r.item, set()).add(r.label)
    reasons = {}
    for r, row in zip(rows, found, strict=True):
        reason = "there is no such item" if row < 0 and r.item not in drawn else _misfit(project, r)
        if reason is None and len(labels[r.item]) > 1:
            reason = "the file gives this item two labels"
        if reason is not None:
            reasons[r.row] = reason
    return reasons


def _misfit(project: Project, row: GoldRow) -> str | None:
    control = project.control
    if control.kind in STRUCTURE_KINDS:
        return None if row.answer else "what is drawn needs a column result with Label Studio's records"
    if row.label is None:
        return "it has no label"
    if control.kind is Kind.CHOICE and row.label not in control.classes:
        return f"{row.label!r} is none of the classes"
    return None


def keep_gold(project: Project, gold: Sequence[GoldItem], *, decide: bool = True) -> None:
    """Store gold with its items; its label is the item's consensus from now on, where ``decide`` says so."""
    if not gold:
        return
    known = project.store.items(g.item for g in gold)
    missing = [g.item for g in gold if g.item not in known]
    rows = project.pool.rows_of(missing).tolist() if missing else []
    items = project.pool.items(rows) if rows else []
    project.store.add_assignments({i.id: (i, r) for i, r in zip(items, rows, strict=True)}, [])
    project.store.put_gold(gold)
    if decide:
        project.store.put_consensus([_known(project, g) for g in gold])


def _known(project: Project, gold: GoldItem) -> ItemConsensus:
    return ItemConsensus(
        item=gold.item,
        control=gold.control,
        state=ConsensusState.ADJUDICATED,
        label=gold.label,
        answer=gold.answer,
        posterior=1.0,
        distribution={gold.label: 1.0} if gold.label is not None else {},
        votes=0,
        method="expert" if gold.source is GoldSource.ADJUDICATION else "gold",
        by=gold.by,
        reason=gold.explanation,
        updated_at=project.clock.now(),
    )


def fair_gold(project: Project) -> list[GoldItem]:
    """Gold by which people are measured: active, and not known only because its answers were contested.

    What an expert was asked about because colleagues disagreed is harder than what they do all day: a bound on it
    would say nothing about their work.
    """
    name = project.control.name
    fair = {a.item for a in project.store.adjudications(name) if a.asked == AUDIT}
    return [
        g for g in project.store.gold(name) if g.active and (g.source is not GoldSource.ADJUDICATION or g.item in fair)
    ]


def drawn_gold(project: Project, gold: Iterable[GoldItem]) -> dict[str, tuple[Entry, ...]]:
    """Gold answers that are drawn, as entries of their control, by item."""
    return {g.item: drawn(project, g.answer, g.control) for g in gold if g.label is None}


def drawn(project: Project, answer: Sequence[Mapping[str, Any]], control: str) -> tuple[Entry, ...]:
    """Records that are kept, as entries of a control."""
    raw = json.dumps({"result": [dict(r) for r in answer]}, default=str)
    return project.codec.decode(raw, project.full_schema).of(control)


def gold_list(project: Project) -> list[dict[str, Any]]:
    """One row a gold item: its label, where it comes from, how many have seen it, whether it is still asked."""
    return [
        {
            "item": g.item,
            "label": g.label,
            "source": g.source.value,
            "by": g.by,
            "exposures": g.exposures,
            "state": "suspected" if g.suspected else "retired" if g.retired_at else "active",
            "reason": g.suspected or g.retired_reason,
            "explanation": g.explanation,
        }
        for g in project.store.gold(project.control.name)
    ]


def retire_gold(project: Project, items: Sequence[str], reason: str) -> int:
    """Ask these items no more as gold; their labels stay known.

    Raises:
        UsageError: one of them is no gold.
    """
    known = {g.item: g for g in project.store.gold(project.control.name)}
    strangers = [i for i in items if i not in known]
    if strangers:
        raise UsageError(f"{strangers[0]} is no gold item", next_step="See them: labelwright gold list")
    now = project.clock.now()
    fresh = [known[i] for i in dict.fromkeys(items) if known[i].retired_at is None]
    project.store.put_gold([replace(g, retired_at=now, retired_reason=reason) for g in fresh])
    return len(fresh)
