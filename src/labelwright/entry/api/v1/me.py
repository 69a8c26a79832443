"""The annotator's own page: my desk, what I did, how I am doing. Nothing of anybody else."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from labelwright.entry.api.v1.access import Oneself, Reader
from labelwright.entry.api.v1.people import Habit, find_person
from labelwright.entry.api.v1.problems import RESPONSES, missing
from labelwright.entry.api.v1.shapes import Measure
from labelwright.entry.api.v1.state import Console, TheConsole
from labelwright.model.console import ItemQuery

router = APIRouter(tags=["me"], responses=RESPONSES)
_SETTLED = ("accepted", "adjudicated")
_EXAMPLES = 20
_MESSAGES = 10


class Example(BaseModel):
    """An item whose settled label differs from mine."""

    item: str
    text: str
    mine: str
    label: str
    reason: str | None


class MyMessage(BaseModel):
    """Something I was told."""

    kind: str
    text: str
    at: str


class MyPage(BaseModel):
    """My page. ``agreement`` is with the others, over everything I did."""

    name: str
    level: str
    status: str
    desk: str | None
    on_desk: int
    waiting: int
    done: int
    skipped: int
    seconds: Measure
    agreement: Measure
    habits: list[Habit]
    examples: list[Example]
    messages: list[MyMessage]
    earned: float | None
    currency: str
    guidelines_html: str


@router.get("/me")
def my_page(who: Oneself, console: TheConsole) -> MyPage:
    """For an account that is somebody in the team."""
    annotator = who.account.annotator
    if annotator is None:
        raise missing("This account labels nothing", "The lead can invite you as an annotator of the team")
    return page_of(console, annotator)


@router.get("/people/{person}/feedback")
def feedback(person: str, _: Reader, console: TheConsole) -> MyPage:
    """What an annotator sees of themselves, as the lead previews it."""
    return page_of(console, person)


def page_of(console: Console, annotator: str) -> MyPage:
    """What an annotator sees of themselves; the lead looks at the same as a preview."""
    person = find_person(console, annotator)
    return MyPage(
        **{n: getattr(person, n) for n in MyPage.model_fields if n in type(person).model_fields},
        examples=_examples(console, annotator),
        messages=_messages(console, annotator),
        earned=person.cost,
        guidelines_html=console.project.instructions,
    )


def _messages(console: Console, annotator: str) -> list[MyMessage]:
    told = console.project.store.messages(annotator)
    return [MyMessage(kind=m.kind, text=m.text, at=m.at.isoformat()) for m in reversed(told[-_MESSAGES:])]


def _examples(console: Console, annotator: str) -> list[Example]:
    """Settled items that I saw differently; never an open one, for that would tell the others' answers."""
    project, control = console.project, console.project.control.name
    query = ItemQuery(
        annotators=(annotator,), states=_SETTLED, differing=True, sort="changed_at", descending=True, limit=200
    )
    found = []
    reasons = {}
    rows = project.store.browse(query)
    reasons = {c.item: c.reason for c in project.store.consensus(control, [r.item for r in rows])}
    for row in rows:
        mine = next((v for c, a, v in row.said if c == control and a == annotator), None)
        if mine is not None and row.label is not None and mine != row.label:
            found.append(
                Example(item=row.item, text=row.text, mine=mine, label=row.label, reason=reasons.get(row.item))
            )
    return found[:_EXAMPLES]
