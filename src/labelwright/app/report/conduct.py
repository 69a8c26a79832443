"""How each annotator works: skill, bias, gold, change over time, fatigue, haste, and who copies whom.

Every accusation comes from a test whose false-alarm rate holds for the whole team (`FALSE_ALARM`): a lead must not find
somebody guilty in every team that is large enough.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from statistics import NormalDist
from typing import Any

import numpy as np
import polars as pl

from labelwright.agreement.structures import Drawing, Regions, regions_of
from labelwright.app.report.cards import FALSE_ALARM, wilson
from labelwright.app.report.drawing import on_regions
from labelwright.app.report.drawn import alike_regions, written_likeness
from labelwright.app.report.overlap import Overlap
from labelwright.app.report.parts import Change, ClassBias, Conduct
from labelwright.app.report.settled import consensus_of
from labelwright.app.report.spread import spread_of
from labelwright.app.report.values import ControlCard
from labelwright.app.tables import WRITTEN_KINDS, ControlTable, Known, Tables
from labelwright.consensus import (
    ConsensusResult,
    class_bias,
    copying,
    drift,
    fatigue,
    gold_accuracy,
    haste,
    leave_one_out,
)
from labelwright.consensus.copying import pairs_of
from labelwright.model.errors import DataError
from labelwright.model.measure import Measure
from labelwright.model.project import AnnotationState
from labelwright.model.schema import STRUCTURE_KINDS, Kind

#: Answers up to which conduct is looked into, and the latest answers of one annotator that are.
MOST = 300_000
_LATEST = 500
#: A pause from which a new session begins.
PAUSE = timedelta(minutes=30)
_PERMUTATIONS = 1999
_BIASES = 2
#: People up to whom every pair is looked at for copying.
_MOST_PEOPLE = 80
_SEED = 0
_Z = NormalDist().inv_cdf(0.975)
_CLASSES = frozenset({Kind.CHOICE, Kind.PAIRWISE})


def with_conduct(cards: tuple[ControlCard, ...], table: ControlTable, tables: Tables) -> tuple[ControlCard, ...]:
    """The cards with what is known of how each annotator works on this control."""
    if table.labels.is_empty() or table.labels.height > MOST:
        return cards
    if table.control.per_region and table.control.kind not in STRUCTURE_KINDS:
        table = on_regions(table)
    right = likeness_of(table)
    found = changes_of(right, tables) if right is not None else {}
    if table.control.kind in _CLASSES and not table.labels.is_empty():
        found = _with_classes(found, table, tables.known(table.control.name))
    elif (truth := tables.truths.get(table.control.name)) is not None and not table.control.per_region:
        alike = like_gold(table, truth)
        found = {w: replace(found.get(w, Conduct()), like_gold=alike.get(w)) for w in {*found, *alike}}
    return tuple(replace(card, conduct=found.get(card.annotator)) for card in cards)


def likeness_of(table: ControlTable) -> pl.DataFrame | None:
    """Columns item, annotator, right: how like the others' answers each answer is, 0 to 1; None where nobody can tell.

    The item of a region item#number is the item.
    """
    if table.labels.is_empty():
        return None
    try:
        rows = _likeness(table)
    except DataError:  # a broken drawing is named by the measures
        return None
    frame = pl.DataFrame(
        [(i, a, v) for (i, a), v in rows.items()],
        schema={"item": pl.String, "annotator": pl.String, "right": pl.Float64},
        orient="row",
    )
    if table.control.per_region and table.control.kind not in STRUCTURE_KINDS:
        frame = frame.with_columns(pl.col("item").str.replace("#[0-9]+$", ""))
    return frame.filter(pl.col("right").is_between(0, 1))


def _likeness(table: ControlTable) -> Mapping[tuple[str, str], float]:
    if table.control.kind in STRUCTURE_KINDS:
        return _drawn_likeness(regions_of([Drawing(i, a, entries) for (i, a), entries in table.regions.items()]))
    if table.control.kind in WRITTEN_KINDS:
        return written_likeness(table)
    overlap = Overlap.of(table.labels)
    coded, spread = overlap.coded, spread_of(table, overlap)
    items, people = overlap.item_ids, overlap.annotator_ids
    keys = zip(coded.item.tolist(), coded.annotator.tolist(), spread.likeness.tolist(), strict=True)
    return {(items[i], people[a]): v for i, a, v in keys if v == v}  # noqa: PLR0124 - NaN: nobody else answered


def like_gold(table: ControlTable, truth: ControlTable) -> dict[str, Measure]:
    """How like the known answers to the same items each annotator's are, where answers are not right or wrong.

    Each answer is compared with the item's known one as with a colleague's; see `likeness_of`. A known answer says
    nothing about whoever gave it.

    Args:
        table: everybody's answers.
        truth: the known ones, with who gave them; of several to an item the first counts.
    """
    given = set(_keys(truth))
    known = dict(sorted(given, reverse=True))
    others = [(i, a) for i, a in _keys(table) if i in known and (i, a) not in given]
    pairs = {(i, a): f"{k}" for k, (i, a) in enumerate(others)}
    answers = [(name, i, a) for (i, a), name in pairs.items()]
    truths = [(name, i, known[i]) for (i, _), name in pairs.items()]
    sides = ((table, answers, "answer"), (truth, truths, "truth"))
    labels = [_on_side(t.labels, rows, side) for t, rows, side in sides]
    sets = [_on_side(t.sets, rows, side) for t, rows, side in sides if t.sets is not None]
    regions = {(n, side): t.regions[i, a] for t, rows, side in sides for n, i, a in rows if (i, a) in t.regions}
    paired = replace(table, labels=pl.concat(labels), sets=pl.concat(sets) if sets else None, regions=regions)
    right = None if paired.labels.is_empty() else likeness_of(paired)
    if right is None:
        return {}
    whose = {name: who for (_, who), name in pairs.items()}
    values: dict[str, list[float]] = {}
    for pair, value in right.filter(pl.col("annotator") == "answer").select("item", "right").iter_rows():
        values.setdefault(whose[pair], []).append(value)
    return {who: _mean_of(found) for who, found in values.items()}


def _keys(table: ControlTable) -> Iterator[tuple[str, str]]:
    yield from table.labels.select("item", "annotator").iter_rows()


def _on_side(frame: pl.DataFrame, rows: Sequence[tuple[str, str, str]], side: str) -> pl.DataFrame:
    """The answers of these pairs, item and annotator, with the pair as item and the side as annotator."""
    wanted = pl.DataFrame(rows, schema=dict.fromkeys(("pair", "item", "annotator"), pl.String), orient="row")
    joined = wanted.join(frame, on=["item", "annotator"], how="inner", maintain_order="left")
    return joined.select(pl.col("pair").alias("item"), pl.lit(side).alias("annotator"), "label")


def _mean_of(values: list[float]) -> Measure:
    low, high = wilson(sum(values) / len(values), len(values), _Z)
    return Measure(sum(values) / len(values), low, high, len(values), len(values))


def _drawn_likeness(regions: Regions) -> dict[tuple[str, str], float]:
    """F1 of each answer with the item's other answers: of everything both sides drew, the share that is matched."""
    matched = alike_regions(regions)
    n = len(regions.cell_item)
    agreed = np.bincount(regions.cell[matched.left], minlength=n) + np.bincount(
        regions.cell[matched.right], minlength=n
    )
    own = np.bincount(regions.cell, minlength=n)
    answers = np.bincount(regions.cell_item, minlength=len(regions.items))[regions.cell_item]
    total = np.bincount(regions.cell_item, weights=own, minlength=len(regions.items))[regions.cell_item]
    sides = own * (answers - 1) + (total - own)
    value = np.where(sides > 0, 2 * agreed / np.maximum(sides, 1), 1.0)
    return {
        (regions.items[i], regions.annotators[a]): float(v)
        for i, a, v, k in zip(regions.cell_item, regions.cell_annotator, value, answers, strict=True)
        if k >= 2
    }


