"""`labelwright guidelines`: versions, what a change touches, asking again, and what the author should mend."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from labelwright.entry.cli.output import HERE, JsonOption, WorkspaceOption, emit, interval, say, table

if TYPE_CHECKING:
    from labelwright.app.context import Project
    from labelwright.app.guideline_versions import Affected

guidelines_app = typer.Typer(help="Versions and gaps of the guidelines.", no_args_is_help=True, rich_markup_mode=None)
Before = Annotated[int | None, typer.Option("--from", min=1, help="The older version (default: the last but one).")]
After = Annotated[int | None, typer.Option("--to", min=1, help="The newer version (default: the newest).")]
_SHOWN = 30
_EFFECT = (("before", "before"), ("after", "after"), ("change", ""))


@guidelines_app.command("diff")
def diff_command(
    before: Before = None, after: After = None, workspace: WorkspaceOption = HERE, as_json: JsonOption = False
) -> None:
    """What changed between two versions."""
    from labelwright.app.guideline_versions import diff  # noqa: PLC0415
    from labelwright.bootstrap import open_workspace  # noqa: PLC0415

    project = open_workspace(workspace).project()
    one, other = _versions(project, before, after)
    text = diff(project, one, other)
    if as_json:
        emit({"from": one, "to": other, "diff": text})
        return
    sys.stdout.write((text or f"Versions {one} and {other} are the same") + "\n")


def _versions(project: Project, before: int | None, after: int | None) -> tuple[int, int]:
    _, newest = project.versions()
    other = after or newest
    return before or max(other - 1, 1), other


@guidelines_app.command("affected")
def affected_command(
    before: Before = None, after: After = None, workspace: WorkspaceOption = HERE, as_json: JsonOption = False
) -> None:
    """Which answers a change touches: given under an older version, to classes whose section changed."""
    from labelwright.bootstrap import open_workspace  # noqa: PLC0415
    from labelwright.entry.cli.fresh import fresh_project  # noqa: PLC0415

    project = fresh_project(open_workspace(workspace))
    touched = _touched(project, before, after)
    if as_json:
        emit({"classes": list(touched.classes), "items": list(touched.items), "answers": len(touched.replies)})
        return
    say(
        f"{len(touched.replies)} answers to {len(touched.items)} items, of: {', '.join(touched.classes) or 'any class'}"
    )
    for item in touched.items[:_SHOWN]:
        say(f"  {item}")
    if touched.replies:
        say("Ask a sample again: labelwright guidelines reask")


def _touched(project: Project, before: int | None, after: int | None) -> Affected:
    from labelwright.adapters.guidelines import class_sections  # noqa: PLC0415
    from labelwright.app.answers import replies_of  # noqa: PLC0415
    from labelwright.app.guideline_versions import affected, text_of  # noqa: PLC0415

    one, other = _versions(project, before, after)
    classes = project.control.classes
    old, new = (class_sections(text_of(project, v), classes) for v in (one, other))
    changed = [c for c in classes if old.get(c) != new.get(c)]
    return affected(project, replies_of(project), changed, other)


@guidelines_app.command("reask")
def reask_command(
    sample: Annotated[int, typer.Option(min=1, help="Answers to ask again.")] = 50,
    before: Before = None,
    after: After = None,
    workspace: WorkspaceOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Ask a random sample of the touched answers again, each of the person who gave it."""
    from labelwright.app.guideline_versions import reask  # noqa: PLC0415
    from labelwright.bootstrap import open_workspace  # noqa: PLC0415
    from labelwright.entry.cli.fresh import fresh_project  # noqa: PLC0415

    project = fresh_project(open_workspace(workspace))
    n = reask(project, _touched(project, before, after), sample)
    if as_json:
        emit({"asked": n})
        return
    say(f"{n} answers are asked again, with the next filling of the desks.")
    say("When they have come: labelwright guidelines effect")


@guidelines_app.command("effect")
def effect_command(workspace: WorkspaceOption = HERE, as_json: JsonOption = False) -> None:
    """Agreement on what was asked again, before and after, with the interval of the difference."""
    from labelwright.app.answers import replies_of  # noqa: PLC0415
    from labelwright.app.guideline_versions import effect  # noqa: PLC0415
    from labelwright.bootstrap import open_workspace  # noqa: PLC0415
    from labelwright.entry.cli.fresh import fresh_project  # noqa: PLC0415

    found = effect(replies_of(fresh_project(open_workspace(workspace))))
    if as_json:
        emit(found)
        return
    rows = [[name, interval(found[key] if key else found)] for name, key in _EFFECT]
    title = f"Krippendorff's alpha on {found['items']} items that were asked again"
    table(title, ("", "value (95 % interval)"), rows)


@guidelines_app.command("gaps")
def gaps_command(
    out: Annotated[
        Path | None, typer.Option("--out", help="Write a to-do list in Markdown for the author.", metavar="FILE")
    ] = None,
    workspace: WorkspaceOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Classes that are confused beyond chance and beyond one person: a to-do list for the author, with examples."""
    from labelwright.app.answers import replies_of  # noqa: PLC0415
    from labelwright.app.guideline_gaps import gaps, with_texts  # noqa: PLC0415
    from labelwright.bootstrap import open_workspace  # noqa: PLC0415
    from labelwright.entry.cli.fresh import fresh_project  # noqa: PLC0415
    from labelwright.entry.render.gaps import gaps_markdown, print_gaps  # noqa: PLC0415

    project = fresh_project(open_workspace(workspace))
    replies = replies_of(project)
    rows = with_texts(project, replies, gaps(project))
    if out is not None:
        out.write_text(gaps_markdown(rows, project.guidelines, project.settings), encoding="utf-8")
    if as_json:
        emit({"gaps": rows, "simulated": project.settings.simulated})
        return
    print_gaps(rows, project.settings.simulated)
    if out is not None:
        say(f"Written to {out}")
