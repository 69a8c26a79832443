"""A project that is not managed comes out in every format, drawn ones too."""

from __future__ import annotations

import json
from pathlib import Path

from labelwright.adapters.labelstudio.adopted import Adopted
from labelwright.entry.cli.adopt import _export

FOLDER = Path(__file__).parents[1] / "integration" / "report_data"


def test_drawn_formats_are_written_beside_the_others(tmp_path):
    """Boxes to COCO, spans to CoNLL; a format that does not fit says why, and spoils no other."""
    tasks = tuple(json.loads((FOLDER / "label_studio_1_23_2.json").read_text("utf-8")))
    config = (FOLDER / "config.xml").read_text("utf-8")
    raw = {str(a["id"]): json.dumps(a) for t in tasks for a in t["annotations"]}
    names = ("coco", "conll", "yolo", "jsonl", "rttm", "nonsense")
    adopted = Adopted(7, "x", config, tasks, raw)
    exports = {n: _export(adopted, n, tmp_path / "exports" / n, None) for n in names}
    coco = json.loads((tmp_path / "exports" / "coco" / "annotations.json").read_text("utf-8"))
    assert len(coco["images"]) == len(tasks)
    assert coco["annotations"]
    assert " B-" in (tmp_path / "exports" / "conll" / "data.conll").read_text("utf-8")
    assert list((tmp_path / "exports" / "yolo" / "labels").glob("*.txt"))
    assert all(exports[n]["reason"] is None and exports[n]["rows"] for n in ("coco", "conll", "yolo", "jsonl"))
    assert "no format named 'nonsense'" in exports["nonsense"]["reason"]


def test_what_is_drawn_comes_out_in_the_formats_of_rows_too(tmp_path):
    """A project of boxes in JSON lines and CSV: every item with its regions, for the control that was asked for."""
    tasks = tuple(json.loads((FOLDER / "label_studio_1_23_2.json").read_text("utf-8")))
    config = (FOLDER / "config.xml").read_text("utf-8")
    adopted = Adopted(7, "x", config, tasks, {str(a["id"]): json.dumps(a) for t in tasks for a in t["annotations"]})
    exports = {n: _export(adopted, n, tmp_path / n, "things") for n in ("jsonl", "csv")}
    assert {n: (e["rows"], e["reason"]) for n, e in exports.items()} == {
        "jsonl": (len(tasks), None),
        "csv": (len(tasks), None),
    }
    rows = [json.loads(line) for line in (tmp_path / "jsonl" / "data.jsonl").read_text("utf-8").splitlines()]
    assert sum(len(row["things"]) for row in rows) > len(tasks)
