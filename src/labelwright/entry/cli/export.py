"""`labelwright export`: a dataset from the consensus, of the workspace or of a Label Studio export."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from labelwright.entry.cli.fresh import fresh_project
from labelwright.entry.cli.output import HERE, Bar, JsonOption, WorkspaceOption, emit, say
from labelwright.model.errors import UsageError

if TYPE_CHECKING:
    from labelwright.app.context import Project
    from labelwright.app.export import Beside, ExportResult
    from labelwright.export import SplitRule
    from labelwright.export.building import Filters
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
    labels: Mapping[str, Any] | None = None
    beside: Beside | None = None
    certification: Mapping[str, Any] | None = None
    guidelines: str | None = None
    versions: tuple[int | None, int | None] = field(default=(None, None))


def export_command(
    form: Annotated[
        str, typer.Option("--format", help="Any of `convert`'s formats; several by commas.", metavar="F[,F]")
    ] = "jsonl",
    out: Annotated[
        Path | None, typer.Option(help="A folder, instead of a version of its own.", show_default="exports/vN")
    ] = None,
    min_posterior: Annotated[
        float | None, typer.Option(min=0, max=1, help="Leave out labels less probable than this.")
    ] = None,
    only_adjudicated: Annotated[bool, typer.Option("--only-adjudicated", help="Only what an expert decided.")] = False,
    only_certified: Annotated[
        bool, typer.Option("--only-certified", help="Only labels under the certificate, and what an expert decided.")
    ] = False,
    slices: Annotated[
        list[str] | None, typer.Option("--slice", metavar="FIELD=VALUE", help="Only such items; several allowed.")
    ] = None,
    soft_labels: Annotated[
        bool, typer.Option("--soft-labels", help="Add the share of annotators by class; keep contested items, marked.")
    ] = False,
    stratify: Annotated[
        bool, typer.Option("--stratify", help="Divide each class by itself, so that splits have equal shares.")
    ] = False,
    media: Annotated[
        bool | None,
        typer.Option(
            "--media/--no-media",
            help="Copy pictures, recordings and films into the dataset.",
            show_default="hf, webdataset",
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Move aside a folder that is no dataset of ours.")] = False,
    workspace: WorkspaceOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Make a dataset version from the consensus: splits, lineage, manifest, card, Croissant."""
    from labelwright.adapters.datasets.versions import VersionShelf  # noqa: PLC0415
    from labelwright.bootstrap import open_workspace  # noqa: PLC0415
    from labelwright.export.building import Filters  # noqa: PLC0415

    place = open_workspace(workspace)
    names = _formats(form)
    filters = Filters(min_posterior, only_adjudicated, _pairs(slices or []), only_certified)
    wanted = Wanted(filters, stratify, soft_labels, media)
    shelf = VersionShelf(place.path(place.settings.export.dir))
    with Bar(quiet=as_json) as bar:
        project = fresh_project(place)
        bar.start("Settling the labels", None)
        source = source_of(project)
        bar.start(f"Writing {', '.join(names)}", None)
        folder = out.absolute() if out else shelf.draft()
        result = write_dataset(source, names, folder, force=force, wanted=wanted)
        version, new = (None, True) if out else shelf.publish(folder)
    if version is not None:
        paths = tuple(version.path / p.relative_to(folder) for p in result.paths)
        result = replace(result, out=version.path, paths=paths)
    tell(result, names, as_json=as_json, version=version.name if version else None, new=new)


def _formats(form: str) -> tuple[str, ...]:
    from labelwright.export import formats_named  # noqa: PLC0415
    from labelwright.export.formats import FORMATS  # noqa: PLC0415
    from labelwright.export.labelled_formats import LABELLED_FORMATS, labelled_format  # noqa: PLC0415

    names = tuple(n.strip() for n in form.split(",") if n.strip())
    if not names:
        formats_named(names)
    for name in names:
        if name not in FORMATS and name not in LABELLED_FORMATS:
            labelled_format(name)
    return names


def _pairs(slices: list[str]) -> dict[str, str]:
    wrong = [s for s in slices if "=" not in s]
    if wrong:
        raise UsageError(f"--slice {wrong[0]} has no value", next_step="Write --slice FIELD=VALUE")
    return dict(s.split("=", 1) for s in slices)


