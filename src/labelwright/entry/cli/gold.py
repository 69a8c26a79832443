"""`labelwright gold`: items whose label is known."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from labelwright.entry.cli.output import HERE, JsonOption, WorkspaceOption, emit, say, table

gold_app = typer.Typer(help="Items whose label is known.", no_args_is_help=True, rich_markup_mode=None)
_SHOWN = 50


@gold_app.command("add")
def add(
    file: Annotated[Path, typer.Argument(help="CSV, Parquet or JSONL with the columns id and label.")],
    imported: Annotated[
        bool, typer.Option("--imported", help="The labels come from elsewhere, not from the lead's own judgement.")
    ] = False,
    workspace: WorkspaceOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Take in known labels of items of the pool."""
    from labelwright.adapters.gold_file import read_gold  # noqa: PLC0415
    from labelwright.app.gold import add_gold  # noqa: PLC0415
    from labelwright.bootstrap import open_workspace  # noqa: PLC0415
    from labelwright.model.people import GoldSource  # noqa: PLC0415

    project = open_workspace(workspace).project()
    added = add_gold(project, read_gold(file), GoldSource.IMPORT if imported else GoldSource.LEAD)
    if as_json:
        rejected = [{"row": row, "reason": reason} for row, reason in added.rejected]
        emit({"added": added.added, "changed": added.changed, "rejected": rejected})
        return
    say(f"Gold: {added.added} new, {added.changed} changed, {len(added.rejected)} rows refused.")
    for row, reason in added.rejected[:_SHOWN]:
        say(f"  row {row}: {reason}")


@gold_app.command("list")
def list_gold(workspace: WorkspaceOption = HERE, as_json: JsonOption = False) -> None:
    """Every gold item: its label, where it comes from, how many people have seen it."""
    from labelwright.app.gold import gold_list  # noqa: PLC0415
    from labelwright.bootstrap import open_workspace  # noqa: PLC0415

    rows = gold_list(open_workspace(workspace).project())
    if as_json:
        emit({"gold": rows})
        return
    if not rows:
        say("There is no gold. Next: labelwright gold add FILE")
        return
    columns = ("item", "label", "source", "by", "exposures", "state", "reason")
    table("Gold", columns, [[r[c] for c in columns] for r in rows])


@gold_app.command("retire")
def retire(
    items: Annotated[list[str], typer.Argument(help="Ids of gold items.")],
    reason: Annotated[str, typer.Option(help="Why.")] = "retired by the lead",
    workspace: WorkspaceOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Ask these items no more as gold; their labels stay known."""
    from labelwright.app.gold import retire_gold  # noqa: PLC0415
    from labelwright.bootstrap import open_workspace  # noqa: PLC0415

    n = retire_gold(open_workspace(workspace).project(), items, reason)
    if as_json:
        emit({"retired": n})
        return
    say(f"{n} gold items are retired.")
