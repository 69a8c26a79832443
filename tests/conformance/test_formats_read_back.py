"""Every format, read back by the library that its users use."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pandas as pd
import polars as pl
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwright.adapters.datasets import LocalFolders
from labelwright.adapters.labelstudio.codec import LabelStudioCodec
from labelwright.adapters.labelstudio.config import read_config
from labelwright.adapters.reports.labelstudio import read_export
from labelwright.app.export import Answers, ExportRequest, export_dataset
from labelwright.export import FORMATS, Provenance, SplitRule
from labelwright.export.csv import neutralize, restore
from labelwright.model.project import Annotation, AnnotationSet, AnnotationState, Annotator, Item
from labelwright.model.values import Answer, Choice, Entry

CLASSES = ("Positive", 'Négatif, or: "bad"', "中性 😐")
CONFIG = (
    '<View><Text name="text" value="$text"/><Choices name="sentiment" toName="text">'
    + "".join(f'<Choice value="{c.replace(chr(34), "&quot;")}"/>' for c in CLASSES)
    + "</Choices></View>"
)
SCHEMA = read_config(CONFIG)
CONTROL = SCHEMA.controls[0]
HOSTILE = (
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(A1:A9)",
    "\t=1+1",
    "\r=1+1",
    "'=already",
    "''@twice",
    "'quoted'",
    'a "quote", a comma; a semicolon',
    "two\nlines\r\nand\rmore",
    "line\u2028separator\u2029and\x85next",
    "NUL\x00inside",
    "emoji 👩‍👩‍👧 and \U0010fffd",
    "עברית\u202eevil\u202c العربية",
    "<script>alert(1)</script>",
    "  spaces  ",
    "\ufeffBOM",
    "../../etc/passwd",
    "x" * 1_000_000,
)
START = datetime(2026, 1, 1, tzinfo=UTC)


def answered(number, item, annotator, label, **changes):
    at = START + timedelta(seconds=number)
    answer = Answer((Entry("sentiment", "text", Choice((label,))),))
    made = Annotation(str(number), item, annotator, answer, created_at=at, updated_at=at, seconds=2.5)
    return replace(made, guidelines_version=1, schema_version=1, **changes)


def hostile_set():
    """Sixty items with the worst texts, in ids and groups too, two annotators each."""
    texts = [*HOSTILE, *(f"plain text {n}" for n in range(60 - len(HOSTILE)))]
    items = [
        Item(
            f"../../{n}/{text[:12]}",
            {"text": text, "label": f"field {n}", "nested": {"n": n}},
            {
                "source": text[:20],
                "score": n / 7,
                "page": n,
                "big": 2**70 if n else 1,
                "seen": date(2026, 1, 1),
                "ok": n > 3,
            },
            group=f"/etc/{n // 2}",
            existing=CLASSES[0] if n % 2 else None,
        )
        for n, text in enumerate(texts)
    ]
    annotations = []
    for n, item in enumerate(items):
        annotations += [answered(2 * n + k, item.id, who, CLASSES[n % 3]) for k, who in enumerate(("ann", "bob"))]
    people = {w: Annotator(w, w.title(), f"{w}@secret.example", user=n) for n, w in enumerate(("ann", "bob"), 5)}
    found = AnnotationSet(SCHEMA, {i.id: i for i in items}, tuple(annotations), people)
    labels = {i.id: SimpleNamespace(label=CLASSES[n % 3], posterior=1.0, contested=False) for n, i in enumerate(items)}
    return found, labels


PROVENANCE = Provenance("Feedback", "labelwright 0", "MajorityVote", "A tie is contested.")


def export(tmp_path, name, found=None, **changes):
    annotation_set, labels = found or hostile_set()
    request = ExportRequest((name,), tmp_path / name, PROVENANCE, SplitRule(0.5, 0.25, 0.25))
    answers = Answers(LabelStudioCodec().encode)
    return export_dataset(annotation_set, labels, CONTROL, replace(request, **changes), LocalFolders(), answers)


def expected(annotation_set):
    return {i.id: i.data["text"] for i in annotation_set.items.values()}


def test_jsonl_is_read_back_verbatim(tmp_path):
    """Every text comes back as it was, one row a line even for readers that split at every Unicode line end."""
    result = export(tmp_path, "jsonl")
    rows = []
    for split in ("train", "validation", "test"):
        found = [json.loads(line) for line in (result.out / f"{split}.jsonl").read_text("utf-8").splitlines()]
        assert {r["split"] for r in found} == {split}
        rows += found
    assert {r["id"]: r["text"] for r in rows} == expected(hostile_set()[0])
    assert {r["big"] for r in rows} == {1, str(2**70)}
    assert all(r["nested"] == {"n": r["page"]} and r["data_label"] == f"field {r['page']}" for r in rows)
    assert all(r["label"] == CLASSES[r["page"] % 3] for r in rows)


def test_jsonl_is_read_by_pandas_and_polars(tmp_path):
    """The usual readers of tables agree on rows and texts."""
    result = export(tmp_path, "jsonl")
    by_pandas: dict[str, str] = {}
    by_polars: dict[str, str] = {}
    for split in ("train", "validation", "test"):
        path = result.out / f"{split}.jsonl"
        frame = pd.read_json(path, lines=True, dtype=False, convert_dates=False)
        by_pandas |= dict(zip(frame["id"], frame["text"], strict=True))
        by_polars |= dict(pl.read_ndjson(path, infer_schema_length=None).select("id", "text").iter_rows())
    assert by_pandas == by_polars == expected(hostile_set()[0])


def csv_rows(result):
    rows = []
    before = csv.field_size_limit(2_000_000)
    for split in ("train", "validation", "test"):
        with (result.out / f"{split}.csv").open(encoding="utf-8", newline="") as file:
            rows += list(csv.DictReader(file))
    csv.field_size_limit(before)
    return rows


def test_no_cell_of_the_csv_is_a_formula_and_restore_gives_every_text_back(tmp_path):
    """A spreadsheet runs nothing, and no text is lost on the way."""
    rows = csv_rows(export(tmp_path, "csv"))
    texts = [cell for row in rows for name, cell in row.items() if name not in {"posterior", "score", "page"}]
    assert not [cell for cell in texts if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert {restore(r["id"]): restore(r["text"]) for r in rows} == expected(hostile_set()[0])
    assert {r["label"] for r in rows} == set(CLASSES)


def test_the_csv_is_read_by_pandas_and_polars(tmp_path):
    """Two independent readers see the same table, with texts unchanged.

    The faster engine of pandas ends a text at a NUL, whoever wrote it: the card says so.
    """
    csv.field_size_limit(2_000_000)  # the python engine of pandas reads with the csv module
    result = export(tmp_path, "csv")
    for split in ("train", "validation", "test"):
        path = result.out / f"{split}.csv"
        wanted = {restore(r["id"]): restore(r["text"]) for r in csv_rows(result) if r["split"] == split}
        one = pl.read_csv(path, infer_schema=False)
        assert {restore(i): restore(t) for i, t in one.select("id", "text").iter_rows()} == wanted
        other = pd.read_csv(path, dtype=str, keep_default_na=False, engine="python")
        assert {restore(i): restore(t) for i, t in zip(other["id"], other["text"], strict=True)} == wanted


@given(st.text(alphabet=st.one_of(st.sampled_from("'=+-@\t\r\nab"), st.characters(codec="utf-8"))))
def test_neutralizing_can_always_be_undone(text):
    """One rule takes every text to a cell that is no formula and back."""
    cell = neutralize(text)
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert restore(cell) == text


def test_parquet_is_typed_and_verbatim(tmp_path):
    """Types are kept, texts are verbatim, what 64 bits cannot hold is text."""
    result = export(tmp_path, "parquet")
    tables = [pq.read_table(result.out / f"{s}.parquet") for s in ("train", "validation", "test")]
    assert len({t.schema for t in tables}) == 1
    types = {f.name: str(f.type) for f in tables[0].schema}
    assert types["text"] == types["label"] == types["nested"] == types["big"] == types["seen"] == "string"
    assert (types["posterior"], types["score"], types["page"], types["ok"]) == ("double", "double", "int64", "bool")
    assert (types["annotators"], types["guidelines_versions"]) == ("list<element: string>", "list<element: int64>")
    rows = [row for t in tables for row in t.to_pylist()]
    assert {r["id"]: r["text"] for r in rows} == expected(hostile_set()[0])
    assert all(json.loads(r["nested"]) == {"n": r["page"]} for r in rows)
    assert {c.compression for t in ("train",) for c in _chunks(result.out / f"{t}.parquet")} == {"ZSTD"}
    assert pl.read_parquet(result.out / "train.parquet").height == result.manifest["counts"]["rows_by_split"]["train"]


def _chunks(path):
    group = pq.ParquetFile(path).metadata.row_group(0)
    return [group.column(n) for n in range(group.num_columns)]


HF = """
import json, sys
from datasets import load_dataset
data = load_dataset(sys.argv[1])
features = data["train"].features
print(json.dumps({
    "splits": {name: part.num_rows for name, part in data.items()},
    "names": features["label"].names,
    "rows": [[r["id"], r["text"], features["label"].int2str(r["label"])] for part in data.values() for r in part],
    "annotators": data["train"][0]["annotators"],
}))
"""


def load_hf(out, tmp_path):
    env = {"HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path / "hf"), "HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [sys.executable, "-c", HF, str(out)], env=env, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)


def test_hugging_face_reads_splits_classes_and_texts_without_a_network(tmp_path):
    """`load_dataset(OUT)` gives the splits, ClassLabel features in the schema's order, and every text verbatim."""
    result = export(tmp_path, "hf")
    found = load_hf(result.out, tmp_path)
    assert found["splits"] == result.manifest["counts"]["rows_by_split"]
    assert tuple(found["names"]) == CLASSES
    assert {i: text for i, text, _ in found["rows"]} == expected(hostile_set()[0])
    labels = hostile_set()[1]
    assert all(labels[i].label == label for i, _, label in found["rows"])
    assert found["annotators"] == ["annotator-1", "annotator-2"]


