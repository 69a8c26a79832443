"""A desk for whoever labels alone: `labelwright up --me ADDRESS`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from labelwright.entry.cli.output import Bar, say

if TYPE_CHECKING:
    from labelwright.bootstrap import Workspace


def own_desk(place: Workspace, email: str, bar: Bar) -> dict[str, Any]:
    """The desk of that address and its account; a first round where there is none. Twice is as once."""
    from labelwright.adapters.secrets import new_password  # noqa: PLC0415
    from labelwright.app.team import Newcomer, add_annotator  # noqa: PLC0415
    from labelwright.entry.cli.rounds import open_and_deliver  # noqa: PLC0415

    project = place.project(bar)
    known = next((a for a in project.store.annotators() if a.email.casefold() == email.casefold()), None)
    if known is None:
        newcomer = Newcomer(email.partition("@")[0], email, new_password(), None)
        known = add_annotator(project, place.desks(), place.secrets, place.hook(), newcomer).annotator
    if not project.store.rounds():
        open_and_deliver(place, None, bar)
    desk = next(d for d in project.store.desks("work") if d.annotator == known.id)
    account = place.secrets.account(known.id) or {}
    return {"annotator": known.id, "url": desk.url, "email": email, "password": account.get("password")}


def tell_own_desk(desk: dict[str, Any]) -> None:
    """Where to label, and how to sign in."""
    say(f"Your desk: {desk['url']}")
    say(f"  e-mail    {desk['email']}")
    say(f"  password  {desk['password']}" if desk["password"] else "  password  the one this account has already")
