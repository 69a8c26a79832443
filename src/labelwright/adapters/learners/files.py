"""Model files: skops, read without running anything from them."""

from __future__ import annotations

import zipfile
from collections.abc import Collection
from pathlib import Path
from typing import Any

import skops.io

from labelwright.model.errors import DataError

#: A model file says what it is; another number is not read.
FORMAT = 1


def write_model(path: Path, learner: str, content: dict[str, Any]) -> None:
    """Write a model as a skops file: data only, no code. A file that exists is replaced in one step."""
    part = path.with_name(path.name + ".part")
    skops.io.dump({"format": FORMAT, "learner": learner, **content}, part, compression=zipfile.ZIP_DEFLATED)
    part.replace(path)


def read_model(path: Path, allowed: Collection[str] = ()) -> dict[str, Any]:
    """The content of a model file whose types are all trusted; anything else is refused before it is built.

    Args:
        path: what `write_model` wrote.
        allowed: modules whose types may stand in it, beside plain scikit-learn, numpy and scipy objects.

    Raises:
        DataError: not such a file, or it holds types that are not trusted.
    """
    if not zipfile.is_zipfile(path):
        raise unusable(path, "The file is not a skops model (a pickle is never read)")
    try:
        unknown = set(skops.io.get_untrusted_types(file=path))
        foreign = sorted(name for name in unknown if not is_allowed(name, allowed))
        content = None if foreign else skops.io.load(path, trusted=sorted(unknown))
    except Exception as error:  # a damaged archive can fail in any way its reader knows
        raise unusable(path, f"The model file cannot be read: {type(error).__name__}") from error
    if foreign:
        raise unusable(path, f"The model file holds types that are not trusted: {', '.join(foreign)}")
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise unusable(path, "The file is no model of this release")
    return content


def is_allowed(name: str, allowed: Collection[str]) -> bool:
    """Whether a dotted name stands in one of the allowed modules."""
    return any(name == module or name.startswith(f"{module}.") for module in allowed)


def unusable(path: Path, what: str) -> DataError:
    """The error of a file that is no model to be used."""
    return DataError(what, where=str(path), next_step="Train the model again; files from others are not opened")
