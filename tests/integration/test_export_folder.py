"""An export into a real folder: whole or not at all, never over somebody else's files."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from types import SimpleNamespace

import pyarrow.parquet as pq
import pytest

from labelwright.adapters.datasets import LocalFolders
from labelwright.app.export import ExportRequest, export_dataset, forced_tests
from labelwright.app.inference import TIE_RULE, infer
from labelwright.export import EncodedFile, Provenance, SplitRule
from labelwright.model.errors import CheckFailedError, NothingToDoError, OutsideServiceError, UsageError
from labelwright.model.project import Annotation, AnnotationSet, Annotator, Item, Purpose
from labelwright.model.schema import Control, Kind, Schema
from labelwright.model.values import Answer, Choice, Entry

CONTROL = Control("sentiment", "Choices", Kind.CHOICE, ("text",), ("Positive", "Negative", "Neutral"))
SCHEMA = Schema("<View/>", (CONTROL,), (), ("text",))
ALPHA = {"value": 0.41, "low": 0.3, "high": 0.52, "n_items": 30, "n_annotations": 60, "reason": None}
KAPPA = {"value": None, "low": None, "high": None, "n_items": 0, "n_annotations": 0, "reason": "no pair shares an item"}
PROVENANCE = Provenance(
    "Feedback <b>x</b>",
    "labelwright 0",
    "AnchoredDawidSkene",
    TIE_RULE,
    guidelines="# Be kind",
    guidelines_version=3,
    schema_version=2,
    agreement={"krippendorff_alpha": ALPHA, "cohen_kappa_mean": KAPPA},
)


def answered(number, item, annotator, label, purpose=Purpose.LABEL):
    answer = Answer((Entry("sentiment", "text", Choice((label,))),))
    return Annotation(str(number), item, annotator, answer, purpose=purpose)


def feedback(n=40, simulated=None):
    """Items 0 to n; the first ten have two answers, of which those on item 0 are torn; the last has none."""
    items = [Item(f"i{k}", {"text": f"text {k}"}, group=f"i{k}") for k in range(n)]
    annotations = [answered(k, f"i{k}", "ann", CONTROL.classes[k % 2]) for k in range(n - 1)]
    annotations += [answered(100, "i0", "bob", "Negative")]
    annotations += [answered(100 + k, f"i{k}", "bob", CONTROL.classes[k % 2]) for k in range(1, 10)]
    people = {w: Annotator(w, w, f"{w}@secret.example") for w in ("ann", "bob")}
    return AnnotationSet(SCHEMA, {i.id: i for i in items}, tuple(annotations), people, simulated)


def export(out, found=None, consensus=None, **changes):
    found = found or feedback()
    request = replace(ExportRequest(("jsonl",), out, PROVENANCE), **changes)
    return export_dataset(found, consensus or infer(found, CONTROL), CONTROL, request, LocalFolders())


def contents(folder):
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def beside(out):
    return sorted(p.name for p in out.parent.iterdir())


def test_the_manifest_tells_what_the_files_hold(tmp_path):
    """Counts, distribution, versions, agreement, how labels were inferred, and checksums that the files prove."""
    result = export(tmp_path / "out", feedback(simulated="Answers are drawn at random."))
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_bytes())
    assert manifest == result.manifest
    files = contents(tmp_path / "out")
    assert {name: hashlib.sha256(files[name]).hexdigest() for name in files if name != "manifest.json"} == {
        name: file["sha256"] for name, file in manifest["files"].items()
    }
    rows = {s: len(files[f"{s}.jsonl"].splitlines()) for s in ("train", "validation", "test")}
    assert manifest["counts"]["rows_by_split"] == rows
    assert manifest["counts"]["rows"] == result.rows == sum(rows.values()) == 38
    assert result.left_out == manifest["counts"]["left_out"]
    assert result.left_out == {"contested: the answers do not settle it": 1, "no valid annotation": 1}
    assert manifest["label_distribution"]["all"] == {"Positive": 19, "Negative": 19, "Neutral": 0}
    assert manifest["agreement"]["krippendorff_alpha"] == ALPHA
    assert manifest["inferred_by"] == {"aggregator": "AnchoredDawidSkene", "tie_rule": TIE_RULE}
    assert manifest["guidelines"] == {"version": 3, "sha256": hashlib.sha256(b"# Be kind").hexdigest()}
    assert manifest["simulated"] == "Answers are drawn at random."


def test_the_card_says_what_is_weak(tmp_path):
    """Single answers, ties, missing classes, weak and undefined agreement, and simulation are told, and HTML is text."""
    export(tmp_path / "out", feedback(simulated="Answers are drawn at random."))
    card = (tmp_path / "out" / "dataset_card.md").read_text("utf-8")
    assert "29 of 38 labels (76%) rest on one annotation" in card
    assert "1 items that the answers do not settle were left out" in card
    assert "Not balanced: at least one class has no rows" in card
    assert "krippendorff\\_alpha is 0.410: below 0.667" in card
    assert "| 0.410 | 0.300 to 0.520 | 30 | 60 |" in card
    assert "cohen\\_kappa\\_mean is undefined: no pair shares an item" in card
    assert "Answers are drawn at random." in card
    assert "<b>" not in card
    assert "secret.example" not in card


def test_changed_guidelines_are_told(tmp_path):
    """Labels given under different guidelines are counted by version, and the card warns."""
    found = feedback()
    versions = [replace(a, guidelines_version=1 + (int(a.id) > 20)) for a in found.annotations]
    result = export(tmp_path / "out", replace(found, annotations=tuple(versions)))
    assert result.manifest["counts"]["rows_by_guidelines_versions"] == {"1": 11, "1, 2": 9, "2": 18}
    assert "version 1: 11; version 1, 2: 9; version 2: 18" in (tmp_path / "out" / "dataset_card.md").read_text("utf-8")


def test_the_untouched_test_set_stays_in_test(tmp_path):
    """What was labeled as test is in the test split, whatever its hash says."""
    found = feedback()
    tests = [answered(200 + k, f"i{k}", "eve", CONTROL.classes[k % 2], Purpose.TEST) for k in range(20, 30)]
    found = replace(found, annotations=(*found.annotations, *tests))
    result = export(tmp_path / "out", found, rule=SplitRule(1.0, 0.0, 0.0, forced=forced_tests(found)))
    rows = [json.loads(line) for line in (result.out / "test.jsonl").read_text("utf-8").splitlines()]
    assert {r["id"] for r in rows} == {f"i{k}" for k in range(20, 30)}


def test_corrupt_rows_are_all_in_a_file_beside_and_nothing_is_written(tmp_path):
    """The message names rows, the file beside names all, the older dataset stays, and the file goes when all is well."""
    out = tmp_path / "out"
    export(out)
    before = contents(out)
    labels = infer(feedback(), CONTROL) | {"i5": SimpleNamespace(label="Meh", posterior=1.0, contested=False)}
    with pytest.raises(CheckFailedError, match="'i5': unknown class"):
        export(out, consensus=labels)
    assert contents(out) == before
    lines = (tmp_path / "out.problems.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line) for line in lines] == [{"item": "i5", "reason": "unknown class", "detail": "'Meh'"}]
    export(out)
    assert beside(out) == ["out"]


def test_nothing_labeled_is_nothing_to_do(tmp_path):
    """An empty training set is no success; the reasons are counted."""
    with pytest.raises(NothingToDoError, match="38 annotated, but no consensus"):
        export(
            tmp_path / "out", feedback(39), consensus={"x": SimpleNamespace(label="a", posterior=1, contested=False)}
        )
    assert not list(tmp_path.iterdir())


def test_a_dataset_of_ours_is_replaced_whole(tmp_path):
    """Files of the older formats do not linger."""
    out = tmp_path / "out"
    export(out, formats=("jsonl", "csv"))
    export(out, formats=("parquet",))
    assert set(contents(out)) == {
        "train.parquet",
        "validation.parquet",
        "test.parquet",
        "croissant.json",
        "dataset_card.md",
        "lineage.jsonl",
        "manifest.json",
    }
    assert beside(out) == ["out"]


@pytest.mark.parametrize("ours", [False, True])
def test_somebody_elses_files_are_never_overwritten(tmp_path, ours):
    """A note that somebody put into the folder stops the export; with force it is moved aside, not deleted."""
    out = tmp_path / "out"
    if ours:
        export(out)
    out.mkdir(exist_ok=True)
    (out / "thesis.txt").write_text("years of work")
    with pytest.raises(CheckFailedError, match=r"thesis\.txt"):
        export(out)
    export(out, force=True)
    assert (tmp_path / "out.replaced-1" / "thesis.txt").read_text() == "years of work"
    assert "thesis.txt" not in contents(out)


def test_an_unusable_folder_is_refused(tmp_path, monkeypatch):
    """A file in the place of the folder, or the folder one stands in, is the user's mistake and stays as it is."""
    (tmp_path / "file").write_text("x")
    with pytest.raises(UsageError):
        export(tmp_path / "file")
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    with pytest.raises(UsageError):
        export(tmp_path, force=True)
    assert (tmp_path / "file").read_text() == "x"


