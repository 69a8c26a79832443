"""What every learner promises, checked on every one of them."""

from __future__ import annotations

import os
import pickle  # noqa: TID251 (a trap is set with it)
import zipfile
from pathlib import Path

import numpy as np
import pytest
import skops.io
from sklearn.preprocessing import FunctionTransformer

from labelwright.adapters.learners.text import TextLearner
from labelwright.model.errors import DataError, LabelwrightError

LEARNERS = [TextLearner]
every_learner = pytest.mark.parametrize("make", LEARNERS, ids=lambda make: make.__name__)

TEXTS = [
    "good sound, great price",
    "bad battery and broken",
    "it is a phone",
    "great, I love it",
    "broken after a day",
    "the box is blue",
]
LABELS = ["Positive", "Negative", "Neutral", "Positive", "Negative", "Neutral"]
OTHERS = ["great sound", "battery broken", "", "the phone is blue", "שלום 😀"]


@every_learner
def test_probabilities_of_every_class(make):
    """Columns in another order than the classes, rows that do not add up, or a crash on an empty text."""
    learner = make()
    learner.fit(TEXTS, LABELS, None, 0)
    assert learner.classes == ("Negative", "Neutral", "Positive")
    p = learner.predict_proba(OTHERS)
    assert p.shape == (5, 3)
    assert p.dtype == np.float64
    assert np.allclose(p.sum(axis=1), 1)
    assert [learner.classes[at] for at in p.argmax(axis=1)[[0, 1, 3]]] == ["Positive", "Negative", "Neutral"]
    assert learner.predict_proba([]).shape == (0, 3)


@every_learner
def test_the_same_seed_gives_the_same_model(make):
    """A round that cannot be repeated."""
    found = []
    for _ in range(2):
        learner = make()
        learner.fit(TEXTS, LABELS, np.linspace(0.5, 1, 6), 7)
        found.append(learner.predict_proba(OTHERS))
    assert np.array_equal(*found)


@every_learner
def test_a_second_fit_starts_from_scratch(make):
    """Last round's labels that linger in the model."""
    fresh, used = make(), make()
    used.fit(TEXTS, LABELS[::-1], None, 0)
    for learner in (fresh, used):
        learner.fit(TEXTS, LABELS, None, 0)
    assert np.array_equal(fresh.predict_proba(OTHERS), used.predict_proba(OTHERS))


@every_learner
def test_a_saved_model_predicts_the_same(make, tmp_path: Path):
    """A model that is another one after a restart."""
    learner = make()
    learner.fit(TEXTS, LABELS, None, 0)
    path = tmp_path / "model.skops"
    learner.save(path)
    learner.save(path)
    loaded = make.load(path)
    assert loaded.classes == learner.classes
    assert np.array_equal(loaded.predict_proba(OTHERS), learner.predict_proba(OTHERS))
    assert [file.name for file in tmp_path.iterdir()] == ["model.skops"]


@every_learner
def test_weights_count(make):
    """A doubtful label that counts as much as a sure one."""
    p = []
    for weight in (0.01, 1.0):
        learner = make()
        learner.fit([*TEXTS, "great sound"], [*LABELS, "Negative"], np.array([1.0] * 6 + [weight]), 0)
        p.append(learner.predict_proba(["great sound"])[0, 0])
    assert p[0] < p[1]


@every_learner
def test_an_item_of_weight_zero_is_not_there(make):
    """A class that nobody is sure of, predicted nevertheless."""
    with_it, without = make(), make()
    with_it.fit([*TEXTS, "strange"], [*LABELS, "Other"], np.array([1.0] * 6 + [0.0]), 0)
    without.fit(TEXTS, LABELS, None, 0)
    assert with_it.classes == without.classes
    assert np.array_equal(with_it.predict_proba(OTHERS), without.predict_proba(OTHERS))


@every_learner
def test_inputs_are_left_as_they_were(make):
    """Labels that change under the caller's hands."""
    texts, labels, weights = list(TEXTS), list(LABELS), np.ones(6)
    weights.flags.writeable = False
    make().fit(texts, labels, weights, 0)
    assert (texts, labels) == (TEXTS, LABELS)


