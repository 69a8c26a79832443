"""COCO: boxes, outlines, masks and keypoints in one JSON file.

Numbers of images, categories and annotations begin at 1: `COCOeval` of pycocotools takes an annotation numbered 0 for
none. A box that is turned has its true bounds, and its four corners as segmentation. Keypoints that belong to a box
(or, without one, all of an item) are one annotation.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any

from labelwright.export.encoding import EncodedFile
from labelwright.export.labelled import Labelled, Labellings, Names, Region
from labelwright.export.pixels import column_counts
from labelwright.export.places import Frame, area_of, around, bounds, outline, size_of
from labelwright.model.errors import DataError
from labelwright.model.values import Box, Ellipse, ImageSize, KeyPoint, Mask, Polygon

_KINDS = (Box, Polygon, Ellipse, Mask, KeyPoint)
#: Name of the category of keypoints that belong to no box.
LOOSE = "keypoints"
_BATCH = 512

RULE = (
    "Numbers begin at 1. A turned box has its true bounds and its corners as segmentation; an ellipse is an outline of "
    "64 corners. file_name is relative to the folder of the images."
)


def encode(labellings: Labellings) -> Iterator[EncodedFile]:
    """``annotations.json``, and ``images/`` where the pictures are at hand."""
    writer = _Writer(labellings)
    yield EncodedFile("annotations.json", writer.chunks())
    for path, link in writer.pictures:
        found = labellings.media(link)
        if found is not None:
            yield EncodedFile(f"images/{path}", (found,))


class _Writer:
    """Numbers images, categories and annotations while they stream by."""

    def __init__(self, labellings: Labellings) -> None:
        self.labellings = labellings
        self.names = Names()
        self.codes = {name: code for code, name in enumerate(labellings.classes, start=1)}
        self.point_codes: dict[str, int] = {}
        self.images: list[str] = []
        self.pictures: list[tuple[str, str]] = []
        self.numbers = count(1)
        self.with_media = bool(labellings.options.get("media"))

    def chunks(self) -> Iterator[bytes]:
        yield b'{"info": {"description": "Labelwright"}, "annotations": ['
        lead, lines = "\n", []
        for labelled in self.labellings.read():
            lines += self._item(labelled)
            if len(lines) >= _BATCH:
                yield (lead + ",\n".join(lines)).encode()
                lead, lines = ",\n", []
        if lines:
            yield (lead + ",\n".join(lines)).encode()
        yield ('\n], "images": [\n' + ",\n".join(self.images)).encode()
        yield ('\n], "categories": ' + json.dumps(self._categories(), ensure_ascii=False) + "}\n").encode()

    def _categories(self) -> list[dict[str, Any]]:
        points = {"keypoints": list(self.point_codes), "skeleton": []} if self.point_codes else {}
        names = self.codes if self.codes or not points else {LOOSE: 1}
        if points and LOOSE not in names:
            names = {**names, LOOSE: len(names) + 1}
        return [{"id": code, "name": name, "supercategory": "", **points} for name, code in names.items()]

    def _code(self, label: str) -> int:
        """The class's number: in the order of the classes where they are known, else of appearance."""
        return self.codes.setdefault(label, len(self.codes) + 1)

    def _item(self, labelled: Labelled) -> list[str]:
        labellings = self.labellings
        if labelled.links or labelled.values:
            labellings.unlinked(labelled)
            labellings.unanswered(labelled)
        sizes = [s for r in labelled.regions if (s := size_of(r.place))]
        size = sizes[0] if sizes else None
        image = self._image(labelled, size)
        lines: list[str] = []
        odd: list[Region] = []
        for region in labelled.regions:
            line = self._usual(region, image, labellings.target) if labelled.annotator is None else None
            if line is None:
                odd.append(region)
            else:
                lines.append(line)
        return lines if not odd else self._odd(labelled, image, size)

    def _usual(self, region: Region, image: int, target: str | None) -> str | None:
        """An upright box of one class, as nearly everything is that is ever drawn; None for all else."""
        place, labels, _, on, _, _, attributes, probability = region
        if type(place) is not Box or place.rotation or len(labels) != 1 or attributes or probability is not None:
            return None
        size = place.size
        if size is None or place.width < 0 or place.height < 0 or (on != target and target is not None):
            return None
        # In this order of operations: the same floats as Label Studio's converter.
        x, y = place.x * size.width / 100, place.y * size.height / 100
        w, h = place.width * size.width / 100, place.height * size.height / 100
        code = self.codes.get(labels[0]) or self._code(labels[0])
        return (
            f'{{"id": {next(self.numbers)}, "image_id": {image}, "category_id": {code}, "segmentation": [], '
            f'"bbox": [{x}, {y}, {w}, {h}], "area": {w * h}, "iscrowd": 0}}'
        )

    def _odd(self, labelled: Labelled, image: int, size: ImageSize | None) -> list[str]:
        """All of an item that holds something else."""
        labellings = self.labellings
        regions = list(labellings.own(labelled, _KINDS))
        if size is None:
            for region in regions:
                labellings.lost.of(labelled, region, "the picture's size is not known")
            return []
        points = [r for r in regions if isinstance(r.place, KeyPoint)]
        if points and not self.point_codes:
            self.point_codes = {name: at for at, name in enumerate(labellings.points())}
        owned = self._owned(labelled, points, regions) if points else {}
        lines: list[str] = []
        for region in regions:
            if not isinstance(region.place, KeyPoint):
                lines += self._region(labelled, image, region, size, owned.pop(region.id, None))
        return lines + [self._loose(image, loose) for loose in owned.values()]

    def _image(self, labelled: Labelled, size: ImageSize | None) -> int:
        link = self.labellings.shown(labelled)
        stem, extension = self.names.of(link, labelled.id)
        number = len(self.images) + 1
        image = {
            "id": number,
            "width": size.width if size else None,
            "height": size.height if size else None,
            "file_name": stem + extension,
        }
        if labelled.annotator is not None:
            image["annotator"] = labelled.annotator
        self.images.append(json.dumps(image, ensure_ascii=False))
        if self.with_media and isinstance(link, str):
            self.pictures.append((stem + extension, link))
        return number

    def _region(
        self, labelled: Labelled, image: int, region: Region, size: ImageSize | None, points: list[Region] | None
    ) -> Iterator[str]:
        labels = region.labels
        if not labels:
            self.labellings.lost.of(labelled, region, "it has no class")
        size = size_of(region.place) or size
        if not labels or size is None:
            return
        found = self._shape(labelled, region, size)
        if found is None:
            return
        frame, shape, area = found
        more = self._points(points, size)[0] if points else ""
        more += self._more(labelled, region)
        x, y, w, h = frame
        for label in labels:
            yield (
                f'{{"id": {next(self.numbers)}, "image_id": {image}, "category_id": {self._code(label)}, '
                f'"segmentation": {shape}, "bbox": [{x!r}, {y!r}, {w!r}, {h!r}], "area": {area!r}, "iscrowd": 0{more}}}'
            )

    def _shape(self, labelled: Labelled, region: Region, size: ImageSize) -> tuple[Frame, str, float] | None:
        """Bounds, segmentation as JSON, and area."""
        place = region.place
        if isinstance(place, Mask):
            return self._mask(labelled, region, size)
        corners = outline(place, size.width, size.height)
        if corners is None or len(corners) < 3:
            self.labellings.lost.of(labelled, region, "an outline of fewer than three corners")
            return None
        frame = around(corners)
        if isinstance(place, Box) and not place.rotation:
            return bounds(place, size.width, size.height) or frame, "[]", frame.width * frame.height
        flat = [value for corner in corners for value in corner]
        return frame, json.dumps([flat]), area_of(corners)

    def _mask(self, labelled: Labelled, region: Region, size: ImageSize) -> tuple[Frame, str, float] | None:
        place = region.place
        if not isinstance(place, Mask):
            return None
        try:
            counts, frame, area = column_counts(place, size)
        except DataError as problem:
            self.labellings.lost.of(labelled, region, str(problem))
            return None
        return frame, json.dumps({"size": [size.height, size.width], "counts": counts}), float(area)

    def _more(self, labelled: Labelled, region: Region) -> str:
        """What readers of COCO pass by, and others may want: turn, answers about the region, who drew it."""
        place = region.place
        more: dict[str, Any] = {}
        if isinstance(place, Box) and place.rotation:
            more["rotation"] = place.rotation
        more |= region.attributes
        found = f', "attributes": {json.dumps(more, ensure_ascii=False)}' if more else ""
        if region.probability is not None:
            found += f', "probability": {region.probability!r}'
        if labelled.annotator is not None:
            found += f', "annotator": {json.dumps(labelled.annotator, ensure_ascii=False)}'
        return found

    def _owned(
        self, labelled: Labelled, points: Sequence[Region], regions: Sequence[Region]
    ) -> dict[str | None, list[Region]]:
        """Keypoints by the region they belong to (None: to no region); one of a class each."""
        ids = {r.id for r in regions if not isinstance(r.place, KeyPoint)}
        found: dict[str | None, list[Region]] = {}
        for point in points:
            mine = found.setdefault(point.parent if point.parent in ids else None, [])
            if not point.labels or any(p.labels[0] == point.labels[0] for p in mine):
                self.labellings.lost.of(labelled, point, "another keypoint of its class, or no class")
                continue
            mine.append(point)
        return {owner: mine for owner, mine in found.items() if mine}

    def _points(self, points: Sequence[Region], size: ImageSize) -> tuple[str, Frame]:
        flat: list[float] = [0.0, 0.0, 0] * len(self.point_codes)
        corners = []
        for region in points:
            place = region.place
            if isinstance(place, KeyPoint):
                at = 3 * self.point_codes[region.labels[0]]
                x, y = place.x / 100 * size.width, place.y / 100 * size.height
                flat[at : at + 3] = [x, y, 2]
                corners.append((x, y))
        return f', "keypoints": {json.dumps(flat)}, "num_keypoints": {len(corners)}', around(corners)

    def _loose(self, image: int, points: Sequence[Region]) -> str:
        size = next(s for p in points if (s := size_of(p.place)))
        keypoints, frame = self._points(points, size)
        category = next(c["id"] for c in self._categories() if c["name"] == LOOSE)
        return (
            f'{{"id": {next(self.numbers)}, "image_id": {image}, "category_id": {category}, "segmentation": [], '
            f'"bbox": {json.dumps(list(frame))}, "area": {frame.width * frame.height!r}, "iscrowd": 0{keypoints}}}'
        )
