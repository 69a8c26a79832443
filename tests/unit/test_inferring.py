"""The label of each item, for every kind of control whose answers are labels."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from labelwright.app.inference import TIE_RULE, UNSETTLED, infer, methods_of
from labelwright.app.inferring.classes import infer_classes
from labelwright.model.project import Annotation, AnnotationSet, Item
from labelwright.model.schema import Control, Kind, Schema
from labelwright.model.values import Answer, Choice, Entry, Number, Preference, Ranking, Text

CROWDS = Path(__file__).parents[3] / "shared" / "datasets" / "crowds"


def asked(kind, rows, classes=()):
    """What is inferred from rows of (item, annotator, value)."""
    control = Control("q", "Any", kind, ("t",), classes)
    answers = [Annotation(str(k), i, a, Answer((Entry("q", "t", v),))) for k, (i, a, v) in enumerate(rows)]
    items = {i: Item(i, {}) for i, _, _ in rows}
    return infer(AnnotationSet(Schema("<View/>", (control,), (), ()), items, tuple(answers), {}), control)


def crowd_of(n_items=200, accuracy=0.85, n_annotators=5, seed=0):
    """Truth by item, and rows of simulated annotators."""
    rng = np.random.default_rng(seed)
    truth = rng.choice(["A", "B", "C"], n_items)
    rows = []
    for a in range(n_annotators):
        said = np.where(rng.random(n_items) < accuracy, truth, rng.choice(["A", "B", "C"], n_items))
        rows += [(f"i{k:03}", f"p{a}", str(label)) for k, label in enumerate(said)]
    return {f"i{k:03}": str(t) for k, t in enumerate(truth)}, rows


def frame(rows):
    return pl.DataFrame(rows, schema=["item", "annotator", "label"], orient="row")


def test_a_class_comes_with_its_distribution_and_method():
    """Protects what exports and screens show: a label, its probability, all others', the estimator, the votes."""
    truth, rows = crowd_of()
    found = asked(Kind.CHOICE, [(i, a, Choice((label,))) for i, a, label in rows], ("A", "B", "C"))
    assert np.mean([found[i].label == t for i, t in truth.items()]) > 0.9
    one = found["i000"]
    assert (one.method, one.votes) == ("AnchoredDawidSkene", 5)
    assert one.distribution[one.label] == pytest.approx(one.posterior)
    assert sum(one.distribution.values()) == pytest.approx(1, abs=1e-3)
    assert methods_of(found.values()) == "AnchoredDawidSkene"


def test_contested_is_what_the_rule_says():
    """Protects the sentence that manifests carry: ties, and unsure labels whose answers differ, and nothing else."""
    rows = [("tie", "a", "X"), ("tie", "b", "Y"), ("one", "a", "X"), ("two", "b", "Y"), ("same", "a", "X")]
    found = infer_classes(frame([*rows, ("same", "b", "X"), ("also", "a", "Y"), ("also", "b", "Y")]), {})
    assert {i for i, x in found.items() if x.contested} == {"tie"}
    assert str(UNSETTLED) in TIE_RULE
    rows = crowd_of(accuracy=0.5, n_annotators=2)[1]
    for x in infer_classes(frame(rows), {}).values():
        top = sorted(x.distribution.values())[-2:]
        tied = len(top) > 1 and top[1] - top[0] < 1e-9
        assert x.contested == (tied or (x.differing and x.posterior < UNSETTLED))


def test_known_labels_stand_and_calibrate():
    """Protects gold: its items get their known label, and posteriors come to what gold says is true."""
    truth, rows = crowd_of(accuracy=0.6, n_annotators=3, n_items=900)
    gold = {i: truth[i] for i in sorted(truth)[:300]}
    found = infer_classes(frame(rows), gold)
    assert all(found[i].label == t and found[i].method == "gold" and not found[i].contested for i, t in gold.items())
    others = [x for i, x in found.items() if i not in gold]
    assert {x.method for x in others} != {"AnchoredDawidSkene"}
    assert all(x.method.endswith("calibrated") for x in others)
    right = np.mean([found[i].label == t for i, t in truth.items() if i not in gold])
    assert abs(np.mean([x.posterior for x in others]) - right) < 0.06


