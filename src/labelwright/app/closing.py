"""Closes a round: wait, settle the labels, train, measure on what was never trained on, score the pool, and decide.

Each step keeps its result with the round, and the next one begins from that: after a crash nothing is done again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from labelwright.app import training
from labelwright.app.annotations import annotation_set
from labelwright.app.certifying import certify_round, summary_of
from labelwright.app.context import Project
from labelwright.app.delivery import waiting
from labelwright.app.inference import Inferred
from labelwright.app.marking import labels_to_learn
from labelwright.app.pace import WAITING
from labelwright.app.rounds import answers_left, current_round, items_left, open_assignments
from labelwright.app.scoring import score_pool
from labelwright.app.settling import settle
from labelwright.app.shadow import RANDOM_ITEMS, cast_shadow
from labelwright.app.triggers import Progressing, ripe
from labelwright.app.turning import STOPPED, NotYet, Tools, Turn, Work, do_step, is_disk
from labelwright.learning.stopping import Enough, Measured, enough
from labelwright.model.certification import Certification
from labelwright.model.errors import LabelwrightError, OutsideServiceError
from labelwright.model.loop import Step
from labelwright.model.measure import Measure
from labelwright.model.project import AnnotationSet, AssignmentState, RoundState
from labelwright.ports import Desks, Learner, Progress

OWN_TEST_SET = "the annotators' test set"
#: What a round's opening found out stays with it.
_OPENING = ("note", RANDOM_ITEMS, "near_duplicates", WAITING, "batch")


@dataclass(frozen=True, slots=True)
class Closed:
    """What a round came to.

    Attributes:
        labels: answers that count, over all rounds.
        labeled_items: items with a consensus, test items too.
        contested: items that the answers do not settle.
        training_items: what the model learned from.
        accuracy: of the model, on items that no model is trained on.
        measured_on: which labels ``accuracy`` is measured by.
        own_accuracy: the same on the test set that the annotators labeled.
        reason: why there is no model or no accuracy, or why it is enough.
        stop: the rule that says that it is enough.
        certification: what is certified by now, and what that says; None where no target is set.
    """

    number: int
    labels: int
    labeled_items: int
    contested: int
    training_items: int
    withdrawn: int
    accuracy: Measure
    measured_on: str
    own_accuracy: Measure
    model: str | None
    reason: str | None
    stop: str | None = None
    certification: Mapping[str, Any] | None = None

    def as_dict(self) -> dict[str, Any]:
        """For `--json` and the store."""
        values = {k: v for k, v in asdict(self).items() if k != "number"}
        return {
            "round": self.number,
            **values,
            "accuracy": self.accuracy.as_dict(),
            "own_accuracy": self.own_accuracy.as_dict(),
        }


# ---------------------------------------------------------------- wait and settle


def wait(turn: Turn, number: int) -> Mapping[str, Any] | NotYet:
    """Whether enough answers are in; how far they are is in the store, so it may wait for days and through crashes."""
    project = turn.project
    still = len(open_assignments(project, number))
    if turn.tools.force:
        return {"withdraw": True, "because": f"{still} unanswered were withdrawn by hand"}
    mine = project.store.assignments(round_number=number, trial=False)
    answers = sum(1 for a in mine if a.state in (AssignmentState.DONE, AssignmentState.SKIPPED))
    since = turn.record(number, Step.DELIVER).changed_at
    progressing = Progressing(answers, still, sum(waiting(project).values()), since)
    found = ripe(project.settings.loop, progressing, project.clock.now())
    if found is None:
        return NotYet(f"still waits for {still} answers")
    return {"withdraw": found.withdraw, "because": found.reason}


def settle_labels(turn: Turn, number: int) -> Mapping[str, Any]:
    """Take back what is no longer waited for; how the labels stand now."""
    project = turn.project
    withdrawn = open_assignments(project, number) if turn.record(number, Step.WAIT).result.get("withdraw") else []
    project.store.withdraw(a.key for a in withdrawn)
    annotations = annotation_set(project)
    settle(project, annotations)
    labels = labels_to_learn(project, annotations)
    return {
        "certification": _certified(project, number),
        "withdrawn": len(withdrawn),
        "labels": len(annotations.valid),
        "labeled_items": len(labels),
        "contested": sum(1 for i in labels.values() if i.contested),
    }


def _certified(project: Project, number: int) -> Mapping[str, Any] | None:
    """The verdict on the labels so far; None where no target is set. Labels that cannot be judged say why."""
    try:
        verdict = certify_round(project, number)
    except LabelwrightError as problem:
        return {"verdict": Certification.NOT_AUDITED.value, "reason": problem.what}
    return None if verdict is None else summary_of(verdict)


# ---------------------------------------------------------------- learn


@dataclass(frozen=True, slots=True)
class _Truth:
    """What models are measured by, in words too, the annotators' own part of it, and all that is never trained on."""

    labels: Mapping[str, str]
    on: str
    own: Mapping[str, str]
    held_out: frozenset[str]


