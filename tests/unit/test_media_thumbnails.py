"""Lists show small pictures: behind signed links, made once, kept in a folder that stays small, and never of a trap."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pytest
import soundfile
from fastapi.testclient import TestClient
from PIL import Image

from labelwright.adapters.media.files import LocalMedia
from labelwright.adapters.media.thumbnails import Thumbnails
from labelwright.entry.api.app import create_app
from labelwright.entry.api.media import media_router
from labelwright.model.project import Item
from support.media_files import cut, film, picture, sound

NOW = 1_800_000_000
SCREEN = "http://127.0.0.1:8080"


def bomb(path, side=30_000):
    """A picture of a few kilobytes that says that it is 900 million pixels."""
    packed = zlib.compressobj()
    data = packed.compress(bytes(2_000_000)) + packed.flush()
    parts = [(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)), (b"IDAT", data), (b"IEND", b"")]
    body = b"".join(struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in parts)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + body)


@pytest.fixture
def media(tmp_path):
    folder = tmp_path / "files"
    picture(folder / "a.png", (1200, 600))
    film(folder / "b.avi")
    sound(folder / "c.wav")
    cut(picture(folder / "broken.jpg", (200, 200)), 0.5)
    (folder / "d.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    bomb(folder / "bomb.png")
    (folder / "out.png").symlink_to("/etc/hostname")
    return LocalMedia(
        (folder,), frozenset({"image"}), lambda: "5e" * 32, lambda: "http://127.0.0.1:8200", lambda: NOW,
        thumbnails=Thumbnails(tmp_path / "thumbnails"),
    )  # fmt: skip


def item(name):
    return Item(name, {"image": name, "text": name})


@pytest.fixture
def client(media):
    return TestClient(
        create_app("s", lambda _: None, lambda: "ok", media_router(lambda: media, item, lambda: {SCREEN}))
    )


@pytest.mark.parametrize("name", ["a.png", "b.avi", "c.wav"])
def test_a_small_picture_of_each_kind_behind_a_signed_link(client, media, name):
    """A picture, a film's frame, a recording's wave form: a JPEG of the size that is asked for, and of no other."""
    address = media.thumbnail(item(name), "image")
    answer = client.get(address)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/jpeg")
    assert max(Image.open(io.BytesIO(answer.content)).size) <= 192
    assert answer.headers["cache-control"] == "private, max-age=86400"
    assert max(Image.open(io.BytesIO(client.get(address + "?side=96").content)).size) <= 96
    assert client.get(address + "?side=9999").status_code == 422
    again = client.get(address, headers={"If-None-Match": answer.headers["etag"]})
    assert again.content in {answer.content, b""}


def test_what_has_no_picture_has_no_link_or_says_so(client, media):
    """Broken files, traps, links out of the folder, drawings, links elsewhere: nothing is decoded, fetched or told."""
    for name in ("d.svg", "https://example.org/a.png", "../files/a.txt"):
        assert media.thumbnail(item(name), "image") is None
    assert media.thumbnail(item("a.png"), "text") is None
    for name, status in {"broken.jpg": 404, "bomb.png": 404, "out.png": 404, "gone.png": 404}.items():
        assert client.get(media.thumbnail(item(name), "image")).status_code == status, name
    address = media.thumbnail(item("a.png"), "image")
    assert client.get(address.replace(str(NOW // 86_400 * 86_400 + 90 * 86_400), "1")).status_code == 403
    assert client.get(address, headers={"Origin": "http://evil.example.org"}).headers.get("vary") == "Origin"


def test_it_is_made_once_and_anew_when_the_file_changes(media, monkeypatch, tmp_path):
    """A list that is scrolled decodes nothing twice, and shows no old picture."""
    made = []
    import labelwright.adapters.media.thumbnails as module

    real = module.jpeg
    monkeypatch.setattr(module, "jpeg", lambda path, side: (made.append(path), real(path, side))[1])
    first = media.small(item("a.png"), "image", 192)
    assert media.small(item("a.png"), "image", 192) == first
    assert media.small(item("broken.jpg"), "image", 192) is media.small(item("broken.jpg"), "image", 192) is None
    assert len(made) == 2
    picture(tmp_path / "files" / "a.png", (300, 300))
    assert Image.open(media.small(item("a.png"), "image", 192)).size == (192, 192)


def test_the_folder_stays_small(tmp_path):
    """The pictures that nobody asked for the longest go first."""
    paths = [picture(tmp_path / f"{n}.png", (192, 192)) for n in range(6)]
    size = Thumbnails(tmp_path / "one").of_file(paths[0], 192).stat().st_size
    kept = Thumbnails(tmp_path / "t", most=3 * size)
    for path in paths:
        last = kept.of_file(path, 192)
        kept._shrink()
    held = list((tmp_path / "t").glob("*/*.jpg"))
    assert 1 <= len(held) <= 3
    assert last in held


def test_a_long_recording_costs_no_more_than_a_short_one(tmp_path):
    """Only a few samples of each column are read."""
    from labelwright.adapters.media import previews

    rate = 8000
    soundfile.write(tmp_path / "long.wav", np.zeros(rate * 3600, dtype="int16"), rate)
    with soundfile.SoundFile(tmp_path / "long.wav") as opened:
        read = sum(len(part) for part in previews._columns(opened, 480))
    assert read <= 480 * previews._COLUMN < rate * 3600 / 10
    assert previews.jpeg(tmp_path / "long.wav")
