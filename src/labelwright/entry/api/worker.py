"""The loop beside the server: takes in answers when a webhook points, on a timer and at start, and refills desks."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from labelwright.app.context import Project
from labelwright.app.delivery import deliver, ensure_desks, refill
from labelwright.app.intake import TakenIn, alone, take_in, take_in_and_sweep, take_in_hints
from labelwright.app.oversight import oversee
from labelwright.model.desk import DeskRecord
from labelwright.model.errors import LabelwrightError
from labelwright.ports import Desks

log = logging.getLogger(__name__)
#: After a failure the next try waits: twice as long each time, up to this.
_LONGEST_WAIT = 60.0
#: Hints of so many seconds are looked into together: a desk is read once for them, not once for each.
_GATHER = 0.5
_OVERSIGHT = "oversight"
#: It reads every answer of a project; a worker that dies over it holds the others up for so long.
_OVERSIGHT_SECONDS = 300.0


class Worker:
    """One thread that keeps a project in step with Label Studio.

    Args:
        project: the labeling project; its files are read anew when the worker is started again.
        connect: opens Label Studio; called again after a failure.
        owner: a name that no other worker has.
        mail: sends messages that wait.
    """

    def __init__(
        self, project: Project, connect: Callable[[], Desks], owner: str, mail: Callable[[Project], int] | None = None
    ) -> None:
        self._project = project
        self._connect = connect
        self._owner = owner
        self._mail = mail
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="labelwright-worker", daemon=True)
        self._state = "starting"
        self._swept = float("-inf")
        self._looked = float("-inf")
        self._news = True  # a worker that died may have left something to follow up

    @property
    def state(self) -> str:
        """``starting``, ``ok`` or ``failing``."""
        return self._state

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def wake(self) -> None:
        """A hint has come."""
        self._wake.set()

    def stop(self) -> None:
        """End after what is being done."""
        self._stop.set()
        self._wake.set()
        self._thread.join(timeout=30)

    def _run(self) -> None:
        wait = 1.0
        while not self._stop.is_set():
            try:
                self._turn(self._connect())
            except LabelwrightError as problem:
                self._state = "failing"
                log.warning("%s; trying again in %.0f s", problem, wait)
                self._stop.wait(wait)
                wait = min(wait * 2, _LONGEST_WAIT)
            except Exception:
                # The worker must outlive what nobody foresaw: it is logged in full, and the next turn starts anew.
                self._state = "failing"
                log.exception("The worker failed; trying again in %.0f s", wait)
                self._stop.wait(wait)
                wait = min(wait * 2, _LONGEST_WAIT)
            else:
                self._state, wait = "ok", 1.0

    def _turn(self, desks: Desks) -> None:
        """Work with one connection until it fails or the worker stops."""
        server = self._project.settings.server
        while not self._stop.is_set():
            now = time.monotonic()
            if now - self._swept >= server.sweep_seconds:
                self._look(desks, sweeping=True)
                self._swept = self._looked = time.monotonic()
            elif now - self._looked >= server.reconcile_seconds:
                self._look(desks, sweeping=False)
                self._looked = time.monotonic()
            else:
                taken = take_in_hints(self._project, desks, self._owner)
                if taken.records or taken.deleted:
                    self._news = True  # what follows from it waits for the timer: it reads every answer
                    self._fill(desks, refill)
            self._state = "ok"
            if self._wake.wait(timeout=min(1.0, server.reconcile_seconds)):
                self._stop.wait(_GATHER)
            self._wake.clear()

    def _look(self, desks: Desks, *, sweeping: bool) -> None:
        taken = TakenIn()
        for desk in self._project.store.desks():
            read = take_in_and_sweep if sweeping else take_in
            taken += alone(self._project, desks, desk, self._owner, read) or TakenIn()  # else another worker reads it
        self._news |= bool(taken.records or taken.deleted)
        if self._news:
            self._news = not self._follow_up(desks)
        self._fill(desks, deliver if sweeping else refill)
        self._post()

    def _follow_up(self, desks: Desks) -> bool:
        """What follows from new answers, by one worker at a time: two would ask for one more answer each."""
        store, clock = self._project.store, self._project.clock
        if not store.acquire(_OVERSIGHT, self._owner, clock.now(), _OVERSIGHT_SECONDS):
            return False
        try:
            oversee(self._project)
            ensure_desks(self._project, desks)
        finally:
            store.release(_OVERSIGHT, self._owner)
        return True

    def _post(self) -> None:
        """A mail server that is down must not keep the desks from being filled."""
        if self._mail is not None:
            try:
                self._mail(self._project)
            except LabelwrightError as problem:
                log.warning("%s", problem)

    def _fill(self, desks: Desks, fill: Callable[[Project, Desks, DeskRecord, str], object]) -> None:
        for desk in self._project.store.desks():
            fill(self._project, desks, desk, self._owner)
