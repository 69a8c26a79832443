"""Rankings: buckets by vote, the order within them by Bradley and Terry's model with careless annotators."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations, pairwise

from labelwright.app.inferring.classes import known
from labelwright.app.inferring.values import Inferred
from labelwright.app.tables import PATH_JOINT, Regions
from labelwright.consensus import BradleyTerry, preferences_of_rankings
from labelwright.model.values import Entry, Ranking

_METHOD = "BradleyTerry"


def infer_rankings(regions: Regions, gold: Mapping[str, str]) -> dict[str, Inferred]:
    """One order of each item's objects, from all annotators' orders at once.

    An object lies in the bucket where most annotators put it; within a bucket the better score stands first. Scores
    compare within an item only. The posterior is the share of the answers' pairs of objects that keep its order; two
    neighbours with the same score leave the item contested.

    Args:
        regions: the control's entries by item and annotator.
        gold: rankings that are known, written as labels.
    """
    orders = {key: found for key, entries in regions.items() if (found := _ranking(entries)) is not None}
    rows = [(who, [(item, x) for x in _flat(r)]) for (item, who), r in orders.items()]
    preferences = preferences_of_rankings(_as_text(rows))
    if preferences.is_empty():
        return {}
    result = BradleyTerry().fit(preferences)
    score = {str(name): float(s) for name, s in zip(result.objects, result.score, strict=True)}
    answers: dict[str, list[Ranking]] = defaultdict(list)
    for (item, _), ranking in orders.items():
        answers[item].append(ranking)
    return known({item: _settled(item, given, score) for item, given in answers.items()}, gold)


def _ranking(entries: Sequence[Entry]) -> Ranking | None:
    return next((e.value for e in entries if isinstance(e.value, Ranking)), None)


def _flat(ranking: Ranking) -> list[str]:
    return [x for _, objects in ranking.buckets for x in objects]


def _name(item: str, thing: str) -> str:
    return f"{item}\x1f{thing}"


def _as_text(rows: Iterable[tuple[str, list[tuple[str, str]]]]) -> list[tuple[str, list[str]]]:
    """Objects named with their item: the same object of two items is two."""
    return [(who, [_name(item, thing) for item, thing in order]) for who, order in rows]


def _settled(item: str, answers: Sequence[Ranking], score: Mapping[str, float]) -> Inferred:
    names = list(dict.fromkeys(name for r in answers for name, _ in r.buckets))
    homes: dict[str, Counter[str]] = defaultdict(Counter)
    for ranking in answers:
        for name, objects in ranking.buckets:
            for thing in objects:
                homes[thing][name] += 1
    home = {thing: max(names, key=lambda n, c=c: c[n]) for thing, c in homes.items()}  # type: ignore[misc]
    best = sorted(home, key=lambda t: (-round(score.get(_name(item, t), 0.0), 9), t))
    value = Ranking(tuple((n, tuple(t for t in best if home[t] == n)) for n in names))
    kept, pairs = _kept(value, answers)
    same = all(r == answers[0] for r in answers)
    tied = any(_level(item, value, score)) or any(len(c) > 1 and _even(c) for c in homes.values())
    return Inferred(
        label=" | ".join(f"{n}: {PATH_JOINT.join(things)}" for n, things in value.buckets),
        posterior=kept / pairs if pairs else 1.0,
        contested=tied and not same,
        votes=len(answers),
        differing=not same,
        method=_METHOD,
        value=value,
    )


def _kept(value: Ranking, answers: Sequence[Ranking]) -> tuple[int, int]:
    """Pairs of objects of the answers in the same order, and all of them."""
    place = {thing: k for k, thing in enumerate(_flat(value))}
    pairs = [(place[a], place[b]) for r in answers for a, b in combinations(_flat(r), 2)]
    return sum(a < b for a, b in pairs), len(pairs)


def _level(item: str, value: Ranking, score: Mapping[str, float]) -> Iterable[bool]:
    """Whether neighbours in a bucket have the same score."""
    for _, things in value.buckets:
        s = [score.get(_name(item, t), 0.0) for t in things]
        yield from (abs(a - b) < 1e-6 for a, b in pairwise(s))


def _even(votes: Counter[str]) -> bool:
    (_, first), (_, second) = votes.most_common(2)
    return first == second
