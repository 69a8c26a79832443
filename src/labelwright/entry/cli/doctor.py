"""`labelwright doctor`: the list of a careful lead."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING

from labelwright.entry.cli.fresh import fresh_project
from labelwright.entry.cli.output import HERE, JsonOption, WorkspaceOption, console, emit, say
from labelwright.model.errors import CheckFailedError, OutsideServiceError

if TYPE_CHECKING:
    from labelwright.app.context import Project
    from labelwright.app.doctor import Probes
    from labelwright.app.inference import Inferred
    from labelwright.bootstrap import Workspace
    from labelwright.model.measure import Measure
    from labelwright.model.project import AnnotationSet

_MARKS = {"pass": ("✓", "green"), "fail": ("✗", "red"), "not yet": ("·", "yellow")}


def doctor_command(workspace: WorkspaceOption = HERE, as_json: JsonOption = False) -> None:
    """Each line: pass, fail or not yet, with the next step. Exit code 1 when a line fails."""
    from labelwright.app.doctor import examine, summary  # noqa: PLC0415
    from labelwright.bootstrap import open_workspace  # noqa: PLC0415

    place = open_workspace(workspace)
    project = fresh_project(place)
    lines = examine(project, probes(place, project))
    counts = summary(lines)
    if as_json:
        emit({"lines": [line.as_dict() for line in lines], "summary": counts})
    else:
        shown = console()
        for line in lines:
            mark, colour = _MARKS[line.verdict.value]
            shown.print(f"{mark} {line.check}: {line.seen}", style=colour, soft_wrap=True)
            if line.next_step:
                shown.print(f"    next: {line.next_step}", soft_wrap=True)
        say(", ".join(f"{n} {verdict}" for verdict, n in counts.items()))
    if counts["fail"]:
        raise CheckFailedError(
            f"{counts['fail']} of {len(lines)} checks failed", next_step="The lines above say what to do"
        )


def probes(place: Workspace, project: Project) -> Probes:
    """The doctor's hands for this workspace."""
    from labelwright.adapters.guidelines import classes_without_examples  # noqa: PLC0415
    from labelwright.adapters.health import check_address, check_containers, check_disk  # noqa: PLC0415
    from labelwright.app.doctor import Probes  # noqa: PLC0415

    def label_studio() -> tuple[str, float]:
        desks = place.desks()
        begun = time.monotonic()
        version = desks.version()
        return version, (time.monotonic() - begun) / 2  # it asks twice: the version, and who we are

    def server() -> str:
        if not place.server.is_healthy():
            raise OutsideServiceError("It does not run: answers wait in Label Studio", next_step="labelwright up")
        running = place.server.running()
        return running.url if running else ""

    def public_address() -> str | None:
        address = place.public_url()
        return check_address(address) if address else None

    def machine() -> str:
        return ", ".join(x for x in (check_disk(place.root), check_containers(place.root)) if x)

    classes = project.control.classes
    return Probes(
        label_studio=label_studio,
        server=server,
        public_address=public_address,
        without_examples=lambda: classes_without_examples(project.guidelines, classes),
        agreement=_agreement,
        export=lambda annotations, labels: _export_ready(project, annotations, labels),
        machine=machine,
    )


def _agreement(annotations: AnnotationSet, control: str) -> Measure:
    from labelwright.app.report import build_report, document_of  # noqa: PLC0415
    from labelwright.app.tables import tables_of  # noqa: PLC0415
    from labelwright.model.measure import Measure  # noqa: PLC0415

    found = document_of(build_report(tables_of(annotations), "doctor", limit=1))["controls"][control]["agreement"]
    alpha = found["krippendorff_alpha"]
    return Measure(**{k: alpha[k] for k in ("value", "low", "high", "n_items", "n_annotations", "reason")})


def _export_ready(project: Project, annotations: AnnotationSet, labels: Mapping[str, Inferred]) -> str:
    """The checks that an export makes, without writing."""
    from labelwright.entry.cli.export import source_of  # noqa: PLC0415
    from labelwright.export import build_records, check_records, find_problems  # noqa: PLC0415

    records = build_records(annotations, labels, project.control, source_of(project).rule, aggregator="MajorityVote")
    check_records(
        list(find_problems(records, project.control.classes, project.schema.data_fields)), "labelwright export"
    )
    return f"{len(records)} rows ready"