def test_hugging_face_reads_a_set_with_an_empty_split(tmp_path):
    """Its library cannot read a split without rows: there is none, rather than a folder that cannot be loaded."""
    result = export(tmp_path, "hf", rule=SplitRule(1.0, 0.0, 0.0))
    assert load_hf(result.out, tmp_path)["splits"] == {"train": 60}


def test_label_studio_json_is_read_back_with_every_annotation(tmp_path):
    """Our own reader of Label Studio exports finds every answer, skip and second, and no address of a person."""
    annotation_set, labels = hostile_set()
    first = next(iter(annotation_set.items))
    more = (
        answered(900, first, "ann", CLASSES[1], state=AnnotationState.FOREIGN),
        answered(901, first, "bob", CLASSES[1], state=AnnotationState.DELETED),
        Annotation("902", list(annotation_set.items)[1], "ann", Answer(), AnnotationState.SKIPPED, START, START),
    )
    annotation_set = replace(annotation_set, annotations=annotation_set.annotations + more)
    result = export(tmp_path, "label-studio", (annotation_set, labels))
    path = result.out / "label-studio.json"
    tasks = json.loads(path.read_text("utf-8"))
    assert sum(len(t["annotations"]) for t in tasks) == 121
    assert {a["completed_by"] for t in tasks for a in t["annotations"]} == {5, 6}
    assert {t["meta"]["labelwright"]["item"]: t["data"]["text"] for t in tasks} == expected(annotation_set)
    back = read_export(path, LabelStudioCodec(), read_config, CONFIG).annotations
    said = {a.id: a for a in annotation_set.annotations if a.id not in {"900", "901"}}
    assert {a.id for a in back.annotations} == set(said)
    for a in back.annotations:
        assert (a.state, a.seconds, a.created_at) == (said[a.id].state, said[a.id].seconds, said[a.id].created_at)
        assert [e.value for e in a.answer.of("sentiment")] == [e.value for e in said[a.id].answer.of("sentiment")]
    apart = json.loads((result.out / "label-studio.not-counted.json").read_text("utf-8"))
    assert [(t["meta"]["labelwright"]["item"], a["id"]) for t in apart for a in t["annotations"]] == [(first, 900)]
    assert not [p for p in result.paths if b"secret.example" in p.read_bytes()]


