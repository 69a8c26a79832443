"""Annotators who replay recorded ratings through Label Studio's own REST interface, each with an own account."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from labelwright.adapters.labelstudio.annotator import AnnotatorSession
from labelwright.model.errors import OutsideServiceError

#: Stated wherever the seconds are shown.
MEDIAN_SECONDS, SIGMA = 6.0, 0.5
#: More at once only wait for each other: Label Studio on SQLite has one writer.
AT_ONCE = 3
_PATIENCE = 120.0
_PAUSE = 0.25


@dataclass(frozen=True, slots=True)
class Player:
    """One slot at work: its account, its desk, and what it said about each text."""

    annotator: str
    token: str
    desk: int
    answers: Mapping[str, str]


def replay(
    url: str,
    players: list[Player],
    control: tuple[str, str],
    waiting: Callable[[str], int],
    step: Callable[[], None],
    seed: int,
) -> int:
    """Answer until nobody has anything left to answer.

    Args:
        url: Label Studio's address.
        players: the slots.
        control: name of the control and of the object it refers to.
        waiting: how many answers of an annotator are still to come.
        step: called after every answer.
        seed: of the simulated seconds.

    Returns:
        How many answers were given.

    Raises:
        OutsideServiceError: a desk stays empty although answers are to come.
    """
    streams = np.random.default_rng(seed).spawn(len(players))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        turns = [
            pool.submit(_play, url, player, control, waiting, step, rng)
            for player, rng in zip(players, streams, strict=True)
        ]
        return sum(turn.result() for turn in turns)


def _play(
    url: str,
    player: Player,
    control: tuple[str, str],
    waiting: Callable[[str], int],
    step: Callable[[], None],
    rng: np.random.Generator,
) -> int:
    given, idle_since = 0, time.monotonic()
    with AnnotatorSession(url, player.token) as session:
        while True:
            task = session.next_task(player.desk)
            if task is not None:
                label = player.answers[task["data"]["text"]]
                session.submit(task["id"], [_result(control, label)], _seconds(rng))
                given, idle_since = given + 1, time.monotonic()
                step()
            elif not waiting(player.annotator):
                return given
            elif time.monotonic() - idle_since > _PATIENCE:
                raise OutsideServiceError(
                    f"The desk of {player.annotator} stays empty although answers are to come",
                    next_step="Look into .labelwright/server.log, then run the demo again: it goes on where it stopped",
                )
            else:
                time.sleep(_PAUSE)


def _seconds(rng: np.random.Generator) -> float:
    return round(float(MEDIAN_SECONDS * np.exp(SIGMA * rng.standard_normal())), 2)


def _result(control: tuple[str, str], label: str) -> dict[str, object]:
    name, to = control
    return {"from_name": name, "to_name": to, "type": "choices", "value": {"choices": [label]}}