def _media_of(project: Project) -> Callable[[str], bytes | None]:
    """Bytes of the project's media by their link: of files on this disk and of objects in its bucket."""
    from labelwright.model.project import Item  # noqa: PLC0415

    def found(link: str) -> bytes | None:
        bodies = (project.media.content(Item("", {name: link}), name) for name in sorted(project.media.fields))
        return next((body for body in bodies if body is not None), None)

    return found


def tell(
    result: ExportResult,
    names: tuple[str, ...],
    *,
    as_json: bool,
    version: str | None = None,
    new: bool = True,
) -> None:
    """What was written, and what was left out."""
    if as_json:
        emit(
            {
                "formats": list(names),
                "version": version,
                "new": new,
                "id": result.manifest.get("id"),
                "path": str(result.out),
                "rows": result.rows,
                "left_out": dict(result.left_out),
                "files": [str(p) for p in result.paths],
            }
        )
        return
    say(f"{result.rows:,} rows in {result.out}" if new else f"Nothing has changed since {version}: {result.out}")
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


@dataclass(frozen=True, slots=True)
class Wanted:
    """How rows are chosen and divided, and what else goes with them."""

    filters: Filters
    stratify: bool = False
    soft: bool = False
    media: bool | None = None


def source_of(project: Project) -> Source:
    """The workspace as something to export: its consensus, settled anew."""
    import orjson  # noqa: PLC0415

    from labelwright.adapters.labelstudio.export_read import TaskReader  # noqa: PLC0415
    from labelwright.app.annotations import annotation_set  # noqa: PLC0415
    from labelwright.app.export import Beside  # noqa: PLC0415
    from labelwright.app.kept import certification_of, kept_consensus, suggestions_of  # noqa: PLC0415
    from labelwright.app.kinship import likeness_of  # noqa: PLC0415

    annotations = annotation_set(project)
    kept = kept_consensus(project, annotations, TaskReader().given)
    raw = {str(r.id): r.raw for r in project.store.records()}
    beside = Beside(
        kept.others, kept.drawn, suggestions_of(raw, orjson.loads), _media_of(project), likeness_of(project)
    )
    return Source(
        name=project.settings.name,
        annotations=annotations,
        control=project.control,
        rule=rule_of(project, annotations),
        raw=raw,
        labels=kept.labels,
        beside=beside,
        certification=certification_of(project, kept.labels),
        guidelines=project.guidelines,
        versions=project.versions(),
    )


def rule_of(project: Project, annotations: AnnotationSet) -> SplitRule:
    """How the settings divide the items; the untouched test set stays test."""
    from labelwright.app.export import forced_tests  # noqa: PLC0415
    from labelwright.export import SplitRule  # noqa: PLC0415

    shares = project.settings.export
    return SplitRule(shares.train, shares.validation, shares.test, forced=forced_tests(annotations))


def write_dataset(
    source: Source, names: tuple[str, ...], out: Path, *, force: bool = False, wanted: Wanted | None = None
) -> ExportResult:
    """Infer the labels and write the dataset, or nothing."""
    from labelwright import __version__  # noqa: PLC0415
    from labelwright.adapters.datasets.folders import LocalFolders  # noqa: PLC0415
    from labelwright.adapters.labelstudio.codec import LabelStudioCodec  # noqa: PLC0415
    from labelwright.app.export import Answers, ExportRequest, export_dataset  # noqa: PLC0415
    from labelwright.app.inference import TIE_RULE, infer, methods_of  # noqa: PLC0415
    from labelwright.export import Provenance  # noqa: PLC0415
    from labelwright.export.building import Filters  # noqa: PLC0415

    how = wanted or Wanted(Filters())
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
        ExportRequest(
            names,
            out,
            provenance,
            source.rule,
            force=force,
            filters=how.filters,
            stratify=how.stratify,
            soft=how.soft,
            media=how.media,
            certification=source.certification,
        ),
        LocalFolders(),
        Answers(LabelStudioCodec().encode, source.raw),
        source.beside,
    )


def _agreement(source: Source) -> Mapping[str, Any]:
    from labelwright.app.annotations import independent  # noqa: PLC0415
    from labelwright.app.report import build_report, document_of  # noqa: PLC0415
    from labelwright.app.tables import tables_of  # noqa: PLC0415

    found = document_of(build_report(tables_of(independent(source.annotations)), source.name, limit=1))
    agreement: Mapping[str, Any] = found["controls"][source.control.name]["agreement"]
    return agreement
