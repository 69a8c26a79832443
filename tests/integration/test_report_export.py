"""A real export of Label Studio 1.23.2 (four users, texts, spans and boxes) becomes an annotation set."""

from __future__ import annotations

import json
from collections import Counter
from itertools import combinations, permutations
from pathlib import Path

import pytest
from sklearn.metrics import cohen_kappa_score

from labelwright.adapters.labelstudio.codec import LabelStudioCodec
from labelwright.adapters.labelstudio.config import read_config
from labelwright.adapters.reports.labelstudio import ExportFile, read_export
from labelwright.app.report import build_report, document_of
from labelwright.app.tables import tables_of
from labelwright.entry.render.html import render_html
from labelwright.model.errors import DataError
from labelwright.model.project import AnnotationState
from labelwright.model.schema import Kind

DATA = Path(__file__).parent / "report_data"
EXPORT = DATA / "label_studio_1_23_2.json"
KINDS = {
    "sentiment": Kind.CHOICE,
    "topics": Kind.CHOICES,
    "entities": Kind.SPANS,
    "things": Kind.BOXES,
    "confidence": Kind.RATING,
    "comment": Kind.TEXT,
}


def read(path: Path = EXPORT, config: str | None = None) -> ExportFile:
    return read_export(path, LabelStudioCodec(), read_config, config)


def changed(folder: Path, change) -> Path:
    tasks = json.loads(EXPORT.read_text())
    change(tasks)
    path = folder / "export.json"
    path.write_text(json.dumps(tasks))
    return path


@pytest.mark.parametrize("config", [None, (DATA / "config.xml").read_text()])
def test_controls_are_the_same_with_and_without_the_config(config: str | None):
    """The config inferred from the answers has the kinds that the project's own has."""
    found = read(config=config).annotations.schema
    assert {c.name: c.kind for c in found.controls} == KINDS
    assert {o.name: o.field for o in found.objects} == {"text": "text", "photo": "photo"}


def test_every_annotation_is_in_its_state():
    """Skips and doubled answers are counted apart; nobody is lost."""
    raw = [a for t in json.loads(EXPORT.read_text()) for a in t["annotations"]]
    states = Counter(a.state for a in read().annotations.annotations)
    doubled = sum(
        n - 1 for n in Counter((a["task"], a["completed_by"]) for a in raw if not a["was_cancelled"]).values()
    )
    assert states[AnnotationState.SKIPPED] == sum(a["was_cancelled"] for a in raw)
    assert states[AnnotationState.SUPERSEDED] == doubled == 1
    assert states.total() == len(raw)


def test_numbers_from_the_raw_file():
    """Cohen's kappa of every pair equals scikit-learn's on classes read from the raw JSON by other code."""
    given: dict[tuple[int, int], str] = {}
    for task in json.loads(EXPORT.read_text()):
        for a in sorted(task["annotations"], key=lambda a: a["updated_at"]):
            for line in a["result"]:
                if line["from_name"] == "sentiment":
                    given[task["id"], a["completed_by"]] = line["value"]["choices"][0]
    found = read()
    pairs = document_of(build_report(tables_of(found.annotations), "x"))["controls"]["sentiment"]["pairs"]
    assert len(pairs) == 6
    for p in pairs:
        a, b = int(p["a"]), int(p["b"])
        shared = [i for i, who in given if who == a and (i, b) in given]
        expected = cohen_kappa_score([given[i, a] for i in shared], [given[i, b] for i in shared])
        assert p["kappa"]["value"] == pytest.approx(expected, abs=1e-12)


def test_annotators_given_as_records_have_their_names(tmp_path: Path):
    """completed_by may be a record with an address and names."""

    def change(tasks: list) -> None:
        for t in tasks:
            for a in t["annotations"]:
                a["completed_by"] = {
                    "id": a["completed_by"],
                    "email": f"u{a['completed_by']}@x.org",
                    "first_name": "Ann",
                }

    people = read(changed(tmp_path, change)).annotations.annotators
    assert {p.name for p in people.values()} == {"Ann"}
    assert all(p.email.startswith("u") and p.user for p in people.values())


def test_what_cannot_be_read_is_counted(tmp_path: Path):
    """A task without data, an annotation without a person and one without a result are counted, the rest is read."""

    def change(tasks: list) -> None:
        del tasks[0]["data"]
        tasks[1]["annotations"][0]["completed_by"] = None
        tasks[2]["annotations"][0]["result"] = "gone"

    found = read(changed(tmp_path, change))
    assert dict(found.rejected) == {"a task without data": 1, "an annotation that does not say who made it": 1}
    assert sum(a.state is AnnotationState.INVALID for a in found.annotations.annotations) == 1


