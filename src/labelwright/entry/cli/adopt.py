"""`labelwright adopt`: the same report and exports from a project that Labelwright does not manage."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any

import typer

from labelwright.entry.cli.output import Bar, JsonOption, emit, say
from labelwright.model.errors import DataError

if TYPE_CHECKING:
    from labelwright.adapters.labelstudio.adopted import Adopted
    from labelwright.adapters.reports.labelstudio import ExportFile


def adopt_command(
    url: Annotated[str, typer.Option(help="Address of your Label Studio.")],
    token: Annotated[str, typer.Option(envvar="LABEL_STUDIO_TOKEN", help="Legacy or personal access token.")],
    project: Annotated[int, typer.Option(min=1, help="The project's number, as in its address.")],
    out: Annotated[Path | None, typer.Option(help="Folder for report and exports (default: adopted-N).")] = None,
    form: Annotated[
        str, typer.Option("--format", help="Formats to export, separated by commas.")
    ] = "label-studio,jsonl",
    control: Annotated[str | None, typer.Option(help="The control to export labels of (default: the first).")] = None,
    as_json: JsonOption = False,
) -> None:
    """Read an existing project, change nothing there, and write the report and exports."""
    from labelwright.adapters.labelstudio.adopted import read_project  # noqa: PLC0415
    from labelwright.adapters.labelstudio.client import LabelStudioClient  # noqa: PLC0415

    folder = (out or Path(f"adopted-{project}")).absolute()
    with Bar(quiet=as_json) as bar, LabelStudioClient(url, token) as client:
        bar.start("Reading the project", None)
        adopted = read_project(client, project, bar)
        bar.start("Report and exports", None)
        document = _write(adopted, folder, tuple(n.strip() for n in form.split(",") if n.strip()), control)
    if as_json:
        emit(document)
        return
    from labelwright.entry.render.terminal import print_report  # noqa: PLC0415

    print_report(_report(adopted))
    say(f"Report: {document['report']}")
    for export in document["exports"]:
        say(f"  {export['format']:<13} {export['path']}" + (f"  ({export['reason']})" if export["reason"] else ""))


def _read(adopted: Adopted) -> ExportFile:
    from labelwright.adapters.labelstudio.codec import LabelStudioCodec  # noqa: PLC0415
    from labelwright.adapters.labelstudio.config import read_config  # noqa: PLC0415
    from labelwright.adapters.reports.labelstudio import read_tasks  # noqa: PLC0415

    return read_tasks(list(adopted.tasks), LabelStudioCodec(), read_config, adopted.config, f"project {adopted.number}")


def _report(adopted: Adopted) -> Any:
    from labelwright.app.report import build_report  # noqa: PLC0415
    from labelwright.app.tables import tables_of  # noqa: PLC0415

    found = _read(adopted)
    return build_report(tables_of(found.annotations, rejected=found.rejected, notes=found.notes), adopted.title)


def _write(adopted: Adopted, folder: Path, names: tuple[str, ...], control: str | None) -> dict[str, Any]:
    from labelwright.app.report import document_of  # noqa: PLC0415
    from labelwright.entry.render.html import render_html  # noqa: PLC0415

    folder.mkdir(parents=True, exist_ok=True)
    (folder / "schema.xml").write_text(adopted.config, encoding="utf-8")
    report = _report(adopted)
    (folder / "report.html").write_text(render_html(report), encoding="utf-8")
    exports = [_export(adopted, name, folder / "exports" / name, control) for name in names]
    return {**document_of(report), "report": str(folder / "report.html"), "exports": exports}


def _export(adopted: Adopted, name: str, out: Path, control: str | None) -> dict[str, Any]:
    """One format; what cannot be exported (no labels, another kind of control) is said, and the others go on."""
    from labelwright.entry.cli.export import Source, write_dataset  # noqa: PLC0415
    from labelwright.export import SplitRule  # noqa: PLC0415
    from labelwright.export.formats import FORMATS  # noqa: PLC0415
    from labelwright.export.labelled_formats import LABELLED_FORMATS  # noqa: PLC0415
    from labelwright.model.errors import LabelwrightError  # noqa: PLC0415
    from labelwright.model.schema import STRUCTURE_KINDS  # noqa: PLC0415

    chosen = _control(adopted, control)
    try:
        if (name in LABELLED_FORMATS and name not in FORMATS) or chosen.kind in STRUCTURE_KINDS:
            return _drawn(adopted, name, out)
        annotations = _read(adopted).annotations
        result = write_dataset(Source(adopted.title, annotations, chosen, SplitRule(), adopted.raw), (name,), out)
    except LabelwrightError as problem:
        return {"format": name, "path": None, "rows": 0, "reason": str(problem)}
    return {"format": name, "path": str(out), "rows": result.rows, "reason": None}


def _drawn(adopted: Adopted, name: str, out: Path) -> dict[str, Any]:
    """What is drawn, in any format, as `convert` writes it from the project's own export."""
    import orjson  # noqa: PLC0415

    from labelwright import __version__  # noqa: PLC0415
    from labelwright.adapters.datasets.folders import LocalFolders  # noqa: PLC0415
    from labelwright.adapters.labelstudio.config import read_config  # noqa: PLC0415
    from labelwright.adapters.labelstudio.export_source import ExportSource  # noqa: PLC0415
    from labelwright.adapters.labelstudio.export_write import result_of  # noqa: PLC0415
    from labelwright.app.convert import ConvertRequest, convert  # noqa: PLC0415

    request = ConvertRequest(name, out, f"project {adopted.number}", f"labelwright {__version__}")
    with TemporaryDirectory() as place:
        tasks = Path(place) / "tasks.json"
        tasks.write_bytes(orjson.dumps(adopted.tasks))
        source = ExportSource(tasks, read_config(adopted.config))
        found = convert(source, request, LocalFolders(), None, result_of)
    return {"format": name, "path": str(out), "rows": found.rows, "reason": None}


def _control(adopted: Adopted, name: str | None) -> Any:
    from labelwright.adapters.labelstudio.config import read_config  # noqa: PLC0415

    schema = read_config(adopted.config)
    found = schema.control(name) if name else next(iter(schema.controls), None)
    if found is None:
        raise DataError(
            f"The project has no control {name or ''}".rstrip(),
            where=f"project {adopted.number}",
            next_step="It has: " + (", ".join(c.name for c in schema.controls) or "none"),
        )
    return found
