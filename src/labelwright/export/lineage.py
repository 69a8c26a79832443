"""``lineage.jsonl``: for each row where its label comes from, whatever the formats beside it can carry."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from labelwright.export.columns import plain
from labelwright.export.encoding import BATCH, EncodedFile, json_bytes
from labelwright.export.records import Record, Records

NAME = "lineage.jsonl"


def lineage(records: Records) -> EncodedFile:
    """One line a row, in the order of splits and ids."""
    return EncodedFile(NAME, _lines(records))


def _lines(records: Records) -> Iterator[bytes]:
    rows = iter(records)
    while lines := [json_bytes(_line(row)) for row in islice(rows, BATCH)]:
        yield b"\n".join([*lines, b""])


def _line(record: Record) -> dict[str, object]:
    return {
        "id": record.id,
        "split": record.split,
        "group": record.group,
        "label": plain(record.label),
        "posterior": record.posterior,
        "contested": record.contested,
        "inferred_by": record.inferred_by,
        "adjudicator": record.adjudicator,
        "annotations": list(record.lineage.annotations),
        "annotators": list(record.annotators),
        "guidelines_versions": list(record.lineage.guidelines_versions),
        "schema_versions": list(record.lineage.schema_versions),
        "suggested_by": list(record.lineage.suggested_by),
    }
