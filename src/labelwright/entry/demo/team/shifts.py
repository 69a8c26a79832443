"""The team at work: each answers on an own desk through Label Studio's REST interface; then answers are taken in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from labelwright.adapters.labelstudio.annotator import AnnotatorSession
from labelwright.adapters.reviews import Review
from labelwright.app.asked import UNSURE, UNSURE_CLASS, WHY
from labelwright.bootstrap import Workspace
from labelwright.entry.cli.review import oversee_and_deliver
from labelwright.entry.demo.team.cast import CAST, Member, Said, say
from labelwright.entry.demo.team.files import RULES
from labelwright.model.desk import DeskRecord

#: More at once only wait for each other: Label Studio on SQLite has one writer.
_AT_ONCE = 3
#: Shifts without an answer after which nobody will take what is still on a desk.
_IDLE = 3
_ANSWERED = frozenset({"done", "skipped"})
_OPEN = frozenset({"planned", "delivered"})


@dataclass(frozen=True, slots=True)
class Crowd:
    """The team and what it needs to answer.

    Attributes:
        place: the workspace.
        by_text: the sentence behind a task.
        turn: answers after which the careless one stops reading.
        shift: most answers of everybody in one shift.
        step: called after every answer.
    """

    place: Workspace
    by_text: Mapping[str, Review]
    turn: int
    shift: int
    step: Callable[[], None] = lambda: None


def work_off(crowd: Crowd) -> int:
    """Shifts, and what follows from them, until nothing waits for anybody; how many answers it were."""
    answers, idle = 0, 0
    while True:
        given = work_a_shift(crowd)
        oversee_and_deliver(crowd.place)
        answers += given
        idle = 0 if given else idle + 1
        if idle == _IDLE or (idle and not _waits(crowd.place)):
            return answers


def work_a_shift(crowd: Crowd) -> int:
    """Everybody answers what is on the desks, up to the shift's length; how many answers it were."""
    project = crowd.place.project()
    people = {m.id: m for m in CAST}
    given = _given(crowd.place)
    desks = [d for d in project.store.desks() if d.annotator in people and d.kind in {"work", "review"}]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        turns = [pool.submit(_answer, crowd, people[d.annotator], d, given.get(d.annotator, 0)) for d in desks]
        return sum(turn.result() for turn in turns)


def _given(place: Workspace) -> Mapping[str, int]:
    """Answers so far, those of the qualification round apart."""
    found: dict[str, int] = {}
    for (who, purpose, state), n in place.project().store.counts().items():
        if state in _ANSWERED and purpose != "qualification":
            found[who] = found.get(who, 0) + n
    return found


def _waits(place: Workspace) -> bool:
    """Something on a desk, or something planned that the budget lets out."""
    counts = place.project().store.counts()
    return any(n and state == "delivered" and purpose != "trial" for (_, purpose, state), n in counts.items())


def _answer(crowd: Crowd, member: Member, desk: DeskRecord, before: int) -> int:
    control = crowd.place.project().control
    token = crowd.place.secrets.account(member.id)["token"]
    given = 0
    with AnnotatorSession(crowd.place.label_studio_url(), token) as session:
        while given < crowd.shift and (task := session.next_task(desk.project)) is not None:
            said = say(member, crowd.by_text[task["data"]["text"]], tired=before + given >= crowd.turn)
            session.submit(task["id"], _result(said, control.name, control.to[0], desk.kind), said.seconds)
            given += 1
            crowd.step()
    return given


def _result(said: Said, name: str, to: str, kind: str) -> list[dict[str, Any]]:
    """As the labeling screen sends it."""
    found = [_choice(name, to, said.label)]
    if said.unsure:
        found.append(_choice(UNSURE, to, UNSURE_CLASS))
    if kind == "review":
        why = {"text": [RULES[said.label]]}
        found.append({"from_name": WHY, "to_name": to, "type": "textarea", "value": why})
    return found


def _choice(name: str, to: str, label: str) -> dict[str, Any]:
    return {"from_name": name, "to_name": to, "type": "choices", "value": {"choices": [label]}}
