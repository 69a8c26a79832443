"""When a strategy does not earn its keep: over to hybrid, then to chance."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from labelwright.model.measure import Measure

#: Rounds in a row below chance after which a strategy is given up.
ROUNDS = 2


@dataclass(frozen=True, slots=True)
class Trial:
    """What one round's strategy was worth.

    Attributes:
        round: its number.
        strategy: that chose the round's batch.
        gain: accuracy on the strategy's labels less that on as many random ones, paired, with its interval.
    """

    round: int
    strategy: str
    gain: Measure


@dataclass(frozen=True, slots=True)
class Verdict:
    """The strategy to use now; ``reason`` is None where it is the one that was asked for."""

    strategy: str
    reason: str | None = None


def strategy_to_use(asked: str, trials: Iterable[Trial]) -> Verdict:
    """The strategy that was asked for, until it was below chance by more than the interval for two rounds in a row.

    Then hybrid takes its place, and chance the place of hybrid. There is no way back but to ask for another strategy:
    rounds of strategies that are not in the chain do not count.

    Args:
        asked: the strategy as set.
        trials: of the rounds so far, in any order.
    """
    chain = list(dict.fromkeys([asked, "hybrid", "random"])) if asked != "random" else ["random"]
    at, below, reason = 0, 0, None
    for trial in sorted(trials, key=lambda t: t.round):
        if trial.strategy != chain[at] or chain[at] == "random":
            continue
        below = below + 1 if trial.gain.high is not None and trial.gain.high < 0 else 0
        if below == ROUNDS:
            reason = _told(chain[at], chain[at + 1], trial)
            at, below = at + 1, 0
    return Verdict(chain[at], reason)


def _told(left: str, taken: str, trial: Trial) -> str:
    gain = trial.gain
    return (
        f"{taken} in place of {left}, which was below as many random labels for {ROUNDS} rounds: "
        f"{gain.value:+.3f} ({gain.low:+.3f} to {gain.high:+.3f}) in round {trial.round}"
    )
