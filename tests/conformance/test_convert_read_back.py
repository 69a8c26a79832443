"""`convert` on real data: every format is read back by the library that its users use, and loses nothing unsaid."""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest

from labelwright.adapters.datasets.folders import LocalFolders
from labelwright.adapters.labelstudio.codec import LabelStudioCodec
from labelwright.adapters.labelstudio.config import read_config
from labelwright.adapters.labelstudio.export_source import ExportSource
from labelwright.adapters.labelstudio.export_stream import stream_tasks
from labelwright.adapters.labelstudio.export_write import result_of
from labelwright.adapters.media.beside import MediaFolder
from labelwright.app.convert import ConvertRequest, convert
from labelwright.export.labelled_formats import LABELLED_FORMATS
from labelwright.matching.brush import encode as brushed
from labelwright.matching.brush import pixel_runs
from labelwright.model.errors import NothingToDoError, UsageError
from labelwright.model.values import ImageSize
from support.exports import blood, box, choice, digits, real, restaurant, span, task, written


def converted(tmp_path, tasks, form, media=None, config=None, **changes):
    path = written(tmp_path, tasks)
    schema = read_config(config) if config else None
    request = ConvertRequest(form, tmp_path / form, path.name, "labelwright 0", **changes)
    source = ExportSource(path, schema, keep_raw=form == "label-studio")
    found = MediaFolder(media) if media else None
    convert(source, request, LocalFolders(durable=False), found, result_of)
    return tmp_path / form


def dropped(out):
    path = out / "dropped.jsonl"
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []


# ---------------------------------------------------------------- text


def test_conll_of_real_spans_is_byte_for_byte_the_converters(tmp_path):
    """Where Label Studio's converter is right (spans apart, one annotator), nothing differs."""
    from label_studio_sdk.converter import Converter

    tasks = restaurant(1500)
    out = converted(tmp_path, tasks, "conll")
    labels = {c for t in tasks for r in t["annotations"][0]["result"] for c in r["value"]["labels"]}
    config = f'<View><Labels name="label" toName="text">{"".join(f"""<Label value="{c}"/>""" for c in labels)}</Labels>'
    converter = Converter(f'{config}<Text name="text" value="$text"/></View>', str(tmp_path), download_resources=False)
    converter.convert(str(tmp_path / "export.json"), str(tmp_path / "sdk"), "CONLL2003", is_dir=False)
    assert (out / "data.conll").read_bytes() == (tmp_path / "sdk" / "result.conll").read_bytes()


HARD = [
    "He said \"don't go\", she can't -- really?! (U.S. $3.50, 10:30) it's over...",
    "Cannot gonna 'tis '' `` a.b.c. [x] {y} <z> ; @ # % & end.",
    "  Spaces   and\ttabs\nand lines. \u00a0nbsp 😐 中文、日本 ",
    "it's John's. 'quoted' we'll they'Re d'ye more'n wanna  lemme gimme gotta",
    "",
]


def test_words_are_those_of_the_converter_on_hard_texts(tmp_path):
    """Quotes, contractions, abbreviations and other scripts are split the same way."""
    from label_studio_sdk.converter.utils import create_tokens_and_tags

    from labelwright.export.treebank import tokens_of

    rows = [json.loads(line)["text"] for line in _banking(400)]
    for text in [*HARD, *rows]:
        assert [text[a:b] for a, b in tokens_of(text)] == create_tokens_and_tags(text, [])[0], text


def _banking(count):
    folder = real("text", "banking77")
    frame = pl.concat([pl.read_csv(p, infer_schema=False) for p in sorted(folder.glob("*.csv"))])
    return [json.dumps({"text": t}) for t in frame[frame.columns[0]].head(count)]


def test_seqeval_finds_every_span_that_was_kept(tmp_path):
    """The usual scorer reads the tags; spans that overlapped are dropped by the stated rule, each listed."""
    from seqeval.metrics.sequence_labeling import get_entities

    text = "New York City Hall is old"
    result = [
        span("short", 0, 8, text, "Place"),
        span("long", 0, 18, text, "Building"),
        span("apart", 22, 25, text, "Age", "Second"),
    ]
    out = converted(tmp_path, [task(1, {"text": text}, result)], "conll")
    lines = (out / "data.conll").read_text("utf-8").splitlines()[1:]
    tags = [line.split()[-1] for line in lines if line]
    assert get_entities(tags) == [("Building", 0, 3), ("Age", 5, 5)]
    assert {(d["region"], d["reason"]) for d in dropped(out)} == {
        ("short", "overlaps a longer or earlier span"),
        ("apart", "a word has one class"),
    }


