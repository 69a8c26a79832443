"""Rounds as dbos workflows: what a killed process had begun is gone on with, step by step, by whoever lives."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

from labelwright.model.loop import Step

#: Pinned: a new release goes on with a running round. Only another order of steps would need another one.
VERSION = "rounds-1"
#: So many looks in a row must miss a workflow's thread before it is taken for dead: it may just be starting.
_LOOKS = 5
_UNFINISHED = frozenset({"PENDING", "ENQUEUED", "DELAYED"})


class Halt(BaseException):
    """The process is to end: not an error of the step, which is begun again at the next start."""


class Rest:
    """Waits that end with the process."""

    def __init__(self) -> None:
        self._end = threading.Event()

    def __call__(self, seconds: float) -> None:
        """Wait so many seconds.

        Raises:
            Halt: the process is to end.
        """
        if self._end.wait(seconds):
            raise Halt

    def end(self) -> None:
        """Wake everybody who waits."""
        self._end.set()


class Rounds:
    """The workflows of one project in this process.

    Args:
        url: database of the workflows, not the store's: a webhook's append never waits for them.
        schema: of the tables, where the database knows schemas.
        worker: a name that no other live process has, and this one has again after a restart.
        turn_step: brings one step of one round to its end; False when the round is over.
    """

    def __init__(self, url: str, schema: str, worker: str, turn_step: Callable[[int, Step], bool]) -> None:
        self._url, self._schema, self._worker = url, schema, worker
        self._turn_step = turn_step
        self._running: set[str] = set()
        self._missing = 0
        self._start: Callable[[int], Any] | None = None

    def launch(self) -> None:
        """Open the database and go on with what this worker had begun in an earlier life."""
        from dbos import DBOS, DBOSConfig  # noqa: PLC0415 - more than a second that only the loop needs

        config = DBOSConfig(
            name="labelwright",
            system_database_url=self._url,
            dbos_system_schema=self._schema,
            application_version=VERSION,
            executor_id=self._worker,
            log_level="ERROR",
            use_listen_notify=False,
        )
        DBOS(config=config)

        @DBOS.step(name="step")
        def step(number: int, name: str) -> bool:
            return self._turn_step(number, Step(name))

        @DBOS.workflow(name="round", max_recovery_attempts=None)
        def turn(number: int) -> str:
            self._running.add(str(DBOS.workflow_id))
            try:
                return next((s.value for s in Step if not step(number, s.value)), "done")
            finally:
                self._running.discard(str(DBOS.workflow_id))

        self._start = turn
        DBOS.launch()

    def ensure(self, number: int) -> str | None:
        """See that the round is being turned by somebody; the workflow's id when it had to be started.

        A workflow that ended although the round has not (cancelled and opened again, or broken by its database) is
        followed by one with the next id: what the steps did before is kept with the round.
        """
        from dbos import DBOS, SetWorkflowID  # noqa: PLC0415

        begun = 0
        while (status := DBOS.get_workflow_status(_id(number, begun))) is not None:
            if status.status in _UNFINISHED:
                self._revive(status)
                return None
            begun += 1
        if self._start is None:
            return None
        with SetWorkflowID(_id(number, begun)):
            DBOS.start_workflow(self._start, number)
        return _id(number, begun)

    def _revive(self, status: Any) -> None:
        """A thread of ours can die of a full disk while the process lives on."""
        ours = status.status == "PENDING" and status.executor_id == self._worker
        self._missing = self._missing + 1 if ours and status.workflow_id not in self._running else 0
        if self._missing >= _LOOKS:
            self._missing = 0
            self.recover([self._worker])

    def recover(self, workers: Sequence[str]) -> None:
        """Go on with what these workers had begun; any live worker may take it."""
        from dbos import DBOS  # noqa: PLC0415

        DBOS._recover_pending_workflows(list(workers))  # noqa: SLF001 - dbos has no other way without its own cloud

    def stop(self) -> None:
        """Close the database. Workflows that wait are gone on with at the next start."""
        from dbos import DBOS  # noqa: PLC0415

        DBOS.destroy(destroy_registry=True, workflow_completion_timeout_sec=1)


def _id(number: int, begun: int) -> str:
    return f"round-{number}" + (f"-{begun}" if begun else "")
