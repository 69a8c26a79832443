"""One stretch of text, of time or of frames out of several."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from labelwright.consensus.structures.weighing import median, medians, voted
from labelwright.matching.timeline import frames_of
from labelwright.model.values import FrameRanges, Segment, Span


def fuse_spans(spans: Sequence[Span], weights: Sequence[float]) -> Span:
    """Weighted median of the starts and of the ends, each an offset that somebody chose.

    Where the weight falls into two halves the wider boundary is taken, so that no word is cut. The text is cut from a
    member's that covers it, None where there is none.
    """
    start = int(medians([s.start for s in spans], weights)[0])
    end = int(medians([s.end for s in spans], weights)[1])
    return Span(start, end, _text(spans, start, end), _anchors(spans, start, end), spans[0].from_document)


def _anchors(spans: Sequence[Span], start: int, end: int) -> tuple[str, str] | None:
    """Each end's anchor, from a member that ends there."""
    first = next(s.anchors for s in spans if s.start == start)
    last = next(s.anchors for s in spans if s.end == end)
    return None if first is None or last is None else (first[0], last[1])


def _text(spans: Sequence[Span], start: int, end: int) -> str | None:
    for s in spans:
        if s.text is not None and len(s.text) == s.end - s.start and s.start <= start and end <= s.end:
            return s.text[start - s.start : end - s.start]
    return None


def fuse_segments(segments: Sequence[Segment], weights: Sequence[float]) -> Segment:
    """Weighted median of the starts and of the ends."""
    channel = next((s.channel for s in segments if s.channel is not None), None)
    return Segment(median([s.start for s in segments], weights), median([s.end for s in segments], weights), channel)


def fuse_timelines(timelines: Sequence[FrameRanges], weights: Sequence[float]) -> FrameRanges:
    """The frames that at least half of the weight holds."""
    runs = voted([frames_of(t) for t in timelines], weights)
    bounds = np.stack([runs.starts, runs.ends - 1], axis=1).tolist()
    return FrameRanges(tuple((start, end) for start, end in bounds))
