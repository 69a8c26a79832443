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
    assert seeded.service.console.project is server, "it may be being written: the next look takes it, if it stays so"
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
    assert [service._watcher.turn() for _ in range(3)] == [True, False, False]
    assert service.console.project is before
    assert len(told) == 1
    assert "have changed" in told[0]
    path.write_text(whole.replace("name: Seeded reviews", "name: Renamed"))
    service._watcher.turn()
    service._watcher.turn()
    assert service.console.project.settings.name == "Renamed"


def test_what_could_not_be_taken_is_taken_with_the_next_look(seeded):
    """A database that is locked for a moment does not make the server miss what was saved."""
    service, reopen = seeded.service, seeded.service.console.reopen
    (seeded.place.root / "guidelines.md").write_text("# Task\n\nNew.\n")

    def locked():
        raise OutsideServiceError("locked", next_step="wait")

    service.console.reopen = locked
    assert [service._watcher.turn() for _ in range(2)] == [True, False]
    service.console.reopen = reopen
    service._watcher.turn()  # the desks wait for Label Studio, which does not run here
    assert "New." in service.console.project.guidelines


def test_what_was_saved_in_an_editor_is_not_overwritten_from_the_console(seeded):
    """Before the server has looked, too: the page is told that somebody changed the guidelines meanwhile."""
    client = seeded.sign_in()
    page = client.get("/api/v1/guidelines").json()
    path = seeded.place.root / "guidelines.md"
    path.write_text("# Task\n\nFrom the editor.\n")
    edit = {"text": "# Task\n\nFrom the page.\n", "based_on": page["version"]}
    assert client.put("/api/v1/guidelines", json=edit).status_code == 409
    assert "From the editor." in path.read_text()
    again = {**edit, "based_on": client.get("/api/v1/guidelines").json()["version"]}
    assert client.put("/api/v1/guidelines", json=again).status_code == 200
    assert "From the page." in path.read_text()


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
