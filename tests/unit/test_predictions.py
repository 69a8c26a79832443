"""The user's own predictions: read row by row, bad ones told apart, and what they are good for."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from labelwright.adapters.pool.predictions import read_predictions
from labelwright.app import predictions
from labelwright.app.selection import select
from labelwright.model.errors import DataError
from support.learned import QUIET, WORDS, workspace

CLASSES = list(WORDS)
NOTHING = np.empty(0, dtype=np.int64)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return workspace(tmp_path_factory.mktemp("ws"), n=90, sections={"sampling": {"strategy": "margin"}}).project()


def read(project, path: Path):
    classes = predictions.prediction_classes(project)
    rejects = path.with_suffix(".rejects")
    label_of = partial(predictions.label_of, project)
    found = read_predictions(path, classes, label_of, project.pool.rows_of, rejects)
    return found, [json.loads(line) for line in rejects.read_text().splitlines()]


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".jsonl"])
def test_probabilities_choose_the_first_round(project, tmp_path, suffix: str):
    """A model of the user's own that is asked for nothing: its doubts decide, in every format alike."""
    p = np.random.default_rng(0).dirichlet(np.ones(3), 90)
    frame = pl.DataFrame({"id": [f"s{k}" for k in range(90)], **{c: p[:, k] for k, c in enumerate(CLASSES)}})
    path = tmp_path / f"mine{suffix}"
    {".csv": frame.write_csv, ".parquet": frame.write_parquet, ".jsonl": frame.write_ndjson}[suffix](path)
    found, rejects = read(project, path)
    assert (len(found.scored[0]), found.rejected, rejects) == (90, 0, [])
    predictions.take_predictions(project, 1, found.scored)
    chosen = select(project, 1, 20, apart=NOTHING)
    sure = np.sort(p, axis=1)
    assert chosen.strategy == "margin"
    assert set(chosen.rows[:18].tolist()) == set(np.argsort(sure[:, -1] - sure[:, -2])[:18].tolist())


def test_one_file_chooses_and_suggests_without_a_model(tmp_path):
    """Settings name one file and no model: every round is chosen by it, its suggestions stand on the desks."""
    p = np.random.default_rng(1).dirichlet(np.ones(3), 60)
    rows = [{"id": f"s{k}", "probabilities": dict(zip(CLASSES, p[k].tolist(), strict=True))} for k in range(60)]
    mine = tmp_path / "mine.jsonl"
    mine.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    settings = {
        "sampling": {"strategy": "margin"},
        "model": {"kind": "none"},
        "preannotate": {"source": "file", "file": str(mine)},
    }
    place = workspace(tmp_path, n=60, sections=settings)
    project = place.project()
    turn = place.turn(project, QUIET, rest=lambda _: None)
    turn.tools.predictions(1)
    assert select(project, 1, 10, apart=NOTHING).strategy == "margin"
    before = project.scores.table(0)
    turn.tools.predictions(2)  # the same file is not read again
    assert project.scores.table(1) is None
    assert before is not None
    (said,) = project.suggester(project).suggest(project.pool.items([7]))
    assert said.label == CLASSES[int(p[7].argmax())]
    assert said.confidence == pytest.approx(p[7].max())


def test_the_file_of_a_round_serves_for_suggestions(tmp_path):
    """`round open --predictions FILE` keeps the file: with source file and nothing else it is what desks show."""
    mine = tmp_path / "mine.csv"
    mine.write_text("id,Positive,Negative,Neutral\n" + "".join(f"s{k},0.1,0.8,0.1\n" for k in range(60)))
    place = workspace(tmp_path, n=60, sections={"preannotate": {"source": "file"}})
    project = place.project()
    assert project.suggester(project) is None
    assert place.models.take_predictions(project, 1, mine).items == 60
    mine.unlink()
    (said,) = project.suggester(project).suggest(project.pool.items([3]))
    assert (said.label, said.version) == ("Negative", "predictions.csv")


def test_every_bad_row_is_told_with_its_reason(project, tmp_path):
    """A file that is half wrong: rows that go missing silently, or one bad row that stops all."""
    path = tmp_path / "mine.csv"
    path.write_text(
        "id,Positive,Negative,Neutral\ns1,0.2,0.3,0.5\n,0.2,0.3,0.5\ns1,0.1,0.1,0.8\ns2,0.5,0.5,0.5\n"
        "s3,x,0.5,0.5\ns4,1.5,-0.5,0\nnobody,0.2,0.3,0.5\ns5,0.2,0.8\n"
    )
    found, rejects = read(project, path)
    assert found.scored[0].tolist() == project.pool.rows_of(["s1"]).tolist()
    assert {(r["row"], r["reason"], r["field"]) for r in rejects} == {
        (2, "missing id", "id"),
        (3, "id used before", "id"),
        (4, "probabilities do not add up to 1", None),
        (5, "not a number", "Positive"),
        (6, "a probability lies between 0 and 1", "Positive"),
        (7, "no such item in the pool", "id"),
        (8, "missing probability", "Neutral"),
    }
    assert found.rejected == 7


def test_label_studio_results_are_predictions_too(project, tmp_path):
    """Predictions as a Label Studio backend gives them, with a score."""

    def result(*labels: str) -> list[dict[str, object]]:
        name, to = project.control.name, project.control.to[0]
        return [{"from_name": name, "to_name": to, "type": "choices", "value": {"choices": list(labels)}}]

    lines = [
        {"id": "s0", "result": result("Negative"), "score": 0.9},
        {"id": "s1", "result": result("Nonsense"), "score": 0.9},
        {"id": "s2", "result": result("Negative")},
        {"id": "s3", "probabilities": {"Positive": 0.1, "Negative": 0.1, "Neutral": 0.8}},
    ]
    path = tmp_path / "mine.jsonl"
    path.write_text("\n".join([*(json.dumps(line) for line in lines), "no json"]))
    found, rejects = read(project, path)
    assert found.scored[0].tolist() == [0, 3]
    assert np.allclose(found.scored[1], [[0.05, 0.9, 0.05], [0.1, 0.1, 0.8]])
    assert [r["reason"] for r in rejects] == [
        "the results do not choose one class of the schema",
        "missing probability",
        "not a JSON object",
    ]


@pytest.mark.parametrize("text", ["id,Positive\n", "id,Positive,Negative,Neutral\nnobody,0.2,0.3,0.5\n", "\x00"])
def test_a_file_without_one_usable_row_is_refused(project, tmp_path, text: str):
    """A round that is chosen by nothing and says it was chosen by the file."""
    path = tmp_path / "mine.csv"
    path.write_text(text)
    with pytest.raises(DataError):
        read(project, path)