def test_spacy_keeps_spans_that_overlap_and_classes_of_the_text(tmp_path):
    """DocBin is read by spaCy: all spans in a span group, those apart as entities, classes as categories."""
    import spacy
    from spacy.tokens import DocBin

    tasks = restaurant(300)
    text = "New York City Hall"
    tasks.append(task(9001, {"text": text}, [span("a", 0, 8, text, "Place"), span("b", 0, 18, text, "Building")]))
    tasks.append(task(9002, {"text": "fine"}, [choice("Good")]))
    out = converted(tmp_path, tasks, "spacy")
    docs = list(DocBin().from_disk(out / "data.spacy").get_docs(spacy.blank("xx").vocab))
    assert len(docs) == 302
    moved = {(d["item"], d["region"]) for d in dropped(out)}
    for doc, given in zip(docs, tasks, strict=True):
        assert doc.text == given["data"]["text"]
        result = given["annotations"][0]["result"]
        wanted = {
            (r["value"]["start"], r["value"]["end"], r["value"]["labels"][0])
            for r in result
            if r["type"] == "labels" and (str(given["id"]), r["id"]) not in moved
        }
        assert wanted <= {(s.start_char, s.end_char, s.label_) for s in doc.spans["labels"]}
    assert [e.label_ for e in docs[300].ents] == ["Building"]
    assert docs[301].cats == {"Good": 1.0}


# ---------------------------------------------------------------- pictures


def test_pycocotools_reads_real_boxes_unchanged(tmp_path):
    """Every box and class of 20 real photographs is there, on one picture each."""
    from pycocotools.coco import COCO

    tasks, folder, truth = blood()
    out = converted(tmp_path, tasks, "coco", media=folder)
    coco = COCO(str(out / "annotations.json"))
    names = {c["id"]: c["name"] for c in coco.loadCats(coco.getCatIds())}
    assert len(coco.getImgIds()) == len(truth) == 20
    for image in coco.loadImgs(coco.getImgIds()):
        name = image["file_name"].partition("-")[2]
        found = coco.loadAnns(coco.getAnnIds(image["id"]))
        boxes = [(names[a["category_id"]], a["bbox"]) for a in found]
        wanted = [(label, [a, b, c - a, d - b]) for label, (a, b, c, d) in truth[name]]
        assert [n for n, _ in boxes] == [n for n, _ in wanted]
        np.testing.assert_allclose([b for _, b in boxes], [b for _, b in wanted], atol=1e-9)
        assert (out / "images" / image["file_name"]).exists()
    assert not dropped(out)


@pytest.mark.parametrize("form", ["yolo", "yolo-obb", "voc"])
def test_supervision_reads_real_boxes_unchanged(tmp_path, form):
    """YOLO, oriented YOLO and Pascal VOC give the same boxes and classes."""
    import supervision as sv

    tasks, folder, truth = blood(8)
    out = converted(tmp_path, tasks, form, media=folder)
    if form == "voc":
        data = sv.DetectionDataset.from_pascal_voc(str(out / "images"), str(out / "Annotations"))
    else:
        yaml, labels = str(out / "data.yaml"), str(out / "labels")
        data = sv.DetectionDataset.from_yolo(str(out / "images"), labels, yaml, is_obb=form == "yolo-obb")
    assert len(data) == 8
    for path, _, found in data:
        wanted = truth[path.rpartition("/")[2].partition("-")[2]]
        assert sorted(data.classes[c] for c in found.class_id) == sorted(n for n, _ in wanted)
        ours = sorted(map(tuple, np.round(found.xyxy, 1).tolist()))
        np.testing.assert_allclose(ours, sorted(tuple(map(float, b)) for _, b in wanted), atol=0.11)


def test_yolo_files_of_upright_boxes_are_those_of_the_converter(tmp_path):
    """Numbers, their digits and the codes of the classes are the same byte for byte."""
    from label_studio_sdk.converter import Converter

    tasks, _, _ = blood(6)
    for number, one in enumerate(tasks):
        one["data"]["image"] = f"https://example.org/{number}.jpg"
    out = converted(tmp_path, tasks, "yolo")
    config = (
        '<View><Image name="image" value="$image"/><RectangleLabels name="label" toName="image">'
        '<Label value="WBC"/><Label value="RBC"/><Label value="Platelets"/></RectangleLabels></View>'
    )
    converter = Converter(config, str(tmp_path), download_resources=False)
    converter.convert(str(tmp_path / "export.json"), str(tmp_path / "sdk"), "YOLO", is_dir=False)
    theirs = {p.name.partition("__")[2]: p.read_bytes() for p in (tmp_path / "sdk" / "labels").iterdir()}
    assert {p.name: p.read_bytes() for p in (out / "labels").iterdir()} == theirs
    assert (out / "classes.txt").read_bytes() == (tmp_path / "sdk" / "classes.txt").read_bytes()


