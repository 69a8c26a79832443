"""Dataset versions of a real workspace, by the commands: immutable, with lineage, read by mlcroissant and users' libraries."""

from __future__ import annotations

import json
import stat
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from labelwright.adapters.labelstudio.config import read_config
from labelwright.assignment.intake import IntakePlan
from labelwright.bootstrap import open_workspace
from labelwright.entry.cli.init import Start, make_workspace
from labelwright.entry.cli.output import Bar
from labelwright.model.consensus import ConsensusState, ItemConsensus
from labelwright.model.desk import AnnotationRecord
from labelwright.model.project import AnnotationState, Annotator, Purpose
from support.command import run
from support.exports import blood, choice

AT = datetime(2026, 1, 1, tzinfo=UTC)
TEXTS = """
<View><Text name="text" value="$text"/><Choices name="sentiment" toName="text" required="true">
<Choice value="Good"/><Choice value="Bad"/></Choices><Rating name="stars" toName="text"/></View>"""
CELLS = """
<View><Image name="image" value="$path"/><RectangleLabels name="label" toName="image">
<Label value="RBC"/><Label value="WBC"/><Label value="Platelets"/></RectangleLabels></View>"""


def workspace(root, schema, data, **columns):
    settings = {"id": None, "metadata": ["source"], "probe": False} | columns
    fields = {"path": "path"} if "path" in schema else {}
    start = Start(root, schema, "# Rules\n", "Trial", data, fields, settings, {"model": {"kind": "none"}})
    make_workspace(start, read_config(schema), Bar(quiet=True))
    return open_workspace(root)


def answer(place, number, item, who, result, **more):
    raw = json.dumps({"id": number, "result": result, **more})
    at = AT + timedelta(seconds=number)
    return AnnotationRecord(
        number, 1, number, None, item, who, AnnotationState.VALID, at, at, 3.0, Purpose.LABEL, 1, raw, 1, 1
    )


def taken_in(place, items, records):
    store = place.project().store
    store.add_assignments({i: (items[i], None) for i in items}, [])
    for who in sorted({r.annotator for r in records}):
        store.put_annotator(Annotator(who, who.title(), f"{who}@secret.example"))
    store.apply_intake(1, IntakePlan(records=tuple(records)), None)


@pytest.fixture
def reviews(tmp_path):
    """60 texts, two answers each, one torn, one near-duplicate across the splits, one adjudicated."""
    rows = [
        {"id": f"r{n}", "text": f"review number {n} says {'good' if n % 3 else 'bad'} things", "source": "web"}
        for n in range(60)
    ]
    data = tmp_path / "reviews.jsonl"
    data.write_text("".join(json.dumps(r) + "\n" for r in rows))
    place = workspace(tmp_path / "reviews", TEXTS, data, id="id")
    from labelwright.model.project import Item

    items = {
        r["id"]: Item(r["id"], {"text": r["text"]}, {"source": "web" if n % 2 else "app"}, group=r["id"])
        for n, r in enumerate(rows)
    }
    stars = {"id": "s", "from_name": "stars", "to_name": "text", "type": "rating", "value": {"rating": 4}}
    records = []
    for n in range(60):
        label = "Good" if n % 3 else "Bad"
        other = label if n else "Good"
        more = {"prediction": {"model_version": "round-1-text"}} if n == 5 else {}
        records.append(answer(place, 2 * n, f"r{n}", "ann", [choice(label), stars], **more))
        records.append(answer(place, 2 * n + 1, f"r{n}", "bob", [choice(other), stars]))
    taken_in(place, items, records)
    place.project().store.put_consensus(
        [
            ItemConsensus(
                "r0", "sentiment", ConsensusState.ADJUDICATED, "Bad", posterior=1.0, votes=2, method="expert", by="eve"
            )
        ]
    )
    return place


def export(place, *arguments):
    done = run("export", "-w", place.root, "--json", *arguments)
    assert done.code == 0, done.err
    return done.document


