"""Makes the console's views ahead, so that every page loads at once whatever the size of the project."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import Any

from labelwright.app.annotations import annotation_set
from labelwright.app.console.facts import refresh_facts
from labelwright.app.console.overview import overview_of
from labelwright.app.console.standing import standing_of
from labelwright.app.context import Project
from labelwright.app.report import build_report, document_of
from labelwright.app.report.of_workspace import workspace_tables
from labelwright.model.console import Snapshot
from labelwright.model.errors import NothingToDoError
from labelwright.ports import Learner

#: Answers up to which a model looks for likely label errors.
_MOST_FOR_DOUBTS = 20_000
#: Changes with what the views hold, so that those of an older version are made anew.
VERSION = "6"


def refresh_views(project: Project) -> bool:
    """Bring the list of items and the overview up to date; False when nothing had changed."""
    store, begun, stamp = project.store, time.monotonic(), _stamp(project)
    known = store.snapshot("overview")
    if known is not None and known.stamp == stamp:
        return False
    newest = store.newest_change()
    listed = store.snapshot("facts")
    usable = listed is not None and listed.stamp == _deleted(stamp)
    refresh_facts(project, listed.document.get("newest") if usable and listed is not None else None)
    _keep(project, "facts", _deleted(stamp), {"newest": newest}, begun)
    facets = store.facets()
    _keep(project, "facets", stamp, facets, begun)
    _keep(project, "overview", stamp, overview_of(project, facets, made_before(project)), begun)
    return True


def made_before(project: Project) -> dict[str, Mapping[str, Any]]:
    """Documents that take longer, as they were last made: the report and where everybody stands."""
    found = {name: kept(project, name) for name in ("report", "people", "checks")}
    return {name: snapshot.document for name, snapshot in found.items() if snapshot is not None}


def kept(project: Project, name: str) -> Snapshot | None:
    """A document as it was last made; None for one that another version of Labelwright made: it is made anew soon."""
    found = project.store.snapshot(name)
    return found if found is not None and found.stamp.startswith(f"{VERSION}|") else None


def _stamp(project: Project) -> str:
    schema, guidelines = project.versions()
    settings = sha256(project.settings.model_dump_json().encode()).hexdigest()[:12]
    return f"{VERSION}|{schema}|{guidelines}.{settings}|{project.store.state_stamp()}"


def _deleted(stamp: str) -> str:
    """The part that a list of changes cannot follow: what was deleted leaves no newer time behind."""
    parts = stamp.split("|")
    return "|".join((parts[0], parts[1], parts[4]))


def refresh_report(project: Project, learner: Callable[[], Learner] | None) -> bool:
    """Measure agreement anew; False when there is nothing new or nothing to measure."""
    store, begun = project.store, time.monotonic()
    stamp = _stamp(project).rpartition("|")[0]  # where the work lies changes nothing that is measured
    known = store.snapshot("report")
    if known is not None and known.stamp == stamp:
        return False
    annotations = annotation_set(project)
    tables = workspace_tables(project, annotations)
    small = tables.answers.height <= _MOST_FOR_DOUBTS
    slices = [name for name in project.settings.data.metadata if _has_values(project, name)]
    try:
        found = document_of(
            build_report(tables, project.settings.name, slices=slices, learner=learner if small else None, conduct=True)
        )
    except NothingToDoError:
        return False
    for name, document in standing_of(project, annotations):
        _keep(project, name, stamp, document, begun)
    _keep(project, "report", stamp, found, begun)  # the last: its stamp says that all of it was made
    remake_overview(project, begun)
    return True


def remake_overview(project: Project, begun: float) -> None:
    """Put what was made meanwhile into the first screen; how far the list of items is stays as it was."""
    before = project.store.snapshot("overview")
    found = overview_of(project, project.store.facets(), made_before(project))
    _keep(project, "overview", before.stamp if before else f"{VERSION}|", found, begun)


def _has_values(project: Project, name: str) -> bool:
    """Few enough values that agreement by them says something."""
    facet = project.store.snapshot("facets")
    values = facet.document.get(f"slice:{name}") if facet is not None else None
    return values is not None and 1 < len(values) < 100


def _keep(project: Project, name: str, stamp: str, document: Mapping[str, Any], begun: float) -> None:
    taken = time.monotonic() - begun
    project.store.put_snapshot(Snapshot(name, stamp, project.clock.now(), taken, document))


def refresh_checks(project: Project, examine: Callable[[], Sequence[Mapping[str, str]]]) -> None:
    """Keep what the lead's list came to."""
    begun = time.monotonic()
    stamp = f"{VERSION}|{project.clock.now().isoformat()}"
    _keep(project, "checks", stamp, {"lines": [dict(line) for line in examine()]}, begun)
    remake_overview(project, begun)
