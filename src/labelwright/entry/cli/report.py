"""`labelwright report`: how good are the labels, from a workspace, a Label Studio export or a table."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from labelwright.entry.cli.output import HERE, Bar, JsonOption, WorkspaceOption, emit, say
from labelwright.model.errors import DataError, UsageError

if TYPE_CHECKING:
    from labelwright.app.report import Report
    from labelwright.app.report.learned import Learned
    from labelwright.app.tables import Tables
    from labelwright.learning.anchoring import Anchoring
    from labelwright.ports import Learner

Columns = tuple[str | None, str | None, str | None, str | None]
PathArgument = Annotated[
    Path | None,
    typer.Argument(
        metavar="[PATH]",
        help="A Label Studio JSON export, or a CSV, TSV or Parquet table with item, annotator, label. "
        "Without it: the workspace.",
        show_default=False,
    ),
]
HtmlOption = Annotated[
    Path | None, typer.Option("--html", help="Write one self-contained HTML file.", metavar="FILE", show_default=False)
]
SchemaOption = Annotated[
    Path | None,
    typer.Option("--schema", help="The labeling config of the export (XML).", metavar="FILE", show_default="inferred"),
]
ItemOption = Annotated[str | None, typer.Option(help="Column of the item ids in a table.", show_default="item")]
AnnotatorOption = Annotated[str | None, typer.Option(help="Column of the annotators.", show_default="annotator")]
LabelOption = Annotated[str | None, typer.Option(help="Column of the labels.", show_default="label")]
TextOption = Annotated[str | None, typer.Option(help="Column of what the item shows.", show_default="text")]
LevelOption = Annotated[
    str | None,
    typer.Option(help="How to read the labels of a table: nominal, ordinal or interval.", show_default="by the labels"),
]
ItemsOption = Annotated[int, typer.Option("--items", min=1, help="Difficult items named for each control.")]
SliceOption = Annotated[
    list[str] | None,
    typer.Option("--slice", help="Agreement by the values of a metadata field; several allowed.", metavar="FIELD"),
]


def report_command(
    path: PathArgument = None,
    *,
    json: JsonOption = False,
    html: HtmlOption = None,
    workspace: WorkspaceOption = HERE,
    schema: SchemaOption = None,
    item_column: ItemOption = None,
    annotator_column: AnnotatorOption = None,
    label_column: LabelOption = None,
    text_column: TextOption = None,
    level: LevelOption = None,
    items: ItemsOption = 100,
    slices: SliceOption = None,
) -> None:
    """How good are the labels? Agreement with intervals, difficult items, and who needs help with what."""
    from labelwright.app.report import build_report  # noqa: PLC0415 - `--help` needs none of it

    columns = (item_column, annotator_column, label_column, text_column)
    with Bar(quiet=json) as bar:
        bar.start("Reading the annotations", None)
        tables, effect, learned = (
            _of_workspace(workspace) if path is None else (_of_file(path, schema, columns, level), None, None)
        )
        bar.start("Measuring agreement", None)
        source = str(path) if path is not None else "this workspace"
        found = build_report(tables, source, limit=items, slices=slices or (), learner=_text_learner, conduct=True)
        found = replace(found, suggestions=effect, learned=learned)
        if path is None and html is not None:
            bar.start("Picturing the difficult items", None)
            found = _pictured(workspace, found)
    _show(found, html, json=json)


def _text_learner() -> Learner:
    """A model of texts; its libraries take seconds to load, and many reports need none."""
    from labelwright.adapters.learners.text import TextLearner  # noqa: PLC0415

    return TextLearner()


def _pictured(root: Path, found: Report) -> Report:
    """With small pictures of the workspace's own files."""
    from labelwright.app.report.previews import with_previews  # noqa: PLC0415
    from labelwright.bootstrap import open_workspace  # noqa: PLC0415

    media = open_workspace(root).media
    return with_previews(found, media.fields, media.preview)


def _show(found: Report, html: Path | None, *, json: bool) -> None:
    if html is not None:
        _write(html, found)
    if json:
        from labelwright.app.report import document_of  # noqa: PLC0415

        emit(document_of(found))
        return
    from labelwright.entry.render.terminal import print_report  # noqa: PLC0415

    print_report(found)


def _write(html: Path, found: Report) -> None:
    from labelwright.entry.render.html import render_html  # noqa: PLC0415

    try:
        html.write_text(render_html(found), encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"The HTML file cannot be written: {error.strerror}", where=str(html), next_step="Name another place."
        ) from error
    say(f"Written: {html}")


def _of_file(path: Path, schema: Path | None, columns: Columns, level: str | None) -> Tables:
    if not path.is_file():
        raise UsageError(
            "There is no such file" if not path.exists() else "This is no file",
            where=str(path),
            next_step="Give a Label Studio JSON export or a table, or no path for the workspace.",
        )
    from labelwright.adapters.reports.table import is_table  # noqa: PLC0415

    return _of_table(path, columns, level) if is_table(path) else _of_export(path, schema)


def _of_workspace(root: Path) -> tuple[Tables, Anchoring | None, Learned | None]:
    from labelwright.app.annotations import annotation_set  # noqa: PLC0415
    from labelwright.app.helped import effect_of_suggestions  # noqa: PLC0415
    from labelwright.app.report.learned import what_was_learned  # noqa: PLC0415
    from labelwright.app.report.of_workspace import workspace_tables  # noqa: PLC0415
    from labelwright.bootstrap import open_workspace  # noqa: PLC0415
    from labelwright.entry.cli.fresh import fresh_project  # noqa: PLC0415

    project = fresh_project(open_workspace(root))
    annotations = annotation_set(project)
    tables = workspace_tables(project, annotations)
    return tables, effect_of_suggestions(project, annotations), what_was_learned(project)


def _of_table(path: Path, columns: Columns, level: str | None) -> Tables:
    from labelwright.adapters.reports.table import ColumnNames, read_table  # noqa: PLC0415
    from labelwright.model.schema import Kind  # noqa: PLC0415

    kinds = {None: None, "nominal": Kind.CHOICE, "ordinal": Kind.RATING, "interval": Kind.NUMBER}
    if level not in kinds:
        raise UsageError(f"There is no level {level}", next_step="Use nominal, ordinal or interval.")
    return read_table(path, ColumnNames(*columns, kind=kinds[level]))


def _of_export(path: Path, schema: Path | None) -> Tables:
    from labelwright.adapters.labelstudio.codec import LabelStudioCodec  # noqa: PLC0415
    from labelwright.adapters.labelstudio.config import read_config  # noqa: PLC0415
    from labelwright.adapters.reports.labelstudio import read_export  # noqa: PLC0415
    from labelwright.app.tables import tables_of  # noqa: PLC0415

    found = read_export(path, LabelStudioCodec(), read_config, _config(schema))
    return tables_of(found.annotations, rejected=found.rejected, notes=found.notes)


def _config(schema: Path | None) -> str | None:
    if schema is None:
        return None
    try:
        return schema.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UsageError(
            f"The schema cannot be read: {error.strerror}", where=str(schema), next_step="Check the path."
        ) from error
    except UnicodeDecodeError as error:
        raise DataError("The schema is not UTF-8", where=str(schema), next_step="Save it as UTF-8.") from error
