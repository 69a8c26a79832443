"""The annotator's own page: my desk, what I did and earned, how I am doing, messages. Nothing of anybody else."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path
from pydantic import BaseModel

from labelwright.adapters.personal_links import is_signed
from labelwright.app.answers import replies_of
from labelwright.app.console.standing import feedback_name
from labelwright.app.feedback import as_dict, feedback_of
from labelwright.app.onboarding import onboarding_of, read_guidelines, start_attempt
from labelwright.entry.api.v1.access import Oneself, Reader
from labelwright.entry.api.v1.people import person_of
from labelwright.entry.api.v1.problems import RESPONSES, missing
from labelwright.entry.api.v1.shapes import Done, Measure
from labelwright.entry.api.v1.state import Console, TheConsole
from labelwright.entry.pages import html_sections, must_reread
from labelwright.model.project import Annotator, AnnotatorStatus

router = APIRouter(tags=["me"], responses=RESPONSES)
_MESSAGES = 20


class Example(BaseModel):
    """An item whose settled label differs from mine. ``why`` is the expert's reason."""

    item: str
    text: str
    hers: str
    label: str
    why: str | None


class Confused(BaseModel):
    """A class that I took for another, with examples and the section of the guidelines that tells them apart."""

    label: str
    hers: str
    times: int
    of: int
    examples: list[Example]
    guideline_html: str | None = None


class Stretch(BaseModel):
    """A stretch of my answers in the order of time."""

    until: str
    accuracy: Measure
    seconds: float | None


class MyMessage(BaseModel):
    """Something I was told."""

    kind: str
    text: str
    at: str


class Explained(BaseModel):
    """A qualification item that I answered: what I said, what is right, and why."""

    text: str
    hers: str | None
    label: str
    right: bool
    why: str | None


class Onboarding(BaseModel):
    """Where I stand before my first task: read, qualify, again, done or failed."""

    step: str
    attempt: int
    attempts: int
    items: int
    needed: int
    right: int
    answered: list[Explained]


class MyPage(BaseModel):
    """My page. ``settled`` is how often I said what others or an expert settled, ``team`` the middle of the team's."""

    name: str
    project: str
    level: str
    status: str
    reason: str | None
    desk: str | None
    on_desk: int
    waiting: int
    done: int
    skipped: int
    gold: Measure
    settled: Measure
    team: float | None
    beside_expert: Measure
    consistent: Measure
    seconds: float | None
    team_seconds: float | None
    confusions: list[Confused]
    trend: list[Stretch]
    praise: list[str]
    messages: list[MyMessage]
    earned: float | None
    rate: str | None
    hours: float | None
    currency: str
    guidelines_html: str
    reread: bool
    onboarding: Onboarding | None
    simulated: str | None


Signature = Annotated[str, Path(max_length=100)]
Who = Annotated[str, Path(max_length=200)]


@router.get("/me")
def my_page(who: Oneself, console: TheConsole) -> MyPage:
    """For an account that is somebody in the team."""
    return page_of(console, _of_account(console, who.account.annotator))


@router.post("/me/read")
def have_read(who: Oneself, console: TheConsole) -> Done:
    """I have read the guidelines as they are now."""
    read_guidelines(console.project, _of_account(console, who.account.annotator))
    console.wake()
    return Done()


@router.post("/me/try")
def try_again(who: Oneself, console: TheConsole) -> Done:
    """Another try at the qualification round."""
    start_attempt(console.project, _of_account(console, who.account.annotator))
    console.wake()
    return Done()


@router.get("/own/{annotator}/{signature}")
def own_page(annotator: Who, signature: Signature, console: TheConsole) -> MyPage:
    """The same for whoever holds the personal link: it opens this page and nothing else, and signs nobody in."""
    return page_of(console, _of_link(console, annotator, signature))


@router.post("/own/{annotator}/{signature}/read")
def own_read(annotator: Who, signature: Signature, console: TheConsole) -> Done:
    """I have read the guidelines as they are now."""
    read_guidelines(console.project, _of_link(console, annotator, signature))
    console.wake()
    return Done()


@router.post("/own/{annotator}/{signature}/try")
def own_try(annotator: Who, signature: Signature, console: TheConsole) -> Done:
    """Another try at the qualification round."""
    start_attempt(console.project, _of_link(console, annotator, signature))
    console.wake()
    return Done()


@router.get("/people/{person}/feedback")
def feedback(person: str, _: Reader, console: TheConsole) -> MyPage:
    """What an annotator sees of themselves, as the lead previews it."""
    return page_of(console, _annotator(console, person))


def _of_account(console: Console, annotator: str | None) -> Annotator:
    if annotator is None:
        raise missing("This account labels nothing", "The lead can invite you as an annotator of the team")
    return _annotator(console, annotator)


def _of_link(console: Console, annotator: str, signature: str) -> Annotator:
    """Whose link this is; a wrong one, and that of somebody who has left, is refused alike."""
    secret = console.place.secrets.ensure("page_secret", 64)
    found = next((a for a in console.project.store.annotators() if a.id == annotator), None)
    if not is_signed(secret, annotator, signature) or found is None or found.status is AnnotatorStatus.LEFT:
        raise missing("There is no such page", "Ask the lead for your link")
    return found


def _annotator(console: Console, identity: str) -> Annotator:
    found = next((a for a in console.project.store.annotators() if a.id == identity), None)
    if found is None:
        raise missing("There is no such annotator")
    return found


def page_of(console: Console, annotator: Annotator) -> MyPage:
    """The report that was made ahead, with the queue as it is now."""
    project, kept = console.project, console.document(feedback_name(annotator.id))
    report: dict[str, Any] = dict(kept) if kept is not None else as_dict(feedback_of(project, annotator, ()))
    person = person_of(console, annotator.id)
    sections = html_sections(project) if report["confusions"] else {}
    told = reversed(project.store.messages(annotator.id)[-_MESSAGES:])
    names = ("on_desk", "waiting", "done", "skipped", "level", "status", "reason", "rate", "hours", "currency", "desk")
    queue = {n: getattr(person, n) for n in names}
    from_report = ("name", "gold", "settled", "team", "beside_expert", "consistent", "seconds", "team_seconds", "trend",
                   "praise", "simulated")  # fmt: skip
    return MyPage(
        **{n: report[n] for n in from_report},
        **queue,
        project=project.settings.name,
        confusions=[Confused(**c, guideline_html=sections.get(c["label"])) for c in report["confusions"]],
        messages=[MyMessage(kind=m.kind, text=m.text, at=m.at.isoformat()) for m in told],
        earned=person.cost,
        guidelines_html=project.instructions,
        reread=must_reread(project, annotator),
        onboarding=_onboarding(console, annotator),
    )


def _onboarding(console: Console, annotator: Annotator) -> Onboarding | None:
    """Where qualification is asked for, somebody new is taken by the hand."""
    if not console.project.settings.qualification.items:
        return None
    found = onboarding_of(console.project, annotator, replies_of(console.project))
    if found is None:
        return None
    names = ("step", "attempt", "attempts", "items", "needed", "right")
    answered = [Explained(**{n: getattr(e, n) for n in Explained.model_fields}) for e in found.answered]
    return Onboarding(**{n: getattr(found, n) for n in names}, answered=answered)
