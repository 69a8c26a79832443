"""Certificates: of two tables and of a workspace, with what they claim and what they do not."""

import csv
import json
from datetime import UTC, datetime

import numpy as np
import pytest

from labelwright.adapters.labelstudio.config import read_config
from labelwright.adapters.labelstudio.templates import render
from labelwright.app.certifying import Wish, accepted_labels, certify, current_verdict
from labelwright.app.certifying_table import certify_table, draw_audit
from labelwright.app.settling import settle
from labelwright.assignment import IntakePlan
from labelwright.bootstrap import open_workspace
from labelwright.entry.cli.init import Start, make_workspace
from labelwright.entry.cli.output import Bar
from labelwright.model.certification import Certification, CertificationVerdict
from labelwright.model.desk import AnnotationRecord, DeskRecord
from labelwright.model.errors import DataError, UsageError
from labelwright.model.people import AUDIT, Adjudication
from labelwright.model.project import AnnotationState, Annotator, Purpose

NOW = datetime(2026, 11, 27, 9, tzinfo=UTC)
CLASSES = ["Negative", "Positive"]
N = 300


def crowd(skill, n=N, annotators=6, answers=4, seed=0):
    """Answers of equally skilled annotators, and the truth."""
    rng = np.random.default_rng(seed)
    truth = {f"s{k}": CLASSES[rng.integers(2)] for k in range(n)}
    rows = []
    for item, label in truth.items():
        for a in rng.choice(annotators, answers, replace=False):
            said = label if rng.random() < skill else next(c for c in CLASSES if c != label)
            rows.append((item, f"a{a}", said))
    return rows, truth


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    folder = tmp_path_factory.mktemp("certify")
    data = folder / "pool.csv"
    with data.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("id", "text"), *((f"s{k}", f"sentence {k}") for k in range(N))])
    start = Start(
        root=folder / "ws",
        schema_xml=render("text-classification", CLASSES),
        guidelines="# Task\n",
        name="Test",
        data=data,
        columns={},
        data_settings={"id": "id"},
        sections={},
    )
    make_workspace(start, read_config(start.schema_xml), Bar(quiet=True))
    return start.root


@pytest.fixture
def project(root, tmp_path):
    """A workspace whose store is new; the pool and its index are shared."""
    import shutil

    shutil.copytree(root, tmp_path / "ws")
    return open_workspace(tmp_path / "ws").project()


def fill(project, rows):
    """Answers as Label Studio would have given them."""
    items = project.pool.items(range(N))
    project.store.add_assignments({i.id: (i, k) for k, i in enumerate(items)}, [])
    control = project.control
    for a in sorted({who for _, who, _ in rows}):
        project.store.put_annotator(Annotator(a, a, f"{a}@example.org"))
    project.store.put_desk(DeskRecord(5, "a0", "work", "http://127.0.0.1/projects/5"))
    records = []
    for n, (item, who, label) in enumerate(rows, start=1):
        value = [
            {"from_name": control.name, "to_name": control.to[0], "type": "choices", "value": {"choices": [label]}}
        ]
        records.append(
            AnnotationRecord(
                n,
                5,
                n,
                f"k{n}",
                item,
                who,
                AnnotationState.VALID,
                NOW,
                NOW,
                2.0,
                Purpose.LABEL,
                1,
                json.dumps(value),
                1,
                1,
                (),
            )
        )
    project.store.apply_intake(5, IntakePlan(tuple(records)), None)
    settle(project)


def adjudicate(project, truth):
    """The expert answers everything that waits for her."""
    waiting = [r.item for r in project.store.reviews(waiting=True) if r.why == AUDIT]
    control = project.control.name
    project.store.put_adjudications(
        [Adjudication(i, control, "expert", k, truth[i], NOW, asked=AUDIT) for k, i in enumerate(waiting, start=9000)]
    )
    project.store.close_reviews(waiting, NOW)
    return waiting


def first_look(record):
    """The items that are audited first: of the smallest set, in the order of the draw."""
    smallest = set(list(record.labels)[: record.verdict.plan["candidates"]])
    return [i for i in record.drawn if i in smallest][: record.verdict.plan["looks"][0]]


def test_a_workspace_is_audited_look_by_look_until_the_verdict(project):
    """Plan once, ask the experts for the first look only, certify; the verdict is kept for card and console."""
    rows, truth = crowd(0.95)
    fill(project, rows)
    first = certify(project, Wish(target=0.9))
    assert first.verdict.verdict is Certification.AUDITING
    assert first.verdict.plan["trial"] == 100 - first.verdict.pilot, "the trial is a hundred labels, the pilot's too"
    assert certify(project, Wish(target=0.9)).drawn == first.drawn, "a plan is made once"
    asked = adjudicate(project, truth)
    assert set(asked) == set(first_look(first))
    record = certify(project, Wish(target=0.9))
    while record.verdict.verdict is Certification.AUDITING:
        assert adjudicate(project, truth)
        record = certify(project, Wish(target=0.9))
    assert record.verdict.verdict is Certification.CERTIFIED
    assert current_verdict(project) == record.verdict
    unseen = accepted_labels(project, record)
    assert len(unseen) == record.verdict.accepted
    assert np.mean([truth[i] == x for i, x in unseen.items()]) >= 0.9
    assert "right in at least 95 % of jobs" in record.verdict.statement
    assert certify(project, Wish(target=0.99)).verdict == record.verdict, "a verdict stands until --again"


