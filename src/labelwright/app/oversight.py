"""What follows from new answers, in one pass: experts' words, doubted gold, paused annotators, items for experts."""

from __future__ import annotations

from dataclasses import dataclass

from labelwright.app.adapting import adapt
from labelwright.app.adjudicating import adjudicate
from labelwright.app.annotations import annotation_set
from labelwright.app.answers import replies_of
from labelwright.app.certifying import advance_open_audit
from labelwright.app.consistency import plan_reasks
from labelwright.app.context import Project
from labelwright.app.onboarding import decide_qualifications
from labelwright.app.reviewing import ask_experts
from labelwright.app.settling import settle
from labelwright.app.sharing import share_queues
from labelwright.app.team_status import follow_up
from labelwright.app.watching import doubt_gold, retire_worn, tell_of_copying, watch_people


@dataclass(frozen=True, slots=True)
class Overseen:
    """What one pass did."""

    words: int = 0
    doubted: int = 0
    paused: tuple[str, ...] = ()
    reviews: int = 0


def oversee(project: Project) -> Overseen:
    """Gather the answers, decide, apply. Every step is safe to repeat, so a crash between two of them costs nothing.

    The order matters: a wrong gold item is taken out before anybody is judged by it, and experts are asked after the
    consensus knows what they said last.
    """
    annotations = annotation_set(project)
    words = adjudicate(project, annotations)
    settle(project, annotations)
    replies = replies_of(project, annotations)
    doubted = doubt_gold(project, replies)
    retire_worn(project)
    decide_qualifications(project, replies)
    found = watch_people(project, replies)
    tell_of_copying(project, replies)
    follow_up(project)
    share_queues(project)
    adapt(project, replies)
    plan_reasks(project, replies)
    advance_open_audit(project)
    asked = ask_experts(project, annotations)
    return Overseen(words.words, doubted, tuple(f.annotator for f in found), asked.assigned)


def settle_only(project: Project) -> None:
    """Bring the kept consensus up to date, and nothing else: what reports read."""
    settle(project, annotation_set(project))
