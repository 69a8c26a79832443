"""What the routers share: the project as it is now, who signs in, long work, and the views made ahead."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import Depends, Request

from labelwright.app.console.accounts import Accounts
from labelwright.app.console.refresh import kept
from labelwright.app.console.throttle import Throttle
from labelwright.app.context import Project
from labelwright.bootstrap import Workspace
from labelwright.entry.api.v1.jobs_running import Jobs


@dataclass
class Console:
    """One workspace behind the API.

    Attributes:
        place: the workspace; another value after `reload`.
        project: the labeling project, read from its files.
        reopen: reads the workspace's files anew and lets the worker go on with them.
        worker_state: one word on how the worker is.
    """

    place: Workspace
    project: Project
    accounts: Accounts
    reopen: Callable[[], tuple[Workspace, Project]]
    worker_state: Callable[[], str]
    wake: Callable[[], None]
    jobs: Jobs = field(default_factory=Jobs)
    throttle: Throttle = field(default_factory=lambda: Throttle(time.monotonic))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def reload(self) -> None:
        """Files of the workspace have changed."""
        with self._lock:
            self.place, self.project = self.reopen()

    def document(self, name: str) -> Mapping[str, Any] | None:
        """A view that was made ahead."""
        found = kept(self.project, name)
        return None if found is None else found.document


def console_of(request: Request) -> Console:
    """The console that the server was made with."""
    found: Console = request.app.state.console
    return found


TheConsole = Annotated[Console, Depends(console_of)]
