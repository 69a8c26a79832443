"""The team: who does how much how well; pause, resume, change level, add."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from labelwright.adapters.personal_links import personal_link
from labelwright.adapters.secrets import new_password
from labelwright.app.context import Project
from labelwright.app.team import Newcomer, add_annotator, put_profile, row_of, team_list
from labelwright.app.team_status import leave, pause, resume
from labelwright.entry.api.v1.access import Manager, Reader, note
from labelwright.entry.api.v1.problems import RESPONSES, missing
from labelwright.entry.api.v1.shapes import Measure, Name
from labelwright.entry.api.v1.state import Console, TheConsole
from labelwright.model.console import Scope
from labelwright.model.money import read_rate
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


class Bias(BaseModel):
    """A class that somebody gives more or less often than the consensus, in shares of their answers."""

    label: str
    bias: float
    low: float
    high: float


class Person(BaseModel):
    """One annotator. ``help`` are the report's sentences about them; ``cost`` is what they earned.

    ``skill`` is the expected share of right answers given the consensus, ``gold`` the share of right answers to items
    whose label is known, ``settled`` the same against labels that others or experts settled. ``drift`` says whether
    they changed over time, by a test whose false alarms are kept down for the whole team.
    """

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
    settled: Measure | None = None
    biases: list[Bias] = []
    drift_found: bool = False
    rate: str | None = None
    hours: float | None = None
    reason: str | None = None
    personal_link: str | None = None
    cost: float | None = None
    currency: str = "EUR"
    drift: str | None = None


class PersonChange(BaseModel):
    """Pause, resume, or another level. ``reason`` is kept."""

    status: AnnotatorStatus | None = None
    level: Level | None = None
    rate: Annotated[str | None, Field(max_length=40, description="18.50/hour or 0.08/label")] = None
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
def person(person: str, who: Reader, console: TheConsole) -> Person:
    """One annotator; whoever may manage sees their personal link, too."""
    found = find_person(console, person)
    if Scope.MANAGE in who.scopes:
        secret = console.place.secrets.ensure("page_secret", 64)
        found.personal_link = personal_link("", secret, found.id)
    return found


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
    rate = read_rate(body.rate) if body.rate else found.rate
    wanted = replace(found, level=body.level or found.level, rate=rate)
    if wanted != found:
        put_profile(console.project, wanted, found)
        found = wanted
    if body.status is not None and body.status is not found.status:
        _STATUS[body.status](console.project, found, body.reason or "by the lead, in the console", who.account.name)
    note(console, who, "person.change", person, status=body.status, level=body.level, rate=body.rate,
         reason=body.reason)  # fmt: skip
    console.wake()
    return find_person(console, person)


def person_of(console: Console, identity: str) -> Person:
    """One annotator, also one whose desk is not made yet."""
    found = next((p for p in people_of(console) if p.id == identity), None)
    return found or _person(row_of(console.project, identity), {}, console.project.control.name, [])


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
    stands = (console.document("people") or {}).get("lines", {})
    lines = report.get("controls", {}).get(control, {}).get("verdict", {}).get("help", [])
    currency = console.place.settings.budget.currency
    return [
        _person({**row, **stands.get(row["id"], {}), "currency": currency}, cards.get(row["id"], {}), control, lines)
        for row in team_list(console.project)
    ]


def _person(row: Mapping[str, Any], card: Mapping[str, Any], control: str, lines: list[str]) -> Person:
    none = {"value": None, "reason": "no answer was measured yet"}
    of_control = card.get("controls", {}).get(control, {})
    conduct = of_control.get("conduct") or {}
    change = conduct.get("drift")
    names = {n for n in Person.model_fields if n in row}
    return Person(
        **{n: row[n] for n in names},
        skill=conduct.get("skill"),
        biases=conduct.get("class_bias", []),
        drift=None if change is None else _changed(change),
        drift_found=bool(change and change["found"]),
        cost=row.get("earned"),
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


def _changed(change: Mapping[str, Any]) -> str:
    """What the test for a change over time came to, in words."""
    if not change["found"]:
        return "no change over time found"
    before, after = (f"{x:.0%}" if x is not None else "–" for x in (change["before"], change["after"]))
    way = "worse" if (change["change"] or 0) < 0 else "better"
    return f"{way} since {str(change['since'])[:16].replace('T', ' ')}: {before} like the others, then {after}"
