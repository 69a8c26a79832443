"""An audit of masks is an audit of pixels: what is compared, and how, when two sides drew in different ways."""

from __future__ import annotations

import json

import numpy as np
import pytest

from labelwright.adapters.datasets.existing import read_existing
from labelwright.app.auditing import Fresh, audit
from labelwright.export.coco_masks import as_pixels, mask_of, mask_of_runs, unpacked
from labelwright.export.existing import Existing, regions_of_text
from labelwright.export.labelled import Region
from labelwright.model.errors import DataError
from labelwright.model.values import Box, ImageSize, Mask, Polygon

SIZE = ImageSize(40, 30)


def ring(inner=True):
    """A square with a hole: its box says nothing of the hole."""
    found = np.zeros((30, 40), dtype=bool)
    found[5:25, 5:25] = True
    if inner:
        found[6:24, 6:24] = False
    return found


def one(place, label="Cell"):
    return Existing("a.png", {"image": "a.png"}, regions=(Region(place, (label,), "existing", "image", "e0"),))


def compared(old, new):
    return audit([(one(old), Fresh(one(new)))])


def test_run_lengths_of_pycocotools_come_in_pixel_by_pixel():
    """Packed and plain codes of random pictures, as the library that everybody uses writes them."""
    from pycocotools import mask as coco

    rng = np.random.default_rng(3)
    for share in (0.02, 0.5, 0.97):
        picture = rng.random((30, 40)) < share
        packed = coco.encode(np.asfortranarray(picture.astype(np.uint8)))
        text = packed["counts"].decode()
        assert (as_pixels(mask_of_runs({"size": [30, 40], "counts": text}), SIZE) == picture).all()
        counts = unpacked(text)
        assert sum(counts) == 1200
        assert (as_pixels(mask_of_runs({"size": [30, 40], "counts": counts}), SIZE) == picture).all()


@pytest.mark.parametrize("counts", ["a", "0000~", [5], [-1, 1201]])
def test_a_broken_code_is_refused(counts):
    """What does not fill the picture, or breaks off, is no mask."""
    with pytest.raises(DataError):
        mask_of_runs({"size": [30, 40], "counts": counts})


def test_a_set_of_coco_masks_is_read_and_written_as_masks(tmp_path):
    """Run lengths and outlines of several parts are masks, and stay so in the column of a workspace."""
    from pycocotools import mask as coco

    packed = coco.encode(np.asfortranarray(ring().astype(np.uint8)))
    parts = [[0, 0, 10, 0, 10, 10, 0, 10], [20, 20, 30, 20, 30, 29, 20, 29]]
    annotations = [
        {"id": 1, "image_id": 1, "category_id": 1, "bbox": [5, 5, 20, 20], "iscrowd": 1,
         "segmentation": {"size": [30, 40], "counts": packed["counts"].decode()}},
        {"id": 2, "image_id": 1, "category_id": 1, "bbox": [0, 0, 30, 29], "segmentation": parts},
    ]  # fmt: skip
    images = [{"id": 1, "file_name": "a.png", "width": 40, "height": 30}]
    document = {"images": images, "annotations": annotations, "categories": [{"id": 1, "name": "Cell"}]}
    (tmp_path / "annotations.json").write_text(json.dumps(document))
    (item,) = read_existing(tmp_path).items
    assert [type(r.place) for r in item.regions] == [Mask, Mask]
    assert (as_pixels(item.regions[0].place, SIZE) == ring()).all()
    assert as_pixels(item.regions[1].place, SIZE)[5, 5]
    assert not as_pixels(item.regions[1].place, SIZE)[15, 15]
    assert [r.place for r in regions_of_text(item.text)] == [r.place for r in item.regions]


def test_a_mask_with_the_right_box_and_the_wrong_pixels_is_wrong():
    """By boxes the two would be equal."""
    assert compared(mask_of(ring()), mask_of(ring())).error_rate.value == 0
    found = compared(mask_of(ring(inner=False)), mask_of(ring()))
    assert found.error_rate.value == 1
    assert found.faults == {"nothing is there": 1, "missed": 1}


def test_masks_and_outlines_are_compared_by_pixels():
    """A tool that exports masks and one that exports outlines speak of the same thing."""
    square = Polygon(tuple((100 * x / 40, 100 * y / 30) for x, y in ((5, 5), (25, 5), (25, 25), (5, 25))), size=SIZE)
    found = compared(square, mask_of(ring(inner=False)))
    assert (found.error_rate.value, "by their pixels" in found.basis) == (0, True)
    assert compared(square, mask_of(ring())).error_rate.value == 1


def test_against_boxes_only_bounds_can_be_compared():
    """The audit says so, for the rate is then one of boxes."""
    box = Box(12.5, 100 * 5 / 30, 50, 100 * 20 / 30, size=SIZE)
    found = compared(mask_of(ring()), box)
    assert (found.error_rate.value, "by their bounds" in found.basis) == (0, True)
    assert compared(box, box).basis.endswith("at random.")
