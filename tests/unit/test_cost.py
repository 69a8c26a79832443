"""Money: every breakdown adds up to the cent, idle screens are not paid, budgets stop delivery and lose nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwright.app.cost import BREAKDOWNS, bill_report, budget_of, class_priced
from labelwright.app.delivery import deliver
from labelwright.app.forecasting import BUDGET, NO_PRICE, PLANNED, forecast
from labelwright.app.rounds import open_round
from labelwright.app.team import Newcomer, put_profile, with_profile
from labelwright.model.desk import SeenTask
from labelwright.model.money import Rate, RateUnit, read_rate
from labelwright.model.project import Purpose
from labelwright.planning.bill import Work, bill_of, idle_cap, price
from support.people import crew
from support.workspaces import configure

NOW = datetime(2026, 11, 23, tzinfo=UTC)
works = st.lists(
    st.builds(
        Work,
        st.sampled_from(["ada", "ben", "cyd"]),
        st.just(NOW),
        st.none() | st.floats(0, 5000),
        st.booleans(),
        st.none() | st.sampled_from(["a", "b"]),
        st.integers(0, 2),
        st.sampled_from(["label", "gold", "review"]),
    ),
    max_size=60,
)
amounts = st.decimals("0.001", "60", places=3)
rates_of = st.dictionaries(
    st.sampled_from(["ada", "ben", "cyd"]),
    st.builds(Rate, amounts, st.sampled_from(RateUnit)).map(lambda r: [(NOW - timedelta(days=1), r)]),
)


def cost_report(project):
    return bill_report(project, class_priced(project))


@given(works, rates_of)
def test_every_breakdown_adds_up_to_the_total_to_the_cent(work, rates):
    """Whatever the rates and times, no cent is lost between annotators, classes, rounds and purposes."""
    bill = bill_of(price(work, rates, None))
    for name in BREAKDOWNS:
        lines = getattr(bill, name)
        assert sum((x.amount for x in lines), Decimal(0)) == bill.total
        assert sum(x.answers for x in lines) == bill.answers
        assert all(x.amount == x.amount.quantize(Decimal("0.01")) for x in lines)
    assert bill.without_rate == sum(w.annotator not in rates for w in work)


def test_a_screen_left_open_over_night_is_paid_up_to_the_cap():
    """One lead time of eight hours among answers of ten seconds costs less than a minute."""
    rng = np.random.default_rng(2)
    usual = np.exp(rng.normal(np.log(10), 0.5, 200)).tolist()
    cap = idle_cap([*usual, 8 * 3600.0])
    assert 30 <= cap <= 60
    assert sum(s > cap for s in usual) <= 2, "hardly any real answer is cut"
    assert idle_cap([]) is None
    assert idle_cap([5.0]) == pytest.approx(15.0)


def test_an_answer_is_paid_at_the_rate_of_its_own_time():
    """A raise counts from then on; work before the first known rate (a clock may be behind) is paid at the first."""
    rates = {"ada": [(NOW, read_rate("1/label")), (NOW + timedelta(days=1), read_rate("2/label"))]}
    times = [NOW - timedelta(seconds=5), NOW, NOW + timedelta(hours=23), NOW + timedelta(days=1)]
    work = [Work("ada", t, 5.0, True, None, 1, "label") for t in times]
    assert [p.amount for p in price(work, rates, None)] == [1, 1, 1, 2]


def test_the_report_knows_class_purpose_and_who_has_no_rate(tmp_path):
    """Hours, skips and gold stand where they belong; what nobody pays is told."""
    team = crew(tmp_path)
    team.join("ada", rate=read_rate("36/hour"))
    team.join("ben", rate=read_rate("0.10/label"))
    team.join("cyd")
    team.say("ada", "s1", "Positive", seconds=10)
    team.say("ada", "s2", "Negative", Purpose.GOLD, seconds=20)
    team.say("ada", "s3", None, seconds=10)
    team.say("ben", "s1", "Positive", seconds=99)
    team.say("ben", "s2", None, seconds=99)
    team.say("cyd", "s1", "Negative")
    report = cost_report(team.project)
    assert {x["name"]: x["amount"] for x in report["by_annotator"]} == {"ada": "0.40", "ben": "0.10", "cyd": "0.00"}
    assert {x["name"]: x["amount"] for x in report["by_purpose"]} == {"gold": "0.20", "label": "0.30"}
    assert {x["name"] for x in report["by_class"]} == {"Positive", "Negative", "no label"}
    assert (report["total"], report["without_rate"], report["answers"]) == ("0.50", 1, 4)


class Desk:
    """Label Studio's side of one desk, as far as delivery needs it."""

    def __init__(self):
        self.held = []

    def tasks(self, _):
        return self.held

    def deliver(self, _, tasks):
        new = [SeenTask(1000 + len(self.held) + n, t.key) for n, t in enumerate(tasks)]
        self.held = [*self.held, *new]
        return [t.id for t in new]

    def withdraw(self, *_):
        raise AssertionError("nothing is taken back for money")


