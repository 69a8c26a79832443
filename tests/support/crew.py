"""A Label Studio export of a simulated crew with known faults: who is hasty, who drifts, who copies, who draws too little.

Everything here is drawn at random from a fixed seed; nobody's data are in it.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

CLASSES = ("Positive", "Negative", "Neutral", "Mixed")
CREW = ("steady", "sound", "hasty", "drifting", "source", "copier", "tired", "plain")
CONFIG = """<View>
  <Text name="text" value="$text"/>
  <Choices name="mood" toName="text" choice="single" required="true">
    <Choice value="Positive"/><Choice value="Negative"/><Choice value="Neutral"/><Choice value="Mixed"/></Choices>
  <Labels name="names" toName="text"><Label value="Product"/><Label value="Place"/></Labels>
  <Image name="photo" value="$photo"/>
  <RectangleLabels name="things" toName="photo"><Label value="Cup"/><Label value="Plate"/></RectangleLabels>
</View>"""
_START = datetime(2026, 11, 2, 9, tzinfo=UTC)
_MATES = (("Aeropress", "Oslo"), ("Kindle", "Lisbon"), ("Leica", "Hamburg"), ("Opinel", "Paris"))
_SAID = {
    "Positive": "arrived early and makes me happy",
    "Negative": "broke after one day and nobody answers",
    "Neutral": "was delivered with a manual in German",
    "Mixed": "works well but came late",
}


def write_export(path: Path, n_items: int = 400, per_item: int = 4, seed: int = 5) -> Path:
    """The export as a JSON file."""
    path.write_text(json.dumps(export(n_items, per_item, seed)), encoding="utf-8")
    return path


def export(n_items: int = 400, per_item: int = 4, seed: int = 5) -> list[dict[str, Any]]:
    """Tasks with their annotations, as `exportType=JSON` gives them."""
    rng = np.random.default_rng(seed)
    done = dict.fromkeys(CREW, 0)
    tasks = []
    for number in range(n_items):
        truth = CLASSES[int(rng.choice(4, p=[0.35, 0.3, 0.2, 0.15]))]
        product, place = _MATES[int(rng.integers(4))]
        text = f"The {product} from {place} {_SAID[truth]} (order {number})."
        boxes = [(float(rng.uniform(5, 60)), float(rng.uniform(5, 60)), k) for k in ("Cup", "Plate")]
        crew = [CREW[k] for k in rng.choice(len(CREW), per_item, replace=False)]
        annotations, given = [], {}
        for who in sorted(crew, key=CREW.index):
            seconds = float(rng.lognormal(np.log(12 if who != "hasty" else 5), 0.6))
            mood = _mood(rng, who, truth, done[who], seconds, given)
            given[who] = mood
            result = [_choice(mood), *_spans(rng, text, product, place), *_boxes(rng, who, boxes)]
            annotations.append(_annotation(1000 * number + len(annotations), who, done[who], seconds, result))
            done[who] += 1
        data = {"text": text, "photo": "/data/shelf.jpg", "source": "mail" if number % 3 else "web"}
        tasks.append({"id": 1 + number, "data": data, "annotations": annotations})
    return tasks


def _mood(rng: Any, who: str, truth: str, k: int, seconds: float, given: dict[str, str]) -> str:
    """What each of the crew says, by the fault that is theirs."""
    if who == "copier" and "source" in given and rng.random() < 0.9:
        return given["source"]
    right = {
        "hasty": 0.45 if seconds < 5 else 0.92,
        "drifting": 0.92 if k < 100 else 0.5,
        "source": 0.72,
        "copier": 0.72,
        "tired": 0.95 - 0.55 * (k % 40) / 40,
    }.get(who, 0.88)
    return truth if rng.random() < right else str(rng.choice([c for c in CLASSES if c != truth]))


def _choice(mood: str) -> dict[str, Any]:
    return {"from_name": "mood", "to_name": "text", "type": "choices", "value": {"choices": [mood]}}


def _spans(rng: Any, text: str, product: str, place: str) -> list[dict[str, Any]]:
    found = []
    for word, label in ((product, "Product"), (place, "Place")):
        if rng.random() < 0.9:
            start = text.index(word) - (4 if label == "Product" and rng.random() < 0.3 else 0)
            end = text.index(word) + len(word)
            value = {"start": start, "end": end, "text": text[start:end], "labels": [label]}
            found.append(_region("names", "text", "labels", value, rng))
    return found


def _boxes(rng: Any, who: str, boxes: list[tuple[float, float, str]]) -> list[dict[str, Any]]:
    found = []
    for x, y, label in boxes:
        if rng.random() < (0.55 if who == "plain" else 0.93):
            dx, dy = rng.normal(0, 1.5, 2)
            named = label if rng.random() < 0.93 else "Plate"
            value = {"x": x + dx, "y": y + dy, "width": 25.0, "height": 25.0, "rotation": 0, "rectanglelabels": [named]}
            size = {"original_width": 640, "original_height": 480, "image_rotation": 0}
            found.append(_region("things", "photo", "rectanglelabels", value, rng) | size)
    return found


def _region(control: str, target: str, kind: str, value: dict[str, Any], rng: Any) -> dict[str, Any]:
    return {"from_name": control, "to_name": target, "type": kind, "value": value, "id": f"r{rng.integers(10**9)}"}


def _annotation(number: int, who: str, k: int, seconds: float, result: list[dict[str, Any]]) -> dict[str, Any]:
    """Forty answers a day, a minute apart."""
    at = (_START + timedelta(days=k // 40, minutes=k % 40)).isoformat()
    return {
        "id": number,
        "completed_by": {"id": 1 + CREW.index(who), "email": f"{who}@example.org", "first_name": who, "last_name": ""},
        "result": result,
        "was_cancelled": False,
        "created_at": at,
        "updated_at": at,
        "lead_time": round(seconds, 2),
    }
