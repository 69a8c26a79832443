"""Every format by its name on the command line."""

from __future__ import annotations

from collections.abc import Iterable

from labelwright.export import csv, hf, jsonl, label_studio, parquet
from labelwright.export.encoding import Format
from labelwright.model.errors import UsageError

FORMATS: dict[str, Format] = {
    f.name: f for f in (jsonl.FORMAT, csv.FORMAT, parquet.FORMAT, hf.FORMAT, label_studio.FORMAT)
}


def formats_named(names: Iterable[str]) -> list[Format]:
    """The formats of those names, each once, in the order of `FORMATS`.

    Raises:
        UsageError: there is no such format, or none was named.
    """
    wanted = set(names)
    unknown = sorted(wanted - set(FORMATS))
    if unknown or not wanted:
        raise UsageError(
            f"There is no format named {unknown[0]!r}" if unknown else "No format was named",
            where="--format",
            next_step=f"Use one of {', '.join(FORMATS)}",
        )
    return [f for name, f in FORMATS.items() if name in wanted]
