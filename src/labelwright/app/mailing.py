"""Messages that wait go out by e-mail, each once; without a mail server they wait on the pages."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from labelwright.app.context import Project
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
}


def send_messages(project: Project, office: Callable[[], AbstractContextManager[Send]]) -> int:
    """Send what was not sent yet; how many messages went out.

    A message is noted as sent right after the server took it: a crash in between sends that one twice, and loses none.

    Args:
        project: the labeling project.
        office: opens the connection; not called when nothing waits.
    """
    mail = project.settings.mail
    people = {a.id: a.email for a in project.store.annotators() if not a.simulated}
    if mail.lead:
        people[LEAD] = mail.lead
    waiting = [m for m in project.store.messages() if m.mailed_at is None and m.to in people]
    if not mail.host or not waiting:
        return 0
    with office() as send:
        for m in waiting:
            send(people[m.to], f"{project.settings.name}: {_SUBJECTS.get(m.kind, m.kind)}", m.text, None)
            project.store.record_mailed([m.id], project.clock.now())
    return len(waiting)
