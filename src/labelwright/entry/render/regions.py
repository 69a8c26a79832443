"""What annotators drew, ready to be shown: marked text, boxes on a plain ground, bars on a time line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from labelwright.app.report.values import DifficultItem, GivenAnswer
from labelwright.model.project import Item
from labelwright.model.schema import DataObject
from labelwright.model.values import Box, Ellipse, Entry, FrameRanges, KeyPoint, Polygon, Segment, Span, Track

#: Characters of a text that are shown.
MOST_TEXT = 1500
_COLOURS = 6


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text; ``labels`` names what was marked there, nothing where nothing was."""

    text: str
    labels: str = ""
    colour: int = 0


@dataclass(frozen=True, slots=True)
class Shape:
    """One shape in percent of the picture: ``form`` is rect, ellipse, polygon or point."""

    form: str
    label: str
    colour: int
    x: float = 0.0
    y: float = 0.0
    width: float = 0.0
    height: float = 0.0
    rotation: float = 0.0
    points: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of time in percent of the longest end seen."""

    label: str
    colour: int
    start: float
    width: float
    title: str


@dataclass(frozen=True, slots=True)
class Shown:
    """One annotator's answer, ready to be shown."""

    annotator: str
    label: str
    pieces: tuple[Piece, ...] = ()
    shapes: tuple[Shape, ...] = ()
    bars: tuple[Bar, ...] = ()
    ratio: float = 0.75


def shown(item: DifficultItem, objects: Sequence[DataObject], classes: Sequence[str]) -> tuple[Shown, ...]:
    """Everybody's answer to an item. Classes keep their colour over all items."""
    colours = {name: k % _COLOURS for k, name in enumerate(classes)}
    end = max((_end(e) for a in item.answers for e in a.entries), default=0.0)
    return tuple(_shown(a, item.content, objects, colours, end) for a in item.answers)


def _shown(
    answer: GivenAnswer, content: Item | None, objects: Sequence[DataObject], colours: dict[str, int], end: float
) -> Shown:
    base = Shown(answer.annotator, answer.label)
    if any(isinstance(e.value, Span) for e in answer.entries):
        return replace(base, pieces=_pieces(answer.entries, _text(answer.entries, content, objects), colours))
    shapes = tuple(s for e in answer.entries if (s := _shape(e, colours)) is not None)
    bars = tuple(b for e in answer.entries if end > 0 for b in _bars(e, colours, end))
    return replace(base, shapes=shapes, bars=bars, ratio=_ratio(answer.entries))


def _name(entry: Entry) -> str:
    return " + ".join(entry.labels) or "region"


def _colour(entry: Entry, colours: dict[str, int]) -> int:
    return colours.get(entry.labels[0], 0) if entry.labels else 0


# ---------------------------------------------------------------- text


def _text(entries: Sequence[Entry], content: Item | None, objects: Sequence[DataObject]) -> str:
    """The text that the spans stand on; empty where the source does not tell."""
    if content is None or not entries:
        return ""
    target = next((o for o in objects if o.name == entries[0].target), None)
    value = content.data.get(target.field) if target is not None and target.field else None
    return value if isinstance(value, str) and (target is None or target.tag in {"Text", "TextArea"}) else ""


def _pieces(entries: Sequence[Entry], text: str, colours: dict[str, int]) -> tuple[Piece, ...]:
    """The text cut at every end of a span; without the text, the spans alone."""
    spans = [(_placed(e.value, text), e) for e in entries if isinstance(e.value, Span)]
    if not text:
        return tuple(Piece(s.text or f"{s.start}–{s.end}", _name(e), _colour(e, colours)) for s, e in spans)
    limit = max([MOST_TEXT, *(min(s.end, len(text)) for s, _ in spans if s.end < 2 * MOST_TEXT)])
    cut = text[:limit]
    edges = sorted({0, len(cut), *(min(max(p, 0), len(cut)) for s, _ in spans for p in (s.start, s.end))})
    pieces = []
    for start, end in pairwise(edges):
        over = [e for s, e in spans if s.start <= start and end <= s.end]
        pieces.append(Piece(cut[start:end], ", ".join(map(_name, over)), _colour(over[0], colours) if over else 0))
    return (*pieces, Piece(" …")) if len(cut) < len(text) else tuple(pieces)


def _placed(span: Span, text: str) -> Span:
    """Offsets in code points: a browser counts a character beyond the basic plane (most emoji) twice."""
    if text.isascii() or span.text is None or text[span.start : span.end] == span.text:
        return span
    raw = text.encode("utf-16-le", "surrogatepass")
    start = len(raw[: 2 * span.start].decode("utf-16-le", "ignore"))
    return replace(span, start=start, end=start + len(span.text))


# ---------------------------------------------------------------- pictures


def _shape(entry: Entry, colours: dict[str, int]) -> Shape | None:
    name, colour = _name(entry), _colour(entry, colours)
    match entry.value:
        case Box(x, y, width, height, rotation):
            return Shape("rect", name, colour, x, y, width, height, rotation)
        case Ellipse(x, y, radius_x, radius_y, rotation):
            return Shape("ellipse", name, colour, x, y, radius_x, radius_y, rotation)
        case Polygon(points):
            corners = " ".join(f"{x:.2f},{y:.2f}" for x, y in points)
            x, y = points[0] if points else (0.0, 0.0)
            return Shape("polygon", name, colour, x, y, points=corners)
        case KeyPoint(x, y):
            return Shape("point", name, colour, x, y)
        case _:
            return None


def _ratio(entries: Sequence[Entry]) -> float:
    """Height over width of the picture, where it was recorded."""
    for entry in entries:
        size = getattr(entry.value, "size", None)
        if size is not None and size.width > 0 and size.height > 0:
            return float(min(2.0, max(0.2, size.height / size.width)))
    return 0.75


# ---------------------------------------------------------------- time


def _end(entry: Entry) -> float:
    match entry.value:
        case Segment(_, end):
            return end
        case FrameRanges(ranges):
            return float(max((e for _, e in ranges), default=0))
        case Track(frames):
            return float(max((f.frame for f in frames), default=0))
        case _:
            return 0.0


def _bars(entry: Entry, colours: dict[str, int], last: float) -> list[Bar]:
    name, colour = _name(entry), _colour(entry, colours)
    match entry.value:
        case Segment(start, end):
            stretches = [(start, end)]
        case FrameRanges(ranges):
            stretches = [(float(s), float(e)) for s, e in ranges]
        case Track(frames) if frames:
            stretches = [(float(frames[0].frame), float(frames[-1].frame))]
        case _:
            stretches = []
    return [
        Bar(
            name,
            colour,
            round(100 * s / last, 2),
            round(max(0.5, 100 * (e - s) / last), 2),
            f"{name}: {s:g} to {e:g}",
        )
        for s, e in stretches
    ]
