"""Which kind of set a path is, and its items."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from labelwright.adapters.datasets.existing.media import embedded, media_columns
from labelwright.adapters.datasets.existing.pictures import read_coco, read_voc, read_yolo
from labelwright.export.existing import Existing, ExistingSet, regions_of_text
from labelwright.export.labelled import Labelled, Region
from labelwright.model.errors import DataError, UsageError
from labelwright.model.values import Span

_TABLES = {".csv", ".tsv", ".parquet", ".pq", ".jsonl", ".ndjson"}
_IDS = ("id", "item", "item_id", "task", "task_id", "key")
_LABELS = ("label", "class", "answer", "choice", "intent", "category", "sentiment")


def detect(path: Path) -> str | None:
    """coco, yolo, voc, conll or hf, where the path holds labels in that form; None for all else.

    Tables and Label Studio exports are not among them: `read_existing` takes them where labels are asked for.
    """
    if path.is_dir():
        return _folder(path)
    if path.suffix.lower() in {".conll", ".iob", ".iob2", ".bio"}:
        return "conll"
    if path.suffix.lower() == ".json" and path.is_file():
        with path.open("rb") as file:
            head = file.read(1 << 16)
        if head.lstrip()[:1] == b"{" and b'"annotations"' in head + _tail(path) and b'"images"' in head + _tail(path):
            return "coco"
    return None


def _tail(path: Path) -> bytes:
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(size - (1 << 20), 0))
        return file.read()


def _folder(path: Path) -> str | None:
    if (path / "annotations.json").is_file():
        return "coco"
    if (path / "labels").is_dir() and any((path / n).is_file() for n in ("data.yaml", "dataset.yaml", "classes.txt")):
        return "yolo"
    place = path / "Annotations" if (path / "Annotations").is_dir() else path
    first = next(place.glob("*.xml"), None)
    if first is not None and b"<annotation" in first.read_bytes()[:400]:
        return "voc"
    if (path / "dataset_info.json").is_file() or (path / "dataset_dict.json").is_file():
        return "hf"
    return "hf" if next((path / "data").glob("*.parquet"), None) is not None else None


def read_existing(path: Path) -> ExistingSet:
    """The items of a set with their labels.

    Raises:
        UsageError: there is no such path, or nothing here knows what it is.
        DataError: it cannot be read.
    """
    if not path.exists():
        raise UsageError("There is no such file or folder", where=str(path), next_step="Check the path")
    kind = detect(path)
    readers: dict[str, Callable[[Path], ExistingSet]] = {
        "coco": lambda p: read_coco(p / "annotations.json" if p.is_dir() else p),
        "yolo": read_yolo,
        "voc": read_voc,
        "conll": read_conll,
        "hf": read_hf,
    }
    try:
        if kind is not None:
            return readers[kind](path)
        if path.suffix.lower() in _TABLES:
            return read_table(path)
        if path.suffix.lower() == ".json":
            return read_export(path)
    except (KeyError, TypeError, ValueError, AttributeError, OSError, pl.exceptions.PolarsError) as error:
        raise DataError(
            f"The set cannot be read as {kind or path.suffix}: {type(error).__name__}: {error}",
            where=str(path),
            next_step="Check that it is whole; `labelwright audit --help` names the forms",
        ) from error
    raise UsageError(
        "Nothing here knows what this is",
        where=str(path),
        next_step="Give COCO, YOLO, Pascal VOC, CoNLL, a Hugging Face folder, a table or a Label Studio export",
    )


def read_table(path: Path) -> ExistingSet:
    """A table with a column of labels (label, class …) and, usually, one of ids; drawings as JSON text, too."""
    end = path.suffix.lower()
    if end in {".parquet", ".pq"}:
        frame = pl.read_parquet(path)
    elif end in {".jsonl", ".ndjson"}:
        frame = pl.read_ndjson(path, infer_schema_length=None)
    else:
        frame = pl.read_csv(path, infer_schema=False, separator="\t" if end == ".tsv" else ",")
    return _of_frame(frame, path, "table")


def _of_frame(frame: pl.DataFrame, path: Path, kind: str, *, labelled: bool = True, first: int = 0) -> ExistingSet:
    label = next((c for c in _LABELS if c in frame.columns), None)
    if label is None and labelled:
        raise DataError(
            "The table has no column of labels",
            where=f"{path}: {', '.join(frame.columns)}",
            next_step=f"Name it one of {', '.join(_LABELS)}",
        )
    ids = next((c for c in _IDS if c in frame.columns), None)
    items = []
    for number, row in enumerate(frame.iter_rows(named=True), start=first + 1):
        value = row.pop(label) if label else None
        key = str(row.pop(ids)) if ids else f"row {number}"
        if value is not None:
            items.append(_labelled(key, row, value))
        elif not labelled:
            items.append(Existing(key, row))
    classes = tuple(sorted({i.label for i in items if i.label is not None}))
    return ExistingSet(kind, items, classes)


def _labelled(key: str, data: dict[str, Any], value: Any) -> Existing:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    regions = regions_of_text(text)
    return Existing(key, data, None if regions is not None else text, regions)


def read_hf(path: Path) -> ExistingSet:
    """A folder of the library `datasets`: saved to disk, or Parquet under ``data/``; codes become class names.

    Pictures, recordings and films within it are read one by one, when they are wanted. A set without a column of
    labels comes in without any.
    """
    from datasets import ClassLabel, load_dataset, load_from_disk  # noqa: PLC0415 - half a second to load

    saved = (path / "dataset_info.json").is_file() or (path / "dataset_dict.json").is_file()
    found = load_from_disk(str(path)) if saved else load_dataset(str(path))
    parts = list(found.values()) if isinstance(found, dict) else [found]
    items: list[Existing] = []
    classes: tuple[str, ...] = ()
    for part in parts:
        names = next((f.names for n, f in part.features.items() if n in _LABELS and isinstance(f, ClassLabel)), None)
        media = media_columns(part)
        frame: Any = pl.from_arrow(part.data.table.drop_columns(list(media)))
        if not frame.width:
            frame = pl.DataFrame({"row": range(part.num_rows)})
        read = _of_frame(frame, path, "hf", labelled=any(c in _LABELS for c in frame.columns), first=len(items))
        named = [_named(i, names) for i in read.items]
        items += (
            [replace(i, data={**i.data, **embedded(media, row)}) for row, i in enumerate(named)] if media else named
        )
        classes = tuple(names) if names else (*classes, *(c for c in read.classes if c not in classes))
    return ExistingSet("hf", items, classes)


def _named(item: Existing, names: list[str] | None) -> Existing:
    if names is None or item.label is None:
        return item
    return Existing(item.id, item.data, names[int(item.label)])


def read_conll(path: Path) -> ExistingSet:
    """Words with IOB tags in the last column; the text is the words with a blank between them."""
    items: list[Existing] = []
    classes: dict[str, None] = {}
    for number, sentence in enumerate(_sentences(path), start=1):
        text = " ".join(word for word, _ in sentence)
        regions = tuple(_spans(sentence, text))
        classes |= {r.labels[0]: None for r in regions}
        items.append(Existing(f"sentence {number}", {"text": text}, regions=regions))
    return ExistingSet("conll", items, tuple(classes), ("Texts are the words with one blank between them.",))


def _sentences(path: Path) -> Iterator[list[tuple[str, str]]]:
    words: list[tuple[str, str]] = []
    with path.open(encoding="utf-8-sig") as lines:
        for line in lines:
            parts = line.split()
            if parts and not line.startswith("-DOCSTART-"):
                words.append((parts[0], parts[-1]))
            elif words:
                yield words
                words = []
    if words:
        yield words


def _spans(sentence: list[tuple[str, str]], text: str) -> Iterator[Region]:
    at, start, label = 0, 0, None
    number = 0
    for word, tag in [*sentence, ("", "O")]:
        prefix, _, name = tag.partition("-")
        goes_on = prefix == "I" and name == label
        if label is not None and not goes_on:
            yield Region(Span(start, at - 1, text[start : at - 1]), (label,), "existing", "text", f"e{number}")
            number += 1
            label = None
        if prefix in {"B", "I"} and not goes_on:
            start, label = at, name
        at += len(word) + 1


def read_export(path: Path) -> ExistingSet:
    """A Label Studio export; several annotators become a consensus, as in `convert`."""
    from labelwright.adapters.labelstudio.export_source import ExportSource  # noqa: PLC0415
    from labelwright.app.convert import Reading  # noqa: PLC0415
    from labelwright.export.labelled import Lost  # noqa: PLC0415

    reading = Reading(ExportSource(path), Lost(), separate=False)
    items = [existing_of(labelled) for labelled in reading.read()]
    classes = {i.label for i in items if i.label is not None} | {
        c for i in items for r in i.regions or () for c in r.labels
    }
    return ExistingSet("label-studio", items, tuple(sorted(classes)))


def existing_of(labelled: Labelled) -> Existing:
    """A labeled item by what is drawn on it, else by its first answer."""
    value = next(iter(labelled.values.values()), None)
    if labelled.regions or value is None:
        return Existing(labelled.id, labelled.data, regions=labelled.regions)
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return Existing(labelled.id, labelled.data, text)
