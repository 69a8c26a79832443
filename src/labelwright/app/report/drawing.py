"""The report of a control that is drawn, written or ranked, and of questions about what was drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import polars as pl

from labelwright.agreement.structures import Drawing, coded_answers, label_frame, region_answers
from labelwright.app.report.drawn import Drawn, drawn_of
from labelwright.app.report.existence import drawn_consensus
from labelwright.app.report.items import Ranked, difficult_items, rank
from labelwright.app.report.measures import no_classes, undefined
from labelwright.app.report.values import ControlReport, Remedies
from labelwright.app.report.verdict import LOW, Findings, verdict_of
from labelwright.app.tables import SET_JOINT, SET_KINDS, WRITTEN_KINDS, ControlTable, Tables
from labelwright.coding import encode
from labelwright.model.measure import Measure
from labelwright.model.schema import STRUCTURE_KINDS, Control

_EXAMPLES = 8
#: From this disagreement on, answers lie far apart.
_FAR = 0.5


def compared_by_distance(control: Control) -> bool:
    """Answers of this control are no classes."""
    return control.kind in STRUCTURE_KINDS or control.kind in WRITTEN_KINDS


def on_regions(table: ControlTable) -> ControlTable:
    """A question about regions as an ordinary one, whose items are the regions that several annotators drew.

    Such an item is named item#number.
    """
    drawings = [Drawing(i, a, entries) for (i, a), entries in table.regions.items()]
    answers = region_answers(drawings, table.control.name)
    rows = coded_answers(answers, "set" if table.control.kind in SET_KINDS else "written")
    frame = label_frame(rows)
    if frame.is_empty():
        return replace(table, labels=table.labels.clear(), regions={})
    if table.control.kind in SET_KINDS:
        joined = frame.with_columns(pl.col("label").map_elements(lambda m: SET_JOINT.join(map(str, m)), pl.String))
        return replace(table, labels=joined, sets=frame, regions={})
    return replace(table, labels=frame, regions={d_key(d): d.entries for d in answers})


def d_key(drawing: Drawing) -> tuple[str, str]:
    """Item and annotator."""
    return drawing.item, drawing.annotator


def drawn_report(table: ControlTable, tables: Tables, limit: int) -> ControlReport:
    """The report of what is compared by place or distance."""
    found = drawn_of(table, lengths_of(table, tables))
    there = drawn_consensus(table.regions, limit) if table.control.kind in STRUCTURE_KINDS else None
    coded = encode(table.labels)
    ranked, n_difficult = _ranked(found.disagreement or {}, table, limit)
    expert = frozenset(there.expert_items) if there else frozenset()
    difficult = tuple(replace(d, expert=d.item in expert) for d in difficult_items(ranked, table, tables))
    lead = found.lead.measure if found.lead else Measure(None, reason=found.reason)
    return ControlReport(
        control=table.control,
        agreement=replace(undefined(no_classes(table.control, coded), coded), n_dropped=table.n_dropped),
        verbal=None,
        others=(),
        pairs=found.pairs,
        difficult=difficult,
        n_difficult=n_difficult,
        n_contested=0,
        n_shared_items=len(found.disagreement or {}),
        distribution=_drawn_classes(table),
        confusion=None,
        confused=found.confused,
        cards=found.cards,
        verdict=verdict_of(
            replace(
                _findings(found, lead, tables, table),
                drawn=there,
                worst=tuple(d.item for d in difficult if d.disagreement >= _FAR),
            )
        ),
        remedies=_remedies(found, lead, tuple(d.item for d in difficult)),
        structure=found.measures,
        by_class=found.by_class,
        drawn=there,
    )


def lengths_of(table: ControlTable, tables: Tables) -> Mapping[str, float]:
    """Length of each item's text as its offsets count it, so that the gap behind the last span is seen."""
    fields = {o.name: o.field for o in tables.objects if o.tag in {"Text", "TextArea"}}
    field = next((fields[t] for t in table.control.to if fields.get(t)), None)
    if field is None:
        return {}
    items = tables.content({i for i, _ in table.regions})
    texts = {i: item.data.get(field) for i, item in items.items()}
    return {i: len(t.encode("utf-16-le", "surrogatepass")) / 2 for i, t in texts.items() if isinstance(t, str)}


def _ranked(disagreement: Mapping[str, float], table: ControlTable, limit: int) -> tuple[Ranked, int]:
    answers = dict(table.labels.group_by("item").len().iter_rows())
    ids = sorted(disagreement)
    far = np.array([disagreement[i] for i in ids], dtype=np.float64)
    sizes = np.array([answers.get(i, 0) for i in ids], dtype=np.int64)
    return rank(ids, far, sizes, np.zeros(len(ids), np.bool_), limit), int((far > 0).sum())


def _drawn_classes(table: ControlTable) -> tuple[tuple[str, int], ...]:
    """Regions of each class."""
    if table.control.kind not in STRUCTURE_KINDS:
        return ()
    counts: dict[str, int] = {}
    for entries in table.regions.values():
        for entry in entries:
            name = SET_JOINT.join(entry.labels) or "(no class)"
            counts[name] = counts.get(name, 0) + 1
    return tuple(sorted(counts.items(), key=lambda kv: (-kv[1], kv[0])))


def _findings(found: Drawn, lead: Measure, tables: Tables, table: ControlTable) -> Findings:
    apart = found.disagreement or {}
    return Findings(
        what=found.lead.title if found.lead else "agreement",
        measure=lead,
        shared=len(apart),
        items=table.labels["item"].n_unique(),
        contested=None,
        differing=sum(d >= _FAR for d in apart.values()),
        confused=found.confused,
        cards=found.cards,
        names={a.id: a.name or a.id for a in tables.annotators.values()},
        likeness=found.likeness,
        chance_corrected=bool(found.lead and "alpha" in found.lead.key),
    )


def _remedies(found: Drawn, lead: Measure, items: tuple[str, ...]) -> Remedies | None:
    if found.lead is None or lead.value is None or lead.value >= LOW:
        return None
    return Remedies(
        because=f"{found.lead.title} is {lead.value:.2f}: below {LOW:.1f}.",
        confused=found.confused[:3],
        apart=tuple(c.annotator for c in found.cards if c.apart),
        guideline_items=items[:_EXAMPLES],
    )
