"""What the crash tests let die: actions by name, so that a process of its own can do them."""

from __future__ import annotations

from typing import Any

from labelwright.app.closing import close_round
from labelwright.app.context import Project
from labelwright.app.delivery import deliver
from labelwright.app.intake import take_in_all
from labelwright.app.rounds import open_round
from labelwright.entry.cli.output import Bar


def fill(project: Project, desks: Any) -> None:
    """Fill every desk. Each life is the same worker, so that the lease of a dead one does not hold it up."""
    for desk in project.store.desks("work"):
        deliver(project, desks, desk, "victim")


def take_in(project: Project, desks: Any) -> None:
    """Take in what everybody answered."""
    take_in_all(project, desks)


def open_one(project: Project, _: Any) -> None:
    """Open a round."""
    open_round(project)


def close_one(project: Project, _: Any) -> None:
    """Close the round."""
    close_round(project, None, {}, Bar(quiet=True))
