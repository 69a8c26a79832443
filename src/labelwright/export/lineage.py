"""``lineage.jsonl``: for each row where its label comes from, whatever the formats beside it can carry."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from labelwright.export.columns import plain
from labelwright.export.encoding import EncodedFile, json_lines

NAME = "lineage.jsonl"


def lineage(parts: Iterable[Any]) -> EncodedFile:
    """One line a row, in the order given; of rows as `Columns`."""
    return EncodedFile(NAME, _lines(parts))


def _lines(parts: Iterable[Any]) -> Iterator[bytes]:
    for columns in parts:
        yield json_lines(_rows(columns))


def _rows(columns: Any) -> list[dict[str, object]]:
    known = zip(
        columns.id,
        columns.split,
        columns.group,
        columns.label,
        columns.posterior,
        columns.contested,
        columns.inferred_by,
        columns.adjudicator,
        columns.annotation_ids,
        columns.annotators,
        columns.guidelines_versions,
        columns.schema_versions,
        columns.suggested_by,
        strict=True,
    )
    return [
        {
            "id": item,
            "split": split,
            "group": group,
            "label": label if type(label) is str else plain(label),
            "posterior": posterior,
            "contested": contested,
            "inferred_by": aggregator,
            "adjudicator": adjudicator,
            "annotations": annotations,
            "annotators": annotators,
            "guidelines_versions": guidelines,
            "schema_versions": schemas,
            "suggested_by": models,
        }
        for item, split, group, label, posterior, contested, aggregator, adjudicator, annotations, annotators,
            guidelines, schemas, models in known
    ]  # fmt: skip
