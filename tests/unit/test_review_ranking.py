"""The order in which labels are accepted: by posterior, by class, and by what their own answers say against them."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwright.consensus.refit import Answers, Refit, dissent, refit
from labelwright.review import fit_ranker

NOBODY = (np.zeros((0, 2)), np.zeros(0), np.zeros(0, dtype=bool))


def answers(rows, n_annotators, n_classes=2):
    """Answers of (item, annotator, label) rows that are sorted by item; all are taken."""
    item, annotator, label = (np.array(column, np.int32) for column in zip(*rows, strict=True))
    sizes = np.bincount(item)
    return Answers(np.concatenate(([0], np.cumsum(sizes))), sizes, annotator, label, n_annotators, n_classes)


def test_dissent_is_the_evidence_of_the_outvoted_answers():
    """By each annotator's channel: a skilled one who was outvoted tells more against a label than a careless one."""
    skill = [0.9, 0.6, 0.8]
    channel = np.array([[[s, 1 - s], [1 - s, s]] for s in skill])
    fit = Refit(np.array([[0.9, 0.1], [0.8, 0.2], [0.99, 0.01]]), channel, np.array([0.5, 0.5]), 0.7, 1)
    table = answers([(0, 0, 1), (0, 1, 0), (0, 2, 0), (1, 1, 1), (1, 2, 0), (2, 0, 0), (2, 1, 0)], 3)
    assert dissent(table, fit) == pytest.approx([math.log(0.9 / 0.1), math.log(0.6 / 0.4), 0.0])


def test_an_answer_that_speaks_for_the_label_is_no_dissent():
    """Who errs more often than not is evidence for the class she did not name: nothing is taken away for it."""
    channel = np.array([[[0.2, 0.8], [0.8, 0.2]]])
    fit = Refit(np.array([[0.8, 0.2]]), channel, np.array([0.5, 0.5]), 0.7, 1)
    assert dissent(answers([(0, 0, 1)], 1), fit).tolist() == [0.0]


@given(st.integers(0, 2**32 - 1), st.integers(2, 4))
def test_only_items_with_differing_answers_have_dissent(seed, n_classes):
    """Whatever is fitted: never below 0, and 0 where all say what the label says."""
    rng = np.random.default_rng(seed)
    rows = [(i, a, int(rng.integers(n_classes))) for i in range(12) for a in rng.permutation(5)[:3]]
    table = answers(rows, 5, n_classes)
    fit = refit(table)
    found = dissent(table, fit)
    label = fit.posterior.argmax(axis=1)
    agreed = np.array([all(y == label[i] for k, _, y in rows if k == i) for i in range(12)])
    assert (found >= 0).all()
    assert (found[agreed] == 0).all()


def test_of_two_equally_probable_labels_the_contradicted_one_is_less_sure():
    """Before any gold: on all recorded crowds such labels were wrong more often."""
    posterior = np.array([[0.99, 0.01], [0.99, 0.01]])
    calm, contradicted = fit_ranker(*NOBODY).chance(posterior, np.array([0.0, 3.0]))
    assert contradicted < calm - 0.02


def test_gold_teaches_how_much_dissent_tells():
    """Where contradicted labels turn out right, the order minds the dissent less than before; where wrong, more."""
    posterior, against = np.tile([0.97, 0.03], (80, 1)), np.tile([0.0, 2.0], 40)

    def gap(right):
        calm, contradicted = fit_ranker(posterior, against, right).chance(posterior[:2], against[:2])
        return calm - contradicted

    harmless, telling = gap(np.ones(80, dtype=bool)), gap(against == 0)
    assert harmless < 0.05
    assert telling > 0.5


def test_draws_spread_about_the_chance_and_never_reward_dissent():
    """A plan is judged over them: none may believe that contradicted labels are the better ones."""
    ranker = fit_ranker(*NOBODY)
    posterior, against = np.tile([0.95, 0.05], (3, 1)), np.array([0.0, 1.0, 4.0])
    found = ranker.draws(posterior, against, 400, np.random.default_rng(0))
    assert (np.diff(found, axis=1) <= 1e-12).all()
    assert found[:, 0].std() > 0.02
    assert abs(np.median(found[:, 1]) - ranker.chance(posterior, against)[1]) < 0.05
