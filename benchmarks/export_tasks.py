"""Label Studio exports of any size: one answer a task, with everything that Label Studio writes beside it.

python benchmarks/export_tasks.py FOLDER TASKS
"""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path
from typing import Any

CONFIGS = {
    "choices": '<View><Text name="text" value="$text"/><Choices name="sentiment" toName="text">'
    '<Choice value="Positive"/><Choice value="Negative"/><Choice value="Neutral"/></Choices></View>',
    "spans": '<View><Labels name="label" toName="text"><Label value="PER"/><Label value="ORG"/><Label value="LOC"/>'
    '</Labels><Text name="text" value="$text"/></View>',
    "boxes": '<View><Image name="image" value="$image"/><RectangleLabels name="label" toName="image">'
    '<Label value="Car"/><Label value="Person"/><Label value="Bike"/></RectangleLabels></View>',
}
_WORDS = [f"word{n}" for n in range(3000)] + ["don't", "isn't", "U.S.", "3.5", "$10", "(see)", '"quoted"', "end."]


def task(number: int, data: dict[str, Any], result: list[dict[str, Any]]) -> dict[str, Any]:
    """A task as Label Studio 1.23 exports it."""
    times = {"created_at": "2026-01-01T00:00:00.000000Z", "updated_at": "2026-01-01T00:00:05.000000Z"}
    nothing = ("import_id", "last_action", "parent_prediction", "parent_annotation", "last_created_by")
    annotation = {"id": 10 * number, "completed_by": 1, "result": result, "was_cancelled": False, **times}
    annotation |= {"ground_truth": False, "draft_created_at": None, "lead_time": 4.2, "prediction": {}}
    annotation |= {
        "result_count": 1,
        "unique_id": f"u-{number}",
        "task": number,
        "project": 1,
        **dict.fromkeys(nothing),
    }
    counts = {"total_annotations": 1, "cancelled_annotations": 0, "total_predictions": 0, "comment_count": 0}
    more = {"drafts": [], "predictions": [], "meta": {}, "file_upload": None, "inner_id": number, "project": 1}
    return {"id": number, "annotations": [annotation], "data": data, **times, **counts, **more}


def text(rng: random.Random) -> str:
    """10 to 40 words, now and then one that a tokenizer must look at."""
    return " ".join(rng.choice(_WORDS) for _ in range(rng.randint(10, 40)))


def choices(number: int, rng: random.Random) -> dict[str, Any]:
    """One class of three."""
    value = {"choices": [rng.choice(("Positive", "Negative", "Neutral"))]}
    line = {"value": value, "id": "c", "from_name": "sentiment", "to_name": "text", "type": "choices"}
    return task(number, {"text": text(rng)}, [line])


def spans(number: int, rng: random.Random) -> dict[str, Any]:
    """Three words marked."""
    shown = text(rng)
    words = shown.split(" ")
    starts = [sum(len(w) + 1 for w in words[:k]) for k in range(len(words))]
    result = []
    for k in sorted(rng.sample(range(len(words)), 3)):
        start, end = starts[k], starts[k] + len(words[k])
        value = {"start": start, "end": end, "text": words[k], "labels": [rng.choice(("PER", "ORG", "LOC"))]}
        result.append({"value": value, "id": f"s{k}", "from_name": "label", "to_name": "text", "type": "labels"})
    return task(number, {"text": shown}, result)


def boxes(number: int, rng: random.Random) -> dict[str, Any]:
    """Five upright boxes."""
    result = []
    for k in range(5):
        place = {
            "x": rng.random() * 60,
            "y": rng.random() * 60,
            "width": rng.random() * 30,
            "height": rng.random() * 30,
        }
        value = {**place, "rotation": 0, "rectanglelabels": [rng.choice(("Car", "Person", "Bike"))]}
        size = {"original_width": 1280, "original_height": 720, "image_rotation": 0}
        line = {"id": f"b{k}", "from_name": "label", "to_name": "image", "type": "rectanglelabels", "origin": "manual"}
        result.append({**size, "value": value, **line})
    return task(number, {"image": f"https://example.org/images/img_{number:06d}.jpg"}, result)


def write(folder: Path, tasks: int) -> None:
    """Three exports with their configs."""
    for name, make in (("choices", choices), ("spans", spans), ("boxes", boxes)):
        rng = random.Random(0)  # noqa: S311 - made-up data, the same every time
        found = [make(number, rng) for number in range(1, tasks + 1)]
        (folder / f"{name}.json").write_text(json.dumps(found), encoding="utf-8")
        (folder / f"{name}.xml").write_text(CONFIGS[name], encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]))
