"""A folder that Hugging Face's `datasets.load_dataset` reads, without a network and without code in it.

Parquet under ``data/``, with the features (classes as ClassLabel) in the key-value metadata where the library looks
for them, and a ``README.md`` whose front matter names the files of each split. The library cannot read a split
without rows: such a split has no file. Media that are at hand stand in the rows (see `embedding`), so that the folder
is whole on any machine.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from labelwright.export.arrow import Cell, arrow, arrow_type, by_column, cell_of, parquet, take_of
from labelwright.export.columns import RESERVED, Column, Type
from labelwright.export.embedding import MediaColumn, feature_of, loaded, media_type, shards
from labelwright.export.encoding import Dataset, EncodedFile, Format
from labelwright.export.labelled import Lost
from labelwright.export.records import Record
from labelwright.export.splits import SPLITS

_VALUES = {
    Type.TEXT: "string",
    Type.JSON: "string",
    Type.TEXTS: "string",
    Type.INTEGER: "int64",
    Type.INTEGERS: "int64",
    Type.REAL: "float64",
    Type.REALS: "float64",
    Type.TRUTH: "bool",
}


def encode(dataset: Dataset) -> Iterator[EncodedFile]:
    """Files of each split that has rows; with their media where these are given."""
    lost = Lost()
    media = _media_columns(dataset)
    inner = {c.name for c in media}
    fields = [_field(c, dataset, c.name in inner) for c in dataset.columns]
    features = {c.name: _feature(c, dataset) for c in dataset.columns}
    features |= {c.name: {"_type": c.feature} for c in media}
    schema = arrow().schema(fields, metadata={"huggingface": json.dumps({"info": {"features": features}})})
    cells = {c.name: _cell(c, dataset) for c in dataset.columns if c.name not in inner}
    takes = [_take(c, dataset) for c in dataset.columns]
    for split in _splits(dataset):
        if media and dataset.media is not None:
            whole = loaded(dataset.records.of(split), media, dataset.media, lost, _id_of)
            yield from shards(split, whole, schema, cells, media)
        else:
            groups = by_column(dataset.records.columns(split), takes)
            yield EncodedFile(f"data/{split}.parquet", parquet(groups, schema))
    dropped = lost.file()
    if dropped is not None:
        yield dropped


def _id_of(record: Record) -> str:
    return record.id


def _media_columns(dataset: Dataset) -> list[MediaColumn]:
    """Columns of the media fields, where all their links lead to files of one kind."""
    if dataset.media is None:
        return []
    names = {f"data_{f}" if f in RESERVED else f for f in dataset.media_fields}
    found = ((c, feature_of(map(c.of, dataset.records))) for c in dataset.columns if c.name in names)
    return [MediaColumn(c.name, feature, c.of) for c, feature in found if feature is not None]


def _field(column: Column, dataset: Dataset, is_media: bool) -> Any:
    if is_media:
        return arrow().field(column.name, media_type())
    kind = arrow().int64() if _is_class(column, dataset) else arrow_type(column.type)
    return arrow().field(column.name, kind)


def front_matter(dataset: Dataset) -> str:
    """The YAML before the card: which file is which split."""
    ending = "-*.parquet" if _media_columns(dataset) else ".parquet"
    files = "".join(f"  - split: {s}\n    path: data/{s}{ending}\n" for s in _splits(dataset))
    return f"---\nconfigs:\n- config_name: default\n  data_files:\n{files}---\n\n"


def features(dataset: Dataset) -> dict[str, str]:
    """Columns that hold a class or a medium rather than a value, each with the name of its feature."""
    media = {c.name: c.feature for c in _media_columns(dataset)}
    return {c.name: "ClassLabel" for c in dataset.columns if _is_class(c, dataset)} | media


def _splits(dataset: Dataset) -> list[str]:
    return [split for split in SPLITS if dataset.records.parts[split].items]


def _is_class(column: Column, dataset: Dataset) -> bool:
    return column.name == "label" and column.type is Type.TEXT and bool(dataset.classes)


def _feature(column: Column, dataset: Dataset) -> dict[str, Any]:
    if _is_class(column, dataset):
        return {"names": list(dataset.classes), "_type": "ClassLabel"}
    value = {"dtype": _VALUES[column.type], "_type": "Value"}
    return {"feature": value, "_type": "Sequence"} if column.type in {Type.TEXTS, Type.INTEGERS, Type.REALS} else value


def _cell(column: Column, dataset: Dataset) -> Cell:
    if not _is_class(column, dataset):
        return cell_of(column)
    codes = {name: code for code, name in enumerate(dataset.classes)}
    return lambda record: codes[record.label]


def _take(column: Column, dataset: Dataset) -> Callable[[Any], Sequence[Any]]:
    if not _is_class(column, dataset):
        return take_of(column)
    codes = {name: code for code, name in enumerate(dataset.classes)}
    return lambda columns: [codes[label] for label in columns.label]


FORMAT = Format(
    "hf",
    "Hugging Face datasets: a folder for load_dataset, with splits and ClassLabel features",
    encode,
    loading='from datasets import load_dataset\n\ndata = load_dataset("OUT")',
    front_matter=front_matter,
    notes=("The labels in data/*.parquet are codes of the classes, in the order of `classes` in manifest.json.",),
)