def test_a_turned_box_has_its_true_bounds(tmp_path):
    """By 90 degrees in a picture that is no square, where Label Studio's converter gets it wrong."""
    from pycocotools.coco import COCO

    # A box of 40 × 10 pixels at (50, 20), turned clockwise about that corner: x from 40 to 50, y from 20 to 60.
    turned = box("t", "Car", (25, 20, 20, 10, 90), (200, 100))
    tasks = [task(1, {"image": "a.jpg"}, [turned])]
    coco = COCO(str(converted(tmp_path, tasks, "coco") / "annotations.json"))
    (one,) = coco.loadAnns(coco.getAnnIds())
    np.testing.assert_allclose(one["bbox"], [40, 20, 10, 40])
    assert one["area"] == pytest.approx(400)
    assert coco.annToMask(one).sum() == pytest.approx(400, abs=60)
    line = (converted(tmp_path, tasks, "yolo") / "labels" / "a.txt").read_text().split()
    np.testing.assert_allclose([float(v) for v in line[1:]], [45 / 200, 0.4, 10 / 200, 0.4])
    assert [d["reason"] for d in dropped(tmp_path / "yolo")] == ["only its true bounds are kept"]
    corners = (converted(tmp_path, tasks, "yolo-obb") / "labels" / "a.txt").read_text().split()[1:]
    np.testing.assert_allclose([float(v) for v in corners], [0.25, 0.2, 0.25, 0.6, 0.2, 0.6, 0.2, 0.2])
    assert not dropped(tmp_path / "yolo-obb")
    voc = (converted(tmp_path, tasks, "voc") / "Annotations" / "a.xml").read_text()
    assert "<xmin>41</xmin>\n<ymin>21</ymin>\n<xmax>50</xmax>\n<ymax>60</ymax>" in voc


def test_coco_carries_outlines_masks_and_keypoints(tmp_path):
    """Pycocotools makes the same pixels of a mask, and finds the keypoints of a box."""
    from pycocotools.coco import COCO

    size = {"original_width": 60, "original_height": 40}
    picture = np.zeros((40, 60), dtype=bool)
    picture[10:20, 5:30] = True
    rle = list(brushed(pixel_runs(picture), ImageSize(60, 40)).rle)
    line = {"to_name": "image", **size}
    brush = {"value": {"format": "rle", "rle": rle, "brushlabels": ["Cell"]}, "type": "brushlabels"}
    points = [[10, 10], [50, 10], [50, 60]]
    polygon = {"value": {"points": points, "closed": True, "polygonlabels": ["Cell"]}, "type": "polygonlabels"}
    eye = {"value": {"x": 25, "y": 25, "width": 1, "keypointlabels": ["eye"]}, "type": "keypointlabels"}
    result = [
        {**line, "id": "m", "from_name": "brush", **brush},
        {**line, "id": "p", "from_name": "outline", **polygon},
        box("b", "Face", (20, 20, 50, 50), (60, 40)),
        {**line, "id": "k", "from_name": "points", "parentID": "b", **eye},
    ]
    coco = COCO(str(converted(tmp_path, [task(1, {"image": "a.png"}, result)], "coco") / "annotations.json"))
    mask, outline, face = coco.loadAnns(coco.getAnnIds())
    assert (coco.annToMask(mask) == picture).all()
    assert mask["bbox"] == [5, 10, 25, 10]
    assert mask["area"] == 250
    assert outline["segmentation"] == [[6, 4, 30, 4, 30, 24]]
    assert (face["num_keypoints"], face["keypoints"]) == (1, [15, 10, 2])
    assert coco.loadCats(face["category_id"])[0]["keypoints"] == ["eye"]


