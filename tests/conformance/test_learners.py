"""What every learner promises, checked on every one of them."""

from __future__ import annotations

import os
import pickle  # noqa: TID251 (a trap is set with it)
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import skops.io
from PIL import Image
from scipy.io import wavfile
from sklearn.preprocessing import FunctionTransformer

from labelwright.adapters.learners.audio import AudioLearner
from labelwright.adapters.learners.dense import DenseLearner
from labelwright.adapters.learners.estimator import EstimatorLearner
from labelwright.adapters.learners.image import ImageLearner
from labelwright.adapters.learners.registry import load_learner
from labelwright.adapters.learners.text import TextLearner
from labelwright.adapters.learners.vectors import StaticTextLearner, VectorLearner
from labelwright.model.errors import DataError, LabelwrightError, SettingsError
from labelwright.ports import Featuring, Reads

LABELS = ["Positive", "Negative", "Neutral", "Positive", "Negative", "Neutral"]


@dataclass(frozen=True)
class Case:
    """A learner with six inputs that go with `LABELS`, and others, the first three of them Positive, Negative, Neutral."""

    make: Callable[[], Any]
    inputs: list[Any]
    others: list[Any]
    unreadable: list[Any]


def picture(red: int, green: int, blue: int) -> bytes:
    stream = BytesIO()
    Image.new("RGB", (20, 30), (red, green, blue)).save(stream, "PNG")
    return stream.getvalue()


def tone(hertz: float) -> bytes:
    stream = BytesIO()
    wave = np.sin(2 * np.pi * hertz * np.arange(4000) / 8000) * 9000
    wavfile.write(stream, 8000, wave.astype(np.int16))
    return stream.getvalue()


TEXTS = Case(
    TextLearner,
    [
        "good sound, great price",
        "bad battery and broken",
        "it is a phone",
        "great, I love it",
        "broken after a day",
        "the box is blue",
    ],
    ["great sound", "battery broken", "the phone is blue", "", "שלום 😀"],
    [],
)
VECTORS = Case(
    VectorLearner,
    [np.array(v, dtype=np.float32) for v in ([5, 0, 1], [0, 5, 1], [0, 0, 0], [6, 1, 1], [1, 6, 1], [1, 1, 0])],
    [np.array(v, dtype=np.float32) for v in ([5, 1, 1], [1, 5, 1], [0, 1, 0], [9, 9, 9])],
    [None, np.full(3, np.nan)],
)
CASES = {
    "text": TEXTS,
    "static": Case(StaticTextLearner, TEXTS.inputs, TEXTS.others[:3], ["", " "]),
    "image": Case(
        ImageLearner,
        [
            picture(250, 9, 9),
            picture(9, 250, 9),
            picture(9, 9, 250),
            picture(230, 0, 0),
            picture(0, 230, 0),
            picture(0, 0, 230),
        ],
        [picture(240, 5, 5), picture(5, 240, 5), picture(5, 5, 240), picture(0, 0, 0)],
        [None, b"no picture", Path("/nowhere.png")],
    ),
    "audio": Case(
        AudioLearner,
        [tone(200), tone(800), tone(3000), tone(210), tone(820), tone(3100)],
        [tone(205), tone(810), tone(3050)],
        [None, b"no sound", Path("/nowhere.wav"), tone(0.0)],
    ),
    "vectors": VECTORS,
    "sklearn-text": Case(
        partial(EstimatorLearner, "sklearn.naive_bayes.MultinomialNB", {"alpha": 0.1}), TEXTS.inputs, TEXTS.others, []
    ),
    "sklearn-vectors": Case(
        partial(EstimatorLearner, "sklearn.linear_model.LogisticRegression", {"C": 0.5}, VectorLearner()),
        VECTORS.inputs,
        VECTORS.others,
        VECTORS.unreadable,
    ),
}
every_learner = pytest.mark.parametrize("case", CASES.values(), ids=CASES)


def learned(case: Case, weights: Any = None, seed: int = 0) -> Any:
    learner = case.make()
    learner.fit(case.inputs, LABELS, weights, seed)
    return learner


@every_learner
def test_probabilities_of_every_class(case):
    """Columns in another order than the classes, rows that do not add up, or a crash on an empty text."""
    learner = learned(case)
    assert learner.classes == ("Negative", "Neutral", "Positive")
    p = learner.predict_proba(case.others)
    assert p.shape == (len(case.others), 3)
    assert p.dtype == np.float64
    assert np.allclose(p.sum(axis=1), 1)
    assert [learner.classes[at] for at in p.argmax(axis=1)[:3]] == ["Positive", "Negative", "Neutral"]
    assert learner.predict_proba([]).shape == (0, 3)


