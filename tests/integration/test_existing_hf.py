"""Folders of Hugging Face datasets come in as items, with their labels apart and their media as files."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from datasets import ClassLabel, Dataset, DatasetDict, Features, Value

from labelwright.bootstrap import open_workspace
from support.command import run, told
from support.media_files import picture, sound


@pytest.fixture(autouse=True)
def offline(monkeypatch, tmp_path):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "cache")


def rows_of(root):
    return [json.loads(line) for line in (root / "existing.jsonl").read_text("utf-8").splitlines()]


def test_texts_with_class_labels(tmp_path):
    """Saved to disk, two splits: every row is an item, codes are class names, and the audit compares with them."""
    features = Features({"sentence": Value("string"), "label": ClassLabel(names=["No", "Yes"])})
    parts = {
        split: Dataset.from_dict(
            {"sentence": [f"{split} {n}" for n in range(3)], "label": [0, 1, 1]}, features=features
        )
        for split in ("train", "test")
    }
    DatasetDict(parts).save_to_disk(tmp_path / "set")
    made = told("init", tmp_path / "ws", "--data", tmp_path / "set", "--template", "text-classification")
    assert made["data"]["items"] == 6
    assert made["controls"][0]["classes"] == ["No", "Yes"]
    items = open_workspace(tmp_path / "ws").project().pool.items(range(6))
    assert {(i.data["text"], i.existing) for i in items} == {
        (f"{split} {n}", "Yes" if n else "No") for split in ("train", "test") for n in range(3)
    }
    fresh = "".join(f"row {n + 1},{'No' if n in {0, 1, 3} else 'Yes'}\n" for n in range(6))
    (tmp_path / "new.csv").write_text("id,label\n" + fresh)
    found = told("audit", "--labels", tmp_path / "set", "--fresh", tmp_path / "new.csv")
    assert (found["compared"], found["error_rate"]["value"]) == (6, pytest.approx(1 / 6))
    assert found["confusions"] == [{"existing": "Yes", "fresh": "No", "count": 1}]


@pytest.mark.parametrize(("kind", "make", "ending", "template"), [
    ("Image", picture, "png", "image-classification"), ("Audio", sound, "wav", "audio-classification"),
])  # fmt: skip
@pytest.mark.parametrize("labelled", [True, False])
def test_media_within_a_set_become_files(tmp_path, kind, make, ending, template, labelled):
    """Bytes in Parquet files are written out whole; a set without labels comes in, too."""
    (tmp_path / "media").mkdir()
    bodies = [make(tmp_path / "media" / f"{n}.{ending}").read_bytes() + bytes(n) for n in range(3)]
    cells = [{"bytes": b, "path": None if n == 2 else f"{n}.{ending}"} for n, b in enumerate(bodies)]
    columns = {"file": pa.array(cells, pa.struct([("bytes", pa.binary()), ("path", pa.string())]))}
    features = {"file": {"_type": kind}}
    if labelled:
        columns["label"], features["label"] = pa.array([0, 1, 0]), {"names": ["A", "B"], "_type": "ClassLabel"}
    (tmp_path / "set" / "data").mkdir(parents=True)
    known = {"huggingface": json.dumps({"info": {"features": features}})}
    table = pa.table(columns).replace_schema_metadata(known)
    pq.write_table(table, tmp_path / "set" / "data" / "train-00000-of-00001.parquet")
    made = told("init", tmp_path / "ws", "--data", tmp_path / "set", "--template", template)
    assert made["data"]["items"] == 3
    place = open_workspace(tmp_path / "ws")
    field = place.link_fields[0]
    items = place.project().pool.items(range(3))
    assert sorted(Path(place.media.path(i, field)).read_bytes() for i in items) == sorted(bodies)
    assert {i.data[field].rpartition(".")[2] for i in items} == {ending}
    assert sorted(str(i.existing) for i in items) == (["A", "A", "B"] if labelled else ["None"] * 3)
    assert run("audit", "--labels", tmp_path / "set", "--fresh", tmp_path / "set").code == (0 if labelled else 1)