def test_an_answer_without_a_required_one_is_invalid(tmp_path: Path):
    """With the project's config an answer that leaves out a required question does not count."""

    def change(tasks: list) -> None:
        first = tasks[4]["annotations"][0]
        first["result"] = [line for line in first["result"] if line["from_name"] != "sentiment"]

    path = changed(tmp_path, change)
    config = (DATA / "config.xml").read_text()
    assert sum(a.state is AnnotationState.INVALID for a in read(path, config).annotations.annotations) == 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[{", "not valid JSON"),
        ('{"a": 1}', "carry no annotations"),
        ('["x"]', "no list of tasks"),
        ('[{"id": 1, "text": "t", "annotator": 1, "annotation_id": 2}]', "JSON-MIN"),
    ],
)
def test_other_files_are_refused_with_the_next_step(tmp_path: Path, text: str, said: str):
    """A cut download, another format of Label Studio and any other JSON each have a message with the next step."""
    path = tmp_path / "x.json"
    path.write_text(text)
    with pytest.raises(DataError, match=said) as caught:
        read(path)
    assert caught.value.next_step


def test_names_of_controls_and_classes_cannot_break_the_inferred_config(tmp_path: Path):
    """Markup in a class name is a class name."""
    evil = '"/><Text name="x" value="$y"/>&<'

    def change(tasks: list) -> None:
        for t in tasks:
            for a in t["annotations"]:
                for line in a["result"]:
                    if line["from_name"] == "sentiment":
                        line["value"]["choices"] = [evil]

    schema = read(changed(tmp_path, change)).annotations.schema
    assert schema.control("sentiment").classes == (evil,)
    assert len(schema.objects) == 2


def overlap_of(one: dict, other: dict) -> float:
    """Intersection over union of two unrotated boxes of Label Studio."""
    width = min(one["x"] + one["width"], other["x"] + other["width"]) - max(one["x"], other["x"])
    height = min(one["y"] + one["height"], other["y"] + other["height"]) - max(one["y"], other["y"])
    shared = max(0.0, width) * max(0.0, height)
    return shared / (one["width"] * one["height"] + other["width"] * other["height"] - shared)


def test_boxes_from_the_raw_file():
    """F1 of the boxes at an IoU of one half equals a count over raw JSON with every matching tried."""
    agreed = drawn = 0
    for task in json.loads(EXPORT.read_text()):
        last = {
            a["completed_by"]: [line["value"] for line in a["result"] if line["from_name"] == "things"]
            for a in sorted(task["annotations"], key=lambda a: a["updated_at"])
            if not a["was_cancelled"]
        }
        for one, other in combinations(last.values(), 2):
            few, many = sorted((one, other), key=len)
            drawn += len(few) + len(many)
            agreed += max(
                sum(
                    overlap_of(x, y) >= 0.5 and x["rectanglelabels"] == y["rectanglelabels"]
                    for x, y in zip(few, p, strict=False)
                )
                for p in permutations(many, len(few))
            )
    found = document_of(build_report(tables_of(read().annotations), "x"))["controls"]["things"]["structure"]
    assert found["f1_iou_0_5"]["value"] == pytest.approx(2 * agreed / drawn, abs=1e-12)


def test_the_first_thing_shown_answers_the_leads_four_questions():
    """Protects the purpose: for texts, spans and boxes of a real export one table, before anything else."""
    html = render_html(build_report(tables_of(read().annotations), "export.json", conduct=True))
    first = html[html.index("<main>") :]
    table = first[: first.index("</table>")]
    for question in ("Can I train on it?", "Who needs help with what?", "Which guideline?", "To the expert"):
        assert f">{question}" in table
    rows = {row.partition("</a>")[0].rpartition(">")[2]: row for row in table.split("<tr ")[1:]}
    assert list(rows) == list(KINDS)
    assert "answers as if without looking" in rows["sentiment"]
    assert "perhaps Negative against Neutral (76%)" in rows["sentiment"]
    assert "2 items: 10018, 10022" in rows["sentiment"]
    assert "misses things (finds 29%)" in rows["things"]
    assert "when to draw Platelet" in rows["things"]
    assert "perhaps Place against Product" in rows["entities"]
