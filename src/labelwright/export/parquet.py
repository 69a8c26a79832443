"""Parquet: typed columns, zstd, every text verbatim."""

from __future__ import annotations

from collections.abc import Iterator

from labelwright.export.arrow import arrow, arrow_type, by_column, parquet, take_of
from labelwright.export.encoding import Dataset, EncodedFile, Format
from labelwright.export.splits import SPLITS


def encode(dataset: Dataset) -> Iterator[EncodedFile]:
    """One file a split; nested values of mixed shape are JSON text."""
    pa = arrow()
    schema = pa.schema([pa.field(c.name, arrow_type(c.type)) for c in dataset.columns])
    takes = [take_of(c) for c in dataset.columns]
    for split in SPLITS:
        yield EncodedFile(f"{split}.parquet", parquet(by_column(dataset.records.columns(split), takes), schema))


FORMAT = Format(
    "parquet",
    "Parquet: train.parquet, validation.parquet, test.parquet; typed, zstd, values verbatim",
    encode,
    loading='import polars as pl\n\nrows = pl.read_parquet("OUT/train.parquet")',
)
