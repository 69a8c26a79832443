"""A folder of media becomes a workspace by one command."""

from __future__ import annotations

from labelwright.adapters.labelstudio.config import read_config
from labelwright.adapters.labelstudio.templates import render
from labelwright.bootstrap import open_workspace
from labelwright.entry.cli.init import Start, make_workspace
from labelwright.entry.cli.output import Bar


def test_a_folder_given_to_init_is_taken_in_whole(tmp_path):
    """Links that are looked for beside the folder rather than in it: not one file of it can be used."""
    (tmp_path / "pictures" / "cats").mkdir(parents=True)
    for name in ("a.png", "cats/b.jpg"):
        (tmp_path / "pictures" / name).write_bytes(b"x")
    xml = render("image-classification", ["Cat", "Dog"])
    start = Start(tmp_path / "ws", xml, "# Task\n", "Pictures", tmp_path / "pictures", {}, {}, {})
    summary = make_workspace(start, read_config(xml), Bar(quiet=True))
    assert (summary.items, summary.rejected) == (2, 0)
    place = open_workspace(start.root)
    items = place.project().pool.items([0, 1])
    assert [place.media.path(item, "image") for item in items] == [
        tmp_path / "pictures" / "a.png",
        tmp_path / "pictures" / "cats" / "b.jpg",
    ]
