"""What the answers say is kept for every control: classes, sets, ratings, texts, spans, boxes, and what is linked."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from labelwright.adapters.labelstudio.codec import LabelStudioCodec, check_answer
from labelwright.adapters.labelstudio.config import read_config
from labelwright.adapters.reports.labelstudio import read_export
from labelwright.adapters.store.engine import open_store, sqlite_url
from labelwright.app.report import build_report
from labelwright.app.settling import current_labels, settle
from labelwright.app.tables import tables_of
from labelwright.model.consensus import ConsensusState, ItemConsensus
from labelwright.model.people import GoldItem, GoldSource
from labelwright.model.project import Annotation, AnnotationSet, Annotator, Assignment, Item, Purpose
from labelwright.model.values import Answer, Box, Choice, Entry, Relation

DATA = Path(__file__).parent / "report_data"
NOW = datetime(2026, 11, 27, 9, tzinfo=UTC)


@pytest.fixture
def store(tmp_path):
    opened = open_store(sqlite_url(tmp_path / "store.db"))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def answers():
    config = (DATA / "config.xml").read_text()
    return read_export(DATA / "label_studio_1_23_2.json", LabelStudioCodec(), read_config, config).annotations


def project_of(store, answers):
    """What settling needs of a project, on a real store and a real codec."""
    store.add_assignments({i: (item, None) for i, item in answers.items.items()}, [])
    return SimpleNamespace(
        control=answers.schema.controls[0],
        store=store,
        codec=LabelStudioCodec(),
        clock=SimpleNamespace(now=lambda: NOW),
    )


def test_every_control_of_a_real_export_is_settled(store, answers):
    """Each item has a record for each control that somebody answered, and its answer fits the config."""
    settled = settle(project_of(store, answers), answers)
    records = store.consensus()
    assert settled.written == len(records) > 0
    assert {r.control for r in records} == {c.name for c in answers.schema.controls}
    assert not settled.broken
    codec = LabelStudioCodec()
    for r in records:
        assert r.method
        assert r.votes > 0
        assert r.updated_at == NOW
        assert 0 <= r.posterior <= 1
        lines = [dict(line) for line in r.answer]
        assert codec.encode(codec.decode(json.dumps(lines), answers.schema)) == lines
        assert not [
            p
            for p in check_answer(codec.decode(json.dumps(lines), answers.schema), answers.schema)
            if "required" not in p.lower()
        ]
    drawn = [r for r in records if r.control == "things" and r.answer]
    assert all(r.label is None for r in drawn)
    assert {line["type"] for r in drawn for line in r.answer} == {"rectanglelabels"}
    assert {line["original_width"] for r in drawn for line in r.answer} <= {1, *range(2, 10_000)}
    sets = [r for r in records if r.control == "topics"]
    assert all(set(r.distribution) >= set(r.answer[0]["value"]["choices"]) for r in sets if r.answer)


def test_a_second_time_writes_nothing(store, answers):
    """Settling is safe to repeat, and says how much is new."""
    project = project_of(store, answers)
    settle(project, answers)
    assert settle(project, answers).written == 0


def test_decisions_stay_and_vanished_answers_open_the_item(store, answers):
    """An adjudication is never taken back; an item whose answers were deleted is open again, with nothing known."""
    project = project_of(store, answers)
    settle(project, answers)
    one, other = store.consensus("sentiment")[:2]
    word = ItemConsensus(one.item, "sentiment", ConsensusState.ADJUDICATED, "Neutral", method="expert", by="eve")
    store.put_consensus([word])
    left = replace(answers, annotations=tuple(a for a in answers.annotations if a.item not in {one.item, other.item}))
    settle(project, left)
    kept = {r.item: r for r in store.consensus("sentiment", [one.item, other.item])}
    assert kept[one.item] == word
    assert (kept[other.item].state, kept[other.item].label, kept[other.item].votes) == (ConsensusState.OPEN, None, 0)


def test_an_item_is_open_while_an_answer_is_to_come(store, answers):
    """What waits on a desk may still change the label: only when nothing waits is it accepted or contested."""
    project, item = project_of(store, answers), answers.valid[0].item
    store.put_annotator(Annotator("ada", "Ada", "ada@example.org"))
    store.add_assignments({}, [Assignment("k", item, "ada", Purpose.OVERLAP, 1, 0)])
    settled = settle(project, answers)
    (record,) = store.consensus("sentiment", [item])
    assert record.state is ConsensusState.OPEN
    assert record.label is not None
    assert settled.states["sentiment"][ConsensusState.OPEN] == 1


CONFIG = """<View><Image name="img" value="$image"/>
<RectangleLabels name="box" toName="img"><Label value="Car"/><Label value="Van"/></RectangleLabels>
<Choices name="state" toName="img" perRegion="true"><Choice value="new"/><Choice value="old"/></Choices>
<Relations><Relation value="tows"/></Relations></View>"""


def seen(number, item, annotator, *boxes, link=True):
    """An annotator's boxes: (x, class, state), the first one linked to the second."""
    entries = []
    for k, (x, label, state) in enumerate(boxes):
        place = Box(x, 10.0, 20.0, 20.0)
        entries += [Entry("box", "img", place, (label,), f"r{annotator}{k}", {"type": "rectanglelabels"})]
        entries += [Entry("state", "img", Choice((state,)), region=f"r{annotator}{k}")]
    if link and len(boxes) > 1:
        entries += [Relation(f"r{annotator}0", f"r{annotator}1", "right", ("tows",))]
    return Annotation(str(number), item, annotator, Answer(tuple(entries)))


