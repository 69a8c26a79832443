"""JSON Lines: one row a line, UTF-8, every value verbatim."""

from __future__ import annotations

from collections.abc import Iterator

from labelwright.export.columns import plain
from labelwright.export.encoding import Dataset, EncodedFile, Format, batches, json_lines
from labelwright.export.splits import SPLITS


def encode(dataset: Dataset) -> Iterator[EncodedFile]:
    """One file a split."""
    for split in SPLITS:
        yield EncodedFile(f"{split}.jsonl", _lines(dataset, split))


def _lines(dataset: Dataset, split: str) -> Iterator[bytes]:
    columns = [(c.name, c.of) for c in dataset.columns]
    for rows in batches(dataset.records.of(split)):
        yield json_lines({name: plain(of(r)) for name, of in columns} for r in rows)


FORMAT = Format(
    "jsonl",
    "JSON Lines: train.jsonl, validation.jsonl, test.jsonl; values verbatim",
    encode,
    loading='import json\n\nrows = [json.loads(line) for line in open("OUT/train.jsonl", encoding="utf-8")]',
)
