"""Spans of a text as what a model learns: tokens, their tags and back, one line of text for a whole answer, and F1.

A token is a run of letters or digits, one character of a script that puts no spaces between words, or one other sign.
Tags are those of Ramshaw and Marcus (1995): B- begins a span, I- goes on with it, O is outside.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from labelwright.model.errors import UsageError
from labelwright.model.measure import Measure

#: Start and end in code points, end exclusive, and the class.
Mark: TypeAlias = tuple[int, int, str]

#: Scripts that are written without spaces: Thai, Lao, Burmese, Khmer, kana, Chinese characters.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_TOKEN = re.compile(rf"[{_UNSPACED}]|[^\W\d_{_UNSPACED}]+|\d+|[^\w\s]|_")
_REPLICATES = 1000


def tokens(text: str) -> list[tuple[int, int]]:
    """Start and end of every token."""
    return [match.span() for match in _TOKEN.finditer(text)]


def tags_of(places: Sequence[tuple[int, int]], marks: Iterable[Mark]) -> list[str]:
    """The tag of each token. A token that a span touches lies in it; of spans that overlap the longest counts."""
    tags = ["O"] * len(places)
    for start, end, label in sorted(marks, key=lambda m: (m[0] - m[1], m)):
        inside = [k for k, (a, b) in enumerate(places) if a < end and b > start]
        if inside and all(tags[k] == "O" for k in inside):
            for k in inside:
                tags[k] = f"I-{label}"
            tags[inside[0]] = f"B-{label}"
    return tags


def runs(tags: Sequence[str]) -> list[tuple[int, int, str]]:
    """First and last token and the class of each span."""
    found: list[tuple[int, int, str]] = []
    for k, tag in enumerate(tags):
        kind, _, label = tag.partition("-")
        if kind == "B":
            found.append((k, k, label))
        elif kind == "I" and found and found[-1][1:] == (k - 1, label):
            found[-1] = (found[-1][0], k, label)
    return found


def trimmed(text: str, mark: Mark) -> Mark:
    """Without the blanks at its ends, which people take along by accident; a span of blanks stays as it is."""
    start, end, label = mark
    inside = text[start:end]
    if not inside.strip():
        return mark
    return start + len(inside) - len(inside.lstrip()), end - len(inside) + len(inside.rstrip()), label


def written(marks: Iterable[Mark]) -> str:
    """All spans of an item as one text, the same for the same spans in any order."""
    return json.dumps(sorted({(start, end, label) for start, end, label in marks}), ensure_ascii=False)


def read_marks(text: str) -> list[Mark]:
    """The spans of such a text.

    Raises:
        UsageError: it is no list of start, end and class.
    """
    try:
        found = [(int(start), int(end), str(label)) for start, end, label in json.loads(text)]
    except (ValueError, TypeError) as problem:
        raise UsageError(
            f"Not a list of spans: {text[:80]}", next_step='Write them as [[start, end, "class"], …]'
        ) from problem
    return found


def span_f1(
    predicted: Sequence[Sequence[Mark]],
    truth: Sequence[Sequence[Mark]],
    rng: np.random.Generator,
    *,
    label: str | None = None,
    confidence: float = 0.95,
) -> Measure:
    """F1 of whole spans: a span is found when start, end and class are right. The interval resamples items.

    Args:
        predicted: spans of each item.
        truth: the same, as people marked them.
        rng: of the resampling.
        label: count spans of this class only.
        confidence: of the interval, between 0 and 1.

    Returns:
        The measure; undefined, with the reason, where neither side has a span.

    Raises:
        UsageError: the two are of different length.
    """
    if len(predicted) != len(truth):
        raise UsageError(f"{len(predicted)} predictions do not go with {len(truth)} items", where="span F1")
    counts = np.array([_counted(p, t, label) for p, t in zip(predicted, truth, strict=True)]).reshape(-1, 3)
    if not counts[:, 1:].any():
        return Measure(None, n_items=len(truth), reason="no test item has such a span")
    drawn = rng.multinomial(len(counts), np.full(len(counts), 1 / len(counts)), _REPLICATES) @ counts
    spread = _f1(drawn[drawn[:, 1:].any(axis=1)])
    low, high = np.quantile(spread, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Measure(float(_f1(counts.sum(axis=0))), float(low), float(high), len(counts))


def _counted(predicted: Sequence[Mark], truth: Sequence[Mark], label: str | None) -> tuple[int, int, int]:
    """Spans that are right, that were predicted, that there are."""
    ours, theirs = (Counter(m for m in marks if label is None or m[2] == label) for marks in (predicted, truth))
    return (ours & theirs).total(), ours.total(), theirs.total()


def _f1(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.asarray(2 * counts[..., 0] / (counts[..., 1] + counts[..., 2]), dtype=np.float64)