def test_regions_their_states_and_links_are_one_answer(store):
    """Boxes are fused, the question about each box is settled on the fused box, links join fused boxes."""
    rows = []
    for k in range(12):
        for a, shift in (("ann", 0.0), ("ben", 1.0), ("cem", 2.0)):
            odd = [(70.0, "Van", "old")] if (k, a) == (0, "cem") else []
            boxes = [(5.0 + shift, "Car", "new"), (40.0 + shift, "Van", "old" if a != "cem" else "new"), *odd]
            rows.append(seen(len(rows), f"i{k}", a, *boxes, link=a != "ben" or k > 0))
    schema = read_config(CONFIG)
    found = AnnotationSet(schema, {f"i{k}": Item(f"i{k}", {}) for k in range(12)}, tuple(rows), {})
    settle(project_of(store, found), found)
    (boxes,) = store.consensus("box", ["i0"])
    regions = [line for line in boxes.answer if line["type"] != "relation"]
    links = [line for line in boxes.answer if line["type"] == "relation"]
    assert [(r["value"]["rectanglelabels"], round(r["value"]["x"])) for r in regions] == [(["Car"], 6), (["Van"], 41)]
    ids = [r["id"] for r in regions]
    assert [(x["from_id"], x["to_id"], x["labels"]) for x in links] == [(ids[0], ids[1], ["tows"])]
    (states,) = store.consensus("state", ["i0"])
    assert [(r["id"], r["value"]["choices"]) for r in states.answer] == [(ids[0], ["new"]), (ids[1], ["old"])]
    assert boxes.state is ConsensusState.ACCEPTED
    found_measures = {m.key: m.measure for m in build_report(tables_of(found), "boxes").controls[0].structure}
    assert 0.9 < found_measures["f1_relations"].value < 1


def test_known_labels_and_decisions_stand_above_what_is_inferred(store, answers):
    """Gold, adjudications, reviews and exclusions decide what training and exports see; a reviewer is no voter."""
    project = project_of(store, answers)
    control = project.control = answers.schema.control("sentiment")
    asked = [r.item for r in settle_all(project, answers)][:4]
    store.put_gold([GoldItem(asked[0], control.name, "Neutral", GoldSource.IMPORT)])
    store.put_consensus(
        [
            ItemConsensus(asked[1], control.name, ConsensusState.ADJUDICATED, "Positive", by="eve", votes=3),
            ItemConsensus(asked[2], control.name, ConsensusState.REVIEW, "Positive"),
            ItemConsensus(asked[3], control.name, ConsensusState.EXCLUDED),
        ]
    )
    word = replace(answers.valid[0], id="r", annotator="eve", purpose=Purpose.REVIEW)
    more = replace(answers, annotations=(*answers.annotations, word))
    labels = current_labels(project, more)
    assert (labels[asked[0]].label, labels[asked[0]].method) == ("Neutral", "gold")
    assert (labels[asked[1]].label, labels[asked[1]].method) == ("Positive", "expert")
    assert labels[asked[2]].contested
    assert asked[3] not in labels
    assert labels[word.item].votes == current_labels(project, answers)[word.item].votes


def settle_all(project, answers):
    settle(project, answers)
    return project.store.consensus("sentiment")
