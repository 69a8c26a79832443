"""Messages that wait go out by e-mail, each once; without a mail server they wait on the pages."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from labelwright.app.context import Project
from labelwright.model.errors import OutsideServiceError
from labelwright.model.people import LEAD

#: Sends address, subject, text, HTML.
Send = Callable[[str, str, str, str | None], None]
_SUBJECTS = {
    "paused": "Your desk is paused",
    "resumed": "Your desk is open",
    "left": "Your desk is closed",
    "returned": "An item has come back to you",
    "qualification": "Your qualification round",
    "budget": "The budget",
    "gold": "Gold needs your word",
    "review": "Review needs your word",
    "guidelines": "The guidelines have changed",
    "copying": "Two annotators share their mistakes",
    "onboarding": "Welcome",
}


def send_messages(project: Project, office: Callable[[], AbstractContextManager[Send]]) -> int:
    """Send what was not sent yet; how many messages went out.

    A message is noted as sent right after the server took it: a crash in between sends that one twice, and loses none.
    One that is refused (an address that does not exist) stays, and keeps none of the others back.

    Args:
        project: the labeling project.
        office: opens the connection; not called when nothing waits.

    Raises:
        OutsideServiceError: the server cannot be used, or refused a message; the others have gone out.
    """
    mail = project.settings.mail
    people = {a.id: a.email for a in project.store.annotators() if not a.simulated}
    if mail.lead:
        people[LEAD] = mail.lead
    waiting = [m for m in project.store.messages() if m.mailed_at is None and m.to in people]
    if not mail.host or not waiting:
        return 0
    refused: list[OutsideServiceError] = []
    with office() as send:
        for m in waiting:
            try:
                send(people[m.to], f"{project.settings.name}: {_SUBJECTS.get(m.kind, m.kind)}", m.text, None)
            except OutsideServiceError as problem:
                refused.append(problem)
            else:
                project.store.record_mailed([m.id], project.clock.now())
    if refused:
        raise refused[0]
    return len(waiting)
