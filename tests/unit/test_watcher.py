"""What a lead saves in her editor takes effect while the server runs."""

from __future__ import annotations

import pytest

from labelwright.bootstrap import open_workspace
from labelwright.entry.api import watcher
from labelwright.entry.api.watcher import Watcher
from labelwright.model.errors import OutsideServiceError
from support.console import console


@pytest.fixture
def seeded(tmp_path):
    with console(tmp_path / "place", 20) as made:
        yield made


def test_a_new_text_of_the_guidelines_is_one_new_version_for_everybody(seeded):
    """The server that has not looked yet and a command that has do not count up against each other."""
    server = seeded.service.console.project
    assert server.versions()[1] == 1
    path = seeded.place.root / "guidelines.md"
    path.write_text("# Task\n\nSay how it feels, in doubt Neutral.\n")
    command = open_workspace(seeded.place.root).project()
    assert [command.versions()[1], server.versions()[1], command.versions()[1]] == [2, 1, 2]
    seeded.service._watcher.turn()
    assert seeded.service.console.project.versions()[1] == 2
    assert "in doubt" in seeded.service.console.project.guidelines
    assert len(command.store.documents("guidelines")) == 2


def test_a_setting_takes_effect_and_a_broken_file_changes_nothing(seeded, monkeypatch):
    """A file that is half written is told of once; the server goes on with what it had until it can be read."""
    service, path = seeded.service, seeded.place.root / "labelwright.yaml"
    whole = path.read_text()
    before, told = service.console.project, []
    monkeypatch.setattr(watcher.log, "warning", lambda text, *more: told.append(text % more))
    path.write_text(whole + "\n  nonsense: [")
    service._watcher.turn()
    service._watcher.turn()
    assert service.console.project is before
    assert len(told) == 1
    assert "have changed" in told[0]
    path.write_text(whole.replace("name: Seeded reviews", "name: Renamed"))
    service._watcher.turn()
    assert service.console.project.settings.name == "Renamed"


def test_what_cannot_be_brought_to_the_desks_is_brought_later():
    """Label Studio may be away when the guidelines change: the desks get them as soon as it is back."""
    changes, brought, away = [False, True, False, False], [], [True, False]

    def bring():
        if away.pop(0):
            raise OutsideServiceError("away", next_step="wait")
        brought.append(1)

    looking = Watcher(lambda: changes.pop(0), lambda: None, bring)
    counts = []
    for _ in range(4):
        looking.turn()
        counts.append(len(brought))
    assert counts == [0, 0, 1, 1]
