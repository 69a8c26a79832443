"""Answers marked as ground truth in an export: known labels for the report, the item's answer for a conversion."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.support.exports import box, choice, span, task

from labelwright.adapters.datasets.folders import LocalFolders
from labelwright.adapters.labelstudio.codec import LabelStudioCodec
from labelwright.adapters.labelstudio.config import read_config
from labelwright.adapters.labelstudio.export_source import ExportSource
from labelwright.adapters.labelstudio.export_write import result_of
from labelwright.adapters.reports.labelstudio import read_tasks
from labelwright.app.annotations import annotation_set
from labelwright.app.convert import ConvertRequest, convert
from labelwright.app.gold import GoldRow, add_gold
from labelwright.app.report import build_report, document_of
from labelwright.app.report.of_workspace import workspace_tables
from labelwright.app.tables import tables_of
from labelwright.model.people import GoldSource
from labelwright.model.project import Purpose
from support.people import crew

SIZE = (100, 100)


def marked(made: dict, who: int) -> dict:
    """The task with one annotator's answer marked."""
    for a in made["annotations"]:
        a["ground_truth"] = a["completed_by"] == who
    return made


def classes(n: int = 60) -> list[dict]:
    """Annotator 1 is always right, 2 errs on every third item, 3 on every second; each item's truth is 1's answer."""
    tasks = []
    for k in range(n):
        right, wrong = ("yes", "no") if k % 2 else ("no", "yes")
        said = (right, wrong if k % 3 == 0 else right, wrong if k % 2 == 0 else right)
        tasks.append(task(k + 1, {"text": f"text {k}"}, *([choice(label)] for label in said)))
    return tasks


def reported(tasks: list[dict]) -> dict:
    found = read_tasks(tasks, LabelStudioCodec(), read_config)
    tables = tables_of(found.annotations, notes=found.notes)
    return json.loads(json.dumps(document_of(build_report(tables, "x", conduct=True))))


def conduct(document: dict, control: str) -> dict[str, dict]:
    return {p["annotator"]: p["controls"][control]["conduct"] for p in document["annotator_cards"]}


def test_gold_accuracy_appears_and_a_known_answer_does_not_praise_its_author():
    """Protects the reading of marks: the others are measured by them, who gave the marked answers is not."""
    document = reported([marked(t, 1) for t in classes()])
    people = conduct(document, "sentiment")
    assert people["2"]["gold_accuracy"]["value"] == pytest.approx(40 / 60)
    assert people["3"]["gold_accuracy"]["value"] == pytest.approx(30 / 60)
    assert people["2"]["gold_accuracy"]["n_items"] == 60
    assert people["1"]["gold_accuracy"] is None
    assert any("60 items have an answer marked as ground truth" in note for note in document["notes"])
    consensus = document["controls"]["sentiment"]["consensus"]
    assert "60 known labels count as truth" in consensus["why"]
    assert consensus["calibration"]["n_gold"] == 60


def test_without_marks_nothing_changes_and_contradictions_count_for_nothing():
    """Protects from gold out of nowhere; two marked answers that differ are named and left out."""
    plain = reported(classes())
    assert {c["gold_accuracy"] for c in conduct(plain, "sentiment").values()} == {None}
    assert (
        plain["controls"]["sentiment"]["agreement"]
        == reported([marked(t, 1) for t in classes()])["controls"]["sentiment"]["agreement"]
    )
    tasks = classes()
    for a in tasks[0]["annotations"]:
        a["ground_truth"] = True
    document = reported([tasks[0], *(marked(t, 1) for t in tasks[1:])])
    assert any("On 1 of them ground truths contradict each other" in note for note in document["notes"])
    assert conduct(document, "sentiment")["3"]["gold_accuracy"]["n_items"] == 59