def _truth(turn: Turn, labels: Mapping[str, Inferred]) -> _Truth:
    reference, project = turn.tools.reference(), turn.project
    own = training.own_truth(project, labels)
    held_out = frozenset(training.test_items(project) | set(reference))
    return _Truth(reference or own, "reference labels" if reference else OWN_TEST_SET, own, held_out)


def train(turn: Turn, number: int) -> Mapping[str, Any]:
    """Train on the consensus. A model that raises ends nothing: the round says why and goes on without one."""

    def learn() -> Mapping[str, Any]:
        _, labels = consensus_of(turn.project)
        held_out = _truth(turn, labels).held_out
        trained = training.train(turn.project, turn.tools.new_learner, labels, held_out, number=number)
        return training.as_dict(trained)

    return _bearing("training", learn)


def evaluate(turn: Turn, number: int) -> Mapping[str, Any]:
    """Measure the round's model and compare it with the one in use."""
    version = turn.record(number, Step.TRAIN).result.get("version")
    if version is None:
        return {}

    def measure() -> Mapping[str, Any]:
        _, labels = consensus_of(turn.project)
        truth = _truth(turn, labels)
        own = training.evaluate(turn.project, version, truth.own, OWN_TEST_SET)
        shared = truth.labels is truth.own
        found = own if shared else training.evaluate(turn.project, version, truth.labels, truth.on)
        promotion = training.promote(turn.project, version, truth.labels)
        shadow = cast_shadow(turn.project, turn.tools.new_learner, labels, truth.labels, truth.held_out)
        return {
            "accuracy": found.accuracy.as_dict(),
            "own_accuracy": own.accuracy.as_dict(),
            "measured_on": found.measured_on,
            "right": sorted(found.right),
            "wrong": sorted(found.wrong),
            "shadow": shadow.as_dict(),
            "promoted": promotion.promoted,
            "reason": None if promotion.promoted else promotion.reason,
        }

    return _bearing("measuring", measure)


def score(turn: Turn, number: int) -> Mapping[str, Any]:
    """Score the pool; without a model of this round the next batch is drawn at random."""
    if turn.record(number, Step.EVALUATE).result.get("accuracy") is None:
        return {"items": 0}
    return _bearing("scoring", lambda: {"items": score_pool(turn.project, number, turn.tools.progress)})


def _bearing(what: str, work: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any]:
    """The result, or why there is none: a user's model may raise anything, the outside and the disk are tried again."""
    try:
        return work()
    except (OutsideServiceError, LabelwrightError) as problem:
        if isinstance(problem, OutsideServiceError):
            raise
        return {"reason": f"{what}: {problem}"}
    except Exception as problem:
        if is_disk(problem):
            raise
        said = f"the model raised {type(problem).__name__} in {what}: {problem}; the next batch is random"
        return {"reason": said, "raised": True}


# ---------------------------------------------------------------- next


def finish(turn: Turn, number: int) -> Mapping[str, Any]:
    """Close the round with what its steps came to, and decide whether there is another one."""
    project = turn.project
    closed = _closed(project, number)
    stop = _enough(turn, closed)
    if stop is not None:
        closed = replace(closed, stop=stop.rule.value, reason=f"stopped: {stop.reason}")
        if project.settings.loop.mode == "auto":
            project.store.put_note(STOPPED, stop.reason)  # first: a crash must not let one more round open
    record = next(r for r in project.store.rounds() if r.number == number)
    measured = project.store.steps(number)
    shadow = next((s.result.get("shadow") for s in measured if s.step is Step.EVALUATE), None) or {}
    kept = {
        name: record.result[name]
        for name in ("note", RANDOM_ITEMS, "near_duplicates", WAITING, "batch")
        if name in record.result
    }
    project.store.close_round(number, project.clock.now(), {**kept, **shadow, **closed.as_dict()})
    return {**closed.as_dict(), **shadow}


