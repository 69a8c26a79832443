"""COCO, YOLO and Pascal VOC as items with boxes and outlines, in percent of the picture."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from defusedxml.ElementTree import parse

from labelwright.export.coco_masks import mask_of_parts, mask_of_runs
from labelwright.export.existing import Existing, ExistingSet
from labelwright.export.labelled import Region
from labelwright.model.errors import DataError
from labelwright.model.values import Box, Geometry, ImageSize, Polygon

_PICTURES = (".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff", ".gif")


def read_coco(path: Path) -> ExistingSet:
    """Boxes; outlines and masks where there are such. An outline of several parts is taken as a mask."""
    found = json.loads(path.read_bytes())
    names = {c["id"]: str(c["name"]) for c in found["categories"]}
    by_image: dict[Any, list[Mapping[str, Any]]] = {}
    for annotation in found["annotations"]:
        by_image.setdefault(annotation["image_id"], []).append(annotation)
    items = []
    for image in found["images"]:
        size = ImageSize(int(image["width"]), int(image["height"])) if image.get("width") else None
        regions = []
        for number, annotation in enumerate(by_image.get(image["id"], ())):
            place = _coco_place(annotation, size)
            if place is not None:
                regions.append(_region(place, names[annotation["category_id"]], number))
        name = str(image["file_name"])
        items.append(Existing(name, {"image": name}, regions=tuple(regions)))
    return ExistingSet("coco", items, tuple(names.values()))


def _coco_place(annotation: Mapping[str, Any], size: ImageSize | None) -> Geometry | None:
    if size is None:
        return None
    outline = annotation.get("segmentation")
    if isinstance(outline, dict):
        return mask_of_runs(outline)
    if isinstance(outline, list) and len(outline) > 1:
        return mask_of_parts(outline, size)
    if isinstance(outline, list) and len(outline) == 1 and len(outline[0]) >= 6:
        flat = outline[0]
        corners = zip(flat[::2], flat[1::2], strict=True)
        return Polygon(tuple((100 * x / size.width, 100 * y / size.height) for x, y in corners), size=size)
    x, y, w, h = annotation["bbox"]
    return Box(100 * x / size.width, 100 * y / size.height, 100 * w / size.width, 100 * h / size.height, size=size)


def _region(place: Geometry, label: str, number: int) -> Region:
    return Region(place, (label,), "existing", "image", f"e{number}")


def read_voc(folder: Path) -> ExistingSet:
    """Boxes of whole pixels, counted from 1 with both ends included."""
    items: list[Existing] = []
    classes: dict[str, None] = {}
    for path in sorted(_annotations(folder).glob("*.xml")):
        root: Any = parse(path).getroot()
        size = ImageSize(int(_said(root, "size/width", path)), int(_said(root, "size/height", path)))
        regions = []
        for number, thing in enumerate(root.iter("object")):
            label = _said(thing, "name", path)
            ends = [float(_said(thing, f"bndbox/{c}", path)) for c in ("xmin", "ymin", "xmax", "ymax")]
            left, top = ends[0] - 1, ends[1] - 1
            width, height = ends[2] - left, ends[3] - top
            scale = (100 / size.width, 100 / size.height)
            place = Box(left * scale[0], top * scale[1], width * scale[0], height * scale[1], size=size)
            regions.append(_region(place, label, number))
            classes[label] = None
        name = _said(root, "filename", path)
        items.append(Existing(name, {"image": name}, regions=tuple(regions)))
    return ExistingSet("voc", items, tuple(classes))


def _annotations(folder: Path) -> Path:
    return folder / "Annotations" if (folder / "Annotations").is_dir() else folder


def _said(node: Any, name: str, path: Path) -> str:
    found = node.findtext(name)
    if not found:
        raise DataError(f"The annotation names no {name}", where=str(path), next_step="Mend or remove this file")
    return str(found)


def read_yolo(folder: Path) -> ExistingSet:
    """Boxes, and outlines (more than five numbers a line), of ``labels/*.txt``; classes of data.yaml or classes.txt."""
    classes = yolo_classes(folder)
    labels = folder / "labels"
    items = []
    for path in sorted(labels.rglob("*.txt")):
        stem = path.relative_to(labels).with_suffix("")
        picture = _picture(folder / "images", stem)
        name = picture.relative_to(folder / "images").as_posix() if picture else f"{stem.as_posix()}.jpg"
        size = _size_of(picture) if picture else None
        lines = [line.split() for line in path.read_text("utf-8").splitlines() if line.strip()]
        regions = tuple(_yolo_region(line, number, classes, size, path) for number, line in enumerate(lines))
        items.append(Existing(name, {"image": name}, regions=regions))
    return ExistingSet("yolo", items, classes)


def _yolo_region(line: list[str], number: int, classes: tuple[str, ...], size: ImageSize | None, path: Path) -> Region:
    try:
        code, values = int(line[0]), [float(v) * 100 for v in line[1:]]
        label = classes[code]
    except (ValueError, IndexError) as error:
        raise DataError(
            "The line cannot be read as YOLO",
            where=f"{path}, line {number + 1}",
            next_step="Each line is a class number of data.yaml and four or more numbers",
        ) from error
    if len(values) == 4:
        x, y, w, h = values
        return _region(Box(x - w / 2, y - h / 2, w, h, size=size), label, number)
    corners = tuple((x, y) for x, y in zip(values[::2], values[1::2], strict=False))
    return _region(Polygon(corners, size=size), label, number)


def yolo_classes(folder: Path) -> tuple[str, ...]:
    """Class names in the order of their numbers."""
    for name in ("data.yaml", "dataset.yaml"):
        if (folder / name).is_file():
            names = yaml.safe_load((folder / name).read_text("utf-8")).get("names", [])
            return tuple(str(names[k]) for k in sorted(names)) if isinstance(names, dict) else tuple(map(str, names))
    if (folder / "classes.txt").is_file():
        return tuple(line for line in (folder / "classes.txt").read_text("utf-8").splitlines() if line)
    raise DataError(
        "The folder names no classes", where=str(folder), next_step="Put data.yaml or classes.txt beside labels/"
    )


def _picture(images: Path, stem: Path) -> Path | None:
    found = (images / f"{stem}{end}" for end in (*_PICTURES, *(e.upper() for e in _PICTURES)))
    return next((path for path in found if path.is_file()), None)


def _size_of(path: Path) -> ImageSize | None:
    from PIL import Image, UnidentifiedImageError  # noqa: PLC0415

    try:
        with Image.open(path) as picture:
            return ImageSize(*picture.size)
    except (OSError, UnidentifiedImageError):
        return None


def picture_folders(path: Path) -> Iterator[Path]:
    """Where the pictures of a set usually lie, the likeliest first."""
    root = path if path.is_dir() else path.parent
    for name in ("images", "JPEGImages", "."):
        yield root / name
        yield root.parent / name


__all__ = ["picture_folders", "read_coco", "read_voc", "read_yolo", "yolo_classes"]
