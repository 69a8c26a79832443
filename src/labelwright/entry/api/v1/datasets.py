"""Dataset versions: what was written, its card, its download; and writing another."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import APIRouter
from fastapi.responses import FileResponse
from pydantic import BaseModel, Field
from starlette.background import BackgroundTask

from labelwright.adapters.datasets.versions import Version, VersionShelf, read_version
from labelwright.entry.api.v1.access import Manager, Reader, note
from labelwright.entry.api.v1.jobs import shape_of
from labelwright.entry.api.v1.jobs_running import Job as Running
from labelwright.entry.api.v1.problems import RESPONSES, missing
from labelwright.entry.api.v1.shapes import Job, Name
from labelwright.entry.api.v1.state import Console, TheConsole

router = APIRouter(tags=["datasets"], responses=RESPONSES)
#: Formats that share one folder, of every kind of control; which of them fit is said when one is written.
FORMS = ("jsonl", "csv", "parquet", "hf", "label-studio", "coco", "yolo", "voc", "conll")
Form = Literal["jsonl", "csv", "parquet", "hf", "label-studio", "coco", "yolo", "voc", "conll"]


class DatasetShape(BaseModel):
    """A dataset version: written once and never again. ``check`` is what the last look at its files found."""

    name: str
    id: str | None
    path: str
    made_at: datetime
    rows: int | None
    rows_by_split: dict[str, int]
    left_out: dict[str, int]
    formats: list[str]
    control: str | None
    certification: str | None
    size: int
    files: list[str]


class DatasetDetail(DatasetShape):
    """With its card as clean HTML, its manifest, and what is not as it was written (nothing, if it is whole)."""

    card_html: str
    manifest: dict[str, Any]
    label_distribution: dict[str, int]
    problems: list[str]


class LastCheck(BaseModel):
    """Why the last attempt to write a version failed; None where it did not."""

    failed: str | None
    next_step: str | None


class Difference(BaseModel):
    """What differs between two versions: counts, labels that changed, and the first rows of each kind."""

    before: str
    after: str
    same: int
    added: int
    removed: int
    relabeled: int
    moved: int
    relabeled_by_class: dict[str, int]
    named: dict[str, list[Any]]
    facts: dict[str, Any]


class Writing(BaseModel):
    """Which formats, and which labels: those as probable as ``min_posterior``, or only what an expert decided."""

    formats: Annotated[list[Form], Field(min_length=1, max_length=len(FORMS))]
    min_posterior: Annotated[float | None, Field(ge=0, le=1)] = None
    only_adjudicated: bool = False
    soft_labels: bool = False
    stratify: bool = False


@router.get("/datasets")
def datasets(_: Reader, console: TheConsole) -> list[DatasetShape]:
    """The versions, newest first."""
    return [_shape(v) for v in reversed(_versions(console))]


@router.get("/datasets/check")
def export_check(_: Reader, console: TheConsole) -> LastCheck:
    """Whether the last attempt to write failed at its checks, and at which."""
    failed = [j for j in console.jobs.all() if j.kind == "export"]
    last = failed[-1] if failed else None
    if last is None or last.state != "failed":
        return LastCheck(failed=None, next_step=None)
    return LastCheck(failed=last.message, next_step=last.next_step)


@router.get("/datasets/diff")
def diff(before: Name, after: Name, _: Reader, console: TheConsole) -> Difference:
    """Rows that came, went, changed their label or their split between two versions."""
    from labelwright.app.comparing import compare  # noqa: PLC0415

    one, other = _find(console, before), _find(console, after)
    found = compare(one.lineage(), other.lineage(), (one.manifest, other.manifest)).as_dict()
    return Difference(before=one.name, after=other.name, **found)


@router.post("/datasets", status_code=202)
def write(body: Writing, who: Manager, console: TheConsole) -> Job:
    """Write a version from the consensus; nothing is written when nothing has changed, or when a check fails."""
    names = tuple(dict.fromkeys(body.formats))

    def work(job: Running) -> Mapping[str, Any]:
        job.start("Settling the labels", None)
        return _write(console, names, body)

    note(console, who, "dataset.write", ", ".join(names), **body.model_dump(exclude={"formats"}))
    return shape_of(console.jobs.start("export", "Writing a dataset", work))


def _write(console: Console, names: tuple[str, ...], wish: Writing) -> dict[str, Any]:
    from labelwright.entry.cli.export import Wanted, source_of, write_dataset  # noqa: PLC0415 - it loads every format
    from labelwright.export.building import Filters  # noqa: PLC0415

    shelf = _shelf(console)
    draft = shelf.draft()
    wanted = Wanted(Filters(wish.min_posterior, wish.only_adjudicated, {}), wish.stratify, wish.soft_labels)
    try:
        result = write_dataset(source_of(console.project), names, draft, wanted=wanted)
        version, new = shelf.publish(draft)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    return {"name": version.name, "new": new, "rows": result.rows, "left_out": dict(result.left_out)}


@router.get("/datasets/{name}")
def dataset(name: str, _: Reader, console: TheConsole) -> DatasetDetail:
    """One version with its card; its files are looked through, whether they are as they were written."""
    from labelwright.adapters.datasets.versions import verify  # noqa: PLC0415
    from labelwright.adapters.guidelines import to_html  # noqa: PLC0415

    found = _find(console, name)
    card = found.path / "dataset_card.md"
    text = card.read_text(encoding="utf-8") if card.is_file() else ""
    return DatasetDetail(
        **_shape(found).model_dump(),
        card_html=to_html(_without_header(text)),
        manifest=found.manifest,
        label_distribution=found.manifest.get("label_distribution", {}).get("all", {}),
        problems=verify(found),
    )


def _without_header(card: str) -> str:
    """Hugging Face's YAML stands at the head of a card; people read what follows."""
    return card.split("\n---\n", 1)[1] if card.startswith("---\n") and "\n---\n" in card else card