def _closed(project: Project, number: int) -> Closed:
    results = {s.step: s.result for s in project.store.steps(number)}
    settled, trained = results.get(Step.SETTLE, {}), results.get(Step.TRAIN, {})
    found = results.get(Step.EVALUATE, {})
    reasons = [r for r in (trained.get("reason"), found.get("reason"), results.get(Step.SCORE, {}).get("reason")) if r]
    unknown = {"value": None, "reason": reasons[0] if reasons else "no model was measured"}
    return Closed(
        number=number,
        labels=settled.get("labels", 0),
        labeled_items=settled.get("labeled_items", 0),
        contested=settled.get("contested", 0),
        training_items=trained.get("training_items", 0),
        withdrawn=settled.get("withdrawn", 0),
        accuracy=Measure(**found.get("accuracy") or unknown),
        measured_on=found.get("measured_on", OWN_TEST_SET),
        own_accuracy=Measure(**found.get("own_accuracy") or unknown),
        model=trained.get("path"),
        reason="; ".join(reasons) or None,
        certification=settled.get("certification"),
    )


def _enough(turn: Turn, closed: Closed) -> Enough | None:
    project = turn.project
    stop = project.settings.loop.stop
    return enough(
        [*_measured(project, closed.number), _measured_now(project, closed)],
        accuracy=stop.accuracy,
        gain=stop.gain_per_100,
        window=stop.window,
        most_rounds=stop.rounds,
        answers_left=answers_left(project),
        items_left=items_left(project, turn.tools.reference()),
    )


def _measured(project: Project, before: int) -> list[Measured]:
    steps = {s.round: s.result for s in project.store.steps() if s.step is Step.EVALUATE}
    return [
        _point(r.number, r.result.get("labels") or 0, steps.get(r.number, {}))
        for r in project.store.rounds()
        if r.state is RoundState.CLOSED and r.number < before
    ]


def _measured_now(project: Project, closed: Closed) -> Measured:
    steps = {s.step: s.result for s in project.store.steps(closed.number)}
    return _point(closed.number, closed.labels, steps.get(Step.EVALUATE, {}))


def _point(number: int, labels: int, found: Mapping[str, Any]) -> Measured:
    accuracy = Measure(**(found.get("accuracy") or {"value": None}))
    return Measured(number, labels, accuracy, frozenset(found.get("right", ())), frozenset(found.get("wrong", ())))


CLOSING: Mapping[Step, Work] = {
    Step.WAIT: wait,
    Step.SETTLE: settle_labels,
    Step.TRAIN: train,
    Step.EVALUATE: evaluate,
    Step.SCORE: score,
    Step.NEXT: finish,
}


def close_round(
    project: Project,
    new_learner: Callable[[], Learner],
    reference: Mapping[str, str],
    progress: Progress,
    *,
    force: bool = False,
) -> Closed:
    """Settle, train, measure and score now. Safe to repeat after a crash: the round is marked closed last.

    Args:
        project: the labeling project.
        new_learner: makes a model that has learned nothing yet.
        reference: labels known from elsewhere by item id; only to measure by.
        progress: told how far it is.
        force: also withdraw what has not been answered.

    Raises:
        NothingToDoError: no round is open.
        CheckFailedError: answers are still to come, and ``force`` was not given.
    """
    tools = Tools(_no_desks, new_learner, lambda: reference, progress, time.sleep, force=force)
    return close_by_hand(Turn(project, "by hand", CLOSING, tools))


def close_by_hand(turn: Turn) -> Closed:
    """All steps of closing, now; what is done already is not done again."""
    number = current_round(turn.project).number
    for step in CLOSING:
        turn.tools.progress.start(f"Round {number}: {step.value}", None)
        result = do_step(turn, number, step)
    turn.tools.progress.done()
    return replace(_closed(turn.project, number), stop=result["stop"], reason=result["reason"])


def _no_desks() -> Desks:
    message = "closing looks at no desk"
    raise AssertionError(message)


def consensus_of(project: Project) -> tuple[AnnotationSet, dict[str, Inferred]]:
    """The workspace's annotations and the labels inferred from them."""
    annotations = annotation_set(project)
    return annotations, labels_to_learn(project, annotations)
