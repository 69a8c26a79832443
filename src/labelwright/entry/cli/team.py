"""`labelwright team`: annotators, their accounts and desks."""

from __future__ import annotations

from typing import Annotated

import typer

from labelwright.entry.cli.output import HERE, JsonOption, WorkspaceOption, emit, say, table
from labelwright.model.project import Level

team_app = typer.Typer(help="Annotators and their desks.", no_args_is_help=True, rich_markup_mode=None)


@team_app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="The annotator's name.")],
    email: Annotated[str, typer.Option(help="The address to sign in with.")],
    level: Annotated[Level, typer.Option(help="How experienced.")] = Level.REGULAR,
    workspace: WorkspaceOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Make the Label Studio account and the desk."""
    from labelwright.adapters.secrets import new_password  # noqa: PLC0415
    from labelwright.app.delivery import deliver  # noqa: PLC0415
    from labelwright.app.team import Newcomer, add_annotator  # noqa: PLC0415
    from labelwright.bootstrap import open_workspace  # noqa: PLC0415

    place = open_workspace(workspace)
    project, desks = place.project(), place.desks()
    newcomer = Newcomer(name, email, new_password(), level)
    added = add_annotator(project, desks, place.secrets, place.hook(), newcomer)
    deliver(project, desks, added.desk, place.owner)
    if as_json:
        emit(
            {"id": added.annotator.id, "name": name, "email": email, "desk": added.desk.url, "password": added.password}
        )
        return
    say(f"{name} is in the team. Give these to {name}, over a channel that you trust:")
    say(f"  desk      {added.desk.url}")
    say(f"  e-mail    {email}")
    say(f"  password  {added.password}" if added.password else "  password  the one this account has already")


@team_app.command("list")
def list_team(workspace: WorkspaceOption = HERE, as_json: JsonOption = False) -> None:
    """Everybody's desk link, queue and counts."""
    from labelwright.app.team import team_list  # noqa: PLC0415
    from labelwright.bootstrap import open_workspace  # noqa: PLC0415

    rows = team_list(open_workspace(workspace).project())
    if as_json:
        emit({"annotators": rows})
        return
    if not rows:
        say("The team is empty. Next: labelwright team add NAME --email ADDRESS")
        return
    columns = ("name", "level", "status", "on_desk", "waiting", "done", "skipped")
    table("Team", columns, [[r[c] for c in columns] for r in rows])
    for row in rows:
        say(f"{row['name']}: {row['desk']}")
    if any(r["simulated"] for r in rows):
        say("Simulated annotators: " + ", ".join(r["name"] for r in rows if r["simulated"]))
