"""Processes that kill themselves with SIGKILL before or after the n-th call of a port."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from labelwright.app.context import Project
from labelwright.bootstrap import open_workspace
from labelwright.model.errors import CheckFailedError, NothingToDoError

Action = Callable[[Project, Any], object]
# Children are forked from a server that has imported everything and used nothing: quick, and with no thread of ours.
_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(
    [
        "support.victims",
        "labelwright.app.closing",
        "labelwright.adapters.store.engine",
        "labelwright.adapters.labelstudio.desks",
        "labelwright.adapters.pool.files",
        "labelwright.adapters.labelstudio.codec",
        "labelwright.adapters.labelstudio.config",
        "labelwright.entry.cli.output",
        "alembic.command",
        "dbos",
        "labelwright.adapters.learners.text",
        "labelwright.app.steps",
        "sklearn.feature_extraction.text",
        "sklearn.linear_model",
        "nh3",
        "markdown_it",
    ]
)


class Moments:
    """Counts the moments before and after each effect; the deadly one kills."""

    def __init__(self, deadly: int) -> None:
        self._left = deadly

    def pass_one(self) -> None:
        """One moment passes."""
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


class Mortal:
    """A port whose every call may be the last."""

    def __init__(self, port: Any, moments: Moments) -> None:
        self._port = port
        self._moments = moments

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._port, name)
        if not callable(found):
            return found

        def call(*args: Any, **kwargs: Any) -> Any:
            self._moments.pass_one()
            answer = found(*args, **kwargs)
            self._moments.pass_one()
            return answer

        return call


def live(root: Path, action: Action, deadly: int) -> int:
    """Do the action in a process of its own until it is done (0) or deadly (-9)."""
    process = _CONTEXT.Process(target=_life, args=(root, action, deadly))
    process.start()
    process.join(timeout=60)
    if process.is_alive():
        process.kill()
        message = f"moment {deadly}: still at it after a minute"
        raise AssertionError(message)
    return int(process.exitcode or 0)


def _life(root: Path, action: Action, deadly: int) -> None:
    place = open_workspace(root)
    moments = Moments(deadly)
    project = place.project()
    # An earlier life may have done it, and died before it could say so.
    with suppress(CheckFailedError, NothingToDoError):
        action(replace(project, store=Mortal(project.store, moments)), Mortal(place.desks(), moments))


def kill_at_every_moment(root: Path, action: Action, most: int = 300, stride: int = 1) -> int:
    """Let the action die at its first, second, third … moment, each time going on from what the last death left.

    With a stride only at every so many moments: for lives that take long.

    Returns:
        How many deaths there were until it lived.
    """
    for deaths, deadly in enumerate(range(1, most, stride)):
        ended = live(root, action, deadly)
        if ended == 0:
            return deaths
        assert ended == -signal.SIGKILL, f"moment {deadly}: exit code {ended}"
    message = f"still dying after {most} moments"
    raise AssertionError(message)
