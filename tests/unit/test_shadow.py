"""The shadow of chance beside a strategy, on a real store and pool."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from labelwright.adapters.learners.text import TextLearner
from labelwright.app.inference import Inferred
from labelwright.app.rounds import round_status
from labelwright.app.shadow import RANDOM_ITEMS, cast_shadow, fallback
from labelwright.model.measure import Measure
from labelwright.model.project import Annotator, Assignment, Purpose, RoundRecord, RoundState
from support.learned import WORDS, workspace

NOW = datetime(2026, 1, 1, tzinfo=UTC)
TRUTH = {f"s{i}": list(WORDS)[i % 3] for i in range(400)}
TEST = {f"s{i}": TRUTH[f"s{i}"] for i in range(300, 400)}
BELOW = Measure(-0.1, -0.15, -0.05, 100).as_dict()


@pytest.fixture
def project(tmp_path):
    made = workspace(tmp_path, n=400, sections={"sampling": {"strategy": "margin"}}).project()
    made.store.put_annotator(Annotator("ada", "Ada", "ada@labelwright.test"))
    return made


def opened(project, number: int, strategy: str, rows: range, random_rows: range = range(0)) -> None:
    items = {item.id: (item, row) for row, item in zip(rows, project.pool.items(list(rows)), strict=True)}
    asked = [Assignment(f"k{row}", f"s{row}", "ada", Purpose.LABEL, number, row) for row in rows]
    said = {RANDOM_ITEMS: [f"s{row}" for row in random_rows]}
    project.store.open_round(RoundRecord(number, RoundState.OPEN, strategy, NOW, None, said), items, asked)


def labeled(rows: range) -> dict[str, Inferred]:
    return {f"s{row}": Inferred(TRUTH[f"s{row}"], 1.0, contested=False, votes=1) for row in rows}


def test_both_sides_learn_from_as_many_labels(project):
    """A strategy that looks good because its model had ten times the labels of the one beside it."""
    opened(project, 1, "random", range(30))
    opened(project, 2, "margin", range(30, 230), range(200, 230))
    found = cast_shadow(project, TextLearner, labeled(range(230)), TEST, set(TEST))
    assert found.labels == 30 + 30
    assert found.accuracy.n_items == found.gain.n_items == 100
    assert found.accuracy.low < found.accuracy.value < found.accuracy.high or found.accuracy.value == 1
    assert found.gain.low < found.gain.high
    again = cast_shadow(project, TextLearner, labeled(range(230)), TEST, set(TEST))
    assert again == found


def test_a_strategy_that_sees_one_class_only_is_below_its_shadow(project):
    """A comparison that cannot tell a bad strategy from chance."""
    opened(project, 1, "random", range(6))
    opened(project, 2, "margin", range(6, 200), range(150, 200))
    one_class = {i: x for i, x in labeled(range(6, 150)).items() if x.label == "Positive"}
    found = cast_shadow(project, TextLearner, labeled(range(6)) | one_class | labeled(range(150, 200)), TEST, set(TEST))
    assert found.gain.high < 0


def test_without_enough_on_either_side_it_says_why(project):
    """A comparison of nothing with nothing, shown as a number."""
    opened(project, 1, "random", range(30))
    found = cast_shadow(project, TextLearner, labeled(range(30)), TEST, set(TEST))
    assert (found.accuracy.value, found.accuracy.reason) == (None, "every label so far was drawn at random")
    opened(project, 2, "margin", range(30, 130), range(120, 130))
    found = cast_shadow(project, TextLearner, labeled(range(130)), TEST, set(TEST))
    assert found.gain.reason == "fewer than 20 labels were drawn at random since there is a model"


def test_two_rounds_below_the_shadow_change_the_strategy(project):
    """A loop that goes on with what loses to chance."""
    assert fallback(project).strategy == "margin"
    for number in (1, 2):
        opened(project, number, "margin", range(40 * number, 40 * number + 40))
        kept = {"gain_over_random": BELOW, "random_accuracy": Measure(0.8, 0.7, 0.9, 100).as_dict()}
        project.store.close_round(number, NOW, kept)
    verdict = fallback(project)
    assert verdict.strategy == "hybrid"
    assert "margin" in verdict.reason
    assert [row["random_accuracy"] for row in round_status(project)] == [0.8, 0.8]
