"""The text learner on real sentences."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from labelwright.adapters.learners.text import TextLearner
from labelwright.learning import accuracy, predicted_classes

BANKING = Path(__file__).resolve().parents[2].parent / "shared" / "datasets" / "text" / "banking77"


def intents(name: str, wanted: set[str]) -> tuple[list[str], list[str]]:
    path = BANKING / name
    if not path.exists():
        pytest.skip("banking77 is not beside the repository")
    with path.open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["category"] in wanted]
    return [row["text"] for row in rows], [row["category"] for row in rows]


@pytest.mark.parametrize("noise", [0.0, 0.2])
def test_a_few_labels_are_enough_for_plain_intents(noise: float):
    """A model that learns nothing from 30 labels a class, or is undone by annotators who are wrong one time in five."""
    wanted = {"card_arrival", "exchange_rate", "passcode_forgotten", "top_up_failed"}
    rng = np.random.default_rng(0)
    texts, truth = intents("train.csv", wanted)
    rows = rng.choice(len(texts), 120, replace=False)
    labels = [truth[row] if rng.random() >= noise else str(rng.choice(sorted(wanted))) for row in rows]
    learner = TextLearner()
    learner.fit([texts[row] for row in rows], labels, None, 0)
    test, answers = intents("test.csv", wanted)
    got = accuracy(predicted_classes(learner.predict_proba(test), learner.classes), answers)
    assert got.low is not None
    assert got.low > (0.93 if noise == 0 else 0.85)
