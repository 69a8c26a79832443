"""`labelwright init`: a workspace from a template (or a config of one's own) and the data."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from labelwright.entry.cli.output import Bar, JsonOption, emit, say
from labelwright.model.errors import SchemaError, UsageError

if TYPE_CHECKING:
    from labelwright.adapters.pool.links import LinkCheck
    from labelwright.export.existing import ExistingSet
    from labelwright.model.schema import Schema
    from labelwright.ports import PoolSummary

_LINKS_TRIED = 20


@dataclass(frozen=True, slots=True)
class Start:
    """What a new workspace is made of. ``sections`` are settings that differ from the defaults.

    ``data`` is what is read here, ``address`` where it really is, when it is the copy of an object in a store.
    """

    root: Path
    schema_xml: str
    guidelines: str
    name: str
    data: Path
    columns: dict[str, str]
    data_settings: dict[str, Any]
    sections: dict[str, dict[str, Any]]
    simulated: str | None = None
    address: str | None = None


def init_command(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="The new workspace.")],
    data: Annotated[
        str, typer.Option(help="CSV, TSV, JSON, JSONL, Parquet, a folder of media or texts, or s3:// of any.")
    ],
    template: Annotated[str, typer.Option(help="A template (labelwright schema list) or a config of your own.")],
    labels: Annotated[str | None, typer.Option(help='Class names, separated by commas: A,"B, C".')] = None,
    name: Annotated[str | None, typer.Option(help="The project's name (default: the folder's).")] = None,
    column: Annotated[list[str] | None, typer.Option(metavar="FIELD=COLUMN", help="Where a field comes from.")] = None,
    id_column: Annotated[str | None, typer.Option("--id", help="A column with unique ids.")] = None,
    group: Annotated[str | None, typer.Option(help="A column whose rows stay in one split.")] = None,
    label: Annotated[str | None, typer.Option(help="A column with existing labels, kept for comparison.")] = None,
    metadata: Annotated[str | None, typer.Option(help="Columns that travel along, separated by commas.")] = None,
    encoding: Annotated[str | None, typer.Option(help="The files' encoding, if it is not recognized.")] = None,
    images: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Where the pictures of a COCO, YOLO or VOC set are.", show_default="beside it"
        ),
    ] = None,
    endpoint: Annotated[str | None, typer.Option(help="Address of the S3-compatible store, if not Amazon's.")] = None,
    check_links: Annotated[
        bool, typer.Option("--check-links", help="Try a sample of the links over the network.")
    ] = False,
    allow_private: Annotated[
        bool, typer.Option("--allow-private", help="With --check-links: links into your own network are wanted.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Make a workspace from a template and your data."""
    from labelwright.adapters.labelstudio.config import read_config  # noqa: PLC0415

    existing = _existing(Path(data).absolute()) if "://" not in data else None
    found = list(existing.classes) if existing and not template.endswith(".xml") else []
    chosen = names_of(labels) or found or None
    xml, guidelines = _screen(template, chosen)
    with Bar(quiet=as_json) as bar:
        source, address = _source(data, endpoint, directory.absolute(), bar)
    start = Start(
        root=directory.absolute(),
        schema_xml=xml,
        guidelines=guidelines,
        name=name or directory.absolute().name,
        data=source,
        address=address,
        columns=_pairs(column or []),
        data_settings={
            "id": id_column,
            "group": group,
            "label": label,
            "metadata": names_of(metadata) or [],
            "encoding": encoding,
        },
        sections={"media": {"endpoint": endpoint}} if endpoint else {},
    )
    schema = read_config(xml)
    with Bar(quiet=as_json) as bar, _beginning(existing, start, schema, images) as begun:
        summary = make_workspace(begun, schema, bar)
        links = _try_links(start.root, bar, allow_private=allow_private) if check_links else []
    _tell(start.root, schema, summary, links, as_json=as_json)


def _source(data: str, endpoint: str | None, root: Path, bar: Bar) -> tuple[Path, str | None]:
    """The data file or folder here, and its address where it is an object of a store.

    A data file in a bucket is copied beside the index; media below a prefix are listed in a file of the workspace.
    """
    if not data.startswith("s3://"):
        return Path(data).absolute(), None
    from labelwright.adapters.media.buckets import Buckets  # noqa: PLC0415
    from labelwright.adapters.media.listing import list_objects  # noqa: PLC0415
    from labelwright.adapters.pool.copies import Copies  # noqa: PLC0415
    from labelwright.adapters.pool.importing import is_data_file  # noqa: PLC0415
    from labelwright.bootstrap import STATE  # noqa: PLC0415

    if is_data_file(data):
        return Copies(root / STATE / "pool" / "objects", Buckets(endpoint)).fetch(data, bar), data
    return list_objects(Buckets(endpoint), data, root), None


