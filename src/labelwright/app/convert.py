"""From answers, wherever they come from, to files of one format: streamed, and nothing is lost without a word."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labelwright.app.drawing_formats import encoded, no_collection, rule_of
from labelwright.app.merging import RULE, Merging
from labelwright.export.answers import AnswerSource, Given, ItemAnswers, Outlook
from labelwright.export.encoding import EncodedFile, json_bytes
from labelwright.export.labelled import Labelled, Labellings, Lost
from labelwright.export.labelled_formats import LabelledFormat, labelled_format
from labelwright.export.manifest import KIND, NAME
from labelwright.model.errors import NothingToDoError

if TYPE_CHECKING:  # the ports know of desks and stores, which a conversion needs not
    from labelwright.ports.datasets import DatasetFolders

Encode = Callable[[Labelled, Any], list[dict[str, Any]]]
#: Formats whose files hold codes of classes, or name them: these must be known before the first row.
_CODED = frozenset({"hf", "spacy", "webdataset", "yolo", "yolo-obb", "masks"})
_NO_OUTLOOK = frozenset({"csv", "jsonl", "parquet", "label-studio", "dpo"})


@dataclass(frozen=True, slots=True)
class ConvertRequest:
    """What is wanted.

    Attributes:
        format: its name.
        out: the folder.
        source: what is converted, for the manifest.
        software: name and version of what converts.
        separate: every annotator's answer as a record of its own, instead of a consensus.
        force: replace a folder that is not ours; it is moved aside, never deleted.
        fields: roles of data fields (dpo), by role.
    """

    format: str
    out: Path
    source: str
    software: str
    separate: bool = False
    force: bool = False
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Converted:
    """What was written.

    Attributes:
        out: the folder.
        files: number of its files.
        items: items read.
        rows: records written.
        dropped: what could not be carried, counted by reason; each is in ``dropped.jsonl``.
        manifest: as it stands in ``manifest.json``.
    """

    out: Path
    files: int
    items: int
    rows: int
    dropped: Mapping[str, int]
    manifest: Mapping[str, Any]


@dataclass
class Reading:
    """Answers as labeled items; what is left out is noted the first time they are read."""

    source: AnswerSource
    lost: Lost
    separate: bool
    raw: dict[str, Any] = field(default_factory=dict)
    items: int = 0
    rows: int = 0
    _shared: bool = field(default=False, init=False)
    _again: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        self._merging = Merging(self.source.answers, self.lost)

    def read(self) -> Iterator[Labelled]:
        """Every labeled item, from the beginning."""
        lost = Lost() if self._again else self.lost
        items = rows = 0
        for item in self.source.answers():
            items += 1
            for labelled in self._of(item, lost):
                rows += 1
                yield labelled
        self._again, self.items, self.rows = True, items, rows

    def _of(self, item: ItemAnswers, lost: Lost) -> Iterator[Labelled]:
        if not self.separate:
            item = _known_only(item, lost)
        given = item.given
        if len(given) == 1 and not item.superseded and not given[0].unread:
            yield self._single(item, given[0])
            return
        _note(item, lost)
        if self.separate:
            for one in given:
                yield self._single(item, one)._replace(annotator=one.annotator)
        elif len(given) == 1:
            yield self._single(item, given[0])
        elif given:
            self._shared = True
            merged = self._merging.merged(item, lost)
            if merged is not None:
                yield merged

    def _single(self, item: ItemAnswers, given: Given) -> Labelled:
        facts = given.facts
        if self._shared:
            facts = {**facts, "n_annotations": 1, "annotators": [given.annotator]}
        if given.raw is not None:
            facts = {**facts, "result": given.raw}
        return Labelled(item.id, item.data, given.regions, given.values, given.links, None, "", facts)


def _known_only(item: ItemAnswers, lost: Lost) -> ItemAnswers:
    """Where an answer is marked as ground truth, that one is the item's answer."""
    marked = tuple(g for g in item.given if g.truth)
    if not marked or len(marked) == len(item.given):
        return item
    others = [g.annotator for g in item.given if not g.truth]
    lost.add(item.id, "another answer is marked as ground truth", annotators=others)
    return item._replace(given=marked)


def _note(item: ItemAnswers, lost: Lost) -> None:
    if not item.given:
        lost.add(item.id, "no annotation")
    if item.superseded:
        lost.add(item.id, "earlier answers of an annotator who answered again", answers=item.superseded)
    for given in item.given:
        for control, reason in given.unread:
            lost.add(item.id, reason, annotator=given.annotator, control=control)


def convert(
    source: AnswerSource,
    request: ConvertRequest,
    folders: DatasetFolders,
    media: Callable[[str], bytes | None] | None,
    encode: Callable[[Labelled], list[dict[str, Any]]],
) -> Converted:
    """Write one format, or nothing.

    Args:
        source: the answers.
        request: what is wanted.
        folders: writes it.
        media: bytes behind a link; None where media are not to be copied.
        encode: a labeled item as Label Studio's result.

    Raises:
        UsageError: no such format, or it needs a package that is not installed.
        DataError: the source cannot be read.
        NothingToDoError: no item is labeled.
        CheckFailedError: ``out`` holds what is not ours.
        OutsideServiceError: the disk is full or failed.
    """
    form = labelled_format(request.format)
    lost = Lost()
    reading = Reading(source, lost, request.separate)
    outlook = Outlook() if form.name in _NO_OUTLOOK else source.outlook(whole=form.name in _CODED, family=form.family)
    labellings = labellings_of(reading, outlook, request, media, encode)
    with no_collection(), folders.draft(request.out, force=request.force) as draft:
        files = {file.path: draft.add(file) for file in encoded(form, labellings)}
        if not reading.rows:
            raise NothingToDoError(
                "No item has an answer that counts",
                where=f"{request.source}, {reading.items} items",
                next_step="Label some first; skipped answers, drafts and predictions do not count",
            )
        manifest = _manifest(form, request, reading, files)
        draft.add(EncodedFile(NAME, [json_bytes(manifest, indent=2), b"\n"]))
    return Converted(request.out, len(files) + 1, reading.items, reading.rows, lost.reasons, manifest)


def labellings_of(
    reading: Reading,
    outlook: Outlook,
    request: ConvertRequest,
    media: Callable[[str], bytes | None] | None,
    encode: Callable[[Labelled], list[dict[str, Any]]],
) -> Labellings:
    """What the encoders read."""
    options = {
        "classes": outlook.choices,
        "media": media is not None,
        "media_field": outlook.is_media,
        "fields": request.fields,
    }
    return Labellings(
        read=reading.read,
        classes=outlook.classes,
        points=lambda: reading.source.outlook(whole=True, family=labelled_format(request.format).family).points,
        data_field=outlook.data_field,
        target=outlook.target,
        media=media or (lambda _: None),
        lost=reading.lost,
        encode=encode,
        separate=request.separate,
        options=options,
    )


def _manifest(
    form: LabelledFormat, request: ConvertRequest, reading: Reading, files: Mapping[str, str]
) -> dict[str, Any]:
    rule = rule_of(form)
    return {
        "kind": KIND,
        "manifest_version": 1,
        "software": request.software,
        "source": request.source,
        "format": form.name,
        "answers": "each annotator's apart" if request.separate else RULE,
        "notes": [rule] if rule else [],
        "counts": {"items": reading.items, "rows": reading.rows, "dropped": dict(reading.lost.reasons)},
        "files": {path: {"sha256": checksum} for path, checksum in sorted(files.items())},
    }