@pytest.mark.skipif(not CROWDS.exists(), reason="the shared data sets are not here")
def test_contested_labels_are_a_coin_toss_and_the_others_are_not():
    """Protects the threshold of docs/adr/009 on real crowds with two answers an item."""
    text = {"item": pl.String, "annotator": pl.String, "label": pl.String, "truth": pl.String}
    kept, left = [], []
    for name in ("d_product", "s4_dog", "rte", "snow_temp", "sentpol_sp"):
        labels = pl.read_csv(CROWDS / f"{name}.labels.csv", schema_overrides=text)
        truth = dict(pl.read_csv(CROWDS / f"{name}.truth.csv", schema_overrides=text).iter_rows())
        order = np.random.default_rng(0).random(labels.height)
        two = labels.with_columns(pl.Series("u", order)).sort("u").group_by("item", maintain_order=True).head(2)
        found = infer_classes(two.drop("u"), {})
        kept.append(np.mean([x.label == truth[i] for i, x in found.items() if i in truth and not x.contested]))
        left.append(np.mean([x.label == truth[i] for i, x in found.items() if i in truth and x.contested]))
    assert np.mean(left) < 0.62
    assert np.mean(kept) > np.mean(left) + 0.15


def test_a_set_is_inferred_class_by_class():
    """Protects multi-label consensus: the set may be one that nobody gave as a whole."""
    rows = [("i", "a", ("A", "B")), ("i", "b", ("A", "C")), ("i", "c", ("B", "A"))]
    rows += [(f"x{k}", p, ("A", "B") if k % 2 else ("C",)) for k in range(20) for p in "abc"]
    found = asked(Kind.CHOICES, [(i, a, Choice(v)) for i, a, v in rows], ("A", "B", "C"))
    assert found["i"].label == "A + B"
    assert found["i"].value == Choice(("A", "B"))
    assert found["i"].distribution["A"] > 0.9
    assert found["x0"].value == Choice(("C",))


def test_ratings_fall_on_a_step_between_the_answers():
    """Protects ratings: the latent score corrects a severe rater, but never leaves what was answered."""
    rng = np.random.default_rng(1)
    true = rng.integers(2, 5, 60)
    rows = [(f"i{k}", "a", Number(float(t))) for k, t in enumerate(true)]
    rows += [(f"i{k}", "b", Number(float(t))) for k, t in enumerate(true)]
    rows += [(f"i{k}", "severe", Number(float(t - 1))) for k, t in enumerate(true)]
    found = asked(Kind.RATING, [*rows, ("alone", "a", Number(5.0))])
    assert np.mean([found[f"i{k}"].label == str(t) for k, t in enumerate(true)]) > 0.95
    assert found["alone"].label == "5"
    assert not found["i0"].contested
    assert sum(found["i0"].distribution.values()) == pytest.approx(1, abs=1e-3)


def test_texts_rankings_and_preferences():
    """Protects the answers that are no classes: a text somebody wrote, an order, a side."""
    texts = [("t", p, Text((s,))) for p, s in (("a", "the red car"), ("b", "the red car"), ("c", "a read car"))]
    found = asked(Kind.TEXT, [*texts, ("u", "a", Text(("yes",))), ("u", "b", Text(("no",)))])
    assert (found["t"].label, found["t"].contested, found["u"].contested) == ("the red car", False, True)
    orders = {"a": "xyz", "b": "xzy", "c": "xyz"}
    rank = asked(Kind.RANKING, [("r", p, Ranking((("rank", tuple(o)),))) for p, o in orders.items()])
    assert rank["r"].label == "rank: x > y > z"
    assert rank["r"].posterior == pytest.approx(8 / 9)
    side = asked(Kind.PAIRWISE, [("p", a, Preference("left")) for a in "abc"])
    assert (side["p"].label, side["p"].contested) == ("left", False)


def test_buckets_are_chosen_by_vote():
    """Protects rankings into buckets: the bucket that most chose, the order within it from the scores."""
    given = [(("good", ("x", "y")), ("bad", ("z",)))] * 2 + [(("good", ("x",)), ("bad", ("z", "y")))]
    found = asked(Kind.RANKING, [("r", p, Ranking(b)) for p, b in zip("abc", given, strict=True)])
    assert found["r"].value == Ranking((("good", ("x", "y")), ("bad", ("z",))))
