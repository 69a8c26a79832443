"""A model of spans: tokens and tags, the random field against enumeration, and a project that learns from marked texts."""

from __future__ import annotations

import csv
import itertools
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwright.adapters.labelstudio.config import read_config
from labelwright.adapters.labelstudio.templates import render
from labelwright.adapters.learners.compiled_chain import best_paths, expectations
from labelwright.adapters.learners.registry import load_learner
from labelwright.adapters.learners.tagger import SpanLearner
from labelwright.adapters.predictions import read_predictions, write_predictions
from labelwright.app import training
from labelwright.app.marking import labels_to_learn
from labelwright.app.models import predictions
from labelwright.app.scoring import score_pool
from labelwright.app.selection import select
from labelwright.app.suggesting import ModelSuggester
from labelwright.bootstrap import open_workspace
from labelwright.entry.cli.init import Start, make_workspace
from labelwright.entry.cli.output import Bar
from labelwright.learning.spans import read_marks, runs, span_f1, tags_of, tokens, trimmed, written
from labelwright.model.consensus import FINAL, ConsensusState, ItemConsensus
from labelwright.model.errors import DataError, LabelwrightError, UsageError
from labelwright.model.values import Answer, Entry, Span
from support.exports import real

NAMES = ["Ada Lovelace", "Alan Turing", "Grace Hopper", "Emmy Noether", "Kurt Gödel"]
PLACES = ["London", "Princeton", "New York", "Göttingen", "Wien"]
FRAMES = [
    "{a} lived in {b} .",
    "In {b} we met {a} .",
    "Nobody knew {a} .",
    "It rains in {b} today .",
    "Nothing to see .",
]


def sentences(n: int) -> list[tuple[str, list[tuple[int, int, str]]]]:
    """Made-up sentences with people and places in them."""
    rng, found = np.random.default_rng(0), []
    for k in range(n):
        a, b = rng.choice(NAMES), rng.choice(PLACES)
        text = FRAMES[k % len(FRAMES)].format(a=a, b=b)
        marks = [
            (text.find(x), text.find(x) + len(x), label) for x, label in ((a, "Person"), (b, "Place")) if x in text
        ]
        found.append((text, marks))
    return found


# ---------------------------------------------------------------- tokens and tags


@given(st.text(max_size=40), st.data())
def test_spans_of_whole_tokens_survive_the_tags(text, data):
    """What people mark in whole tokens is what tags give back, in any script."""
    places = tokens(text)
    assert all(not text[a:b].isspace() for a, b in places)
    edges = sorted(data.draw(st.sets(st.integers(0, max(len(places) - 1, 0)), max_size=4))) if places else []
    marks = [(places[a][0], places[b][1], "x") for a, b in zip(edges[::2], edges[1::2], strict=False)]
    tags = tags_of(places, marks)
    assert [(places[a][0], places[b][1], label) for a, b, label in runs(tags)] == sorted(marks)


def test_spans_that_cut_tokens_or_each_other():
    """A touched token counts whole, the longer of two wins, scripts without spaces are read sign by sign."""
    places = tokens("New York 12am")
    assert tags_of(places, [(1, 6, "a"), (4, 8, "b"), (9, 11, "t")]) == ["B-a", "I-a", "B-t", "O"]
    assert len(tokens("東京に行く")) == 5
    assert trimmed("a  b ", (1, 5, "x")) == (3, 4, "x")
    assert trimmed("    ", (1, 3, "x")) == (1, 3, "x")
    assert read_marks(written([(3, 4, "b"), (0, 1, "a"), (3, 4, "b")])) == [(0, 1, "a"), (3, 4, "b")]
    with pytest.raises(UsageError, match="Not a list of spans"):
        read_marks("Positive")


