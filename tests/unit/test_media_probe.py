"""Media files are looked into before an annotator is: what is broken, huge or hostile is refused with a reason."""

from __future__ import annotations

import orjson
import pytest

from labelwright.adapters.media import probe as probing
from labelwright.adapters.media.probe import Probe, probe, probe_all
from labelwright.adapters.pool.files import FilePool
from labelwright.ports import PoolSpec
from support.media_files import cut, film, picture, sound


@pytest.mark.parametrize("extension", ["png", "jpg", "gif", "bmp", "webp", "tiff", "avif"])
def test_a_picture_tells_its_size(tmp_path, extension):
    """Every kind of picture that is put on a screen can be looked into."""
    assert probe(picture(tmp_path / f"a.{extension}")) == Probe(width=40, height=30)


def test_a_recording_and_a_film_tell_their_length(tmp_path):
    """Seconds, rate and frames are what was written, not what a header claims."""
    assert probe(sound(tmp_path / "a.wav")) == Probe(seconds=0.5, rate=8000, channels=1)
    assert probe(film(tmp_path / "a.avi")) == Probe(width=64, height=48, seconds=3.0, fps=10.0)


@pytest.mark.parametrize(
    ("make", "share", "reason"),
    [
        (lambda p: picture(p / "a.jpg", (200, 200)), 0.5, "cannot be decoded"),
        (lambda p: picture(p / "a.png", (200, 200)), 0.3, "cannot be decoded"),
        (lambda p: film(p / "a.avi", 300), 0.02, "cannot be decoded|breaks off"),
        (lambda p: sound(p / "a.wav"), 0.0, "empty file"),
    ],
)
def test_a_file_that_breaks_off_is_refused(tmp_path, make, share, reason):
    """An upload that was interrupted does not reach a desk."""
    found = probe(cut(make(tmp_path), share))
    assert found.problem is not None
    assert any(part in found.problem for part in reason.split("|")), found


@pytest.mark.parametrize("name", ["a.png", "a.wav", "a.mp4", "a.m4a", "a.svg", "a.avif", "a.flac"])
def test_what_is_something_else_is_refused_and_never_raises(tmp_path, name):
    """A text with the name of a picture, a recording or a film."""
    path = tmp_path / name
    path.write_bytes(b"<html><script>alert(1)</script></html>" * 20)
    assert probe(path).problem


def test_a_drawing_is_read_without_entities(tmp_path):
    """An SVG file whose entities would fill the memory is refused; a plain one is not."""
    bomb = '<!DOCTYPE s [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><svg xmlns="http://www.w3.org/2000/svg">&b;</svg>'
    (tmp_path / "bomb.svg").write_text(bomb)
    (tmp_path / "plain.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    assert "EntitiesForbidden" in (probe(tmp_path / "bomb.svg").problem or "")
    assert probe(tmp_path / "plain.svg") == Probe()


def test_a_picture_that_would_fill_the_memory_is_refused_by_its_header(tmp_path, monkeypatch):
    """A decompression bomb: small on the disk, endless on the screen."""
    monkeypatch.setattr(probing, "MOST_PIXELS", 1000)
    assert "more than" in (probe(picture(tmp_path / "a.png")).problem or "")
    monkeypatch.setattr(probing, "MOST_PICTURE_BYTES", 100)
    assert "no browser" in (probe(picture(tmp_path / "b.png")).problem or "")


def test_many_files_keep_their_order(tmp_path):
    """Threads must not mix up whose problem it is."""
    paths = [picture(tmp_path / f"{n}.png", (10 + n, 10)) for n in range(20)]
    assert [found.width for found in probe_all(paths)] == [10 + n for n in range(20)]


def test_a_pool_refuses_broken_files_and_keeps_what_the_others_are(tmp_path):
    """The good files go on, with size as metadata; the broken one stands among the rejects with its reason."""
    folder = tmp_path / "media"
    picture(folder / "good.png")
    cut(picture(folder / "broken.jpg", (200, 200)), 0.5)
    spec = PoolSpec(
        (folder,), {"image": "path"}, metadata_columns=("width", "height", "seconds"), links=("image",), probe=True
    )
    pool = FilePool(tmp_path / "state")
    assert pool.import_files(spec).items == 1
    (reject,) = map(orjson.loads, pool.rejects_path.read_bytes().splitlines())
    assert "cannot be decoded" in reject["reason"]
    (item,) = pool.items([0])
    assert dict(item.metadata) == {"width": 40, "height": 30, "seconds": None}
