"""Text offsets: a JavaScript string counts UTF-16 units, Labelwright counts code points.

Label Studio 1.23 stores the offsets of ``Text`` and the global offsets of ``HyperText`` in code points
(its editor converts each selection), so the codec carries them as they are. Offsets inside a dialogue
(``Paragraphs``) are UTF-16 units of the paragraph's text, and so are those of many programs that
write predictions: these functions turn them into each other.
"""

from __future__ import annotations

from dataclasses import replace

from labelwright.model.values import Span


def to_code_points(span: Span, text: str) -> Span:
    """The span with its offsets in code points of ``text``.

    A character outside the Basic Multilingual Plane, such as most emoji, is two UTF-16 units. An offset
    inside such a character is moved to its start (``start``) or its end (``end``), so that the
    character belongs to the span.

    Args:
        span: with offsets in UTF-16 units.
        text: what the offsets count in: the item's text, or a paragraph's.
    """
    if text.isascii():
        return span
    return replace(span, start=_code_point(span.start, text, up=False), end=_code_point(span.end, text, up=True))


def to_utf16(span: Span, text: str) -> Span:
    """The opposite: code points to the offsets of a JavaScript string."""
    if text.isascii():
        return span
    return replace(span, start=_units(text[: span.start]), end=_units(text[: span.end]))


def _code_point(offset: int, text: str, *, up: bool) -> int:
    raw = text.encode("utf-16-le", "surrogatepass")[: 2 * offset]
    whole = len(raw.decode("utf-16-le", "ignore"))
    return whole + (up and _units(text[:whole]) < min(offset, len(raw) // 2))


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
