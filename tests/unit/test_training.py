"""Training as steps: train, evaluate, promote, score, on a real store, shelf and pool without Label Studio."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from labelwright.adapters.labelstudio.config import read_config
from labelwright.adapters.labelstudio.templates import render
from labelwright.adapters.learners.text import TextLearner
from labelwright.app import training
from labelwright.app.inference import Inferred
from labelwright.app.scoring import score_pool
from labelwright.bootstrap import open_workspace
from labelwright.entry.cli.init import Start, make_workspace
from labelwright.entry.cli.output import Bar
from labelwright.learning.calibrating import calibration_gap, temperature, tempered
from labelwright.learning.comparison import accuracy_gain, paired_interval
from labelwright.model.errors import NothingToDoError
from labelwright.model.learned import ModelState
from labelwright.model.project import Purpose

WORDS = {
    "Positive": ["good", "great", "lovely"],
    "Negative": ["bad", "awful", "broken"],
    "Neutral": ["box", "blue", "phone"],
}
QUIET = Bar(quiet=True)


@pytest.fixture
def project(tmp_path: Path):
    rng = np.random.default_rng(0)
    data = tmp_path / "pool.csv"
    with data.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "text"])
        for i in range(240):
            label = list(WORDS)[i % 3]
            writer.writerow([f"s{i}", " ".join(rng.choice(WORDS[label], 2)) + f" number {i}"])
    start = Start(
        root=tmp_path / "ws",
        schema_xml=render("text-classification", list(WORDS)),
        guidelines="# Task\n",
        name="Test",
        data=data,
        columns={},
        data_settings={"id": "id"},
        sections={},
    )
    make_workspace(start, read_config(start.schema_xml), QUIET)
    project = open_workspace(start.root).project()
    everything = {item.id: (item, row) for row, item in enumerate(project.pool.items(range(240)))}
    project.store.add_assignments(everything, [])
    return project


def truth(rows: range) -> dict[str, str]:
    return {f"s{i}": list(WORDS)[i % 3] for i in rows}


def consensus(labels: dict[str, str]) -> dict[str, Inferred]:
    return {item: Inferred(label, 1.0, contested=False, votes=2) for item, label in labels.items()}


def learn(project, number: int, labels: dict[str, str]) -> training.Trained:
    return training.train(project, TextLearner, consensus(labels), set(), number=number)


def test_a_round_trains_measures_takes_over_and_scores(project):
    """The whole way once: a model that is current, a card that says what it is, a score for every item."""
    trained = learn(project, 1, truth(range(120)))
    found = training.evaluate(project, trained.version, truth(range(120, 240)), "truth")
    promotion = training.promote(project, trained.version, truth(range(120, 240)))
    assert score_pool(project, 1, QUIET) == 240
    assert (found.accuracy.value, promotion.promoted, promotion.version) == (1.0, True, "round-1")
    record = project.store.model()
    assert record.state is ModelState.CURRENT
    assert record.card["evaluation"]["by_class"]["Neutral"]["n_items"] == 40
    assert {"seed", "data_version", "schema_version", "guidelines_version", "temperature"} <= set(record.card)
    assert Path(record.path).with_name("card.json").exists()
    rows, p = project.scores.table(1).of(np.arange(240))
    assert (len(rows), p.shape) == (240, (240, 3))
    assert np.allclose(p.sum(axis=1), 1, atol=1e-5)


def test_a_worse_model_does_not_take_over_and_the_reason_is_told(project):
    """A round of bad labels that replaces a good model; then the current one scores on."""
    good = learn(project, 1, truth(range(120)))
    training.promote(project, good.version, truth(range(120, 240)))
    labels = list(WORDS)
    bad = learn(project, 2, {f"s{i}": labels[(i + 1) % 3] for i in range(120)})
    promotion = training.promote(project, bad.version, truth(range(120, 240)))
    assert not promotion.promoted
    assert promotion.gain.high < 0
    assert "round-2 does not take over" in promotion.reason
    states = {m.version: m.state for m in project.store.models()}
    assert states == {"round-1": ModelState.CURRENT, "round-2": ModelState.REJECTED}
    score_pool(project, 2, QUIET)
    assert np.array_equal(training.load_model(project).probabilities(project, project.pool.items([0])).argmax(), 2)


def test_a_model_that_is_as_good_takes_over(project):
    """A newer model on more labels must not wait until it is proven better."""
    for number, n in ((1, 90), (2, 120)):
        trained = learn(project, number, truth(range(n)))
        assert training.promote(project, trained.version, truth(range(120, 240))).promoted
    assert project.store.model().version == "round-2"
    assert [m.state for m in project.store.models()] == [ModelState.RETIRED, ModelState.CURRENT]


@pytest.mark.parametrize("steps", [1, 2, 3])
def test_steps_that_are_repeated_after_a_crash_change_nothing(project, steps):
    """A worker that dies after any step and does the round's steps again from the first."""
    first = learn(project, 1, truth(range(90)))
    training.promote(project, first.version, truth(range(120, 240)))
    walk = [
        lambda: learn(project, 2, truth(range(120))),
        lambda: training.evaluate(project, "round-2", truth(range(120, 240)), "truth"),
        lambda: training.promote(project, "round-2", truth(range(120, 240))),
    ]
    for step in [*walk[:steps], *walk]:
        done = step()
    assert (done.promoted, done.gain.n_items) == (True, 120)
    assert [(m.version, m.state.value) for m in project.store.models()] == [
        ("round-1", "retired"),
        ("round-2", "current"),
    ]


