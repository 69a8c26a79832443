"""`labelwright export`: a dataset from the consensus, of the workspace or of a Label Studio export."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from labelwright.entry.cli.fresh import fresh_project
from labelwright.entry.cli.output import HERE, Bar, JsonOption, WorkspaceOption, emit, say

if TYPE_CHECKING:
    from labelwright.app.context import Project
    from labelwright.app.export import ExportResult
    from labelwright.app.inference import Inferred
    from labelwright.export import SplitRule
    from labelwright.model.project import AnnotationSet
    from labelwright.model.schema import Control


@dataclass(frozen=True, slots=True)
class Source:
    """What is exported, wherever it came from; ``labels`` where more is known than the answers say."""

    name: str
    annotations: AnnotationSet
    control: Control
    rule: SplitRule
    raw: Mapping[str, str]
    labels: Mapping[str, Inferred] | None = None
    guidelines: str | None = None
    versions: tuple[int | None, int | None] = field(default=(None, None))


def export_command(
    form: Annotated[str, typer.Option("--format", help="jsonl, csv, parquet, hf or label-studio; several by commas.")],
    out: Annotated[Path | None, typer.Option(help="The dataset's folder (default: exports/FORMAT).")] = None,
    force: Annotated[bool, typer.Option("--force", help="Move aside a folder that is no dataset of ours.")] = False,
    workspace: WorkspaceOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Write a dataset from the consensus: splits, manifest, dataset card."""
    from labelwright.bootstrap import open_workspace  # noqa: PLC0415
    from labelwright.export import formats_named  # noqa: PLC0415

    place = open_workspace(workspace)
    names = tuple(n.strip() for n in form.split(",") if n.strip())
    formats_named(names)
    folder = out.absolute() if out else place.path(place.settings.export.dir) / "-".join(names)
    with Bar(quiet=as_json) as bar:
        project = fresh_project(place)
        bar.start(f"Writing {folder.name}", None)
        result = write_dataset(source_of(project), names, folder, force=force)
    tell(result, names, as_json=as_json)


def tell(result: ExportResult, names: tuple[str, ...], *, as_json: bool) -> None:
    """What was written, and what was left out."""
    if as_json:
        emit(
            {
                "formats": list(names),
                "path": str(result.out),
                "rows": result.rows,
                "left_out": dict(result.left_out),
                "files": [str(p) for p in result.paths],
            }
        )
        return
    say(f"{result.rows:,} rows in {result.out}")
    for reason, n in result.left_out.items():
        say(f"  left out: {n:,} {reason}")
    say(f"  read next: {result.out / 'dataset_card.md'}")


def export_workspace(project: Project, name: str, out: Path) -> dict[str, Any]:
    """One format into one folder; what `demo --json` says of it."""
    result = write_dataset(source_of(project), (name,), out)
    rows = result.rows if name != "label-studio" else len(project.store.items())
    return {"format": name, "path": str(_main_file(result, name)), "folder": str(out), "rows": rows}


def _main_file(result: ExportResult, name: str) -> Path:
    """The file of a format that is one file; else its folder."""
    single = [p for p in result.paths if p.suffix == ".json" and p.name != "manifest.json"]
    return single[0] if name == "label-studio" and len(single) == 1 else result.out


def source_of(project: Project) -> Source:
    """The workspace as something to export."""
    from labelwright.app.annotations import annotation_set  # noqa: PLC0415
    from labelwright.app.export import forced_tests  # noqa: PLC0415
    from labelwright.app.settling import current_labels  # noqa: PLC0415
    from labelwright.export import SplitRule  # noqa: PLC0415

    annotations, shares = annotation_set(project), project.settings.export
    return Source(
        name=project.settings.name,
        annotations=annotations,
        control=project.control,
        rule=SplitRule(shares.train, shares.validation, shares.test, forced=forced_tests(annotations)),
        raw={str(r.id): r.raw for r in project.store.records()},
        labels=current_labels(project, annotations),
        guidelines=project.guidelines,
        versions=project.versions(),
    )


def write_dataset(source: Source, names: tuple[str, ...], out: Path, *, force: bool = False) -> ExportResult:
    """Infer the labels and write the dataset, or nothing."""
    from labelwright import __version__  # noqa: PLC0415
    from labelwright.adapters.datasets.folders import LocalFolders  # noqa: PLC0415
    from labelwright.adapters.labelstudio.codec import LabelStudioCodec  # noqa: PLC0415
    from labelwright.app.export import Answers, ExportRequest, export_dataset  # noqa: PLC0415
    from labelwright.app.inference import TIE_RULE, infer, methods_of  # noqa: PLC0415
    from labelwright.export import Provenance  # noqa: PLC0415

    labels = infer(source.annotations, source.control) if source.labels is None else source.labels
    provenance = Provenance(
        name=source.name,
        software=f"labelwright {__version__}",
        aggregator=methods_of(labels.values()),
        tie_rule=TIE_RULE,
        guidelines=source.guidelines,
        schema_version=source.versions[0],
        guidelines_version=source.versions[1],
        agreement=_agreement(source),
    )
    return export_dataset(
        source.annotations,
        labels,
        source.control,
        ExportRequest(names, out, provenance, source.rule, force),
        LocalFolders(),
        Answers(LabelStudioCodec().encode, source.raw),
    )


def _agreement(source: Source) -> Mapping[str, Any]:
    from labelwright.app.report import build_report, document_of  # noqa: PLC0415
    from labelwright.app.tables import tables_of  # noqa: PLC0415

    found = document_of(build_report(tables_of(source.annotations), source.name, limit=1))
    agreement: Mapping[str, Any] = found["controls"][source.control.name]["agreement"]
    return agreement
