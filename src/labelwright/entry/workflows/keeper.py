"""The keeper: one thread beside the worker that says it lives, opens rounds when it is time, and buries the dead."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass, field

from labelwright.app.context import Project
from labelwright.app.keeping import dead_workers, outlook, whose_turn
from labelwright.entry.workflows.rounds import Halt, Rest, Rounds

log = logging.getLogger(__name__)
_LEASE = "loop"
#: Seconds between two looks.
_EVERY = 1.0
_LONGEST_WAIT = 60.0


@dataclass
class Keeper:
    """Keeps the rounds of one project turning.

    Args:
        project: the labeling project.
        rounds: the workflows of this process.
        worker: this process's name.
        rest: waits; shared with the steps, so that all end together.
    """

    project: Project
    rounds: Rounds
    worker: str
    rest: Rest
    _thread: threading.Thread = field(init=False)
    state: str = "starting"

    def start(self) -> None:
        """Begin."""
        self._thread = threading.Thread(target=self._run, name="labelwright-keeper", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End; steps that wait end with it and are begun again at the next start."""
        self.rest.end()
        self._thread.join(timeout=10)

    def _run(self) -> None:
        wait, launched = _EVERY, False
        try:
            while True:
                try:
                    self.project.store.beat(self.worker, self.project.clock.now())
                    if not launched:
                        self.rounds.launch()
                        launched = True
                    self.look()
                    self.state, wait = "ok", _EVERY
                except Exception:
                    # It must outlive what nobody foresaw: logged in full, and looked at again.
                    self.state, wait = "failing", min(wait * 2, _LONGEST_WAIT)
                    log.exception("The loop failed; looking again in %.0f s", wait)
                self.rest(wait)
        except Halt:
            pass
        finally:
            if launched:
                self.rounds.stop()

    def look(self) -> None:
        """One look: of several workers one at a time recovers and starts."""
        store, clock = self.project.store, self.project.clock
        lease = self.project.settings.loop.lease_seconds
        if not store.acquire(_LEASE, self.worker, clock.now(), lease):
            return
        try:
            seen = store.workers()
            dead = [w for w in dead_workers(seen, clock.now(), lease) if w != self.worker]
            if dead:
                log.warning("No sign of life of %s: its rounds are taken over", ", ".join(dead))
                self.rounds.recover(dead)
                store.forget_workers(dead)
            found = outlook(self.project, clock.now())
            if found.round is not None and whose_turn(found.round, set(seen) - set(dead)) == self.worker:
                self.rounds.ensure(found.round)
        finally:
            store.release(_LEASE, self.worker)
