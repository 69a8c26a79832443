"""What suggestions do to answers: those who saw one against those from whom it was held back at random."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import NormalDist, fmean, variance
from typing import Any

from labelwright.learning.accuracy import wilson
from labelwright.model.measure import Measure

#: Fewer answers in an arm say nothing about a difference.
FEWEST = 10


@dataclass(frozen=True, slots=True)
class Helped:
    """One answer to a task for which there was a confident suggestion.

    Attributes:
        annotator: who answered.
        shown: the suggestion stood on the screen; False where it was held back at random.
        suggested: the suggested label.
        answer: the label given; None where the task was skipped.
        seconds: lead time; None where none was recorded.
        truth: the label as known from gold or an expert; None where nobody knows.
    """

    annotator: str
    shown: bool
    suggested: str
    answer: str | None
    seconds: float | None = None
    truth: str | None = None


@dataclass(frozen=True, slots=True)
class Anchoring:
    """The measured effect; every difference is shown less held back.

    Attributes:
        shown: answers with a suggestion on the screen.
        control: answers for which it was held back.
        agreement: difference of the share of answers equal to the suggestion.
        wrong_agreement: the same where the suggestion is known to be wrong: pure anchoring.
        accuracy: difference of the share of right answers, where the truth is known.
        time: ratio of the mean times (geometric); 0.8 is a fifth faster.
        people: by annotator: shown, accepted, changed, skipped.
    """

    shown: int
    control: int
    agreement: Measure
    wrong_agreement: Measure
    accuracy: Measure
    time: Measure
    people: tuple[tuple[str, int, int, int, int], ...]

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        names = ("annotator", "shown", "accepted", "changed", "skipped")
        return {
            "shown": self.shown,
            "control": self.control,
            "agreement": self.agreement.as_dict(),
            "wrong_agreement": self.wrong_agreement.as_dict(),
            "accuracy": self.accuracy.as_dict(),
            "time": self.time.as_dict(),
            "people": [dict(zip(names, row, strict=True)) for row in self.people],
        }


def anchoring(answers: Iterable[Helped]) -> Anchoring:
    """The effect of suggestions, from answers of which a random share was given without them.

    Differences of shares have R. G. Newcombe's hybrid score interval (Statistics in Medicine 17, 1998, method 10);
    the ratio of times is that of the geometric means, its interval Welch's on the logarithms. Answers of one annotator
    are taken as independent: with few annotators the intervals are too narrow.
    """
    rows = list(answers)
    given = [r for r in rows if r.answer is not None]
    wrong = [r for r in given if r.truth is not None and r.truth != r.suggested]
    return Anchoring(
        shown=sum(r.shown for r in rows),
        control=sum(not r.shown for r in rows),
        agreement=_difference(given, _agrees),
        wrong_agreement=_difference(wrong, _agrees),
        accuracy=_difference([r for r in given if r.truth is not None], lambda r: r.answer == r.truth),
        time=_ratio(given),
        people=tuple(_person(name, rows) for name in sorted({r.annotator for r in rows if r.shown})),
    )


def _agrees(row: Helped) -> bool:
    return row.answer == row.suggested


def _difference(rows: Sequence[Helped], holds: Callable[[Helped], bool]) -> Measure:
    """Share among those shown less the share among the others."""
    a, b = [holds(r) for r in rows if r.shown], [holds(r) for r in rows if not r.shown]
    if min(len(a), len(b)) < FEWEST:
        return Measure(None, n_items=len(rows), reason=_too_few(len(a), len(b)))
    p, q = fmean(a), fmean(b)
    (low_p, high_p), (low_q, high_q) = wilson(sum(a), len(a)), wilson(sum(b), len(b))
    down, up = math.hypot(p - low_p, high_q - q), math.hypot(high_p - p, q - low_q)
    return Measure(p - q, p - q - down, p - q + up, len(rows), len(rows))


def _ratio(rows: Sequence[Helped]) -> Measure:
    """Geometric mean time of those shown over that of the others."""
    timed = [(r.shown, math.log(r.seconds)) for r in rows if r.seconds is not None and r.seconds > 0]
    a, b = [t for shown, t in timed if shown], [t for shown, t in timed if not shown]
    if min(len(a), len(b)) < FEWEST:
        return Measure(None, n_items=len(timed), reason=_too_few(len(a), len(b)))
    gap = fmean(a) - fmean(b)
    half = NormalDist().inv_cdf(0.975) * math.sqrt(variance(a) / len(a) + variance(b) / len(b))
    return Measure(math.exp(gap), math.exp(gap - half), math.exp(gap + half), len(timed), len(timed))


def _too_few(shown: int, control: int) -> str:
    return f"{shown} answers with and {control} without a suggestion; each side needs {FEWEST}"


def _person(name: str, rows: Sequence[Helped]) -> tuple[str, int, int, int, int]:
    own = [r for r in rows if r.shown and r.annotator == name]
    accepted, skipped = sum(_agrees(r) for r in own), sum(r.answer is None for r in own)
    return name, len(own), accepted, len(own) - accepted - skipped, skipped
