"""The audit that certifies: exact against enumeration, never more false passes than promised."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import hypergeom

from labelwright.model.errors import UsageError
from labelwright.review import forecast, judge, plan_by_errors, plan_for
from labelwright.review.compiled_hypergeometric import at_most, critical


@given(st.integers(1, 60), st.data())
@settings(max_examples=150, deadline=None)
def test_the_tail_is_that_of_the_hypergeometric_law(population, data):
    """Everything rests on this tail: it equals scipy's."""
    errors = data.draw(st.integers(0, population))
    drawn = data.draw(st.integers(0, population))
    j = data.draw(st.integers(0, population))
    assert at_most(j, population, errors, drawn) == pytest.approx(hypergeom.cdf(j, population, errors, drawn), abs=1e-9)


@given(st.integers(6, 80), st.sampled_from([0.8, 0.9, 0.95]), st.data())
@settings(max_examples=60, deadline=None)
def test_one_look_is_the_published_test(population, target, data):
    """With one look the boundary is that of the one-shot finite-population test, word for word."""
    drawn = data.draw(st.integers(1, population - 1))
    plan = plan_for(population, drawn, target, looks=1)
    u = int(np.floor((1 - target) * (population - drawn) + 1e-9))
    passes = [
        e
        for e in range(drawn + 1)
        if all(
            j + u + 1 > population
            or u + 1 > population - drawn
            or hypergeom.cdf(j, population, j + u + 1, drawn) <= 0.05
            for j in range(e + 1)
        )
    ]
    assert plan.bounds == (max(passes, default=-1),)


def _false_pass(plan, wrong):
    """Share of all orders of the audited items in which the plan passes although the unaudited miss the target."""
    n, false = 0, 0
    population = len(wrong)
    for audited in combinations(range(population), plan.looks[0]):
        rest = [i for i in range(population) if i not in audited]
        for more in combinations(rest, plan.looks[-1] - plan.looks[0]):
            n += 1
            drawn = [wrong[i] for i in (*audited, *more)]
            result = judge(plan, drawn)
            if result.passed:
                seen = set((*audited, *more)[: result.audited])
                left = [wrong[i] for i in range(population) if i not in seen]
                false += sum(left) > np.floor((1 - plan.target) * len(left) + 1e-9)
    return false / n


@pytest.mark.parametrize("alpha", [0.1, 0.2, 0.4])
def test_no_number_of_errors_gives_more_false_passes_than_promised(alpha):
    """Two looks at sets of ten, every set of errors, every order: enumerated, not simulated."""
    plan = plan_for(10, 7, 0.5, alpha=alpha, looks=2)
    assert len(plan.looks) == 2
    worst = max(_false_pass(plan, [True] * errors + [False] * (10 - errors)) for errors in range(11))
    assert worst <= alpha + 1e-12
    assert worst > 0.02, "a plan that never passes would be valid, too"


@pytest.mark.parametrize(("population", "target"), [(400, 0.9), (400, 0.95), (3000, 0.9)])
def test_looks_share_the_error_that_one_look_may_make(population, target):
    """At the worst number of errors the chance of any false pass stays at 5 %, and most of it is used."""
    from labelwright.review.compiled_audit import allowed, passing

    plan = plan_for(population, 130, target)
    looks, bounds = np.array(plan.looks), np.array(plan.bounds)
    first_bad = allowed(population, plan.looks[0], target) + max(plan.bounds) + 1
    assert passing(population, looks, bounds, first_bad).sum() <= 0.05
    worst = 0.0
    for errors in range(allowed(population, plan.looks[-1], target), first_bad + 5):
        chance = passing(population, looks, bounds, errors)
        false = [
            p
            for p, m in zip(chance, plan.looks, strict=True)
            if errors - max(plan.bounds) > allowed(population, m, target)
        ]
        worst = max(worst, sum(false))
    assert worst <= 0.05 + 1e-12


def test_more_looks_audit_less_where_labels_are_clean():
    """The reason for looks: with few errors most audits end long before the last item."""
    one, many = plan_for(900, 250, 0.9, looks=1), plan_for(900, 250, 0.9)
    errors = np.array([18])
    assert forecast(many, errors).expected > forecast(one, errors).expected + 80


