"""Every template drawn as an annotator draws it, by mouse and keys in a real Label Studio, and found again all the way.

Ada draws in the browser. Ben gives the same answer through Label Studio's interface, so that there is something to agree on.
"""

from __future__ import annotations

import json
import shutil
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from labelwright.adapters.processes import wait_until
from labelwright.app.annotations import annotation_set
from labelwright.app.report import build_report
from labelwright.app.rounds import open_assignments
from labelwright.app.settling import settle
from labelwright.app.tables import tables_of
from labelwright.bootstrap import open_workspace
from labelwright.model.consensus import ConsensusState
from support import media, workspaces
from support.command import told
from support.modalities import (
    IMAGES,
    ME,
    PAGE,
    SHOWN,
    WRITES,
    commands,
    keep_part,
    keep_picture,
    loaded,
    part,
    picture_name,
)
from support.screen import SHOTS, browser_page, drag, film, go_to_work, mark, picture, playable, recording, regions
from support.servers import installed

pytestmark = pytest.mark.server


#: Formats by case, beside the one on the page.
FORMATS = {
    "ner": "conll,spacy",
    "boxes": "coco,yolo,voc",
    "polygons": "coco,yolo",
    "image-segmentation": "masks,coco",
    "audio-transcription": "asr,rttm",
    "video-tracking": "label-studio",
    "ranking": "label-studio",
}
#: What these formats cannot carry, and say so.
LOST = {
    "ner": {"the format has no relations"},
    "audio-transcription": {"RTTM has no answers"},
    "pairwise": {"the format has no answers about an item"},
}


@dataclass(frozen=True)
class Case:
    """One template: what is labeled, how it is drawn, and what must come out of it.

    Attributes:
        wanted: entries of each control in Labelwright; the first one is exported.
        close: looks at the drawn values; True when they are what the hand did.
    """

    template: str
    classes: tuple[str, ...] | None
    data: Callable[[Path], Path]
    draw: Callable[[Any], None]
    wanted: dict[str, int]
    close: Callable[[dict[str, list[Any]]], bool]
    name: str = ""

    @property
    def key(self) -> str:
        """What tells it from the others."""
        return self.name or self.template


def text(folder: Path) -> Path:
    folder.mkdir(parents=True)
    (folder / "ada.txt").write_text("Ada Lovelace worked with Charles Babbage in London.")
    return folder


def _rows(folder: Path, *rows: dict[str, Any]) -> Path:
    folder.mkdir(parents=True)
    path = folder / "items.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def answers(folder: Path) -> Path:
    return _rows(folder, {"prompt": "Why is the sky blue?", "answer_a": "Rayleigh scattering.", "answer_b": "Paint."})


def candidates(folder: Path) -> Path:
    found = [{"id": i, "title": t, "body": t.lower()} for i, t in (("a", "First"), ("b", "Second"), ("c", "Third"))]
    return _rows(folder, {"prompt": "Why?", "answers": found})


def cells(folder: Path) -> Path:
    return media.real_files(folder, "images", "bccd/JPEGImages/*.jpg", 1)


def digit(folder: Path) -> Path:
    return media.real_files(folder, "audio", "fsdd/*.wav", 1)


def opossum(folder: Path) -> Path:
    found = next(installed().root.rglob("static/samples/opossum_snow.mp4"))
    folder.mkdir(parents=True)
    shutil.copy(found, folder / "snow.mp4")
    return folder


def keys(*pressed: str, ready: Callable[[Any], Any] | None = None) -> Callable[[Any], None]:
    def draw(page: Any) -> None:
        (ready or (lambda p: p.get_by_text("Lovelace").first.wait_for()))(page)
        for key in pressed:
            page.keyboard.press(key)
            page.wait_for_timeout(300)  # while the screen is drawn anew, a key is lost

    return draw


def entities(page: Any) -> None:
    page.get_by_text("Ada Lovelace").first.wait_for()
    mark(page, "1", "Ada Lovelace")
    regions(page, 1)
    mark(page, "3", "London")
    regions(page, 2)
    page.get_by_text("Ada Lovelace").first.click()
    page.keyboard.press("Alt+r")
    page.get_by_text("London").first.click()
    page.get_by_text("Relations (1)").or_(page.get_by_text("Relations", exact=True)).first.wait_for()


