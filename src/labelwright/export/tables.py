"""Labeled items as tables: JSON Lines, CSV, Parquet, a folder for Hugging Face datasets; one row an item.

Columns are the item's id, its data fields, one column for each control, and what is known of the answer. Where nothing
was divided and every item has one answer, the CSV is byte for byte the one of Label Studio's converter, but for cells
that a spreadsheet would run as a formula (see `csv`), classes of a set (a JSON list), and e-mail addresses (never).
"""

from __future__ import annotations

import csv as writer
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any

from labelwright.export.arrow import arrow, arrow_type, by_row, parquet
from labelwright.export.columns import Type, class_of, flat, plain, type_of
from labelwright.export.csv import neutralize
from labelwright.export.embedding import MediaColumn, feature_of, loaded, media_type, shards
from labelwright.export.encoding import BATCH, EncodedFile, json_lines
from labelwright.export.labelled import Labelled, Labellings, Region
from labelwright.model.errors import DataError
from labelwright.model.values import Geometry, Track

Cells = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Table:
    """Columns of all rows: name → type, in the order of the data."""

    columns: Mapping[str, Type]
    classes: tuple[str, ...] = ()


def row_of(labelled: Labelled) -> Cells:
    """One item as cells; a data field whose name is taken gets ``_data_`` before it."""
    values = dict(labelled.values)
    for region in labelled.regions:
        values.setdefault(region.control, []).append(region_value(region))
    if labelled.links:
        values["relations"] = [
            {"from": link.source, "to": link.to, "direction": link.direction, "labels": list(link.labels)}
            for link in labelled.links
        ]
    facts = labelled.facts
    data = {(f"_data_{k}" if k in values or k in facts else k): v for k, v in labelled.data.items()}
    row = {"id": labelled.id, **data, **values, **facts}
    if labelled.split:
        row["split"] = labelled.split
    return row


def region_value(region: Region) -> Cells:
    """A region as a value that JSON holds, with everything in it."""
    place = region.place
    found: Cells = {} if region.id is None else {"id": region.id}
    found |= _place(place)
    if region.labels:
        found["labels"] = list(region.labels)
    if region.parent is not None:
        found["parent"] = region.parent
    if region.probability is not None:
        found["probability"] = region.probability
    return found | ({"answers": dict(region.attributes)} if region.attributes else {})


def _place(place: Geometry) -> Cells:
    found: Cells = {}
    kind: Any = type(place)
    for name in _field_names(kind):
        value = getattr(place, name)
        if name == "size":
            found |= {"original_width": value.width, "original_height": value.height} if value else {}
        elif isinstance(place, Track) and name == "frames":
            found["frames"] = [
                {"frame": f.frame, "time": f.time, "enabled": f.enabled, **_place(f.box)} for f in place.frames
            ]
        elif value is not None and value is not False:
            found[name] = [list(v) if isinstance(v, tuple) else v for v in value] if type(value) is tuple else value
    return found


@lru_cache(maxsize=32)
def _field_names(kind: Any) -> tuple[str, ...]:
    return tuple(f.name for f in fields(kind))


def table_of(labellings: Labellings) -> Table:
    """Find the columns by looking at every row once."""
    kinds: dict[str, set[type]] = {}
    for labelled in labellings.read():
        for name, value in row_of(labelled).items():
            kinds.setdefault(name, set()).add(class_of(value))
    found = {name: type_of(seen) for name, seen in kinds.items()}
    order = ["id", *sorted(n for n in found if n != "id")]
    return Table({name: found[name] for name in order if name in found})


def _rows(labellings: Labellings, split: str | None) -> Iterator[Cells]:
    return (row_of(item) for item in labellings.read() if split is None or item.split == split)


def _parts(labellings: Labellings) -> list[tuple[str, str | None]]:
    """File stems and the split of each."""
    return [(s, s) for s in labellings.options["splits"]] if labellings.options.get("splits") else [("data", None)]


def _batches(rows: Iterable[Cells], size: int = BATCH) -> Iterator[list[Cells]]:
    batch: list[Cells] = []
    for row in rows:
        batch.append(row)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def jsonl(labellings: Labellings) -> Iterator[EncodedFile]:
    """``data.jsonl``, or one file a split; nested values as they are."""
    for name, split in _parts(labellings):
        yield EncodedFile(f"{name}.jsonl", _lines(_rows(labellings, split)))


def _lines(rows: Iterator[Cells]) -> Iterator[bytes]:
    for batch in _batches(rows, 512):
        yield json_lines(map(plain, batch))


def csv(labellings: Labellings) -> Iterator[EncodedFile]:
    """``data.csv``, or one file a split: columns in the order of the alphabet, texts in quotes."""
    columns = sorted({name for labelled in labellings.read() for name in row_of(labelled)})
    for name, split in _parts(labellings):
        yield EncodedFile(f"{name}.csv", _sheet(columns, _rows(labellings, split)))


