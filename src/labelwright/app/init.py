"""Makes a workspace: settings, schema, guidelines, and an index of the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from labelwright.model.errors import UsageError

#: Column names that usually hold what a field wants, when no column has the field's own name.
_LIKELY = {
    "text": ("text", "sentence", "content", "body", "review", "comment", "message", "utterance", "query"),
    "image": ("image", "image_url", "url", "path", "file"),
    "audio": ("audio", "audio_url", "url", "path", "file"),
    "video": ("video", "video_url", "url", "path", "file"),
}


def map_columns(fields: Sequence[str], columns: Sequence[str], given: Mapping[str, str]) -> dict[str, str]:
    """Which column each data field of the schema comes from.

    What is given counts; then a column of the field's own name in any case; then a usual name for it; then the
    only column that there is.

    Raises:
        UsageError: a field has no column, or a given one is not there; names the columns.
    """
    unknown = [c for c in given.values() if c not in columns] or [f for f in given if f not in fields]
    if unknown:
        raise UsageError(
            f"There is no column or field named {unknown[0]}",
            next_step=f"Fields: {', '.join(fields)}. Columns: {', '.join(columns[:50])}",
        )
    mapped = {f: given.get(f) or _guess(f, fields, columns) for f in fields}
    missing = [f for f, column in mapped.items() if column is None]
    if missing:
        raise UsageError(
            f"The screen shows {', '.join(missing)}, and no column has that name",
            next_step=f"Say which: --column {missing[0]}=COLUMN, one of: {', '.join(columns[:50])}",
        )
    return {f: column for f, column in mapped.items() if column is not None}


def _guess(field: str, fields: Sequence[str], columns: Sequence[str]) -> str | None:
    by_name = {c.casefold(): c for c in reversed(columns)}
    likely = [by_name[n] for n in (field.casefold(), *_LIKELY.get(field, ())) if n in by_name]
    if likely:
        return likely[0]
    return columns[0] if len(columns) == 1 and len(fields) == 1 else None
