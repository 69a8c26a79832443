"""Known labels as truth inside the estimators: what they teach, and what they must not be used for again."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from labelwright.coding import Coded
from labelwright.consensus import (
    CANDIDATES,
    GLAD,
    MACE,
    AnchoredDawidSkene,
    DawidSkene,
    MajorityVote,
    OneCoin,
    Online,
    calibrate,
    select,
    select_calibrated,
)
from labelwright.consensus.gold import GoldCodes
from labelwright.consensus.held import HeldPasses
from labelwright.model.errors import DataError

CROWDS = Path(__file__).resolve().parents[3] / "shared" / "datasets" / "crowds"
ALL = pytest.mark.parametrize("estimator", CANDIDATES, ids=lambda e: type(e).__name__)


def crowd(n_items=200, wrong=3, right=2, seed=0):
    """Item i is class i mod 2; three of five annotators turn the classes round nine times in ten."""
    rng = np.random.default_rng(seed)
    truth = {f"i{k}": "ab"[k % 2] for k in range(n_items)}
    rows = []
    for item, label in truth.items():
        for who in range(wrong + right):
            straight = rng.random() < (0.1 if who < wrong else 0.9)
            rows.append((item, f"p{who}", label if straight else "ba"["ab".index(label)]))
    return truth, pl.DataFrame(rows, schema=["item", "annotator", "label"], orient="row")


@ALL
def test_a_known_item_has_its_label_and_no_doubt(estimator):
    """Protects gold from being outvoted, in every estimator; and says which items were given."""
    truth, table = crowd()
    gold = {i: truth[i] for i in list(truth)[:10]} | {"never answered": "a", "i50": "a class nobody chose"}
    result = estimator.fit(table, gold)
    shown = {i: (label, p) for i, label, p in result.labels.select("item", "label", "posterior").iter_rows()}
    assert all(shown[i] == (truth[i], 1.0) for i in list(truth)[:10])
    assert [result.coded.item_names[int(k)] for k in result.held] == sorted(list(truth)[:10], key=list(truth).index)
    assert np.allclose(result.posterior.sum(axis=1), 1)
    assert estimator.fit(table).held.size == 0


@pytest.mark.parametrize(
    "estimator", [DawidSkene(), AnchoredDawidSkene(), OneCoin(), GLAD()], ids=lambda e: type(e).__name__
)
def test_gold_teaches_who_is_right_where_most_are_wrong(estimator):
    """Protects the use of gold: without it the majority is believed, with 40 known items of 200 the rest comes right."""
    truth, table = crowd()
    gold = {i: truth[i] for i in list(truth)[:40]}
    rest = [i for i in truth if i not in gold]
    shares = []
    for known in (None, gold):
        labels = dict(estimator.fit(table, known).labels.select("item", "label").iter_rows())
        shares.append(np.mean([labels[i] == truth[i] for i in rest]))
    assert shares[0] < 0.2
    assert shares[1] > 0.85


def test_the_fit_with_known_items_is_that_of_the_model():
    """Protects the pass: counts, class counts and log-likelihood as the definition has them, item by item."""
    rng = np.random.default_rng(1)
    item, annotator = np.repeat(np.arange(12), 3), np.tile(np.arange(3), 12)
    coded = Coded.from_codes(item, annotator, rng.integers(0, 3, 36))
    known = GoldCodes(np.array([2, 5, 11]), np.array([0, 2, 1]))
    channel = rng.dirichlet(np.ones(3), (3, 3)).transpose(0, 2, 1)
    prior = np.array([0.5, 0.3, 0.2])
    found = HeldPasses(coded, known).expect(channel, prior, keep=True)
    counts, likelihood = np.zeros((3, 3, 3)), 0.0
    for i in range(12):
        rows = np.flatnonzero(coded.item == i)
        joint = prior * np.prod([channel[coded.annotator[r], coded.label[r]] for r in rows], axis=0)
        if i in known.item:
            joint = joint * (np.arange(3) == known.label[known.item.tolist().index(i)])
        likelihood += np.log(joint.sum())
        assert np.allclose(found.posterior[i], joint / joint.sum())
        for r in rows:
            counts[coded.annotator[r], coded.label[r]] += joint / joint.sum()
    assert np.allclose(found.counts, counts)
    assert found.log_likelihood == pytest.approx(likelihood)
    assert found.class_counts.sum() == pytest.approx(12)


def test_every_item_known_leaves_only_the_annotators_to_learn():
    """Protects the edge: nothing is left to infer, and skills are the shares of right answers."""
    truth, table = crowd()
    result = DawidSkene(credit=0).fit(table, truth)
    by_hand = (
        table.with_columns(pl.col("item").replace(truth).alias("t"))
        .group_by("annotator")
        .agg((pl.col("label") == pl.col("t")).mean())
    )
    assert dict(result.annotators.select("annotator", "skill").iter_rows()) == pytest.approx(dict(by_hand.iter_rows()))


def test_select_takes_known_labels_as_truth_and_says_so():
    """Protects `select`: chosen without knowing the gold, then taught by it; labels that must not choose are held, too."""
    truth, table = crowd()
    gold = {i: truth[i] for i in list(truth)[:40]}
    result = select(table, gold)
    assert len(result.held) == 40
    assert "40 known labels count as truth" in result.why
    few = select(table, {"i0": "a"})
    assert few.why.startswith("The robust default, as only 1 gold items have answers; 1 known")
    assert len(select(table, gold, held={}).held) == 0
    assert len(select(table, None, held={"i3": "b"}).held) == 1


def test_gold_that_was_held_calibrates_nothing():
    """Protects calibration from gold that the fit has seen: refused there, and done right by `select_calibrated`."""
    rng = np.random.default_rng(3)
    truth = {f"i{k}": "abc"[k % 3] for k in range(600)}
    rows = [
        (i, f"p{a}", t if rng.random() < 0.6 else "abc"[rng.integers(3)]) for i, t in truth.items() for a in range(3)
    ]
    table = pl.DataFrame(rows, schema=["item", "annotator", "label"], orient="row")
    gold = {i: truth[i] for i in sorted(truth)[:200]}
    with pytest.raises(DataError, match="held to 200 of the gold labels"):
        calibrate(select(table, gold), gold)
    found = select_calibrated(table, gold)
    assert len(found.result.held) == 200
    others = [(p, truth[i] == label) for i, label, p, _ in found.result.labels.iter_rows() if i not in gold]
    assert abs(np.mean([p for p, _ in others]) - np.mean([r for _, r in others])) < 0.08
    assert set(found.result.posterior.max(axis=1)[found.result.held]) == {1.0}
    assert "count as truth" in found.result.why


def test_a_held_item_stays_held_answer_by_answer():
    """Protects the online posterior: an answer cannot shake a known label, now or after the full fit."""
    truth, table = crowd()
    online = Online(DawidSkene().fit(table, {"i0": truth["i0"]}))
    assert online.add("i0", "p9", "b").label == truth["i0"]
    fresh, _ = online.refit(MajorityVote())
    assert len(fresh.held) == 1


def test_mace_without_a_second_answer_learns_from_gold():
    """Protects single answers: who is wrong on gold is trusted less."""
    truth = {f"i{k}": "ab"[k % 2] for k in range(200)}
    rows = [(i, f"p{k % 3}", t if k % 3 else "a") for k, (i, t) in enumerate(truth.items())]
    table = pl.DataFrame(rows, schema=["item", "annotator", "label"], orient="row")
    trust = dict(MACE().fit(table, truth).annotators.select("annotator", "trust").iter_rows())
    assert trust["p0"] < 0.4 < min(trust["p1"], trust["p2"])


@pytest.mark.skipif(not CROWDS.exists(), reason="the shared data sets are not here")
def test_known_labels_do_not_harm_the_others_on_real_crowds():
    """Protects the claim that gold is truth inside the fit: over 100 items drawn, the others lose nothing on average."""
    text = {"item": pl.String, "annotator": pl.String, "label": pl.String, "truth": pl.String}
    gains = []
    for name in ("s4_dog", "rte", "snow_temp", "sentpol_sp", "weather_cf", "d_sentiment"):
        labels = pl.read_csv(CROWDS / f"{name}.labels.csv", schema_overrides=text)
        truth = dict(pl.read_csv(CROWDS / f"{name}.truth.csv", schema_overrides=text).iter_rows())
        items = sorted(set(truth) & set(labels["item"]))
        gold = {items[k]: truth[items[k]] for k in np.random.default_rng(0).permutation(len(items))[:100]}
        rest = [i for i in items if i not in gold]
        shares = []
        for known in (None, gold):
            found = dict(AnchoredDawidSkene().fit(labels, known).labels.select("item", "label").iter_rows())
            shares.append(np.mean([found[i] == truth[i] for i in rest]))
        gains.append(shares[1] - shares[0])
    assert np.mean(gains) > -0.001
    assert min(gains) > -0.02
