"""The items on which annotators differ most, with everybody's answer and what the item shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from labelwright.app.report.overlap import Floats, Ints
from labelwright.app.report.values import DifficultItem, GivenAnswer, SkippedItem
from labelwright.app.tables import ControlTable, Tables
from labelwright.model.project import AnnotationState, Item

#: Items of one control that a report names.
MOST_ITEMS = 100
_EXCERPT = 180
_SEVERAL = 2


@dataclass(frozen=True, slots=True)
class Ranked:
    """Items by disagreement, the worst first; of equals the one with more answers, then by id.

    Attributes:
        items: ids of all items with any disagreement.
        disagreement: of each, 0 to 1.
        contested: whether no answer has more votes than every other.
        all_contested: contested items in all.
    """

    items: Sequence[str]
    disagreement: Sequence[float]
    contested: Sequence[bool]
    all_contested: int = 0


def rank(ids: Sequence[str], disagreement: Floats, sizes: Ints, contested: NDArray[np.bool_], limit: int) -> Ranked:
    """The ``limit`` items on which answers lie furthest apart."""
    differing = np.flatnonzero(np.nan_to_num(disagreement) > 0)
    frame = pl.DataFrame(
        {"at": differing, "d": disagreement[differing], "n": sizes[differing], "id": [ids[i] for i in differing]},
        schema_overrides={"id": pl.String},
    ).sort("d", "n", "id", descending=[True, True, False])
    top = frame.head(limit)
    return Ranked(
        items=top["id"].to_list(),
        disagreement=top["d"].to_list(),
        contested=[bool(contested[i]) for i in top["at"]],
        all_contested=int(contested.sum()),
    )


def difficult_items(ranked: Ranked, table: ControlTable, tables: Tables) -> tuple[DifficultItem, ...]:
    """The ranked items with everybody's answer and their content."""
    content = _content(ranked.items, tables)
    given = _answers(ranked.items, table)
    seconds, skips = _effort(ranked.items, tables)
    return tuple(
        DifficultItem(
            item=item,
            disagreement=float(d),
            contested=contested,
            answers=given.get(item, ()),
            content=content.get(item),
            excerpt=excerpt_of(content.get(item), tables.fields),
            expert=contested,
            seconds=seconds.get(_whole(item)),
            skips=skips.get(_whole(item), 0),
        )
        for item, d, contested in zip(ranked.items, ranked.disagreement, ranked.contested, strict=True)
    )


def _whole(item: str) -> str:
    """The item of a region item#number."""
    whole, mark, number = item.rpartition("#")
    return whole if mark and number.isdigit() else item


def _effort(items: Sequence[str], tables: Tables) -> tuple[Mapping[str, float], Mapping[str, int]]:
    """Median seconds of the answers to each item, and how many annotators skipped it."""
    asked = tables.answers.filter(pl.col("item").is_in([_whole(i) for i in items] + list(items)))
    timed = asked.filter(pl.col("state") == str(AnnotationState.VALID), pl.col("seconds").is_not_null())
    seconds = dict(timed.group_by("item").agg(pl.col("seconds").median()).iter_rows())
    return seconds, dict(_skips(asked).select("item", "skips").iter_rows())


def _skips(answers: pl.DataFrame) -> pl.DataFrame:
    """Columns item and skips: annotators who skipped it and have given no answer that counts."""
    states = answers.group_by("item", "annotator").agg(
        (pl.col("state") == str(AnnotationState.SKIPPED)).any().alias("skipped"),
        (pl.col("state") == str(AnnotationState.VALID)).any().alias("answered"),
    )
    found = states.group_by("item").agg(
        (pl.col("skipped") & ~pl.col("answered")).sum().cast(pl.Int64).alias("skips"),
        pl.col("answered").sum().cast(pl.Int64).alias("answers"),
    )
    return found.filter(pl.col("skips") > 0)


def skipped_items(tables: Tables, limit: int) -> tuple[tuple[SkippedItem, ...], int]:
    """Items that two annotators or more skipped, the most skipped first; and how many there are."""
    found = _skips(tables.answers).filter(pl.col("skips") >= _SEVERAL).sort("skips", "item", descending=[True, False])
    first = found.head(limit)
    content = tables.content(first["item"].to_list())
    items = tuple(
        SkippedItem(item, skips, answers, excerpt_of(content.get(item), tables.fields))
        for item, skips, answers in first.select("item", "skips", "answers").iter_rows()
    )
    return items, found.height


def _content(items: Sequence[str], tables: Tables) -> Mapping[str, Item]:
    """What the items show; a region item#number shows its item."""
    found = tables.content(items)
    whole = {i: i.rpartition("#")[0] for i in items if i not in found and "#" in i}
    more = tables.content(set(whole.values())) if whole else {}
    return {**found, **{i: more[w] for i, w in whole.items() if w in more}}


def _answers(items: Sequence[str], table: ControlTable) -> Mapping[str, tuple[GivenAnswer, ...]]:
    rows = table.labels.filter(pl.col("item").is_in(list(items))).unique(
        ["item", "annotator"], keep="last", maintain_order=True
    )
    found: dict[str, list[GivenAnswer]] = {}
    for item, annotator, label in rows.sort("annotator").iter_rows():
        said = f"{label:g}" if isinstance(label, float) else str(label)
        found.setdefault(item, []).append(GivenAnswer(annotator, said, table.regions.get((item, annotator), ())))
    return {item: tuple(answers) for item, answers in found.items()}


def excerpt_of(item: Item | None, fields: Sequence[str]) -> str:
    """What the item shows as one line: the schema's first field, or else the longest text it has."""
    if item is None or not item.data:
        return ""
    shown = [item.data[f] for f in fields if f in item.data] or list(item.data.values())
    texts = [_plain(v) for v in shown]
    line = next((t for t in texts if t), "") if fields else max(texts, key=len)
    return line if len(line) <= _EXCERPT else line[: _EXCERPT - 1].rstrip() + "…"


def _plain(value: Any) -> str:
    """One line of text from whatever a data field holds."""
    if isinstance(value, str):
        return " ".join(value[: 4 * _EXCERPT].split())
    if isinstance(value, dict):
        return " · ".join(_plain(v) for v in list(value.values())[:6])
    if isinstance(value, list):
        return " / ".join(_plain(v) for v in value[:6])
    return "" if value is None else str(value)
