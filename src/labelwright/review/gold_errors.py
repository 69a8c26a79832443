"""Known labels that are wrong, found by what everybody says; and experts who contradict each other."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv

# Fewer answers say nothing about a gold label.
_LEAST = 3
# Answers at everybody's rate that are counted with each annotator's own.
_LEAN = 10.0


@dataclass(frozen=True, slots=True)
class SuspectedGold:
    """A gold label that hardly anybody agrees with.

    Attributes:
        item: which.
        label: what gold says.
        others: what most of those who contradict it say.
        agree: answers equal to gold.
        answers: all answers to it.
        p: chance of so few equal answers if gold were right, given how often each annotator is right on other gold.
        threshold: it is suspected because ``p`` is at most this.
    """

    item: Any
    label: Any
    others: Any
    agree: int
    answers: int
    p: float
    threshold: float


def suspect_gold(
    answers: Iterable[tuple[Any, Any, Any]], gold: Mapping[Any, Any], *, alpha: float = 0.05
) -> tuple[SuspectedGold, ...]:
    """Gold whose label is probably wrong, the most suspicious first.

    For each gold item: the number of answers equal to gold has a Poisson-binomial law, with each annotator's chance to
    be wrong estimated on the **other** gold items (shrunk to everybody's rate with the weight of ten answers).
    Suspected are items whose lower tail is at most α / (gold items with three answers), and on which more than half of
    all answers are one and the same other label: with right labels, and annotators who err independently, the chance
    that any item of a job is suspected is at most α (Bonferroni). An item that is hard for everybody breaks the
    independence, but it is not missed in unison. What is found is shown to the lead; no label is changed.

    Args:
        answers: rows of item, annotator, label; of several by one annotator to one item the last counts.
        gold: known label by item.
        alpha: chance of any false alarm in a job.
    """
    by_item: dict[Any, dict[Any, Any]] = defaultdict(dict)
    for item, annotator, label in answers:
        if item in gold:
            by_item[item][annotator] = label
    seen = {item: said for item, said in by_item.items() if len(said) >= _LEAST}
    threshold = alpha / max(len(seen), 1)
    records = _Records.of(by_item, gold)
    found = [_tested(item, said, gold[item], records, threshold) for item, said in seen.items()]
    suspected = (s for s, unison in found if unison and s.p <= threshold)
    return tuple(sorted(suspected, key=lambda s: (s.p, str(s.item))))


class _Records(NamedTuple):
    """Wrong answers and answers of each annotator to gold, and everybody's rate of wrong ones."""

    wrong: Counter[Any]
    n: Counter[Any]
    rate: float

    @classmethod
    def of(cls, by_item: Mapping[Any, Mapping[Any, Any]], gold: Mapping[Any, Any]) -> _Records:
        wrong: Counter[Any] = Counter()
        n: Counter[Any] = Counter()
        for item, said in by_item.items():
            for annotator, label in said.items():
                n[annotator] += 1
                wrong[annotator] += label != gold[item]
        return cls(wrong, n, (wrong.total() + 1) / (n.total() + 2))

    def right_elsewhere(self, annotator: Any, *, wrong_here: bool) -> float:
        """The annotator's chance to be right, as the other gold items have it."""
        wrong, n = self.wrong[annotator] - wrong_here, self.n[annotator] - 1
        return 1 - (wrong + _LEAN * self.rate) / (n + _LEAN)


def _tested(
    item: Any, said: Mapping[Any, Any], label: Any, records: _Records, threshold: float
) -> tuple[SuspectedGold, bool]:
    """How unlikely so few right answers are, and whether most say one other thing."""
    chance = [records.right_elsewhere(a, wrong_here=x != label) for a, x in said.items()]
    agree = sum(x == label for x in said.values())
    votes = Counter(x for x in said.values() if x != label)
    others, most = max(votes.items(), key=lambda pair: (pair[1], str(pair[0])), default=(label, 0))
    return SuspectedGold(item, label, others, agree, len(said), _tail(chance, agree), threshold), most * 2 > len(said)


def _tail(chance: Sequence[float], agree: int) -> float:
    """P[so many or fewer are right] of independent answers, right with these chances."""
    law: NDArray[np.float64] = np.ones(1)
    for p in chance:
        law = np.asarray(np.convolve(law, (1 - p, p)), np.float64)
    return float(min(law[: agree + 1].sum(), 1.0))


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two experts on the same item with different labels."""

    item: Any
    experts: tuple[Any, Any]
    labels: tuple[Any, Any]


@dataclass(frozen=True, slots=True)
class ExpertAgreement:
    """How far experts agree where two of them judged the same item.

    Attributes:
        pairs: pairs of judgements of one item.
        contradictions: those with different labels.
        share: of contradictions; None without a pair.
        low: lower end of its 95 % Clopper-Pearson interval.
        high: upper end.
    """

    pairs: int
    contradictions: tuple[Contradiction, ...]
    share: float | None
    low: float | None
    high: float | None


def expert_agreement(adjudications: Iterable[tuple[Any, Any, Any]]) -> ExpertAgreement:
    """Contradictions between experts; a certificate that takes them as truth is not surer than they are.

    Args:
        adjudications: rows of item, expert, label; of several by one expert on one item the last counts.
    """
    by_item: dict[Any, dict[Any, Any]] = defaultdict(dict)
    for item, expert, label in adjudications:
        by_item[item][expert] = label
    pairs = [
        Contradiction(item, (a, b), (said[a], said[b]))
        for item, said in by_item.items()
        for a, b in combinations(sorted(said, key=str), 2)
    ]
    apart = tuple(p for p in pairs if p.labels[0] != p.labels[1])
    if not pairs:
        return ExpertAgreement(0, (), None, None, None)
    k, n = len(apart), len(pairs)
    low = 0.0 if k == 0 else float(betaincinv(k, n - k + 1, 0.025))
    high = 1.0 if k == n else float(betaincinv(k + 1, n - k, 0.975))
    return ExpertAgreement(n, apart, k / n, low, high)
