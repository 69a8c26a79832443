"""Label Studio's own environment: it pins a hundred packages that must not meet ours."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources, util
from pathlib import Path

from labelwright.adapters.locks import file_lock
from labelwright.model.errors import OutsideServiceError
from labelwright.ports import Progress

VERSION = "1.23.2"
#: Bytes that an installation takes, with room to unpack.
_NEEDED = 1_500_000_000
#: Another process may be installing the same: it is waited for.
_WAIT = 1_800.0
_CAUSES = (
    (
        r"No space left|ENOSPC|disk full",
        "The disk is full",
        "Free 1.5 GB there, or set LABELWRIGHT_CACHE to a disk with room.",
    ),
    (
        r"Permission denied|EACCES|Read-only file|Not a directory",
        "The folder cannot be written",
        "Give yourself write permission, or set LABELWRIGHT_CACHE to another folder.",
    ),
    (
        r"[Hh]ash mismatch|DO NOT MATCH THE HASHES",
        "A package is not the one that the lock names",
        "Look at the package index that is configured: it serves another file.",
    ),
    (
        r"dns error|error sending|[Cc]onnection (refused|error)|[Ff]ailed to fetch|timed out|[Uu]nreachable|tunnel",
        "The package index cannot be reached",
        "Look at the network and its proxy (HTTPS_PROXY, UV_INDEX_URL, PIP_INDEX_URL) and run the command again.",
    ),
)


@dataclass(frozen=True, slots=True)
class Environment:
    """An installed Label Studio. ``root`` is its virtual environment, which cannot be moved."""

    root: Path

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.root / "bin" / "python"

    @property
    def command(self) -> Path:
        """Its ``label-studio`` command."""
        return self.root / "bin" / "label-studio"

    @property
    def package(self) -> Path:
        """Its folder ``label_studio``."""
        return next(self.root.glob("lib/python*/site-packages/label_studio"), self.root)

    @property
    def is_complete(self) -> bool:
        """Whether the installation came to its end."""
        return self._marker.exists() and self.command.exists()

    @property
    def _marker(self) -> Path:
        return self.root / ".complete"

    def complete(self) -> None:
        """Note that the installation came to its end."""
        self._marker.write_text(VERSION + "\n", encoding="utf-8")


def cache_dir(env: Mapping[str, str] = os.environ) -> Path:
    """Where installations and downloads are kept for all workspaces of this user."""
    if env.get("LABELWRIGHT_CACHE"):
        return Path(env["LABELWRIGHT_CACHE"]).expanduser().absolute()
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "labelwright"
    return Path(env.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "labelwright"


def lock_text() -> str:
    """The full dependency set of Label Studio, with the hash of every file."""
    return resources.files(__package__).joinpath("label-studio.lock").read_text(encoding="utf-8")


def environment_in(cache: Path) -> Environment:
    """Where this version and this lock belong for this interpreter; it may not be there yet."""
    digest = hashlib.sha256(lock_text().encode()).hexdigest()[:8]
    name = f"{VERSION}-py{sys.version_info.major}{sys.version_info.minor}-{digest}"
    return Environment(cache / "label-studio" / name)


def ensure_installed(cache: Path, progress: Progress) -> Environment:
    """Label Studio in an environment of its own, installed when missing.

    Safe to run twice at once (the second waits) and to kill at any moment (the next one begins anew).

    Args:
        cache: see `cache_dir`.
        progress: told about each package.

    Raises:
        OutsideServiceError: disk full, no permission, package index out of reach; with the next step.
    """
    environment = environment_in(cache)
    if environment.is_complete:
        return environment
    _check_place(cache)
    with file_lock(environment.root.with_suffix(".lock"), wait=_WAIT, what="The installation of Label Studio"):
        if not environment.is_complete:
            _install(environment, progress)
    return environment


def _check_place(cache: Path) -> None:
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=cache):
            pass
        free = shutil.disk_usage(cache).free
    except OSError as error:
        raise explained(str(error), cache) from error
    if free < _NEEDED:
        raise explained("No space left on device", cache)


def _install(environment: Environment, progress: Progress) -> None:
    shutil.rmtree(environment.root, ignore_errors=True)
    wanted = sum("==" in line for line in lock_text().splitlines())
    progress.start(f"Installing Label Studio {VERSION}", wanted)
    try:
        with tempfile.TemporaryDirectory() as folder:
            lock = Path(folder) / "label-studio.lock"
            lock.write_text(lock_text(), encoding="utf-8")
            for command in commands(environment, lock):
                _run(command, environment, progress)
    finally:
        progress.done()
    if not environment.command.exists():
        raise explained("the command label-studio is missing after the installation", environment.root)
    environment.complete()


def commands(environment: Environment, lock: Path) -> list[list[str]]:
    """What to run: uv where it is there (half a minute), else venv and pip (a minute)."""
    if util.find_spec("uv"):
        uv = [sys.executable, "-m", "uv"]
        # Compiled once, as pip does it: each of its processes would otherwise compile some thousand modules anew where
        # the environment forbids Python to keep them.
        install = [*uv, "pip", "install", "--compile-bytecode"]
        return [
            [*uv, "venv", "--no-project", "--python", sys.executable, str(environment.root)],
            [*install, "--python", str(environment.python), "--require-hashes", "-r", str(lock)],
        ]
    pip = [str(environment.python), "-m", "pip", "install", "--disable-pip-version-check", "--require-hashes"]
    return [[sys.executable, "-m", "venv", str(environment.root)], [*pip, "-r", str(lock)]]


def _run(command: Sequence[str], environment: Environment, progress: Progress) -> None:
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(  # noqa: S603 - our own command, no shell
            command, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL
        )
        try:
            _follow(process, environment, progress)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        if process.returncode != 0:
            output.seek(0)
            raise explained(output.read().decode(errors="replace"), environment.root)


def _follow(process: subprocess.Popen[bytes], environment: Environment, progress: Progress) -> None:
    seen = 0
    while process.poll() is None:
        time.sleep(0.2)
        there = len(list(environment.root.glob("lib/python*/site-packages/*.dist-info")))
        if there > seen:
            progress.step(there - seen)
            seen = there


def explained(output: str, where: Path) -> OutsideServiceError:
    """What an installer's words mean."""
    for pattern, what, step in _CAUSES:
        if re.search(pattern, output):
            return OutsideServiceError(f"Label Studio cannot be installed. {what}", where=str(where), next_step=step)
    last = " ".join(output.strip().splitlines()[-3:])[-300:]
    return OutsideServiceError(f"Label Studio cannot be installed: {last}", where=str(where), next_step="Try again.")
