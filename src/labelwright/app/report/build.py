"""The use case: tables in, report out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from math import sqrt

import polars as pl

from labelwright.app.report.breakdown import with_breakdowns
from labelwright.app.report.conduct import with_conduct
from labelwright.app.report.control import control_report
from labelwright.app.report.doubts import doubts_of
from labelwright.app.report.faults import faults_of
from labelwright.app.report.items import MOST_ITEMS, skipped_items
from labelwright.app.report.values import AnnotatorReport, ControlCard, ControlReport, Report, Verdict
from labelwright.app.tables import ControlTable, Tables
from labelwright.model.errors import NothingToDoError
from labelwright.model.measure import Measure
from labelwright.model.project import AnnotationState
from labelwright.model.schema import Kind
from labelwright.ports import Learner

#: Faults that a verdict names; the cards have all.
_FAULTS = 8


def build_report(
    tables: Tables,
    source: str,
    limit: int = MOST_ITEMS,
    *,
    slices: Sequence[str] = (),
    learner: Callable[[], Learner] | None = None,
    conduct: bool = False,
) -> Report:
    """Measure agreement on every control and say what it means.

    Args:
        tables: what was answered.
        source: where it came from, as shown to people.
        limit: difficult items named for each control.
        slices: metadata or data fields by whose values agreement is measured, too.
        learner: makes models of texts, which look for likely label errors; without it none are looked for.
        conduct: also look into how each annotator works: skill, bias, gold, drift, fatigue, haste, copying.

    Raises:
        NothingToDoError: no annotation counts.
        UsageError: no item has one of the fields to slice by.
    """
    counted = tables.answers.filter(pl.col("state") == str(AnnotationState.VALID))
    if counted.is_empty():
        raise NothingToDoError(
            "There is no annotation to report on", where=source, next_step=_next_step(tables.answers, tables.rejected)
        )
    controls = tuple(
        _with_more(control_report(t, tables, limit), t, tables, limit, slices, learner, conduct=conduct)
        for t in tables.controls
        if t.control.kind is not Kind.RELATIONS
    )
    per_item = counted.group_by("item").agg(pl.col("annotator").n_unique().alias("n"))
    skipped, n_skipped = skipped_items(tables, limit)
    return Report(
        source=source,
        items=per_item.height,
        items_known=max(tables.n_items, per_item.height),
        items_shared=per_item.filter(pl.col("n") >= 2).height,
        annotators=counted["annotator"].n_unique(),
        annotations=counted.height,
        states=_states(tables.answers),
        controls=controls,
        people=_people(tables, controls),
        rejected=tables.rejected,
        notes=tables.notes,
        objects=tables.objects,
        simulated=tables.simulated,
        skipped=skipped,
        n_skipped=n_skipped,
    )


def _with_more(
    report: ControlReport,
    table: ControlTable,
    tables: Tables,
    limit: int,
    slices: Sequence[str],
    learner: Callable[[], Learner] | None,
    *,
    conduct: bool,
) -> ControlReport:
    """With the agreement in parts, and the labels that look wrong from the texts."""
    doubts = doubts_of(table, tables, learner, limit)
    found = replace(with_breakdowns(report, table, tables, slices), doubts=doubts)
    if not conduct:
        return found
    cards = with_conduct(report.cards, table, tables)
    return replace(found, cards=cards, verdict=with_faults(report.verdict, cards, tables))


def with_faults(verdict: Verdict, cards: Sequence[ControlCard], tables: Tables) -> Verdict:
    """Who needs help: also those who changed, tire, hurry or copy."""
    names = {a.id: a.name or a.id for a in tables.annotators.values()}
    lines = [
        f"{names.get(c.annotator, c.annotator)} {line}"
        for c in cards
        if c.conduct
        for line in faults_of(c.conduct, names)
    ]
    return replace(verdict, help=(*verdict.help, *lines[:_FAULTS]))


def _next_step(answers: pl.DataFrame, rejected: Mapping[str, int]) -> str:
    if not answers.is_empty():
        found = ", ".join(f"{n} {state}" for state, n in _states(answers).items())
        return f"What there is does not count: {found}"
    if rejected:
        return "Every row was left out: " + ", ".join(f"{n} {reason}" for reason, n in rejected.items())
    return "Label some items first, or check that the export holds annotations."


def _states(answers: pl.DataFrame) -> dict[str, int]:
    counts = dict(answers.group_by("state").len().iter_rows())
    return {str(s): counts[str(s)] for s in AnnotationState if counts.get(str(s))}


def _people(tables: Tables, controls: Sequence[ControlReport]) -> tuple[AnnotatorReport, ...]:
    """Everybody who did anything, most items first."""
    states: dict[str, dict[str, int]] = {}
    for annotator, state, n in tables.answers.group_by("annotator", "state").len().sort("state").iter_rows():
        states.setdefault(annotator, {})[state] = n
    valid = tables.answers.filter(pl.col("state") == str(AnnotationState.VALID))
    items = dict(valid.group_by("annotator").agg(pl.col("item").n_unique()).iter_rows())
    times = _times(valid)
    people = [
        AnnotatorReport(
            id=who,
            name=tables.annotators[who].name if who in tables.annotators else who,
            items=items.get(who, 0),
            counts=counts,
            seconds=times.get(who, Measure(None, reason="no time was recorded")),
            agreement=_with_others(who, controls),
        )
        for who, counts in states.items()
    ]
    return tuple(sorted(people, key=lambda p: (-p.items, p.id)))


def _times(valid: pl.DataFrame) -> dict[str, Measure]:
    """Median seconds per item, with the order-statistic interval of a median (Hollander & Wolfe 1999, 3.6)."""
    found: dict[str, Measure] = {}
    timed = valid.filter(pl.col("seconds").is_not_null()).group_by("annotator").agg(pl.col("seconds").sort())
    for who, seconds in timed.iter_rows():
        n = len(seconds)
        reach = 1.96 * sqrt(n) / 2
        low, high = int(n / 2 - reach), int(n / 2 + reach)
        middle = (seconds[(n - 1) // 2] + seconds[n // 2]) / 2
        known = n >= 6
        found[who] = Measure(
            middle,
            seconds[max(0, low)] if known else None,
            seconds[min(n - 1, high)] if known else None,
            n,
            n,
            None if known else "too few items for an interval",
        )
    return found


def _with_others(who: str, controls: Sequence[ControlReport]) -> Measure:
    """The mean over the controls, each weighted by the answers it rests on."""
    cards = [c.agreement for r in controls for c in r.cards if c.annotator == who and c.agreement.value is not None]
    n = sum(m.n_items for m in cards)
    if not n:
        return Measure(None, reason="shares no item with anybody")

    def mean(values: Sequence[float | None]) -> float | None:
        known = [(v, m.n_items) for v, m in zip(values, cards, strict=True) if v is not None]
        return sum(v * k for v, k in known) / n if len(known) == len(cards) else None

    return Measure(
        mean([m.value for m in cards]),
        mean([m.low for m in cards]),
        mean([m.high for m in cards]),
        max(m.n_items for m in cards),
        n,
    )
