"""What the rounds have learned, in the report: curves with random beside them, for each class too, and class shares."""

from __future__ import annotations

from dataclasses import replace

import pytest

from labelwright.app.annotations import annotation_set
from labelwright.app.report import build_report, document_of
from labelwright.app.report.learned import what_was_learned
from labelwright.app.settling import settle
from labelwright.app.tables import tables_of
from labelwright.entry.render.html import render_html
from labelwright.entry.render.learned import class_pictures, curve_picture, share_rows
from labelwright.entry.render.terminal import print_report
from labelwright.learning.accuracy import wilson
from labelwright.model.learned import ModelRecord, ModelState
from labelwright.model.measure import Measure
from labelwright.model.project import Purpose, RoundRecord, RoundState
from support.people import START, crew

CLASSES = ["Positive", "Negative", "Neutral"]


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """Three closed rounds with models of their own; 30 answers, of which ten are to test items and ten to random ones."""
    team = crew(tmp_path_factory.mktemp("ws"), n=90)
    team.join("ada")
    for k in range(30):
        team.give("ada", f"s{k}", Purpose.TEST if k < 10 else Purpose.LABEL)
    team.work("ada", lambda a: CLASSES[0] if int(a.item[1:]) % 2 else CLASSES[1])
    settle(team.project)
    store = team.project.store
    for n in (1, 2, 3):
        said = {"random_items": [f"s{k}" for k in range(10, 20)], "near_duplicates": 2} if n == 2 else {}
        store.open_round(RoundRecord(n, RoundState.OPEN, "hybrid", START, None, said), {}, [])
        measures = {c: Measure(0.5 + n / 10, 0.4 + n / 10, 0.6 + n / 10, 20).as_dict() for c in CLASSES}
        card = {"evaluation": {"by_class": measures}}
        store.put_model(ModelRecord(f"round-{n}", "text", ModelState.CURRENT, START, n, "", card))
        accuracy = Measure(0.6 + n / 20, 0.55 + n / 20, 0.65 + n / 20, 100).as_dict()
        random = Measure(0.6 + n / 40, 0.5, 0.7, 100).as_dict() if n > 1 else Measure(None, reason="none yet").as_dict()
        store.close_round(n, START, {**said, "labels": n * 10, "accuracy": accuracy, "random_accuracy": random})
    return team.project


def test_shares_rest_on_what_chance_chose(project):
    """Ten test items and ten random ones: half of them are Positive, with Wilson's interval; chosen items do not count."""
    found = what_was_learned(project)
    assert found.random_items == 20
    assert found.near_duplicates == 2
    shares = dict(found.shares)
    assert (shares["Positive"].low, shares["Positive"].high) == wilson(10, 20)
    assert shares["Positive"].value == shares["Negative"].value == 0.5
    assert shares["Neutral"].value == 0
    assert share_rows(found)[0][1] == "50.0%"


def test_the_report_shows_the_rounds_in_every_form(project):
    """JSON has every number, the page both pictures, the terminal the tables; names of classes are never markup."""
    annotations = annotation_set(project)
    report = build_report(tables_of(annotations), "here")
    report = replace(report, learned=what_was_learned(project), simulated="A simulation.")
    document = document_of(report)["learned"]
    assert [r["by_class"]["Negative"]["value"] for r in document["rounds"]] == pytest.approx([0.6, 0.7, 0.8])
    assert document["rounds"][0]["random_accuracy"]["value"] is None
    assert document["near_duplicates"] == 2
    page = render_html(report)
    assert page.count("<svg") >= 2
    assert "as many labels, drawn at random" in page
    assert "Classes in the pool" in page
    print_report(report)
    bad = replace(report.learned.points[-1], by_class={"<b>x": Measure(0.5, 0.4, 0.6, 9)})
    svg = class_pictures(replace(report.learned, points=(bad, bad)))
    assert "<b>" not in svg
    assert "&lt;b&gt;x" in svg


def test_one_round_is_no_curve(project):
    """A picture of one point would say nothing; a project without a round has no such part."""
    found = what_was_learned(project)
    first = replace(found, points=found.points[:1])
    assert curve_picture(first, None) is None
    assert class_pictures(first) is None
