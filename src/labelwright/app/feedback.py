"""One annotator's own report: how right, where she confuses what, how it goes, what goes well.

It never shows an item that is still asked as gold or that waits on somebody's desk, and never a colleague's name.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import pairwise
from statistics import median
from typing import Any

from labelwright.app.answers import Reply, is_right, known_labels
from labelwright.app.beside import Differing, beside_expert
from labelwright.app.consistency import consistency, kept_back
from labelwright.app.context import Project
from labelwright.app.gold import drawn_gold, fair_gold
from labelwright.app.review_report import share
from labelwright.app.team import TRIAL_ID
from labelwright.model.consensus import ConsensusState, ItemConsensus
from labelwright.model.measure import Measure
from labelwright.model.people import Message
from labelwright.model.project import Annotator, AssignmentState, Purpose

#: Answers to an item at least, before the label that they give is held against one of them.
FEWEST_VOTES = 3
_BLOCK = 15
_MOST_BLOCKS = 8
_MOST_CONFUSIONS = 5
_MOST_EXAMPLES = 3
_FEWEST_RIGHT = 10
_OWN = frozenset({Purpose.LABEL, Purpose.OVERLAP, Purpose.TEST, Purpose.GOLD, Purpose.REASK, Purpose.RETURN})
_OPEN = frozenset({AssignmentState.PLANNED, AssignmentState.DELIVERED})


@dataclass(frozen=True, slots=True)
class Example:
    """An item on which she said one thing and the settled label is another. ``why`` is the expert's reason."""

    item: str
    text: str
    hers: str
    label: str
    why: str | None


@dataclass(frozen=True, slots=True)
class Confused:
    """One class taken for another: how often, of how many items of that class, with examples."""

    label: str
    hers: str
    times: int
    of: int
    examples: tuple[Example, ...] = ()


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of her answers in the order of time: accuracy with its interval, and seconds an answer."""

    until: datetime
    accuracy: Measure
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Feedback:
    """What one annotator sees of herself.

    Attributes:
        gold: share of right answers to items whose label is known.
        settled: the same to items whose label others or experts settled, at least `FEWEST_VOTES` answers or an expert.
        team: the middle of the team's shares of the same kind, without names; None with fewer than three people.
        beside_expert: agreement with experts on the same items.
        differing: some of those on which they differ, without the expert's name.
        consistent: of the items that she was asked twice, the share that she answered the same.
        seconds: her usual time an answer, and the team's.
        praise: what goes well, in sentences; only what the numbers bear out.
    """

    id: str
    name: str
    project: str
    level: str
    status: str
    reason: str | None
    answers: int
    skipped: int
    gold: Measure
    settled: Measure
    team: float | None
    beside_expert: Measure
    consistent: Measure
    seconds: float | None
    team_seconds: float | None
    confusions: tuple[Confused, ...]
    trend: tuple[Block, ...]
    praise: tuple[str, ...]
    messages: tuple[Message, ...] = ()
    differing: tuple[Differing, ...] = ()
    simulated: str | None = None


@dataclass(frozen=True, slots=True)
class _Judged:
    """An answer, the settled label, and whether they are the same."""

    reply: Reply
    label: str
    right: bool
    why: str | None


@dataclass(frozen=True, slots=True)
class Everyone:
    """What the reports of all annotators rest on, read once however many reports are made.

    Attributes:
        replies: by annotator, in the order of time.
        judged: by annotator, those that can be held against a settled label.
        seconds: by annotator, the usual time an answer.
        hidden: items that no report shows.
        counts: assignments by annotator, purpose and state.
    """

    replies: Mapping[str, Sequence[Reply]]
    judged: Mapping[str, Sequence[_Judged]]
    seconds: Mapping[str, float]
    hidden: frozenset[str]
    counts: Mapping[tuple[str, str, str], int]


def everyone(project: Project, replies: Sequence[Reply]) -> Everyone:
    """What all reports share; ``replies`` as `replies_of` gives them."""
    by_person: dict[str, list[Reply]] = defaultdict(list)
    for r in replies:
        by_person[r.annotator].append(r)
    judged, usual = _judge(replies, _settled(project)), _usual_seconds(replies)
    return Everyone(by_person, judged, usual, frozenset(hidden_items(project)), project.store.counts())


def feedback_of(project: Project, annotator: Annotator, replies: Sequence[Reply] | Everyone) -> Feedback:
    """The report of one annotator.

    Args:
        project: the labeling project; its consensus is read as it was last settled.
        annotator: whose report.
        replies: everybody's answers (`replies_of`), or what was made of them for several reports (`everyone`).
    """
    known = replies if isinstance(replies, Everyone) else everyone(project, replies)
    mine, hers = known.judged.get(annotator.id, []), known.replies.get(annotator.id, [])
    own = [r for r in hers if r.last and r.purpose is not Purpose.REVIEW]
    usual = known.seconds
    hidden = known.hidden | kept_back(project, annotator.id, hers)
    beside = beside_expert(project, annotator, known.replies, hidden)
    return Feedback(
        id=annotator.id,
        name=annotator.name,
        project=project.settings.name,
        level=annotator.level.value,
        status=annotator.status.value,
        reason=annotator.reason,
        answers=len(own),
        skipped=sum(n for (who, _, state), n in known.counts.items() if who == annotator.id and state == "skipped"),
        gold=_on_gold(project, hers),
        settled=share([j.right for j in mine], "none of your items is settled by others yet"),
        team=_middle(known.judged, annotator.id),
        beside_expert=beside.same,
        differing=beside.differing,
        consistent=consistency(annotator.id, hers),
        seconds=usual.get(annotator.id),
        team_seconds=median(usual.values()) if len(usual) > 2 else None,
        confusions=_confusions(project, mine, hidden),
        trend=_trend(mine),
        praise=_praise(project, annotator.id, mine),
        messages=tuple(reversed(project.store.messages(annotator.id))),
        simulated=project.settings.simulated,
    )


def _settled(project: Project) -> dict[str, ItemConsensus]:
    """Labels that may be held against somebody: an expert's, or those of enough answers."""
    return {
        c.item: c
        for c in project.store.consensus(project.control.name)
        if c.label is not None
        and (c.state is ConsensusState.ADJUDICATED or (c.state is ConsensusState.ACCEPTED and c.votes >= FEWEST_VOTES))
    }


