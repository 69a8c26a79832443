"""An annotator's page, put together: her report, where she stands, the guidelines and their sections by class."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from labelwright.app.answers import replies_of
from labelwright.app.feedback import Feedback, feedback_of
from labelwright.app.onboarding import onboarding_of

if TYPE_CHECKING:
    from labelwright.app.context import Project
    from labelwright.model.project import Annotator


def html_sections(project: Project) -> dict[str, str]:
    """What the guidelines say of each class, as clean HTML; classes of which they say nothing are left out."""
    from labelwright.adapters.guidelines import class_sections, to_html  # noqa: PLC0415

    found = class_sections(project.guidelines, project.control.classes)
    return {name: to_html(text) for name, text in found.items()}


def own_page(project: Project, annotator: Annotator, address: str | None = None) -> str:
    """The page as it is served; without ``address`` as a file, without buttons."""
    from labelwright.entry.render.feedback import Own, render_feedback  # noqa: PLC0415

    replies = replies_of(project)
    desk = next((d.url for d in project.store.desks("work") if d.annotator == annotator.id), None)
    stands = onboarding_of(project, annotator, replies) if address else None
    own = Own(desk, address, stands, reread=address is not None and must_reread(project, annotator))
    return render_feedback(feedback_of(project, annotator, replies), project.instructions, html_sections(project), own)


def must_reread(project: Project, annotator: Annotator) -> bool:
    """The guidelines have changed since she said that she read them."""
    _, version = project.versions()
    return annotator.read_guidelines is not None and annotator.read_guidelines < version


def report_of(project: Project, annotator: Annotator) -> Feedback:
    """The report alone."""
    return feedback_of(project, annotator, replies_of(project))


def links_of(project: Project, server: str, secret: str) -> Mapping[str, str]:
    """Everybody's personal link, by annotator."""
    from labelwright.adapters.personal_links import personal_link  # noqa: PLC0415

    return {a.id: personal_link(server, secret, a.id) for a in project.store.annotators()}