# ---------------------------------------------------------------- change, fatigue, haste


def changes_of(right: pl.DataFrame, tables: Tables) -> dict[str, Conduct]:
    """Drift, fatigue and haste of everybody with times.

    Rounds differ in difficulty, so that each answer counts by how far it lies above its round's mean.
    """
    timed = _timed(right, tables)
    rng = np.random.default_rng(_SEED)
    options: dict[str, Any] = {"rng": rng, "alpha": FALSE_ALARM, "permutations": _PERMUTATIONS}
    found: dict[str, dict[str, Change]] = {}
    clock = timed.filter(pl.col("time").is_not_null())
    for row in drift(clock, **options).iter_rows(named=True) if clock.height else ():
        found.setdefault(row["annotator"], {})["drift"] = _drifted(row, clock)
    for row in fatigue(clock, **options).iter_rows(named=True) if clock.height else ():
        slope = None if row["slope"] is None else 2 * row["slope"]
        found.setdefault(row["annotator"], {})["fatigue"] = _change(row, None, None, slope)
    quick = timed.filter(pl.col("seconds").is_not_null())
    for row in haste(quick, **options).iter_rows(named=True) if quick.height else ():
        found.setdefault(row["annotator"], {})["haste"] = _hurried(row, quick)
    return {
        who: Conduct(drift=changes.get("drift"), fatigue=changes.get("fatigue"), haste=changes.get("haste"))
        for who, changes in found.items()
    }


