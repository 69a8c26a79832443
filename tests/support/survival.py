"""A loop that turns by itself while recorded annotators answer and somebody kills its server again and again."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from labelwright.adapters.labelstudio.annotator import AnnotatorSession
from labelwright.adapters.labelstudio.config import read_config
from labelwright.adapters.labelstudio.templates import render
from labelwright.adapters.processes import wait_until
from labelwright.adapters.reviews import Review
from labelwright.adapters.secrets import new_password
from labelwright.app.annotations import annotation_set
from labelwright.app.intake import take_in_all
from labelwright.app.rounds import round_status
from labelwright.app.team import Newcomer, add_annotator
from labelwright.bootstrap import Workspace, open_workspace
from labelwright.entry.cli.init import Start, make_workspace
from labelwright.entry.cli.output import Bar
from labelwright.entry.demo import prepare
from labelwright.model.errors import LabelwrightError, OutsideServiceError

#: A week, compressed: cron with seconds last.
WEEKLY = "* * * * * */5"
#: Items that models are measured by: their intervals are as wide as six points, and every round measures four models.
REFERENCE = 600
#: Seconds without a new answer or a closed round after which the loop is taken to stand still.
_PATIENCE = 900.0
_STARTS = 10
#: Seconds before an annotator with an empty desk looks again; asked all the time, Label Studio does nothing else.
_PAUSE = 2.0


@dataclass(frozen=True)
class Plan:
    """What is played.

    Attributes:
        rounds: after which the loop stops by itself.
        batch: items a round.
        kills: how often the server is killed.
        strategy: that chooses the batches.
    """

    rounds: int
    batch: int
    kills: int = 0
    strategy: str = "hybrid"
    seed: int = prepare.SEED


@dataclass
class Played:
    """What became of it.

    Attributes:
        answers: (item, annotator, label) of every answer that counts.
        twice: assignments that stand on a desk more than once.
        rows: of `round status`.
        killed_at: (round, step) at each kill.
        seconds: on the clock.
    """

    answers: list[tuple[str, str, str]]
    twice: list[str]
    rows: list[dict[str, Any]]
    killed_at: list[tuple[int, str]] = field(default_factory=list)
    seconds: float = 0.0


def play(root: Path, server: Any, reviews: Sequence[Review], plan: Plan) -> Played:
    """Make a workspace, let the loop turn, kill it as planned, and look at what is there when it has stopped."""
    begun = time.monotonic()
    place = workspace(root, server, reviews, plan)
    killed: list[tuple[int, str]] = []
    up(place)
    try:
        join(place)
        with answering(place, reviews):
            if plan.kills:
                kill_at_random(place, plan, killed)
            _wait_for_the_end(place, plan)
    finally:
        place.server.stop()
    return replace_seconds(look(place), killed, time.monotonic() - begun)


def up(place: Workspace) -> None:
    """Start the server; on a busy machine it may answer later than a user would wait for it."""
    for _ in range(_STARTS):
        with suppress(OutsideServiceError):
            place.server.start(None, place.stamp())
            return
    message = f"the server of {place.root.name} does not come up"
    raise AssertionError(message)


def replace_seconds(played: Played, killed: list[tuple[int, str]], seconds: float) -> Played:
    """The same with what only the play knows."""
    played.killed_at, played.seconds = killed, round(seconds, 1)
    return played


def workspace(root: Path, server: Any, reviews: Sequence[Review], plan: Plan) -> Workspace:
    """The demo's sentences on ``server``, with a loop that turns by itself every five seconds."""
    xml = render("text-classification", list(prepare.CLASSES))
    sections: Mapping[str, Any] = {
        "label_studio": {"url": server.url, "token": server.administrator.token},
        "team": {"low_water": 4, "high_water": 10},
        "overlap": {"share": 0.2, "annotators": 2},
        "sampling": {"strategy": plan.strategy, "batch": plan.batch, "random_share": 0.1, "seed": plan.seed},
        "model": {"test_items": 0, "reference": "reference.csv"},
        "loop": {"mode": "auto", "schedule": WEEKLY, "annotators": prepare.SLOTS, "stop": {"rounds": plan.rounds}},
        "server": {"reconcile_seconds": 6.0, "sweep_seconds": 30.0},
    }
    data = prepare.write_files(root, reviews)
    lines = (root / "reference.csv").read_text("utf-8").splitlines(keepends=True)
    (root / "reference.csv").write_text("".join(lines[: REFERENCE + 1]), encoding="utf-8")
    start = Start(
        root=root,
        schema_xml=xml,
        guidelines=prepare.GUIDELINES,
        name=f"Weeks in seconds {root.name}"[:40],
        data=data,
        columns={},
        data_settings={"id": "id", "metadata": []},
        sections=dict(sections),
        simulated=prepare.SIMULATED,
    )
    make_workspace(start, read_config(xml), Bar(quiet=True))
    return open_workspace(root)


