"""Whether an annotator keeps getting work: bounds that hold after every answer, with a stated rate of false alarms."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, betaincinv, betaln

from labelwright.model.errors import UsageError

#: Chance of turning careless at each answer to gold, as the weights of the evidence assume it.
_HAZARD = 0.02
#: Answers before pace is judged, and how many of the last ones are looked at.
PACE_ANSWERS = 20


@dataclass(frozen=True, slots=True)
class GoldBound:
    """What gold says about one annotator.

    Attributes:
        right: right answers.
        n: answers to gold.
        evidence: against "right at least as often as the mark", as the wealth of somebody who bets on it; 1 at first.
        below: the evidence has reached 1 / false_alarm.
    """

    right: int
    n: int
    evidence: float
    below: bool


def gold_bound(rights: Sequence[bool], mark: float, false_alarm: float) -> GoldBound:
    """Is she right less often than the mark, from the start or since some time? May be asked after every answer.

    From answer k on, the evidence is the likelihood of what followed under a rate drawn uniformly below the mark, over
    that at the mark: W_k = ∫₀^q a^s (1−a)^f da / (q · q^s (1−q)^f). The evidence here is Σ w_k W_k over all k, with
    w_k = 1 / (k (k + 1)), where W_k = 1 for answers to come: so somebody who turns careless half-way is found, too. For
    whoever is right with probability q or more on each item, whatever came before, it is a nonnegative supermartingale
    that starts at 1 and ever reaches 1/α with probability at most α (Ville 1939; mixtures as in Robbins 1970 and
    Shin, Ramdas and Rinaldo 2023). So ``false_alarm`` bounds the chance that she is *ever* accused.

    Args:
        rights: whether each answer to gold was right, in the order of time.
        mark: the share q that is asked for, between 0 and 1.
        false_alarm: α, between 0 and 1.
    """
    if not (0 < mark < 1 and 0 < false_alarm < 1):
        raise UsageError("mark and false_alarm lie between 0 and 1", where=f"{mark}, {false_alarm}")
    x = np.asarray(rights, np.float64)
    n = x.size
    weight = 0.5 * _HAZARD * (1 - _HAZARD) ** np.arange(n)
    weight[:1] += 0.5
    to_come = 0.5 * (1 - _HAZARD) ** n + (0.5 if n == 0 else 0.0)
    total = to_come + float((weight * _since(x, mark)).sum())
    return GoldBound(int(x.sum()), n, total, total >= 1 / false_alarm)


def _since(x: NDArray[np.float64], mark: float) -> NDArray[np.float64]:
    """W_k for every k: the evidence in the answers from the k-th on."""
    right = np.cumsum(x[::-1])[::-1]
    wrong = np.arange(x.size, 0, -1) - right
    inside = np.maximum(betainc(right + 1, wrong + 1, mark), 1e-300)
    log = np.log(inside) + betaln(right + 1, wrong + 1) - (right + 1) * math.log(mark) - wrong * math.log1p(-mark)
    return np.asarray(np.exp(np.minimum(log, 700.0)))


@dataclass(frozen=True, slots=True)
class PassBound:
    """What a qualification round says.

    Attributes:
        low: one-sided lower bound of her share of right answers (Clopper and Pearson 1934).
        passed: the bound is at the mark or above.
    """

    right: int
    n: int
    low: float
    passed: bool


def pass_bound(right: int, n: int, mark: float, confidence: float) -> PassBound:
    """Is it shown that she is right at least as often as the mark?

    Args:
        right: right answers.
        n: answers.
        mark: the share that is asked for.
        confidence: of the one-sided bound, 0 to 1: somebody below the mark passes in at most the rest of cases.
    """
    low = 0.0 if right == 0 else float(betaincinv(right, n - right + 1, 1 - confidence))
    return PassBound(right, n, low, n > 0 and low >= mark)


def fewest_right(n: int, mark: float, confidence: float) -> int | None:
    """Right answers of ``n`` that pass; None where even all of them do not."""
    return next((k for k in range(n + 1) if pass_bound(k, n, mark, confidence).passed), None)


def too_fast(seconds: Sequence[float], usual: float | None, share: float) -> float | None:
    """The median of her last answers where it is impossibly short, else None.

    Args:
        seconds: lead times in the order of time.
        usual: the median of the others.
        share: a median below this share of the usual one is impossible.
    """
    if usual is None or len(seconds) < PACE_ANSWERS:
        return None
    hers = median(seconds[-PACE_ANSWERS:])
    return hers if hers < share * usual else None


def looked_at(n: int, first: int = 20) -> tuple[int, int, float] | None:
    """The planned look that ``n`` answers have reached: the block that it is about, and its part of the false alarm.

    Blocks are the first 20 answers, the next 20, the next 40, the next 80 …: each is looked at once, when it is whole,
    so that somebody who turns careless is found in the next block. The k-th look may spend 1 / (k (k + 1)) of the false
    alarm. These sum to 1: so a test that holds for a fixed number of answers may be repeated as they come in.

    Returns:
        Where the block starts and ends among her answers, and its share of the false alarm; None before the first.
    """
    if n < first:
        return None
    k = int(math.log2(n / first) + 1e-9) + 1
    end = first * 2 ** (k - 1)
    return (0 if k == 1 else end // 2), end, 1 / (k * (k + 1))