def _judge(replies: Sequence[Reply], settled: Mapping[str, ItemConsensus]) -> dict[str, list[_Judged]]:
    found: dict[str, list[_Judged]] = defaultdict(list)
    for r in replies:
        known = settled.get(r.item)
        if known is None or known.label is None or known.by == r.annotator:
            continue
        if r.last and r.purpose in _OWN and r.label is not None:
            why = known.reason if known.state is ConsensusState.ADJUDICATED else None
            found[r.annotator].append(_Judged(r, known.label, r.label == known.label, why))
    return found


def _on_gold(project: Project, hers: Sequence[Reply]) -> Measure:
    """All gold that she answered as such, taken together: one number tells no item."""
    gold = known_labels(project.store.gold(project.control.name))
    drawn = drawn_gold(project, gold.values())
    asked = [r for r in hers if r.item in gold and r.purpose in {Purpose.GOLD, Purpose.QUALIFICATION} and r.last]
    rights = [is_right(r, gold[r.item], drawn.get(r.item, ())) for r in asked]
    return share(rights, "you have not met an item whose label is known yet")


def _middle(judged: Mapping[str, Sequence[_Judged]], who: str) -> float | None:
    others = [
        sum(j.right for j in own) / len(own)
        for person, own in judged.items()
        if person not in {who, TRIAL_ID} and len(own) >= _BLOCK
    ]
    return median(others) if len(others) > 2 else None


def _usual_seconds(replies: Sequence[Reply]) -> dict[str, float]:
    found: dict[str, list[float]] = defaultdict(list)
    for r in replies:
        if r.seconds and r.purpose is not Purpose.REVIEW:
            found[r.annotator].append(r.seconds)
    return {who: median(own) for who, own in found.items() if len(own) >= 5}


# ---------------------------------------------------------------- confusions


def _confusions(project: Project, mine: Sequence[_Judged], hidden: frozenset[str]) -> tuple[Confused, ...]:
    of = Counter(j.label for j in mine)
    pairs: dict[tuple[str, str], list[_Judged]] = defaultdict(list)
    for j in mine:
        if not j.right and j.reply.label is not None:
            pairs[j.label, j.reply.label].append(j)
    ranked = sorted(pairs.items(), key=lambda p: (-len(p[1]), p[0]))[:_MOST_CONFUSIONS]
    wanted = {j.reply.item for _, own in ranked for j in own} - hidden
    items = project.store.items(wanted)
    fields = [f for f in project.schema.data_fields if f not in project.media.fields]
    return tuple(
        Confused(label, hers, len(own), of[label], _examples(own, items, fields)) for (label, hers), own in ranked
    )


def hidden_items(project: Project) -> set[str]:
    """Items that no report shows: gold by which people are measured, and what somebody still has to answer."""
    doubted = {g.item for g in project.store.gold() if g.suspected is not None and g.retired_at is None}
    waiting = {a.item for a in project.store.assignments(trial=False) if a.state in _OPEN}
    return {g.item for g in fair_gold(project)} | doubted | waiting


