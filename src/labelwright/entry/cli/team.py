"""`labelwright team`: annotators, their accounts and desks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from labelwright.entry.cli.output import HERE, JsonOption, WorkspaceOption, emit, say, table
from labelwright.model.errors import OutsideServiceError
from labelwright.model.project import AnnotatorStatus, Level

if TYPE_CHECKING:
    from labelwright.app.team_status import Changed
    from labelwright.bootstrap import Workspace

team_app = typer.Typer(help="Annotators and their desks.", no_args_is_help=True, rich_markup_mode=None)


Level_ = Annotated[Level | None, typer.Option("--level", help="How experienced (default: regular).")]
Skills = Annotated[list[str] | None, typer.Option("--skill", help="A tag; give it several times for several.")]
Languages = Annotated[list[str] | None, typer.Option("--language", help="A language; several times for several.")]
RateOption = Annotated[str | None, typer.Option("--rate", help="What the work is paid: 18.50/hour or 0.08/label.")]
Hours = Annotated[float | None, typer.Option("--weekly-hours", min=0, max=168, help="Hours a week.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; the annotator reads it.")]
Who = Annotated[str, typer.Argument(help="Id, name or address.")]


@team_app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="The annotator's name.")],
    email: Annotated[str, typer.Option(help="The address to sign in with.")],
    level: Level_ = None,
    skill: Skills = None,
    language: Languages = None,
    rate: RateOption = None,
    weekly_hours: Hours = None,
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
    newcomer = Newcomer(name, email, new_password(), level, **_profile(skill, language, rate, weekly_hours))
    added = add_annotator(project, desks, place.secrets, place.hook(), newcomer)
    deliver(project, desks, added.desk, place.owner)
    page = page_of(place, added.annotator.id)
    if as_json:
        emit(
            {
                "id": added.annotator.id,
                "name": name,
                "email": email,
                "desk": added.desk.url,
                "password": added.password,
                "page": page,
                "status": added.annotator.status.value,
            }
        )
        return
    say(f"{name} is in the team. Give these to {name}, over a channel that you trust:")
    say(f"  desk      {added.desk.url}")
    say(f"  e-mail    {email}")
    say(f"  password  {added.password}" if added.password else "  password  the one this account has already")
    if page:
        say(f"  own page  {page}")
    if added.annotator.status is AnnotatorStatus.ONBOARDING:
        say(f"{name} begins there: the guidelines, then a qualification round.")


def page_of(place: Workspace, annotator: str) -> str | None:
    """The annotator's own page: at the public address where there is one, else while the server runs."""
    from labelwright.adapters.personal_links import personal_link  # noqa: PLC0415

    address = place.pages_address()
    return None if address is None else personal_link(address, place.secrets.ensure("page_secret", 64), annotator)


def _profile(
    skill: list[str] | None, language: list[str] | None, rate: str | None, weekly_hours: float | None
) -> dict[str, Any]:
    from labelwright.model.money import read_rate  # noqa: PLC0415

    return {
        "skills": None if skill is None else tuple(skill),
        "languages": None if language is None else tuple(language),
        "rate": read_rate(rate) if rate else None,
        "weekly_hours": weekly_hours,
    }