def join(place: Workspace) -> None:
    """Five annotators who replay one rating slot each."""
    project, desks = place.project(), place.desks()
    for slot in range(1, prepare.SLOTS + 1):
        email = f"slot-{slot}-{place.root.name}@labelwright.test"
        add_annotator(
            project, desks, place.secrets, place.hook(), Newcomer(f"Slot {slot}", email, new_password(), simulated=True)
        )


@contextmanager
def answering(place: Workspace, reviews: Sequence[Review]) -> Iterator[None]:
    """Annotators who answer whatever is on their desks until the end."""
    end = threading.Event()
    threads = [
        threading.Thread(target=_answer, args=(place, desk.annotator, desk.project, reviews, end), daemon=True)
        for desk in place.project().store.desks("work")
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        end.set()
        for thread in threads:
            thread.join(timeout=30)


def _answer(place: Workspace, who: str, desk: int, reviews: Sequence[Review], end: threading.Event) -> None:
    slot = int(who.removeprefix("slot-")) - 1
    said = {r.text: prepare.class_of(r.ratings[slot]) for r in reviews}
    with AnnotatorSession(place.label_studio_url(), place.secrets.account(who)["token"]) as session:
        while not end.is_set():
            with suppress(LabelwrightError, httpx.HTTPError):
                task = session.next_task(desk)
                if task is not None:
                    session.submit(task["id"], _result(said[task["data"]["text"]]), 3.0)
                    continue
            end.wait(_PAUSE)


def _result(label: str) -> list[dict[str, Any]]:
    return [{"from_name": "label", "to_name": "text", "type": "choices", "value": {"choices": [label]}}]


def kill_at_random(place: Workspace, plan: Plan, killed: list[tuple[int, str]]) -> None:
    """Kill -9 the server at random moments, spread over the rounds, and start it again each time."""
    rng, project = np.random.default_rng(plan.seed), place.project()
    for n in range(plan.kills):
        at_least = 1 + n * plan.rounds // plan.kills
        assert wait_until(lambda least=at_least: _number(project) >= least, timeout=_PATIENCE), "the loop stands still"
        time.sleep(rng.uniform(0.0, 6.0))  # a random moment is what is wanted here
        record = place.server.running()
        if record is None or _number(project) > plan.rounds:
            break
        row = next(reversed(round_status(project)), {"round": 0, "step": "-"})
        os.kill(record.pid, signal.SIGKILL)
        killed.append((row["round"], row["step"]))
        assert wait_until(lambda: place.server.running() is None, timeout=30)
        up(place)


def _number(project: Any) -> int:
    rounds = project.store.rounds()
    closed = bool(rounds) and rounds[-1].closed_at is not None
    return len(rounds) + (1 if closed else 0)


def _wait_for_the_end(place: Workspace, plan: Plan) -> None:
    project = place.project()
    seen: tuple[int, int] = (-1, -1)

    def moved() -> bool:
        nonlocal seen
        before, seen = seen, (_closed(project), len(annotation_set(project).valid))
        return seen != before

    while _closed(project) < plan.rounds:
        assert wait_until(moved, timeout=_PATIENCE, interval=2.0), round_status(project)[-1:]


def _closed(project: Any) -> int:
    return sum(r.closed_at is not None for r in project.store.rounds())


def look(place: Workspace) -> Played:
    """What is there at the end, read back from Label Studio itself."""
    project, desks = place.project(), place.desks()
    take_in_all(project, desks)
    answers = sorted(
        (a.item, a.annotator, a.answer.of("label")[0].value.labels[0]) for a in annotation_set(project).valid
    )
    keys = Counter(t.key for d in project.store.desks("work") for t in desks.tasks(d.project))
    return Played(answers, [str(k) for k, n in keys.items() if n > 1], [dict(r) for r in round_status(project)])
