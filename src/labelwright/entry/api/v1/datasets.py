"""Dataset versions: what was written, its card, its download; and writing another."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter
from fastapi.responses import FileResponse
from pydantic import BaseModel, Field
from starlette.background import BackgroundTask

from labelwright.entry.api.v1.access import Manager, Reader, note
from labelwright.entry.api.v1.jobs import shape_of
from labelwright.entry.api.v1.jobs_running import Job as Running
from labelwright.entry.api.v1.problems import RESPONSES, missing
from labelwright.entry.api.v1.shapes import Job
from labelwright.entry.api.v1.state import Console, TheConsole

router = APIRouter(tags=["datasets"], responses=RESPONSES)
Form = Literal["jsonl", "csv", "parquet", "hf", "label-studio"]


class DatasetShape(BaseModel):
    """A dataset in the exports folder. ``manifest`` is as it stands beside it."""

    name: str
    path: str
    made_at: datetime
    rows: int | None
    size: int
    files: list[str]
    manifest: dict[str, Any]


class DatasetDetail(DatasetShape):
    """With its card, as clean HTML."""

    card_html: str


class Writing(BaseModel):
    """Formats that share one folder."""

    formats: Annotated[list[Form], Field(min_length=1, max_length=5)]


@router.get("/datasets")
def datasets(_: Reader, console: TheConsole) -> list[DatasetShape]:
    """Newest first."""
    found = [_shape(folder) for folder in _folders(console)]
    return sorted(found, key=lambda d: d.made_at, reverse=True)


@router.post("/datasets", status_code=202)
def write(body: Writing, who: Manager, console: TheConsole) -> Job:
    """Write a dataset from the consensus."""
    from labelwright.entry.cli.export import source_of, write_dataset  # noqa: PLC0415 - it loads every format

    names = tuple(dict.fromkeys(body.formats))
    folder = console.place.path(console.place.settings.export.dir) / "-".join(names)

    def work(job: Running) -> Mapping[str, Any]:
        job.start(f"Writing {folder.name}", None)
        result = write_dataset(source_of(console.project), names, folder)
        return {"name": folder.name, "rows": result.rows, "left_out": dict(result.left_out)}

    note(console, who, "dataset.write", folder.name, formats=names)
    return shape_of(console.jobs.start("export", "Writing a dataset", work))


@router.get("/datasets/{name}")
def dataset(name: str, _: Reader, console: TheConsole) -> DatasetDetail:
    """One dataset with its card."""
    from labelwright.adapters.guidelines import to_html  # noqa: PLC0415

    folder = _find(console, name)
    card = folder / "dataset_card.md"
    text = card.read_text(encoding="utf-8") if card.is_file() else ""
    return DatasetDetail(**_shape(folder).model_dump(), card_html=to_html(text))


@router.get(
    "/datasets/{name}/download",
    response_class=FileResponse,
    responses={200: {"content": {"application/zip": {}}, "description": "The dataset's folder as a ZIP file"}},
)
def download(name: str, who: Reader, console: TheConsole) -> FileResponse:
    """The whole folder as one ZIP file."""
    folder = _find(console, name)
    with tempfile.NamedTemporaryFile(suffix=".zip", delete=False, dir=console.place.state) as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for path in _files(folder):
                archive.write(path, f"{folder.name}/{path.relative_to(folder)}")
        whole = Path(file.name)
    note(console, who, "dataset.download", folder.name)
    return FileResponse(
        whole,
        media_type="application/zip",
        filename=f"{folder.name}.zip",
        background=BackgroundTask(whole.unlink, missing_ok=True),
    )


def _folders(console: Console) -> list[Path]:
    root = console.place.path(console.place.settings.export.dir)
    return [p.parent for p in root.glob("*/manifest.json") if p.is_file()] if root.is_dir() else []


def _find(console: Console, name: str) -> Path:
    """Looked up among what is there: a name never becomes a path."""
    found = next((f for f in _folders(console) if f.name == name), None)
    if found is None:
        raise missing("There is no such dataset", "Write one first")
    return found


def _files(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.is_file() and not p.is_symlink())


def _shape(folder: Path) -> DatasetShape:
    manifest = orjson.loads((folder / "manifest.json").read_bytes())
    files = _files(folder)
    rows = manifest.get("counts", {}).get("rows")
    return DatasetShape(
        name=folder.name,
        path=str(folder),
        made_at=datetime.fromtimestamp((folder / "manifest.json").stat().st_mtime, UTC),
        rows=rows if isinstance(rows, int) else None,
        size=sum(p.stat().st_size for p in files),
        files=[str(p.relative_to(folder)) for p in files],
        manifest=manifest,
    )
