"""WebDataset: tar files of samples that are read one after the other.

A sample holds ``KEY.json`` (the whole row), ``KEY.txt`` where the item is a text, the medium under its own extension
where it is at hand, and ``KEY.cls`` (the code of the class) where one control has one class.
"""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from itertools import chain, islice

from labelwright.export.columns import plain
from labelwright.export.encoding import EncodedFile, json_bytes
from labelwright.export.labelled import Labelled, Labellings, Names
from labelwright.export.tables import row_of

#: Samples of one tar file.
SHARD = 10_000
_BLOCK = 10_240

RULE = "KEY.json holds the whole row; KEY.cls the code of the class, in the order of classes.txt. Dots in keys are _."


def encode(labellings: Labellings) -> Iterator[EncodedFile]:
    """``data-000000.tar`` …, or ``SPLIT-000000.tar`` …; ``classes.txt`` where there are classes."""
    names = Names()
    for split in labellings.options.get("splits") or (None,):
        items = (r for r in labellings.read() if split is None or r.split == split)
        for number, first in enumerate(items):
            shard = chain([first], islice(items, SHARD - 1))
            yield EncodedFile(f"{split or 'data'}-{number:06d}.tar", _shard(labellings, names, shard))
    control, classes = _class_control(labellings)
    if control:
        yield EncodedFile("classes.txt", ("".join(f"{name}\n" for name in classes).encode(),))


def _class_control(labellings: Labellings) -> tuple[str | None, tuple[str, ...]]:
    found = list(labellings.options.get("classes", {}).items())
    return found[0] if len(found) == 1 else (None, ())


def _shard(labellings: Labellings, names: Names, items: Iterator[Labelled] | chain[Labelled]) -> Iterator[bytes]:
    control, classes = _class_control(labellings)
    codes = {name: code for code, name in enumerate(classes)}
    written = 0
    for labelled in items:
        parts = b"".join(_member(name, body) for name, body in _sample(labellings, labelled, names, control, codes))
        written += len(parts)
        yield parts
    yield b"\0" * (1024 + -(written + 1024) % _BLOCK)


def _sample(
    labellings: Labellings, labelled: Labelled, names: Names, control: str | None, codes: dict[str, int]
) -> Iterator[tuple[str, bytes]]:
    shown = labellings.shown(labelled)
    is_text = not labellings.options.get("media_field")
    item = f"{labelled.id}" + (f"-{labelled.annotator}" if labelled.annotator else "")
    stem, extension = names.of(None if is_text else shown, item)
    key = stem.replace(".", "_")
    if is_text and isinstance(shown, str):
        yield f"{key}.txt", shown.encode("utf-8", "replace")
    medium = labellings.media(shown) if not is_text and isinstance(shown, str) else None
    if medium is not None:
        yield f"{key}{extension.lower() or '.bin'}", medium
    label = labelled.values.get(control) if control else None
    if isinstance(label, str) and label in codes:
        yield f"{key}.cls", str(codes[label]).encode()
    yield f"{key}.json", json_bytes(plain(row_of(labelled)))


def _member(name: str, body: bytes) -> bytes:
    """A file in a tar: no owner and no time, so that the same state gives the same bytes."""
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(body), 0o644
    head = io.BytesIO(info.tobuf(tarfile.PAX_FORMAT)).getvalue()
    return head + body + b"\0" * (-len(body) % 512)
