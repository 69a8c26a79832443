"""`labelwright convert`: a Label Studio export in the format that a trainer reads; no workspace, no server."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from labelwright.entry.cli.output import Bar, JsonOption, emit, say
from labelwright.model.errors import UsageError

if TYPE_CHECKING:
    from labelwright.adapters.media.beside import MediaFolder
    from labelwright.app.convert import Converted
    from labelwright.model.schema import Schema


def convert_command(
    path: Annotated[Path, typer.Argument(metavar="EXPORT.json", help="A Label Studio export of format JSON.")],
    form: Annotated[
        str,
        typer.Option(
            "--format",
            help="jsonl, csv, parquet, hf, conll, spacy, coco, yolo, yolo-obb, voc, masks, asr, rttm, webdataset, "
            "dpo or label-studio.",
        ),
    ],
    out: Annotated[Path, typer.Option(help="The folder to write.")],
    separate: Annotated[
        bool, typer.Option("--separate", help="Each annotator's answer as a marked record, instead of a consensus.")
    ] = False,
    schema: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The labeling config (XML): classes nobody chose, too.")
    ] = None,
    media: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where the media are: they are copied into the dataset.")
    ] = None,
    column: Annotated[
        list[str] | None, typer.Option(metavar="ROLE=FIELD", help="dpo: which fields are prompt, left and right.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Move aside a folder that is no dataset of ours.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Convert a Label Studio export; several annotators on one task become a consensus."""
    from labelwright import __version__  # noqa: PLC0415 - `--help` needs none of it
    from labelwright.adapters.datasets.folders import LocalFolders  # noqa: PLC0415
    from labelwright.adapters.labelstudio.export_source import ExportSource  # noqa: PLC0415
    from labelwright.adapters.labelstudio.export_write import result_of  # noqa: PLC0415
    from labelwright.app.convert import ConvertRequest, convert  # noqa: PLC0415
    from labelwright.export.labelled_formats import labelled_format  # noqa: PLC0415

    labelled_format(form)
    request = ConvertRequest(
        form, out.absolute(), path.name, f"labelwright {__version__}", separate, force, _roles(column)
    )
    source = ExportSource(_file(path), _schema(schema), keep_raw=form == "label-studio")
    with Bar(quiet=as_json) as bar:
        bar.start(f"Converting {path.name}", None)
        found = convert(source, request, LocalFolders(durable=False), _media(media), result_of)
    _tell(found, form, as_json=as_json)


def _tell(found: Converted, form: str, *, as_json: bool) -> None:
    if as_json:
        emit(
            {
                "format": form,
                "path": str(found.out),
                "files": found.files,
                "items": found.items,
                "rows": found.rows,
                "dropped": dict(found.dropped),
            }
        )
        return
    say(f"{found.rows:,} records of {found.items:,} items in {found.out}")
    for reason, n in found.dropped.items():
        say(f"  dropped: {n:,} × {reason}")
    if found.dropped:
        say(f"  each of them: {found.out / 'dropped.jsonl'}")


def _file(path: Path) -> Path:
    if not path.is_file():
        raise UsageError(
            "There is no such file",
            where=str(path),
            next_step="Export the project from Label Studio in the format JSON",
        )
    return path


def _schema(path: Path | None) -> Schema | None:
    if path is None:
        return None
    from labelwright.adapters.labelstudio.config import read_config  # noqa: PLC0415

    try:
        return read_config(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"The schema cannot be read: {error}", where=str(path), next_step="Check the path") from error


def _media(folder: Path | None) -> MediaFolder | None:
    if folder is None:
        return None
    from labelwright.adapters.media.beside import MediaFolder  # noqa: PLC0415

    if not folder.is_dir():
        raise UsageError("There is no such folder", where=str(folder), next_step="Name the folder of the media")
    return MediaFolder(folder)


def _roles(columns: list[str] | None) -> dict[str, str]:
    roles = dict(c.split("=", 1) for c in columns or [] if "=" in c)
    wrong = [c for c in columns or [] if c.partition("=")[0] not in {"prompt", "left", "right"} or "=" not in c]
    if wrong:
        raise UsageError(f"--column {wrong[0]} names no role", next_step="Use prompt=FIELD, left=FIELD or right=FIELD")
    return roles
