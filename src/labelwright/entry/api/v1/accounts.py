"""Who can sign in, invitations, and the audit log. For leads."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from labelwright.app.console.accounts import INVITATION_SECONDS
from labelwright.entry.api.v1.access import Manager, note
from labelwright.entry.api.v1.problems import RESPONSES, missing
from labelwright.entry.api.v1.shapes import Name
from labelwright.entry.api.v1.state import Console, TheConsole
from labelwright.model.console import Account, Role
from labelwright.model.errors import UsageError

router = APIRouter(tags=["accounts"], responses=RESPONSES)


class AccountShape(BaseModel):
    """Somebody who can sign in."""

    id: str
    name: str
    email: str | None
    role: Role
    annotator: str | None
    active: bool
    has_password: bool
    single_sign_on: bool
    created_at: datetime


class Invitation(BaseModel):
    """Somebody to be let in. ``annotator`` is theirs in the team, if they label."""

    name: Name
    role: Role
    email: Annotated[str | None, Field(max_length=320)] = None
    annotator: Annotated[str | None, Field(max_length=80)] = None


class Invited(BaseModel):
    """The account, and the path of a link that lets them in once within two weeks."""

    account: AccountShape
    link: str


class AccountChange(BaseModel):
    """Another role, or closed."""

    role: Role | None = None
    active: bool | None = None


class AuditShape(BaseModel):
    """Who changed what."""

    id: int
    at: datetime
    who: str
    via: str
    action: str
    target: str
    detail: dict[str, Any]


@router.get("/accounts")
def accounts(_: Manager, console: TheConsole) -> list[AccountShape]:
    """Everybody who can sign in."""
    return [_shape(a) for a in console.project.store.accounts()]


@router.post("/accounts", status_code=201)
def invite(body: Invitation, who: Manager, console: TheConsole) -> Invited:
    """Let somebody in. Send them the link; it works once."""
    known = {a.id for a in console.project.store.annotators()}
    if body.annotator is not None and body.annotator not in known:
        raise UsageError("There is no such annotator", next_step="Add them to the team first")
    account = console.accounts.add(body.name, body.role, body.email, body.annotator)
    note(console, who, "account.invite", account.id, name=account.name, role=body.role)
    return Invited(account=_shape(account), link=_link(console, account))


@router.post("/accounts/{account}/link", status_code=201)
def new_link(account: str, who: Manager, console: TheConsole) -> Invited:
    """Another link for somebody who lost theirs, or their password."""
    found = _find(console, account)
    note(console, who, "account.link", found.id, name=found.name)
    return Invited(account=_shape(found), link=_link(console, found))


@router.patch("/accounts/{account}")
def change(account: str, body: AccountChange, who: Manager, console: TheConsole) -> AccountShape:
    """Another role, or closed; both sign them out."""
    changed = console.accounts.change(_find(console, account), role=body.role, active=body.active)
    note(console, who, "account.change", changed.id, role=changed.role, active=changed.active)
    return _shape(changed)


@router.get("/audit")
def audit(
    _: Manager,
    console: TheConsole,
    before: Annotated[int | None, Query(ge=0, le=2**53)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> list[AuditShape]:
    """Who changed what, newest first; ``before`` an id for the page after."""
    found = console.project.store.audit(before, limit)
    return [
        AuditShape(id=e.id, at=e.at, who=e.who, via=e.via, action=e.action, target=e.target, detail=dict(e.detail))
        for e in found
    ]


def _link(console: Console, account: Account) -> str:
    return "/link/" + console.accounts.link(account.role, account.id, INVITATION_SECONDS)


def _find(console: Console, identity: str) -> Account:
    found = next((a for a in console.project.store.accounts() if a.id == identity), None)
    if found is None:
        raise missing("There is no such account")
    return found


def _shape(a: Account) -> AccountShape:
    return AccountShape(
        id=a.id,
        name=a.name,
        email=a.email,
        role=a.role,
        annotator=a.annotator,
        active=a.active,
        has_password=a.password is not None,
        single_sign_on=a.subject is not None,
        created_at=a.created_at,
    )