def test_test_items_are_never_trained_on(project):
    """A test set that flatters: not even its ids are in what was learned from."""
    trained = training.train(project, TextLearner, consensus(truth(range(120))), set(truth(range(60))), number=1)
    assert trained.training_items == 60
    assert project.store.model("round-1").card["held_out"] == 60


def test_what_cannot_be_learned_leaves_the_model_in_use(project):
    """The second round brings one class only: the first round's model goes on."""
    first = learn(project, 1, truth(range(90)))
    training.promote(project, first.version, truth(range(120, 240)))
    nothing = learn(project, 2, {"s0": "Positive", "s3": "Positive"})
    assert nothing.version is None
    assert "one class" in nothing.reason
    assert score_pool(project, 2, QUIET) == 240


def test_a_model_that_is_not_there_is_told_with_the_next_step(project):
    """A version mistyped ending in a stack trace."""
    with pytest.raises(NothingToDoError, match="no model nonsense") as caught:
        training.evaluate(project, "nonsense", truth(range(3)), "truth")
    assert "model list" in caught.value.next_step


def test_own_truth_is_the_test_set_without_ties(project):
    """A tie in the test set counted as truth."""
    items = project.store.items(["s0", "s1", "s2"])
    given = [("s0", Purpose.TEST), ("s1", Purpose.TEST), ("s2", Purpose.LABEL)]
    from labelwright.model.project import Annotator, Assignment

    project.store.put_annotator(Annotator("anna", "Anna", "a@example.org"))
    project.store.add_assignments(
        {i: (item, None) for i, item in items.items()},
        [Assignment(f"k{i}", i, "anna", purpose, 1, 0) for i, purpose in given],
    )
    labels = consensus(truth(range(3))) | {"s1": Inferred("Neutral", 0.5, contested=True, votes=2)}
    assert training.own_truth(project, labels) == {"s0": "Positive"}
    assert training.test_items(project) == {"s0", "s1"}


# ---------------------------------------------------------------- the pure parts


