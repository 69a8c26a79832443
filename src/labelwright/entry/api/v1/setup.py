"""The import wizard: file → columns → template → preview → first batch."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, UploadFile
from pydantic import BaseModel, Field

from labelwright.adapters.labelstudio.config import read_config
from labelwright.adapters.labelstudio.templates import guidelines_for, list_templates, render, starter_guidelines
from labelwright.adapters.pool.importing import columns_of
from labelwright.app.console.overview import pool_size
from labelwright.app.init import map_columns
from labelwright.entry.api.v1.access import Manager, Reader, note
from labelwright.entry.api.v1.jobs import shape_of
from labelwright.entry.api.v1.jobs_running import Job as Running
from labelwright.entry.api.v1.problems import RESPONSES, missing
from labelwright.entry.api.v1.setup_apply import Plan, apply_plan
from labelwright.entry.api.v1.setup_sample import sample_rows
from labelwright.entry.api.v1.shapes import Job, Name
from labelwright.entry.api.v1.state import Console, TheConsole
from labelwright.model.errors import CheckFailedError, LabelwrightError, UsageError
from labelwright.model.schema import Schema

router = APIRouter(tags=["setup"], responses=RESPONSES)
#: What an upload may be: data in tables. Media come as links, or as a folder on the server's disk.
SUFFIXES = (".csv", ".tsv", ".json", ".jsonl", ".ndjson", ".parquet")
_FOLDER = "data"
_PART = 1 << 20


class SetupState(BaseModel):
    """How far the set-up is. ``locked`` says why it can no longer be changed here."""

    name: str
    items: int | None
    annotators: int
    rounds: int
    files: list[str]
    locked: str | None


class TemplateShape(BaseModel):
    """A labeling screen to start from."""

    name: str
    title: str
    modality: str
    labels: list[str]
    fields: list[str]


class DataFile(BaseModel):
    """A file that was uploaded, with its first rows."""

    file: str
    columns: list[str]
    rows: list[dict[str, Any]]
    size: int


class ScreenIn(BaseModel):
    """A template with classes, or a config of one's own."""

    template: Annotated[str | None, Field(max_length=100)] = None
    labels: Annotated[list[Annotated[str, Field(max_length=200)]] | None, Field(max_length=500)] = None
    config: Annotated[str | None, Field(max_length=500_000)] = None


class ControlShape(BaseModel):
    """One question of the screen."""

    name: str
    tag: str
    kind: str
    classes: list[str]


class Screen(BaseModel):
    """The labeling screen: what it shows, what it asks, and which fields the data must have."""

    config: str
    controls: list[ControlShape]
    objects: list[dict[str, str | None]]
    fields: list[str]
    columns: dict[str, str]
    problems: list[str]
    guidelines: str


class PreviewIn(ScreenIn):
    """The screen beside a file, so that columns are guessed."""

    file: Annotated[str | None, Field(max_length=300)] = None


class ApplyIn(ScreenIn):
    """Everything that a project starts from."""

    name: Name
    file: Annotated[str, Field(min_length=1, max_length=300)]
    columns: Annotated[dict[str, str], Field(max_length=100)] = {}
    id: Annotated[str | None, Field(max_length=300)] = None
    group: Annotated[str | None, Field(max_length=300)] = None
    metadata: Annotated[list[Annotated[str, Field(max_length=300)]], Field(max_length=50)] = []
    guidelines: Annotated[str | None, Field(max_length=500_000)] = None
    overlap: Annotated[float, Field(ge=0, le=1)] = 0.2
    batch: Annotated[int, Field(ge=1, le=1_000_000)] = 100


@router.get("/setup")
def state(_: Reader, console: TheConsole) -> SetupState:
    """How far the set-up is."""
    store = console.project.store
    rounds = len(store.rounds())
    return SetupState(
        name=console.place.settings.name,
        items=pool_size(console.project),
        annotators=len(store.desks("work")),
        rounds=rounds,
        files=[p.name for p in _uploads(console)],
        locked="A round was opened: data and screen stay as they are" if rounds else None,
    )


@router.get("/setup/templates")
def templates(_: Reader) -> list[TemplateShape]:
    """Labeling screens to start from."""
    return [
        TemplateShape(name=t.name, title=t.title, modality=t.modality, labels=list(t.labels), fields=list(t.fields))
        for t in list_templates()
    ]


