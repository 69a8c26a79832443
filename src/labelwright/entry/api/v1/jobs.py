"""Long work: progress and cancelling."""

from __future__ import annotations

from fastapi import APIRouter

from labelwright.entry.api.v1.access import Manager, Reader, note
from labelwright.entry.api.v1.jobs_running import Job as Running
from labelwright.entry.api.v1.problems import RESPONSES, missing
from labelwright.entry.api.v1.shapes import Job
from labelwright.entry.api.v1.state import TheConsole

router = APIRouter(tags=["jobs"], responses=RESPONSES)


@router.get("/jobs")
def jobs(_: Reader, console: TheConsole) -> list[Job]:
    """What runs and what ran since the server started, newest last."""
    return [shape_of(j) for j in console.jobs.all()]


@router.get("/jobs/{job}")
def job(job: str, _: Reader, console: TheConsole) -> Job:
    """One job."""
    found = console.jobs.get(job)
    if found is None:
        raise missing("There is no such job", "Jobs are forgotten when the server stops")
    return shape_of(found)


@router.delete("/jobs/{job}", status_code=202)
def cancel(job: str, who: Manager, console: TheConsole) -> Job:
    """Ask for the end of a job; it ends at its next step."""
    found = console.jobs.get(job)
    if found is None:
        raise missing("There is no such job")
    found.cancel()
    note(console, who, "job.cancel", job, title=found.title)
    return shape_of(found)


def shape_of(job: Running) -> Job:
    """A job as the API shows it."""
    return Job(
        id=job.id,
        kind=job.kind,
        title=job.title,
        state=job.state,
        step=job.step_title,
        done=job.done_steps,
        total=job.total,
        message=job.message,
        next_step=job.next_step,
        result=dict(job.result),
    )
