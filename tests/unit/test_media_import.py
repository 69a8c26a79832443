"""A folder of media becomes a workspace by one command."""

from __future__ import annotations

from dataclasses import replace

import pytest

from labelwright.adapters.labelstudio.config import read_config
from labelwright.adapters.labelstudio.templates import render
from labelwright.adapters.pool.files import FilePool
from labelwright.bootstrap import open_workspace
from labelwright.entry.cli.init import Start, make_workspace
from labelwright.entry.cli.output import Bar
from labelwright.model.errors import DataError
from labelwright.ports import PoolSpec
from support.media_files import picture


def test_a_folder_given_to_init_is_taken_in_whole(tmp_path):
    """Links that are looked for beside the folder rather than in it: not one file of it can be used."""
    for name in ("a.png", "cats/b.jpg"):
        picture(tmp_path / "pictures" / name)
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


def test_a_file_that_is_gone_is_known_by_its_name(tmp_path):
    """A traceback in every command once a picture is moved away; its size, which is asked of the disk, is a refusal."""
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "a.png").write_bytes(b"x")
    spec = PoolSpec(files=(tmp_path / "pictures",), fields={"image": "path"})
    named, sized = FilePool(tmp_path / "one"), FilePool(tmp_path / "two")
    named.import_files(spec)
    sized.import_files(replace(spec, metadata_columns=("bytes",)))
    (tmp_path / "pictures" / "a.png").unlink()
    assert named.items([0])[0].data == {"image": "a.png"}
    with pytest.raises(DataError, match=r"gone from the folder: a\.png"):
        sized.items([0])