def test_a_budget_warns_then_stops_and_is_lowered_without_losing_anything(tmp_path):
    """Answers given stay; tasks on the desk stay; planned ones wait, and go out when the budget is raised."""
    team = crew(tmp_path, budget={"answers": 6}, overlap={"share": 0.0}, team={"low_water": 50, "high_water": 50})
    team.join("ada", rate=read_rate("1/label"))
    open_round(team.project)
    planned = team.project.store.assignments(annotator="ada")
    assert len(planned) == 6, "a round opens within the budget"
    desk, (record,) = Desk(), team.project.store.desks("work")
    deliver(team.project, desk, record, "w")
    assert len(desk.held) == 6
    for a in team.project.store.assignments(annotator="ada")[:5]:
        team.answer(a, "Positive")
    lower = budgeted(team, tmp_path, money="4", answers=None)
    assert budget_of(lower).money == Decimal(-1)
    assert budget_of(lower).used_up
    team.give("ada", "s59")
    team.project.store.record_vanished(["k000007"])
    before = len(desk.held)
    deliver(lower, desk, record, "w")
    assert len(desk.held) == before, "nothing goes out"
    assert len(list(lower.store.records())) == 5
    kinds = [m.id.split(":")[1] for m in lower.store.messages("lead") if m.kind == "budget"]
    assert sorted(kinds) in (["stop", "warn"], ["stop", "stop", "warn", "warn"])
    deliver(budgeted(team, tmp_path, money="40", answers=None), desk, record, "w")
    assert len(desk.held) > before


def budgeted(team, _, **values):
    from dataclasses import replace

    return replace(team.project, settings=configure(team.place, "budget", **values).settings)


def test_who_gets_a_raise_in_mid_project_is_billed_for_both(tmp_path):
    """The bill adds both rates up."""
    team = crew(tmp_path)
    ada = team.join("ada", rate=read_rate("1/label"))
    team.say("ada", "s1", "Positive")
    team.clock.move(hours=1)
    put_profile(team.project, with_profile(ada, Newcomer("Ada", "", "", rate=read_rate("3/label"))), ada)
    team.say("ada", "s2", "Positive")
    assert cost_report(team.project)["total"] == "4.00"


def test_a_price_that_nobody_named_is_not_nought(tmp_path):
    """Without any rate the bill counts answers and hours, and says nothing of money rather than 0."""
    team = crew(tmp_path, n=10, sampling={"strategy": "random", "batch": 4})
    team.join("ann")
    open_round(team.project)
    team.work("ann", lambda _: "Positive")
    report = cost_report(team.project)
    assert report["answers"] == report["without_rate"] > 0
    assert (report["total"], report["cost_per_answer"]) == (None, None)
    assert {line["amount"] for name in BREAKDOWNS for line in report[name]} == {None}


def test_the_forecast_counts_what_is_planned_at_the_pace_and_price_so_far(tmp_path):
    """Five days of ten answers at 0.50 and twenty that wait: two or three days more, and 35 in all."""
    team = crew(tmp_path, n=200, sampling={"strategy": "random", "batch": 70}, overlap={"share": 0.0})
    team.join("ada", rate=read_rate("0.50/label"))
    open_round(team.project)
    for _ in range(5):
        team.work("ada", lambda _: "Positive", most=10)
        team.clock.move(days=1)
    found = forecast(team.project)
    assert (found.step, found.until, found.forecast.remaining) == ("day", PLANNED, 20)
    assert found.forecast.cost.value == pytest.approx(35.0)
    assert found.forecast.finish.expected.date() == (team.clock.now() + timedelta(days=1)).date()
    assert [p.remaining for p in found.forecast.burn_down if not p.forecast] == [60, 50, 40, 30, 20]
    document = found.as_dict()
    assert document["finish"]["earliest"] <= document["finish"]["expected"] <= document["finish"]["latest"]
    assert document["total_cost"]["reason"] is None


def test_a_job_that_is_done_costs_what_its_bill_says_to_the_cent(tmp_path):
    """Everybody is paid in whole cents: the forecast of what is over is no cent beside the bill."""
    team = crew(tmp_path, n=60, sampling={"strategy": "random", "batch": 30}, overlap={"share": 0.0})
    for name in ("ada", "ben", "cyd"):
        team.join(name, rate=read_rate("7/hour"))
    open_round(team.project)
    for name, seconds in (("ada", 5.2), ("ben", 7.7), ("cyd", 3.9)):
        team.work(name, lambda _: "Positive", seconds=seconds)
    found, bill = forecast(team.project), bill_report(team.project, class_priced(team.project))
    assert found.forecast.remaining == 0
    assert f"{found.forecast.cost.value:.2f}" == bill["total"]


def test_a_job_of_minutes_is_forecast_by_the_minute(tmp_path):
    """On its first morning a job has a pace, too; without a price the cost is a reason and no number."""
    team = crew(tmp_path, n=100, sampling={"strategy": "random", "batch": 60}, overlap={"share": 0.0})
    team.join("ada")
    assert forecast(team.project).forecast.finish is not None, "nothing waits"
    open_round(team.project)
    none = forecast(team.project)
    assert none.forecast.finish is None
    assert "say too little" in none.forecast.steps.reason
    team.work("ada", lambda _: "Positive", seconds=10, most=40)
    found = forecast(team.project)
    assert (found.step, found.forecast.remaining) == ("minute", 20)
    ahead = found.forecast.finish.expected - team.clock.now()
    assert timedelta(minutes=1) <= ahead <= timedelta(minutes=6)
    assert found.forecast.cost.reason == NO_PRICE


def test_a_budget_bounds_the_forecast_where_rounds_turn_by_themselves(tmp_path):
    """The job is then what the budget still allows, as far as the pool goes."""
    more = {"sampling": {"strategy": "random", "batch": 10}, "overlap": {"share": 0.0}, "loop": {"mode": "auto"}}
    team = crew(tmp_path, n=60, budget={"answers": 40}, **more)
    team.join("ada", rate=read_rate("1/label"))
    open_round(team.project)
    team.work("ada", lambda _: "Positive")
    found = forecast(team.project)
    assert (found.until, found.forecast.remaining) == (BUDGET, 30)
    more["loop"] = {"mode": "auto"}
    assert forecast(budgeted(team, tmp_path, answers=500)).forecast.remaining == 50, "the pool has no more"
