"""The route for media: ranges, types, origins, refusals."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from labelwright.adapters.media.files import LocalMedia
from labelwright.adapters.media.links import link, name_of
from labelwright.entry.api.app import create_app
from labelwright.entry.api.media import media_router
from labelwright.model.project import Item

SECRET, NOW, SERVER = "5e" * 32, 1_800_000_000, "http://127.0.0.1:8200"
SCREEN = "http://127.0.0.1:8080"
BYTES = bytes(range(256)) * 20


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "a.png").write_bytes(BYTES)
    (tmp_path / "b.wav").write_bytes(BYTES)
    (tmp_path / "c.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>")
    (tmp_path / "d.html").write_text("<script>alert(1)</script>")
    return tmp_path


@pytest.fixture
def client(folder):
    items = {n: Item(n, {"image": n, "text": "a.png"}) for n in ("a.png", "b.wav", "c.svg", "d.html", "gone.png")}
    media = LocalMedia((folder,), frozenset({"image"}), lambda: SECRET, lambda: SERVER, lambda: NOW)
    return TestClient(
        create_app("s", lambda _: None, lambda: "ok", media_router(lambda: media, items.get, lambda: {SCREEN}))
    )


def to(item, field="image", expires=NOW + 60, secret=SECRET):
    return link(SERVER, secret, item, field, expires).removeprefix(SERVER)


def test_a_file_comes_whole_with_its_type(client):
    """A picture that arrives damaged, as another type, or as a download."""
    answer = client.get(to("a.png"))
    assert (answer.status_code, answer.content) == (200, BYTES)
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "content-disposition" not in answer.headers
    assert client.get(to("b.wav")).headers["content-type"] == "audio/wav"
    head = client.head(to("a.png"))
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", str(len(BYTES)))


@pytest.mark.parametrize(
    ("asked", "status", "part"),
    [
        ("bytes=0-9", 206, slice(0, 10)),
        ("bytes=5000-", 206, slice(5000, None)),
        ("bytes=-7", 206, slice(-7, None)),
        ("bytes=100-999999", 206, slice(100, None)),
        ("bytes=999999-", 416, None),
    ],
)
def test_ranges_are_served_so_that_audio_and_video_can_be_sought(client, asked, status, part):
    """A player that must load the whole file to go to the middle."""
    answer = client.get(to("b.wav"), headers={"Range": asked})
    assert answer.status_code == status
    if part is not None:
        assert answer.content == BYTES[part]
        assert answer.headers["content-range"].endswith(f"/{len(BYTES)}")


def test_only_label_studios_pages_may_read_with_a_script(client):
    """A page of somebody else's that reads the pictures of whoever visits it."""
    own = client.get(to("a.png"), headers={"Origin": SCREEN})
    assert own.headers["access-control-allow-origin"] == SCREEN
    assert "Content-Range" in own.headers["access-control-expose-headers"]
    asked = client.options(to("a.png"), headers={"Origin": SCREEN, "Access-Control-Request-Headers": "range"})
    assert asked.status_code == 204
    assert "Range" in asked.headers["access-control-allow-headers"]
    for origin in ("http://evil.example.org", "null", f"{SCREEN}.evil.example.org", "*", ""):
        for answer in (
            client.get(to("a.png"), headers={"Origin": origin}),
            client.options(to("a.png"), headers={"Origin": origin}),
        ):
            assert not [h for h in answer.headers if h.startswith("access-control")]
            assert answer.headers["vary"] == "Origin"


def test_refusals_have_a_status_of_their_own_and_tell_no_paths(client, folder):
    """A link that opens what it should not, or an answer that tells where the files lie."""
    name = name_of("a.png", "image")
    expected = {
        to("a.png", expires=NOW - 1): 403,
        to("a.png", secret="6f" * 32): 403,
        to("a.png").replace(name, name_of("b.wav", "image")): 403,
        f"/media/{NOW + 60}/x/{name}": 403,
        to("unknown.png"): 404,
        to("a.png", field="text"): 410,
        to("a.png", field="other"): 404,
        to("gone.png"): 410,
        to("d.html"): 415,
        "/media/": 404,
        "/media/a.png": 404,
        "/media/%2e%2e/%2e%2e/etc/passwd": 404,
        to("a.png") + "/../../../a.png": 404,
    }
    for address, status in expected.items():
        answer = client.get(address, headers={"Origin": SCREEN})
        assert answer.status_code == status, address
        assert str(folder) not in answer.text
        assert BYTES not in answer.content
    assert client.get(to("gone.png"), headers={"Origin": SCREEN}).headers["access-control-allow-origin"] == SCREEN
    assert client.post(to("a.png")).status_code == 405


def test_a_link_that_left_the_folder_after_the_import_is_refused(client, folder):
    """A picture exchanged for a symbolic link to a file elsewhere."""
    address = to("a.png")
    (folder / "elsewhere").mkdir()
    (folder / "a.png").unlink()
    (folder / "a.png").symlink_to("/etc/hostname")
    assert client.get(address).status_code == 410


def test_a_drawing_with_a_script_in_it_can_do_nothing_by_itself(client):
    """An SVG file from the internet that is opened in a tab and acts as this server."""
    answer = client.get(to("c.svg"))
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
