"""Looks whether the workspace's files have changed, so that what a lead saves in her editor takes effect by itself."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from labelwright.model.errors import LabelwrightError

log = logging.getLogger(__name__)
_SECONDS = 2.0
#: After a failure the next look waits: twice as long each time, up to this.
_LONGEST_WAIT = 60.0


class Watcher:
    """One thread that looks every two seconds.

    Args:
        changed: whether files are others than those that were read.
        reload: takes the files as they are now.
        bring: takes what has changed to the desks; tried again until it works.
    """

    def __init__(self, changed: Callable[[], bool], reload: Callable[[], None], bring: Callable[[], None]) -> None:
        self._changed, self._reload, self._bring = changed, reload, bring
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="labelwright-watcher", daemon=True)
        self._to_bring = False
        self._told: str | None = None

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after what is being done."""
        self._stop.set()
        self._thread.join(timeout=30)

    def turn(self) -> bool:
        """Look once; whether all is well. What cannot be read is told once, and what was read before goes on."""
        try:
            if self._changed():
                self._reload()
                self._to_bring = True
            if self._to_bring:
                self._bring()
                self._to_bring = False
        except LabelwrightError as problem:
            if str(problem) != self._told:
                log.warning("The workspace's files have changed: %s; what was read before goes on", problem)
            self._told = str(problem)
            return False
        self._told = None
        return True

    def _run(self) -> None:
        wait = _SECONDS
        while not self._stop.wait(wait):
            try:
                well = self.turn()
            except Exception:  # as the worker, it must outlive what nobody foresaw
                log.exception("Looking at the workspace's files failed")
                well = False
            wait = _SECONDS if well else min(wait * 2, _LONGEST_WAIT)