def _examples(own: Sequence[_Judged], items: Mapping[str, Any], fields: Sequence[str]) -> tuple[Example, ...]:
    """The explained ones first, then the newest."""
    shown = [j for j in own if j.reply.item in items]
    shown.sort(key=lambda j: (j.why is None, -j.reply.at.timestamp()))
    return tuple(
        Example(
            j.reply.item,
            " ".join(str(items[j.reply.item].data.get(f, "")) for f in fields)[:600],
            j.reply.label or "",
            j.label,
            j.why,
        )
        for j in shown[:_MOST_EXAMPLES]
    )


# ---------------------------------------------------------------- trend and praise


def _trend(mine: Sequence[_Judged]) -> tuple[Block, ...]:
    """Equal stretches of at least 15 judged answers each, in the order of time."""
    n = min(_MOST_BLOCKS, len(mine) // _BLOCK)
    ordered = sorted(mine, key=lambda j: j.reply.at)
    edges = [round(k * len(ordered) / n) for k in range(n + 1)] if n else []
    return tuple(_block(ordered[a:b]) for a, b in pairwise(edges))


def _block(part: Sequence[_Judged]) -> Block:
    seconds = [j.reply.seconds for j in part if j.reply.seconds]
    return Block(part[-1].reply.at, share([j.right for j in part], ""), median(seconds) if seconds else None)


def _praise(project: Project, who: str, mine: Sequence[_Judged]) -> tuple[str, ...]:
    return (*_best_class(mine), *_better(mine), *_against_the_many(project, who, mine))


def _best_class(mine: Sequence[_Judged]) -> Iterable[str]:
    by_class: dict[str, list[bool]] = defaultdict(list)
    for j in mine:
        by_class[j.label].append(j.right)
    good = {c: x for c, x in by_class.items() if len(x) >= _FEWEST_RIGHT and sum(x) / len(x) >= 0.9}
    if good:
        best = max(good, key=lambda c: (sum(good[c]) / len(good[c]), len(good[c])))
        yield f"You know {best}: {sum(good[best])} of {len(good[best])} right."


def _better(mine: Sequence[_Judged]) -> Iterable[str]:
    """Said only where the intervals of the first and the last stretch do not overlap."""
    trend = _trend(mine)
    if len(trend) < 2:
        return
    first, last = trend[0].accuracy, trend[-1].accuracy
    if first.high is not None and last.low is not None and last.low > first.high:
        yield f"You have become better: from {first.value:.0%} at first to {last.value:.0%} lately."


def _against_the_many(project: Project, who: str, mine: Sequence[_Judged]) -> Iterable[str]:
    """An expert agreed with her where the label had been another one."""
    right = {j.reply.item for j in mine if j.right}
    words = [
        a
        for a in project.store.adjudications(project.control.name)
        if a.item in right and a.before is not None and a.before != a.label and a.by != who
    ]
    if words:
        n = len({a.item for a in words})
        yield f"On {n} {'item' if n == 1 else 'items'} you were right against the others: an expert decided as you did."


def as_dict(feedback: Feedback) -> dict[str, Any]:
    """For `--json`."""
    return {
        "id": feedback.id,
        "name": feedback.name,
        "level": feedback.level,
        "status": feedback.status,
        "reason": feedback.reason,
        "answers": feedback.answers,
        "skipped": feedback.skipped,
        "gold": feedback.gold.as_dict(),
        "settled": feedback.settled.as_dict(),
        "team": feedback.team,
        "beside_expert": feedback.beside_expert.as_dict(),
        "differing_from_expert": [asdict(d) for d in feedback.differing],
        "consistent": feedback.consistent.as_dict(),
        "seconds": feedback.seconds,
        "team_seconds": feedback.team_seconds,
        "confusions": [
            {
                "label": c.label,
                "hers": c.hers,
                "times": c.times,
                "of": c.of,
                "examples": [
                    {"item": e.item, "text": e.text, "hers": e.hers, "label": e.label, "why": e.why} for e in c.examples
                ],
            }
            for c in feedback.confusions
        ],
        "trend": [
            {"until": b.until.isoformat(), "accuracy": b.accuracy.as_dict(), "seconds": b.seconds}
            for b in feedback.trend
        ],
        "praise": list(feedback.praise),
        "messages": [{"kind": m.kind, "text": m.text, "at": m.at.isoformat()} for m in feedback.messages],
        "simulated": feedback.simulated,
    }
