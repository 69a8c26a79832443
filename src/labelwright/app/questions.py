"""What is open about each item, as questions of yes or no, of one class, or of a step on a scale."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from labelwright.app.answers import Reply
from labelwright.app.context import Project
from labelwright.app.skill import Person, channels, presence, scale_channels, seen_pairs
from labelwright.app.tables import NOTHING, NUMERIC_KINDS, SET_JOINT, SET_KINDS
from labelwright.consensus.structures import Drawing, DrawingSkill, FusedRegion, structure_consensus
from labelwright.model.consensus import ItemConsensus
from labelwright.model.errors import DataError
from labelwright.model.project import Purpose
from labelwright.model.schema import STRUCTURE_KINDS, Kind
from labelwright.review.decision import Question, shared_noise

Floats = NDArray[np.float64]
Ask = Callable[[ItemConsensus], Sequence[Question]]
#: Of an annotator who drew nothing yet: what she finds of what is there, and draws where nothing is.
_DETECTION, _FALSE_ALARM, _ACCURACY = 0.8, 0.05, 0.8
_FEW_STEPS = 5
_TINY = 1e-6
_ONE_CLASS = frozenset({Kind.CHOICE, Kind.PAIRWISE})


def questions_of(project: Project, team: Sequence[Person], replies: Sequence[Reply]) -> Ask | None:
    """How to ask about an item; None where nobody can say how sure an answer is (texts, rankings, relations).

    One class: which. Several: each by itself, there or not. A scale: which step, and on scales of five steps or more a
    neighbour is no quarrel. What is drawn: whether each region exists, of which class, and whether all were found.
    """
    kind = project.control.kind
    if kind in STRUCTURE_KINDS:
        return _of_drawings(team, replies)
    pairs = seen_pairs(project, replies)
    if kind in _ONE_CLASS:
        return _of_classes(project, team, pairs)
    if kind in SET_KINDS:
        return _of_sets(project, team, pairs)
    if kind in NUMERIC_KINDS:
        return _of_scale(team, pairs, replies)
    return None


def _known(project: Project) -> list[ItemConsensus]:
    return [c for c in project.store.consensus(project.control.name) if c.distribution]


def _named(project: Project) -> tuple[str, ...]:
    """Classes of the schema, and those that only answers have."""
    seen = sorted({c for known in _known(project) for c in known.distribution})
    return tuple(dict.fromkeys((*project.control.classes, *seen)))


def _of_classes(project: Project, team: Sequence[Person], pairs: Mapping[str, Sequence[tuple[str, str]]]) -> Ask:
    classes = _named(project)
    channel = channels(team, pairs, classes)
    noise = shared_noise(channel)

    def ask(known: ItemConsensus) -> Sequence[Question]:
        return [Question(_spread([known.distribution.get(c, 0.0) for c in classes]), channel, noise)]

    return ask


def _of_sets(project: Project, team: Sequence[Person], pairs: Mapping[str, Sequence[tuple[str, str]]]) -> Ask:
    sets = {who: [(_members(a), _members(t)) for a, t in own] for who, own in pairs.items()}
    classes = _named(project)
    skill = {name: presence(team, sets, name) for name in classes}

    def ask(known: ItemConsensus) -> Sequence[Question]:
        return [Question.of_presence(known.distribution.get(name, 0.0), *skill[name]) for name in classes]

    return ask


def _members(label: str) -> frozenset[str]:
    return frozenset() if label == NOTHING else frozenset(label.split(SET_JOINT))


def _of_scale(team: Sequence[Person], pairs: Mapping[str, Sequence[tuple[str, str]]], replies: Sequence[Reply]) -> Ask:
    """From the answers themselves: the mean of 1 and 5 stars is no sure 3, and a normal law knows nothing else."""
    names = sorted({r.label for r in replies if r.label is not None}, key=float)
    place, index = {name: k for k, name in enumerate(names)}, {p.id: k for k, p in enumerate(team)}
    channel = scale_channels(team, pairs, np.array([float(c) for c in names]))
    usual = channel.mean(axis=0)
    logs: dict[str, Floats] = {}
    for r in replies:
        if r.last and r.label is not None and r.purpose is not Purpose.REVIEW:
            mine = channel[index[r.annotator]] if r.annotator in index else usual
            logs[r.item] = logs.get(r.item, np.zeros(len(names))) + np.log(mine[place[r.label]])
    noise, near = shared_noise(channel), 1 if len(names) >= _FEW_STEPS else 0

    def ask(known: ItemConsensus) -> Sequence[Question]:
        found = logs.get(known.item, np.zeros(len(names)))
        return [Question(_spread(np.exp(found - found.max()).tolist()), channel, noise, near)]

    return ask


def _spread(p: Sequence[float]) -> Floats:
    return np.asarray((np.array(p) + _TINY) / (np.array(p) + _TINY).sum())


# ---------------------------------------------------------------- what is drawn


def _of_drawings(team: Sequence[Person], replies: Sequence[Reply]) -> Ask | None:
    drawings = [Drawing(r.item, r.annotator, r.entries) for r in replies if r.last and r.purpose is not Purpose.REVIEW]
    try:
        found = structure_consensus(drawings)
    except DataError:
        return None
    skill = {s.annotator: s for s in found.annotators}
    things = found.things or 0.0
    detection, alarm = _finding(team, skill, things)
    accuracy = np.array([_accuracy(skill.get(p.id)) for p in team])
    missed: dict[str, float] = {}
    for d in drawings:
        own = skill.get(d.annotator)
        missed[d.item] = missed.get(d.item, things) * (1 - (_DETECTION if own is None else own.detection))

    def ask(known: ItemConsensus) -> Sequence[Question]:
        unseen = Question.of_presence(1 - math.exp(-missed.get(known.item, things)), detection, alarm)
        asked = [unseen]
        for region in found.by_item.get(known.item, ()):
            asked += _of_region(region, (detection, alarm, accuracy))
        return asked

    return ask


def _finding(team: Sequence[Person], skill: Mapping[str, DrawingSkill], things: float) -> tuple[Floats, Floats]:
    """How often each marks what is there, and what is not: her false alarms beside all that she could mark."""
    detection, alarm = np.full(len(team), _DETECTION), np.full(len(team), _FALSE_ALARM)
    for k, p in enumerate(team):
        if p.id in skill:
            detection[k] = skill[p.id].detection
            alarm[k] = skill[p.id].false_alarms / (skill[p.id].false_alarms + things + 1)
    return np.clip(detection, 0.01, 0.99), np.clip(alarm, 0.001, 0.9)


def _accuracy(skill: DrawingSkill | None) -> float:
    return _ACCURACY if skill is None or skill.accuracy is None else min(max(skill.accuracy, 0.01), 0.99)


def _of_region(region: FusedRegion, skill: tuple[Floats, Floats, Floats]) -> list[Question]:
    """Is it there, and of which class."""
    detection, alarm, accuracy = skill
    asked = [Question.of_presence(region.probability, detection, alarm)]
    K = len(region.posterior)
    if K > 1:
        # Who does not find it says nothing about its class.
        right = detection * accuracy + (1 - detection) / K
        channel = np.where(np.eye(K, dtype=bool), right[:, None, None], ((1 - right) / (K - 1))[:, None, None])
        asked.append(Question(_spread(list(region.posterior.values())), channel))
    return asked