def test_a_failure_while_writing_leaves_the_older_dataset(tmp_path):
    """A full disk half way: the message says so, nothing half-written is left, the older dataset is untouched."""
    out = tmp_path / "out"
    export(out)
    before = contents(out)

    def full():
        yield b"half"
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OutsideServiceError, match="No space left"), LocalFolders().draft(out, force=False) as draft:
        draft.add(EncodedFile("train.jsonl", full()))
    assert contents(out) == before
    assert beside(out) == ["out"]


KILLED = """
import os, sys
from pathlib import Path
from labelwright.adapters.datasets import folders
from labelwright.export import EncodedFile
if sys.argv[2] == "writing":
    def chunks():
        yield b"half"
        os.kill(os.getpid(), 9)
    files = chunks()
else:
    files = [b"new"]
    folders._remove = lambda path: None
    rename = Path.rename
    def killed(self, to):
        if "draft" in self.name:
            os.kill(os.getpid(), 9)
        return rename(self, to)
    Path.rename = killed
with folders.LocalFolders().draft(Path(sys.argv[1]), force=False) as draft:
    draft.add(EncodedFile("train.jsonl", files))
"""


@pytest.mark.parametrize("moment", ["writing", "between the renames"])
def test_kill_9_loses_nothing_and_the_next_export_cleans_up(tmp_path, moment):
    """Killed at either moment, the older dataset is found by the next export, which leaves nothing beside it."""
    out = tmp_path / "out"
    export(out)
    before = contents(out)
    done = subprocess.run([sys.executable, "-c", KILLED, str(out), moment], check=False, timeout=60)
    assert done.returncode == -9
    assert len(beside(out)) == 2
    with suppress(ZeroDivisionError), LocalFolders().draft(out, force=False):
        assert contents(out) == before
        raise ZeroDivisionError
    assert contents(out) == before
    assert beside(out) == ["out"]


