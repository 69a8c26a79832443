"""Where `labelwright up` may begin a workspace: in a folder that holds nothing of anybody's but data."""

from __future__ import annotations

from labelwright.bootstrap import open_workspace
from labelwright.entry.cli.newcomer import begin_workspace, begins_here


def test_it_begins_in_an_empty_folder_or_beside_data_and_never_among_other_work(tmp_path):
    """Somebody who types `up` in the wrong folder finds no new files there."""
    assert begins_here(tmp_path / "new")
    assert begins_here(tmp_path)
    (tmp_path / "reviews.csv").write_text("text\nfine\n", encoding="utf-8")
    (tmp_path / ".git").mkdir()
    assert begins_here(tmp_path)
    (tmp_path / "thesis.docx").touch()
    assert not begins_here(tmp_path)
    assert not begins_here(tmp_path / "reviews.csv")


def test_what_it_begins_is_a_workspace_without_data(tmp_path):
    """Settings, screen and guidelines that open; the folder of secrets is for its owner only."""
    begin_workspace(tmp_path / "feedback")
    place = open_workspace(tmp_path / "feedback")
    assert (place.settings.name, place.settings.data.files) == ("feedback", ())
    assert place.schema.controls
    assert place.guidelines
    assert place.state.stat().st_mode & 0o077 == 0