def _sheet(columns: list[str], rows: Iterator[Cells]) -> Iterator[bytes]:
    yield _written([[neutralize(name) for name in columns]])
    for batch in _batches(rows, 512):
        yield _written([[_csv_cell(row.get(name)) for name in columns] for row in batch])


def _written(rows: list[list[Any]]) -> bytes:
    sheet = io.StringIO(newline="")
    writer.writer(sheet, quoting=writer.QUOTE_NONNUMERIC, lineterminator="\r\n").writerows(rows)
    return sheet.getvalue().encode("utf-8", "replace")


def _csv_cell(value: Any) -> Any:
    if type(value) is str:
        return neutralize(value)
    if isinstance(value, list | dict | tuple):
        return neutralize(json.dumps(plain(value), ensure_ascii=False))
    return "" if value is None else value


def parquet_files(labellings: Labellings) -> Iterator[EncodedFile]:
    """``data.parquet``, or one file a split: typed columns, zstd; nested values are JSON text."""
    pa, table = arrow(), table_of(labellings)
    schema = pa.schema([pa.field(name, arrow_type(kind)) for name, kind in table.columns.items()])
    for name, split in _parts(labellings):
        yield EncodedFile(f"{name}.parquet", _parquet(table, schema, _rows(labellings, split)))


def _parquet(table: Table, schema: Any, rows: Iterator[Cells]) -> Iterator[bytes]:
    cells = [_getter(name, kind) for name, kind in table.columns.items()]
    return parquet(by_row(rows, cells, _batches), schema)


def _getter(name: str, kind: Type) -> Callable[[Cells], Any]:
    if kind in {Type.TEXTS, Type.INTEGERS, Type.TRUTH, Type.INTEGER}:
        return lambda row: row.get(name)
    return lambda row: flat(row.get(name), kind)


def hf(labellings: Labellings) -> Iterator[EncodedFile]:
    """Parquet under ``data/`` with the features where `load_dataset` looks for them, and a ``README.md``.

    Media that are at hand stand in the rows (see `embedding`).
    """
    pa, table, media = arrow(), table_of(labellings), _media_columns(labellings)
    classes = {name: names for name, names in labellings.options.get("classes", {}).items() if name in table.columns}
    columns = {n: (Type.INTEGER if n in classes and k is Type.TEXT else k) for n, k in table.columns.items()}
    features = {n: _feature(n, k, classes if k is Type.INTEGER else {}) for n, k in columns.items()}
    features |= {c.name: {"_type": c.feature} for c in media}
    known = json.dumps({"info": {"features": features}})
    types = {n: arrow_type(k) for n, k in columns.items()} | {c.name: media_type() for c in media}
    schema = pa.schema([pa.field(n, t) for n, t in types.items()], metadata={"huggingface": known})
    cells = {n: _coded(n, classes[n]) if n in classes else _getter(n, k) for n, k in columns.items()}
    parts = [(s or "train", s) for _, s in _parts(labellings)]
    present = {r.split for r in labellings.read()} if labellings.options.get("splits") else {None}
    parts = [(name, split) for name, split in parts if split in present]
    for name, split in parts:
        rows = _rows(labellings, split)
        if media:
            whole = loaded(rows, media, labellings.media, labellings.lost, lambda row: str(row["id"]))
            yield from shards(name, whole, schema, cells, media)
        else:
            yield EncodedFile(
                f"data/{name}.parquet", parquet(by_row(rows, [cells[n] for n in schema.names], _batches), schema)
            )
    ending = "-*.parquet" if media else ".parquet"
    files = "".join(f"  - split: {name}\n    path: data/{name}{ending}\n" for name, _ in parts)
    yield EncodedFile("README.md", (f"---\nconfigs:\n- config_name: default\n  data_files:\n{files}---\n".encode(),))


def _media_columns(labellings: Labellings) -> list[MediaColumn]:
    """The column of the items' medium, where media are to be copied."""
    options, name = labellings.options, labellings.data_field
    if name is None or not (options.get("media") and options.get("media_field")):
        return []
    feature = feature_of(labelled.data.get(name) for labelled in labellings.read())
    return [] if feature is None else [MediaColumn(name, feature, lambda row: row.get(name))]


def _feature(name: str, kind: Type, classes: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    if name in classes:
        return {"names": list(classes[name]), "_type": "ClassLabel"}
    kinds = {Type.INTEGER: "int64", Type.INTEGERS: "int64", Type.REAL: "float64", Type.TRUTH: "bool"}
    value = {"dtype": kinds.get(kind, "string"), "_type": "Value"}
    return {"feature": value, "_type": "Sequence"} if kind in {Type.TEXTS, Type.INTEGERS} else value


def _coded(name: str, classes: tuple[str, ...]) -> Callable[[Cells], Any]:
    codes = {label: code for code, label in enumerate(classes)}

    def code(row: Cells) -> int | None:
        value = row.get(name)
        if value is not None and value not in codes:
            raise DataError(
                f"The class {value!r} of {name!r} is not in the config", where=str(row["id"]), next_step="Mend --schema"
            )
        return None if value is None else codes[value]

    return code