def test_an_audit_is_judged_at_its_looks_only():
    """A good start between two looks is no pass; too many errors end it at once."""
    plan = plan_for(500, 120, 0.9)
    first = next(look for look, bound in zip(plan.looks, plan.bounds, strict=True) if bound >= 0)
    assert judge(plan, [False] * first).passed is True
    assert judge(plan, [False] * (first - 1)).passed is None
    bad = judge(plan, [True] * (max(plan.bounds) + 1))
    assert (bad.passed, bad.audited) == (False, max(plan.bounds) + 1)
    assert judge(plan, []).passed is None


@pytest.mark.parametrize("plan", [plan_for, plan_by_errors])
def test_numbers_outside_their_range_are_refused(plan):
    """A target of 95 is a slip of the pen."""
    with pytest.raises(UsageError, match="between 0 and 1"):
        plan(100, 10, 95)


def test_critical_never_passes_a_set_that_must_fail():
    """With nearly everything audited the boundary is exact arithmetic, not a guess."""
    assert critical(10, 9, 0, 0.05) == -1
    assert critical(40, 39, 1, 0.05) == 39  # one unaudited item cannot hold two errors


def _false(plan, errors):
    """Chance of a false pass, look after look by scipy's law: nothing of ours but the plan."""
    alive, drawn, false = {0: 1.0}, 0, 0.0
    for look, bound in zip(plan.looks, plan.bounds, strict=True):
        after = {}
        for seen, p in alive.items():
            law = hypergeom.pmf(np.arange(errors - seen + 1), plan.candidates - drawn, errors - seen, look - drawn)
            for x, chance in enumerate(law.tolist()):
                after[seen + x] = after.get(seen + x, 0.0) + p * chance
        left = plan.candidates - look
        borne = np.floor((1 - plan.target) * left + 1e-9)
        false += sum(p for seen, p in after.items() if seen <= bound and errors - seen > borne)
        alive, drawn = {seen: p for seen, p in after.items() if seen > bound}, look
    return false


@pytest.mark.parametrize(("candidates", "most", "target"), [(60, 40, 0.9), (130, 60, 0.8), (304, 145, 0.95)])
@pytest.mark.parametrize("power", [0.5, 2.0])
def test_looks_where_errors_become_bearable_make_no_more_false_passes(candidates, most, target, power):
    """Whatever the number of errors: the chance of a false pass, summed by scipy's law, stays at 5 %."""
    plan = plan_by_errors(candidates, most, target, looks=8, power=power)
    worst = max(_false(plan, errors) for errors in range(candidates // 4))
    assert 0.02 < worst <= 0.05 + 1e-12
    assert list(plan.bounds) == sorted(set(plan.bounds)), "a look that bears no more than the last passes nobody"
    assert plan.looks[-1] <= most


@pytest.mark.parametrize("errors", [0, 2])
def test_small_sets_pass_sooner_where_looks_follow_the_errors(errors):
    """200 labels that are all right passed after 124 audited ones when most looks bore no error more than the first."""
    plain, placed = plan_for(200, 138, 0.95), plan_by_errors(200, 138, 0.95)
    assert placed.looks[0] < plain.looks[0] - 40
    assert forecast(placed, np.array([errors])).expected > forecast(plain, np.array([errors])).expected + 15


@pytest.mark.parametrize(
    ("candidates", "most", "target"), [(60, 40, 0.8), (90, 40, 0.8), (200, 138, 0.9), (217, 60, 0.9)]
)
def test_no_look_could_come_sooner(candidates, most, target):
    """With as many errors a look a few items earlier would make too many false passes: none is audited in vain."""
    plan = plan_by_errors(candidates, most, target, power=1.0)
    share = 0.05 / len(plan.looks)
    for k, look in enumerate(plan.looks):
        before = plan.looks[k - 1] if k else 0
        for earlier in range(max(before + 1, look - 6), look):
            sooner = replace(plan, looks=(*plan.looks[:k], earlier), bounds=plan.bounds[: k + 1])
            assert max(_false(sooner, errors) for errors in range(candidates // 4)) > share * (k + 1)


def test_a_set_that_nobody_can_certify_has_no_plan():
    """Thirty of sixty audited leave room for three errors at .9: whoever sees none may still have missed four."""
    assert plan_by_errors(60, 30, 0.9) is None