def test_f1_counts_whole_spans_and_has_an_interval():
    """One of two predicted is right, one of three true is found: F1 is 2/5; no span at all is undefined, not 0."""
    said = [[(0, 3, "a"), (5, 7, "b")], []]
    true = [[(0, 3, "a"), (5, 8, "b")], [(0, 1, "a")]]
    found = span_f1(said, true, np.random.default_rng(0))
    assert found.value == pytest.approx(0.4)
    assert found.low < found.value < found.high
    assert span_f1(said, true, np.random.default_rng(0), label="a").value == pytest.approx(2 / 3)
    assert span_f1([[]], [[]], np.random.default_rng(0)).value is None


# ---------------------------------------------------------------- the random field


def test_the_chain_gives_what_all_paths_together_give():
    """Log of the sum, marginals and the best path against an enumeration of every path, forbidden links included."""
    rng = np.random.default_rng(1)
    scores, first, links = rng.normal(size=(7, 3)), rng.normal(size=3), rng.normal(size=(3, 3))
    links[0, 2] = first[2] = -np.inf
    ends, marginals = np.array([4, 4, 7]), np.zeros((7, 3))
    logs, of_links, _ = expectations(scores, np.exp(first), np.exp(links), ends, np.array([1.0, 1.0, 0.5]), marginals)
    path, totals = best_paths(scores, first, links, ends)
    for k, (start, end) in enumerate([(0, 4), (4, 4), (4, 7)]):
        every = {
            way: first[way[0]]
            + sum(scores[start + t, tag] for t, tag in enumerate(way))
            + sum(links[a, b] for a, b in itertools.pairwise(way))
            for way in itertools.product(range(3), repeat=end - start)
            if way
        }
        if not every:
            assert logs[k] == 0
            continue
        total = np.logaddexp.reduce(list(every.values()))
        assert logs[k] == pytest.approx(total)
        assert totals[k] == pytest.approx(max(every.values()))
        assert tuple(path[start:end]) == max(every, key=lambda way: every[way])
        at_one = sum(np.exp(v - total) for way, v in every.items() if way[1] == 1)
        assert marginals[start + 1, 1] == pytest.approx(at_one)
    assert of_links.sum() == pytest.approx(3 + 0.5 * 2)


def test_it_learns_real_requests():
    """From 150 real utterances it finds most spans in 300 others; how sure it is tells right from wrong."""
    rows = json.loads(real("text", "restaurant8k_spans_test.json").read_text("utf-8"))
    order = np.random.default_rng(0).permutation(len(rows))[:450]
    texts = [rows[i]["userInput"]["text"] for i in order]
    labels = [
        written(
            (x["valueSpan"].get("startIndex", 0), x["valueSpan"]["endIndex"], x["slot"])
            for x in rows[i].get("labels", [])
        )
        for i in order
    ]
    learner = SpanLearner()
    learner.fit(texts[:150], labels[:150], None, 0)
    said = learner.tag(texts[150:])
    found = span_f1(
        [[span[:3] for span in t.spans] for t in said], [read_marks(x) for x in labels[150:]], np.random.default_rng(0)
    )
    assert found.value > 0.6
    right = np.array([written(s[:3] for s in t.spans) == x for t, x in zip(said, labels[150:], strict=True)])
    sure = np.array([t.confidence for t in said])
    assert sure[right].mean() > sure[~right].mean() + 0.2


def test_what_teaches_nothing_is_refused_and_weights_count(tmp_path):
    """No spans, no texts: a reason. A text of weight 0 is as good as absent. A file of another kind is no model."""
    learner = SpanLearner()
    for texts, labels in (([], []), (["a b"], ["[]"]), ([None], ['[[0, 1, "x"]]'])):
        with pytest.raises(LabelwrightError):
            learner.fit(texts, labels, None, 0)
    with pytest.raises(LabelwrightError, match="not learned"):
        learner.tag(["a"])
    pairs = sentences(20)
    texts, labels = [t for t, _ in pairs], [written(m) for _, m in pairs]
    learner.fit([*texts, "Ada"], [*labels, '[[0, 3, "Robot"]]'], np.array([1.0] * 20 + [0.0]), 0)
    assert learner.classes == ("Person", "Place")
    assert learner.tag([None, ""])[0] is None
    assert learner.tag([None, ""])[1].spans == ()
    assert np.isnan(learner.predict_proba([None, "x"])[0]).all()
    learner.save(tmp_path / "m.skops")
    again = load_learner(tmp_path / "m.skops")
    assert again.tag(texts) == learner.tag(texts)
    (tmp_path / "bad.skops").write_bytes(b"no model")
    with pytest.raises(DataError):
        SpanLearner.load(tmp_path / "bad.skops")


