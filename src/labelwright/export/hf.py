"""A folder that Hugging Face's `datasets.load_dataset` reads, without a network and without code in it.

Parquet under ``data/``, with the features (classes as ClassLabel) in the key-value metadata where the library looks
for them, and a ``README.md`` whose front matter names the files of each split. The library cannot read a split
without rows: such a split has no file.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from labelwright.export.arrow import Cell, arrow, arrow_type, cell_of, parquet
from labelwright.export.columns import Column, Type
from labelwright.export.encoding import Dataset, EncodedFile, Format
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
    """One Parquet file for each split that has rows."""
    pa = arrow()
    fields = [pa.field(c.name, pa.int64() if _is_class(c, dataset) else arrow_type(c.type)) for c in dataset.columns]
    features = {c.name: _feature(c, dataset) for c in dataset.columns}
    known = json.dumps({"info": {"features": features}})
    schema = pa.schema(fields, metadata={"huggingface": known})
    cells = {c.name: _cell(c, dataset) for c in dataset.columns}
    for split in _splits(dataset):
        yield EncodedFile(f"data/{split}.parquet", parquet(dataset.records.of(split), schema, cells))


def front_matter(dataset: Dataset) -> str:
    """The YAML before the card: which file is which split."""
    files = "".join(f"  - split: {s}\n    path: data/{s}.parquet\n" for s in _splits(dataset))
    return f"---\nconfigs:\n- config_name: default\n  data_files:\n{files}---\n\n"


def _splits(dataset: Dataset) -> list[str]:
    return [split for split in SPLITS if dataset.records.items[split]]


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


FORMAT = Format(
    "hf",
    "Hugging Face datasets: a folder for load_dataset, with splits and ClassLabel features",
    encode,
    loading='from datasets import load_dataset\n\ndata = load_dataset("OUT")',
    front_matter=front_matter,
    notes=("The labels in data/*.parquet are codes of the classes, in the order of `classes` in manifest.json.",),
)
