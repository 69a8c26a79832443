"""Pictures, recordings and films of the user's own disk on the labeling screen, in a real browser."""

from __future__ import annotations

import shutil

import pytest

from labelwright.adapters.processes import wait_until
from labelwright.app.annotations import annotation_set
from labelwright.app.rounds import open_assignments
from support import media
from support.screen import SHOTS, WAIT, browser_page, go_to_work
from support.servers import installed

pytestmark = pytest.mark.server


@pytest.fixture
def page():
    with browser_page() as opened:
        yield opened


def to_the_work(page, place, desk):
    """Sign in at the desk's link; what the media server answered is written down."""
    answers = []
    page.on("response", lambda r: answers.append((r.status, r.url)) if "/media/" in r.url else None)
    go_to_work(page, desk.url, place.secrets.account("ada"))
    return answers


def answer_by_keys(page, place, *keys):
    """Press the keys, submit, and find the one annotation in the table."""
    for key in keys:
        page.keyboard.press(key)
    page.keyboard.press("Control+Enter")
    assert wait_until(lambda: not open_assignments(place.project(), 1), timeout=90)
    (found,) = annotation_set(place.project()).valid
    return {c: found.answer.of(c)[0].value.labels for c in ("label", "quality") if found.answer.of(c)}


def workspace(root, label_studio, template, classes, files):
    made = media.make(root, label_studio, template, classes, files)
    made.server.start(None, "test")
    return made


def test_a_picture_is_seen_judged_and_found_in_the_table(tmp_path, label_studio, page):
    """A real photograph of blood cells from a folder: it is drawn, and class and quality are answered by keys."""
    files = media.real_files(tmp_path / "cells", "images", "bccd/JPEGImages/*.jpg", 1)
    place = workspace(tmp_path / "ws", label_studio, "image-classification", ["Healthy", "Suspicious"], files)
    try:
        answers = to_the_work(page, place, media.at_desk(place))
        page.wait_for_function(
            "[...document.images].some(i => i.src.includes('/media/') || i.src.startsWith('blob:'))", timeout=WAIT
        )
        page.wait_for_function("[...document.images].some(i => i.naturalWidth === 640 && i.naturalHeight === 480)")
        page.screenshot(path=SHOTS / "media-picture.png")
        assert answers
        assert {status for status, _ in answers} <= {200, 206, 304}
        assert answer_by_keys(page, place, "2", "w") == {"label": ("Suspicious",), "quality": ("Hard to see",)}
    finally:
        place.server.stop()


def test_a_recording_is_loaded_and_judged(tmp_path, label_studio, page):
    """A real spoken digit: Label Studio reads the file by a script, which needs the right origin."""
    files = media.real_files(tmp_path / "digits", "audio", "fsdd/*.wav", 1)
    place = workspace(tmp_path / "ws", label_studio, "audio-classification", ["Zero", "One"], files)
    try:
        answers = to_the_work(page, place, media.at_desk(place))
        page.locator("canvas").first.wait_for(state="visible")
        assert wait_until(lambda: page.wait_for_timeout(200) or bool(answers), timeout=60)
        page.wait_for_timeout(3000)  # an error would be shown once the file is decoded
        page.screenshot(path=SHOTS / "media-recording.png")
        said = page.inner_text("body").lower()
        assert not [word for word in ("error", "cannot", "could not", "failed", "cors") if word in said]
        assert {status for status, _ in answers} <= {200, 206, 304}
        assert answer_by_keys(page, place, "1", "q") == {"label": ("Zero",), "quality": ("Clear",)}
    finally:
        place.server.stop()


def test_a_film_is_played_from_the_middle_and_judged(tmp_path, label_studio, page):
    """A film that Label Studio ships: it has pictures and a length, and seeking asks for a part of the file."""
    film = next(installed().root.rglob("static/samples/opossum_snow.mp4"), None)
    if film is None:
        pytest.skip("this release of Label Studio ships no film")
    (tmp_path / "films").mkdir()
    shutil.copy(film, tmp_path / "films" / "snow.mp4")
    place = workspace(tmp_path / "ws", label_studio, "video-classification", ["Snow", "Rain"], tmp_path / "films")
    try:
        answers = to_the_work(page, place, media.at_desk(place))
        page.wait_for_function("/of\\s+1008/.test(document.body.innerText)")  # frames: 42 seconds of 24
        assert page.evaluate("document.querySelector('video').videoWidth") == 1280
        middle = "(v => { v.currentTime = v.duration / 2; return v.duration / 2 })(document.querySelector('video'))"
        half = page.evaluate(middle)
        assert half > 0
        page.wait_for_function(
            "half => (v => !v.seeking && v.readyState >= 2 && Math.abs(v.currentTime - half) < 0.5)"
            "(document.querySelector('video'))",
            arg=half,
        )
        page.screenshot(path=SHOTS / "media-film.png")
        assert 206 in {status for status, _ in answers}
        assert answer_by_keys(page, place, "1") == {"label": ("Snow",)}
    finally:
        place.server.stop()