def _existing(data: Path) -> ExistingSet | None:
    """The set with its labels, where the data are one (COCO, YOLO, Pascal VOC, CoNLL, Hugging Face)."""
    from labelwright.adapters.datasets.existing import detect, read_existing  # noqa: PLC0415

    return read_existing(data) if data.exists() and detect(data) else None


@contextmanager
def _beginning(existing: ExistingSet | None, start: Start, schema: Schema, images: Path | None) -> Iterator[Start]:
    """The same start on a table of the set's items, if it is one; the table goes away where nothing comes of it."""
    if existing is None:
        yield start
        return
    from labelwright.adapters.datasets.existing.importing import TABLE, write_items  # noqa: PLC0415

    shown = next((o.field for o in schema.objects if o.field), None) or next(iter(schema.data_fields), "text")
    notes = write_items(existing, start.data, start.root, shown, images)
    for note in (*existing.notes, *notes):
        say(f"note: {note}")
    settings = {**start.data_settings, "id": "id", "label": "existing"}
    try:
        yield replace(start, data=start.root / TABLE, data_settings=settings)
    except BaseException:
        (start.root / TABLE).unlink(missing_ok=True)
        raise


def _try_links(root: Path, bar: Bar, *, allow_private: bool) -> list[LinkCheck]:
    """A random sample of the links, tried from this machine; private addresses only where they are wanted."""
    import numpy as np  # noqa: PLC0415

    from labelwright.adapters.pool.files import FilePool  # noqa: PLC0415
    from labelwright.adapters.pool.links import new_opener  # noqa: PLC0415
    from labelwright.bootstrap import STATE  # noqa: PLC0415
    from labelwright.sampling import random  # noqa: PLC0415

    pool = FilePool(root / STATE / "pool")
    rows = random(len(pool), min(_LINKS_TRIED, len(pool)), np.random.default_rng(0))
    bar.start(f"Trying {len(rows)} links", None)
    with new_opener() as opener:
        return pool.check_links(rows, opener, allow_private=allow_private)


def make_workspace(start: Start, schema: Schema, bar: Bar) -> PoolSummary:
    """Write the files of a workspace and index its data.

    Raises:
        UsageError: there is a workspace already, or the columns do not fit.
        SchemaError: the config cannot be used.
    """
    from labelwright.adapters.pool.files import FilePool  # noqa: PLC0415
    from labelwright.adapters.pool.importing import columns_of  # noqa: PLC0415
    from labelwright.adapters.settings import render_settings  # noqa: PLC0415
    from labelwright.app.init import map_columns  # noqa: PLC0415
    from labelwright.app.settings import FILE_NAME  # noqa: PLC0415
    from labelwright.bootstrap import STATE, open_workspace  # noqa: PLC0415

    if (start.root / FILE_NAME).exists():
        raise UsageError(
            "There is a workspace already", where=str(start.root), next_step="Choose another folder, or delete it first"
        )
    if not start.name.strip():
        raise UsageError("The project needs a name", next_step="Give one with --name")
    if schema.problems:
        raise SchemaError("; ".join(schema.problems), next_step="Check it: labelwright schema check FILE")
    fields = map_columns(schema.data_fields, columns_of(start.data, start.data_settings.get("encoding")), start.columns)
    data = {**start.data_settings, "files": [start.address or _relative(start.data, start.root)], "fields": fields}
    text = render_settings(
        {"name": start.name, "simulated": start.simulated, "sections": {"data": data, **start.sections}}
    )
    # The settings file makes the folder a workspace: it comes last but for the index, which can be made again.
    files = {"schema.xml": start.schema_xml, "guidelines.md": start.guidelines, FILE_NAME: text}
    _refuse_other_files(start.root, files)
    new = [name for name in files if not (start.root / name).exists()]
    start.root.mkdir(parents=True, exist_ok=True)
    keep_private(start.root / STATE)
    try:
        for name, content in files.items():
            (start.root / f"{name}.part").write_text(content, encoding="utf-8", newline="")
            (start.root / f"{name}.part").replace(start.root / name)
        workspace = open_workspace(start.root)
        return FilePool(workspace.state / "pool", bar).import_files(workspace.pool_spec())
    except BaseException:
        for name in new:  # a workspace without data would only be in the way of the next try
            (start.root / name).unlink(missing_ok=True)
        raise


