"""``lineage.jsonl``: for each row where its label comes from, whatever the formats beside it can carry."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from labelwright.export.columns import plain
from labelwright.export.encoding import EncodedFile, json_lines
from labelwright.export.records import Record

NAME = "lineage.jsonl"


def lineage(batches: Iterable[list[Record]]) -> EncodedFile:
    """One line a row, in the order given."""
    return EncodedFile(NAME, _lines(batches))


def _lines(batches: Iterable[list[Record]]) -> Iterator[bytes]:
    for rows in batches:
        yield json_lines(map(_line, rows))


def _line(record: Record) -> dict[str, object]:
    label, lineage = record.label, record.lineage
    return {
        "id": record.id,
        "split": record.split,
        "group": record.group,
        "label": label if type(label) is str else plain(label),
        "posterior": record.posterior,
        "contested": record.contested,
        "inferred_by": record.inferred_by,
        "adjudicator": record.adjudicator,
        "annotations": lineage.annotations,
        "annotators": record.annotators,
        "guidelines_versions": lineage.guidelines_versions,
        "schema_versions": lineage.schema_versions,
        "suggested_by": lineage.suggested_by,
    }
