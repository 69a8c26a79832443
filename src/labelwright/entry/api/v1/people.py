"""The team: who does how much how well; pause, resume, change level, add."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from labelwright.adapters.secrets import new_password
from labelwright.app.context import Project
from labelwright.app.team import Newcomer, add_annotator, team_list
from labelwright.app.team_status import leave, pause, resume
from labelwright.entry.api.v1.access import Manager, Reader, note
from labelwright.entry.api.v1.problems import RESPONSES, missing
from labelwright.entry.api.v1.shapes import Measure, Name
from labelwright.entry.api.v1.state import Console, TheConsole
from labelwright.model.project import Annotator, AnnotatorStatus, Level

_STATUS: Mapping[AnnotatorStatus, Callable[[Project, Annotator, str, str], object]] = {
    AnnotatorStatus.PAUSED: pause,
    AnnotatorStatus.ACTIVE: resume,
    AnnotatorStatus.LEFT: leave,
}
router = APIRouter(tags=["people"], responses=RESPONSES)


class Habit(BaseModel):
    """What somebody says where the others say something else."""

    said: str
    others_said: str
    n: int


class Person(BaseModel):
    """One annotator. ``help`` are the report's sentences about them."""

    id: str
    name: str
    email: str
    level: str
    status: str
    simulated: bool
    desk: str | None
    on_desk: int
    waiting: int
    done: int
    skipped: int
    items: int
    agreement: Measure
    kappa: Measure
    seconds: Measure
    stands_apart: bool
    looks: str | None
    alpha_without: Measure | None
    habits: list[Habit]
    states: dict[str, int]
    help: list[str]
    skill: Measure | None = None
    gold: Measure | None = None
    cost: float | None = None
    currency: str = "EUR"
    drift: str | None = None


class PersonChange(BaseModel):
    """Pause, resume, or another level. ``reason`` is kept."""

    status: AnnotatorStatus | None = None
    level: Level | None = None
    reason: Annotated[str | None, Field(max_length=2000)] = None


class NewPerson(BaseModel):
    """Somebody who joins the team."""

    name: Name
    email: Annotated[str, Field(max_length=320)]
    level: Level = Level.REGULAR


class AddedPerson(BaseModel):
    """The desk's link and, for a new account in Label Studio, its password; it is shown this once."""

    id: str
    desk: str
    email: str
    password: str | None


@router.get("/people")
def people(_: Reader, console: TheConsole) -> list[Person]:
    """Everybody with a desk."""
    return people_of(console)


@router.get("/people/{person}")
def person(person: str, _: Reader, console: TheConsole) -> Person:
    """One annotator."""
    return find_person(console, person)


@router.post("/people", status_code=201)
def add(body: NewPerson, who: Manager, console: TheConsole) -> AddedPerson:
    """An account in Label Studio and a desk."""
    place = console.place
    newcomer = Newcomer(body.name, body.email, new_password(), body.level)
    added = add_annotator(console.project, place.desks(), place.secrets, place.hook(), newcomer)
    note(console, who, "person.add", added.annotator.id, name=body.name, level=body.level)
    console.wake()
    return AddedPerson(id=added.annotator.id, desk=added.desk.url, email=body.email, password=added.password)


@router.patch("/people/{person}")
def change(person: str, body: PersonChange, who: Manager, console: TheConsole) -> Person:
    """Pause, resume, or change the level."""
    store = console.project.store
    found = next((a for a in store.annotators() if a.id == person), None)
    if found is None:
        raise missing("There is no such annotator")
    if body.level is not None and body.level is not found.level:
        found = replace(found, level=body.level)
        store.put_annotator(found)
    if body.status is not None and body.status is not found.status:
        _STATUS[body.status](console.project, found, body.reason or "by the lead, in the console", who.account.name)
    note(console, who, "person.change", person, status=body.status, level=body.level, reason=body.reason)
    console.wake()
    return find_person(console, person)


def find_person(console: Console, identity: str) -> Person:
    """One annotator.

    Raises:
        ProblemError: nobody has that id.
    """
    found = next((p for p in people_of(console) if p.id == identity), None)
    if found is None:
        raise missing("There is no such annotator")
    return found


def people_of(console: Console) -> list[Person]:
    """The team with what the report says of each."""
    report = console.document("report") or {}
    control = console.project.control.name
    cards = {c["annotator"]: c for c in report.get("annotator_cards", [])}
    lines = report.get("controls", {}).get(control, {}).get("verdict", {}).get("help", [])
    currency = console.place.settings.budget.currency
    rows = [{**row, "currency": currency} for row in team_list(console.project)]
    return [_person(row, cards.get(row["id"], {}), control, lines) for row in rows]


def _person(row: Mapping[str, Any], card: Mapping[str, Any], control: str, lines: list[str]) -> Person:
    none = {"value": None, "reason": "no answer was measured yet"}
    of_control = card.get("controls", {}).get(control, {})
    names = {n for n in Person.model_fields if n in row}
    return Person(
        **{n: row[n] for n in names},
        items=card.get("items", 0),
        agreement=card.get("agreement_with_others", none),
        kappa=of_control.get("kappa_with_others", none),
        seconds=card.get("median_seconds", none),
        stands_apart=of_control.get("stands_apart", False),
        looks=of_control.get("looks"),
        alpha_without=of_control.get("alpha_without"),
        habits=of_control.get("habits", []),
        states=card.get("annotations", {}),
        help=[line for line in lines if row["name"] in line],
    )