def test_masks_hold_the_class_of_every_pixel_and_say_what_is_covered(tmp_path):
    """A PNG is read by Pillow; a class that lies below another is listed."""
    from PIL import Image

    result = [box("low", "A", (0, 0, 50, 50), (20, 10)), box("high", "B", (25, 0, 50, 50), (20, 10))]
    out = converted(tmp_path, [task(1, {"image": "a.jpg"}, result)], "masks")
    codes = np.array(Image.open(out / "masks" / "a.png"))
    assert json.loads((out / "classes.json").read_text()) == {"background": 0, "A": 1, "B": 2}
    assert (codes[2, 2], codes[2, 8], codes[9, 19]) == (1, 2, 0)
    assert [(d["region"], d["reason"]) for d in dropped(out)] == [("high", "covers pixels of another class")]


# ---------------------------------------------------------------- sound


def test_asr_and_rttm_of_real_recordings(tmp_path):
    """Texts, places and lengths of real recordings come back from both forms."""
    tasks, folder, truth = digits()
    out = converted(tmp_path, tasks, "asr", media=folder)
    rows = pd.read_json(out / "asr_manifest.jsonl", lines=True)
    for row in rows.itertuples():
        word, length = truth[row.audio_filepath.rpartition("/")[2]]
        assert (row.text, row.offset, row.duration) == (word, 0, pytest.approx(length, abs=1e-6))
        assert (out / row.audio_filepath).exists()
    assert len(rows) == 12
    lines = pd.read_csv(converted(tmp_path, tasks, "rttm") / "labels.rttm", sep=" ", header=None)
    assert set(lines[0]) == {"SPEAKER"}
    for name, start, length, speaker in zip(lines[1], lines[3], lines[4], lines[7], strict=True):
        assert (start, length) == (0, pytest.approx(truth[f"{name}.wav"][1], abs=1e-6))
        assert speaker == name.split("_")[1]


# ---------------------------------------------------------------- tables and the rest


