"""Watches over gold and people: gold that everybody contradicts, annotators below the mark, at random, or too fast."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from statistics import median

import polars as pl

from labelwright.app.answers import Reply, is_right
from labelwright.app.context import Project
from labelwright.app.gold import drawn_gold, fair_gold
from labelwright.app.team import TRIAL_ID
from labelwright.app.team_status import change_status
from labelwright.assignment.standing import PACE_ANSWERS, gold_bound, looked_at, too_fast
from labelwright.consensus import copying, random_answering
from labelwright.model.people import LEAD, GoldItem, Message
from labelwright.model.project import Annotator, AnnotatorStatus, Purpose
from labelwright.model.values import Entry
from labelwright.review.gold_errors import suspect_gold

#: Who decides what nobody decided by hand.
BY = "labelwright"
#: Others' answers to an item at least, before anybody's are held against them.
_OTHERS = 2
#: Answers to gold that a reason tells apart, because somebody may have turned careless only lately.
_RECENT = 10
#: Chance that any right gold label is taken out of use.
_GOLD_ALARM = 0.01
_MEASURING = frozenset({Purpose.GOLD, Purpose.LABEL, Purpose.OVERLAP, Purpose.TEST})


@dataclass(frozen=True, slots=True)
class Finding:
    """Why an annotator should be paused: a short name, and words that she and the lead read."""

    annotator: str
    kind: str
    reason: str


# ---------------------------------------------------------------- gold


def doubt_gold(project: Project, replies: Sequence[Reply]) -> int:
    """Take gold out of use that nearly everybody contradicts in unison, and tell the lead; how many items."""
    gold = {g.item: g for g in project.store.gold(project.control.name) if g.active and g.label is not None}
    said = [(r.item, r.annotator, r.label) for r in replies if r.item in gold and r.last and r.label is not None]
    found = suspect_gold(said, {i: g.label or "" for i, g in gold.items()}, alpha=_GOLD_ALARM)
    now = project.clock.now()
    doubted, messages = [], []
    for s in found:
        against = f"{s.answers - s.agree} of {s.answers} annotators contradict it"
        reason = f"{against}, most of them with {s.others} (p = {s.p:.1g})"
        doubted.append(replace(gold[s.item], suspected=reason))
        text = (
            f"The gold label of {s.item} ({s.label}) may be wrong: {reason}. It counts for nobody until you decide: "
            f"labelwright gold add FILE with the right label, or labelwright gold retire {s.item}"
        )
        messages.append(Message(f"gold:{s.item}:{s.label}:{s.answers}", LEAD, "gold", text, now, s.item))
    project.store.put_gold(doubted)
    project.store.put_messages(messages)
    return len(doubted)


def retire_worn(project: Project) -> int:
    """Gold that as many people have seen as the settings allow is asked no more."""
    most = project.settings.gold.most_exposures
    now = project.clock.now()
    worn = [g for g in project.store.gold(project.control.name) if g.active and g.exposures >= most]
    reason = f"worn: {most} annotators have seen it"
    project.store.put_gold([replace(g, retired_at=now, retired_reason=reason) for g in worn])
    return len(worn)


# ---------------------------------------------------------------- people


def watch_people(project: Project, replies: Sequence[Reply]) -> list[Finding]:
    """Pause who is found careless, once each; what was found."""
    if not project.settings.watch.auto_pause:
        return []
    people = {a.id: a for a in project.store.annotators()}
    found = {f.annotator: f for f in reversed(findings(project, replies))}
    for finding in found.values():
        change_status(project, people[finding.annotator], AnnotatorStatus.PAUSED, finding.reason, BY)
    return list(found.values())


def findings(project: Project, replies: Sequence[Reply]) -> list[Finding]:
    """What is found about active annotators, the strongest reason first; nothing is done about it."""
    active = [a for a in project.store.annotators() if a.status is AnnotatorStatus.ACTIVE and a.id != TRIAL_ID]
    since = _since(project)
    fresh = [r for r in replies if r.at >= since.get(r.annotator, r.at) and r.purpose in _MEASURING]
    mine: dict[str, list[Reply]] = defaultdict(list)
    for r in fresh:
        mine[r.annotator].append(r)
    gold = {g.item: g for g in fair_gold(project)}
    drawn = drawn_gold(project, gold.values())
    found = [f for a in active if (f := _below_mark(project, a, mine[a.id], gold, drawn))]
    found += _at_random(project, active, mine, replies)
    return found + [f for a in active if (f := _too_fast(project, a, mine))]


def _since(project: Project) -> dict[str, datetime]:
    """When each annotator was last made active: what was before is settled."""
    return {c.annotator: c.at for c in project.store.status_changes() if c.after is AnnotatorStatus.ACTIVE}


def _below_mark(
    project: Project,
    person: Annotator,
    replies: Sequence[Reply],
    gold: Mapping[str, GoldItem],
    drawn: Mapping[str, tuple[Entry, ...]],
) -> Finding | None:
    watch = project.settings.watch
    asked = [r for r in replies if r.purpose is Purpose.GOLD and r.item in gold]
    rights = [is_right(r, gold[r.item], drawn.get(r.item, ())) for r in asked]
    bound = gold_bound(rights, watch.pass_mark, watch.false_alarm)
    if not bound.below:
        return None
    reason = (
        f"{bound.right} of your {bound.n} answers to items whose label is known were right, {_last(rights)} of the "
        f"last {min(len(rights), _RECENT)}; at least {watch.pass_mark:.0%} is asked for. "
        f"Who is right that often is paused by mistake in at most {watch.false_alarm:.0%} of cases."
    )
    return Finding(person.id, "gold", reason)


def _last(rights: Sequence[bool]) -> int:
    return sum(rights[-_RECENT:])


def _at_random(
    project: Project, active: Sequence[Annotator], mine: Mapping[str, Sequence[Reply]], replies: Sequence[Reply]
) -> list[Finding]:
    """Answers that do not depend on the item, looked at block by block."""
    everybody = [r for r in replies if r.last and r.label is not None and r.purpose in _MEASURING]
    per_item: dict[str, set[str]] = defaultdict(set)
    for r in everybody:
        per_item[r.item].add(r.annotator)
    found = []
    for person in active:
        comparable = [r for r in mine[person.id] if r.last and len(per_item[r.item]) > _OTHERS]
        look = looked_at(len(comparable))
        if look is None:
            continue
        counted = {r.item for r in comparable[look[0] : look[1]]}
        rows = [r for r in everybody if r.item in counted]
        if _answers_blindly(person.id, rows, project.settings.watch.false_alarm * look[2]):
            reason = (
                f"Your last answers do not depend on the item: on {len(counted)} items that others answered, too, you "
                "agree with them no more often than somebody who does not look. Who looks is paused for this by "
                f"mistake in at most {project.settings.watch.false_alarm:.0%} of cases."
            )
            found.append(Finding(person.id, "random", reason))
    return found


def _answers_blindly(who: str, rows: Sequence[Reply], alpha: float) -> bool:
    verdicts = dict(random_answering(_frame(rows), alpha=alpha).select("annotator", "verdict").iter_rows())
    return verdicts.get(who) in {"random", "constant"}


def tell_of_copying(project: Project, replies: Sequence[Reply]) -> int:
    """Tell the lead of pairs who share more mistakes than people who work apart; how many pairs.

    Nobody is paused for it: the answers do not tell who copied from whom. It looks at planned numbers of shared items
    only, so that looking often does not raise the false alarm.
    """
    people = {a.id: a.name for a in project.store.annotators() if a.id != TRIAL_ID}
    rows = [r for r in replies if r.last and r.label is not None and r.purpose in _MEASURING and r.annotator in people]
    answered: dict[str, list[datetime]] = defaultdict(list)
    for r in rows:
        answered[r.item].append(r.at)
    shared = sorted((max(at), item) for item, at in answered.items() if len(at) > _OTHERS)
    look = looked_at(len(shared))
    if look is None:
        return 0
    counted = {item for _, item in shared[: look[1]]}
    alpha = project.settings.watch.false_alarm * look[2]
    found = copying(_frame([r for r in rows if r.item in counted]), alpha=alpha).filter(pl.col("copies"))
    now = project.clock.now()
    messages = [
        Message(
            f"copying:{a}:{b}",
            LEAD,
            "copying",
            f"{people[a]} and {people[b]} gave the same answer on {matches} of {apart} items where it stands against "
            f"all others; {expected:.1f} would be expected of two who work apart. A team that works apart is accused "
            f"in at most {project.settings.watch.false_alarm:.0%} of jobs. Compare their times, and ask both.",
            now,
        )
        for a, b, matches, apart, expected in found.select("a", "b", "matches", "apart", "expected").iter_rows()
    ]
    project.store.put_messages(messages)
    return len(messages)


def _frame(rows: Sequence[Reply]) -> pl.DataFrame:
    return pl.DataFrame(
        [(r.item, r.annotator, r.label) for r in rows],
        schema={"item": pl.String, "annotator": pl.String, "label": pl.String},
        orient="row",
    )


def _too_fast(project: Project, person: Annotator, mine: Mapping[str, Sequence[Reply]]) -> Finding | None:
    others = [
        median(s)
        for who, replies in mine.items()
        if who != person.id and len(s := [r.seconds for r in replies if r.seconds]) >= PACE_ANSWERS
    ]
    seconds = [r.seconds for r in mine[person.id] if r.seconds is not None]
    usual = median(others) if others else None
    hers = too_fast(seconds, usual, project.settings.watch.fastest)
    if hers is None or usual is None:
        return None
    reason = f"Your last {PACE_ANSWERS} answers took {hers:.1f} s in the middle; others take {usual:.1f} s."
    return Finding(person.id, "speed", reason)
