"""Pascal VOC: one XML file a picture, boxes in whole pixels.

The standard knows upright boxes of whole pixels, counted from 1, both ends included. Bounds are rounded to the
nearest pixel (Label Studio's converter cuts off); a turned box, an outline and an ellipse have their true bounds, and
their loss of shape is listed.
"""

from __future__ import annotations

from collections.abc import Iterator

from labelwright.export.encoding import EncodedFile
from labelwright.export.labelled import Labelled, Labellings, Names, Region
from labelwright.export.places import bounds, size_of
from labelwright.model.values import Box, Ellipse, ImageSize, Polygon

RULE = "Upright boxes of whole pixels, counted from 1; of other shapes the true bounds, with the loss in dropped.jsonl."
_TABLE = {code: None for code in range(32) if code not in {9, 10, 13}} | {
    ord("&"): "&amp;",
    ord("<"): "&lt;",
    ord(">"): "&gt;",
}


class _Escaped(dict[str, str]):
    """Names of classes as XML takes them, each looked at once."""

    def __missing__(self, name: str) -> str:
        self[name] = name.translate(_TABLE)
        return self[name]


def encode(labellings: Labellings) -> Iterator[EncodedFile]:
    """``Annotations/NAME.xml`` for each picture, ``classes.txt``, and ``images/`` where the pictures are at hand."""
    names, escaped = Names(), _Escaped()
    pictures: dict[str, str] = {}
    for labelled in labellings.read():
        link = labellings.shown(labelled)
        stem, extension = names.of(link, f"{labelled.id}" + (f"-{labelled.annotator}" if labelled.annotator else ""))
        labellings.unlinked(labelled)
        labellings.unanswered(labelled)
        text = _document(labellings, labelled, stem + (extension or ".jpg"), escaped)
        if text is not None:
            yield EncodedFile(f"Annotations/{stem}.xml", (text.encode(),))
            if labellings.options.get("media") and isinstance(link, str):
                pictures[stem + (extension or ".jpg")] = link
    yield EncodedFile("classes.txt", ("".join(f"{name}\n" for name in labellings.classes or sorted(escaped)).encode(),))
    for path, link in pictures.items():
        found = labellings.media(link)
        if found is not None:
            yield EncodedFile(f"images/{path}", (found,))


def _document(labellings: Labellings, labelled: Labelled, name: str, escaped: dict[str, str]) -> str | None:
    regions = list(labellings.own(labelled, (Box, Polygon, Ellipse)))
    size = next((s for r in regions if (s := size_of(r.place))), None)
    if size is None:
        for region in regions:
            labellings.lost.of(labelled, region, "the picture's size is not known")
        if regions:
            return None
    by = "" if labelled.annotator is None else f"<annotator>{labelled.annotator.translate(_TABLE)}</annotator>\n"
    wide, tall = (size.width, size.height) if size else ("", "")
    objects = "".join([_object(labellings, labelled, r, size, escaped) for r in regions if size])
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<annotation>\n<folder>images</folder>\n'
        f"<filename>{name.translate(_TABLE)}</filename>\n"
        f"<source>\n<database>Labelwright</database>\n{by}</source>\n"
        f"<size>\n<width>{wide}</width>\n<height>{tall}</height>\n<depth>3</depth>\n</size>\n"
        f"<segmented>0</segmented>\n{objects}</annotation>\n"
    )


def _object(
    labellings: Labellings, labelled: Labelled, region: Region, size: ImageSize, escaped: dict[str, str]
) -> str:
    place = region.place
    frame = bounds(place, size.width, size.height)
    if frame is None or not region.labels:
        labellings.lost.of(labelled, region, "it has no class" if frame else "it has no corners")
        return ""
    if not isinstance(place, Box) or place.rotation:
        labellings.lost.of(labelled, region, "only its true bounds are kept")
    if region.attributes:
        labellings.lost.of(labelled, region, "an object has no answers", lost=dict(region.attributes))
    # Pixels count from 1 and both ends belong to the box, as in the devkit of Pascal VOC.
    left, top = round(frame.x) + 1, round(frame.y) + 1
    right, bottom = round(frame.x + frame.width), round(frame.y + frame.height)
    return "".join(
        f"<object>\n<name>{escaped[label]}</name>\n<pose>Unspecified</pose>\n<truncated>0</truncated>\n"
        f"<difficult>0</difficult>\n<bndbox>\n<xmin>{left}</xmin>\n<ymin>{top}</ymin>\n<xmax>{right}</xmax>\n"
        f"<ymax>{bottom}</ymax>\n</bndbox>\n</object>\n"
        for label in region.labels
    )