def stars(page: Any) -> None:
    page.get_by_text("Lovelace").first.wait_for()
    page.locator(".ant-rate-star, [class*=rating] li, [role=radio]").nth(3).click()


def written(said: str) -> Callable[[Any], None]:
    def draw(page: Any) -> None:
        box = page.locator("textarea").first
        box.fill(said)
        box.press("Shift+Enter")
        page.get_by_text(said).first.wait_for()

    return draw


def preference(page: Any) -> None:
    page.get_by_text("Rayleigh").first.wait_for()
    page.keyboard.press("2")
    written("It names the cause")(page)


def order(page: Any) -> None:
    page.get_by_text("Third").first.wait_for()
    for _ in range(5):  # on a busy machine the list may not have seen that it was taken hold of
        third, first = (page.get_by_text(t).first.bounding_box() for t in ("Third", "First"))
        if third["y"] < first["y"]:
            return
        page.mouse.move(third["x"] + 10, third["y"] + 5)
        page.mouse.down()
        page.wait_for_timeout(200)
        page.mouse.move(third["x"] + 12, third["y"] - 10, steps=5)
        page.mouse.move(first["x"] + 12, first["y"] - 8, steps=15)
        page.wait_for_timeout(500)  # the list makes room by an animation
        page.mouse.up()
        page.wait_for_timeout(500)


def box(page: Any) -> None:
    """Around the white cell, in percent of the picture."""
    at = picture(page)
    page.keyboard.press("2")
    drag(page, at(40, 36), at(78, 82))
    regions(page, 1)


def rotated(page: Any) -> None:
    box(page)
    at = picture(page)
    page.keyboard.press("Escape")
    page.mouse.click(*at(59, 59))
    page.wait_for_timeout(300)  # the handles appear by an animation
    x, y = at(59, 36)
    drag(page, (x, y - 50), (x + 150, y + 20), 12)


OUTLINE = ((48, 40), (67, 38), (78, 55), (71, 78), (53, 81), (41, 61))


def outline(page: Any) -> None:
    at = picture(page)
    page.keyboard.press("a")
    for corner in (*OUTLINE, OUTLINE[0]):
        page.mouse.click(*at(*corner))
        page.wait_for_timeout(200)  # two clicks in one place and moment are a double click
    regions(page, 1)


def brush(page: Any) -> None:
    at = picture(page)
    page.keyboard.press("2")
    drag(page, at(47, 48), at(71, 66))
    regions(page, 1)


def points(page: Any) -> None:
    at = picture(page)
    for key, spot in (("1", (41, 61)), ("3", (53, 55))):
        page.keyboard.press(key)
        page.mouse.click(*at(*spot))
    regions(page, 2)


def attribute(page: Any) -> None:
    box(page)
    at = picture(page)
    page.keyboard.press("Escape")
    page.mouse.click(*at(59, 59))
    page.get_by_text("Partly hidden").wait_for()
    page.keyboard.press("a")


def segment(page: Any) -> None:
    at = recording(page)
    page.keyboard.press("1")
    drag(page, at(20, 60), at(50, 60))
    regions(page, 1)
    spoken = page.get_by_placeholder("What is said, word for word")
    spoken.fill("zero")
    spoken.press("Enter")
    page.wait_for_function(
        "[...document.querySelectorAll('.lsf-outliner-item *')].some(e => e.innerText === 'zero' || e.value === 'zero')"
    )


def tracked(page: Any) -> None:
    at = film(page)
    page.keyboard.press("3")
    drag(page, at(30, 30), at(60, 70))
    regions(page, 1)


def near(value: float, wanted: float, by: float = 2.5) -> bool:
    return abs(value - wanted) <= by


def is_box(values: dict[str, list[Any]]) -> bool:
    (b,) = values["box"]
    return near(b.x, 40) and near(b.y, 36) and near(b.x + b.width, 78) and near(b.y + b.height, 82)


