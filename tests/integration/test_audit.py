"""Labels that exist already: sets of others come in as items, and are compared with a fresh consensus."""

from __future__ import annotations

import json

import polars as pl
import pytest

from labelwright.adapters.datasets.existing import detect, read_existing
from labelwright.bootstrap import open_workspace
from labelwright.export.existing import regions_of_text
from support.command import run
from support.exports import blood, choice, real, restaurant, task, written


def converted(tmp_path, tasks, form, media=None):
    path = written(tmp_path, tasks, f"{form}.json")
    more = ["--media", media] if media else []
    done = run("convert", path, "--format", form, "--out", tmp_path / form, "--json", *more)
    assert done.code == 0, done.err
    return tmp_path / form


@pytest.mark.parametrize("form", ["coco", "yolo", "voc"])
def test_sets_of_real_boxes_come_in_unchanged(tmp_path, form):
    """What `convert` wrote is read again: the same boxes on the same pictures, and the audit finds no difference."""
    tasks, folder, truth = blood(8)
    out = converted(tmp_path, tasks, form, folder)
    assert detect(out) == form
    found = read_existing(out)
    assert {i.id.partition("-")[2] for i in found.items} == set(truth)
    for item in found.items:
        wanted = sorted(label for label, _ in truth[item.id.partition("-")[2]])
        assert sorted(r.labels[0] for r in item.regions) == wanted
        assert regions_of_text(item.text) is not None
    audit = run("audit", "--labels", out, "--fresh", real("images", "bccd"), "--json").document
    assert (audit["compared"], audit["error_rate"]["value"]) == (8, 0)
    assert sum(m["n_items"] for m in audit["by_class"].values()) == sum(map(len, truth.values()))


def test_conll_comes_in_with_its_spans(tmp_path):
    """Spans of real utterances come back as the words that were marked."""
    out = converted(tmp_path, [t for t in restaurant(200) if t["data"]["text"].split()], "conll")
    found = read_existing(out / "data.conll")
    assert found.drawn
    assert len(found.items) > 150
    for item in found.items:
        for region in item.regions:
            assert item.data["text"][region.place.start : region.place.end] == region.place.text


def test_conll_is_audited_against_the_export_that_it_was_made_of(tmp_path):
    """Short texts come twice, with other labels, and CoNLL's blanks are not the text's: only what it dropped differs."""
    tasks = [t for t in restaurant(200) if t["data"]["text"].split()]
    out = converted(tmp_path, tasks, "conll")
    found = run("audit", "--labels", out / "data.conll", "--fresh", tmp_path / "conll.json", "--json").document
    lines = (out / "dropped.jsonl").read_text().splitlines()
    assert (found["compared"], found["unmatched"]) == (len(tasks), 0)
    assert found["faults"]["missed"] + found["faults"].get("wrong class", 0) >= len(lines)
    assert found["differing"] == len({json.loads(line)["item"] for line in lines})


def test_an_audit_finds_the_labels_that_were_made_wrong(tmp_path):
    """Of 200 real queries 20 labels are turned: the rate, the classes, the confusions and the rows tell exactly that."""
    frames = [pl.read_csv(p, infer_schema=False) for p in sorted(real("text", "banking77").glob("*.csv"))]
    rows = pl.concat(frames)[:200]
    text, label = rows.columns[0], rows.columns[-1]
    old = [
        {"id": f"q{n}", "label": "turned" if n < 20 else row[label], "text": row[text]}
        for n, row in enumerate(rows.iter_rows(named=True))
    ]
    (tmp_path / "old.jsonl").write_text("".join(json.dumps(r) + "\n" for r in old))
    rows.select(pl.Series("id", [f"q{n}" for n in range(200)]), pl.col(label).alias("label")).write_csv(
        tmp_path / "new.csv"
    )
    worst = tmp_path / "worst.jsonl"
    done = run("audit", "--labels", tmp_path / "old.jsonl", "--fresh", tmp_path / "new.csv", "--out", worst, "--json")
    found = done.document
    assert (found["compared"], found["unmatched"], found["differing"]) == (200, 0, 20)
    assert found["error_rate"]["value"] == pytest.approx(0.1)
    assert 0.06 < found["error_rate"]["low"] < 0.1 < found["error_rate"]["high"] < 0.16
    assert found["by_class"]["turned"]["value"] == 1
    assert {m["value"] for name, m in found["by_class"].items() if name != "turned"} == {0}
    assert {c["existing"] for c in found["confusions"]} == {"turned"}
    assert len(worst.read_text().splitlines()) == 20
    half = run("audit", "--labels", tmp_path / "old.jsonl", "--fresh", tmp_path / "new.csv", "--sample", 50, "--json")
    assert half.document["compared"] == 50
    shown = run("audit", "--labels", tmp_path / "old.jsonl", "--fresh", tmp_path / "new.csv")
    assert "turned" in shown.out