@team_app.command("set")
def set_profile(
    who: Who,
    level: Level_ = None,
    skill: Skills = None,
    language: Languages = None,
    rate: RateOption = None,
    weekly_hours: Hours = None,
    workspace: WorkspaceOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Change what is known of an annotator; what is not named stays. `--skill ""` takes all tags away."""
    from labelwright.app.team import Newcomer, find_annotator, put_profile, with_profile  # noqa: PLC0415
    from labelwright.bootstrap import open_workspace  # noqa: PLC0415

    project = open_workspace(workspace).project()
    before = find_annotator(project, who)
    wanted = Newcomer(before.name, before.email, "", level, **_profile(skill, language, rate, weekly_hours))
    after = with_profile(before, wanted)
    put_profile(project, after, before)
    row = {
        "id": after.id,
        "level": after.level.value,
        "skills": list(after.skills),
        "languages": list(after.languages),
        "rate": str(after.rate) if after.rate else None,
        "weekly_hours": after.weekly_hours,
    }
    if as_json:
        emit(row)
        return
    say(f"{after.name}: " + ", ".join(f"{k} {_shown(v)}" for k, v in row.items() if k != "id"))


def _shown(value: Any) -> str:
    return " ".join(value) or "–" if isinstance(value, list) else "–" if value is None else str(value)


@team_app.command("pause")
def pause_command(
    who: Who, reason: Reason = "", workspace: WorkspaceOption = HERE, as_json: JsonOption = False
) -> None:
    """No more work for now: what waits on the desk goes to others, what is done stays."""
    from labelwright.app.team_status import pause  # noqa: PLC0415

    _change(pause, who, reason, workspace, as_json=as_json)


@team_app.command("resume")
def resume_command(
    who: Who, reason: Reason = "", workspace: WorkspaceOption = HERE, as_json: JsonOption = False
) -> None:
    """Work again; what is watched about the annotator begins anew."""
    from labelwright.app.team_status import resume  # noqa: PLC0415

    _change(resume, who, reason, workspace, as_json=as_json)


@team_app.command("leave")
def leave_command(
    who: Who, reason: Reason = "", workspace: WorkspaceOption = HERE, as_json: JsonOption = False
) -> None:
    """The annotator does not come back: waiting work goes to others, the answers stay."""
    from labelwright.app.team_status import leave  # noqa: PLC0415

    _change(leave, who, reason, workspace, as_json=as_json)


def _change(action: Callable[..., Changed], who: str, reason: str, workspace: Path, *, as_json: bool) -> None:
    from labelwright.app.delivery import refill  # noqa: PLC0415
    from labelwright.app.team import find_annotator  # noqa: PLC0415
    from labelwright.bootstrap import open_workspace  # noqa: PLC0415
    from labelwright.entry.cli.fresh import fresh_project  # noqa: PLC0415

    place = open_workspace(workspace)
    project = fresh_project(place)
    changed = action(project, find_annotator(project, who), reason)
    try:
        desks = place.desks()
        for desk in project.store.desks("work"):
            refill(project, desks, desk, place.owner)
    except OutsideServiceError as problem:
        say(f"note: {problem.what}; the desks follow when Label Studio is up again.")
    person = changed.annotator
    if as_json:
        emit(
            {
                "id": person.id,
                "status": person.status.value,
                "reason": person.reason,
                "withdrawn": changed.withdrawn,
                "handed_over": changed.handed_over,
            }
        )
        return
    say(f"{person.name}: {person.status.value}.")
    if changed.withdrawn:
        say(f"  {changed.withdrawn} waiting tasks were taken back, {changed.handed_over} of them go to others")


@team_app.command("list")
def list_team(workspace: WorkspaceOption = HERE, as_json: JsonOption = False) -> None:
    """Everybody's desk link, queue and counts."""
    from labelwright.app.team import team_list  # noqa: PLC0415
    from labelwright.bootstrap import open_workspace  # noqa: PLC0415

    place = open_workspace(workspace)
    rows = [r | {"page": page_of(place, r["id"])} for r in team_list(place.project())]
    if as_json:
        emit({"annotators": rows})
        return
    if not rows:
        say("The team is empty. Next: labelwright team add NAME --email ADDRESS")
        return
    columns = ("name", "level", "status", "tags", "rate", "on_desk", "waiting", "done", "skipped")
    shown = [r | {"tags": " ".join([*r["skills"], *r["languages"]]) or None} for r in rows]
    table("Team", columns, [[r[c] for c in columns] for r in shown])
    for row in rows:
        if row["reason"]:
            say(f"{row['name']} is {row['status']}: {row['reason']}")
    for row in rows:
        say(f"{row['name']}: {row['desk']}")
        if row["page"]:
            say(f"  own page {row['page']}")
    if any(r["simulated"] for r in rows):
        say("Simulated annotators: " + ", ".join(r["name"] for r in rows if r["simulated"]))
