"""A round killed at every step boundary and in the middle of its steps; two workers of which one dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from labelwright.adapters.processes import free_port, wait_until
from labelwright.app.annotations import annotation_set
from labelwright.app.intake import take_in_all
from labelwright.app.rounds import round_status
from labelwright.model.loop import Step
from labelwright.model.project import AnnotationState
from support import crashing, workspaces
from support.victims import kill_at_every_moment

pytestmark = pytest.mark.server
SETTINGS = {
    "model": {"kind": "text", "test_items": 4, "test_overlap": 1},
    "sampling": {"strategy": "margin", "batch": 6, "random_share": 0.25},
    "loop": {"mode": "auto", "lease_seconds": 5, "stop": {"rounds": 2}},
    "team": {"low_water": 10, "high_water": 30},
}


def answer(place):
    for name, label in (("ada", "Positive"), ("bob", "Negative")):
        workspaces.answer_all(place, name, label)


@pytest.mark.parametrize(
    ("to_wait", "to_end", "stride"),
    [(crashing.turn_to_wait, crashing.turn_to_end, 1), (crashing.last_to_wait, crashing.last_to_end, 7)],
    ids=["every moment of every step", "with the workflow engine, every seventh"],
)
def test_a_round_killed_at_its_moments_is_there_once(tmp_path, label_studio, to_wait, to_end, stride):
    """Its process dies at each call of store and desks in turn; what it had begun is gone on with, and done once."""
    place = workspaces.make(tmp_path / "ws", label_studio, **SETTINGS)
    workspaces.join(place, "Ada", "Bob")
    assert kill_at_every_moment(place.root, to_wait, stride=stride) >= 3
    project, desks = place.project(), place.desks()
    (record,) = project.store.rounds()
    keys = Counter(t.key for d in project.store.desks("work") for t in desks.tasks(d.project))
    assert set(keys.values()) == {1}
    answer(place)
    take_in_all(project, desks)
    assert kill_at_every_moment(place.root, to_end, stride=stride) >= 3
    (record,) = project.store.rounds()
    assert record.state.value == "closed"
    states = Counter(a.state for a in annotation_set(project).annotations)
    assert states == {AnnotationState.VALID: record.result["labels"]}
    assert record.result["accuracy"]["value"] is not None
    assert [s.step for s in project.store.steps(1) if s.finished] == list(Step)


def test_one_of_two_workers_dies_and_the_other_takes_its_round_over(tmp_path, label_studio, postgres_url):
    """Both serve one workspace on PostgreSQL; the one that turns the round is killed while it waits."""
    made = workspaces.make(tmp_path / "ws", label_studio, **SETTINGS)
    place = workspaces.configure(made, "server", database=postgres_url)
    workers = [serve(place) for _ in range(2)]
    try:
        workspaces.join(place, "Ada", "Bob")
        project = place.project()
        assert wait_until(lambda: len(project.store.workers()) == 2, timeout=240)
        assert wait_until(lambda: worker_at(project, 1, Step.WAIT), timeout=240)
        name = worker_at(project, 1, Step.WAIT)
        victim = next(w for w in workers if holds(w, name))
        os.kill(victim.pid, signal.SIGKILL)
        victim.wait(timeout=30)
        assert wait_until(
            lambda: answer(place) or len([r for r in project.store.rounds() if r.closed_at]) == 2, timeout=240
        ), round_status(project)
        by = {s.worker for s in project.store.steps() if s.round == 2}
        assert by
        assert name not in by
        assert name not in project.store.workers()
        found = annotation_set(project)
        assert {a.state for a in found.annotations} == {AnnotationState.VALID}
        assert len(found.annotations) == len({(a.item, a.annotator) for a in found.annotations})
    finally:
        for worker in workers:
            worker.kill()
            worker.wait(timeout=30)


def serve(place):
    command = [sys.executable, "-m", "labelwright", "serve", "--port", str(free_port()), "--workspace", place.root]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def worker_at(project, number, step):
    return next((s.worker for s in project.store.steps(number) if s.step is step), None)


def holds(process, name):
    """Whether the process holds the place that gives it that name."""
    number = name.rsplit("-", 1)[1]
    return any(f"-{number}.lock" in link for link in _open_files(process.pid))


def _open_files(pid):
    return [str(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir() if link.exists()]


def test_a_second_server_on_sqlite_is_refused(tmp_path, label_studio):
    """Two processes that write one SQLite file would make annotators wait; the message says what helps."""
    place = workspaces.make(tmp_path / "ws", label_studio)
    first = serve(place)
    try:
        assert wait_until(lambda: bool(list((place.state / "workers").glob("*.lock"))), timeout=240)
        command = [sys.executable, "-m", "labelwright", "serve", "--port", str(free_port()), "--workspace", place.root]
        second = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        assert second.returncode == 1
        assert "Another server serves this workspace already" in second.stderr
        assert "PostgreSQL" in second.stderr
    finally:
        first.kill()
        first.wait(timeout=30)
