"""Back to the annotator with an explanation: a message, and the item once more on her desk."""

from __future__ import annotations

from labelwright.app.context import Project
from labelwright.model.errors import UsageError
from labelwright.model.people import Message
from labelwright.model.project import Assignment, Purpose


def return_item(project: Project, item: str, annotator: str, why: str) -> None:
    """Send an item back. A second time for the same item and person changes nothing.

    Her new answer takes the place of the old one; both are kept.

    Raises:
        UsageError: she never answered that item.
    """
    if not any(r.annotator == annotator for r in project.store.records_of_items([item])):
        raise UsageError(f"{annotator} has not answered {item}", next_step="Check both: labelwright team list")
    now = project.clock.now()
    text = f"One of your answers was decided otherwise; it is on your desk once more. {why}"
    project.store.put_messages([Message(f"return:{annotator}:{item}", annotator, "returned", text, now, item)])
    position = sum(project.store.counts().values())
    again = Assignment(project.new_key(), item, annotator, Purpose.RETURN, 0, position)
    project.store.add_assignments({}, [again])
