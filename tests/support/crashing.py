"""What the crash tests let die: actions by name, so that a process of its own can do them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

from labelwright.adapters.learners.text import TextLearner
from labelwright.app.closing import close_round
from labelwright.app.context import Project
from labelwright.app.delivery import deliver
from labelwright.app.intake import take_in_all
from labelwright.app.oversight import oversee
from labelwright.app.rounds import open_round
from labelwright.app.steps import STEPS
from labelwright.app.turning import Tools, Turn, turn_step
from labelwright.entry.cli.output import Bar
from labelwright.entry.workflows.rounds import Rounds
from labelwright.model.loop import Step, StepState


def fill(project: Project, desks: Any) -> None:
    """Fill every desk. Each life is the same worker, so that the lease of a dead one does not hold it up."""
    for desk in project.store.desks("work"):
        deliver(project, desks, desk, "victim")


def take_in(project: Project, desks: Any) -> None:
    """Take in what everybody answered."""
    take_in_all(project, desks)


def open_one(project: Project, _: Any) -> None:
    """Open a round."""
    open_round(project)


def close_one(project: Project, _: Any) -> None:
    """Close the round."""
    close_round(project, None, {}, Bar(quiet=True))


def turn_to_wait(project: Project, desks: Any) -> None:
    """Turn round 1 until it waits for answers, step after step as the workflow does."""
    turn = _turn(project, desks)
    for step in (Step.SELECT, Step.DELIVER):
        turn_step(turn, 1, step)


def turn_to_end(project: Project, desks: Any) -> None:
    """Turn round 1 from there to its end."""
    turn = _turn(project, desks)
    for step in Step:
        turn_step(turn, 1, step)


def last_to_wait(project: Project, desks: Any) -> None:
    """The same durably."""
    _last(project, desks, lambda: _state(project, Step.WAIT) is StepState.WAITING)


def last_to_end(project: Project, desks: Any) -> None:
    """The same durably."""
    _last(project, desks, lambda: _state(project, Step.NEXT) is StepState.DONE)


def _turn(project: Project, desks: Any) -> Turn:
    tools = Tools(lambda: desks, TextLearner, dict, Bar(quiet=True), time.sleep)
    return Turn(project, "victim", STEPS, tools)


def _last(project: Project, desks: Any, there: Callable[[], bool]) -> None:
    """A server's life in short: launch, go on with what was begun, begin what was not. It ends as by kill -9."""
    turn = _turn(project, desks)
    url = f"sqlite:///{project.root / '.labelwright' / 'rounds.db'}"
    rounds = Rounds(url, "rounds", "victim", lambda number, step: turn_step(turn, number, step))
    rounds.launch()
    while not there():
        rounds.ensure(1)
        time.sleep(0.05)
    os._exit(0)


def _state(project: Project, step: Step) -> StepState | None:
    # Not through the mortal port: looking on is no part of what is killed.
    store = project.store._port
    return next((s.state for s in store.steps(1) if s.step is step), None)


def oversee_one(project: Project, _: Any) -> None:
    """Follow up on new answers: adjudicate, doubt gold, pause, ask experts, decide adaptively."""
    oversee(project)
