"""A project whose annotations are as new as Label Studio's, as far as that can be reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labelwright.entry.cli.output import say
from labelwright.model.errors import OutsideServiceError

if TYPE_CHECKING:
    from labelwright.app.context import Project
    from labelwright.bootstrap import Workspace


def fresh_project(place: Workspace) -> Project:
    """The project, after everything that Label Studio holds has been taken in.

    When Label Studio cannot be reached that is said, and what is known is shown.
    """
    from labelwright.app.intake import take_in_all  # noqa: PLC0415

    project = place.project()
    if not project.store.desks():
        return project
    try:
        take_in_all(project, place.desks())
    except OutsideServiceError as problem:
        say(f"note: {problem.what}; this shows what was taken in before. {problem.next_step or ''}")
    return project
