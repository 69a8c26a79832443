"""Guideline gaps: classes that people confuse beyond chance and beyond one person; a to-do list for the author."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
from scipy.stats import poisson

from labelwright.app.answers import Reply
from labelwright.app.context import Project
from labelwright.consensus import AnchoredDawidSkene, confused_pairs
from labelwright.model.consensus import ConsensusState
from labelwright.model.project import Purpose

#: What counts now: where somebody was asked again, the second answer stands for the first.
_COUNTED = frozenset({Purpose.LABEL, Purpose.OVERLAP, Purpose.TEST, Purpose.REASK})
_LEVEL = 0.05
#: Expected answers from which somebody counts as one who confuses a pair.
_ONE = 1.0
#: Expected answers of all but the one who does it most, below which a pair is that one's own.
_OTHERS = 4.0
_PEOPLE = 200
_SCHEMA = {"item": pl.String, "annotator": pl.String, "label": pl.String}


def gaps(replies: Sequence[Reply]) -> list[dict[str, Any]]:
    """Pairs of classes that the guidelines do not tell apart.

    A pair is named when it is confused more often than the mean pair (Poisson, 5 % over all pairs), and still so (5 %)
    without the one person who confuses it most: one person's habit is hers, and belongs into her feedback.
    """
    rows = [(r.item, r.annotator, r.label) for r in replies if r.last and r.purpose in _COUNTED and r.label is not None]
    table = pl.DataFrame(rows, schema=_SCHEMA, orient="row")
    if table.is_empty() or table["label"].n_unique() < 2:
        return []
    result = AnchoredDawidSkene().fit(table)
    K = len(result.classes)
    pairs = list(confused_pairs(result, pairs=K * K, people=_PEOPLE).iter_rows(named=True))
    by_person = _by_person(pairs)
    return [_gap(row, own) for row, own in zip(pairs, by_person, strict=True) if _beyond_one(own, by_person, K)]


def _by_person(pairs: Sequence[Mapping[str, Any]]) -> list[dict[str, float]]:
    """Expected answers that confuse each pair, by annotator."""
    return [{p["annotator"]: float(p["answers"]) for p in row["by"]} for row in pairs]


def _beyond_one(own: Mapping[str, float], every: Sequence[Mapping[str, float]], n_classes: int) -> bool:
    """More than the mean pair, with everybody and without the person who does it most."""
    n_pairs = n_classes * (n_classes - 1) / 2
    worst = max(own, key=lambda who: own[who])
    for left_out, level in ((None, _LEVEL / max(n_pairs, 1)), (worst, _LEVEL)):
        totals = [sum(n for who, n in people.items() if who != left_out) for people in every]
        mine = sum(n for who, n in own.items() if who != left_out)
        if mine < (_OTHERS if left_out else _ONE) or (n_pairs > 1 and _chance(mine, sum(totals) / n_pairs) > level):
            return False
    return True


def _chance(confusions: float, mean: float) -> float:
    return float(poisson.sf(confusions - 1e-9, mean))


def _gap(row: Mapping[str, Any], own: Mapping[str, float]) -> dict[str, Any]:
    return {
        "class_a": row["class_a"],
        "class_b": row["class_b"],
        "confusions": row["confusions"],
        "rate": row["rate"],
        "a_as_b": row["a_as_b"],
        "b_as_a": row["b_as_a"],
        "annotators": sum(n >= _ONE for n in own.values()),
        "examples": list(row["examples"]),
    }


def with_texts(project: Project, replies: Sequence[Reply], found: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The same with each example's text, what how many people said, and what it is by now.

    Args:
        project: the labeling project.
        replies: everybody's answers.
        found: of `gaps`.
    """
    wanted = {str(i) for gap in found for i in gap["examples"]}
    items = project.store.items(wanted)
    kept = {c.item: c for c in project.store.consensus(project.control.name, wanted)} if wanted else {}
    said: dict[str, Counter[str]] = defaultdict(Counter)
    for r in replies:
        if r.item in wanted and r.last and r.purpose in _COUNTED and r.label is not None:
            said[r.item][r.label] += 1
    fields = [f for f in project.schema.data_fields if f not in project.media.fields]

    def example(item: str) -> dict[str, Any]:
        known = kept.get(item)
        final = known is not None and known.state is ConsensusState.ADJUDICATED
        return {
            "item": item,
            "text": " ".join(str(items[item].data.get(f, "")) for f in fields)[:600] if item in items else "",
            "said": dict(said[item].most_common()),
            "label": known.label if known is not None and final else None,
            "why": known.reason if known is not None and final else None,
        }

    return [{**gap, "texts": [example(str(i)) for i in gap["examples"]]} for gap in found]