@router.get(
    "/datasets/{name}/download",
    response_class=FileResponse,
    responses={200: {"content": {"application/zip": {}}, "description": "The dataset's folder as a ZIP file"}},
)
def download(name: str, who: Reader, console: TheConsole) -> FileResponse:
    """The whole version as one ZIP file."""
    found = _find(console, name)
    with tempfile.NamedTemporaryFile(suffix=".zip", delete=False, dir=console.place.state) as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for path in _files(found.path):
                archive.write(path, f"{found.name}/{path.relative_to(found.path)}")
        whole = Path(file.name)
    note(console, who, "dataset.download", found.name)
    return FileResponse(
        whole,
        media_type="application/zip",
        filename=f"{found.name}.zip",
        background=BackgroundTask(whole.unlink, missing_ok=True),
    )


def _shelf(console: Console) -> VersionShelf:
    return VersionShelf(console.place.path(console.place.settings.export.dir))


def _versions(console: Console) -> list[Version]:
    """Numbered versions, and before them what was written into a folder of its own name."""
    root = _shelf(console).root
    numbered = _shelf(console).all()
    known = {v.name for v in numbered}
    folders = sorted(p.parent for p in root.glob("*/manifest.json")) if root.is_dir() else []
    others = [read_version(f) for f in folders if f.name not in known and not f.name.startswith(".")]
    return [*(v for v in others if v is not None), *numbered]


def _find(console: Console, name: str) -> Version:
    """Looked up among what is there: a name never becomes a path."""
    found = next((v for v in _versions(console) if v.name == name), None)
    if found is None:
        raise missing("There is no such dataset version", "Write one first")
    return found


def _files(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.is_file() and not p.is_symlink())


def _shape(version: Version) -> DatasetShape:
    manifest, counts = version.manifest, version.manifest.get("counts", {})
    files, rows = _files(version.path), counts.get("rows")
    verdict = manifest.get("certification")
    return DatasetShape(
        name=version.name,
        id=manifest.get("id"),
        path=str(version.path),
        made_at=version.written_at,
        rows=rows if isinstance(rows, int) else None,
        rows_by_split=counts.get("rows_by_split", {}),
        left_out=counts.get("left_out", {}),
        formats=list(manifest.get("formats", [])),
        control=manifest.get("control", {}).get("name"),
        certification=verdict["verdict"] if verdict else None,
        size=sum(p.stat().st_size for p in files),
        files=[str(p.relative_to(version.path)) for p in files],
    )