def test_drawn_answers_are_held_against_the_marked_drawing():
    """Protects gold for what is drawn: F1 with the marked answer, box by box."""
    tasks = []
    for k in range(10):
        sure = box("a", "Cell", (10, 10, 20, 20), SIZE), box("b", "Cell", (60, 60, 20, 20), SIZE)
        half = [sure[0], box("b", "Cell", (5, 70, 20, 20), SIZE)]
        tasks.append(marked(task(k + 1, {"image": "x.png"}, list(sure), list(sure), half), 1))
    people = conduct(reported(tasks), "label")
    assert people["2"]["likeness_to_gold"]["value"] == pytest.approx(1.0)
    assert people["3"]["likeness_to_gold"]["value"] == pytest.approx(0.5)
    assert people["1"]["likeness_to_gold"] is None


def test_a_conversion_takes_the_marked_answer(tmp_path: Path):
    """Protects known answers from being outvoted; what it replaced is named, and kept apart everything stays."""
    tasks = [task(k + 1, {"text": f"t{k}"}, *([choice(c)] for c in ("no", "no", "yes"))) for k in range(3)]
    path = tmp_path / "export.json"
    path.write_text(json.dumps([marked(tasks[0], 3), *tasks[1:]]))
    for separate, expected in ((False, ["yes", "no", "no"]), (True, ["no", "no", "yes"] * 3)):
        out = tmp_path / f"out{separate}"
        request = ConvertRequest("jsonl", out, path.name, "test", separate)
        found = convert(ExportSource(path), request, LocalFolders(durable=False), None, result_of)
        rows = [
            json.loads(line)
            for file in out.glob("*.jsonl")
            if file.stem != "dropped"
            for line in file.read_text().splitlines()
        ]
        assert [row["sentiment"] for row in rows] == expected
        assert found.dropped.get("another answer is marked as ground truth", 0) == (0 if separate else 1)
        assert ("ground truth stands" in found.manifest["answers"]) is not separate


def test_in_a_workspace_drawn_answers_are_held_against_the_gold_that_the_lead_drew(tmp_path: Path):
    """Protects gold for spans on the cards of a project of our own: whoever marks half of them is half like it."""
    team = crew(tmp_path, n=20, template="ner")
    for name in ("ada", "ben"):
        team.join(name)
    both = [span("a", 0, 8, "sentence number", "Positive"), span("b", 9, 15, "sentence number", "Negative")]
    items = [f"s{k}" for k in range(10)]
    add_gold(team.project, [GoldRow(k, item, None, tuple(both)) for k, item in enumerate(items)], GoldSource.LEAD)
    for item in items:
        team.answer(team.give("ada", item, Purpose.GOLD), both)
        team.answer(team.give("ben", item, Purpose.GOLD), both[:1])
    tables = workspace_tables(team.project, annotation_set(team.project))
    people = conduct(json.loads(json.dumps(document_of(build_report(tables, "x", conduct=True)))), "label")
    assert people["ada"]["likeness_to_gold"]["value"] == pytest.approx(1.0)
    assert people["ben"]["likeness_to_gold"]["value"] == pytest.approx(2 / 3)
    assert people["ben"]["likeness_to_gold"]["n_items"] == 10


def test_in_a_workspace_ratings_are_held_against_the_rating_that_the_lead_gave(tmp_path: Path):
    """Protects gold for numbers: one step beside is nearly right, not wrong."""
    team = crew(tmp_path, n=20, template="rating")
    for name in ("ada", "ben"):
        team.join(name)
    items = [f"s{k}" for k in range(10)]
    known = {item: str(1 + k % 5) for k, item in enumerate(items)}
    team.gold(known)
    for item, stars in known.items():
        for name, said in (("ada", int(stars)), ("ben", int(stars) - 1 or 2)):
            team.answer(team.give(name, item, Purpose.GOLD), [rated(said)])
    tables = workspace_tables(team.project, annotation_set(team.project))
    people = conduct(json.loads(json.dumps(document_of(build_report(tables, "x", conduct=True)))), "rating")
    assert people["ada"]["likeness_to_gold"]["value"] == pytest.approx(1.0)
    assert people["ben"]["likeness_to_gold"]["value"] == pytest.approx(0.75)


def rated(stars: int) -> dict:
    """Stars as the screen sends them."""
    return {"id": "x", "from_name": "rating", "to_name": "text", "type": "rating", "value": {"rating": stars}}