# ---------------------------------------------------------------- a project


@pytest.fixture
def project(tmp_path):
    """A pool of made-up sentences under the template for named entities; half of them settled."""
    pairs = sentences(120)
    with (tmp_path / "pool.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["id", "text"], *([f"s{k}", f"{t} ({k})"] for k, (t, _) in enumerate(pairs))])
    xml = render("ner", ["Person", "Place"])
    start = Start(
        root=tmp_path / "ws",
        schema_xml=xml,
        guidelines="# Task\n",
        name="Test",
        data=tmp_path / "pool.csv",
        columns={},
        data_settings={"id": "id"},
        sections={},
    )
    make_workspace(start, read_config(xml), Bar(quiet=True))
    made = open_workspace(start.root).project()
    control, items = made.control, made.pool.items(list(range(60)))
    made.store.add_assignments({item.id: (item, row) for row, item in enumerate(items)}, [])
    kept = []
    for item, (_, marks) in zip(items, pairs, strict=False):
        text = item.data["text"]
        entries = [Entry(control.name, control.to[0], Span(a, b, text[a:b]), (name,), f"r{a}") for a, b, name in marks]
        answer = tuple(made.codec.encode(Answer(tuple(entries))))
        kept.append(
            ItemConsensus(item.id, control.name, ConsensusState.ACCEPTED, answer=answer, posterior=0.9, votes=2)
        )
    kept[3] = ItemConsensus(kept[3].item, control.name, ConsensusState.EXCLUDED, votes=2)
    kept[4] = ItemConsensus(kept[4].item, control.name, ConsensusState.CONTESTED, votes=2)
    made.store.put_consensus(kept, unless=FINAL)
    return made


def test_a_project_that_marks_spans_learns_suggests_and_chooses(project, tmp_path):
    """Consensus of spans to a model in use, its F1, suggestions that the screen takes, scores, and the next batch."""
    labels = labels_to_learn(project)
    assert len(labels) == 59
    assert [i for i, x in labels.items() if x.contested] == ["s4"]
    truth = {f"s{k}": labels[f"s{k}"].label for k in range(40, 60)}
    learner = open_workspace(project.root).new_learner(project)
    trained = training.train(project, learner, labels, set(truth), number=1)
    assert trained.training_items == 38
    found = training.evaluate(project, trained.version, truth, "test")
    assert found.f1.value > 0.9
    assert set(found.by_class) == {"Person", "Place"}
    assert training.promote(project, trained.version, truth).promoted
    items = project.pool.items(list(range(60, 75)))
    suggested = [s for s in ModelSuggester(project).suggest(items) if s]
    assert len(suggested) >= 10
    for one in suggested:
        assert project.check(json.dumps(list(one.result))) == ()
        assert all(0 <= line["score"] <= 1 for line in one.result)
    assert score_pool(project, 1, Bar(quiet=True)) == 120
    chosen = select(project, 2, 10, apart=np.empty(0, dtype=np.int64))
    assert (chosen.strategy, len(chosen.rows)) == ("hybrid", 10)
    for strategy in ("least_confidence", "margin", "entropy", "badge"):
        assert select(project, 2, 10, apart=np.empty(0, dtype=np.int64), strategy=strategy).strategy == strategy
    out = tmp_path / "said.parquet"
    assert write_predictions(out, predictions(project, None, Bar(quiet=True))) == 120
    assert len(read_predictions(out, project.control.classes)) >= 110


def test_a_model_of_classes_is_refused_for_spans(project):
    """The settings name a kind that marks nothing: the round says which one does."""
    project.settings.model.__dict__["kind"] = "text"
    assert "auto does" in (training.no_model(project) or "")
