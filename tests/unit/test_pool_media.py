"""Folders of media, and links to media in data files."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import orjson
import pytest

from labelwright.adapters.pool.files import FilePool
from labelwright.adapters.pool.links import check_links, new_opener, problem_with
from labelwright.model.errors import DataError
from labelwright.ports import PoolSpec


def folder_of(root: Path, *names: str) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"bytes")
    return root


def rejects(pool: FilePool) -> dict[str, str]:
    return {r["excerpt"]: r["reason"] for r in map(orjson.loads, pool.rejects_path.read_bytes().splitlines())}


def test_a_folder_is_one_item_a_file(tmp_path: Path):
    """A folder of pictures that needs a list of them first."""
    media = folder_of(tmp_path / "media", "dogs/b.PNG", "cats/a.jpg", "cats/x/c.wav", "d.mp4")
    spec = PoolSpec(
        files=(media,), fields={"image": "path"}, label_column="folder", metadata_columns=("kind", "bytes", "name")
    )
    pool = FilePool(tmp_path / "state")
    assert pool.import_files(spec).items == 4
    items = FilePool(tmp_path / "state").items([3, 0, 1, 2])
    assert [item.data for item in items] == [
        {"image": "dogs/b.PNG"},
        {"image": "d.mp4"},
        {"image": "cats/a.jpg"},
        {"image": "cats/x/c.wav"},
    ]
    assert [item.existing for item in items] == ["dogs", None, "cats", "cats/x"]
    assert items[0].metadata == {"kind": "image", "bytes": 5, "name": "b.PNG"}
    assert [data["image"] for _, batch in pool.batches(3) for data in batch] == [
        item.data["image"] for item in items[1:] + items[:1]
    ]


def test_hidden_files_and_links_out_of_the_folder_are_refused(tmp_path: Path):
    """A link in a folder of pictures that serves the password file."""
    media = folder_of(tmp_path / "media", "a.jpg", ".hidden.jpg", ".git/b.jpg", "notes.txt", "line\nend.jpg")
    outside = folder_of(tmp_path / "outside", "secret.jpg")
    (media / "empty.png").touch()
    (media / "link.jpg").symlink_to(outside / "secret.jpg")
    (media / "linked").symlink_to(outside)
    (media / "inside.jpg").symlink_to(media / "a.jpg")
    (media / "broken.jpg").symlink_to(media / "nothing.jpg")
    pool = FilePool(tmp_path / "state")
    summary = pool.import_files(PoolSpec(files=(media,), fields={"image": "path"}))
    assert sorted(item.data["image"] for item in pool.items(range(summary.items))) == ["a.jpg", "inside.jpg"]
    assert rejects(pool) == {
        ".hidden.jpg": "hidden file",
        ".git/b.jpg": "hidden file",
        "notes.txt": "not an image, audio or video file by its extension",
        "line\nend.jpg": "control character or broken encoding in the file name",
        "empty.png": "empty file",
        "link.jpg": "symbolic link that leaves the folder",
        "linked": "symbolic link that leaves the folder",
        "broken.jpg": "not a file",
    }


def test_a_folder_fills_one_field_only(tmp_path: Path):
    """A field filled with the file's size."""
    media = folder_of(tmp_path / "media", "a.jpg")
    for fields in ({"image": "path", "text": "name"}, {"image": "bytes"}):
        with pytest.raises(DataError, match="one data field"):
            FilePool(tmp_path / "state").import_files(PoolSpec(files=(media,), fields=fields))


def test_a_folder_without_media_is_refused(tmp_path: Path):
    """An empty pool."""
    (tmp_path / "media").mkdir()
    with pytest.raises(DataError, match="the files hold no rows"):
        FilePool(tmp_path / "state").import_files(PoolSpec(files=(tmp_path / "media",), fields={"image": "path"}))


def test_a_folder_that_changed_is_noticed(tmp_path: Path):
    """New pictures that nobody hears of."""
    media = folder_of(tmp_path / "media", "a.jpg")
    pool = FilePool(tmp_path / "state")
    pool.import_files(PoolSpec(files=(media,), fields={"image": "path"}))
    assert pool.changed() == []
    folder_of(media, "b.jpg")
    assert pool.changed() == [str(media)]