def test_a_version_is_written_once_and_never_again(reviews):
    """The same state gives no new version; another state gives one beside it; nothing that stands is touched."""
    first = export(reviews, "--format", "jsonl,parquet,conll")
    assert (first["version"], first["new"], first["rows"]) == ("v1", True, 60)
    again = export(reviews, "--format", "jsonl,parquet,conll")
    assert (again["version"], again["new"], again["id"]) == ("v1", False, first["id"])
    reviews.project().store.put_consensus(
        [
            ItemConsensus(
                "r1", "sentiment", ConsensusState.ADJUDICATED, "Bad", posterior=1.0, votes=2, method="expert", by="eve"
            )
        ]
    )
    second = export(reviews, "--format", "jsonl,parquet,conll")
    assert (second["version"], second["new"]) == ("v2", True)
    diff = run("dataset", "diff", "v1", "v2", "-w", reviews.root, "--json").document
    assert (diff["same"], diff["added"], diff["removed"], diff["relabeled"]) == (59, 0, 0, 1)
    assert diff["relabeled_by_class"] == {"Good → Bad": 1}
    listed = run("dataset", "list", "-w", reviews.root, "--json").document["versions"]
    assert [v["version"] for v in listed] == ["v1", "v2"]
    assert {p.name for p in (reviews.root / "exports").iterdir()} == {"v1", "v2"}
    shown = run("dataset", "show", first["id"][:8], "-w", reviews.root, "--json").document
    assert shown["manifest"]["counts"]["rows"] == 60
    assert "Good" in run("dataset", "show", "-w", reviews.root).out


def test_verify_names_every_file_that_is_not_as_it_was_written(reviews):
    """Files are read-only; who changes one all the same is found out, with exit code 1."""
    place = reviews.root / "exports" / export(reviews)["version"]
    assert run("dataset", "verify", "-w", reviews.root).code == 0
    file = place / "train.jsonl"
    assert not file.stat().st_mode & stat.S_IWUSR
    file.chmod(0o644)
    file.write_text("other\n")
    (place / "test.jsonl").unlink()
    (place / "new.txt").write_text("new")
    done = run("dataset", "verify", "-w", reviews.root, "--json")
    assert done.code == 1
    problems = done.document["versions"]["v1"]["problems"]
    assert problems == ["test.jsonl is gone", "train.jsonl has been changed", "new.txt was added"]


def test_every_row_has_its_lineage(reviews):
    """From a row one walks back to annotations, pseudonyms, versions, the suggesting model, the expert."""
    out = reviews.root / "exports" / export(reviews)["version"]
    rows = {r["id"]: r for r in map(json.loads, (out / "lineage.jsonl").read_text().splitlines())}
    assert len(rows) == 60
    assert rows["r5"]["suggested_by"] == ["round-1-text"]
    assert rows["r5"]["annotations"] == ["10", "11"]
    assert rows["r5"]["annotators"] == ["annotator-1", "annotator-2"]
    assert (rows["r5"]["guidelines_versions"], rows["r5"]["schema_versions"]) == ([1], [1])
    assert (rows["r0"]["adjudicator"], rows["r0"]["inferred_by"], rows["r0"]["label"]) == ("expert", "expert", "Bad")
    assert rows["r1"]["inferred_by"] not in {"", "expert"}
    train = [json.loads(line) for line in (out / "train.jsonl").read_text().splitlines()]
    assert {r["stars"] for r in train} == {4}
    assert not [p for p in out.rglob("*") if b"secret.example" in p.read_bytes()]


@pytest.mark.parametrize("form", ["csv", "parquet", "jsonl", "hf"])
def test_mlcroissant_validates_and_reads_the_metadata(reviews, form):
    """The package of MLCommons finds no error, and reads rows by what croissant.json says."""
    import mlcroissant as mlc

    out = reviews.root / "exports" / export(reviews, "--format", form)["version"]
    dataset = mlc.Dataset(jsonld=str(out / "croissant.json"))
    assert not dataset.metadata.issues.errors
    records = list(dataset.records(record_set="train"))
    wanted = json.loads((out / "manifest.json").read_text())["counts"]["rows_by_split"]["train"]
    assert len(records) == wanted
    assert {r["train/label"] for r in records} == ({0, 1} if form == "hf" else {b"Good", b"Bad"})


def test_filters_say_what_they_left_out(reviews):
    """Adjudicated only, one slice, a least posterior: rows that stay, and reasons for the others."""
    found = export(reviews, "--only-adjudicated")
    assert (found["rows"], found["left_out"]) == (1, {"no expert has decided it": 59})
    found = export(reviews, "--slice", "source=app")
    assert (found["rows"], found["left_out"]) == (30, {"outside of the slice": 30})
    found = export(reviews, "--min-posterior", "1")
    assert found["rows"] < 60
    assert set(found["left_out"]) == {"posterior below 1"}
    card = (reviews.root / "exports" / "v3" / "dataset_card.md").read_text()
    assert "Only labels with a posterior of at least 1" in card
    assert run("export", "-w", reviews.root, "--slice", "source").code == 2


