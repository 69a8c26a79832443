"""The demo, played whole: its numbers are what its exported annotations say, computed here by other means."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections import Counter
from itertools import combinations
from pathlib import Path

import pytest
from sklearn.metrics import cohen_kappa_score

from labelwright.adapters.labelstudio.install import cache_dir
from labelwright.adapters.reviews import fetch_reviews, read_reviews
from labelwright.bootstrap import open_workspace
from labelwright.entry.demo import prepare

pytestmark = [pytest.mark.server, pytest.mark.timeout(1500)]


def play(root):
    command = [sys.executable, "-m", "labelwright", "demo", "--json", "--dir", str(root)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=1400, check=False, stdin=subprocess.DEVNULL)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return tmp_path_factory.mktemp("demo") / "ws"


@pytest.fixture(scope="module")
def played(root):
    return play(root)


@pytest.fixture(scope="module")
def tasks(played):
    (export,) = [e for e in played["exports"] if e["format"] == "label-studio"]
    found = json.loads((Path(export["path"]) / "label-studio.json").read_text())
    assert len(found) == export["rows"]
    return found


def answers(tasks):
    """(item's text, annotator, label) of every annotation in the export."""
    return [
        (task["data"]["text"], a["completed_by"], a["result"][0]["value"]["choices"][0])
        for task in tasks
        for a in task["annotations"]
    ]


def test_the_counts_are_those_of_the_export(played, tasks):
    """Items, annotators and annotations can be counted by hand, within the budget of 450 answers."""
    found = answers(tasks)
    assert played["annotations"] == len(found) <= 450
    assert played["annotators"] == len({who for _, who, _ in found}) == 5
    assert played["items"] == len(tasks)
    assert len({(text, who) for text, who, _ in found}) == len(found)


def test_every_answer_is_a_recorded_human_rating(tasks):
    """Nothing is invented: each label is the sign of the rating in one slot, the same slot for one annotator."""
    reviews = {r.text: r for r in prepare.distinct(read_reviews(fetch_reviews(cache_dir() / "demo")))}
    by_annotator = {}
    for text, who, label in answers(tasks):
        fits = {s for s in range(prepare.SLOTS) if prepare.class_of(reviews[text].ratings[s]) == label}
        by_annotator[who] = by_annotator.get(who, set(range(prepare.SLOTS))) & fits
    assert sorted(min(slots) for slots in by_annotator.values()) == [0, 1, 2, 3, 4]


def test_agreement_is_what_other_code_finds(played, tasks):
    """Percent, Cohen by scikit-learn, Fleiss and alpha by their definitions, from the exported annotations."""
    items = {}
    for text, who, label in answers(tasks):
        items.setdefault(text, {})[who] = label
    shared = [v for v in items.values() if len(v) >= 2]
    agreement = played["agreement"]
    pairs = [p for v in shared for p in combinations(sorted(v), 2)]
    same = [v[a] == v[b] for v in shared for a, b in combinations(sorted(v), 2)]
    assert agreement["percent"]["n_items"] == len(shared)
    assert agreement["percent"]["value"] == pytest.approx(sum(same) / len(same), abs=1e-12)
    kappas = []
    for a, b in sorted(set(pairs)):
        both = [(v[a], v[b]) for v in shared if a in v and b in v]
        kappas.append(cohen_kappa_score(*zip(*both, strict=True)))
    assert agreement["cohen_kappa_mean"]["value"] == pytest.approx(sum(kappas) / len(kappas), abs=1e-9)
    assert agreement["krippendorff_alpha"]["value"] == pytest.approx(alpha(shared), abs=1e-9)
    assert agreement["fleiss_kappa"]["value"] == pytest.approx(fleiss(shared), abs=1e-9)
    for measure in agreement.values():
        assert measure["low"] <= measure["value"] <= measure["high"]
        assert measure["reason"] is None


def alpha(items):
    """Nominal alpha from its coincidences, as in Krippendorff (2011)."""
    totals, disagreements, n = Counter(), 0.0, 0
    for votes in items:
        values = list(votes.values())
        n += len(values)
        totals.update(values)
        differing = sum(x != y for i, x in enumerate(values) for j, y in enumerate(values) if i != j)
        disagreements += differing / (len(values) - 1)
    expected = sum(totals[a] * totals[b] for a in totals for b in totals if a != b) / (n - 1)
    return 1 - disagreements / expected


def fleiss(items):
    """Fleiss (1971) for two answers an item."""
    totals = Counter(label for votes in items for label in votes.values())
    n = sum(totals.values())
    assert {len(v) for v in items} == {2}
    observed = sum(len(set(v.values())) == 1 for v in items) / len(items)
    expected = sum((c / n) ** 2 for c in totals.values())
    return (observed - expected) / (1 - expected)


def test_three_rounds_with_an_accuracy_and_its_interval(played):
    """The learning curve: labels grow, each accuracy lies in its interval, on 1,000 sentences."""
    rounds = played["rounds"]
    assert [r["round"] for r in rounds] == [1, 2, 3]
    labels = [r["labels"] for r in rounds]
    assert labels == sorted(set(labels))
    assert labels[-1] == played["annotations"]
    assert all(r["low"] < r["accuracy"] < r["high"] for r in rounds)
    assert rounds[-1]["accuracy"] > 0.45
    assert Path(played["learning_curve"]).read_text().startswith("<svg")


def test_the_reference_is_never_trained_on(played, root):
    """The 1,000 sentences that measure are in no training split."""
    with (root / "reference.csv").open() as file:
        reference = {row["id"] for row in csv.DictReader(file)}
    assert len(reference) == 1000
    (training,) = [e for e in played["exports"] if e["format"] == "jsonl"]
    splits = [Path(training["path"]) / f"{split}.jsonl" for split in ("train", "validation", "test")]
    rows = [json.loads(line) for path in splits for line in path.open()]
    assert len(rows) == training["rows"]
    assert {r["split"] for r in rows if r["id"] in reference} == {"test"}


def test_the_training_set_loads_with_the_library_that_users_use(played):
    """`load_dataset` works on the exported folder, offline."""
    datasets = pytest.importorskip("datasets")
    (export,) = [e for e in played["exports"] if e["format"] == "hf"]
    found = datasets.load_dataset(export["path"])
    assert sum(len(split) for split in found.values()) == export["rows"]
    assert set(found["train"].features["label"].names) == {"Positive", "Negative", "Neutral"}


def test_what_is_simulated_is_said_wherever_it_is_shown(played):
    """Report, curve, card and manifest say that the team is replayed."""
    places = [Path(played["report"]), Path(played["learning_curve"])]
    for export in played["exports"]:
        places += [Path(export["folder"]) / "manifest.json", Path(export["folder"]) / "dataset_card.md"]
    for place in places:
        assert "imulated" in place.read_text(), place


def test_paths_are_absolute_and_nothing_is_left_running(played, root):
    """Without a terminal it stops what it started."""
    for path in (played["report"], played["learning_curve"], *(e["path"] for e in played["exports"])):
        assert Path(path).is_absolute()
        assert Path(path).exists()
    place = open_workspace(root)
    assert place.server.running() is None
    assert place.label_studio.running() is None


def test_the_same_demo_again_counts_nothing_twice(played, root):
    """A second run finds everything done: the same numbers, not one answer more."""
    again = play(root)
    for name in ("items", "annotators", "annotations", "agreement", "rounds"):
        assert again[name] == played[name]


def test_no_secret_is_readable_by_others(root, played):
    """Passwords and tokens are for the owner's eyes, and in no log."""
    secrets = root / ".labelwright" / "secrets.json"
    assert secrets.stat().st_mode & 0o077 == 0
    assert (root / ".labelwright").stat().st_mode & 0o077 == 0
    kept = json.loads(secrets.read_text())
    hidden = [kept["admin_token"], kept["admin_password"], kept["webhook_secret"]]
    hidden += [a[k] for a in kept["accounts"].values() for k in ("password", "token")]
    shown = [p.read_text(errors="replace") for p in root.rglob("*.log")] + [json.dumps(played)]
    assert not [secret for secret in hidden for text in shown if secret in text]
