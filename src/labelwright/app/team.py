"""People: an account in Label Studio and a desk of their own."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Protocol

from labelwright.app.context import Project
from labelwright.app.delivery import open_desk
from labelwright.app.hooks import Hook, watch
from labelwright.app.onboarding import wants_qualification
from labelwright.app.sharing import share_queues
from labelwright.model.desk import DeskRecord
from labelwright.model.errors import UsageError
from labelwright.model.money import Rate
from labelwright.model.project import Annotator, AnnotatorStatus, Level
from labelwright.ports import Desks

#: The sample annotator of the sandbox desk is not of the team.
TRIAL_ID = "trial"
#: A person's first rate counts for everything that she did before it was known.
FIRST_RATE = datetime(1970, 1, 1, tzinfo=UTC)
_EMAIL = re.compile(r"^[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;.]+$")


class Accounts(Protocol):
    """Where passwords and tokens are kept."""

    def account(self, annotator: str) -> dict[str, Any]:
        """What is known of an annotator's account."""
        ...

    def put_account(self, annotator: str, values: Mapping[str, Any]) -> None:
        """Keep it."""
        ...


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Who is to join the team. ``password`` is taken for a new account only; None leaves what is known as it is."""

    name: str
    email: str
    password: str
    level: Level | None = None
    simulated: bool = False
    skills: tuple[str, ...] | None = None
    languages: tuple[str, ...] | None = None
    rate: Rate | None = None
    weekly_hours: float | None = None


@dataclass(frozen=True, slots=True)
class Added:
    """A new member of the team. ``password`` is None for an account that was there before."""

    annotator: Annotator
    desk: DeskRecord
    password: str | None


def add_annotator(project: Project, desks: Desks, accounts: Accounts, hook: Hook | None, newcomer: Newcomer) -> Added:
    """Make the account and the desk, with a part of the round that is open; safe to repeat after a crash at any point.

    Raises:
        UsageError: the address is none, or belongs to somebody else in the team.
    """
    identity = _identity(project.store.annotators(), newcomer)
    # The password is kept before the account exists: a crash in between loses nobody's way in.
    password = accounts.account(identity).get("password") or newcomer.password
    accounts.put_account(identity, {"email": newcomer.email, "password": password})
    member = desks.add_member(newcomer.email, password, newcomer.name)
    if member.token:
        accounts.put_account(identity, {"token": member.token})
    known = next((a for a in project.store.annotators() if a.id == identity), None)
    before = known or Annotator(identity, newcomer.name, newcomer.email)
    annotator = with_profile(replace(before, user=member.user, simulated=newcomer.simulated), newcomer)
    if known is None and wants_qualification(project, annotator):
        annotator = replace(annotator, status=AnnotatorStatus.ONBOARDING, reason="reads the guidelines and qualifies")
    put_profile(project, annotator, before if known else None)
    desk = open_desk(project, desks, annotator)
    watch(desks, desk, hook)
    while share_queues(project):  # one after another: somebody before her may have nothing yet, too
        pass
    return Added(annotator, desk, password if member.token else None)


def with_profile(annotator: Annotator, newcomer: Newcomer) -> Annotator:
    """The same person with what was said about her now."""
    return replace(
        annotator,
        level=newcomer.level or annotator.level,
        skills=annotator.skills if newcomer.skills is None else tags_of(newcomer.skills),
        languages=annotator.languages if newcomer.languages is None else tags_of(newcomer.languages),
        rate=newcomer.rate or annotator.rate,
        weekly_hours=annotator.weekly_hours if newcomer.weekly_hours is None else newcomer.weekly_hours,
    )


def put_profile(project: Project, annotator: Annotator, before: Annotator | None) -> None:
    """Keep a person; another rate counts from now on."""
    project.store.put_annotator(annotator)
    if annotator.rate is not None and (before is None or annotator.rate != before.rate):
        since = project.clock.now() if before is not None and before.rate is not None else FIRST_RATE
        project.store.put_rate(annotator.id, annotator.rate, since)


def tags_of(words: Sequence[str]) -> tuple[str, ...]:
    """Tags in lower case, each once, in the order given."""
    return tuple(dict.fromkeys(w.strip().casefold() for w in words if w.strip()))


def find_annotator(project: Project, name: str) -> Annotator:
    """The member of the team with that id, name or address.

    Raises:
        UsageError: nobody or several people are called so.
    """
    team = [a for a in project.store.annotators() if a.id != TRIAL_ID]
    wanted = name.strip().casefold()
    found = [a for a in team if a.id == wanted] or [
        a for a in team if wanted in {a.name.casefold(), a.email.casefold()}
    ]
    if len(found) != 1:
        known = ", ".join(a.id for a in team[:20]) or "nobody yet"
        raise UsageError(
            f"{'Several people are' if found else 'Nobody in the team is'} called {name}",
            next_step=f"Use an id: {known}",
        )
    return found[0]


def _identity(team: Sequence[Annotator], newcomer: Newcomer) -> str:
    if not newcomer.name.strip():
        raise UsageError("An annotator needs a name", next_step='labelwright team add "Ada" --email ada@example.org')
    if not _EMAIL.match(newcomer.email):
        raise UsageError(f"{newcomer.email!r} is not an e-mail address", next_step="Give one like ada@example.org")
    same = next((a for a in team if a.email.casefold() == newcomer.email.casefold()), None)
    if same is not None and same.name != newcomer.name:
        raise UsageError(
            f"{newcomer.email} belongs to {same.name} already", next_step="Use another address, or the same name"
        )
    return same.id if same else _free_id(newcomer.name, {a.id for a in team})


def _free_id(name: str, taken: set[str]) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold()
    base = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60] or "annotator"
    numbered = (f"{base}-{n}" for n in range(2, len(taken) + 3))
    return next(i for i in (base, *numbered) if i not in taken)


def team_list(project: Project) -> list[dict[str, Any]]:
    """One row a person: the desk's link, the queue and what is done."""
    counts = project.store.counts()
    links = {d.annotator: d.url for d in project.store.desks("work")}
    return [_row(a, links.get(a.id), counts) for a in project.store.annotators() if a.id in links]


def row_of(project: Project, identity: str) -> dict[str, Any]:
    """The same for one person, with a desk or without."""
    annotator = next(a for a in project.store.annotators() if a.id == identity)
    link = next((d.url for d in project.store.desks("work") if d.annotator == identity), None)
    return _row(annotator, link, project.store.counts())


def _row(annotator: Annotator, link: str | None, counts: Mapping[tuple[str, str, str], int]) -> dict[str, Any]:
    mine = {(p, s): n for (who, p, s), n in counts.items() if who == annotator.id and p != "trial"}
    by_state = {
        s: sum(n for (_, state), n in mine.items() if state == s) for s in ("planned", "delivered", "done", "skipped")
    }
    return {
        "id": annotator.id,
        "name": annotator.name,
        "email": annotator.email,
        "level": annotator.level.value,
        "status": annotator.status.value,
        "reason": annotator.reason,
        "skills": list(annotator.skills),
        "languages": list(annotator.languages),
        "rate": str(annotator.rate) if annotator.rate else None,
        "weekly_hours": annotator.weekly_hours,
        "simulated": annotator.simulated,
        "desk": link,
        "on_desk": by_state["delivered"],
        "waiting": by_state["planned"],
        "done": by_state["done"],
        "skipped": by_state["skipped"],
    }
