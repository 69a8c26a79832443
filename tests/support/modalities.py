"""The page about each kind of data: made by the run that draws them all, and compared with it afterwards.

``LABELWRIGHT_WRITE_DOCS=1 pytest tests/browser/test_modalities.py`` writes docs/guide/modalities.md and its pictures.
"""

from __future__ import annotations

import io
import os
from contextlib import chdir, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from support.servers import REPOSITORY

PAGE = REPOSITORY / "docs" / "guide" / "modalities.md"
IMAGES = PAGE.parent / "images"
WRITES = bool(os.environ.get("LABELWRIGHT_WRITE_DOCS"))
ME = "ada@example.org"
_HEAD = """# Every kind of data, in three commands

A folder of files becomes a training set: make a workspace of it, label, export. Each part of this page was run as it
stands, in a real Label Studio and a real browser; the pictures are of that run, and a test runs it again and compares.

`labelwright up --me ADDRESS` prints the link of your desk and its password; with a team it is
[`team add` and `round open`](../../README.md#your-own-data-in-five-minutes). The folders of these examples hold one file
each; what the last lines print is about that one.
"""


@dataclass(frozen=True, slots=True)
class Shown:
    """How a kind of data stands on the page.

    Attributes:
        title: of its part.
        workspace: its folder.
        data: what lies in the folder of files, in words.
        files: the folder of files.
        form: the format.
        load: Python that loads the training set with the library its users use, and prints what is in it.
        note: what a reader must know.
    """

    title: str
    workspace: str
    data: str
    files: str
    form: str
    load: str
    note: str = ""


_HF = """from datasets import load_dataset

for split, rows in load_dataset("{0}/exports/v1").items():
    print({1})"""
_COCO = """from pycocotools.coco import COCO

coco = COCO("{0}/exports/v1/annotations.json")
for found in coco.loadAnns(coco.getAnnIds()):
    print({1})"""

SHOWN = {
    "text-classification": Shown(
        "Text: one class", "topics", "text files", "notes", "hf",
        _HF.format("topics", 'rows[0]["text"], "→", rows.features["label"].int2str(rows[0]["label"])'),
    ),
    "text-multilabel": Shown(
        "Text: several classes", "aspects", "text files", "notes", "hf",
        _HF.format("aspects", 'rows[0]["text"], "→", rows[0]["label"]'),
    ),
    "ner": Shown(
        "Text: entities and relations", "entities", "text files", "notes", "spacy",
        """from pathlib import Path

import spacy
from spacy.tokens import DocBin

for path in Path("entities/exports/v1").glob("*.spacy"):
    for doc in DocBin().from_disk(path).get_docs(spacy.blank("xx").vocab):
        print([(span.text, span.label_) for span in doc.ents])""",
        "Relations have no place in a DocBin: they are listed in `dropped.jsonl`, and `jsonl` and `label-studio` carry them.",
    ),
    "rating": Shown(
        "Text: a rating", "ratings", "text files", "notes", "parquet",
        """import polars as pl

print(pl.read_parquet("ratings/exports/v1/*.parquet").select("text", "label").row(0))""",
    ),
    "free-text": Shown(
        "Text: an answer in one's own words", "summaries", "text files", "notes", "jsonl",
        """from pathlib import Path

import pandas as pd

splits = Path("summaries/exports/v1").glob("[tv]*.jsonl")  # of one item two are empty
print(pd.concat(pd.read_json(path, lines=True) for path in splits)["label"].tolist())""",
    ),
    "pairwise": Shown(
        "Preference between two answers", "preferences", "JSON Lines with prompt, answer_a and answer_b",
        "answers/items.jsonl", "dpo",
        """from datasets import load_dataset

files = "preferences/exports/v1/[tv]*.jsonl"  # of one item two are empty; you train on train.jsonl
pairs = load_dataset("json", data_files=files, split="train")
print({name: pairs[0][name] for name in ("prompt", "chosen", "rejected")})""",
        "These are the columns of TRL's `DPOTrainer` and `RewardTrainer`.",
    ),
    "ranking": Shown(
        "Ranking of answers", "rankings", "JSON Lines with prompt and a list of answers", "answers/items.jsonl", "dpo",
        """from datasets import load_dataset

files = "rankings/exports/v1/[tv]*.jsonl"  # of one item two are empty; you train on train.jsonl
pairs = load_dataset("json", data_files=files, split="train")
print([(pair["chosen"], pair["rejected"]) for pair in pairs])""",
        "An order of three answers becomes three pairs.",
    ),
    "image-classification": Shown(
        "Pictures: one class", "cells", "pictures", "photographs", "hf",
        _HF.format("cells", 'rows[0]["image"].size, rows.features["label"].int2str(rows[0]["label"])'),
        "The pictures are in the Parquet files: the folder loads on any machine.",
    ),
    "boxes": Shown(
        "Pictures: boxes", "boxes", "pictures", "photographs", "coco",
        _COCO.format("boxes", '[round(v) for v in found["bbox"]], coco.cats[found["category_id"]]["name"]'),
    ),
    "rotated boxes": Shown(
        "Pictures: turned boxes", "turned", "pictures", "photographs", "yolo-obb --media",
        """import supervision as sv

data = sv.DetectionDataset.from_yolo(
    "turned/exports/v1/images", "turned/exports/v1/labels", "turned/exports/v1/data.yaml", is_obb=True
)
for _, picture, found in data:
    print(picture.shape, found.data["xyxyxyxy"].shape, data.classes[found.class_id[0]])""",
    ),
    "polygons": Shown(
        "Pictures: outlines", "outlines", "pictures", "photographs", "coco",
        _COCO.format("outlines", 'len(found["segmentation"][0]) // 2, "corners,", coco.annToMask(found).any()'),
    ),
    "image-segmentation": Shown(
        "Pictures: masks", "masks", "pictures", "photographs", "masks",
        """from pathlib import Path

import numpy as np
from PIL import Image

for path in Path("masks/exports/v1").rglob("masks/*.png"):
    print(np.array(Image.open(path)).shape, np.unique(np.array(Image.open(path))))""",
    ),
    "image-keypoints": Shown(
        "Pictures: keypoints", "keypoints", "pictures", "photographs", "coco",
        _COCO.format("keypoints", 'found["num_keypoints"], coco.cats[found["category_id"]]["keypoints"]'),
    ),
    "image-attributes": Shown(
        "Pictures: an attribute for each box", "attributes", "pictures", "photographs", "coco",
        _COCO.format("attributes", 'coco.cats[found["category_id"]]["name"], found["attributes"]'),
    ),
    "audio-classification": Shown(
        "Audio: one class", "digits", "recordings", "recordings", "hf",
        """import io

import soundfile
from datasets import Audio, load_dataset

for split, rows in load_dataset("digits/exports/v1").items():
    row = rows.cast_column("audio", Audio(decode=False))[0]
    sound, rate = soundfile.read(io.BytesIO(row["audio"]["bytes"]))
    print(rate, len(sound), rows.features["label"].int2str(row["label"]))""",
        "With `torchcodec` installed, the column is decoded by the library itself.",
    ),
    "audio-transcription": Shown(
        "Audio: segments with what is said", "speech", "recordings", "recordings", "asr",
        """import pandas as pd

rows = pd.read_json("speech/exports/v1/asr_manifest.jsonl", lines=True)
print(rows["text"].tolist(), rows["duration"].between(0.01, 2).all())""",
        "`rttm` beside it says who or what is heard when; `--media` copies the recordings.",
    ),
    "video-classification": Shown(
        "Video: one class", "weather", "films", "films", "webdataset",
        """from pathlib import Path

import webdataset as wds

shards = [str(path) for path in Path("weather/exports/v1").glob("*.tar")]
for sample in wds.WebDataset(shards, shardshuffle=False):
    print(sorted(name for name in sample if not name.startswith("_")), sample["cls"])""",
    ),
    "video-tracking": Shown(
        "Video: what moves", "tracks", "films", "films", "jsonl",
        """from pathlib import Path

import pandas as pd

splits = Path("tracks/exports/v1").glob("[tv]*.jsonl")  # of one item two are empty
for tracks in pd.concat(pd.read_json(path, lines=True) for path in splits)["label"]:
    print(tracks[0]["labels"], sorted(tracks[0]["frames"][0]))""",
    ),
}  # fmt: skip