def test_soft_labels_keep_the_disagreement(reviews):
    """The share of annotators by class stands beside the label, typed, in the order of the classes."""
    out = reviews.root / "exports" / export(reviews, "--soft-labels", "--format", "parquet")["version"]
    rows = pl.concat([pl.read_parquet(p) for p in sorted(out.glob("*.parquet"))])
    soft = dict(rows.select("id", "soft_label").iter_rows())
    assert (soft["r0"], soft["r1"], soft["r3"]) == ([0.5, 0.5], [1, 0], [0, 1])


def test_stratified_splits_have_equal_shares_and_no_near_duplicates_across(reviews):
    """Each class is divided by itself; texts that are nearly the same never lie in two splits."""
    from labelwright.learning.near_duplicates import near_duplicates

    out = reviews.root / "exports" / export(reviews, "--stratify")["version"]
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["splits"]["stratified"]
    rows = [
        json.loads(x) for s in ("train", "validation", "test") for x in (out / f"{s}.jsonl").read_text().splitlines()
    ]
    assert manifest["splits"]["near_duplicates"]["compared"] == 60
    assert not near_duplicates([r["text"] for r in rows], [r["split"] for r in rows])


def test_drawings_of_a_workspace_come_out_for_trainers(tmp_path):
    """Two annotators' boxes on real photographs: one consensus in COCO and YOLO, with pictures, and regions in JSON."""
    from pycocotools.coco import COCO

    from labelwright.model.project import Item

    tasks, folder, truth = blood(6)
    data = tmp_path / "pictures"
    data.mkdir()
    for name in truth:
        (data / name).write_bytes((folder / name).read_bytes())
    place = workspace(tmp_path / "cells", CELLS, data, metadata=[])
    items, records = {}, []
    for n, (task, name) in enumerate(zip(tasks, truth, strict=True)):
        items[f"i{n}"] = Item(f"i{n}", {"path": name}, {}, group=f"i{n}")
        result = task["annotations"][0]["result"]
        records += [answer(place, 2 * n + k, f"i{n}", who, result) for k, who in enumerate(("ann", "bob"))]
    taken_in(place, items, records)
    found = export(place, "--format", "coco,yolo,jsonl", "--media")
    out = place.root / "exports" / found["version"]
    coco = COCO(str(out / "coco" / "annotations.json"))
    assert len(coco.getAnnIds()) == sum(map(len, truth.values()))
    assert sorted(p.name for p in (out / "coco" / "images").iterdir()) == sorted(truth)
    assert len(list((out / "yolo" / "labels").iterdir())) == 6
    rows = [json.loads(x) for p in out.glob("*.jsonl") if p.name != "lineage.jsonl" for x in p.read_text().splitlines()]
    assert {len(r["label"]) for r in rows} == {len(t) for t in truth.values()}
    manifest = json.loads((out / "manifest.json").read_text())
    assert sum(manifest["label_distribution"]["all"].values()) == sum(map(len, truth.values()))
    assert run("dataset", "verify", "latest", "-w", place.root).code == 0


def test_the_verdict_on_the_labels_stands_in_manifest_and_card(reviews):
    """What was certified travels with the version, and labels that changed since are counted."""
    from labelwright.model.certification import Certification, CertificationRecord, CertificationVerdict

    verdict = CertificationVerdict(Certification.CERTIFIED, 0.9, 0.95, items=60, accepted=50, audited=20, errors=1)
    record = CertificationRecord(1, "sentiment", {"r1": "Good", "r3": "Good"}, (), verdict)
    reviews.project().store.put_certification(record)
    out = reviews.root / "exports" / export(reviews)["version"]
    found = json.loads((out / "manifest.json").read_text())["certification"]
    assert (found["verdict"], found["audited"], found["labels_changed_since"]) == ("certified", 20, 1)
    card = (out / "dataset_card.md").read_text()
    assert "Certified: of the 50 labels accepted unseen" in card
    assert "1 labels have changed since" in card
    assert "Certified" in run("dataset", "show", "-w", reviews.root).err