@every_learner
def test_the_same_seed_gives_the_same_model(case):
    """A round that cannot be repeated."""
    first, second = (learned(case, np.linspace(0.5, 1, 6), 7).predict_proba(case.others) for _ in range(2))
    assert np.array_equal(first, second)


@every_learner
def test_a_second_fit_starts_from_scratch(case):
    """Last round's labels that linger in the model."""
    fresh, used = case.make(), case.make()
    used.fit(case.inputs, LABELS[::-1], None, 0)
    for learner in (fresh, used):
        learner.fit(case.inputs, LABELS, None, 0)
    assert np.array_equal(fresh.predict_proba(case.others), used.predict_proba(case.others))


@every_learner
def test_a_saved_model_predicts_the_same(case, tmp_path: Path):
    """A model that is another one after a restart."""
    learner, path = learned(case), tmp_path / "model.skops"
    learner.save(path)
    learner.save(path)
    loaded = load_learner(path)
    assert (loaded.name, loaded.reads, loaded.classes) == (learner.name, learner.reads, learner.classes)
    assert np.array_equal(loaded.predict_proba(case.others), learner.predict_proba(case.others))
    assert [file.name for file in tmp_path.iterdir()] == ["model.skops"]


@every_learner
def test_what_cannot_be_read_is_undefined_and_teaches_nothing(case):
    """A broken picture that gets a class, or that a model learns from."""
    if not case.unreadable:
        pytest.skip("every text can be read")
    with_them = case.make()
    with_them.fit([*case.inputs, *case.unreadable], [*LABELS, *["Positive"] * len(case.unreadable)], None, 0)
    p = with_them.predict_proba([*case.others, *case.unreadable])
    assert np.isnan(p[len(case.others) :]).all()
    assert np.array_equal(p[: len(case.others)], learned(case).predict_proba(case.others))


@every_learner
def test_features_say_where_items_lie(case):
    """Diversity measured by features that change from call to call, or of another number than the items."""
    learner = learned(case)
    if not isinstance(learner, Featuring):
        pytest.skip("this learner has no features of its own")
    found = learner.features(case.others)
    assert found.shape[0] == len(case.others)
    assert found.dtype == np.float32
    assert np.allclose(found[1:2], learner.features(case.others[1:2]), atol=1e-6)
    assert learner.features([]).shape == (0, found.shape[1])


@every_learner
def test_weights_count(case):
    """A doubtful label that counts as much as a sure one."""
    p = []
    for weight in (0.01, 1.0):
        learner = case.make()
        learner.fit([*case.inputs, case.others[0]], [*LABELS, "Negative"], np.array([1.0] * 6 + [weight]), 0)
        p.append(learner.predict_proba(case.others[:1])[0, 0])
    assert p[0] < p[1]


@every_learner
def test_an_item_of_weight_zero_is_not_there(case):
    """A class that nobody is sure of, predicted nevertheless."""
    with_it, without = case.make(), learned(case)
    with_it.fit([*case.inputs, case.others[0]], [*LABELS, "Other"], np.array([1.0] * 6 + [0.0]), 0)
    assert with_it.classes == without.classes
    if case.make is not CASES["sklearn-text"].make:  # there the words of all texts are counted
        assert np.array_equal(with_it.predict_proba(case.others), without.predict_proba(case.others))


@every_learner
def test_inputs_are_left_as_they_were(case):
    """Labels that change under the caller's hands."""
    labels, weights = list(LABELS), np.ones(6)
    weights.flags.writeable = False
    case.make().fit(case.inputs, labels, weights, 0)
    assert labels == LABELS


@every_learner
@pytest.mark.parametrize(
    ("n", "labels", "weights"),
    [
        (0, [], None),
        (6, ["Positive"] * 6, None),
        (1, ["Positive"], None),
        (6, LABELS, np.array([1.0, 0, 0, 1.0, 0, 0])),
        (6, LABELS, np.zeros(6)),
        (6, LABELS, np.full(6, np.nan)),
        (6, LABELS, -np.ones(6)),
        (6, LABELS[:-1], None),
        (6, LABELS, np.ones(5)),
    ],
    ids=["none", "one-class", "one-item", "one-class-counts", "nothing-counts", "nan", "negative", "labels", "weights"],
)
def test_what_nothing_can_be_learned_from_is_refused_with_a_reason(case, n, labels, weights):
    """The first round of a project, with three labels of one class, ending in a stack trace."""
    with pytest.raises(LabelwrightError) as caught:
        case.make().fit(case.inputs[:n], labels, weights, 0)
    assert caught.value.next_step