def test_label_studio_raw_fields_come_back_and_people_do_not(tmp_path):
    """What Label Studio kept beside an answer is handed on, except names and addresses."""
    annotation_set, labels = hostile_set()
    raw = {"0": json.dumps({"unique_id": "u-1", "ground_truth": True, "created_username": " ann@secret.example, 5"})}
    request = ExportRequest(("label-studio",), tmp_path / "out", PROVENANCE)
    answers = Answers(LabelStudioCodec().encode, raw)
    result = export_dataset(annotation_set, labels, CONTROL, request, LocalFolders(), answers)
    text = (result.out / "label-studio.json").read_text("utf-8")
    found = [a for t in json.loads(text) for a in t["annotations"] if a["id"] == 0]
    assert [(a["unique_id"], a["ground_truth"]) for a in found] == [("u-1", True)]
    assert "secret.example" not in text


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_state_gives_the_same_bytes(tmp_path, name):
    """Whatever the order in which a database gave its rows, the files are identical."""
    annotation_set, labels = hostile_set()
    turned = AnnotationSet(
        SCHEMA,
        dict(reversed(annotation_set.items.items())),
        annotation_set.annotations[::-1],
        dict(reversed(annotation_set.annotators.items())),
    )
    one = export(tmp_path / "one", name, (annotation_set, labels))
    other = export(tmp_path / "other", name, (turned, dict(reversed(labels.items()))))
    assert [p.read_bytes() for p in one.paths] == [p.read_bytes() for p in other.paths]
    assert all(p.is_relative_to(one.out) and p.exists() for p in one.paths)


