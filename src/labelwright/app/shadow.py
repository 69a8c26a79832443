"""The shadow: what chance would have come to with as many labels. It is the honest opponent of every strategy.

Items that were drawn at random and items that the strategy chose share the rounds before there was a model. To these
the shadow adds the random share of later batches; the strategy's side adds as many of the items that it chose. Both
sides train the same kind of model and are measured on the same untouched items, so that they differ in nothing but
in who chose.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from labelwright.app.context import Project
from labelwright.app.inference import Inferred
from labelwright.app.reading import inputs_of
from labelwright.app.training import CurrentModel, answers_on, training_items
from labelwright.learning import TrainingSet, accuracy
from labelwright.learning.comparison import accuracy_gain
from labelwright.model.errors import LabelwrightError
from labelwright.model.learned import ModelRecord, ModelState
from labelwright.model.measure import Measure
from labelwright.model.project import RoundRecord
from labelwright.ports import Learner
from labelwright.sampling.fallback import Trial, Verdict, strategy_to_use

#: Labels that each side needs of its own, or the two are the same but for noise.
FEWEST = 20
RANDOM_ITEMS = "random_items"


@dataclass(frozen=True, slots=True)
class Shadow:
    """The shadow model beside the strategy's.

    Attributes:
        accuracy: of the shadow.
        gain: accuracy of the strategy's side, on as many labels, less that of the shadow, paired by test item.
        labels: items that each of the two learned from.
    """

    accuracy: Measure
    gain: Measure
    labels: int = 0

    def as_dict(self) -> dict[str, Any]:
        """For what is kept of the round."""
        return {
            "random_accuracy": self.accuracy.as_dict(),
            "gain_over_random": self.gain.as_dict(),
            "random_labels": self.labels,
        }


def cast_shadow(
    project: Project,
    new_learner: Callable[[], Learner],
    labels: Mapping[str, Inferred],
    truth: Mapping[str, str],
    held_out: Collection[str],
) -> Shadow:
    """Train both sides and compare them.

    Args:
        project: the labeling project.
        new_learner: makes a model that has learned nothing yet.
        labels: the consensus by item.
        truth: label by item id, on which both are measured.
        held_out: items that no model is trained on.
    """
    training = training_items(labels, held_out)
    base, drawn, chosen = _sides(project, training)
    n = min(len(drawn), len(chosen))
    if not chosen:
        return Shadow(*_undefined("every label so far was drawn at random"))
    if n < FEWEST:
        return Shadow(*_undefined(f"fewer than {FEWEST} labels were drawn at random since there is a model"))
    rng = np.random.default_rng([project.settings.sampling.seed, len(training)])
    sides = [base | set(rng.permutation(sorted(side))[:n].tolist()) for side in (drawn, chosen)]
    try:
        random, strategy = (_answers(project, new_learner, training, side, truth) for side in sides)
    except LabelwrightError as problem:
        return Shadow(*_undefined(problem.what))
    ids = sorted(random.keys() & strategy.keys())
    known = [truth[i] for i in ids]
    theirs, ours = [random[i] for i in ids], [strategy[i] for i in ids]
    return Shadow(accuracy(theirs, known), accuracy_gain(ours, theirs, known), len(base) + n)


def fallback(project: Project) -> Verdict:
    """The strategy of the settings, or what takes its place after it was below the shadow for two rounds."""
    trials = [
        Trial(r.number, r.strategy, Measure(**r.result["gain_over_random"]))
        for r in project.store.rounds()
        if r.result.get("gain_over_random")
    ]
    return strategy_to_use(project.settings.sampling.strategy, trials)


def _undefined(reason: str) -> tuple[Measure, Measure]:
    return Measure(None, reason=reason), Measure(None, reason=reason)


def _sides(project: Project, training: TrainingSet) -> tuple[set[str], set[str], set[str]]:
    """Items of the rounds that were all random, those drawn at random since, and those that were chosen."""
    mine, rounds = set(training.items), project.store.rounds()
    of_round = {r.number: {a.item for a in project.store.assignments(round_number=r.number)} & mine for r in rounds}
    at_random = [r.number for r in rounds if r.strategy == "random"]
    base = _union(of_round[number] for number in at_random)
    drawn = _union(_drawn_at_random(r) & mine for r in rounds) - base
    return base, drawn, _union(of_round.values()) - base - drawn


def _union(sets: Iterable[set[str]]) -> set[str]:
    found: set[str] = set()
    return found.union(*sets)


def _drawn_at_random(record: RoundRecord) -> set[str]:
    return set(record.result.get(RANDOM_ITEMS) or ())


def _answers(
    project: Project,
    new_learner: Callable[[], Learner],
    training: TrainingSet,
    side: set[str],
    truth: Mapping[str, str],
) -> dict[str, str | None]:
    """What a model that learned from one side says of the test items."""
    at = [k for k, item in enumerate(training.items) if item in side]
    items = project.store.items([training.items[k] for k in at])
    learner = new_learner()
    inputs = inputs_of(project, learner.reads, [items[training.items[k]] for k in at])
    learner.fit(inputs, [training.labels[k] for k in at], training.weights[at], project.settings.sampling.seed)
    record = ModelRecord("shadow", learner.name, ModelState.CANDIDATE, project.clock.now(), None, "", {})
    return answers_on(project, CurrentModel(record, learner), truth)[0]