@pytest.mark.parametrize(
    ("link", "problem"),
    [
        ("https://example.org/a.jpg", None),
        ("http://example.org:8080/a.jpg?x=1", None),
        ("/data/local-files/?d=set/a.jpg", None),
        ("/data/upload/../../etc/passwd", "link leads out of its folder"),
        ("pictures/a.jpg", None),
        ("./pictures/a.jpg", None),
        ("pictures/none.jpg", "linked file does not exist"),
        ("../secret.jpg", "link leads out of its folder"),
        ("/etc/passwd", "link leads out of its folder"),
        ("out.jpg", "link leads out of its folder"),
        ("s3://bucket", "link names no bucket or no object"),
        ("file:///etc/passwd", "link is neither http, https nor s3"),
        ("javascript:alert(1)", "link is neither http, https nor s3"),
        ("data:image/png;base64,AAAA", "link is neither http, https nor s3"),
        ("https:///a.jpg", "link has no host"),
        ("https://user:pass@example.org/a.jpg", "link holds a password"),
        ("https://example.org:99999/a.jpg", "link has a wrong port"),
        ("https://example.org/a b.jpg", "link holds blanks"),
        ("https://[::1/a.jpg", "link cannot be read"),
        ("a" * 5000, "link cannot be read"),
    ],
)
def test_the_form_of_links(tmp_path: Path, link: str, problem: str | None):
    """Links that lead nowhere, or to where nobody may look."""
    folder = folder_of(tmp_path / "data", "pictures/a.jpg")
    folder_of(tmp_path, "secret.jpg")
    (folder / "out.jpg").symlink_to(tmp_path / "secret.jpg")
    assert problem_with(link, folder) == problem


def test_rows_with_wrong_links_are_rejected(tmp_path: Path):
    """An item that shows an empty frame to the annotator."""
    folder = folder_of(tmp_path / "data", "a.jpg")
    (folder / "list.csv").write_text("url,id\na.jpg,1\nb.jpg,2\nhttps://example.org/c.jpg,3\n")
    pool = FilePool(tmp_path / "state")
    spec = PoolSpec(files=(folder / "list.csv",), fields={"image": "url"}, id_column="id", links=("image",))
    assert pool.import_files(spec).items == 2
    assert list(pool.ids()) == ["1", "3"]
    assert rejects(pool) == {"b.jpg": "linked file does not exist"}
    with pytest.raises(DataError, match="no data fields"):
        pool.import_files(PoolSpec(files=spec.files, fields=spec.fields, links=("picture",)))


class _Site(BaseHTTPRequestHandler):
    def do_HEAD(self):
        status, target = {
            "/good.jpg": (200, None),
            "/get-only.jpg": (405, None),
            "/moved.jpg": (302, "/good.jpg"),
            "/loop.jpg": (302, "/loop.jpg"),
            "/scheme.jpg": (302, "file:///etc/passwd"),
        }.get(self.path, (404, None))
        if self.command == "GET" and self.path == "/get-only.jpg":
            status = 200
        self.send_response(status)
        if target:
            self.send_header("Location", target)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_HEAD  # noqa: N815 (the name that http.server calls)

    def log_message(self, *args):
        """Nothing."""


@pytest.fixture
def site():
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Site)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_links_are_tried_over_the_network(site: str):
    """A pool of dead links found out by the annotators."""
    names = ["good.jpg", "get-only.jpg", "moved.jpg", "gone.jpg", "loop.jpg", "scheme.jpg"]
    with new_opener() as opener:
        found = check_links(
            [*(f"{site}/{name}" for name in names), "local.jpg", "http://127.0.0.1:1/a.jpg"], opener, allow_private=True
        )
    assert [check.reason for check in found] == [
        None,
        None,
        None,
        "answered with status 404",
        "redirects too often",
        "could not be reached (InvalidURL)",
        "could not be reached (ConnectError)",
    ]


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "[::1]",
        "10.0.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "0.0.0.0",  # noqa: S104 (it is to be refused)
        "[fe80::1]",
        "[::ffff:127.0.0.1]",
        "2130706433",
    ],
)
def test_links_into_the_own_network_are_not_called(host: str):
    """A row of data that makes this machine call its own network."""

    def called(request: httpx.Request) -> httpx.Response:
        raise AssertionError(request.url)

    with httpx.Client(transport=httpx.MockTransport(called)) as opener:
        assert [check.reason for check in check_links([f"http://{host}/a.jpg"], opener)] == [
            "leads to a private address"
        ]


def test_a_redirect_into_the_own_network_is_not_followed():
    """A public link that leads inside by a detour."""
    asked = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.host)
        return httpx.Response(302, headers={"location": "http://127.0.0.1/admin"})

    with httpx.Client(transport=httpx.MockTransport(answer)) as opener:
        assert check_links(["http://93.184.215.14/a.jpg"], opener)[0].reason == "leads to a private address"
    assert asked == ["93.184.215.14"]


def test_links_of_a_sample_of_rows_are_tried(tmp_path: Path, site: str):
    """A reachability check that looks at other rows, or at fields that are no links."""
    (tmp_path / "list.csv").write_text(
        f"url,note\n{site}/good.jpg,http://127.0.0.1:1/\n{site}/gone.jpg,x\n{site}/moved.jpg,y\n"
    )
    pool = FilePool(tmp_path / "state")
    pool.import_files(
        PoolSpec(files=(tmp_path / "list.csv",), fields={"image": "url", "text": "note"}, links=("image",))
    )
    with new_opener() as opener:
        found = pool.check_links([1, 0], opener, allow_private=True)
    assert [(check.link.rsplit("/", 1)[1], check.reason) for check in found] == [
        ("gone.jpg", "answered with status 404"),
        ("good.jpg", None),
    ]