CASES = (
    Case("text-classification", ("Science", "Sport"), text, keys("1"), {"label": 1}, lambda v: v["label"][0].labels == ("Science",)),
    Case(
        "text-multilabel", ("Science", "Sport", "History"), text, keys("1", "3"), {"labels": 1},
        lambda v: v["labels"][0].labels == ("Science", "History"),
    ),
    Case(
        "ner", None, text, entities, {"label": 2},
        lambda v: [(s.start, s.end) for s in v["label"]] == [(0, 12), (44, 50)],
    ),
    Case("rating", None, text, stars, {"rating": 1}, lambda v: 1 <= v["rating"][0].value <= 5),
    Case("free-text", None, text, written("She wrote a program"), {"answer": 1}, lambda v: v["answer"][0].texts == ("She wrote a program",)),
    Case(
        "pairwise", None, answers, preference, {"preference": 1, "reasoning": 1},
        lambda v: v["preference"][0].labels == ("A is slightly better",),
    ),
    Case("ranking", None, candidates, order, {"rank": 1}, lambda v: dict(v["rank"][0].buckets)["rank"] == ("c", "a", "b")),
    Case(
        "image-classification", ("Healthy", "Suspicious"), cells, keys("2", "w", ready=picture), {"label": 1, "quality": 1},
        lambda v: v["label"][0].labels == ("Suspicious",),
    ),
    Case("image-detection", ("Red", "White"), cells, box, {"box": 1}, is_box, "boxes"),
    Case("image-detection", ("Red", "White"), cells, rotated, {"box": 1}, lambda v: 20 < v["box"][0].rotation < 80, "rotated boxes"),
    Case(
        "image-detection", ("Red", "White"), cells, outline, {"polygon": 1},
        lambda v: len(v["polygon"][0].points) == len(OUTLINE) and near(v["polygon"][0].points[3][1], 78), "polygons",
    ),
    Case("image-segmentation", ("Red", "White"), cells, brush, {"mask": 1}, lambda v: bool(v["mask"])),
    Case(
        "image-keypoints", ("Edge", "Middle", "Nucleus"), cells, points, {"point": 2},
        lambda v: near(v["point"][0].x, 41) and near(v["point"][1].y, 55),
    ),
    Case("image-attributes", ("Red", "White"), cells, attribute, {"box": 1, "visible": 1}, is_box),
    Case(
        "audio-classification", ("Zero", "One"), digit, keys("1", "q", ready=recording), {"label": 1, "quality": 1},
        lambda v: v["label"][0].labels == ("Zero",),
    ),
    Case(
        "audio-transcription", None, digit, segment, {"segment": 1, "transcription": 1},
        lambda v: v["transcription"][0].texts == ("zero",) and v["segment"][0].end > v["segment"][0].start,
    ),
    Case("video-classification", ("Snow", "Rain"), opossum, keys("1", ready=playable), {"label": 1}, lambda v: v["label"][0].labels == ("Snow",)),
    Case("video-tracking", None, opossum, tracked, {"box": 1}, lambda v: bool(v["box"])),
)  # fmt: skip


@pytest.fixture(scope="module")
def page():
    with browser_page() as opened:
        yield opened


@pytest.mark.parametrize("case", CASES, ids=[c.key for c in CASES])
def test_what_is_drawn_is_found_in_answers_agreement_consensus_and_export(
    case: Case, tmp_path, label_studio, page, monkeypatch
):
    """Three commands, and a hand's drawing between them: nothing of it is lost, and the trainers' libraries load it."""
    shown = SHOWN[case.key]
    init, up, export = commands(shown, case.template, case.classes)
    monkeypatch.chdir(tmp_path)
    case.data(tmp_path / shown.files.partition("/")[0])
    told(*init)
    place = _on(label_studio, tmp_path / shown.workspace, next(iter(case.wanted)))
    workspaces.join(place, "Ben")
    try:
        mine = f"ada-{uuid.uuid4().hex[:8]}@example.org"  # of a server that has seen other Adas
        desk = told(*(mine if word == ME else word for word in up))["desk"]
        assert wait_until(lambda: not [a for a in place.project().store.assignments() if a.task is None], timeout=60)
        page.context.clear_cookies()
        go_to_work(page, desk["url"], desk)
        case.draw(page)
        _picture(page, case)
        page.keyboard.press("Control+Enter")
        assert wait_until(lambda: len(open_assignments(place.project(), 1)) == 1, timeout=60)
        _repeat(place, "ben")
        assert wait_until(lambda: not open_assignments(place.project(), 1), timeout=60)
        _found_in_answers(place, case)
        _found_in_report(place, case)
        _found_in_consensus(place, case)
        _found_in_export(place, case, export)
        _found_by_the_library(case, tmp_path, [init, up, export])
    finally:
        place.server.stop()


