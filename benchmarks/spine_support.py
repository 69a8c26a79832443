"""What the parts of the spine's benchmark share: commands as a user runs them, with their time and memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY / "tests"))

LABELWRIGHT = str(Path(sys.executable).with_name("labelwright"))


@dataclass(frozen=True, slots=True)
class Ran:
    """One command: seconds on the clock and of processor, peak of its memory, what it printed."""

    seconds: float
    processor_seconds: float
    peak_mb: float
    stdout: str

    @property
    def document(self) -> Any:
        """What it printed, as JSON."""
        return json.loads(self.stdout)

    def figures(self) -> dict[str, float]:
        """The numbers."""
        return {
            "seconds": round(self.seconds, 2),
            "processor_seconds": round(self.processor_seconds, 2),
            "peak_rss_mb": round(self.peak_mb),
        }


def run(*arguments: str, folder: Path | None = None) -> Ran:
    """`labelwright ...` in a process of its own; raises when it fails."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as errors:
        started = time.perf_counter()
        process = subprocess.Popen([LABELWRIGHT, *arguments], stdout=out, stderr=errors, cwd=folder)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        errors.seek(0)
        if process.returncode:
            message = f"labelwright {' '.join(arguments)}: {errors.read()}"
            raise RuntimeError(message)
        return Ran(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, out.read())


def seconds(work: Callable[[], object]) -> float:
    """How long it takes."""
    started = time.perf_counter()
    work()
    return round(time.perf_counter() - started, 2)


def percentile(sorted_values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of the values does not exceed."""
    at = max(0, -(-int(share * 1_000_000) * len(sorted_values) // 1_000_000) - 1)
    return sorted_values[at]


@contextmanager
def folder() -> Iterator[Path]:
    """A fresh folder that goes away."""
    with tempfile.TemporaryDirectory(prefix="labelwright-bench-", ignore_cleanup_errors=True) as path:
        yield Path(path)
