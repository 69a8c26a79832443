"""When more labels are not worth it: a target that is met, a gain that is too small, a budget or a pool used up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from labelwright.learning.comparison import paired_interval
from labelwright.model.measure import Measure


class Rule(StrEnum):
    """Why the loop stops."""

    ACCURACY = "accuracy"
    GAIN = "gain"
    BUDGET = "budget"
    POOL = "pool"
    ROUNDS = "rounds"


@dataclass(frozen=True, slots=True)
class Measured:
    """One closed round, as far as stopping looks at it.

    Attributes:
        answers: that count, over all rounds.
        accuracy: of the model.
        right: test items that the model gets right.
        wrong: test items that it gets wrong.
    """

    round: int
    answers: int
    accuracy: Measure
    right: frozenset[str] = frozenset()
    wrong: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Enough:
    """The rule that says so, and why, in one sentence."""

    rule: Rule
    reason: str


def gain_per_100(rounds: Sequence[Measured], window: int = 1) -> Measure:
    """Accuracy that the answers of the last ``window`` rounds bought, per 100 of them, paired by test item.

    Only items that one model gets right and the other wrong tell the two apart (`comparison.paired_interval`,
    Agresti and Min 2005). Items that were not measured in both rounds are left out.

    Args:
        rounds: in their order.
        window: how many rounds to look back, at least 1.

    Returns:
        The gain with its 95 % interval, in accuracy (0 to 1) per 100 answers; undefined with fewer than ``window`` + 1
        measured rounds, without new answers, or without common test items.
    """
    measured = [r for r in rounds if r.right or r.wrong]
    if len(measured) <= window:
        return Measure(None, reason=f"fewer than {window + 1} rounds have a measured model")
    before, after = measured[-1 - window], measured[-1]
    answers = after.answers - before.answers
    common = (before.right | before.wrong) & (after.right | after.wrong)
    if answers <= 0 or not common:
        return Measure(None, reason="there are no new answers" if common else "the rounds share no test items")
    gained, lost = len(common & after.right & before.wrong), len(common & before.right & after.wrong)
    low, high = paired_interval(gained, lost, len(common))
    scale = 100 / answers
    return Measure((gained - lost) / len(common) * scale, low * scale, high * scale, len(common), answers)


def enough(
    rounds: Sequence[Measured],
    *,
    accuracy: float | None = None,
    gain: float | None = None,
    window: int = 3,
    most_rounds: int | None = None,
    answers_left: int | None = None,
    items_left: int | None = None,
) -> Enough | None:
    """Whether the loop should stop, and by which rule; None when it should go on.

    Args:
        rounds: closed rounds in their order.
        accuracy: to reach with the lower end of the interval.
        gain: per 100 answers, that the upper end of the gain's interval must not fall below.
        window: rounds over which the gain is taken.
        most_rounds: rounds to turn at most.
        answers_left: that the budget still allows; None without a budget.
        items_left: of the pool that were never drawn; None where that is not known.
    """
    return (
        _target(rounds, accuracy)
        or _too_little(rounds, gain, window)
        or _used_up(answers_left, items_left)
        or _turned(rounds, most_rounds)
    )


def _target(rounds: Sequence[Measured], accuracy: float | None) -> Enough | None:
    found = rounds[-1].accuracy if rounds else Measure(None)
    if accuracy is None or found.low is None or found.value is None or found.low < accuracy:
        return None
    return Enough(
        Rule.ACCURACY,
        f"the target is met: accuracy {found.value:.3f}, and its interval begins at {found.low:.3f}, "
        f"not below {accuracy:g}",
    )


def _too_little(rounds: Sequence[Measured], gain: float | None, window: int) -> Enough | None:
    if gain is None:
        return None
    found = gain_per_100(rounds, window)
    if found.high is None or found.value is None or found.low is None or found.high >= gain:
        return None
    return Enough(
        Rule.GAIN,
        f"100 more answers bring too little: {found.value:+.4f} ({found.low:+.4f} to {found.high:+.4f}) over the last "
        f"{window} rounds, below {gain:g}",
    )


def _used_up(answers_left: int | None, items_left: int | None) -> Enough | None:
    if answers_left is not None and answers_left <= 0:
        return Enough(Rule.BUDGET, "the budget is used up")
    if items_left is not None and items_left <= 0:
        return Enough(Rule.POOL, "the pool is exhausted")
    return None


def _turned(rounds: Sequence[Measured], most_rounds: int | None) -> Enough | None:
    if most_rounds is None or not rounds or rounds[-1].round < most_rounds:
        return None
    return Enough(Rule.ROUNDS, f"{rounds[-1].round} rounds are turned, as loop.stop.rounds asks")
