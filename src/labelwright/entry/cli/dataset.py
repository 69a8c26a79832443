"""`labelwright dataset`: the versions that were exported, what is in them, how they differ, whether they are whole."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from labelwright.entry.cli.output import HERE, JsonOption, WorkspaceOption, emit, interval, say, table
from labelwright.model.errors import CheckFailedError

if TYPE_CHECKING:
    from labelwright.adapters.datasets.versions import Version, VersionShelf

dataset_app = typer.Typer(help="Dataset versions: list, show, compare, verify.", no_args_is_help=True)

VersionArgument = Annotated[
    str, typer.Argument(metavar="VERSION", help="v3, 3, latest, the beginning of an id, or a folder.")
]


def _shelf(workspace: Path) -> VersionShelf:
    from labelwright.adapters.datasets.versions import VersionShelf  # noqa: PLC0415 - `--help` needs none of it
    from labelwright.bootstrap import open_workspace  # noqa: PLC0415

    place = open_workspace(workspace)
    return VersionShelf(place.path(place.settings.export.dir))


def _line(version: Version) -> dict[str, Any]:
    manifest = version.manifest
    return {
        "version": version.name,
        "id": manifest.get("id"),
        "rows": manifest["counts"]["rows"],
        "rows_by_split": manifest["counts"]["rows_by_split"],
        "formats": manifest["formats"],
        "control": manifest["control"]["name"],
        "written_at": version.written_at.isoformat(timespec="seconds"),
        "path": str(version.path),
    }


@dataset_app.command("list")
def list_command(workspace: WorkspaceOption = HERE, as_json: JsonOption = False) -> None:
    """The versions, oldest first."""
    found = [_line(v) for v in _shelf(workspace).all()]
    if as_json:
        emit({"versions": found})
        return
    rows = [
        (f["version"], f["rows"], *f["rows_by_split"].values(), ", ".join(f["formats"]), f["written_at"], f["id"][:12])
        for f in found
    ]
    table("Dataset versions", ("version", "rows", "train", "validation", "test", "formats", "written", "id"), rows)
    if not rows:
        say("None yet: labelwright export")


@dataset_app.command("show")
def show_command(
    version: VersionArgument = "latest", workspace: WorkspaceOption = HERE, as_json: JsonOption = False
) -> None:
    """What a version holds and how it came about."""
    found = _shelf(workspace).find(version)
    if as_json:
        emit({**_line(found), "manifest": found.manifest})
        return
    manifest = found.manifest
    say(f"{found.name}: {manifest['name']}, {found.path}")
    table("Rows", ("split", "rows"), list(manifest["counts"]["rows_by_split"].items()))
    table("Labels", ("label", "rows"), list(manifest["label_distribution"]["all"].items()))
    table("Left out", ("reason", "items"), list(manifest["counts"]["left_out"].items()))
    measures = [(n, interval(m)) for n, m in manifest["agreement"].items() if isinstance(m, Mapping) and "value" in m]
    table("Agreement", ("measure", "value (95 % interval)"), measures)
    verdict = manifest.get("certification")
    say(verdict["statement"] if verdict else "Nothing is certified: no label was audited.")
    say(f"The whole card: {found.path / 'dataset_card.md'}")


@dataset_app.command("diff")
def diff_command(
    before: Annotated[str, typer.Argument(metavar="A", help="The earlier version.")],
    after: Annotated[str, typer.Argument(metavar="B", help="The later version.")],
    workspace: WorkspaceOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Rows that came, went, changed their label or their split."""
    from labelwright.app.comparing import compare  # noqa: PLC0415

    shelf = _shelf(workspace)
    one, other = shelf.find(before), shelf.find(after)
    found = compare(one.lineage(), other.lineage(), (one.manifest, other.manifest)).as_dict()
    if as_json:
        emit({"before": one.name, "after": other.name, **found})
        return
    counts = [(name, found[name]) for name in ("same", "added", "removed", "relabeled", "moved")]
    table(f"{one.name} → {other.name}", ("rows", "count"), counts)
    if found["relabeled_by_class"]:
        table("Labels that changed", ("change", "rows"), list(found["relabeled_by_class"].items()))
    for name in found["facts"]:
        say(f"  also different: {name}")


@dataset_app.command("verify")
def verify_command(
    version: Annotated[
        str | None, typer.Argument(metavar="[VERSION]", help="Which; without it, all.", show_default=False)
    ] = None,
    workspace: WorkspaceOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Whether every file is as it was written."""
    from labelwright.adapters.datasets.versions import verify  # noqa: PLC0415

    shelf = _shelf(workspace)
    found = {v.name: verify(v) for v in ([shelf.find(version)] if version else shelf.all())}
    if as_json:
        emit({"versions": {name: {"whole": not problems, "problems": problems} for name, problems in found.items()}})
    else:
        for name, problems in found.items():
            say(f"{name}: {'; '.join(problems) or 'whole'}")
    broken = [name for name, problems in found.items() if problems]
    if broken and as_json:
        raise typer.Exit(1)
    if broken:
        raise CheckFailedError(
            f"Not as written: {', '.join(broken)}", next_step="Take them from a backup, or export anew"
        )
