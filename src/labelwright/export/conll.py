"""CoNLL-2003 with IOB2 tags: one word a line, an empty line after each text.

A word has one tag, so spans that overlap cannot all stay: the longest is kept, of equally long ones the first, of equal
ones the first that was drawn (spaCy's `filter_spans` decides the same way). A word that two spans share goes to the one
that begins first; a span that is left without a word is lost. Every lost span and every further class is listed.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from itertools import pairwise
from operator import itemgetter

from labelwright.export.encoding import EncodedFile
from labelwright.export.labelled import Labelled, Labellings, Region, fit
from labelwright.export.treebank import TOKENIZER, tokens_of
from labelwright.model.values import Span

RULE = (
    f"Words are {TOKENIZER}. Of spans that overlap the longest is kept, of equally long ones the first; each span that "
    "was dropped is in dropped.jsonl."
)
_HEAD = b"-DOCSTART- -X- O\n"
_token_start, _token_end = itemgetter(0), itemgetter(1)
#: Texts that are written at once.
_BATCH = 512


def encode(labellings: Labellings) -> Iterator[EncodedFile]:
    """``data.conll``, or a file for each split or annotator."""
    for name, items in _files(labellings):
        yield EncodedFile(f"{name}.conll", _chunks(labellings, items))


def _files(labellings: Labellings) -> Iterator[tuple[str, Iterable[Labelled]]]:
    if labellings.separate:
        for annotator in sorted({r.annotator or "" for r in labellings.read()}):
            yield f"annotator-{fit(annotator)}", (r for r in labellings.read() if (r.annotator or "") == annotator)
        return
    splits = labellings.options.get("splits") or ("",)
    for split in splits:
        yield split or "data", (r for r in labellings.read() if r.split == split)


def _chunks(labellings: Labellings, items: Iterable[Labelled]) -> Iterator[bytes]:
    yield _HEAD
    lines: list[str] = []
    for count, labelled in enumerate(items, start=1):
        lines.append(_text(labellings, labelled))
        if count % _BATCH == 0:
            yield "".join(lines).encode("utf-8", "replace")
            lines = []
    yield "".join(lines).encode("utf-8", "replace")


def _text(labellings: Labellings, labelled: Labelled) -> str:
    text = labellings.shown(labelled)
    if not isinstance(text, str):
        labellings.lost.add(labelled.id, "the item has no text", field=labellings.data_field)
        return ""
    labellings.unlinked(labelled)
    labellings.unanswered(labelled)
    spans = apart(labellings, labelled, _usable(labellings, labelled, len(text)))
    tokens = tokens_of(text)
    tags = _tags(labellings, labelled, spans, tokens)
    return "".join([f"{text[a:b]} -X- _ {tag}\n" for (a, b), tag in zip(tokens, tags, strict=True)]) + "\n"


def _usable(labellings: Labellings, labelled: Labelled, length: int) -> list[Region]:
    found = []
    for region in labellings.own(labelled, (Span,)):
        reason = _unusable(region, length)
        if reason:
            labellings.lost.of(labelled, region, reason)
            continue
        for label in region.labels[1:]:
            labellings.lost.of(labelled, region, "a word has one class", lost=label)
        if region.attributes:
            labellings.lost.of(labelled, region, "a span has no answers", lost=dict(region.attributes))
        found.append(region)
    return found


def _unusable(region: Region, length: int) -> str | None:
    place = region.place
    if not isinstance(place, Span) or not region.labels:
        return "it has no class"
    if place.anchors is not None and not place.from_document:
        return "it counts from a place within a document, not from the start of the text"
    if not 0 <= place.start < place.end <= length:
        return "it lies outside of the text"
    return None


def apart(labellings: Labellings, labelled: Labelled, spans: list[Region]) -> list[Region]:
    """Spans that do not overlap, in the order of the text; the others are noted as lost."""
    spans = sorted(spans, key=_start)
    if all(_end(a) <= _start(b) for a, b in pairwise(spans)):
        return spans
    kept: list[Region] = []
    for span in sorted(spans, key=lambda s: (_start(s) - _end(s), _start(s))):
        over = next((k for k in kept if _start(span) < _end(k) and _start(k) < _end(span)), None)
        if over is None:
            kept.append(span)
        else:
            labellings.lost.of(labelled, span, "overlaps a longer or earlier span", kept=over.id)
    return sorted(kept, key=_start)


def _start(region: Region) -> int:
    return region.place.start if isinstance(region.place, Span) else 0


def _end(region: Region) -> int:
    return region.place.end if isinstance(region.place, Span) else 0


def _tags(labellings: Labellings, labelled: Labelled, spans: list[Region], tokens: list[tuple[int, int]]) -> list[str]:
    """A tag for each word: the first span that touches it has it."""
    tags = ["O"] * len(tokens)
    free = 0  # the first word that no span has
    for span in spans:
        first = max(free, bisect_right(tokens, _start(span), key=_token_end))
        free = max(first, bisect_left(tokens, _end(span), key=_token_start))
        if free == first:
            labellings.lost.of(labelled, span, "no word of its own is left for it")
            continue
        label = span.labels[0]
        tags[first:free] = [f"I-{label}"] * (free - first)
        tags[first] = f"B-{label}"
    return tags
