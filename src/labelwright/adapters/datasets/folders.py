"""A dataset's folder on a local disk: drafted beside its place, checked, then renamed into it.

Names beside ``OUT``: ``.OUT.draft-…-PID`` while it is written, ``.OUT.before`` between the two renames that replace an
older dataset (the next export puts it back if the process dies there), ``OUT.problems.jsonl`` for corrupt rows, and
``OUT.replaced-N`` for a folder that was not ours.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from itertools import count
from pathlib import Path

from labelwright.export import EncodedFile, Problem
from labelwright.export.encoding import json_bytes
from labelwright.export.manifest import KIND, NAME
from labelwright.model.errors import CheckFailedError, OutsideServiceError, UsageError

# A name of a file: no separator, no control character, nothing hidden, short enough for every file system.
_PART = re.compile(r"[^\x00-\x1f\x7f/\\.][^\x00-\x1f\x7f/\\]*")
_LONGEST = 255
#: Files that are waited for one by one.
_FEW = 100


@dataclass(frozen=True, slots=True)
class LocalFolders:
    """Writes datasets into folders of this machine.

    Attributes:
        durable: wait until each file is on the disk. What can be made again at once need not.
    """

    durable: bool = True

    @contextmanager
    def draft(self, out: Path, *, force: bool) -> Iterator[LocalDraft]:
        """See `labelwright.app.export.DatasetFolders.draft`.

        Raises:
            CheckFailedError: ``out`` holds something that is not ours, and ``force`` is not set.
            UsageError: ``out`` cannot be a dataset's folder.
            OutsideServiceError: the disk is full or failed.
        """
        place = out.resolve()
        with _explained(place):
            _recover(place)
            _refuse(place, force=force)
            draft = _beside(place, f"draft-{secrets.token_hex(4)}-{os.getpid()}")
            draft.mkdir(parents=True)
            try:
                made = LocalDraft(draft, self.durable)
                yield made
                made.finish()
                _replace(place, draft)
                if self.durable:
                    _sync(place.parent)
            finally:
                _remove(draft)

    def put_problems(self, out: Path, problems: Sequence[Problem]) -> Path:
        """See `labelwright.app.export.DatasetFolders.put_problems`."""
        place = out.resolve()
        path = place.with_name(f"{place.name}.problems.jsonl")
        with _explained(path):
            if not problems:
                path.unlink(missing_ok=True)
                return path
            path.parent.mkdir(parents=True, exist_ok=True)
            draft = _beside(path, f"draft-{secrets.token_hex(4)}-{os.getpid()}")
            with draft.open("wb") as file:
                file.writelines(json_bytes(asdict(p)) + b"\n" for p in problems)
            draft.replace(path)
        return path


@dataclass(frozen=True, slots=True)
class LocalDraft:
    """A folder in the making."""

    root: Path
    durable: bool = True
    _made: set[str] = field(default_factory=set)
    _written: list[str] = field(default_factory=list)

    def add(self, file: EncodedFile) -> str:
        """Write one file; its SHA-256 in hexadecimal.

        Raises:
            ValueError: the path is not one that a format may choose, or is taken.
        """
        folder, _, _ = file.path.rpartition("/")
        for part in file.path.split("/"):
            if not _PART.fullmatch(part) or len(part.encode("utf-8", "replace")) > _LONGEST:
                raise ValueError(f"{file.path!r} is no path that a format may write")
        if folder not in self._made:
            self.root.joinpath(folder).mkdir(parents=True, exist_ok=True)
            self._made.add(folder)
        digest = hashlib.sha256()
        # Joined as text: a Path for each of a hundred thousand small files would cost more than writing them.
        with open(f"{self.root}/{file.path}", "xb", buffering=0) as target:  # noqa: PTH123
            for chunk in file.chunks:
                digest.update(chunk)
                target.write(chunk)
            if self.durable and len(self._written) < _FEW:
                os.fsync(target.fileno())
        if self.durable and len(self._written) <= _FEW:
            self._written.append(file.path)
        return digest.hexdigest()

    def finish(self) -> None:
        """Wait until everything is on the disk: of many small files all at once, one by one would take minutes."""
        if self.durable and len(self._written) > _FEW:
            os.sync()


def _beside(place: Path, what: str) -> Path:
    return place.with_name(f".{place.name}.{what}")


def _recover(place: Path) -> None:
    """Undo what a process left that died: a replaced dataset goes back, drafts of dead processes go away."""
    before = _beside(place, "before")
    if before.exists() and not place.exists():
        before.rename(place)
    _remove(before)
    for draft in place.parent.glob(f"{_literal(_beside(place, 'draft-').name)}*"):
        pid = draft.name.rpartition("-")[2]
        if pid.isdecimal() and not is_running(int(pid)):
            _remove(draft)


def _literal(name: str) -> str:
    return re.sub(r"([*?\[])", r"[\1]", name)


def is_running(pid: int) -> bool:
    """Whether there is a process of that number."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # it lives, and is somebody else's
    return True


def _refuse(place: Path, *, force: bool) -> None:
    if place == Path(place.anchor) or Path.cwd().is_relative_to(place):
        raise UsageError(
            "The current folder, or one above it, cannot become a dataset",
            where=str(place),
            next_step="Name a folder of its own with --out",
        )
    if place.exists() and not place.is_dir():
        raise UsageError("There is a file of that name", where=str(place), next_step="Name a folder with --out")
    if not force and _foreign(place):
        raise CheckFailedError(
            f"The folder is not empty and holds what Labelwright did not write: {_foreign(place)}",
            where=str(place),
            next_step="Name another folder with --out, or use --force to move this one aside",
        )


def _foreign(place: Path) -> str | None:
    """Something in the folder that is not of a dataset of ours; None when there is nothing."""
    ours = _listed(place)
    found = (p.relative_to(place).as_posix() for p in sorted(place.rglob("*")) if not p.is_dir() or p.is_symlink())
    return next((name for name in found if name not in ours), None)


def _listed(place: Path) -> set[str]:
    try:
        manifest = json.loads((place / NAME).read_bytes())
        return {NAME, *manifest["files"]} if manifest["kind"] == KIND else set()
    except (OSError, ValueError, KeyError, TypeError):
        return set()


def _replace(place: Path, draft: Path) -> None:
    if not place.exists():
        draft.rename(place)
    elif _foreign(place):
        aside = (place.with_name(f"{place.name}.replaced-{n}") for n in count(1))
        place.rename(next(path for path in aside if not path.exists()))
        draft.rename(place)
    else:
        before = _beside(place, "before")
        place.rename(before)
        draft.rename(place)
        _remove(before)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)


@contextmanager
def _explained(place: Path) -> Iterator[None]:
    """What the disk refuses, as a message with the next step."""
    try:
        yield
    except OSError as error:
        full = error.errno in {errno.ENOSPC, errno.EDQUOT}
        raise OutsideServiceError(
            f"The dataset could not be written: {error.strerror or error}",
            where=str(error.filename or place),
            next_step="Make room on the disk" if full else "Name a folder with --out that you may write to",
        ) from error
