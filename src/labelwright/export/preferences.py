"""Preference pairs for DPO and reward models, with the columns of TRL: prompt, chosen, rejected.

A side comes from a pairwise control (left or right), or from classes that begin with the side (``A is much better``,
``Left``, ``2``). An order of several answers gives every pair of them (Ouyang et al. 2022). No preference is no pair,
and is listed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Any

from labelwright.export.encoding import EncodedFile, json_bytes
from labelwright.export.labelled import Labelled, Labellings
from labelwright.model.errors import UsageError

RULE = "Columns of TRL: prompt, chosen, rejected. Items without a preference are in dropped.jsonl."
_SIDE = re.compile(r"\s*(left|right|a|b|1|2)\b", re.IGNORECASE)
_LEFT = frozenset({"left", "a", "1"})
#: Usual names of the fields, where none are given.
_NAMES = {
    "prompt": ("prompt", "instruction", "question", "query", "context", "input"),
    "left": ("answer_a", "response_a", "completion_a", "left", "text_a", "a", "answer1", "response1", "text1"),
    "right": ("answer_b", "response_b", "completion_b", "right", "text_b", "b", "answer2", "response2", "text2"),
}


def encode(labellings: Labellings) -> Iterator[EncodedFile]:
    """``preferences.jsonl``, or one file a split."""
    for split in labellings.options.get("splits") or (None,):
        yield EncodedFile(f"{split or 'preferences'}.jsonl", _lines(labellings, split))


def _lines(labellings: Labellings, split: str | None) -> Iterator[bytes]:
    for labelled in labellings.read():
        if split is None or labelled.split == split:
            by = {} if labelled.annotator is None else {"annotator": labelled.annotator}
            rows = list(_pairs(labellings, labelled))
            yield b"".join(json_bytes({**row, "id": labelled.id, **by}) + b"\n" for row in rows)


def _pairs(labellings: Labellings, labelled: Labelled) -> Iterator[dict[str, Any]]:
    for control, value in labelled.values.items():
        if isinstance(value, Mapping):
            yield from _ranked(labellings, labelled, value)
            return
        side = _side(value)
        if side is not None:
            yield _pair(labellings, labelled, side)
            labellings.unanswered(labelled, kept=(control,))
            return
    labellings.lost.add(labelled.id, "no preference", values=dict(labelled.values))


def _side(value: Any) -> str | None:
    found = _SIDE.match(value) if isinstance(value, str) else None
    return None if found is None else "left" if found[1].lower() in _LEFT else "right"


def _pair(labellings: Labellings, labelled: Labelled, side: str) -> dict[str, Any]:
    fields = _fields(labellings, labelled.data)
    left, right = labelled.data[fields["left"]], labelled.data[fields["right"]]
    chosen, rejected = (left, right) if side == "left" else (right, left)
    prompt = labelled.data.get(fields["prompt"], "") if "prompt" in fields else ""
    return {"prompt": prompt, "chosen": chosen, "rejected": rejected}


def _fields(labellings: Labellings, data: Mapping[str, Any]) -> dict[str, str]:
    given: Mapping[str, str] = labellings.options.get("fields", {})
    found = {role: next((n for n in names if n in data), None) for role, names in _NAMES.items()}
    fields = {role: name for role, name in (found | dict(given)).items() if name}
    missing = [role for role in ("left", "right") if fields.get(role) not in data]
    if missing:
        raise UsageError(
            f"Which field holds the {missing[0]} answer is not known",
            where=", ".join(data),
            next_step="Say so: --column left=FIELD --column right=FIELD --column prompt=FIELD",
        )
    return fields


def _ranked(labellings: Labellings, labelled: Labelled, buckets: Mapping[str, list[str]]) -> Iterator[dict[str, Any]]:
    """Every pair of an order, the better first."""
    order = next(iter(buckets.values()), [])
    listed = next((v for v in labelled.data.values() if isinstance(v, list) and v and isinstance(v[0], dict)), [])
    texts = {str(entry.get("id")): entry.get("body") or entry.get("title") or "" for entry in listed}
    prompt = next((labelled.data[n] for n in _NAMES["prompt"] if isinstance(labelled.data.get(n), str)), "")
    if len(order) < 2 or any(i not in texts for i in order) or len(buckets) > 1:
        labellings.lost.add(labelled.id, "no order of answers that are among the data", order=dict(buckets))
        return
    for better, worse in combinations(order, 2):
        yield {"prompt": prompt, "chosen": texts[better], "rejected": texts[worse]}
