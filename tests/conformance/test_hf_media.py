"""A folder for Hugging Face datasets holds its pictures, recordings and films: it loads on a machine without the files."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from labelwright.adapters.datasets import LocalFolders
from labelwright.adapters.labelstudio.config import read_config
from labelwright.adapters.media.beside import MediaFolder
from labelwright.app.export import Beside, ExportRequest, export_dataset
from labelwright.entry.cli.convert import convert_command
from labelwright.export import Provenance, SplitRule, embedding
from labelwright.model.project import Annotation, AnnotationSet, Annotator, Item
from labelwright.model.values import Answer, Choice, Entry
from support.media_files import film, picture, sound

AT = datetime(2026, 1, 1, tzinfo=UTC)
READ = """
import io, json, sys
from datasets import Audio, Image, Video, load_dataset
data = load_dataset(sys.argv[1])["train"]
kind = type(data.features["file"]).__name__
if kind == "Image":
    seen = [list(row["file"].size) for row in data]
else:
    raw = data.cast_column("file", {"Audio": Audio, "Video": Video}[kind](decode=False))
    seen = [len(row["file"]["bytes"] or b"") for row in raw]
data = data.cast_column("file", type(data.features["file"])(decode=False))
print(json.dumps({"kind": kind, "seen": seen, "paths": [row["file"] and row["file"]["path"] for row in data], "rows": len(data)}))
"""


def loaded(out, tmp_path):
    env = {"HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path / "hf"), "HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [sys.executable, "-c", READ, str(out)], env=env, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)


def labeled(tag, links):
    """One class for each link."""
    schema = read_config(
        f'<View><{tag} name="file" value="$file"/><Choices name="label" toName="file"><Choice value="A"/>'
        '<Choice value="B"/></Choices></View>'
    )
    items = {str(n): Item(str(n), {"file": link}, group=str(n)) for n, link in enumerate(links)}
    answer = Answer((Entry("label", "file", Choice(("A",))),))
    answers = tuple(Annotation(i, i, "a", answer, created_at=AT, updated_at=AT) for i in items)
    labels = {i: SimpleNamespace(label="A", posterior=1.0, contested=False) for i in items}
    return AnnotationSet(schema, items, answers, {"a": Annotator("a", "a", "")}), labels, schema.controls[0]


def export(out, tag, links, folder, **changes):
    found, labels, control = labeled(tag, links)
    request = ExportRequest(("hf",), out, Provenance("x", "y", "z", ""), SplitRule(1.0, 0.0, 0.0))
    beside = Beside(media=MediaFolder(folder))
    return export_dataset(found, labels, control, replace(request, **changes), LocalFolders(), None, beside)


@pytest.mark.parametrize(
    ("tag", "make", "ending"), [("Image", picture, "png"), ("Audio", sound, "wav"), ("Video", film, "avi")]
)
def test_media_of_each_kind_are_in_the_rows(tmp_path, tag, make, ending):
    """Nothing of the original folder is needed, and the item's own link stays."""
    (tmp_path / "media").mkdir()
    names = [f"{n}.{ending}" for n in range(3)]
    sizes = [make(tmp_path / "media" / name).stat().st_size for name in names]
    out = export(tmp_path / "out", tag, names, tmp_path / "media").out
    for name in names:
        (tmp_path / "media" / name).unlink()
    found = loaded(out, tmp_path)
    assert (found["kind"], found["rows"]) == (tag, 3)
    assert sorted(found["paths"]) == names
    assert found["seen"] == ([[40, 30]] * 3 if tag == "Image" else sizes)
    assert not (out / "dropped.jsonl").exists()


def test_what_is_not_at_hand_is_listed_and_addresses_stay(tmp_path):
    """A file that is gone empties its cell, says so, and spoils no other; an address is the library's to fetch."""
    picture(tmp_path / "media" / "a.png")
    out = export(tmp_path / "out", "Image", ["a.png", "gone.png", "https://example.org/b.png"], tmp_path / "media").out
    import pyarrow.parquet as pq

    (part,) = (out / "data").glob("*.parquet")
    rows = pq.read_table(part).to_pylist()
    cells = {row["id"]: row["file"] and (bool(row["file"]["bytes"]), row["file"]["path"]) for row in rows}
    assert cells == {"0": (True, "a.png"), "1": None, "2": (False, "https://example.org/b.png")}
    dropped = [json.loads(line) for line in (out / "dropped.jsonl").read_text().splitlines()]
    assert [(d["item"], d["link"]) for d in dropped] == [("1", "gone.png")]


def test_many_media_become_several_files_with_few_in_memory(tmp_path, monkeypatch):
    """Files are cut at a size, a group of rows is written as soon as it is full, and every row is there."""
    monkeypatch.setattr(embedding, "SHARD_BYTES", 9_000)
    monkeypatch.setattr(embedding, "GROUP_BYTES", 4_000)
    names = [f"{n:02d}.png" for n in range(12)]
    for name in names:
        picture(tmp_path / "media" / name, (30, 20))
    out = export(tmp_path / "out", "Image", names, tmp_path / "media").out
    assert len(list((out / "data").glob("train-*.parquet"))) >= 2
    assert sorted(loaded(out, tmp_path)["paths"]) == names
    again = export(tmp_path / "again", "Image", names, tmp_path / "media").out
    for path in (out / "data").iterdir():
        assert path.read_bytes() == (again / "data" / path.name).read_bytes()


@pytest.mark.parametrize("shard", [9_000, 9_000_000])
def test_mlcroissant_reads_the_pictures_by_the_metadata(tmp_path, monkeypatch, shard):
    """croissant.json tells where pictures and classes are, in one file or in several."""
    import mlcroissant as mlc

    monkeypatch.setattr(embedding, "SHARD_BYTES", shard)
    names = [f"{n:02d}.png" for n in range(12)]
    for name in names:
        picture(tmp_path / "media" / name, (30, 20))
    out = export(tmp_path / "out", "Image", names, tmp_path / "media").out
    dataset = mlc.Dataset(jsonld=str(out / "croissant.json"))
    assert not dataset.metadata.issues.errors
    rows = list(dataset.records(record_set="train"))
    assert [(row["train/file"].size, row["train/label"]) for row in rows] == [((30, 20), 0)] * 12
    assert sorted(row["train/id"].decode() for row in rows) == sorted(map(str, range(12)))


def test_links_stay_links_on_request(tmp_path):
    """Who keeps the media elsewhere gets a small folder."""
    picture(tmp_path / "media" / "a.png")
    out = export(tmp_path / "out", "Image", ["a.png"], tmp_path / "media", media=False).out
    import pyarrow.parquet as pq

    assert pq.read_table(out / "data" / "train.parquet")["file"].to_pylist() == ["a.png"]


def test_a_label_studio_export_becomes_a_folder_with_its_media(tmp_path):
    """`convert --format hf --media DIR` holds the pictures, too."""
    picture(tmp_path / "media" / "a.png")
    result = [{"value": {"choices": ["A"]}, "id": "c", "from_name": "label", "to_name": "file", "type": "choices"}]
    task = {"id": 1, "data": {"file": "/data/upload/1/ab12cd34-a.png"}, "annotations": [{"id": 1, "result": result}]}
    (tmp_path / "config.xml").write_text(labeled("Image", [])[0].schema.xml)
    (tmp_path / "export.json").write_text(json.dumps([task]))
    convert_command(
        tmp_path / "export.json",
        form="hf",
        out=tmp_path / "out",
        media=tmp_path / "media",
        schema=tmp_path / "config.xml",
    )
    assert loaded(tmp_path / "out", tmp_path)["seen"] == [[40, 30]]