def commands(shown: Shown, template: str, classes: tuple[str, ...] | None) -> list[list[str]]:
    """The three commands."""
    labels = ["--labels", ",".join(classes)] if classes else []
    return [
        ["init", shown.workspace, "--data", shown.files, "--template", template, *labels],
        ["up", "--workspace", shown.workspace, "--me", ME],
        ["export", "--workspace", shown.workspace, "--format", *shown.form.split()],
    ]


def loaded(shown: Shown, folder: Path) -> str:
    """What the lines of the page print, typed in ``folder``; the libraries are loaded once for all kinds of data."""
    import datasets

    printed = io.StringIO()
    with redirect_stdout(printed), chdir(folder), patch.object(datasets.config, "HF_DATASETS_CACHE", folder / "hf"):
        exec(compile(shown.load, shown.title, "exec"), {"__name__": "__main__"})  # noqa: S102 - the page's own lines
    return "".join(line for line in printed.getvalue().splitlines(keepends=True) if not line.startswith(_NOISE))


#: What pycocotools prints by itself.
_NOISE = ("loading annotations", "Done (t=", "creating index", "index created")


def part(name: str, shown: Shown, lines: list[list[str]], printed: str) -> str:
    """One kind of data as it stands on the page."""
    typed = "\n".join("labelwright " + " ".join(words) for words in lines)
    return (
        f"## {shown.title}\n\n"
        f"`{shown.files}` holds {shown.data}.\n\n"
        f"```sh\n{typed}\n```\n\n"
        f"![{shown.title}: the labeling screen]({IMAGES.name}/{picture_name(name)})\n\n"
        f"```python\n{shown.load}\n```\n\n"
        f"```text\n{printed.rstrip()}\n```\n" + (f"\n{shown.note}\n" if shown.note else "")
    )


def picture_name(name: str) -> str:
    """Of a kind's picture."""
    return f"modality-{name.replace(' ', '-')}.png"


def keep_picture(name: str, png: bytes) -> None:
    """The screen in 128 colours: a page with eighteen of them opens quickly."""
    from PIL import Image

    with Image.open(io.BytesIO(png)) as screen:
        small = screen.convert("RGB").resize((960, round(960 * screen.height / screen.width)), Image.Resampling.LANCZOS)
        small.quantize(128).save(IMAGES / picture_name(name), optimize=True)


def keep_part(name: str, text: str) -> None:
    """Put a part in its place on the page; the others stay."""
    known = PAGE.read_text("utf-8") if PAGE.exists() else _HEAD
    _, *parts = known.split("\n## ")
    found = {p.splitlines()[0]: f"## {p.rstrip()}\n" for p in parts}
    found[SHOWN[name].title] = text
    order = [s.title for s in SHOWN.values() if s.title in found]
    PAGE.write_text(_HEAD + "".join(f"\n{found[title]}" for title in order), encoding="utf-8")
