"""10,000 annotations taken in from a cold start: Label Studio just started, nothing known of the desk."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from spine_support import folder, seconds

from labelwright.adapters.secrets import new_key
from labelwright.app.delivery import open_desk
from labelwright.app.intake import sweep, take_in
from labelwright.model.project import Annotator, AnnotatorStatus, Assignment, Item, Level, Purpose
from support import workspaces
from support.servers import LiveServer, Silent, installed, label_studio_server

if TYPE_CHECKING:
    from labelwright.app.context import Project

ANSWERS = 10_000
BAR_SECONDS = 60.0
_CHUNK = 1_000


def measure() -> dict[str, Any]:
    """Seconds to read, check and keep them, and to sweep the ids."""
    with folder() as root, label_studio_server(root / "label-studio") as server:
        place = workspaces.make(root / "workspace", server)
        project = place.project()
        annotator = _annotator(server)
        project.store.put_annotator(annotator)
        desk = open_desk(project, place.desks(), annotator)
        keys = _assign(project, annotator)
        filled = seconds(lambda: _answer(server, desk.project, annotator, keys))
        server.managed.stop()
        server.managed.start(installed(), Silent())
        desks = place.desks()
        taken = seconds(lambda: take_in(project, desks, desk))
        swept = seconds(lambda: sweep(project, desks, desk))
        states = Counter(a.state.value for a in project.store.assignments())
        records = Counter(r.state.value for r in project.store.records())
    if states != {"done": ANSWERS} or records != {"valid": ANSWERS}:
        message = f"taken in: {dict(states)} {dict(records)}"
        raise AssertionError(message)
    return {
        "annotations": ANSWERS,
        "take_in_seconds": taken,
        "sweep_seconds": swept,
        "setup_import_seconds": filled,
        "bar_seconds": BAR_SECONDS,
        "met": taken + swept < BAR_SECONDS,
    }


def _annotator(server: LiveServer) -> Annotator:
    member = server.new_annotator("Ann")
    return Annotator("ann", "Ann", member.email, Level.REGULAR, AnnotatorStatus.ACTIVE, member.user)


def _assign(project: Project, annotator: Annotator) -> list[str]:
    items = {f"i{n}": (Item(f"i{n}", {"text": _text(n)}, {}, f"i{n}", None), n) for n in range(ANSWERS)}
    assignments = [Assignment(new_key(), i, annotator.id, Purpose.LABEL, 1, n) for n, i in enumerate(items)]
    project.store.add_assignments(items, assignments)
    return [a.key for a in assignments]


def _answer(server: LiveServer, desk: int, annotator: Annotator, keys: list[str]) -> None:
    """Tasks with their answers, as an import: one by one over REST they would take half an hour."""
    client = server.client()
    answer = [{"result": workspaces.result("Positive"), "lead_time": 3.0, "completed_by": annotator.user}]
    for start in range(0, len(keys), _CHUNK):
        tasks = [
            {"data": {"text": _text(n)}, "meta": {"labelwright": keys[n]}, "annotations": answer}
            for n in range(start, min(start + _CHUNK, len(keys)))
        ]
        client.post(f"/api/projects/{desk}/import", tasks)


def _text(n: int) -> str:
    return f"A sentence that somebody labels, number {n}, about as long as sentences in reviews of products are."