def test_experts_who_contradict_each_other_never_certify_too_much(project):
    """An audited label that one of two experts calls wrong counts as wrong."""
    rows, truth = crowd(0.95)
    fill(project, rows)
    first = certify(project, Wish(target=0.9))
    adjudicate(project, truth)
    item = first_look(first)[0]
    other = next(c for c in CLASSES if c != first.labels[item])
    project.store.put_adjudications([Adjudication(item, project.control.name, "second", 1, other, NOW, asked=AUDIT)])
    look = first_look(first)
    wrong = sum(truth[i] != first.labels[i] for i in look)
    assert certify(project, Wish(target=0.9)).verdict.errors == wrong + (truth[item] == first.labels[item])


def test_labels_that_nobody_can_certify_go_to_the_expert(project):
    """A crowd that tosses coins: the reason, what would change it, the price of all; no audit is begun."""
    rows, _ = crowd(0.55)
    fill(project, rows)
    record = certify(project, Wish(target=0.95))
    assert record.verdict.verdict is Certification.NOT_CERTIFIABLE
    assert record.verdict.remedy
    assert record.verdict.to_expert == record.verdict.items
    assert project.store.reviews() == []


def test_tables_certify_without_a_workspace():
    """Draw, label, certify: the accepted labels hold what is claimed, and none of them was audited."""
    rows, truth = crowd(0.95, n=800)
    drawn = draw_audit(rows, 200, np.random.default_rng(1))
    assert len(set(drawn)) == 200
    found = certify_table(rows, {i: truth[i] for i in drawn}, Wish(target=0.9), np.random.default_rng(2))
    assert found.verdict.verdict is Certification.CERTIFIED
    assert not set(found.accepted) & set(drawn)
    assert found.verdict.accepted == len(found.accepted) > 400
    assert np.mean([truth[i] == x for i, x in found.accepted.items()]) >= 0.9
    v = found.verdict
    assert v.accepted + v.audited + v.pilot + v.to_expert == v.items == 800
    assert v.cost == len(rows) + 20 * (800 - v.accepted)


def test_false_certificates_of_tables_are_rare():
    """Labels of which 15 % are wrong throughout: at 90 % at most one job in twenty is certified (here 60)."""
    certified = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        truth = {f"s{k}": CLASSES[rng.integers(2)] for k in range(400)}
        wrong = rng.permutation(400)[:60]
        rows = [
            (i, a, x if k not in set(wrong.tolist()) else next(c for c in CLASSES if c != x))
            for k, (i, x) in enumerate(truth.items())
            for a in ("a", "b", "c")
        ]
        gold = {i: truth[i] for i in draw_audit(rows, 130, rng)}
        found = certify_table(rows, gold, Wish(target=0.9), rng)
        accuracy = np.mean([truth[i] == x for i, x in found.accepted.items()]) if found.accepted else 1.0
        certified += accuracy < 0.9
    assert certified <= 6  # 5 % of 60 is 3; more than 6 happens in 3 % of runs at the bound, and these are fixed seeds


def test_a_verdict_survives_the_store():
    """JSON and back is the same value."""
    verdict = CertificationVerdict(Certification.CERTIFIED, 0.9, 0.95, 100, accepted=60, at=NOW, plan={"looks": [10]})
    assert CertificationVerdict.from_dict(json.loads(json.dumps(verdict.as_dict()))) == verdict


def test_too_little_gold_and_wrong_numbers_are_refused():
    """Said with the next step, not computed."""
    rows, truth = crowd(0.9)
    with pytest.raises(DataError, match="too few to certify"):
        certify_table(rows, {"s0": truth["s0"]}, Wish(), np.random.default_rng(0))
    with pytest.raises(UsageError, match="between 0 and 1"):
        Wish(target=95)


def test_rounds_certify_where_a_target_is_set(project):
    """Planned at the close, driven on by what experts say, and the verdict stands: no second audit by itself."""
    from dataclasses import replace

    from labelwright.app.certifying import advance_open_audit, certify_round
    from labelwright.app.settings_people import Certify

    rows, truth = crowd(0.95)
    fill(project, rows)
    assert certify_round(project, 1) is None, "nobody asked for it"
    project = replace(project, settings=project.settings.model_copy(update={"certify": Certify(target=0.9)}))
    first = certify_round(project, 1)
    assert (first.verdict, first.round) == (Certification.AUDITING, 1)
    while current_verdict(project).verdict is Certification.AUDITING:
        assert adjudicate(project, truth)
        advance_open_audit(project)
    done = current_verdict(project)
    assert done.verdict is Certification.CERTIFIED
    assert certify_round(project, 2) == done
    assert len(project.store.certifications()) == 1


def test_a_round_plans_anew_as_long_as_nothing_was_audited(project):
    """A plan that is worth nothing has spent nothing: better labels get their audit later."""
    from dataclasses import replace

    from labelwright.app.certifying import certify_round
    from labelwright.app.settings_people import Certify

    project = replace(project, settings=project.settings.model_copy(update={"certify": Certify(target=0.97)}))
    fill(project, crowd(0.55)[0])
    assert certify_round(project, 1).verdict is Certification.NOT_CERTIFIABLE
    assert certify_round(project, 2).verdict is Certification.NOT_CERTIFIABLE
    assert [r.verdict.audited for r in project.store.certifications()] == [0, 0]
