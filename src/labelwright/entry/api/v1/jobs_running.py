"""Long work in the background: it shows its progress and can be cancelled."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from labelwright.model.errors import LabelwrightError

log = logging.getLogger(__name__)
_KEPT = 50


class CancelledError(LabelwrightError):
    """Somebody asked for the end of a job; raised at its next step."""


@dataclass
class Job:
    """One piece of long work; implements `ports.Progress` (and what the command line's bar does)."""

    kind: str
    title: str
    id: str = field(default_factory=lambda: uuid.uuid4().hex[:12])
    state: str = "running"  # running, done, failed, cancelled
    step_title: str = ""
    done_steps: int = 0
    total: int | None = None
    message: str | None = None
    next_step: str | None = None
    result: Mapping[str, Any] = field(default_factory=dict)
    started: float = field(default_factory=time.time)
    version: int = 0
    _cancel: bool = False

    def start(self, what: str, total: int | None) -> None:
        """A new part begins."""
        self._check()
        self.step_title, self.total, self.done_steps = what, total, 0
        self.version += 1

    def step(self, n: int = 1) -> None:
        """Some of it is done."""
        self._check()
        self.done_steps += n
        self.version += 1

    def done(self) -> None:
        """The part is over."""
        self.version += 1

    def cancel(self) -> None:
        """Ask for the end."""
        self._cancel = True

    def _check(self) -> None:
        if self._cancel:
            message = "Cancelled"
            raise CancelledError(message)


class Jobs:
    """The jobs of this server, newest last. Two of one kind never run at once."""

    def __init__(self) -> None:
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._lock = threading.Lock()

    def all(self) -> list[Job]:
        """Every job that is remembered."""
        with self._lock:
            return list(self._jobs.values())

    def get(self, identity: str) -> Job | None:
        """One job."""
        return self._jobs.get(identity)

    def start(self, kind: str, title: str, work: Callable[[Job], Mapping[str, Any]]) -> Job:
        """Begin, or give back the one of that kind that runs."""
        with self._lock:
            running = next((j for j in self._jobs.values() if j.kind == kind and j.state == "running"), None)
            if running is not None:
                return running
            job = Job(kind, title)
            self._jobs[job.id] = job
            while len(self._jobs) > _KEPT:
                self._jobs.popitem(last=False)
        threading.Thread(target=_run, args=(job, work), name=f"labelwright-{kind}", daemon=True).start()
        return job


def _run(job: Job, work: Callable[[Job], Mapping[str, Any]]) -> None:
    try:
        job.result = work(job)
        job.state = "done"
    except CancelledError:
        job.state, job.message = "cancelled", "It was cancelled; what was done before stays."
    except LabelwrightError as problem:
        job.state, job.message, job.next_step = "failed", problem.what, problem.next_step
    except Exception:
        # Whoever waits for the job must hear of its end; what nobody foresaw is logged in full.
        log.exception("%s failed", job.title)
        job.state, job.message, job.next_step = "failed", "It failed", "Look into .labelwright/server.log"
    finally:
        job.version += 1
