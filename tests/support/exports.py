"""Label Studio exports made of real data: texts with spans, pictures with boxes, recordings."""

from __future__ import annotations

import json
import wave
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

DATA = Path(__file__).resolve().parents[3] / "shared" / "datasets"


def real(*parts: str) -> Path:
    """A place in the collection of real data; the test is skipped where it is not there."""
    path = DATA.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"the real data are not here: {path}")
    return path


def task(number: int, data: dict[str, Any], *answers: Any, people: tuple[int, ...] = (1, 2, 3)) -> dict[str, Any]:
    """A task with one answer a person; an answer is a result list, None a skip."""
    annotations = [
        {
            "id": 100 * number + who,
            "completed_by": who,
            "result": result or [],
            "was_cancelled": result is None,
            "created_at": f"2026-01-01T00:00:0{who}.000000Z",
            "updated_at": f"2026-01-01T00:00:0{who}.500000Z",
            "lead_time": 2.5,
        }
        for who, result in zip(people, answers, strict=False)
    ]
    return {"id": number, "data": data, "annotations": annotations, "predictions": [], "meta": {}}


def box(name: str, label: str, place: tuple[float, ...], size: tuple[int, int], **more: Any) -> dict[str, Any]:
    """A box by left, top, width, height (and rotation) in percent."""
    x, y, w, h, *turn = place
    value = {"x": x, "y": y, "width": w, "height": h, "rotation": (turn or [0])[0], "rectanglelabels": [label]}
    return {
        "id": name,
        "from_name": "label",
        "to_name": "image",
        "type": "rectanglelabels",
        "original_width": size[0],
        "original_height": size[1],
        "image_rotation": 0,
        "value": value,
        **more,
    }


def span(name: str, start: int, end: int, text: str, *labels: str) -> dict[str, Any]:
    """A stretch of text."""
    value = {"start": start, "end": end, "text": text[start:end], "labels": list(labels)}
    return {"id": name, "from_name": "label", "to_name": "text", "type": "labels", "value": value}


def choice(*labels: str, control: str = "sentiment", to: str = "text") -> dict[str, Any]:
    """A class of the item."""
    return {
        "id": "c",
        "from_name": control,
        "to_name": to,
        "type": "choices",
        "value": {"choices": list(labels)},
    }


def written(folder: Path, tasks: list[dict[str, Any]], name: str = "export.json") -> Path:
    """The export as a file."""
    path = folder / name
    path.write_text(json.dumps(tasks, ensure_ascii=False), encoding="utf-8")
    return path


def restaurant(count: int | None = None) -> list[dict[str, Any]]:
    """Real utterances with the spans of their slots (restaurant8k)."""
    rows = json.loads(real("text", "restaurant8k_spans_test.json").read_text("utf-8"))
    tasks = []
    for number, row in enumerate(rows[:count], start=1):
        text = row["userInput"]["text"]
        spans = [(x["slot"], x["valueSpan"]) for x in row.get("labels", [])]
        result = [
            span(f"s{k}", place.get("startIndex", 0), place["endIndex"], text, slot)
            for k, (slot, place) in enumerate(spans)
        ]
        tasks.append(task(number, {"text": text}, result))
    return tasks


def blood(count: int = 20) -> tuple[list[dict[str, Any]], Path, dict[str, list[tuple[str, tuple[int, ...]]]]]:
    """Real photographs of blood cells with their boxes: tasks, folder of the pictures, and boxes in pixels."""
    folder = real("images", "bccd")
    tasks, truth = [], {}
    for number, path in enumerate(sorted((folder / "Annotations").glob("*.xml"))[:count], start=1):
        root = ET.parse(path).getroot()  # noqa: S314 - as above
        name = root.findtext("filename")
        size = (int(root.findtext("size/width")), int(root.findtext("size/height")))
        found = []
        for thing in root.iter("object"):
            corners = [int(thing.findtext(f"bndbox/{c}")) for c in ("xmin", "ymin", "xmax", "ymax")]
            found.append((thing.findtext("name"), tuple(corners)))
        truth[name] = found
        result = [
            box(
                f"b{k}",
                label,
                (100 * a / size[0], 100 * b / size[1], 100 * (c - a) / size[0], 100 * (d - b) / size[1]),
                size,
            )
            for k, (label, (a, b, c, d)) in enumerate(found)
        ]
        tasks.append(task(number, {"image": f"/data/upload/7/0a1b2c3d-{name}"}, result))
    return tasks, folder / "JPEGImages", truth


def digits(count: int = 12) -> tuple[list[dict[str, Any]], Path, dict[str, tuple[str, float]]]:
    """Real recordings of digits: tasks with a stretch and its transcription, folder, and digit and length by name."""
    folder = real("audio", "fsdd")
    words = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    tasks, truth = [], {}
    for number, path in enumerate(sorted(folder.glob("*.wav"))[:: 120 // count][:count], start=1):
        with wave.open(str(path)) as sound:
            length = sound.getnframes() / sound.getframerate()
        word = words[int(path.name[0])]
        truth[path.name] = (word, length)
        place = {"start": 0.0, "end": length, "channel": 0}
        line = {"id": "r", "to_name": "audio", "original_length": length}
        result = [
            {**line, "from_name": "segment", "type": "labels", "value": {**place, "labels": [path.name.split("_")[1]]}},
            {**line, "from_name": "transcription", "type": "textarea", "value": {**place, "text": [word]}},
        ]
        tasks.append(task(number, {"audio": f"/data/local-files/?d=fsdd/{path.name}"}, result))
    return tasks, folder, truth
