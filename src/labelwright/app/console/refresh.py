"""Makes the console's views ahead, so that every page loads at once whatever the size of the project."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from labelwright.app.annotations import annotation_set
from labelwright.app.console.facts import refresh_facts
from labelwright.app.console.overview import overview_of
from labelwright.app.context import Project
from labelwright.app.report import build_report, document_of
from labelwright.app.tables import tables_of
from labelwright.model.console import Snapshot
from labelwright.model.errors import NothingToDoError
from labelwright.ports import Learner

#: Answers up to which a model looks for likely label errors.
_MOST_FOR_DOUBTS = 20_000
#: Changes with what the views hold, so that those of an older version are made anew.
VERSION = "2"


def refresh_views(project: Project) -> bool:
    """Bring the list of items and the overview up to date; False when nothing had changed."""
    store, begun = project.store, time.monotonic()
    stamp = f"{VERSION}|{'|'.join(map(str, project.versions()))}|{store.state_stamp()}"
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
    report = store.snapshot("report")
    _keep(project, "overview", stamp, overview_of(project, report.document if report else None, facets), begun)
    return True


def _deleted(stamp: str) -> str:
    """The part that a list of changes cannot follow: what was deleted leaves no newer time behind."""
    parts = stamp.split("|")
    return "|".join((parts[0], parts[1], parts[4]))


def refresh_report(project: Project, learner: Callable[[], Learner] | None) -> bool:
    """Measure agreement anew; False when there is nothing new or nothing to measure."""
    store, begun = project.store, time.monotonic()
    stamp = f"{VERSION}|{'|'.join(map(str, project.versions()))}|{store.state_stamp()}"
    known = store.snapshot("report")
    if known is not None and known.stamp == stamp:
        return False
    tables = tables_of(annotation_set(project))
    small = tables.answers.height <= _MOST_FOR_DOUBTS
    slices = [name for name in project.settings.data.metadata if _has_values(project, name)]
    try:
        found = document_of(
            build_report(tables, project.settings.name, slices=slices, learner=learner if small else None)
        )
    except NothingToDoError:
        return False
    _keep(project, "report", stamp, found, begun)
    facets = store.facets()
    _keep(project, "overview", stamp, overview_of(project, found, facets), begun)
    return True


def _has_values(project: Project, name: str) -> bool:
    """Few enough values that agreement by them says something."""
    facet = project.store.snapshot("facets")
    values = facet.document.get(f"slice:{name}") if facet is not None else None
    return values is not None and 1 < len(values) < 100


def _keep(project: Project, name: str, stamp: str, document: Mapping[str, Any], begun: float) -> None:
    taken = time.monotonic() - begun
    project.store.put_snapshot(Snapshot(name, stamp, project.clock.now(), taken, document))
