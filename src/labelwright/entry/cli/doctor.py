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

#: Items whose files are looked for.
_SAMPLE = 100
_OBJECTS = 20
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


def examine_workspace(place: Workspace, project: Project) -> list[dict[str, str]]:
    """The list as the console keeps it."""
    from labelwright.app.doctor import examine  # noqa: PLC0415

    return [line.as_dict() for line in examine(project, probes(place, project))]


def probes(place: Workspace, project: Project) -> Probes:
    """The doctor's hands for this workspace."""
    from labelwright.adapters.guidelines import classes_without_examples  # noqa: PLC0415
    from labelwright.adapters.health import check_address, check_containers, check_disk, check_pages  # noqa: PLC0415
    from labelwright.app.doctor import Probes  # noqa: PLC0415

    def label_studio() -> tuple[str, float]:
        desks = place.desks()
        begun = time.monotonic()
        version = desks.version()
        seconds = (time.monotonic() - begun) / 2  # it asks twice: the version, and who we are
        off = desks.ahead().total_seconds()
        return version + (f", its clock differs by {off:+.0f} s (times are corrected)" if off else ""), seconds

    def server() -> str:
        if not place.server.is_healthy():
            raise OutsideServiceError("It does not run: answers wait in Label Studio", next_step="labelwright up")
        running = place.server.running()
        return running.url if running else ""

    def public_address() -> str | None:
        address, pages = place.public_url(), place.settings.pages_url
        seen = [check_address(address)] if address else []
        return ", ".join([*seen, check_pages(pages)] if pages else seen) or None

    def machine() -> str:
        return ", ".join(x for x in (check_disk(place.root), check_containers(place.root)) if x)

    classes = project.control.classes
    return Probes(
        label_studio=label_studio,
        server=server,
        public_address=public_address,
        media=lambda: _media(place, project),
        without_examples=lambda: classes_without_examples(project.guidelines, classes),
        agreement=_agreement,
        export=lambda annotations, labels: _export_ready(project, annotations, labels),
        machine=machine,
    )


def _media(place: Workspace, project: Project) -> str:
    """Files of this disk are shown on this disk's machine only; a sample tells whether there are any."""
    from labelwright.adapters.media.buckets import is_bucket  # noqa: PLC0415
    from labelwright.adapters.media.files import is_local  # noqa: PLC0415
    from labelwright.adapters.runtime import is_loopback  # noqa: PLC0415

    if not place.link_fields:
        return "the screen shows no media"
    rows = range(min(_SAMPLE, len(project.pool)))
    shown = [(item, f) for item in project.pool.items(rows) for f in place.link_fields if f in item.data]
    files = [(item, f) for item, f in shown if is_local(item.data[f])]
    objects = [str(item.data[f]) for item, f in shown if is_bucket(item.data[f])]
    if objects:
        return _bucket(place, objects)
    if not files:
        return "addresses of your own"
    address = place.media_address()
    gone = [item.data[f] for item, f in files if place.media.path(item, f) is None]
    if gone:
        raise CheckFailedError(
            f"{len(gone)} of the first {len(files)} files are gone: {gone[0]}", next_step="Put them back"
        )
    if not is_loopback(place.label_studio_url()) and is_loopback(address):
        return f"local files, at {address}: only in browsers on this machine (for others: http(s) links)"
    return f"local files, at {address}"


def _bucket(place: Workspace, objects: list[str]) -> str:
    """The store answers, takes our keys, has the objects, and lets Label Studio's pages read where it is to.

    Raises:
        CheckFailedError: objects are gone, or browsers may not read links that are always sent to the store.
        OutsideServiceError: the store does not answer or refuses us.
    """
    buckets, some = place.media.buckets, objects[:: max(len(objects) // _OBJECTS, 1)]
    gone = [url for url in some if buckets.look(url) is None]
    if gone:
        raise CheckFailedError(f"{len(gone)} of {len(some)} objects are gone: {gone[0]}", next_step="Put them back")
    store = f"{len(some)} of {len(objects)} objects looked up in the bucket"
    origins = sorted(place.label_studio_origins())
    closed = [origin for origin in origins if not buckets.shows_to(some[0], origin)]
    if place.settings.media.links == "presigned" and closed:
        raise CheckFailedError(
            f"The bucket does not let pages of {closed[0]} read (CORS)",
            next_step="Allow GET and Range from there in the bucket's CORS rules, or set media.links to proxied",
        )
    if place.settings.media.links == "proxied" or closed or not origins:
        why = (
            "" if place.settings.media.links == "proxied" else ": the bucket has no CORS rule for Label Studio's pages"
        )
        return f"{store}; shown through Labelwright's server, at {place.media_address()}{why}"
    return f"{store}; browsers read from the bucket itself, which allows {', '.join(origins)}"


def _agreement(annotations: AnnotationSet, control: str) -> Measure:
    from labelwright.app.annotations import independent  # noqa: PLC0415
    from labelwright.app.report import build_report, document_of  # noqa: PLC0415
    from labelwright.app.tables import tables_of  # noqa: PLC0415
    from labelwright.model.measure import Measure  # noqa: PLC0415

    report = document_of(build_report(tables_of(independent(annotations)), "doctor", limit=1))
    alpha = report["controls"][control]["agreement"]["krippendorff_alpha"]
    return Measure(**{k: alpha[k] for k in ("value", "low", "high", "n_items", "n_annotations", "reason")})


def _export_ready(project: Project, annotations: AnnotationSet, labels: Mapping[str, Inferred]) -> str:
    """The checks that an export makes, without writing."""
    from labelwright.app.inference import methods_of  # noqa: PLC0415
    from labelwright.entry.cli.export import rule_of  # noqa: PLC0415
    from labelwright.export import build_records, check_records, find_problems  # noqa: PLC0415

    rule, method = rule_of(project, annotations), methods_of(labels.values())
    records = build_records(annotations, labels, project.control, rule, aggregator=method)
    check_records(
        list(find_problems(records, project.control.classes, project.schema.data_fields)), "labelwright export"
    )
    return f"{len(records)} rows ready"