@pytest.mark.parametrize("texts", [["", " "], [1, 2]], ids=["wordless", "no-texts"])
@pytest.mark.parametrize("name", ["text", "static", "sklearn-text"])
def test_texts_that_are_none_are_refused_with_a_reason(name, texts):
    """A column of numbers or of blanks taken for texts."""
    with pytest.raises(LabelwrightError) as caught:
        CASES[name].make().fit(texts, ["Positive", "Negative"], None, 0)
    assert caught.value.next_step


@every_learner
def test_a_failed_fit_leaves_the_model_as_it_was(case):
    """A model lost because the next round could not be learned from."""
    learner = learned(case)
    before = learner.predict_proba(case.others)
    with pytest.raises(LabelwrightError):
        learner.fit(case.inputs, ["Positive"] * 6, None, 0)
    assert np.array_equal(learner.predict_proba(case.others), before)
    assert learner.classes == ("Negative", "Neutral", "Positive")


@every_learner
def test_two_items_are_enough_to_start(case):
    """A tiny training set that crashes a splitter or a solver."""
    learner = case.make()
    learner.fit(case.inputs[:2], ["p", "n"], None, 0)
    assert learner.predict_proba(case.inputs[:1]).argmax() == 1


@every_learner
def test_before_it_has_learned_it_says_so(case, tmp_path: Path):
    """An attribute error of a library's."""
    with pytest.raises(LabelwrightError, match="not learned"):
        case.make().predict_proba(case.others)
    with pytest.raises(LabelwrightError, match="not learned"):
        case.make().save(tmp_path / "model.skops")


@pytest.mark.parametrize(
    "path",
    [
        "os.system",
        "subprocess.Popen",
        "sklearn.nothing.Here",
        "sklearn.svm.LinearSVC",
        "labelwright.learning.accuracy",
        "sklearn",
    ],
)
def test_an_import_path_that_is_no_classifier_of_an_allowed_module_is_refused(path):
    """A settings file from somebody else that runs what it names."""
    with pytest.raises(SettingsError) as caught:
        EstimatorLearner(path)
    assert "model.allow" in caught.value.next_step


def test_options_that_do_not_fit_are_told():
    """A misspelled option ending in a stack trace of scikit-learn's."""
    with pytest.raises(SettingsError, match="treees"):
        EstimatorLearner("sklearn.ensemble.ExtraTreesClassifier", {"n_treees": 3})


def test_every_dense_learner_reads_something_else_or_says_how():
    """Two learners that would be told apart by nothing."""
    dense = [c.make for c in CASES.values() if isinstance(c.make, type) and issubclass(c.make, DenseLearner)]
    assert {make.reads for make in dense} == {Reads.TEXT, Reads.IMAGE, Reads.AUDIO, Reads.VECTOR}


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


def saved(path: Path) -> bytes:
    learned(CASES["vectors"]).save(path)
    return path.read_bytes()


def cut(path: Path) -> None:
    path.write_bytes(saved(path)[:-200])


def damaged(path: Path) -> None:
    raw = bytearray(saved(path))
    raw[200:400] = b"\0" * 200
    path.write_bytes(raw)


READERS = {"any": load_learner, "text": TextLearner.load, "image": ImageLearner.load}


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
@pytest.mark.parametrize(
    "write", [pickled, function, other_content, other_object, plain_zip, cut, damaged], ids=lambda write: write.__name__
)
def test_files_that_are_no_model_of_ours_are_refused(read, tmp_path: Path, write):
    """A model file from the internet that runs its author's code."""
    path = tmp_path / "model.skops"
    write(path)
    with pytest.raises(DataError) as caught:
        read(path)
    assert caught.value.next_step
    assert not Path("/tmp/labelwright-trap").exists()  # noqa: S108


def test_a_model_of_another_kind_is_refused(tmp_path: Path):
    """A text model's file read as an image model."""
    saved(tmp_path / "model.skops")
    with pytest.raises(DataError, match="no image model"):
        ImageLearner.load(tmp_path / "model.skops")


def test_a_model_that_is_not_there_is_refused(tmp_path: Path):
    """A workspace moved without its models."""
    with pytest.raises(DataError):
        load_learner(tmp_path / "none.skops")
