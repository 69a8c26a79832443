"""PNG masks: one picture of class codes for each item, in the palette of Pascal VOC; 0 is the background.

A pixel has one class: what was drawn later lies on top, and how much of a region is covered is listed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from labelwright.export.encoding import EncodedFile
from labelwright.export.labelled import Labelled, Labellings, Names, Region
from labelwright.export.pixels import pixels_of, png
from labelwright.export.places import size_of
from labelwright.model.errors import DataError, UsageError
from labelwright.model.values import Box, Ellipse, ImageSize, Mask, Polygon

RULE = "A pixel's value is the number of its class in classes.json, 0 the background. What was drawn later lies on top."


def encode(labellings: Labellings) -> Iterator[EncodedFile]:
    """``masks/NAME.png``, ``classes.json``, and ``images/`` where the pictures are at hand."""
    if len(labellings.classes) > 255:
        raise UsageError(
            f"A mask holds 255 classes, and there are {len(labellings.classes)}", next_step="Use --format coco"
        )
    codes = {name: code for code, name in enumerate(labellings.classes, start=1)}
    yield EncodedFile("classes.json", (json.dumps({"background": 0, **codes}, ensure_ascii=False).encode(),))
    names = Names()
    for labelled in labellings.read():
        link = labellings.shown(labelled)
        stem, extension = names.of(link, f"{labelled.id}" + (f"-{labelled.annotator}" if labelled.annotator else ""))
        labellings.unlinked(labelled)
        labellings.unanswered(labelled)
        picture = _picture(labellings, labelled, codes)
        if picture is not None:
            yield EncodedFile(f"masks/{stem}.png", (png(picture),))
            found = labellings.media(link) if labellings.options.get("media") and isinstance(link, str) else None
            if found is not None:
                yield EncodedFile(f"images/{stem}{extension}", (found,))


def _picture(labellings: Labellings, labelled: Labelled, codes: dict[str, int]) -> NDArray[np.uint8] | None:
    regions = [r for r in labellings.own(labelled, (Mask, Polygon, Box, Ellipse)) if _classed(labellings, labelled, r)]
    size = next((s for r in regions if (s := size_of(r.place))), None)
    if size is None:
        labellings.lost.add(labelled.id, "nothing was drawn, or the picture's size is not known")
        return None
    picture = np.zeros((size.height, size.width), dtype=np.uint8)
    for region in regions:
        _paint(labellings, labelled, region, picture, codes, size)
    return picture


def _classed(labellings: Labellings, labelled: Labelled, region: Region) -> bool:
    if not region.labels:
        labellings.lost.of(labelled, region, "it has no class")
    for label in region.labels[1:]:
        labellings.lost.of(labelled, region, "a pixel has one class", lost=label)
    if region.labels and region.labels[0] not in labellings.classes:
        labellings.lost.of(labelled, region, "a class that the config does not have")
        return False
    return bool(region.labels)


def _paint(
    labellings: Labellings,
    labelled: Labelled,
    region: Region,
    picture: NDArray[np.uint8],
    codes: dict[str, int],
    size: ImageSize,
) -> None:
    try:
        pixels = pixels_of(region.place, size)
    except DataError as problem:
        labellings.lost.of(labelled, region, str(problem))
        return
    if pixels is None:
        labellings.lost.of(labelled, region, "an outline of fewer than three corners")
        return
    covered = int(((picture > 0) & pixels & (picture != codes[region.labels[0]])).sum())
    if covered:
        labellings.lost.of(labelled, region, "covers pixels of another class", pixels=covered)
    picture[pixels] = codes[region.labels[0]]
