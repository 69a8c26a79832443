"""Croissant metadata (MLCommons, version 1.0): what the dataset is, its files with checksums, its fields."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from labelwright.export.encoding import EncodedFile, json_bytes

NAME = "croissant.json"
_CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
_KINDS = {
    "json": "application/json",
    "jsonl": "application/jsonlines",
    "csv": "text/csv",
    "parquet": "application/x-parquet",
    "md": "text/markdown",
    "xml": "application/xml",
    "txt": "text/plain",
    "png": "image/png",
    "jpg": "image/jpeg",
    "tar": "application/x-tar",
    "yaml": "application/yaml",
}
_TYPES = {"integer": "sc:Integer", "real": "sc:Float", "truth": "sc:Boolean", "integers": "sc:Integer"}
_TYPES |= {"reals": "sc:Float"}
_LISTS = frozenset({"texts", "integers", "reals"})
#: Tables whose columns are described; of several the first.
_TABLES = ("parquet", "csv", "jsonl")
#: What a cell of Hugging Face's features holds.
_FEATURES = {
    "ClassLabel": "sc:Integer",
    "Image": "sc:ImageObject",
    "Audio": "sc:AudioObject",
    "Video": "sc:VideoObject",
}
#: Features whose cells are ``{"bytes", "path"}``.
_EMBEDDED = frozenset({"Image", "Audio", "Video"})
_PAIRS = tuple({"name": name, "type": "text"} for name in ("prompt", "chosen", "rejected", "id"))
_SPLITS = ("train", "validation", "test")
#: Single files are named up to this many; more than so many are sets of files.
_FEW = 200


def croissant(manifest: Mapping[str, Any], features: Mapping[str, str] | None = None) -> EncodedFile:
    """``croissant.json`` of a dataset.

    Args:
        manifest: as `manifest_of` gives it, with the checksums of all data files.
        features: columns of Hugging Face's Parquet files that hold a class or a medium, each with its feature.
    """
    files = {path: facts["sha256"] for path, facts in manifest["files"].items()}
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", str(manifest["name"])).strip("-") or "dataset"
    document = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "name": name,
        "description": f"{manifest['counts']['rows']} labeled items. The card: dataset_card.md.",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "version": "1.0.0",
        "distribution": [*_distribution(files), *_shards(files)],
        "recordSet": list(_record_sets(manifest, files, features or {})),
    }
    return EncodedFile(NAME, [json_bytes(document, indent=2), b"\n"])


def _distribution(files: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    single = sorted(files) if len(files) <= _FEW else [p for p in sorted(files) if "/" not in p]
    for path in single:
        yield {
            "@type": "cr:FileObject",
            "@id": path,
            "name": path,
            "contentUrl": path,
            "encodingFormat": _kind(path),
            "sha256": files[path],
        }
    folders = {path.rpartition("/")[0] for path in files if path not in single}
    for folder in sorted(folders):
        kind = next(_kind(path) for path in files if path.startswith(f"{folder}/"))
        yield {"@type": "cr:FileSet", "@id": folder, "name": folder, "includes": f"{folder}/*", "encodingFormat": kind}


def _kind(path: str) -> str:
    return _KINDS.get(path.rpartition(".")[2], "application/octet-stream")


def _shards(files: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """A split of Hugging Face's in several files is a set of files."""
    for split in _SPLITS:
        if sum(path.startswith(f"data/{split}-") for path in files) > 1:
            pattern = f"data/{split}-*.parquet"
            kind = _KINDS["parquet"]
            yield {"@type": "cr:FileSet", "@id": pattern, "name": pattern, "includes": pattern, "encodingFormat": kind}


def _record_sets(
    manifest: Mapping[str, Any], files: Mapping[str, str], features: Mapping[str, str]
) -> Iterator[dict[str, Any]]:
    """The columns of a table, one record set a split."""
    form = next((t for t in (*_TABLES, "hf", "dpo") if t in manifest["formats"]), None)
    columns = _PAIRS if form == "dpo" else manifest["columns"]
    for split in _SPLITS if form else ():
        source = _source(split, form, files)
        if source and manifest["counts"]["rows_by_split"].get(split):
            of = features if form == "hf" else {}
            yield {
                "@type": "cr:RecordSet",
                "@id": split,
                "name": split,
                "field": [_field(split, source, form, column, of.get(column["name"])) for column in columns],
            }


def _source(split: str, form: str | None, files: Mapping[str, str]) -> dict[str, Any] | None:
    """Where a split's rows are; None where no file holds them."""
    if form == "hf":
        found = [path for path in files if path == f"data/{split}.parquet" or path.startswith(f"data/{split}-")]
        if len(found) > 1:
            return {"fileSet": {"@id": f"data/{split}-*.parquet"}}
        path = next(iter(found), "")
    else:
        path = f"{split}.jsonl" if form == "dpo" else f"{split}.{form}"
    return {"fileObject": {"@id": path}} if path in files else None


def _field(
    split: str, source: Mapping[str, Any], form: str | None, column: Mapping[str, str], feature: str | None
) -> dict[str, Any]:
    name, kind = column["name"], column["type"]
    if form == "csv" and kind in _LISTS:
        kind = "json"  # one cell holds the whole list
    repeated = {"repeated": True} if kind in _LISTS else {}
    inner = {"transform": {"jsonPath": "bytes"}} if feature in _EMBEDDED else {}
    return {
        "@type": "cr:Field",
        "@id": f"{split}/{name}",
        "name": name,
        "dataType": _FEATURES[feature] if feature else _TYPES.get(kind, "sc:Text"),
        **repeated,
        "source": {**source, "extract": {"column": name}, **inner},
    }
