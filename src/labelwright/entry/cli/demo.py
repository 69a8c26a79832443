"""`labelwright demo`: the whole loop on real reviews, through a real Label Studio."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from labelwright.entry.cli.output import Bar, JsonOption, emit, interval, say, table

if TYPE_CHECKING:
    from labelwright.bootstrap import Workspace

FORMATS = ("label-studio", "jsonl", "csv", "parquet", "hf")


def demo_command(
    directory: Annotated[
        Path | None,
        typer.Option("--dir", help="Workspace of the demo; it goes on where it stopped.", show_default="demo"),
    ] = None,
    team: Annotated[
        bool, typer.Option("--team", help="A team of eight instead: certified labels, feedback, bill.")
    ] = False,
    items: Annotated[int, typer.Option(min=60, max=2000, help="With --team: sentences that are labeled.")] = 240,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Stop and delete a demo that is there, and begin anew.")
    ] = False,
    keep: Annotated[bool, typer.Option("--keep", help="Keep the servers up and invite a visitor.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Real sentences, recorded human answers, a real Label Studio: from raw data to a training set and a report."""
    root = (directory or Path("demo-team" if team else "demo")).absolute()
    if fresh:
        _clear(root)
    stay = keep or (not as_json and sys.stdin.isatty() and sys.stdout.isatty())
    if team:
        from labelwright.entry.cli.demo_team import team_demo  # noqa: PLC0415

        team_demo(root, items, stay=stay, as_json=as_json)
        return
    from labelwright.entry.demo.story import invite, play  # noqa: PLC0415

    place: Workspace | None = None
    try:
        with Bar(quiet=as_json) as bar:
            place, seconds = play(root, bar)
            document = _harvest(place, bar) | {"seconds": seconds}
        if stay:
            document["visitor"] = invite(place)
    finally:
        if not stay or place is None:
            stop_demo(root)
    if as_json:
        emit(document)
        return
    _tell(document, root)


def _clear(root: Path) -> None:
    """Only a folder that the demo made is deleted."""
    import shutil  # noqa: PLC0415

    from labelwright.app.settings import FILE_NAME  # noqa: PLC0415
    from labelwright.bootstrap import open_workspace  # noqa: PLC0415
    from labelwright.entry.demo.prepare import NAME  # noqa: PLC0415
    from labelwright.entry.demo.team.files import NAME as TEAM  # noqa: PLC0415

    if (root / FILE_NAME).exists() and open_workspace(root).settings.name in {NAME, TEAM}:
        stop_demo(root)
        shutil.rmtree(root)


def stop_demo(root: Path) -> None:
    """Stop what a demo has started in that folder."""
    from labelwright.app.settings import FILE_NAME  # noqa: PLC0415
    from labelwright.bootstrap import open_workspace  # noqa: PLC0415
    from labelwright.entry.cli.servers import stop_servers  # noqa: PLC0415

    if (root / FILE_NAME).exists():
        stop_servers(open_workspace(root))


def _harvest(place: Workspace, bar: Bar) -> dict[str, Any]:
    """Report, exports and learning curve."""
    from labelwright.app.report import build_report, document_of  # noqa: PLC0415
    from labelwright.app.rounds import round_status  # noqa: PLC0415
    from labelwright.app.tables import tables_of  # noqa: PLC0415
    from labelwright.entry.cli.export import export_workspace  # noqa: PLC0415
    from labelwright.entry.cli.fresh import fresh_project  # noqa: PLC0415
    from labelwright.entry.render.curve import write_curve  # noqa: PLC0415
    from labelwright.entry.render.html import render_html  # noqa: PLC0415

    project = fresh_project(place)
    from labelwright.app.annotations import annotation_set  # noqa: PLC0415

    bar.start("Report and exports", len(FORMATS) + 1)
    report = build_report(tables_of(annotation_set(project)), place.settings.name)
    (place.root / "report.html").write_text(render_html(report), encoding="utf-8")
    bar.step()
    exports = []
    for name in FORMATS:
        exports.append(export_workspace(project, name, place.root / "exports" / name))
        bar.step()
    bar.done()
    rounds = round_status(project)
    curve = write_curve(place.root / "learning-curve.svg", rounds, place.settings.simulated)
    found = document_of(report)
    return {
        "label_studio": {"version": place.desks().version(), "url": place.label_studio_url()},
        "simulated": place.settings.simulated,
        "workspace": str(place.root),
        "items": found["items"],
        "annotators": found["annotators"],
        "annotations": found["annotations"],
        "agreement": found["controls"][project.control.name]["agreement"],
        "rounds": [{k: r[k] for k in ("round", "strategy", "labels", "accuracy", "low", "high")} for r in rounds],
        "exports": exports,
        "report": str(place.root / "report.html"),
        "learning_curve": str(curve),
    }


def _tell(document: dict[str, Any], root: Path) -> None:
    say(f"\n{document['simulated']}\n")
    rows = [[name, interval(measure), measure["n_items"]] for name, measure in document["agreement"].items()]
    table("Agreement", ("measure", "value (95 % interval)", "items"), rows)
    curve = [
        [r["round"], r["strategy"], r["labels"], interval({**r, "value": r["accuracy"]})] for r in document["rounds"]
    ]
    title = "Accuracy of the model on 1,000 sentences that it never saw"
    table(title, ("round", "strategy", "answers", "accuracy (95 % interval)"), curve)
    for export in document["exports"]:
        say(f"  {export['format']:<13} {export['rows']:>5} rows  {export['path']}")
    say(f"  report        {document['report']}\n  learning curve {document['learning_curve']}")
    say("  seconds: " + ", ".join(f"{name} {s:.0f}" for name, s in document["seconds"].items()))
    visitor = document.get("visitor")
    if visitor:
        say(f"\nYour turn: label ten sentences at {visitor['desk']}")
        say(f"  e-mail    {visitor['email']}\n  password  {visitor['password']}")
        say(f"Then see yourself in the report: labelwright report --workspace {root}")
        say(f"When you are done: labelwright down --workspace {root}")
