"""Text offsets: a browser counts UTF-16 units, Labelwright counts code points."""

from __future__ import annotations

from dataclasses import replace

from labelwright.model.values import Span


def to_code_points(span: Span, text: str) -> Span:
    """The span with its offsets in code points of ``text``.

    Label Studio's offsets of ``Text`` are those of a JavaScript string: a character outside the Basic
    Multilingual Plane, such as most emoji, counts twice. An offset inside such a character is moved
    to its start (``start``) or its end (``end``), so that the character belongs to the span.

    Args:
        span: as the codec gives it.
        text: the item's text, as it was shown.
    """
    if text.isascii():
        return span
    return replace(span, start=_code_point(span.start, text, up=False), end=_code_point(span.end, text, up=True))


def to_utf16(span: Span, text: str) -> Span:
    """The opposite: code points to the offsets that Label Studio takes."""
    if text.isascii():
        return span
    return replace(span, start=_units(text[: span.start]), end=_units(text[: span.end]))


def _code_point(offset: int, text: str, *, up: bool) -> int:
    raw = text.encode("utf-16-le", "surrogatepass")[: 2 * offset]
    whole = len(raw.decode("utf-16-le", "ignore"))
    return whole + (up and _units(text[:whole]) < min(offset, len(raw) // 2))


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