@every_learner
@pytest.mark.parametrize(
    ("texts", "labels", "weights"),
    [
        ([], [], None),
        (TEXTS, ["Positive"] * 6, None),
        (["one"], ["Positive"], None),
        (TEXTS, LABELS, np.array([1.0, 0, 0, 1.0, 0, 0])),
        (TEXTS, LABELS, np.zeros(6)),
        (TEXTS, LABELS, np.full(6, np.nan)),
        (TEXTS, LABELS, -np.ones(6)),
        (TEXTS, LABELS[:-1], None),
        (TEXTS, LABELS, np.ones(5)),
        (["", " "], ["Positive", "Negative"], None),
        ([1, 2], ["Positive", "Negative"], None),
    ],
    ids=[
        "none",
        "one-class",
        "one-text",
        "one-class-counts",
        "nothing-counts",
        "nan",
        "negative",
        "labels",
        "weights",
        "wordless",
        "no-texts",
    ],
)
def test_what_nothing_can_be_learned_from_is_refused_with_a_reason(make, texts, labels, weights):
    """The first round of a project, with three labels of one class, ending in a stack trace."""
    with pytest.raises(LabelwrightError) as caught:
        make().fit(texts, labels, weights, 0)
    assert caught.value.next_step


@every_learner
def test_a_failed_fit_leaves_the_model_as_it_was(make):
    """A model lost because the next round could not be learned from."""
    learner = make()
    learner.fit(TEXTS, LABELS, None, 0)
    before = learner.predict_proba(OTHERS)
    with pytest.raises(LabelwrightError):
        learner.fit(["", ""], ["Positive", "Negative"], None, 0)
    assert np.array_equal(learner.predict_proba(OTHERS), before)
    assert learner.classes == ("Negative", "Neutral", "Positive")


@every_learner
def test_two_texts_are_enough_to_start(make):
    """A tiny training set that crashes a splitter or a solver."""
    learner = make()
    learner.fit(["good", "bad"], ["p", "n"], None, 0)
    assert learner.predict_proba(["good"]).argmax() == 1


@every_learner
def test_before_it_has_learned_it_says_so(make, tmp_path: Path):
    """An attribute error of a library's."""
    with pytest.raises(LabelwrightError, match="not learned"):
        make().predict_proba(["a"])
    with pytest.raises(LabelwrightError, match="not learned"):
        make().save(tmp_path / "model.skops")


class Trap:
    """Runs when a pickle of it is read."""

    def __reduce__(self):
        return os.mkdir, ("/tmp/labelwright-trap",)  # noqa: S108 (must not be made)


def pickled(path: Path) -> None:
    path.write_bytes(pickle.dumps(Trap()))


def function(path: Path) -> None:
    skops.io.dump({"format": 1, "learner": "text", "pipeline": FunctionTransformer(os.system)}, path)


def other_content(path: Path) -> None:
    skops.io.dump({"format": 99, "learner": "text", "pipeline": None}, path)


def other_object(path: Path) -> None:
    skops.io.dump([1, 2, 3], path)


def plain_zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("schema.json", "{}")


def cut(path: Path) -> None:
    learner = TextLearner()
    learner.fit(TEXTS, LABELS, None, 0)
    learner.save(path)
    path.write_bytes(path.read_bytes()[:-200])


def damaged(path: Path) -> None:
    learner = TextLearner()
    learner.fit(TEXTS, LABELS, None, 0)
    learner.save(path)
    raw = bytearray(path.read_bytes())
    raw[200:400] = b"\0" * 200
    path.write_bytes(raw)


@every_learner
@pytest.mark.parametrize(
    "write", [pickled, function, other_content, other_object, plain_zip, cut, damaged], ids=lambda write: write.__name__
)
def test_files_that_are_no_model_of_ours_are_refused(make, tmp_path: Path, write):
    """A model file from the internet that runs its author's code."""
    path = tmp_path / "model.skops"
    write(path)
    with pytest.raises(DataError) as caught:
        make.load(path)
    assert caught.value.next_step
    assert not Path("/tmp/labelwright-trap").exists()  # noqa: S108


@every_learner
def test_a_model_that_is_not_there_is_refused(make, tmp_path: Path):
    """A workspace moved without its models."""
    with pytest.raises(DataError):
        make.load(tmp_path / "none.skops")
