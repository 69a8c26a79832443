"""The report as the JSON document that scripts rely on: keys are only ever added."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from labelwright.app.report.cards import FALSE_ALARM
from labelwright.app.report.parts import Breakdown, Conduct, Doubts, DrawnConsensus, VersionChange
from labelwright.app.report.values import (
    AnnotatorReport,
    ConfusedPair,
    Consensus,
    ControlCard,
    ControlReport,
    DifficultItem,
    NamedMeasure,
    PairAgreement,
    Remedies,
    Report,
    Verdict,
)


def document_of(report: Report) -> dict[str, Any]:
    """The document; every value is one of JSON's."""
    return {
        "source": report.source,
        "simulated": report.simulated,
        "items": report.items,
        "annotators": report.annotators,
        "annotations": report.annotations,
        "items_known": report.items_known,
        "items_shared": report.items_shared,
        "annotation_states": dict(report.states),
        "rejected": dict(report.rejected),
        "notes": list(report.notes),
        "controls": {c.control.name: _control(c) for c in report.controls},
        "suggestions": None if report.suggestions is None else report.suggestions.as_dict(),
        "learned": None if report.learned is None else report.learned.as_dict(),
        "skipped_items": [asdict(s) for s in report.skipped],
        "n_skipped_items": report.n_skipped,
        "annotator_cards": [_person(p, report.controls) for p in report.people],
    }


def _control(c: ControlReport) -> dict[str, Any]:
    a = c.agreement
    return {
        "kind": str(c.control.kind),
        "tag": c.control.tag,
        "classes": list(c.control.classes),
        "per_region": c.control.per_region,
        "agreement": {
            "percent": a.percent.as_dict(),
            "cohen_kappa_mean": a.cohen_kappa_mean.as_dict(),
            "fleiss_kappa": a.fleiss_kappa.as_dict(),
            "krippendorff_alpha": a.krippendorff_alpha.as_dict(),
        },
        "level": a.level,
        "verbal_scale": c.verbal,
        "n_dropped": a.n_dropped,
        "items_shared": c.n_shared_items,
        "structure": _named(c.structure),
        "other_measures": _named(c.others),
        "by_class": _named(c.by_class),
        "distribution": dict(c.distribution),
        "pairs": [_pair(p) for p in c.pairs],
        "difficult_items": [_difficult(d) for d in c.difficult],
        "n_difficult": c.n_difficult,
        "n_contested": c.n_contested,
        "confusion": None
        if c.confusion is None
        else {
            "classes": list(c.confusion.classes),
            "counts": [list(row) for row in c.confusion.counts],
            "left_out": c.confusion.left_out,
        },
        "confused_classes": [_confused(p) for p in c.confused],
        "consensus": None if c.consensus is None else _consensus(c.consensus),
        "structure_consensus": None if c.drawn is None else _drawn(c.drawn),
        "doubts": None if c.doubts is None else _doubts(c.doubts),
        "by_slice": {b.by: _breakdown(b) for b in c.by_slice},
        "over_time": None if c.over_time is None else _breakdown(c.over_time),
        "guideline_versions": [_change(v) for v in c.versions],
        "verdict": _verdict(c.verdict),
        "remedies": None if c.remedies is None else _remedies(c.remedies),
    }


def _named(measures: Sequence[NamedMeasure]) -> dict[str, Any]:
    return {m.key: {"title": m.title, **m.measure.as_dict()} for m in measures}


def _pair(p: PairAgreement) -> dict[str, Any]:
    found: dict[str, Any] = {"a": p.a, "b": p.b, "shared_items": p.shared, "kappa": p.kappa.as_dict()}
    return found if p.other is None else {**found, "measure": p.measure, "agreement": p.other.as_dict()}


def _difficult(d: DifficultItem) -> dict[str, Any]:
    return {
        "item": d.item,
        "disagreement": d.disagreement,
        "contested": d.contested,
        "answers": [{"annotator": a.annotator, "label": a.label} for a in d.answers],
        "excerpt": d.excerpt,
        "consensus": d.consensus,
        "posterior": d.posterior,
        "entropy": d.entropy,
        "expert": d.expert,
        "median_seconds": d.seconds,
        "skips": d.skips,
    }


