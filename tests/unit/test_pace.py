"""The batch follows the team, on a real store whose answers are made up."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from labelwright.app.pace import hungriest_first, next_batch, pace
from labelwright.model.desk import DeskRecord
from support.learned import workspace

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


class Store:
    """A store whose throughput and queue are as told; all else is real."""

    def __init__(self, real, answers, queue):
        self._real, self._answers, self._queue = real, answers, queue

    def __getattr__(self, name):
        return getattr(self._real, name)

    def throughput(self, _width):
        return self._answers

    def counts(self):
        return {(annotator, "label", "planned"): n for annotator, n in self._queue.items()}


@pytest.fixture
def project(tmp_path):
    made = workspace(tmp_path, n=30, sections={"sampling": {"days_of_work": 2.0}}).project()
    return replace(made, clock=SimpleNamespace(now=lambda: NOW))


def at_work(project, answers, queue):
    return replace(project, store=Store(project.store, answers, queue))


DAY = [("2026-03-09T12", "ada", 60), ("2026-03-09T18", "bob", 20), ("2026-02-01T09", "bob", 900)]


def test_only_the_last_week_tells_the_pace(project):
    """A team that is held to be fast because it was in February."""
    assert pace(at_work(project, DAY, {})) == {"ada": 60.0, "bob": 20.0}
    assert pace(at_work(project, [("2026-03-10T12", "ada", 6)], {})) == {"ada": 144.0}


def test_the_batch_is_what_two_days_take_less_what_waits(project):
    """A hundred items a round whoever is there to label them."""
    assert next_batch(at_work(project, DAY, {"ada": 40}), 100, 1.2).items == 100
    assert next_batch(at_work(project, DAY, {"ada": 100}), 100, 1.2).items == 50
    stuck = next_batch(at_work(project, DAY, {"ada": 400}), 100, 1.2)
    assert stuck.items == 10
    assert stuck.reason.startswith("no less than a tenth")
    assert next_batch(at_work(project, [], {}), 100, 1.2).reason == "the throughput is not known yet"


def test_without_the_setting_the_batch_is_as_set(project):
    """A default that moves under somebody's budget."""
    settings = project.settings
    off = settings.model_copy(update={"sampling": settings.sampling.model_copy(update={"days_of_work": None})})
    assert next_batch(replace(at_work(project, DAY, {"ada": 400}), settings=off), 100, 1.2).items == 100


def test_the_desk_that_runs_dry_first_is_filled_first(project):
    """A fast annotator before an empty desk while a slow one's is filled."""
    desks = [DeskRecord(k, name, "work", "http://x") for k, name in enumerate(("ada", "bob", "cem"))]
    found = hungriest_first(at_work(project, DAY, {"ada": 30, "bob": 30, "cem": 0}), desks)
    assert [desk.annotator for desk in found] == ["cem", "ada", "bob"]