def test_a_drawn_audit_tells_missed_wrong_and_nothing_there(tmp_path):
    """Three mistakes are put into real boxes, and each is found for what it is."""
    tasks, folder, truth = blood(4)
    fresh = converted(tmp_path, tasks, "coco", folder)
    broken = json.loads(json.dumps(tasks))
    first, second, third = (t["annotations"][0]["result"] for t in broken[:3])
    first.pop(0)
    second[0]["value"]["rectanglelabels"] = ["Unknown"]
    third[0]["value"].update(x=0.0, y=0.0, width=1.0, height=1.0)
    old = converted(tmp_path, broken, "yolo", folder)
    found = run("audit", "--labels", old, "--fresh", fresh / "annotations.json", "--json").document
    assert found["faults"] == {"missed": 2, "wrong class": 1, "nothing is there": 1}
    assert found["error_rate"]["value"] == 0.75
    assert found["confusions"] == [{"existing": "Unknown", "fresh": truth[list(truth)[1]][0][0], "count": 1}]


def test_a_set_becomes_a_workspace_with_its_labels_apart(tmp_path):
    """`init --data` on a folder of Pascal VOC: pictures as items, classes in the screen, labels for comparison only."""
    root = tmp_path / "cells"
    done = run("init", root, "--data", real("images", "bccd"), "--template", "image-detection", "--json")
    assert done.code == 0, done.err
    assert done.document["data"]["items"] == 120
    place = open_workspace(root)
    assert {"RBC", "WBC", "Platelets"} == {c for control in place.schema.controls for c in control.classes}
    rows = [json.loads(line) for line in (root / "existing.jsonl").read_text().splitlines()]
    assert all((root / r["image"]).is_file() for r in rows)
    assert all(regions_of_text(r["existing"]) for r in rows)
    assert place.settings.data.label == "existing"
    again = run("init", root, "--data", real("images", "bccd"), "--template", "image-detection")
    assert again.code == 2


def test_what_cannot_be_compared_is_said(tmp_path):
    """No common item, an unknown file, a broken line: exit code and next step."""
    one = written(tmp_path, [task(1, {"text": "x"}, [choice("A")])], "one.json")
    (tmp_path / "other.csv").write_text("id,label\n77,A\n")
    done = run("audit", "--labels", tmp_path / "other.csv", "--fresh", one)
    assert (done.code, "found by id, file name or text" in done.err) == (1, True)
    (tmp_path / "notes.txt").write_text("nothing")
    assert run("audit", "--labels", tmp_path / "notes.txt", "--fresh", one).code == 2
    (tmp_path / "labels").mkdir()
    (tmp_path / "classes.txt").write_text("a\n")
    (tmp_path / "labels" / "x.txt").write_text("7 0.1\n")
    done = run("audit", "--labels", tmp_path, "--fresh", one)
    assert (done.code, "x.txt, line 1" in done.err) == (2, True)


def test_spans_of_two_files_are_audited_and_the_worst_are_readable(tmp_path):
    """CoNLL beside CoNLL: rate, class, confusion; a row says how many of each class, not what a program keeps."""
    rest = "\nBen\tB-PER\nsleeps\tO\n\n"
    (tmp_path / "old.conll").write_text("Ada\tB-PER\nin\tO\nRome\tB-LOC\n" + rest)
    (tmp_path / "new.conll").write_text("Ada\tB-PER\nin\tO\nRome\tB-ORG\n" + rest)
    pair = ("audit", "--labels", tmp_path / "old.conll", "--fresh", tmp_path / "new.conll")
    found = run(*pair, "--json").document
    assert (found["compared"], found["error_rate"]["value"]) == (2, 0.5)
    assert found["confusions"] == [{"existing": "LOC", "fresh": "ORG", "count": 1}]
    assert {name: m["value"] for name, m in found["by_class"].items()} == {"LOC": 1, "PER": 0}
    shown = run(*pair).out
    assert "1 × LOC, 1 × PER" in shown
    assert "{" not in shown