def _confused(p: ConfusedPair) -> dict[str, Any]:
    return {
        "classes": [p.a, p.b],
        "n": p.n,
        "share": p.share,
        "rate": p.rate,
        "items": list(p.items),
        "by": [{"annotator": who, "n": n} for who, n in p.by],
        "gap": p.gap,
        "alpha_if_merged": None if p.merged is None else p.merged.as_dict(),
    }


def _consensus(found: Consensus) -> dict[str, Any]:
    return {
        "method": found.method,
        "why": found.why,
        "distribution": dict(found.distribution),
        "n_expert": found.n_expert,
        "calibration": None if found.calibration is None else asdict(found.calibration),
        "expert_items": [
            {"item": e.item, "label": e.label, "posterior": e.posterior, "answers": e.answers} for e in found.expert
        ],
    }


def _drawn(found: DrawnConsensus) -> dict[str, Any]:
    return {
        "regions": found.n_regions,
        "existing": found.n_existing,
        "distribution": dict(found.distribution),
        "items": found.items,
        "n_expert": found.n_expert,
        "expert_items": list(found.expert_items),
        "unsure_regions": [asdict(r) for r in found.unsure],
        "annotators": [asdict(a) for a in found.annotators],
        "reason": found.reason,
    }


def _doubts(found: Doubts) -> dict[str, Any]:
    return {
        "items": found.n_items,
        "label_errors": [asdict(e) for e in found.errors],
        "n_label_errors": found.n_errors,
        "expected_wrong_labels": found.expected,
        "label_errors_reason": found.errors_reason,
        "near_duplicates": [
            {"items": [d.a, d.b], "labels": [d.label_a, d.label_b], "similarity": d.similarity}
            for d in found.duplicates
        ],
        "n_near_duplicates": found.n_duplicates,
        "near_duplicates_reason": found.duplicates_reason,
    }


def _breakdown(found: Breakdown) -> dict[str, Any]:
    return {
        "measure": found.measure,
        "parts": [{"name": p.name, **p.measure.as_dict()} for p in found.parts],
        "left_out": found.left_out,
        "reason": found.reason,
    }


def _change(found: VersionChange) -> dict[str, Any]:
    return {
        "versions": [found.before_version, found.after_version],
        "measure": found.measure,
        "before": found.before.as_dict(),
        "after": found.after.as_dict(),
        "change": found.change.as_dict(),
    }


def _verdict(v: Verdict) -> dict[str, Any]:
    return {
        "level": v.level,
        "train": v.headline,
        "why": v.why,
        "help": list(v.help),
        "guidelines": list(v.guidelines),
        "experts": v.experts,
        "next_step": v.next_step,
    }


def _remedies(r: Remedies) -> dict[str, Any]:
    return {
        "because": r.because,
        "confused_classes": [_confused(p) for p in r.confused],
        "stand_apart": list(r.apart),
        "guideline_items": list(r.guideline_items),
    }


def _person(p: AnnotatorReport, controls: Sequence[ControlReport]) -> dict[str, Any]:
    return {
        "annotator": p.id,
        "name": p.name,
        "items": p.items,
        "annotations": dict(p.counts),
        "median_seconds": p.seconds.as_dict(),
        "agreement_with_others": p.agreement.as_dict(),
        "controls": {c.control.name: _card(card) for c in controls for card in c.cards if card.annotator == p.id},
    }


def _card(card: ControlCard) -> dict[str, Any]:
    return {
        "n": card.n,
        "agreement_with_others": card.agreement.as_dict(),
        "kappa_with_others": card.kappa.as_dict(),
        "stands_apart": card.apart,
        "looks": card.looks,
        "alpha_without": None if card.without is None else card.without.as_dict(),
        "habits": [{"said": h.said, "others_said": h.others, "n": h.n} for h in card.habits],
        "conduct": None if card.conduct is None else _conduct(card.conduct),
    }


def _conduct(found: Conduct) -> dict[str, Any]:
    measures = {
        "skill": found.skill,
        "agreement_with_majority": found.rest,
        "gold_accuracy": found.gold,
        "likeness_to_gold": found.like_gold,
    }
    changes = {"drift": found.drift, "fatigue": found.fatigue, "haste": found.haste}
    return {
        **{name: None if m is None else m.as_dict() for name, m in measures.items()},
        "class_bias": [asdict(b) for b in found.bias],
        **{name: None if c is None else asdict(c) for name, c in changes.items()},
        "copies": list(found.copies),
        "false_alarm_rate": FALSE_ALARM,
    }