def test_tables_are_read_by_pandas_polars_and_datasets(tmp_path):
    """JSON Lines, CSV, Parquet and a Hugging Face folder hold the same classes."""
    texts = [json.loads(line)["text"] for line in _banking(60)]
    tasks = [task(n, {"text": t}, [choice(("Card", "Cash")[n % 2])]) for n, t in enumerate(texts, start=1)]
    wanted = [(t["data"]["text"], t["annotations"][0]["result"][0]["value"]["choices"][0]) for t in tasks]
    found = pd.read_json(converted(tmp_path, tasks, "jsonl") / "data.jsonl", lines=True)
    assert list(zip(found["text"], found["sentiment"], strict=True)) == wanted
    found = pd.read_csv(converted(tmp_path, tasks, "csv") / "data.csv")
    assert list(zip(found["text"], found["sentiment"], strict=True)) == wanted
    table = pl.read_parquet(converted(tmp_path, tasks, "parquet") / "data.parquet")
    assert list(table.select("text", "sentiment").iter_rows()) == wanted
    code = (
        "import json, sys; from datasets import load_dataset; d = load_dataset(sys.argv[1])['train'];"
        "f = d.features['sentiment']; print(json.dumps([[r['text'], f.int2str(r['sentiment'])] for r in d]))"
    )
    out = str(converted(tmp_path, tasks, "hf"))
    env = {"HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path / "home"), "HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [sys.executable, "-c", code, out], env=env, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert [tuple(row) for row in json.loads(done.stdout)] == wanted


def test_the_csv_is_the_converters_byte_for_byte(tmp_path):
    """One class, one annotator a task, no formulas: nothing differs."""
    from label_studio_sdk.converter import Converter

    texts = [json.loads(line)["text"] for line in _banking(80)]
    tasks = [task(n, {"text": t, "n": n, "x": 0.5}, [choice("Cash")]) for n, t in enumerate(texts, start=1)]
    out = converted(tmp_path, tasks, "csv")
    config = (
        '<View><Text name="text" value="$text"/><Choices name="sentiment" toName="text"><Choice value="Cash"/>'
        "</Choices></View>"
    )
    Converter(config, str(tmp_path)).convert(str(tmp_path / "export.json"), str(tmp_path / "sdk"), "CSV", is_dir=False)
    assert (out / "data.csv").read_bytes() == (tmp_path / "sdk" / "result.csv").read_bytes()


def test_webdataset_reads_samples_with_their_media(tmp_path):
    """The library decodes rows and pictures, and the tar holds no owner and no time."""
    import webdataset as wds

    tasks, folder, truth = blood(5)
    out = converted(tmp_path, tasks, "webdataset", media=folder)
    samples = list(wds.WebDataset(str(out / "data-000000.tar"), shardshuffle=False).decode("rgb8"))
    assert len(samples) == 5
    for sample in samples:
        row = sample["json"]
        assert sample["jpg"].shape == (480, 640, 3)
        assert len(row["label"]) == len(truth[row["image"].rpartition("-")[2]])
    with tarfile.open(out / "data-000000.tar") as tar:
        assert {(m.mtime, m.uid, m.uname) for m in tar.getmembers()} == {(0, 0, "")}


def test_preferences_have_the_columns_of_trl(tmp_path):
    """Sides of a pairwise control, classes that name a side, and orders become pairs; a draw becomes none."""
    data = {"prompt": "Why?", "answer_a": "Because.", "answer_b": "No idea."}
    side = {"id": "p", "from_name": "pw", "to_name": "answer_a", "type": "pairwise", "value": {"selected": "right"}}
    listed = [{"id": i, "body": f"text {i}"} for i in "xyz"]
    order = {
        "id": "r",
        "from_name": "rank",
        "to_name": "l",
        "type": "ranker",
        "value": {"ranker": {"rank": ["z", "x", "y"]}},
    }
    tasks = [
        task(1, data, [side]),
        task(2, data, [choice("A is slightly better")]),
        task(3, data, [choice("About the same")]),
        task(4, {"prompt": "Order", "items": listed}, [order]),
    ]
    out = converted(tmp_path, tasks, "dpo")
    rows = [json.loads(line) for line in (out / "preferences.jsonl").read_text().splitlines()]
    assert {tuple(r)[:3] for r in rows} == {("prompt", "chosen", "rejected")}
    assert [(r["id"], r["chosen"], r["rejected"]) for r in rows] == [
        ("1", "No idea.", "Because."),
        ("2", "Because.", "No idea."),
        ("4", "text z", "text x"),
        ("4", "text z", "text y"),
        ("4", "text x", "text y"),
    ]
    assert [d["item"] for d in dropped(out)] == ["3"]


def test_label_studio_json_is_imported_again(tmp_path):
    """What was one annotator's comes back line for line, and the codec reads it."""
    tasks = restaurant(40)
    out = converted(tmp_path, tasks, "label-studio")
    back = list(stream_tasks(out / "label-studio.json"))
    assert [t["annotations"][0]["result"] for t in back] == [t["annotations"][0]["result"] for t in tasks]
    schema = read_config(
        '<View><Text name="text" value="$text"/><Labels name="label" toName="text"><Label value="x"/></Labels></View>'
    )
    answers = [LabelStudioCodec().decode(json.dumps(t["annotations"][0]), schema) for t in back]
    assert sum(len(a.entries) for a in answers) == sum(len(t["annotations"][0]["result"]) for t in tasks)


# ---------------------------------------------------------------- several annotators


def test_several_annotators_become_one_record_each_item(tmp_path):
    """Classes by majority; a tie is left out and listed; nobody's answer is lost without a word."""
    tasks = [
        task(1, {"text": "one"}, [choice("A")], [choice("A")], [choice("B")]),
        task(2, {"text": "two"}, [choice("A")], [choice("B")]),
        task(3, {"text": "three"}, [choice("B")], None),
        task(4, {"text": "four"}),
    ]
    out = converted(tmp_path, tasks, "jsonl")
    rows = [json.loads(line) for line in (out / "data.jsonl").read_text().splitlines()]
    assert [(r["id"], r["sentiment"], r["n_annotations"]) for r in rows] == [(1, "A", 3), (3, "B", 1)]
    assert [(d["item"], d["reason"]) for d in dropped(out)] == [
        ("2", "contested: annotators tie"),
        ("4", "no annotation"),
    ]


@pytest.mark.parametrize("form", ["coco", "yolo", "voc"])
def test_two_annotators_boxes_are_fused_and_the_picture_stands_once(tmp_path, form):
    """The converter loses the first annotator's boxes, or writes the picture twice."""
    size = (100, 100)
    tasks = [
        task(
            n,
            {"image": f"{n}.jpg"},
            [box("a", "Car", (10, 10, 20, 20), size)],
            [box("b", "Car", (12, 10, 20, 20), size)],
            [box("c", "Car", (11, 10, 20, 20), size), box("d", "Bike", (70, 70, 5, 5), size)],
        )
        for n in range(1, 11)
    ]
    out = converted(tmp_path, tasks, form)
    if form == "coco":
        found = json.loads((out / "annotations.json").read_text())
        assert len(found["images"]) == 10
        assert [a["bbox"] for a in found["annotations"]] == [[11, 10, 20, 20]] * 10
    elif form == "yolo":
        assert {p.read_text() for p in (out / "labels").iterdir()} == {"1 0.21 0.2 0.2 0.2\n"}
    else:
        assert all(p.read_text().count("<object>") == 1 for p in (out / "Annotations").iterdir())
    assert {(d["reason"], d["labels"][0]) for d in dropped(out)} == {("too few annotators drew it", "Bike")}


def test_records_kept_apart_are_marked(tmp_path):
    """On request every annotator's answer is a record that says whose it is."""
    text = "Ada lives in Rome"
    tasks = [task(1, {"text": text}, [span("a", 0, 3, text, "P")], [span("b", 13, 17, text, "L")])]
    out = converted(tmp_path, tasks, "conll", separate=True)
    files = {p.name: p.read_text().split() for p in out.glob("*.conll")}
    assert set(files) == {"annotator-1.conll", "annotator-2.conll"}
    assert "B-P" in files["annotator-1.conll"]
    assert "B-L" in files["annotator-2.conll"]
    rows = (converted(tmp_path, tasks, "jsonl", separate=True) / "data.jsonl").read_text().splitlines()
    assert [json.loads(r)["annotator"] for r in rows] == ["1", "2"]


@pytest.mark.parametrize("with_config", [False, True])
def test_a_screen_with_text_and_picture_gives_each_format_its_own_object(tmp_path, with_config):
    """A real export of Label Studio with spans and boxes: spans go to CoNLL, boxes to COCO, with their own classes."""
    folder = Path(__file__).parents[1] / "integration" / "report_data"
    tasks = json.loads((folder / "label_studio_1_23_2.json").read_text("utf-8"))
    config = (folder / "config.xml").read_text("utf-8") if with_config else None
    coco = json.loads((converted(tmp_path, tasks, "coco", config=config) / "annotations.json").read_text("utf-8"))
    drawn = {
        c for t in tasks for a in t["annotations"] for r in a["result"] for c in r["value"].get("rectanglelabels", [])
    }
    assert len(coco["images"]) == len(tasks)
    assert len(coco["annotations"]) >= len(tasks)
    assert {c["name"] for c in coco["categories"]} == drawn
    text = (converted(tmp_path, tasks, "conll", config=config) / "data.conll").read_text("utf-8")
    assert text.count(" B-") >= len(tasks)
    assert not [c for c in drawn if f"-{c}\n" in text]


def test_a_class_that_the_config_does_not_have_is_said(tmp_path):
    """A config of another version loses no region without a word."""
    config = (
        '<View><Image name="image" value="$image"/><RectangleLabels name="label" toName="image"><Label value="A"/>'
        "</RectangleLabels></View>"
    )
    tasks = [task(1, {"image": "a.jpg"}, [box("x", "B", (0, 0, 10, 10), (20, 10))])]
    for form in ("yolo", "masks"):
        out = converted(tmp_path, tasks, form, config=config)
        assert "a class that the config does not have" in {d["reason"] for d in dropped(out)}


def test_the_same_export_gives_the_same_bytes_in_every_format(tmp_path):
    """No time, no order of a set, no number of a process is in any file."""
    tasks, folder, _ = blood(3)
    for name in LABELLED_FORMATS:
        if name in {"dpo", "spacy", "asr"}:
            continue
        for turn in ("one", "two"):
            (tmp_path / turn).mkdir(exist_ok=True)
            converted(tmp_path / turn, tasks, name, media=folder)
        one, two = (sorted((tmp_path / turn / name).rglob("*")) for turn in ("one", "two"))
        assert [p.name for p in one] == [p.name for p in two]
        assert [p.read_bytes() for p in one if p.is_file()] == [p.read_bytes() for p in two if p.is_file()], name


def test_what_cannot_be_converted_is_refused_with_the_next_step(tmp_path):
    """No answers, a format that is none, a link that leaves the folder."""
    with pytest.raises(NothingToDoError, match="skipped answers"):
        converted(tmp_path, [task(1, {"text": "x"})], "csv")
    with pytest.raises(UsageError, match="no format named 'doc'"):
        converted(tmp_path, [task(1, {"text": "x"}, [choice("A")])], "doc")
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "media").mkdir()
    (tmp_path / "media" / "out.txt").symlink_to(tmp_path / "secret.txt")
    folder = MediaFolder(tmp_path / "media")
    assert [folder(link) for link in ("../secret.txt", "out.txt", "/data/local-files/?d=../secret.txt")] == [None] * 3