def _timed(right: pl.DataFrame, tables: Tables) -> pl.DataFrame:
    """Columns annotator, time, seconds, session, plain (0 to 1) and right (the same less the round's mean, halved)."""
    answers = tables.answers.filter(pl.col("state") == str(AnnotationState.VALID))
    if "time" not in answers.columns:
        answers = answers.with_columns(pl.lit(None, pl.Datetime("us", "UTC")).alias("time"))
    kept = answers.select("item", "annotator", "seconds", "round", pl.col("time").cast(pl.Datetime("us", "UTC")))
    kept = kept.unique(["item", "annotator"], keep="last", maintain_order=True)
    frame = right.join(kept, on=["item", "annotator"], how="inner").sort("annotator", "time", nulls_last=True)
    frame = frame.group_by("annotator", maintain_order=True).tail(_LATEST)
    return frame.with_columns(
        (pl.col("time").diff().over("annotator") > PAUSE)
        .fill_null(value=False)
        .cum_sum()
        .over("annotator")
        .alias("session"),
        pl.col("right").alias("plain"),
        ((pl.col("right") - pl.col("right").mean().over("round") + 1) / 2).clip(0, 1).alias("right"),
    )


def _drifted(row: Mapping[str, Any], clock: pl.DataFrame) -> Change:
    if row["since"] is None:
        return _change(row, None, None, None)
    own = clock.filter(pl.col("annotator") == row["annotator"])
    before = own.filter(pl.col("time") < row["since"])["plain"].mean()
    after = own.filter(pl.col("time") >= row["since"])["plain"].mean()
    return replace(_change(row, before, after, 2 * (row["after"] - row["before"])), since=row["since"].isoformat())


def _hurried(row: Mapping[str, Any], quick: pl.DataFrame) -> Change:
    if row["quick"] is None:
        return _change(row, None, None, None)
    own = quick.filter(pl.col("annotator") == row["annotator"]).sort("seconds", maintain_order=True)["plain"]
    third = len(own) // 3
    change = _change(row, own.tail(third).mean(), own.head(third).mean(), 2 * (row["quick"] - row["slow"]))
    return replace(change, below=float(row["below"]))


def _change(row: Mapping[str, Any], before: Any, after: Any, change: float | None) -> Change:
    return Change(
        found=bool(row["changed"]),
        before=None if before is None else float(before),
        after=None if after is None else float(after),
        change=change,
        p_adjusted=row["p_adjusted"],
        n=row["n"],
        reason=row["reason"],
    )


# ---------------------------------------------------------------- classes


def _with_classes(found: Mapping[str, Conduct], table: ControlTable, given: Known) -> dict[str, Conduct]:
    """With skill, agreement with the others' majority, gold, class bias and copying."""
    overlap = Overlap.of(table.labels)
    coded = overlap.coded
    known = _on_gold(overlap, given) if given.gold else {}
    if coded.n_classes < 2 or not overlap.shared.any():
        return {w: replace(found.get(w, Conduct()), gold=known.get(w)) for w in {*found, *known}}
    rest = _shares(leave_one_out(coded), "agreement", "no item whose others agree")
    result = consensus_of(table.control.kind, overlap, given)
    skills = {} if result is None else _shares(result.annotators, "skill", "no answers")
    biases = {} if result is None else _biases(result)
    copies = pairs_of(copying(coded, alpha=FALSE_ALARM)) if coded.n_annotators <= _MOST_PEOPLE else {}
    return {
        who: replace(
            found.get(who, Conduct()),
            skill=skills.get(who),
            rest=rest.get(who),
            gold=known.get(who),
            bias=biases.get(who, ()),
            copies=tuple(str(x) for x in copies.get(who, ())),
        )
        for who in overlap.annotator_ids
    }


def _on_gold(overlap: Overlap, given: Known) -> dict[str, Measure]:
    """Right answers to gold; an answer that is itself the known one does not count for who gave it."""
    coded = overlap.apart_from(given.marked)
    if not coded.n_annotations:
        return {}
    return _shares(gold_accuracy(coded, given.gold), "accuracy", "answered no gold item")


def _shares(frame: pl.DataFrame, column: str, reason: str) -> dict[str, Measure]:
    rows = frame.select("annotator", column, "low", "high", "n").iter_rows()
    return {
        str(who): Measure(None, reason=reason) if value is None else Measure(value, low, high, n, n)
        for who, value, low, high, n in rows
    }


def _biases(result: ConsensusResult) -> dict[str, tuple[ClassBias, ...]]:
    """Classes that an annotator gives too often or too rarely, the whole interval on one side of nought."""
    frame = class_bias(result).filter((pl.col("low") > 0) | (pl.col("high") < 0))
    found: dict[str, list[ClassBias]] = {}
    for who, name, bias, low, high in frame.select("annotator", "class", "bias", "low", "high").iter_rows():
        found.setdefault(str(who), []).append(ClassBias(str(name), bias, low, high))
    return {who: tuple(sorted(rows, key=lambda b: -abs(b.bias))[:_BIASES]) for who, rows in found.items()}
