"""The report's numbers against computations that share no code with it."""

from __future__ import annotations

from collections import Counter
from itertools import combinations, permutations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from labelwright.app.report import build_report, document_of
from labelwright.app.tables import ControlTable, Tables
from labelwright.model.errors import NothingToDoError
from labelwright.model.project import Annotator
from labelwright.model.schema import Control, Kind

ROWS = [
    ("i1", "ada", "x"), ("i1", "ben", "x"), ("i1", "cleo", "y"),
    ("i2", "ada", "y"), ("i2", "ben", "y"), ("i2", "cleo", "y"),
    ("i3", "ada", "z"), ("i3", "ben", "x"), ("i3", "cleo", "z"),
    ("i4", "ada", "x"), ("i4", "ben", "z"), ("i4", "cleo", "y"),
    ("i5", "ada", "z"), ("i5", "ben", "z"),
    ("i6", "ada", "x"),
]  # fmt: skip


def tables(rows: list[tuple[str, str, str]], kind: Kind = Kind.CHOICE) -> Tables:
    labels = pl.DataFrame(rows, schema=["item", "annotator", "label"], orient="row")
    answers = labels.select(
        "item",
        "annotator",
        pl.lit("valid").alias("state"),
        pl.lit(None, pl.Float64).alias("seconds"),
        pl.lit(0, pl.Int64).alias("round"),
    )
    classes = tuple(sorted({str(r[2]) for r in rows}))
    return Tables(
        controls=(ControlTable(Control("label", "Choices", kind, ("text",), classes), labels),),
        answers=answers,
        content=lambda _: {},
        n_items=labels["item"].n_unique(),
        annotators={a: Annotator(a, a, "") for a in labels["annotator"].unique()},
    )


def document(rows: list[tuple[str, str, str]]) -> dict:
    return document_of(build_report(tables(rows), "test"))["controls"]["label"]


def alpha_by_hand(rows: list[tuple[str, str, str]]) -> float | None:
    """Krippendorff (2011): nominal alpha from the coincidence matrix, pair by pair."""
    by_item: dict[str, list[str]] = {}
    for item, _, label in rows:
        by_item.setdefault(item, []).append(label)
    coincidences: Counter[tuple[str, str]] = Counter()
    for labels in by_item.values():
        for a, b in permutations(labels, 2):
            coincidences[a, b] += 1 / (len(labels) - 1)
    totals: Counter[str] = Counter()
    for (a, _), n in coincidences.items():
        totals[a] += n
    n = sum(totals.values())
    expected = sum(totals[a] * totals[b] for a in totals for b in totals if a != b)
    observed = sum(v for (a, b), v in coincidences.items() if a != b)
    return None if not expected else 1 - (n - 1) * observed / expected


def test_pairs_are_cohens_kappa_on_the_shared_items():
    """A lead reads the kappa of a pair as what scikit-learn gives for the items that both answered."""
    given_by = {(i, a): label for i, a, label in ROWS}
    pairs = {(p["a"], p["b"]): p for p in document(ROWS)["pairs"]}
    for a, b in combinations(["ada", "ben", "cleo"], 2):
        shared = [i for i in dict.fromkeys(r[0] for r in ROWS) if (i, a) in given_by and (i, b) in given_by]
        expected = cohen_kappa_score([given_by[i, a] for i in shared], [given_by[i, b] for i in shared])
        assert pairs[a, b]["kappa"]["value"] == pytest.approx(expected, abs=1e-12)
        assert pairs[a, b]["shared_items"] == len(shared) == pairs[a, b]["kappa"]["n_items"]


def test_the_four_measures_have_their_six_keys():
    """Scripts rely on the names, on null for undefined, and on a reason beside it."""
    agreement = document(ROWS)["agreement"]
    assert set(agreement) == {"percent", "cohen_kappa_mean", "fleiss_kappa", "krippendorff_alpha"}
    for measure in agreement.values():
        assert set(measure) == {"value", "low", "high", "n_items", "n_annotations", "reason"}
    assert agreement["fleiss_kappa"]["value"] is None
    assert "varies" in agreement["fleiss_kappa"]["reason"]


@settings(max_examples=25, deadline=None)
@given(
    st.dictionaries(
        st.tuples(st.sampled_from("abcdef"), st.sampled_from(["p", "q", "r"])), st.sampled_from("xyz"), min_size=1
    )
)
def test_alpha_and_percent_by_hand(cells: dict[tuple[str, str], str]):
    """Alpha and percent agreement equal the textbook's sums on any table, or are null where those are undefined."""
    rows = [(i, a, label) for (i, a), label in cells.items()]
    found = document(rows)["agreement"]
    expected = alpha_by_hand(rows)
    if expected is None:
        assert found["krippendorff_alpha"]["value"] is None
        assert found["krippendorff_alpha"]["reason"]
    else:
        assert found["krippendorff_alpha"]["value"] == pytest.approx(expected, abs=1e-9)
    shares = []
    for item in {r[0] for r in rows}:
        labels = [r[2] for r in rows if r[0] == item]
        if len(labels) > 1:
            same = [a == b for a, b in combinations(labels, 2)]
            shares.append(sum(same) / len(same))
    if shares:
        assert found["percent"]["value"] == pytest.approx(sum(shares) / len(shares), abs=1e-12)
    else:
        assert found["percent"]["value"] is None