@pytest.mark.parametrize("name", FORMATS)
def test_ids_and_groups_never_become_paths(tmp_path, name):
    """An item named ../../x writes nothing outside the folder."""
    result = export(tmp_path, name)
    written = {p for p in tmp_path.rglob("*") if p.is_file()}
    assert written == set(result.paths)


def test_every_task_says_that_something_is_simulated(tmp_path):
    """Times of a simulated annotator never travel without saying so."""
    annotation_set, labels = hostile_set()
    annotation_set = replace(annotation_set, simulated="Seconds are drawn at random.")
    result = export(tmp_path, "label-studio", (annotation_set, labels))
    tasks = json.loads((result.out / "label-studio.json").read_text("utf-8"))
    assert {t["meta"]["labelwright"]["simulated"] for t in tasks} == {"Seconds are drawn at random."}


def test_label_studios_own_converter_reads_the_export(tmp_path):
    """Label Studio's converter, an independent reader, finds every annotation with its class and annotator."""
    from label_studio_sdk.converter import Converter

    annotation_set, labels = hostile_set()
    result = export(tmp_path, "label-studio", (annotation_set, labels))
    converter = Converter(CONFIG, str(tmp_path), download_resources=False)
    converter.convert_to_json_min(str(result.out / "label-studio.json"), str(tmp_path / "min"), is_dir=False)
    rows = json.loads((tmp_path / "min" / "result.json").read_text("utf-8"))
    assert len(rows) == len(annotation_set.annotations)
    said = {int(a.id): a.answer.entries[0].value.labels[0] for a in annotation_set.annotations}
    assert {r["annotation_id"]: r["sentiment"] for r in rows} == said
    assert {r["annotator"] for r in rows} == {5, 6}
