"""Plans: from assumptions or a pilot, with what they rest on said in every form."""

import numpy as np
import pytest

from labelwright.app.planning_job import Job, plan_by_assumptions, plan_by_pilot
from labelwright.entry.cli.output import Bar
from labelwright.entry.render.plan import page, render_plan
from labelwright.model.errors import UsageError
from labelwright.planning.synthetic import Assumptions, made_up

QUIET = Bar(quiet=True)


@pytest.fixture(scope="module")
def plan():
    return plan_by_assumptions(Job(400, 0.9, answers_a_day=500, replays=5), Assumptions(accuracy=0.92), QUIET)


def test_a_plan_compares_every_policy_with_the_expert_for_everything(plan):
    """Overlap, gold, audits, cost, calendar and risk, each with what it would be for the whole job."""
    policies = {o.policy for o in plan.options}
    assert policies == {"expert", "fixed:3", "fixed:5", "adaptive", "adaptive-routed", "certified"}
    expert = next(o for o in plan.options if o.policy == "expert")
    assert expert.cost == (8000, 8000, 8000)
    for o in plan.options:
        assert o.cost[1] <= o.cost[0] <= o.cost[2] or o.cost[1] == pytest.approx(o.cost[2])
        if o.policy != "expert":
            assert o.days[0] == int(np.ceil(400 * o.answers / 500))
            assert o.days[1] <= o.days[0] <= o.days[2]
            assert o.risk_interval[0] <= o.risk <= o.risk_interval[1]
    assert plan.advice.risk <= 0.05
    assert plan.advice.cost[0] == min(o.cost[0] for o in plan.options if o.risk <= 0.05)


def test_a_plan_says_that_it_is_a_simulation_in_every_form(plan):
    """JSON, picture and page."""
    assert "simulation" in plan.as_dict()["simulated"]
    assert "simulation" in render_plan(plan)
    assert "simulation" in page(plan)
    assert plan.as_dict()["replays"] == 5


def test_names_in_a_picture_are_escaped(plan):
    """What stands in a plan cannot break out of the picture."""
    from dataclasses import replace

    evil = replace(plan, basis="<script>alert(1)</script> & a simulation")
    assert "<script>" not in render_plan(evil)


def test_a_pilot_speaks_for_itself():
    """Its answers are replayed; costs are brought to the size of the job."""
    pilot = made_up(Assumptions(accuracy=0.9), 200, 6, np.random.default_rng(3))
    found = plan_by_pilot(Job(10_000, 0.9, replays=5), pilot, QUIET)
    fixed = next(o for o in found.options if o.policy == "fixed:3")
    assert fixed.cost[0] == pytest.approx(30_000)
    assert "pilot" in found.basis


def test_a_made_up_crowd_is_as_good_as_was_assumed():
    """Accuracy, hard items and answers are those that were asked for."""
    crowd = made_up(Assumptions(3, 20, 0.8, 0.05, 0.0), 3000, 5, np.random.default_rng(0))
    assert crowd.item.size == 15_000
    assert (crowd.label == crowd.truth[crowd.item]).mean() == pytest.approx(0.8, abs=0.03)
    with pytest.raises(UsageError, match="do not fit together"):
        Assumptions(accuracy=0.4)