def _on(server: Any, root: Path, control: str) -> Any:
    """The new workspace with the tests' Label Studio, two answers an item, and no test items."""
    place = workspaces.configure(open_workspace(root), "label_studio", url=server.url, token=server.administrator.token)
    place = workspaces.configure(place, "model", kind="none", test_items=0)
    place = workspaces.configure(place, "sampling", strategy="random", batch=10)
    place = workspaces.configure(place, "server", reconcile_seconds=1.0, sweep_seconds=2.0)
    place = workspaces.configure(place, "overlap", share=1.0, annotators=2)
    return workspaces.configure(place, "schema", control=control)


def _picture(page: Any, case: Case) -> None:
    """The screen with what was drawn, for a human's eye; for the page on request."""
    page.wait_for_timeout(300)  # what was drawn last is not there at once
    png = page.screenshot(path=SHOTS / picture_name(case.key))
    if WRITES:
        keep_picture(case.key, png)


def _repeat(place: Any, who: str) -> None:
    """The same answer by another annotator, through Label Studio's interface."""
    (record,) = list(place.project().store.records())
    raw = json.loads(record.raw)
    result = raw["result"] if isinstance(raw, dict) else raw
    with workspaces.at_work(place, who) as (session, desk):
        task = session.next_task(desk)
        session.submit(task["id"], result, 3.0)


def _found_in_answers(place: Any, case: Case) -> None:
    for found in annotation_set(place.project()).valid:
        values = {c: [e.value for e in found.answer.of(c)] for c in case.wanted}
        assert {c: len(v) for c, v in values.items()} == case.wanted
        assert case.close(values), values


def _found_in_report(place: Any, case: Case) -> None:
    """Two who answer the same agree wholly by some measure, and no measure says that they differ."""
    report = build_report(tables_of(annotation_set(place.project())), "test")
    found = {c.control.name: c for c in report.controls}
    for name in case.wanted:
        control = found[name]
        one_of = (control.agreement.percent, *(m.measure for m in (*control.others, *control.structure)))
        values = [m.value for m in one_of if m.value is not None]
        assert values.count(1.0) >= 1, (name, one_of)
        assert all(m.value is not None or m.reason for m in one_of), (name, one_of)


def _found_in_consensus(place: Any, case: Case) -> None:
    """What both say is accepted, and nothing is open."""
    settle(place.project())
    kept = {c.control: c for c in place.project().store.consensus()}
    for name in case.wanted:
        assert kept[name].state is ConsensusState.ACCEPTED, kept[name]
        assert kept[name].label or kept[name].answer, kept[name]


def _found_in_export(place: Any, case: Case, export: list[str]) -> None:
    """Each format holds the item; what it has no place for is listed, and nothing else is missing."""
    told(*export)
    more = place.root / "more"
    if case.key in FORMATS:
        told("export", "--workspace", place.root, "--format", FORMATS[case.key], "--out", more)
    for out in {place.root / "exports" / "v1", more if more.exists() else place.root / "exports" / "v1"}:
        assert [path for path in out.rglob("*") if path.is_file() and path.name != "manifest.json"]
        dropped = [json.loads(line) for path in out.rglob("dropped.jsonl") for line in path.read_text().splitlines()]
        assert {d["reason"] for d in dropped} <= LOST.get(case.key, set()), dropped


def _found_by_the_library(case: Case, folder: Path, lines: list[list[str]]) -> None:
    """The page says what to type, shows the screen, and prints what the library reads: all of it is so."""
    shown = SHOWN[case.key]
    text = part(case.key, shown, lines, loaded(shown, folder))
    if WRITES:
        keep_part(case.key, text)
    assert text in PAGE.read_text("utf-8")
    assert (IMAGES / picture_name(case.key)).stat().st_size < 200_000
