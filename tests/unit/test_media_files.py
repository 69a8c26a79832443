"""Files behind fields: what becomes a link, and what a link may lead to."""

from __future__ import annotations

import shutil

import pytest

from labelwright.adapters.media.files import DAYS, TYPES, LocalMedia, is_local, media_type
from labelwright.adapters.pool.media import KINDS
from labelwright.adapters.runtime import OwnServer, is_loopback, origin_of
from labelwright.model.project import Item

NOW = 1_800_000_000.0


def media(*roots, now=NOW):
    return LocalMedia(roots, frozenset({"image"}), lambda: "5e" * 32, lambda: "http://127.0.0.1:8200", lambda: now)


def item(value, **more):
    return Item("i1", {"image": value, **more})


def test_a_path_goes_out_as_a_link_and_the_item_keeps_the_path(tmp_path):
    """Exports that hold links which end in 90 days."""
    picture = item("cats/a.png", text="cats/a.png")
    shown = media(tmp_path).shown(picture, "image")
    expires, signature, name = shown.removeprefix("http://127.0.0.1:8200/media/").split("/")
    assert int(expires) == NOW + DAYS * 86_400
    assert picture.data["image"] == "cats/a.png"
    assert media(tmp_path).shown(picture, "text") == "cats/a.png"
    assert media(tmp_path).opened(name, expires, signature) == ("i1", "image")
    assert media(tmp_path, now=NOW + DAYS * 86_400 + 1).opened(name, expires, signature) is None


@pytest.mark.parametrize(
    "value", ["https://example.org/a.jpg", "http://example.org/a.jpg", "/data/upload/1/a.jpg", None, 3]
)
def test_addresses_go_out_as_they_are(tmp_path, value):
    """Links of the user's own that are taken for files."""
    assert not is_local(value)
    assert media(tmp_path).shown(item(value), "image") == value
    assert media(tmp_path).path(item(value), "image") is None


def test_only_files_within_the_folder_are_found(tmp_path):
    """A path or a symbolic link that leads to the password file; also one that was put there after the import."""
    folder = tmp_path / "media"
    (folder / "sub").mkdir(parents=True)
    (folder / "a.png").write_bytes(b"a")
    (tmp_path / "secret.png").write_bytes(b"s")
    (folder / "out.png").symlink_to(tmp_path / "secret.png")
    (folder / "away").symlink_to(tmp_path)
    (folder / "in.png").symlink_to(folder / "a.png")
    (folder / "round.png").symlink_to(folder / "round.png")
    found = media(folder)
    assert found.path(item("a.png"), "image") == folder / "a.png"
    assert found.path(item("in.png"), "image") == folder / "a.png"
    assert found.path(item(str(folder / "a.png")), "image") == folder / "a.png"
    refused = ["out.png", "away/secret.png", "../secret.png", str(tmp_path / "secret.png"), "/etc/passwd", "sub", ""]
    for value in [*refused, "none.png", "round.png", "a\0.png", "a" * 5000]:
        assert found.path(item(value), "image") is None, value
    assert found.path(item("a.png"), "other") is None
    shutil.rmtree(folder / "sub")
    (folder / "sub").symlink_to(tmp_path)
    assert found.path(item("sub/secret.png"), "image") is None


def test_the_first_folder_that_holds_a_path_counts(tmp_path):
    """Files of a second folder that are not found, or shadow those of the first."""
    for name, files in {"one": ["a.png"], "two": ["a.png", "b.png"]}.items():
        (tmp_path / name).mkdir()
        for file in files:
            (tmp_path / name / file).write_bytes(b"x")
    found = media(tmp_path / "one", tmp_path / "two")
    assert found.path(item("a.png"), "image") == tmp_path / "one" / "a.png"
    assert found.path(item("b.png"), "image") == tmp_path / "two" / "b.png"


def test_every_kind_of_file_that_a_pool_takes_has_a_content_type(tmp_path):
    """A picture that is imported, delivered, and then refused by the server."""
    for kind, extensions in KINDS.items():
        for extension in extensions:
            assert (media_type(tmp_path / f"a.{extension.upper()}") or "").split("/")[0] == kind
    assert set(TYPES) == {e for extensions in KINDS.values() for e in extensions}
    for name in ("a.html", "a.js", "a", "a.png.html", ".png", "a.xml", "a.pdf"):
        assert media_type(tmp_path / name) is None


@pytest.mark.parametrize(
    ("url", "origin", "loopback"),
    [
        ("http://127.0.0.1:8080/", "http://127.0.0.1:8080", True),
        ("http://localhost:8080", "http://localhost:8080", True),
        ("http://[::1]:9/x", "http://[::1]:9", True),
        ("https://Labels.example.org/ls/", "https://labels.example.org", False),
        ("https://labels.example.org:443", "https://labels.example.org", False),
        ("http://10.0.0.5:80/", "http://10.0.0.5", False),
        ("http://127.0.0.1.example.org", "http://127.0.0.1.example.org", False),
    ],
)
def test_origins_and_loopback(url, origin, loopback):
    """A browser's Origin that is not recognized; another machine taken for this one."""
    assert (origin_of(url), is_loopback(url)) == (origin, loopback)


def test_a_server_that_never_ran_has_no_port(tmp_path):
    """Links to nowhere, and a damaged file that stops every command."""
    server = OwnServer(tmp_path, tmp_path)
    assert server.port() is None
    assert server.port(8200) == 8200
    for text in ("", "{", '"80"', "0", "70000", "[1]"):
        (tmp_path / "server-port.json").write_text(text)
        assert server.port() is None
    (tmp_path / "server-port.json").write_text("8201")
    assert server.port() == 8201
