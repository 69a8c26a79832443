"""YOLO: one text file a picture, one line a thing, numbers from 0 to 1 of the picture's width and height.

Detection (`class x y width height`, centre), segmentation (`class x1 y1 x2 y2 …`), pose (a box and its keypoints) in
the format yolo; oriented boxes (`class` and four corners) in yolo-obb. A box that is turned has its true bounds in
yolo, with the loss listed, and its own corners in yolo-obb. ``data.yaml`` and ``dataset.yaml`` (the same, since tools
expect one or the other name) and ``classes.txt`` name the classes in the order of their codes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import chain

from labelwright.export.encoding import EncodedFile
from labelwright.export.labelled import Labelled, Labellings, Names, Region
from labelwright.export.places import bounds, outline, size_of
from labelwright.model.values import Box, Ellipse, KeyPoint, Polygon

Line = Callable[[Labellings, Labelled, Region], str | None]

RULE = (
    "Numbers from 0 to 1 of the picture's width and height. A turned box has its true bounds, with the loss in "
    "dropped.jsonl (yolo-obb: its corners)."
)


def encode(labellings: Labellings) -> Iterator[EncodedFile]:
    """``labels/NAME.txt`` for each picture, classes, and ``images/`` where the pictures are at hand."""
    line = _pose_line if labellings.points() else _line
    kinds: tuple[type, ...] = (Box, Polygon, Ellipse, *((KeyPoint,) if labellings.points() else ()))
    return _files(labellings, line, kinds)


def encode_oriented(labellings: Labellings) -> Iterator[EncodedFile]:
    """The same with four corners a box."""
    return _files(labellings, _oriented_line, (Box, Polygon))


def _files(labellings: Labellings, line: Line, kinds: tuple[type, ...]) -> Iterator[EncodedFile]:
    names, codes = Names(), {name: code for code, name in enumerate(labellings.classes)}
    pictures: dict[str, list[str]] = {}
    written: dict[str, str] = {}
    for labelled in labellings.read():
        link = labellings.shown(labelled)
        stem, extension = names.of(link, f"{labelled.id}" + (f"-{labelled.annotator}" if labelled.annotator else ""))
        labellings.unlinked(labelled)
        labellings.unanswered(labelled)
        lines = _lines(labellings, labelled, line, kinds, codes)
        yield EncodedFile(f"labels/{stem}.txt", ("".join(lines).encode(),))
        pictures.setdefault(labelled.split, []).append(f"./images/{stem}{extension or '.jpg'}\n")
        if labellings.options.get("media") and isinstance(link, str):
            written[stem + extension] = link
    yield from _pictures(labellings, written)
    yield from _about(labellings, pictures)


def _pictures(labellings: Labellings, written: dict[str, str]) -> Iterator[EncodedFile]:
    for path, link in written.items():
        found = labellings.media(link)
        if found is not None:
            yield EncodedFile(f"images/{path}", (found,))


def _about(labellings: Labellings, pictures: dict[str, list[str]]) -> Iterator[EncodedFile]:
    """Lists of pictures by split, classes, and the YAML that names both."""
    lists = {"train": "images", "val": "images"}
    if labellings.options.get("splits"):
        lists = {"train": "train.txt", "val": "validation.txt", "test": "test.txt"}
        for split in labellings.options["splits"]:
            yield EncodedFile(f"{split}.txt", ("".join(pictures.get(split, [])).encode(),))
    yield EncodedFile("classes.txt", ("".join(f"{name}\n" for name in labellings.classes).encode(),))
    head = "".join(f"{key}: {path}\n" for key, path in lists.items())
    points = f"kpt_shape: [{len(labellings.points())}, 3]\n" if labellings.points() else ""
    classes = "".join(f"  {code}: {json.dumps(name)}\n" for code, name in enumerate(labellings.classes))
    text = f"path: .\n{head}{points}nc: {len(labellings.classes)}\nnames:\n{classes or '  {}'}"
    for name in ("data.yaml", "dataset.yaml"):
        yield EncodedFile(name, (text.encode(),))


def _lines(
    labellings: Labellings, labelled: Labelled, line: Line, kinds: tuple[type, ...], codes: dict[str, int]
) -> Iterator[str]:
    for region in labellings.own(labelled, kinds):
        if isinstance(region.place, KeyPoint):
            _loose(labellings, labelled, region)
            continue
        if not region.labels:
            labellings.lost.of(labelled, region, "it has no class")
        if region.attributes:
            labellings.lost.of(labelled, region, "a line has no answers", lost=dict(region.attributes))
        numbers = line(labellings, labelled, region) if region.labels else None
        if numbers is not None:
            for label in region.labels:
                if label in codes:
                    yield f"{codes[label]} {numbers}\n"
                else:
                    labellings.lost.of(labelled, region, "a class that the config does not have", lost=label)


def _line(labellings: Labellings, labelled: Labelled, region: Region) -> str | None:
    place = region.place
    if type(place) is Box and not place.rotation and place.width >= 0 and place.height >= 0:
        x, y, w, h = place.x, place.y, place.width, place.height
        # In this order of operations: the same floats as Label Studio's converter.
        return f"{(x + w / 2) / 100} {(y + h / 2) / 100} {w / 100} {h / 100}"
    if isinstance(place, Polygon):
        return _polygon(labellings, labelled, region, place)
    size = size_of(place)
    if size is None:
        labellings.lost.of(labelled, region, "turned, and the picture's size is not known")
        return None
    if isinstance(place, Ellipse):
        corners = outline(place, size.width, size.height) or []
        return " ".join(f"{x / size.width} {y / size.height}" for x, y in corners)
    frame = bounds(place, size.width, size.height)
    if frame is None:
        return None
    if isinstance(place, Box) and place.rotation:
        labellings.lost.of(labelled, region, "only its true bounds are kept")
    centre = (frame.x + frame.width / 2) / size.width, (frame.y + frame.height / 2) / size.height
    return f"{centre[0]} {centre[1]} {frame.width / size.width} {frame.height / size.height}"


def _polygon(labellings: Labellings, labelled: Labelled, region: Region, place: Polygon) -> str | None:
    if len(place.points) < 3:
        labellings.lost.of(labelled, region, "an outline of fewer than three corners")
        return None
    return " ".join(f"{value / 100}" for value in chain.from_iterable(place.points))


def _oriented_line(labellings: Labellings, labelled: Labelled, region: Region) -> str | None:
    place = region.place
    if isinstance(place, Polygon):
        if len(place.points) == 4:
            return " ".join(f"{value / 100}" for value in chain.from_iterable(place.points))
        labellings.lost.of(labelled, region, "an outline of other than four corners is no oriented box")
        return None
    size = size_of(place)
    if size is None and isinstance(place, Box) and place.rotation:
        labellings.lost.of(labelled, region, "turned, and the picture's size is not known")
        return None
    width, height = (size.width, size.height) if size else (100, 100)
    corners = outline(place, width, height) or []
    return " ".join(f"{x / width} {y / height}" for x, y in corners)


def _pose_line(labellings: Labellings, labelled: Labelled, region: Region) -> str | None:
    box = _line(labellings, labelled, region)
    if box is None or not isinstance(region.place, Box):
        if box is not None:
            labellings.lost.of(labelled, region, "beside keypoints only boxes can stand")
        return None
    mine = {r.labels[0]: r.place for r in reversed(labelled.regions) if r.parent == region.id and r.labels}
    points = []
    for name in labellings.points():
        place = mine.get(name)
        points.append(f"{place.x / 100} {place.y / 100} 2" if isinstance(place, KeyPoint) else "0 0 0")
    return " ".join([box, *points])


def _loose(labellings: Labellings, labelled: Labelled, region: Region) -> None:
    """Keypoints stand in the line of their box; those without one, and further ones of a class, are lost."""
    boxes = {r.id for r in labelled.regions if isinstance(r.place, Box) and r.id is not None}
    first = next((r for r in labelled.regions if r.parent == region.parent and r.labels == region.labels), region)
    if region.parent not in boxes or not region.labels:
        labellings.lost.of(labelled, region, "a keypoint without a box or a class")
    elif first is not region:
        labellings.lost.of(labelled, region, "another keypoint of its class in the same box")
