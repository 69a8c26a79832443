"""`labelwright trial`: try the labeling screen on ten items; its answers count for nothing else."""

from __future__ import annotations

from typing import Annotated

import typer

from labelwright.entry.cli.output import HERE, JsonOption, WorkspaceOption, emit, say


def trial_command(
    result: Annotated[bool, typer.Option("--result", help="Only tell what has been answered so far.")] = False,
    workspace: WorkspaceOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Open a sandbox desk with ten items; tell seconds per item, skips and invalid answers."""
    from labelwright.adapters.secrets import new_password  # noqa: PLC0415
    from labelwright.app.intake import take_in  # noqa: PLC0415
    from labelwright.app.team import TRIAL_ID  # noqa: PLC0415
    from labelwright.app.trial import open_trial, trial_result  # noqa: PLC0415
    from labelwright.bootstrap import open_workspace  # noqa: PLC0415

    place = open_workspace(workspace)
    project, desks = place.project(), place.desks()
    answer: dict[str, object] = {}
    if not result:
        desk, password = open_trial(
            project, desks, place.secrets, place.hook(), password=new_password(), owner=place.owner
        )
        answer = {"desk": desk.url, "email": place.secrets.account(TRIAL_ID)["email"], "password": password}
    for desk in project.store.desks("trial"):
        take_in(project, desks, desk)
    answer |= trial_result(project)
    if as_json:
        emit(answer)
        return
    if not result:
        say(f"Try the screen: {answer['desk']}\n  e-mail    {answer['email']}\n  password  {answer['password']}")
        say("Then: labelwright trial --result")
    seconds = f"{answer['median_seconds']:.1f} s an item" if answer["median_seconds"] is not None else "no times yet"
    say(
        f"{answer['answered']} of {answer['items']} answered ({seconds}), {answer['skipped']} skipped, "
        f"{answer['invalid']} invalid"
    )
    problems = answer["problems"]
    for problem in problems if isinstance(problems, list) else []:
        say(f"  invalid: {problem}")
