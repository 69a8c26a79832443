"""The fast way to score texts gives the numbers of scikit-learn's pipeline."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labelwright.adapters.learners.fast_text import FEWEST, FastText
from labelwright.adapters.learners.text import TextLearner

TEXTS = [
    "Good phone, GOOD price!",
    "bad battery",
    "the price is not good",
    "Größe: über 3 Zoll, straße",
    "İstanbul ﬁne naïve café",
    "電話 は 良い です",
    "a b c",
    "x",
    "snake_case under_score 42",
    "tab\tand\nnew  line\u2003wide",
    "\u017ftraße \u212a \u212b ǅ",
]


def learner(classes: int) -> TextLearner:
    made = TextLearner()
    made.fit(TEXTS * 2, [f"c{k % classes}" for k in range(2 * len(TEXTS))], None, 0)
    return made


TWO, THREE = learner(2), learner(3)


def agrees(model: TextLearner, texts: list[str]) -> None:
    slow = model._pipeline.predict_proba(texts)
    assert np.abs(FastText(model._pipeline).predict_proba(texts) - slow).max() < 1e-9


@pytest.mark.parametrize("model", [TWO, THREE], ids=["two classes", "three classes"])
def test_the_probabilities_are_those_of_scikit_learn(model: TextLearner):
    """A pool that is ranked by another model than the one whose accuracy is shown."""
    mixed = [*TEXTS, "", " ", "good", "Good phone bad battery café 電話 again and again good good", "\ud800 lone"]
    agrees(model, mixed)


@settings(max_examples=60)
@given(st.lists(st.text(max_size=60), min_size=1, max_size=4))
def test_whatever_is_written(texts: list[str]):
    """Scripts, spaces and cases that two ways of reading could take differently."""
    agrees(THREE, texts)


@settings(max_examples=40)
@given(st.lists(st.sampled_from([*TEXTS, " ", "\t", "İ", "good"]), min_size=1, max_size=6))
def test_texts_made_of_what_is_known(parts: list[str]):
    """Repeats and neighbours of known terms: counts, pairs of words, the length that is divided by."""
    agrees(TWO, [" ".join(parts), "".join(parts)])


def test_a_learner_takes_the_fast_way_for_many(monkeypatch):
    """A short cut that nobody takes."""
    few = THREE.predict_proba(TEXTS)
    many = THREE.predict_proba((TEXTS * (FEWEST // len(TEXTS) + 1))[:FEWEST])
    assert np.abs(many[: len(TEXTS)] - few).max() < 1e-9
    monkeypatch.setattr(FastText, "predict_proba", lambda _self, texts: np.zeros((len(texts), 3)))
    assert not THREE.predict_proba(TEXTS * FEWEST).any()
