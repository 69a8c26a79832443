"""Dataset versions in one folder: ``v1``, ``v2`` …, each written once and never again.

Names are stable, files carry no time, and nothing beside the folder is needed: DVC, git-lfs and object stores take it
as it is. A version's files are read-only; what was changed all the same, `verify` names.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from labelwright.adapters.datasets.folders import is_running
from labelwright.export.lineage import NAME as LINEAGE
from labelwright.export.manifest import KIND, NAME
from labelwright.model.errors import CheckFailedError, DataError, UsageError

_VERSION = re.compile(r"v([1-9][0-9]*)")
_NEW = re.compile(r"\.new-[0-9a-f]{8}-([0-9]+)")


@dataclass(frozen=True, slots=True)
class Version:
    """One dataset version.

    Attributes:
        name: ``v3``, or the folder's name where it stands elsewhere.
        path: its folder.
        manifest: as it stands in ``manifest.json``.
    """

    name: str
    path: Path
    manifest: dict[str, Any]

    @property
    def written_at(self) -> datetime:
        """When its manifest was written, as the file system says."""
        return datetime.fromtimestamp((self.path / NAME).stat().st_mtime, UTC)

    def lineage(self) -> Iterator[dict[str, Any]]:
        """Its rows with where their labels come from.

        Raises:
            DataError: the version has no rows of its own (only the format label-studio).
        """
        path = self.path / LINEAGE
        if not path.is_file():
            raise DataError("The version has no lineage.jsonl", where=str(self.path), next_step="Compare its files")
        with path.open(encoding="utf-8") as lines:
            yield from (json.loads(line) for line in lines)


@dataclass(frozen=True, slots=True)
class VersionShelf:
    """All versions of a workspace.

    Attributes:
        root: the folder that holds them.
    """

    root: Path

    def all(self) -> list[Version]:
        """The versions, oldest first."""
        if not self.root.is_dir():
            return []
        numbered = ((int(m[1]), p) for p in self.root.iterdir() if (m := _VERSION.fullmatch(p.name)))
        found = (read_version(path) for _, path in sorted(numbered))
        return [version for version in found if version is not None]

    def find(self, name: str) -> Version:
        """A version by ``v3``, ``3``, ``latest``, the beginning of its id (six characters or more), or a folder.

        Raises:
            UsageError: there is none.
        """
        versions = self.all()
        if name == "latest" and versions:
            return versions[-1]
        wanted = f"v{name}" if name.isdecimal() else name
        for version in versions:
            if version.name == wanted or (len(name) >= 6 and str(version.manifest.get("id", "")).startswith(name)):
                return version
        elsewhere = read_version(Path(name)) if (Path(name) / NAME).is_file() else None
        if elsewhere is None:
            there = ", ".join(v.name for v in versions) or "none yet (labelwright export)"
            said = f"There is no dataset version {name}"
            raise UsageError(said, where=str(self.root), next_step=f"There are: {there}")
        return elsewhere

    def draft(self) -> Path:
        """A folder to write a version into before it gets its name; those that dead processes left are removed."""
        self.root.mkdir(parents=True, exist_ok=True)
        for path in self.root.iterdir():
            found = _NEW.fullmatch(path.name)
            if found and not is_running(int(found[1])):
                shutil.rmtree(path)
        return self.root / f".new-{secrets.token_hex(4)}-{os.getpid()}"

    def publish(self, draft: Path) -> tuple[Version, bool]:
        """Give a draft its name, unless nothing has changed; the version, and whether it is new."""
        made = (draft / NAME).read_bytes()
        versions = self.all()
        same = next((v for v in versions if (v.path / NAME).read_bytes() == made), None)
        if same is not None:
            shutil.rmtree(draft)
            return same, False
        for path in (p for p in draft.rglob("*") if p.is_file()):
            path.chmod(0o444)
        first = max((int(v.name[1:]) for v in versions), default=0) + 1
        for number in count(first):
            place = self.root / f"v{number}"
            if not place.exists():
                try:
                    draft.rename(place)
                except OSError:
                    if place.exists():  # somebody else's export got the number
                        continue
                    raise
                return Version(place.name, place, json.loads(made)), True
        raise AssertionError  # count never ends


def read_version(path: Path) -> Version | None:
    """The version in that folder; None where there is none of ours."""
    try:
        manifest = json.loads((path / NAME).read_bytes())
    except (OSError, ValueError):
        return None
    if not isinstance(manifest, dict) or manifest.get("kind") != KIND:
        return None
    return Version(path.name, path, manifest)


def verify(version: Version) -> list[str]:
    """What is not as it was written, one sentence each: files changed, gone, or added."""
    listed = {path: facts["sha256"] for path, facts in version.manifest["files"].items()}
    problems = []
    for path, checksum in sorted(listed.items()):
        place = version.path / path
        if not place.is_file():
            problems.append(f"{path} is gone")
        elif _sha256(place) != checksum:
            problems.append(f"{path} has been changed")
    there = {p.relative_to(version.path).as_posix() for p in version.path.rglob("*") if p.is_file()}
    return [*problems, *(f"{path} was added" for path in sorted(there - set(listed) - {NAME}))]


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check(version: Version) -> None:
    """Refuse a version that is not as it was written.

    Raises:
        CheckFailedError: a file was changed, removed or added.
    """
    problems = verify(version)
    if problems:
        raise CheckFailedError(
            "; ".join(problems[:20]),
            where=str(version.path),
            next_step="Take the version from a backup, or export anew",
        )