def _refuse_other_files(root: Path, files: dict[str, str]) -> None:
    """What somebody wrote is never written over."""
    for name, content in files.items():
        path = root / name
        if path.exists() and path.read_text(encoding="utf-8-sig", errors="replace") != content:
            raise UsageError(
                f"There is another {name} already", where=str(root), next_step="Choose another folder, or move the file"
            )


def _screen(template: str, labels: list[str] | None) -> tuple[str, str]:
    """Config and guidelines: of a template, or of a file of the user's own."""
    from labelwright.adapters.labelstudio.config import read_config  # noqa: PLC0415
    from labelwright.adapters.labelstudio.templates import guidelines_for, render, starter_guidelines  # noqa: PLC0415

    path = Path(template)
    if path.suffix.lower() != ".xml":
        return render(template, labels), guidelines_for(template, labels)
    if labels:
        raise UsageError("--labels is for templates", next_step=f"Write the classes into {path.name}")
    xml = _own_config(path)
    classes = [c for control in read_config(xml).controls for c in control.classes]
    return xml, starter_guidelines(list(dict.fromkeys(classes)))


def _own_config(path: Path) -> str:
    if not path.is_file():
        raise UsageError("There is no such config", where=str(path), next_step="See: labelwright schema list")
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as problem:
        raise SchemaError("The config is not UTF-8", where=str(path), next_step="Save it as UTF-8") from problem


def names_of(text: str | None) -> list[str] | None:
    """Names between commas; one that holds a comma stands in double quotes, as in a CSV file."""
    rows = list(csv.reader([text or ""], skipinitialspace=True))
    names = [n.strip() for row in rows for n in row if n.strip()]
    return names or None


def _pairs(columns: list[str]) -> dict[str, str]:
    wrong = [c for c in columns if "=" not in c]
    if wrong:
        raise UsageError(f"--column {wrong[0]} names no column", next_step="Write --column FIELD=COLUMN")
    return dict(c.split("=", 1) for c in columns)


def _relative(path: Path, root: Path) -> str:
    """Relative where the data lies in the workspace, so that the folder can be moved."""
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)


def keep_private(state: Path) -> None:
    """The folder of what Labelwright keeps: for its owner only, and for no version control."""
    state.mkdir(mode=0o700, exist_ok=True)
    os.chmod(state, 0o700)  # noqa: PTH101 - also where it was there before
    (state / ".gitignore").write_text("*\n", encoding="utf-8")


def _tell(root: Path, schema: Schema, summary: PoolSummary, links: list[LinkCheck], *, as_json: bool) -> None:
    from labelwright.bootstrap import STATE  # noqa: PLC0415

    rejects = root / STATE / "pool" / "rejects.jsonl"
    if as_json:
        emit(
            {
                "workspace": str(root),
                "controls": [
                    {"name": c.name, "kind": c.kind.value, "classes": list(c.classes)} for c in schema.controls
                ],
                "data": {
                    "rows": summary.rows,
                    "items": summary.items,
                    "duplicates": summary.duplicates,
                    "rejected": summary.rejected,
                    "reasons": dict(summary.reasons),
                    "encoding": summary.encoding,
                    "rejects": str(rejects) if summary.rejected or summary.duplicates else None,
                    "notes": list(summary.notes),
                    "links": [
                        {"link": x.link, "problem": x.reason, "type": x.type, "readable": x.readable} for x in links
                    ],
                },
            }
        )
        return
    say(
        f"{root}: {summary.items:,} items from {summary.rows:,} rows; {summary.duplicates:,} duplicates and "
        f"{summary.rejected:,} rows that cannot be used"
    )
    for reason, n in summary.reasons.items():
        say(f"  {n:,} × {reason}")
    if summary.rejected or summary.duplicates:
        say(f"  each with its row and reason: {rejects}")
    for note in summary.notes:
        say(f"  note: {note}")
    bad = [x for x in links if x.reason]
    if links:
        say(f"  {len(links) - len(bad)} of {len(links)} sampled links can be reached")
        closed = sum(1 for x in links if x.readable is False and not x.reason)
        if closed:
            say(f"  {closed} of them let no script of another page read them: their server must send CORS headers")
    for x in bad:
        say(f"  {x.link}: {x.reason}")
    say("Next: write the guidelines (guidelines.md), then `labelwright up` in that folder.")
