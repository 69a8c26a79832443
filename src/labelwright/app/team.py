"""People: an account in Label Studio and a desk of their own."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from labelwright.app.context import Project
from labelwright.app.delivery import open_desk
from labelwright.app.hooks import Hook, watch
from labelwright.model.desk import DeskRecord
from labelwright.model.errors import UsageError
from labelwright.model.project import Annotator, AnnotatorStatus, Level
from labelwright.ports import Desks

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
    """Who is to join the team. ``password`` is taken for a new account only."""

    name: str
    email: str
    password: str
    level: Level = Level.REGULAR
    simulated: bool = False


@dataclass(frozen=True, slots=True)
class Added:
    """A new member of the team. ``password`` is None for an account that was there before."""

    annotator: Annotator
    desk: DeskRecord
    password: str | None


def add_annotator(project: Project, desks: Desks, accounts: Accounts, hook: Hook | None, newcomer: Newcomer) -> Added:
    """Make the account and the desk; safe to repeat after a crash at any point.

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
    annotator = Annotator(
        identity, newcomer.name, newcomer.email, newcomer.level, AnnotatorStatus.ACTIVE, member.user, newcomer.simulated
    )
    project.store.put_annotator(annotator)
    desk = open_desk(project, desks, annotator)
    watch(desks, desk, hook)
    return Added(annotator, desk, password if member.token else None)


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
        "simulated": annotator.simulated,
        "desk": link,
        "on_desk": by_state["delivered"],
        "waiting": by_state["planned"],
        "done": by_state["done"],
        "skipped": by_state["skipped"],
    }
