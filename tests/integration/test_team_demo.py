"""The team's demo, played whole at a small size: what a project ends with is all there, and adds up."""

from __future__ import annotations

import csv
import json
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from labelwright.adapters.labelstudio.install import cache_dir
from labelwright.adapters.reviews import fetch_reviews, read_reviews
from labelwright.entry.cli.output import Bar
from labelwright.entry.demo.prepare import distinct
from labelwright.entry.demo.team.cast import CAST
from labelwright.entry.demo.team.files import Size, make_files
from labelwright.entry.demo.team.harvest import harvest
from labelwright.entry.demo.team.story import play_team

pytestmark = [pytest.mark.server, pytest.mark.timeout(1500)]
#: As few sentences as certify at a low target, and so much gold that carelessness shows soon.
SMALL = Size(items=90, turn=14, shift=20, target=0.7, audits=30, gold_share=0.4)


@pytest.fixture(scope="module")
def played(tmp_path_factory, label_studio):
    """The workspace and the document that `labelwright demo --team --json` prints."""
    reviews = distinct(read_reviews(fetch_reviews(cache_dir() / "demo")))
    server = {"label_studio": {"url": label_studio.url, "token": label_studio.administrator.token}}
    bar = Bar(quiet=True)
    place = make_files(tmp_path_factory.mktemp("team") / "ws", reviews, SMALL, bar, server)
    record = play_team(place, reviews, SMALL, bar)
    return place, record, harvest(place, record, reviews)


def test_it_ends_with_a_certified_dataset(played):
    """What is exported stands under the certificate or was decided by an expert, and says that it is a simulation."""
    place, record, document = played
    verdict = document["certification"]
    assert verdict["verdict"] == "certified"
    assert verdict["accepted"] > 0
    assert verdict["errors"] <= verdict["audited"]
    assert "95 % of jobs" in verdict["statement"]
    folder = Path(document["dataset"]["path"])
    rows = [json.loads(line) for line in next(folder.rglob("*.jsonl")).read_text(encoding="utf-8").splitlines()]
    words = {a.item: a.label for a in place.project().store.adjudications()}
    gold = {g.item: g.label for g in place.project().store.gold()}
    assert len(rows) == document["dataset"]["rows"] >= verdict["accepted"] + verdict["audited"]
    certified = {i: label for i, label in record.labels.items() if i not in words}
    assert {r["id"] for r in rows} >= set(certified)
    said = {**certified, **words, **gold}
    assert [r["id"] for r in rows if r["label"] != said[r["id"]]] == []
    assert any("imulated" in p.read_text(encoding="utf-8") for p in folder.rglob("*.md"))


def test_the_careless_one_is_paused_and_nobody_else(played):
    """Dana is told why, her colleagues are left in peace, and what she had finished still counts."""
    place, _, document = played
    assert [p["name"] for p in document["team"] if p["status"] != "active"] == ["Dana"]
    store = place.project().store
    (change,) = [c for c in store.status_changes("dana") if c.after.value == "paused"]
    assert change.by == "labelwright"
    assert change.reason
    assert {"dana", "lead"} <= {m.to for m in store.messages() if m.kind == "paused"}
    mine = Counter(a.state.value for a in store.assignments(annotator="dana"))
    assert mine["done"] >= SMALL.turn
    assert mine["planned"] == mine["delivered"] == 0


def test_everybody_has_feedback_worth_reading(played):
    """Accuracy with an interval, own confusions with examples and the guidelines; no colleague, no gold that is asked."""
    place, _, document = played
    pages = {Path(p).stem: Path(p).read_text(encoding="utf-8") for p in document["feedback"]}
    assert set(pages) == {m.id for m in CAST} - {"eva", "emil"}
    project = place.project()
    active = {g.item for g in project.store.gold() if g.active and g.source.value != "adjudication"}
    texts = {str(item.data["text"]) for item in project.store.items(active).values()}
    for name, page in pages.items():
        assert "Simulated:" in page
        assert "95 % interval" in page
        assert not any(f">{m.name}<" in page or f" {m.name} " in page for m in CAST if m.id != name)
        assert not any(text in page for text in texts)
    explained = [n for n, page in pages.items() if "What the guidelines say about" in page and 'class="quote"' in page]
    assert len(explained) >= 3
    assert "Paused" in pages["dana"] or "paused" in pages["dana"]


def test_the_author_gets_a_list_of_gaps(played):
    """Neutral and Positive: what novices and regulars confuse, with sentences; Dana's own habit alone is no gap."""
    _, _, document = played
    assert {frozenset((g["class_a"], g["class_b"])) for g in document["gaps"]["pairs"]} == {
        frozenset(("Neutral", "Positive"))
    }
    text = Path(document["gaps"]["file"]).read_text(encoding="utf-8")
    assert "Simulated" in text
    assert "## [ ] Tell Neutral from Positive" in text
    assert text.count("\n- “") >= 3


def test_the_bill_adds_up_to_the_cent(played):
    """Every breakdown in the file sums to its total, and who is paid by the label earns labels times the price."""
    _, _, document = played
    path = next(p for p in document["bill"]["files"] if p.endswith(".csv"))
    rows = list(csv.DictReader(Path(path).read_text(encoding="utf-8").splitlines()))
    (total,) = [r for r in rows if r["breakdown"] == "total"]
    for name in ("by_annotator", "by_class", "by_round", "by_purpose"):
        mine = [r for r in rows if r["breakdown"] == name]
        assert sum(Decimal(r["amount"]) for r in mine) == Decimal(total["amount"]) > 0
        assert sum(int(r["answers"]) for r in mine) == int(total["answers"])
    assert {r["name"] for r in rows if r["breakdown"] == "by_purpose"} >= {"gold", "overlap", "review", "qualification"}
    (cora,) = [r for r in rows if r["breakdown"] == "by_annotator" and r["name"] == "cora"]
    assert abs(Decimal(cora["amount"]) - int(cora["answers"]) * Decimal("0.035")) <= Decimal("0.01")
    assert {r["note"] for r in rows} == {"simulated"}