@pytest.mark.parametrize("path", ["../x", "/etc/x", "a/../../x", "", "a//b", ".hidden", "a\x00b", "a\\b"])
def test_a_path_out_of_the_folder_is_refused(tmp_path, path):
    """Even a mistaken encoder cannot write elsewhere."""
    with pytest.raises(ValueError, match="no path"), LocalFolders().draft(tmp_path / "out", force=False) as draft:
        draft.add(EncodedFile(path, [b"x"]))
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_no_permission_is_explained(tmp_path):
    """A folder that one may not write to is named, with what to do."""
    (tmp_path / "locked").mkdir(mode=0o500)
    with pytest.raises(OutsideServiceError, match="may write to"):
        export(tmp_path / "locked" / "out")


def test_sets_of_classes_are_lists_for_a_trainer(tmp_path):
    """A multi-label consensus comes out as a list of classes, checked one by one."""
    control = replace(CONTROL, kind=Kind.CHOICES)
    items = {i: Item(i, {"text": i}) for i in ("a", "b")}
    answers = [
        Annotation("1", "a", "ann", Answer((Entry("sentiment", "text", Choice(("Positive", "Neutral"))),))),
        Annotation("2", "b", "ann", Answer()),
    ]
    found = AnnotationSet(replace(SCHEMA, controls=(control,)), items, tuple(answers), {})
    request = ExportRequest(("jsonl", "csv", "parquet", "hf"), tmp_path / "out", PROVENANCE)
    result = export_dataset(found, infer(found, control), control, request, LocalFolders())
    rows = [json.loads(line) for s in ("train", "validation", "test") for line in (result.out / f"{s}.jsonl").open()]
    assert {r["id"]: r["label"] for r in rows} == {"a": ["Neutral", "Positive"], "b": []}
    tables = [pq.read_table(result.out / f"{s}.parquet").to_pylist() for s in ("train", "validation", "test")]
    assert {r["id"]: r["label"] for t in tables for r in t} == {"a": ["Neutral", "Positive"], "b": []}