def test_temperature_mends_overconfidence_and_leaves_the_order():
    """A model that claims 99 % and is right in 75 %."""
    rng = np.random.default_rng(3)
    right = rng.random(400) < 0.75
    p = np.where(right[:, None], [0.99, 0.01], [0.01, 0.99])
    t = temperature(p, ["a"] * 400, ["a", "b"])
    mended = tempered(p, t)
    assert t > 3
    assert abs(mended.max(axis=1).mean() - right.mean()) < 0.02
    assert np.array_equal(mended.argmax(axis=1), p.argmax(axis=1))
    assert calibration_gap(mended.max(axis=1), right) < calibration_gap(p.max(axis=1), right)


def test_few_labels_leave_the_temperature_alone_and_nan_stays_nan():
    """A temperature found on three items; an unreadable item that gets a probability."""
    assert temperature(np.full((3, 2), 0.5), ["a", "a", "b"], ["a", "b"]) == 1.0
    assert np.isnan(tempered(np.full((1, 2), np.nan), 2.0)).all()
    assert calibration_gap([0.5] * 5, [True] * 5) is None


def test_paired_interval_as_published_and_covering():
    """Agresti and Min (2005): (b + .5 - c - .5) / (n + 2); its coverage by simulation with 95 % nominal."""
    low, high = paired_interval(12, 5, 100)
    assert (low + high) / 2 == pytest.approx(7 / 102)
    rng = np.random.default_rng(1)
    drawn = rng.multinomial(100, [0.1, 0.05, 0.85], 2000)
    ends = [paired_interval(int(b), int(c), 100) for b, c, _ in drawn]
    covered = np.mean([a <= 0.05 <= z for a, z in ends])
    assert 0.935 < covered < 0.985


def test_equal_models_have_a_gain_of_zero_with_an_interval():
    """No difference seen on 10 items is not the proof of none."""
    gain = accuracy_gain(["a"] * 10, ["a"] * 10, ["a"] * 10)
    assert gain.value == 0
    assert gain.low < 0 < gain.high
    assert accuracy_gain(["a"], ["a"], [None]).reason


# ---------------------------------------------------------------- by hand


def test_commands_list_show_promote_and_predict(project, tmp_path, capsys):
    """What a lead types, and what scripts read."""
    import json

    import polars as pl

    from labelwright.entry.cli import models as command

    for number, n in ((1, 90), (2, 120)):
        trained = learn(project, number, truth(range(n)))
        training.evaluate(project, trained.version, truth(range(120, 240)), "truth")
        training.promote(project, trained.version, truth(range(120, 240)))
    command.list_command(project.root, as_json=True)
    listed = json.loads(capsys.readouterr().out)["models"]
    assert [(m["version"], m["state"]) for m in listed] == [("round-1", "retired"), ("round-2", "current")]
    command.list_command(project.root)
    command.show_command(None, project.root)
    shown = capsys.readouterr().out
    assert "1.000 (0.9" in shown
    assert "Neutral" in shown
    command.promote_command("round-1", project.root, as_json=True)
    assert json.loads(capsys.readouterr().out)["state"] == "current"
    with pytest.raises(NothingToDoError):
        command.promote_command("round-1", project.root)
    frames = []
    for name in ("p.parquet", "p.csv", "p.jsonl"):
        command.predict_command(tmp_path / name, None, project.root, as_json=True)
        read = {"p.parquet": pl.read_parquet, "p.csv": pl.read_csv, "p.jsonl": pl.read_ndjson}[name]
        frames.append(read(tmp_path / name))
    assert frames[0].columns == ["id", "label", "confidence", "model", "Negative", "Neutral", "Positive"]
    assert all(len(frame) == 240 and frame.equals(frames[0]) for frame in frames)
    assert set(frames[0]["model"]) == {"round-1"}


def test_training_by_hand_says_why_there_is_no_model(project):
    """No labels yet: the reason and the next step, not a stack trace."""
    from labelwright.entry.cli import models as command

    with pytest.raises(NothingToDoError, match="no labeled items"):
        command.train_command(project.root)
