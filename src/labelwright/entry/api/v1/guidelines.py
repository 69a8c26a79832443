"""Guidelines: read, edit with a preview, versions and what they changed in the agreement."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from labelwright.adapters.guidelines import classes_without_examples, to_html
from labelwright.entry.api.v1.access import Anyone, Manager, Reader, note
from labelwright.entry.api.v1.agreement import VersionChange
from labelwright.entry.api.v1.files import write_whole
from labelwright.entry.api.v1.problems import RESPONSES, Problem, ProblemError
from labelwright.entry.api.v1.state import Console, TheConsole

router = APIRouter(tags=["guidelines"], responses=RESPONSES)
Markdown = Annotated[str, Field(max_length=500_000)]


class Version(BaseModel):
    """One version; ``text`` is Markdown."""

    version: int
    made_at: str
    text: str


class Guidelines(BaseModel):
    """The guidelines as they stand. ``without_examples`` are classes that no example explains."""

    version: int
    text: str
    html: str
    without_examples: list[str]
    versions: list[Version]
    changes: list[VersionChange]


class Edit(BaseModel):
    """A new text; ``based_on`` is the version that was edited, so that nobody's work is overwritten."""

    text: Markdown
    based_on: Annotated[int, Field(ge=0, le=2**31 - 1)]


class Draft(BaseModel):
    """A text to look at."""

    text: Markdown


class Preview(BaseModel):
    """As annotators see it."""

    html: str
    without_examples: list[str]


@router.get("/guidelines")
def guidelines(_: Anyone, console: TheConsole) -> Guidelines:
    """The text, its versions, and what each changed in the agreement."""
    return _guidelines(console)


@router.post("/guidelines/preview")
def preview(body: Draft, _: Reader, console: TheConsole) -> Preview:
    """How a text will look."""
    lacking = classes_without_examples(body.text, console.project.control.classes)
    return Preview(html=to_html(body.text), without_examples=list(lacking))


@router.put("/guidelines")
def edit(body: Edit, who: Manager, console: TheConsole) -> Guidelines:
    """Save a new version. Desks show it within seconds."""
    path = console.place.path(console.place.settings.guidelines)
    if path.read_text(encoding="utf-8-sig") != console.project.guidelines:
        console.reload()  # somebody has just saved it in an editor: that is a version of its own
    _, current = console.project.versions()
    if body.based_on != current:
        step = "Reload the page, and bring your changes into the newer text"
        raise ProblemError(
            409, Problem(code="conflict", message="Somebody has changed the guidelines meanwhile", next_step=step)
        )
    write_whole(path, body.text)
    console.reload()
    _, version = console.project.versions()
    note(console, who, "guidelines.edit", f"version {version}", characters=len(body.text))
    console.jobs.start("desks", "Bringing the guidelines to the desks", lambda _: _bring(console))
    return _guidelines(console)


def _bring(console: Console) -> dict[str, Any]:
    from labelwright.entry.cli.servers import refresh_desks  # noqa: PLC0415

    refresh_desks(console.place)
    return {}


def _guidelines(console: Console) -> Guidelines:
    project = console.project
    _, current = project.versions()
    report = console.document("report") or {}
    control = report.get("controls", {}).get(project.control.name, {})
    return Guidelines(
        version=current,
        text=project.guidelines,
        html=project.instructions,
        without_examples=list(classes_without_examples(project.guidelines, project.control.classes)),
        versions=[Version(version=v, made_at=at, text=t) for v, t, at in project.store.documents("guidelines")],
        changes=control.get("guideline_versions", []),
    )
