"""The thread that makes the console's views ahead."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence

from labelwright.app.console.refresh import refresh_checks, refresh_report, refresh_views
from labelwright.app.context import Project
from labelwright.model.errors import LabelwrightError
from labelwright.ports import Learner

log = logging.getLogger(__name__)
_LOOK = 2.0
#: A report that took long is not made again at once: it may use a fifth of one core.
_SHARE = 4.0
#: Answers up to which the lead's list is walked after each report; above, when somebody asks for it.
_MOST_TO_EXAMINE = 20_000


class Refresher:
    """Keeps items, overview and report in step with the answers.

    Args:
        project: the project as it is now; it may be another one after a change of its files.
        learner: makes models of texts, which look for likely label errors; None for none.
        examine: walks the lead's list of checks; None where it is not walked by itself.
    """

    def __init__(
        self,
        project: Callable[[], Project],
        learner: Callable[[], Learner] | None,
        examine: Callable[[], Sequence[Mapping[str, str]]] | None = None,
    ) -> None:
        self._project = project
        self._learner = learner
        self._examine = examine
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="labelwright-refresher", daemon=True)
        self._next_report = 0.0

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after what is being done."""
        self._stop.set()
        self._thread.join(timeout=30)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self.turn()
            except LabelwrightError as problem:
                log.warning("The console's views are not up to date: %s", problem)
            except Exception:
                # The views must go on whatever happens: it is logged in full, and the next turn starts anew.
                log.exception("The console's views could not be made")
            self._stop.wait(_LOOK)

    def turn(self) -> None:
        """Bring everything up to date once."""
        project = self._project()
        refresh_views(project)
        begun = time.monotonic()
        if begun >= self._next_report and refresh_report(project, self._learner):
            if self._examine is not None and sum(project.store.counts().values()) <= _MOST_TO_EXAMINE:
                refresh_checks(project, self._examine)
            self._next_report = time.monotonic() + _SHARE * (time.monotonic() - begun)