def test_difficult_items_come_worst_first_with_everybodys_answer():
    """The item on which all differ stands first; items on which all agree are not named."""
    difficult = document(ROWS)["difficult_items"]
    assert [d["item"] for d in difficult] == ["i4", "i1", "i3"]
    assert difficult[0]["disagreement"] == 1.0
    assert difficult[0]["contested"]
    assert {a["annotator"]: a["label"] for a in difficult[0]["answers"]} == {"ada": "x", "ben": "z", "cleo": "y"}
    assert not difficult[1]["contested"]


def test_confusion_counts_every_pair_of_answers_once():
    """The matrix holds each pair of answers to an item once: on the diagonal, or once on either side."""
    found = document(ROWS)["confusion"]
    by_item: dict[str, list[str]] = {}
    for item, _, label in ROWS:
        by_item.setdefault(item, []).append(label)
    pairs = Counter(tuple(sorted(p)) for labels in by_item.values() for p in combinations(labels, 2))
    for i, a in enumerate(found["classes"]):
        for j, b in enumerate(found["classes"]):
            assert found["counts"][i][j] == pairs[tuple(sorted((a, b)))]


def test_low_agreement_brings_remedies_and_merging_helps_where_it_should():
    """Below .4 the report names the confused pair, alpha after merging it, and items for the guidelines."""
    rows = []
    for n in range(12):
        rows += [(f"s{n}", "ada", "x" if n % 2 else "y"), (f"s{n}", "ben", "y" if n % 2 else "x")]
        rows += [(f"t{n}", "ada", "z"), (f"t{n}", "ben", "z")]
    remedies = document(rows)["remedies"]
    assert remedies["confused_classes"][0]["classes"] == ["x", "y"]
    assert remedies["confused_classes"][0]["alpha_if_merged"]["value"] == pytest.approx(1.0)
    assert remedies["guideline_items"]
    assert (
        document([(i, a, label) for i, a, label in rows if i.startswith("t")] + [("u", "ada", "x"), ("u", "ben", "x")])[
            "remedies"
        ]
        is None
    )


def test_somebody_who_answers_otherwise_stands_apart_and_a_team_of_equals_does_not():
    """Only the annotator who turns the classes round is named, and alpha without them is told."""
    rows = []
    for n in range(30):
        truth = "xy"[n % 2]
        rows += [(f"i{n}", who, truth) for who in ("ada", "ben", "cleo")] + [(f"i{n}", "dan", "yx"[n % 2])]
    found = document_of(build_report(tables(rows), "test"))
    apart = [c["annotator"] for c in found["annotator_cards"] if c["controls"]["label"]["stands_apart"]]
    assert apart == ["dan"]
    dan = next(c for c in found["annotator_cards"] if c["annotator"] == "dan")["controls"]["label"]
    assert dan["alpha_without"]["value"] == pytest.approx(1.0)
    assert dan["habits"][0]["n"] == 45


def test_the_verdict_is_sure_only_where_the_whole_interval_is():
    """Ten items on which two agree do not make a certain yes; two hundred do."""
    few = [(f"i{n}", who, "xy"[n % 2]) for n in range(10) for who in ("a", "b")]
    few[1] = ("i0", "b", "y")
    many = [(f"i{n}", who, "xy"[n % 2]) for n in range(200) for who in ("a", "b")]
    many[1] = ("i0", "b", "y")
    assert document(few)["verdict"]["level"] == "fair"
    assert document(many)["verdict"]["level"] == "good"


def test_no_overlap_is_unknown_not_zero():
    """Without an item that two answered every measure is null with a reason, and the next step says what is missing."""
    found = document([("i1", "ada", "x"), ("i2", "ben", "y")])
    assert all(m["value"] is None and m["reason"] for m in found["agreement"].values())
    assert found["verdict"]["level"] == "unknown"
    assert "two annotators" in found["verdict"]["next_step"]


def test_nothing_to_report_is_said():
    """An empty table ends in exit code 1, not in a report of zeros."""
    empty = tables(ROWS)
    with pytest.raises(NothingToDoError):
        build_report(Tables(empty.controls, empty.answers.clear(), empty.content, 0, {}), "test")
