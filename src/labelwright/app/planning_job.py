"""The plan of a job: every policy simulated on a pilot's answers or on a made-up crowd, and the cheapest that holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from labelwright.app.simulation import Question, simulate
from labelwright.model.errors import UsageError
from labelwright.planning import Policy, RecordedCrowd
from labelwright.planning.options import JobPlan, advise, all_expert, option_of
from labelwright.planning.synthetic import Assumptions, made_up
from labelwright.ports import Progress

_POLICIES = ("fixed:3", "fixed:5", "adaptive", "adaptive-routed")
_GOLD = (100, 200, 400)
# Simulated items, at most: more take longer and change nothing but the last digit.
_SIMULATED = 1500
_ANSWERS = 10


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be planned.

    Attributes:
        items: of the job.
        target: τ.
        expert_cost: price of an expert's label in prices of an answer.
        answers_a_day: of the whole team; None: no calendar.
        replays: simulated jobs behind each row.
        seed: of all randomness.
    """

    items: int
    target: float = 0.95
    expert_cost: float = 20.0
    answers_a_day: float | None = None
    replays: int = 30
    seed: int = 0

    def __post_init__(self) -> None:
        if self.items < 1 or (self.answers_a_day is not None and self.answers_a_day <= 0):
            raise UsageError("A job has items, and a team that answers some a day", where=f"--items {self.items}")


def plan_by_assumptions(job: Job, assumed: Assumptions, progress: Progress) -> JobPlan:
    """Nothing is known yet: a made-up crowd for each of several draws of its annotators."""
    n = min(job.items, _SIMULATED)
    rng = np.random.default_rng([job.seed, 1])
    crowds = [made_up(assumed, n, _ANSWERS, rng) for _ in range(5)]
    basis = (
        f"A simulation on made-up crowds: {assumed.annotators} annotators, right in {assumed.accuracy:.0%} of usual "
        f"items (standard deviation {assumed.spread:.0%}), {assumed.hard:.0%} hard items, {assumed.classes} classes."
    )
    return _plan(job, crowds, basis, progress)


def plan_by_pilot(job: Job, pilot: RecordedCrowd, progress: Progress) -> JobPlan:
    """A pilot's answers with their truth: replayed as they are."""
    basis = (
        f"A simulation: the pilot's answers to {pilot.n_items:,} items replayed in random order, "
        f"{pilot.item.size / pilot.n_items:.1f} an item at most; an expert is taken to be right."
    )
    return _plan(job, [pilot], basis, progress)


class _Steps:
    """Tells only of the steps: one bar for all simulations of a plan."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def start(self, what: str, total: int | None) -> None:
        """Part of something larger."""

    def step(self, n: int = 1) -> None:
        """Further by ``n``."""
        self._progress.step(n)

    def done(self) -> None:
        """Part of something larger."""


def _plan(job: Job, crowds: Sequence[RecordedCrowd], basis: str, progress: Progress) -> JobPlan:
    options = [all_expert(job.items, job.expert_cost)]
    n = crowds[0].n_items
    wanted = [(p, 0) for p in _POLICIES] + [("certified", g) for g in _GOLD if g <= max(n // 3, _GOLD[0])]
    progress.start("Simulating jobs", len(wanted) * len(crowds) * max(1, job.replays // len(crowds)))
    inner = _Steps(progress)
    for policy, gold in wanted:
        found = [
            simulate(
                crowd,
                Question(
                    Policy.parse(policy),
                    job.target,
                    job.expert_cost,
                    gold,
                    max(1, job.replays // len(crowds)),
                    job.seed + k,
                ),
                inner,
            )
            for k, crowd in enumerate(crowds)
        ]
        whole = found[0].with_outcomes(o for f in found for o in f.outcomes)
        options.append(option_of(whole, job.items, gold, job.answers_a_day))
    progress.done()
    ordered = tuple(sorted(options, key=lambda o: o.cost[0]))
    replays = max(1, job.replays // len(crowds)) * len(crowds)
    return JobPlan(job.items, job.target, job.expert_cost, basis, ordered, advise(ordered), replays)
