"""Learners on real pictures, recordings, sentences and vectors of the user's own."""

from __future__ import annotations

import csv
from io import BytesIO
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from PIL import Image
from sklearn.datasets import load_digits

from labelwright.adapters.learners.audio import AudioLearner
from labelwright.adapters.learners.image import ImageLearner
from labelwright.adapters.learners.vectors import StaticTextLearner
from labelwright.adapters.vectors import read_vectors
from labelwright.learning import accuracy, predicted_classes
from labelwright.model.errors import DataError

DATASETS = Path(__file__).resolve().parents[2].parent / "shared" / "datasets"


def measured(learner, inputs, labels, n):
    """Accuracy on what stands behind the first ``n``."""
    learner.fit(inputs[:n], labels[:n], None, 0)
    return accuracy(predicted_classes(learner.predict_proba(inputs[n:]), learner.classes), labels[n:])


def test_a_hundred_labels_are_enough_for_handwritten_digits():
    """Pictures without a download: measured .94 on 797 digits after 100 labels (10 classes)."""
    digits, rows = load_digits(), np.random.default_rng(0).permutation(1797)[:300]
    pictures = []
    for row in rows:
        stream = BytesIO()
        Image.fromarray((digits.images[row] / 16 * 255).astype(np.uint8)).save(stream, "PNG")
        pictures.append(stream.getvalue())
    got = measured(ImageLearner(), pictures, [str(digits.target[row]) for row in rows], 100)
    assert got.low > 0.85


def test_sixty_recordings_are_enough_to_tell_the_speakers():
    """Sound without a download: 60 spoken digits, six speakers, the other 60 are told apart."""
    files = sorted((DATASETS / "audio" / "fsdd").glob("*.wav"))
    if not files:
        pytest.skip("fsdd is not beside the repository")
    order = np.random.default_rng(0).permutation(len(files))
    files = [files[at] for at in order]
    got = measured(AudioLearner(), files, [file.name.split("_")[1] for file in files], 60)
    assert got.low > 0.6


def test_static_embeddings_learn_intents_from_few_labels():
    """Word pieces averaged: four intents of banking77 after 60 labels."""
    path = DATASETS / "text" / "banking77" / "train.csv"
    if not path.exists():
        pytest.skip("banking77 is not beside the repository")
    wanted = {"card_arrival", "exchange_rate", "passcode_forgotten", "top_up_failed"}
    with path.open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.DictReader(stream) if row["category"] in wanted]
    rows = [rows[at] for at in np.random.default_rng(0).permutation(len(rows))[:260]]
    got = measured(StaticTextLearner(), [r["text"] for r in rows], [r["category"] for r in rows], 60)
    assert got.low > 0.9


def test_importing_the_embedding_leaves_logging_alone():
    """A library that sets up the root logger when it is imported."""
    import logging

    before = list(logging.getLogger().handlers), logging.getLogger().level
    StaticTextLearner().embed(["a text"])
    assert (logging.getLogger().handlers, logging.getLogger().level) == before


# ---------------------------------------------------------------- vectors that the user brings


def test_vectors_are_read_by_id_from_parquet_and_npy(tmp_path: Path):
    """An embedding that goes with the wrong items."""
    table = np.arange(12, dtype=np.float32).reshape(4, 3)
    ids = ["a", "b", "c", "d"]
    pl.DataFrame({"key": ids, "vector": table.tolist()}).write_parquet(tmp_path / "lists.parquet")
    pl.DataFrame({"id": ids, "vector": table}).write_parquet(tmp_path / "arrays.parquet")
    pl.DataFrame({"id": ids, **{f"x{k}": table[:, k] for k in range(3)}}).write_parquet(tmp_path / "wide.parquet")
    np.save(tmp_path / "plain.npy", table)
    (tmp_path / "plain.ids.txt").write_text("\n".join(ids), encoding="utf-8")
    for found in (
        read_vectors(tmp_path / "lists.parquet", "key", "vector"),
        read_vectors(tmp_path / "arrays.parquet"),
        read_vectors(tmp_path / "wide.parquet"),
        read_vectors(tmp_path / "plain.npy"),
    ):
        assert len(found) == 4
        assert found["c"].tolist() == [6, 7, 8]
        assert found.get("nobody") is None


def test_vectors_that_do_not_fit_are_refused_with_the_next_step(tmp_path: Path):
    """A file of another form, ragged lists, ids that come twice, a pickle in .npy clothing."""
    pl.DataFrame({"id": ["a", "b"], "v": [[1.0], [1.0, 2.0]]}).write_parquet(tmp_path / "ragged.parquet")
    pl.DataFrame({"id": ["a", "a"], "v": [[1.0], [2.0]]}).write_parquet(tmp_path / "twice.parquet")
    np.save(tmp_path / "pickle.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    (tmp_path / "pickle.ids.txt").write_text("a\n", encoding="utf-8")
    (tmp_path / "text.parquet").write_text("no parquet", encoding="utf-8")
    for name in ("ragged.parquet", "twice.parquet", "pickle.npy", "text.parquet", "missing.npy"):
        with pytest.raises(DataError) as caught:
            read_vectors(tmp_path / name)
        assert caught.value.next_step
