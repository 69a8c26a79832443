"""A workspace that begins in the console: `labelwright up` in a folder that holds nothing yet, or only data files."""

from __future__ import annotations

from pathlib import Path

#: Files that may lie there: the wizard offers them.
DATA = frozenset({".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".parquet"})
_TEMPLATE = "text-classification"


def begins_here(root: Path) -> bool:
    """Whether this folder is one to begin in: empty, or with nothing but data files; never somebody's other work."""
    if not root.exists():
        return True
    if not root.is_dir():
        return False
    seen = [p for p in root.iterdir() if not p.name.startswith(".")]
    return all(p.is_file() and p.suffix.lower() in DATA for p in seen)


def begin_workspace(root: Path) -> None:
    """Write a first screen, first guidelines and settings without data; the wizard puts others in their place."""
    from labelwright.adapters.labelstudio.templates import guidelines_for, render  # noqa: PLC0415
    from labelwright.adapters.settings import render_settings  # noqa: PLC0415
    from labelwright.app.settings import FILE_NAME  # noqa: PLC0415
    from labelwright.bootstrap import STATE  # noqa: PLC0415
    from labelwright.entry.cli.init import keep_private  # noqa: PLC0415

    root.mkdir(parents=True, exist_ok=True)
    keep_private(root / STATE)
    name = root.name or "project"
    files = {
        "schema.xml": render(_TEMPLATE, None),
        "guidelines.md": guidelines_for(_TEMPLATE, None),
        FILE_NAME: render_settings({"name": name, "simulated": None, "sections": {}}),
    }
    for file, content in files.items():
        (root / f"{file}.part").write_text(content, encoding="utf-8", newline="")
        (root / f"{file}.part").replace(root / file)
