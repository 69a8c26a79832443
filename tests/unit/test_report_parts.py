"""The parts of a report: by field, over time, by version of the guidelines, what there is, what looks wrong, who works how."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from tests.support import crew

from labelwright.adapters.labelstudio.codec import LabelStudioCodec
from labelwright.adapters.labelstudio.config import read_config
from labelwright.adapters.learners.text import TextLearner
from labelwright.adapters.reports.labelstudio import read_export
from labelwright.agreement import krippendorff_alpha
from labelwright.app.report import build_report, document_of
from labelwright.app.report.breakdown import difference_of
from labelwright.app.report.cards import wilson
from labelwright.app.tables import tables_of
from labelwright.entry.render.html import render_html
from labelwright.model.measure import Measure


@pytest.fixture(scope="module")
def annotations(tmp_path_factory):
    """The export of the simulated crew, with the second half under new guidelines."""
    path = crew.write_export(tmp_path_factory.mktemp("crew") / "export.json", 240, 4)
    found = read_export(path, LabelStudioCodec(), read_config, crew.CONFIG).annotations
    days = sorted({a.updated_at.date() for a in found.annotations})
    middle = days[len(days) // 2]
    dated = (replace(a, guidelines_version=1 + (a.updated_at.date() >= middle)) for a in found.annotations)
    return replace(found, annotations=tuple(dated))


@pytest.fixture(scope="module")
def report(annotations):
    tables = replace(tables_of(annotations), gold={"mood": truth(annotations)})
    return build_report(tables, "crew", slices=("source",), learner=TextLearner, conduct=True)


@pytest.fixture(scope="module")
def document(report):
    return json.loads(json.dumps(document_of(report)))


def truth(annotations, n=60):
    """What each text says, which is how the crew's answers were drawn."""
    said = {"happy": "Positive", "nobody": "Negative", "German": "Neutral", "late": "Mixed"}
    texts = {i: item.data["text"] for i, item in annotations.items.items()}
    return {i: label for i in sorted(texts)[:n] for word, label in said.items() if word in texts[i]}


def test_agreement_by_field_is_that_of_the_field_s_items(document, annotations):
    """Protects slices: each part's alpha is the alpha of those items, and all items are in one part."""
    found = document["controls"]["mood"]["by_slice"]["source"]
    assert [p["name"] for p in found["parts"]] == ["mail", "web"]
    assert sum(p["n_items"] for p in found["parts"]) == 240
    web = {i for i, item in annotations.items.items() if item.data["source"] == "web"}
    labels = tables_of(annotations).controls[0].labels.filter(pl.col("item").is_in(list(web)))
    assert found["parts"][1]["value"] == pytest.approx(krippendorff_alpha(labels).value)


def test_agreement_over_time_is_in_stretches_of_equal_size(document):
    """Protects the time line: stretches in order, as many items in each, an interval to each."""
    parts = document["controls"]["names"]["over_time"]["parts"]
    assert [p["name"] for p in parts] == sorted(p["name"] for p in parts)
    assert max(p["n_items"] for p in parts) - min(p["n_items"] for p in parts) <= 1
    assert all(p["low"] < p["value"] < p["high"] for p in parts)


def test_versions_of_the_guidelines_are_compared(document):
    """Protects before and after: two versions, their alphas, the difference with its interval."""
    (change,) = document["controls"]["mood"]["guideline_versions"]
    assert change["versions"] == [1, 2]
    assert change["change"]["value"] == pytest.approx(change["after"]["value"] - change["before"]["value"])
    assert change["change"]["low"] <= change["change"]["value"] <= change["change"]["high"]


def test_what_is_drawn_has_a_consensus_and_a_skill_for_each(document):
    """Protects the consensus on structures: two things an item exist, and who draws too little is seen."""
    found = document["controls"]["things"]["structure_consensus"]
    assert 440 <= found["existing"] <= 500
    skills = {a["annotator"]: a["detection"] for a in found["annotators"]}
    assert min(skills, key=skills.get) == "plain@example.org"
    assert skills["plain@example.org"] < 0.7
    assert {name for name, _ in found["distribution"].items()} >= {"Cup", "Plate"}


def test_labels_that_look_wrong_are_named(document):
    """Protects likely errors: the texts tell the class, so wrong consensus labels are found, with what is suggested."""
    doubts = document["controls"]["mood"]["doubts"]
    assert doubts["label_errors_reason"] is None
    assert doubts["n_label_errors"] >= 1
    assert all(e["label"] != e["suggested"] for e in doubts["label_errors"])
    assert doubts["n_near_duplicates"] >= 1
    first = doubts["near_duplicates"][0]
    assert first["labels"][0] != first["labels"][1]
    assert first["similarity"] >= 0.8


def test_cards_say_who_works_how(document):
    """Protects the cards: the tired, the hasty, the drifting and the copying are named, nobody who works steadily is."""
    cards = {p["name"]: p["controls"]["mood"]["conduct"] for p in document["annotator_cards"]}
    assert cards["copier"]["copies"] == ["source@example.org"]
    assert cards["tired"]["fatigue"]["found"]
    assert cards["tired"]["fatigue"]["change"] < -0.2
    for who in ("steady", "sound", "plain"):
        c = cards[who]
        assert c["copies"] == []
        assert [c[name]["found"] for name in ("drift", "fatigue", "haste")] == [False] * 3
    assert cards["steady"]["skill"]["value"] > cards["tired"]["skill"]["value"]
    assert cards["steady"]["false_alarm_rate"] == 0.05
    helped = " ".join(document["controls"]["mood"]["verdict"]["help"])
    assert "tired" in helped
    assert "copier shares more mistakes with source" in helped


def test_gold_is_on_the_cards_and_calibrates(document):
    """Protects gold: accuracy on it by annotator, and how far the posteriors lay from it."""
    cards = {p["name"]: p["controls"]["mood"]["conduct"]["gold_accuracy"] for p in document["annotator_cards"]}
    assert cards["sound"]["value"] > cards["tired"]["value"]
    assert 0 < cards["sound"]["n_items"] <= 60
    calibration = document["controls"]["mood"]["consensus"]["calibration"]
    assert calibration["n_gold"] == 60
    assert 0 <= calibration["after"] <= 1


def test_the_page_shows_it_all(report):
    """Protects the HTML: marks on the cards, speed against agreement, and the stated false-alarm rate."""
    page = render_html(report)
    for words in ("may copy", "tires", "Speed and agreement", "Agreement by source", "Agreement over time"):
        assert words in page
    assert "in at most 5 of 100" in page
    assert "Agreement by version of the guidelines" in page


def test_a_difference_of_two_intervals_covers_the_truth_as_often_as_promised():
    """Protects the comparison of what is drawn before and after new guidelines: 95 % over simulated pairs of measures."""
    rng = np.random.default_rng(4)
    inside = 0
    for _ in range(1000):
        sides = []
        for p, n in ((0.6, 40), (0.75, 60)):
            k = rng.binomial(n, p) / n
            low, high = wilson(k, n, 1.959964)
            sides.append(Measure(k, low, high, n, n))
        found = difference_of(*sides)
        inside += found.low <= 0.15 <= found.high
        assert found.n_items == 100
    assert 930 <= inside <= 975
    assert difference_of(Measure(0.5), Measure(0.6)).reason == "one of the two has no interval"
    assert difference_of(Measure(None, reason="x"), Measure(0.6)).value is None