@router.post("/setup/files", status_code=201)
def upload(file: UploadFile, who: Manager, console: TheConsole) -> DataFile:
    """Bring in a file: CSV, TSV, JSON, JSONL or Parquet."""
    name = _safe_name(file.filename or "")
    folder = console.place.root / _FOLDER
    folder.mkdir(exist_ok=True)
    target = folder / name
    part = target.with_name(f".{name}.part")
    try:
        with part.open("wb") as out:
            while chunk := file.file.read(_PART):
                out.write(chunk)
        looked = _look(part.replace(target))
    except LabelwrightError:
        target.unlink(missing_ok=True)
        raise
    finally:
        part.unlink(missing_ok=True)
    note(console, who, "setup.upload", name, size=target.stat().st_size)
    return looked


@router.get("/setup/files/{name}")
def look(name: str, _: Reader, console: TheConsole) -> DataFile:
    """A file that was uploaded before."""
    return _look(_find(console, name))


@router.post("/setup/preview")
def preview(body: PreviewIn, _: Reader, console: TheConsole) -> Screen:
    """The labeling screen, and which columns its fields would come from."""
    xml, guidelines = screen_of(body)
    schema = read_config(xml)
    columns: dict[str, str] = {}
    problems = list(schema.problems)
    if body.file is not None:
        try:
            columns = map_columns(schema.data_fields, columns_of(_find(console, body.file)), {})
        except UsageError as problem:
            problems.append(problem.what)
    return _screen(schema, columns, problems, guidelines)


@router.post("/setup/apply", status_code=202)
def apply(body: ApplyIn, who: Manager, console: TheConsole) -> Job:
    """Write settings, screen and guidelines, and index the data. Until the first round this can be done again."""
    if console.project.store.rounds():
        raise CheckFailedError("A round was opened: data and screen stay as they are", next_step="Make a new workspace")
    xml, guidelines = screen_of(body)
    plan = Plan(
        name=body.name,
        data=_find(console, body.file),
        xml=xml,
        guidelines=body.guidelines or guidelines,
        columns=body.columns,
        data_settings={"id": body.id, "group": body.group, "metadata": body.metadata},
        overlap=body.overlap,
        batch=body.batch,
    )

    def work(job: Running) -> Mapping[str, Any]:
        summary = apply_plan(console.place, plan, job)
        console.reload()
        return {"items": summary.items, "rows": summary.rows, "duplicates": summary.duplicates,
                "rejected": summary.rejected, "reasons": dict(summary.reasons)}  # fmt: skip

    note(console, who, "setup.apply", body.name, file=body.file, template=body.template)
    return shape_of(console.jobs.start("setup", "Bringing in the data", work))


def screen_of(body: ScreenIn) -> tuple[str, str]:
    """Config and guidelines.

    Raises:
        UsageError: neither a template nor a config, or classes that cannot be used.
    """
    if body.config is not None:
        schema = read_config(body.config)
        classes = [c for control in schema.controls for c in control.classes]
        return body.config, starter_guidelines(list(dict.fromkeys(classes)))
    if body.template is None:
        raise UsageError("Choose a template", next_step="Or give a Label Studio config of your own")
    labels = [name.strip() for name in body.labels or () if name.strip()] or None
    return render(body.template, labels), guidelines_for(body.template, labels)


def _screen(schema: Schema, columns: dict[str, str], problems: list[str], guidelines: str) -> Screen:
    return Screen(
        config=schema.xml,
        controls=[
            ControlShape(name=c.name, tag=c.tag, kind=c.kind.value, classes=list(c.classes)) for c in schema.controls
        ],
        objects=[{"name": o.name, "tag": o.tag, "field": o.field} for o in schema.objects],
        fields=list(schema.data_fields),
        columns=columns,
        problems=problems,
        guidelines=guidelines,
    )


def _safe_name(name: str) -> str:
    """A plain file name of a known kind: it never leads out of the folder."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "_", Path(name).name).strip("._")[:120]
    if not plain.lower().endswith(SUFFIXES):
        raise UsageError("This kind of file is not read", next_step="Bring one of: " + ", ".join(SUFFIXES))
    return plain


def _uploads(console: Console) -> list[Path]:
    """What was uploaded, and what lies beside the settings."""
    root = console.place.root
    folder = root / _FOLDER
    found = [*(folder.iterdir() if folder.is_dir() else ()), *root.iterdir()]
    return sorted(p for p in found if p.is_file() and p.name.lower().endswith(SUFFIXES) and p.name[0] != ".")


def _find(console: Console, name: str) -> Path:
    found = next((p for p in _uploads(console) if p.name == name), None)
    if found is None:
        raise missing("There is no such file", "Upload it first")
    return found


def _look(path: Path) -> DataFile:
    return DataFile(file=path.name, columns=list(columns_of(path)), rows=sample_rows(path), size=path.stat().st_size)
