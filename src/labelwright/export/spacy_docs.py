"""spaCy: a DocBin that `spacy train` reads.

Spans are all kept in ``doc.spans["labels"]``, also where they overlap; ``doc.ents``, where they cannot, hold those that
`filter_spans` keeps (the longest, then the first). Classes of the whole text are in ``doc.cats``, 1.0 for each that was
chosen. A span that begins or ends within a word is widened to whole words, and listed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from labelwright.export.encoding import EncodedFile
from labelwright.export.labelled import Labelled, Labellings
from labelwright.model.errors import UsageError
from labelwright.model.values import Span

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

#: Where all spans are.
KEY = "labels"
_PARTS = {"train": "train", "validation": "dev", "test": "test"}

RULE = (
    'All spans are in doc.spans["labels"]; doc.ents hold those that do not overlap (the longest, then the first). A '
    "span that cut a word was widened to whole words."
)


def encode(labellings: Labellings) -> Iterator[EncodedFile]:
    """``data.spacy``, or ``train.spacy``, ``dev.spacy``, ``test.spacy``."""
    spacy = _spacy()
    language = spacy.blank("xx")
    for split in labellings.options.get("splits") or (None,):
        name = "data" if split is None else _PARTS[split]
        yield EncodedFile(f"{name}.spacy", _bytes(labellings, language, split))


def _spacy() -> Any:
    try:
        import spacy  # noqa: PLC0415
    except ImportError as error:
        raise UsageError(
            "Writing a DocBin needs spaCy", where="--format spacy", next_step="pip install 'labelwright[spacy]'"
        ) from error
    return spacy


def _bytes(labellings: Labellings, language: Language, split: str | None) -> Iterator[bytes]:
    from spacy.tokens import DocBin  # noqa: PLC0415

    docs = DocBin(attrs=["ORTH", "SPACY", "ENT_IOB", "ENT_TYPE"], store_user_data=True)
    for labelled in labellings.read():
        if split is None or labelled.split == split:
            doc = _doc(labellings, labelled, language)
            if doc is not None:
                docs.add(doc)
    yield docs.to_bytes()


def _doc(labellings: Labellings, labelled: Labelled, language: Language) -> Doc | None:
    from spacy.util import filter_spans  # noqa: PLC0415

    text = labellings.shown(labelled)
    if not isinstance(text, str):
        labellings.lost.add(labelled.id, "the item has no text", field=labellings.data_field)
        return None
    doc = language.make_doc(text)
    doc.user_data["id"] = labelled.id
    if labelled.annotator is not None:
        doc.user_data["annotator"] = labelled.annotator
    labellings.unlinked(labelled)
    spans = list(_spans(labellings, labelled, doc))
    doc.spans[KEY] = spans
    doc.ents = filter_spans(spans)
    _categories(labellings, labelled, doc)
    return doc


def _spans(labellings: Labellings, labelled: Labelled, doc: Doc) -> Iterator[Any]:
    for region in labellings.own(labelled, (Span,)):
        place = region.place
        if not isinstance(place, Span) or not region.labels or (place.anchors and not place.from_document):
            labellings.lost.of(labelled, region, "it has no class, or counts from a place within a document")
            continue
        for label in region.labels:
            found = doc.char_span(place.start, place.end, label=label)
            if found is None:
                found = doc.char_span(place.start, place.end, label=label, alignment_mode="expand")
                wide = {} if found is None else {"start": found.start_char, "end": found.end_char}
                labellings.lost.of(
                    labelled, region, "widened to whole words" if wide else "outside of the text", to=wide
                )
            if found is not None:
                yield found


def _categories(labellings: Labellings, labelled: Labelled, doc: Doc) -> None:
    classes = labellings.options.get("classes", {})
    for control, value in labelled.values.items():
        chosen = [value] if isinstance(value, str) else value
        if control not in classes or not isinstance(chosen, list):
            labellings.lost.add(labelled.id, "a DocBin carries classes only", control=control, value=value)
            continue
        doc.cats |= {name: float(name in chosen) for name in classes[control]}
