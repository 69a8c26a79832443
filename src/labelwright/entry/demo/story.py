"""The demo from data to training set, top to bottom. Each step is skipped where it has been done: it can be killed."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labelwright.adapters.labelstudio.config import read_config
from labelwright.adapters.labelstudio.install import cache_dir
from labelwright.adapters.labelstudio.templates import render
from labelwright.adapters.reviews import Review, fetch_reviews, read_reviews
from labelwright.adapters.secrets import new_key, new_password
from labelwright.app.context import Project
from labelwright.app.delivery import deliver, open_desk
from labelwright.app.hooks import watch
from labelwright.app.rounds import open_assignments, round_status
from labelwright.app.settings import FILE_NAME
from labelwright.app.team import Newcomer, add_annotator
from labelwright.bootstrap import Workspace, open_workspace
from labelwright.entry.cli.init import Start, make_workspace
from labelwright.entry.cli.output import Bar
from labelwright.entry.cli.rounds import close_and_withdraw, open_and_deliver
from labelwright.entry.cli.servers import start_servers
from labelwright.entry.demo import prepare
from labelwright.entry.demo.replay import Player, replay
from labelwright.model.errors import CheckFailedError
from labelwright.model.project import Assignment, AssignmentState, Purpose, RoundState

VISIT_ITEMS = 10


@dataclass
class Timer:
    """Seconds by what they were spent on: downloads are told apart from work."""

    spent: dict[str, float]

    def measure(self, name: str, work: Callable[[], Any]) -> Any:
        """Do the work and add its time."""
        begun = time.monotonic()
        try:
            return work()
        finally:
            self.spent[name] = round(self.spent.get(name, 0.0) + time.monotonic() - begun, 1)


def play(root: Path, bar: Bar) -> tuple[Workspace, dict[str, float]]:
    """Everything up to the last closed round; the workspace, and seconds by what they were spent on."""
    timer = Timer({})
    reviews = timer.measure("data", lambda: _reviews(bar))
    place = _workspace(root, reviews, bar)
    timer.measure("install", lambda: _install(bar))
    timer.measure("start", lambda: start_servers(place, bar))
    _team(place, bar)
    timer.measure("rounds", lambda: _rounds(place, reviews, bar))
    return place, timer.spent


def _reviews(bar: Bar) -> list[Review]:
    bar.start("Fetching real review sentences", None)
    reviews = read_reviews(fetch_reviews(cache_dir() / "demo"))
    bar.done()
    return prepare.distinct(reviews)


def _install(bar: Bar) -> None:
    from labelwright.adapters.labelstudio.install import ensure_installed  # noqa: PLC0415

    ensure_installed(cache_dir(), bar)


def _workspace(root: Path, reviews: list[Review], bar: Bar) -> Workspace:
    if not (root / FILE_NAME).exists():
        xml = render("text-classification", list(prepare.CLASSES))
        start = Start(
            root=root,
            schema_xml=xml,
            guidelines=prepare.GUIDELINES,
            name=prepare.NAME,
            data=prepare.write_files(root, reviews),
            columns={},
            data_settings={"id": "id", "metadata": []},
            sections=prepare.SECTIONS,
            simulated=prepare.SIMULATED,
        )
        make_workspace(start, read_config(xml), bar)
    place = open_workspace(root)
    if place.settings.name != prepare.NAME:
        raise CheckFailedError(
            "That folder holds another workspace", where=str(root), next_step="labelwright demo --dir ANOTHER"
        )
    return place


def _team(place: Workspace, bar: Bar) -> None:
    project, desks = place.project(), place.desks()
    known = {a.id for a in project.store.annotators()} & {d.annotator for d in project.store.desks("work")}
    bar.start("Signing up the annotators", prepare.SLOTS)
    for slot in range(1, prepare.SLOTS + 1):
        name, email = f"Slot {slot}", f"slot-{slot}@labelwright.example.org"
        if f"slot-{slot}" not in known:
            newcomer = Newcomer(name, email, new_password(), simulated=True)
            add_annotator(project, desks, place.secrets, place.hook(), newcomer)
        bar.step()
    bar.done()


def _rounds(place: Workspace, reviews: list[Review], bar: Bar) -> None:
    for number in range(1, prepare.ROUNDS + 1):
        _round(place, reviews, number, bar)


def _round(place: Workspace, reviews: list[Review], number: int, bar: Bar) -> None:
    project = place.project()
    rounds = project.store.rounds()
    if len(rounds) >= number and rounds[number - 1].state is RoundState.CLOSED:
        return
    if len(rounds) < number:
        open_and_deliver(place, None, bar)
    waiting = len(_slots(open_assignments(project, number)))
    bar.start(f"Round {number}: {waiting} recorded answers through Label Studio", waiting)
    _replay(place, project, reviews, number, bar)
    close_and_withdraw(place, bar)


def _slots(assignments: list[Assignment]) -> list[Assignment]:
    return [a for a in assignments if a.annotator.startswith("slot-")]


def _replay(place: Workspace, project: Project, reviews: list[Review], number: int, bar: Bar) -> None:
    control = project.control

    def waiting(annotator: str) -> int:
        open_states = {AssignmentState.PLANNED, AssignmentState.DELIVERED}
        counts = project.store.counts()
        return sum(n for (who, p, s), n in counts.items() if who == annotator and s in open_states and p != "trial")

    players = [
        Player(desk.annotator, place.secrets.account(desk.annotator)["token"], desk.project, answers)
        for desk in project.store.desks("work")
        if desk.annotator.startswith("slot-")
        for answers in [_answers(reviews, int(desk.annotator.removeprefix("slot-")) - 1)]
    ]
    replay(place.label_studio_url(), players, (control.name, control.to[0]), waiting, bar.step, prepare.SEED + number)


def _answers(reviews: list[Review], slot: int) -> dict[str, str]:
    """What a slot said about each text."""
    return {r.text: prepare.class_of(r.ratings[slot]) for r in reviews}


def invite(place: Workspace) -> dict[str, str]:
    """A desk for the visitor, with ten sentences that the slots have labeled, too."""
    project, desks = place.project(), place.desks()
    newcomer = Newcomer("Visitor", "visitor@labelwright.example.org", new_password())
    added = add_annotator(project, desks, place.secrets, place.hook(), newcomer)
    if not project.store.assignments(annotator=added.annotator.id):
        rows = [a for a in project.store.assignments(trial=False) if a.purpose is Purpose.OVERLAP]
        items = list(dict.fromkeys(a.item for a in rows))
        chosen = project.rng(7).choice(len(items), size=min(VISIT_ITEMS, len(items)), replace=False).tolist()
        last = round_status(project)[-1]["round"]
        assignments = [
            Assignment(new_key(), items[i], added.annotator.id, Purpose.OVERLAP, last, place_)
            for place_, i in enumerate(chosen)
        ]
        project.store.add_assignments({}, assignments)
    desk = open_desk(project, desks, added.annotator)
    watch(desks, desk, place.hook())
    deliver(project, desks, desk, place.owner)
    account = place.secrets.account(added.annotator.id)
    return {"desk": desk.url, "email": account["email"], "password": account["password"]}
