"""A folder of text files is a pool: one item a file, and what is no text is told apart."""

from __future__ import annotations

import orjson
import pytest

from labelwright.adapters.pool.files import FilePool
from labelwright.bootstrap import open_workspace
from labelwright.model.errors import DataError
from labelwright.ports import PoolSpec
from support.command import told


def folder(root):
    root.mkdir()
    (root / "sub").mkdir()
    (root / "b.txt").write_text("Zweiter\nText", encoding="utf-8-sig")
    (root / "sub" / "a.md").write_text("# Erster")
    (root / "empty.txt").write_text("  \n")
    (root / "latin.txt").write_bytes("Käse".encode("latin-1"))
    (root / "notes.docx").write_bytes(b"PK")
    (root / ".hidden.txt").write_text("no")
    (root / "out.txt").symlink_to("/etc/hostname")
    return root


def test_each_file_is_an_item_and_the_others_are_told_apart(tmp_path):
    """Whole texts, found again after the import; empty, hidden, foreign and broken files with their reason."""
    place = folder(tmp_path / "notes")
    spec = PoolSpec((place,), {"text": "text"}, metadata_columns=("name", "folder", "bytes"))
    pool = FilePool(tmp_path / "state")
    assert pool.import_files(spec).items == 2
    items = FilePool(tmp_path / "state").items([0, 1])
    assert [i.data["text"] for i in items] == ["Zweiter\nText", "# Erster"]
    assert [i.metadata["folder"] for i in items] == ["", "sub"]
    assert [d["text"] for _, batch in pool.batches(1) for d in batch] == ["Zweiter\nText", "# Erster"]
    told_apart = {r["excerpt"]: r["reason"] for r in map(orjson.loads, pool.rejects_path.read_bytes().splitlines())}
    assert told_apart == {
        ".hidden.txt": "hidden file",
        "empty.txt": "empty file",
        "latin.txt": "cannot be read as utf-8-sig: name its encoding",
        "notes.docx": "not a text file by its extension",
        "out.txt": "symbolic link that leaves the folder",
    }
    (place / "b.txt").unlink()
    with pytest.raises(DataError, match="gone"):
        pool.items([0])


def test_the_command_takes_a_folder_of_texts(tmp_path):
    """`init --data FOLDER` as a user types it, with another encoding."""
    place = folder(tmp_path / "notes")
    (place / "latin2.txt").write_bytes("Brötchen".encode("latin-1"))
    made = told("init", tmp_path / "ws", "--data", place, "--template", "text-classification", "--encoding", "latin-1")
    assert made["data"]["items"] == 4
    items = open_workspace(tmp_path / "ws").project().pool.items(range(4))
    assert "Brötchen" in {i.data["text"] for i in items}
