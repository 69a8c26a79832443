"""`labelwright schema`: templates, and checks of labeling configs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from labelwright.entry.cli.init import names_of
from labelwright.entry.cli.output import JsonOption, emit, say, table
from labelwright.model.errors import UsageError

if TYPE_CHECKING:
    from labelwright.adapters.labelstudio.templates import Template
    from labelwright.app.schema import ControlCheck, SchemaCheck

schema_app = typer.Typer(
    help="Templates and checks of labeling configs.", no_args_is_help=True, rich_markup_mode=None, add_completion=False
)


@schema_app.command("list")
def list_command(as_json: JsonOption = False) -> None:
    """The templates, what they show and their default classes."""
    from labelwright.adapters.labelstudio.templates import list_templates  # noqa: PLC0415

    templates = list_templates()
    if as_json:
        emit({"templates": [_document(template) for template in templates]})
        return
    table("Templates", ("name", "title", "data fields"), [(t.name, t.title, ", ".join(t.fields)) for t in templates])
    say("See one: labelwright schema show NAME. Use it: labelwright init DIR --template NAME --data FILE")


def _document(template: Template) -> dict[str, Any]:
    return {
        "name": template.name,
        "title": template.title,
        "modality": template.modality,
        "data_fields": dict(template.fields),
        "labels": list(template.labels),
    }


@schema_app.command("show")
def show_command(
    name: Annotated[str, typer.Argument(help="The template's name.")],
    labels: Annotated[str | None, typer.Option(help='Class names, separated by commas: A,"B, C".')] = None,
    as_json: JsonOption = False,
) -> None:
    """A template as a Label Studio config."""
    from labelwright.adapters.labelstudio.templates import find_template, guidelines_for, render  # noqa: PLC0415

    chosen = names_of(labels)
    xml = render(name, chosen)
    if as_json:
        emit({**_document(find_template(name)), "config": xml, "guidelines": guidelines_for(name, chosen)})
        return
    sys.stdout.write(xml)


@schema_app.command("check")
def check_command(
    file: Annotated[Path, typer.Argument(help="A labeling config.")],
    data: Annotated[Path | None, typer.Option(help="A data file whose columns must fit.")] = None,
    as_json: JsonOption = False,
) -> None:
    """What a config asks for, what of it is understood, and whether the data fits. Exit code 1 when it is not valid."""
    from labelwright.adapters.labelstudio.config import read_config  # noqa: PLC0415
    from labelwright.adapters.labelstudio.sample import goes_through  # noqa: PLC0415
    from labelwright.app.schema import as_document, check_schema  # noqa: PLC0415

    check = check_schema(_read(file), read_config, goes_through, None if data is None else _columns(data))
    if as_json:
        emit(as_document(check))
    else:
        _show(check, file)
    if not check.valid:
        raise typer.Exit(1)


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UsageError(
            f"The config cannot be read: {error.strerror}",
            where=str(file),
            next_step="Check the path, or see the templates: labelwright schema list",
        ) from error
    except UnicodeDecodeError as error:
        raise UsageError("The config is not UTF-8", where=str(file), next_step="Save it as UTF-8.") from error


def _columns(data: Path) -> tuple[str, ...]:
    from labelwright.adapters.pool.importing import columns_of  # noqa: PLC0415

    return columns_of(data)


def _show(check: SchemaCheck, file: Path) -> None:
    if check.controls:
        columns = ("control", "kind", "classes", "measure of agreement")
        table(f"Controls of {file}", columns, [_row(one) for one in check.controls])
    if check.data_fields:
        say(f"Every item needs: {', '.join(check.data_fields)}")
    for problem in check.problems:
        say(f"  ✗ {problem}")
    say("The config is valid." if check.valid else "The config is not valid.")


def _row(one: ControlCheck) -> tuple[str, ...]:
    control = one.control
    return (control.name, f"{control.tag}: {control.kind.value}", ", ".join(control.classes), _measure(one))


def _measure(one: ControlCheck) -> str:
    if not one.understood:
        return f"not understood: {one.reason}"
    if one.measure is None:
        return f"none: {one.reason}"
    return f"{one.measure} ({one.reason})" if one.reason else one.measure
