"""Wanted desk against seen desk: a crash anywhere is harmless, and nothing is taken out of a hand."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from hypothesis import given, settings
from hypothesis import strategies as st

from labelwright.assignment import decide_delivery
from labelwright.model.desk import SeenTask
from labelwright.model.project import Assignment, AssignmentState, Purpose


def assignment(key, state=AssignmentState.PLANNED, task=None, position=0, round_number=1):
    return Assignment(key, f"item-{key}", "ada", Purpose.LABEL, round_number, position, state, task)


def many(n, **fields):
    return [assignment(f"k{i:03}", position=i, **fields) for i in range(n)]


def test_a_desk_is_filled_to_the_high_mark_in_the_annotators_own_order():
    """The first tasks of her order come first."""
    plan = decide_delivery(list(reversed(many(10))), [], low=3, high=5)
    assert [a.key for a in plan.deliver] == ["k000", "k001", "k002", "k003", "k004"]


def test_a_desk_at_its_low_mark_is_left_alone():
    """Small refills would cost a request for every answer."""
    held = [assignment(f"h{i}", AssignmentState.DELIVERED, task=i) for i in range(3)]
    seen = [SeenTask(i, f"h{i}") for i in range(3)]
    assert decide_delivery([*held, *many(10)], seen, low=3, high=5).empty
    assert len(decide_delivery([*held[:2], *many(10)], seen[:2], low=3, high=5).deliver) == 3


def test_a_task_that_arrived_before_a_crash_is_found_by_its_key_and_not_sent_again():
    """Killed between import and record: the second pass only writes down what is there."""
    plan = decide_delivery(many(1), [SeenTask(77, "k000")], low=1, high=1)
    assert plan.found == (("k000", 77),)
    assert plan.deliver == ()


def test_a_task_that_somebody_deleted_is_planned_and_sent_again():
    """A vanished task is no lost item."""
    plan = decide_delivery([assignment("k", AssignmentState.DELIVERED, task=5)], [], low=1, high=1)
    assert plan.vanished == ("k",)
    assert [a.key for a in plan.deliver] == ["k"]


def test_only_untouched_tasks_are_withdrawn():
    """Open, locked, drafted and answered tasks stay where they are."""
    gone = [assignment(k, AssignmentState.WITHDRAWN, task=i) for i, k in enumerate("abcd")]
    seen = [SeenTask(0, "a"), SeenTask(1, "b", in_hand=True), SeenTask(2, "c", annotations=(9,)), SeenTask(3, "d")]
    assert decide_delivery(gone, seen, low=1, high=1).withdraw == (0, 3)


def test_of_a_task_that_arrived_twice_the_untouched_copy_goes():
    """An import whose answer was lost and that was repeated leaves no double work."""
    seen = [SeenTask(1, "k000"), SeenTask(2, "k000", annotations=(4,)), SeenTask(3, "k000")]
    plan = decide_delivery(many(1), seen, low=1, high=1)
    assert plan.withdraw == (1, 3)
    assert plan.found == (("k000", 2),)


def test_tasks_of_others_are_never_touched():
    """What Labelwright did not put there is not its business."""
    assert decide_delivery(many(1), [SeenTask(1, None), SeenTask(2, "stranger")], low=1, high=1).withdraw == ()


def test_a_withdrawn_task_that_is_off_the_desk_is_struck_from_the_books():
    """The desk need not be looked at again for it."""
    plan = decide_delivery([assignment("k", AssignmentState.WITHDRAWN, task=5)], [], low=1, high=1)
    assert plan.gone == ("k",)


@dataclass
class Desk:
    """A desk and a store in memory, with a process that may die between any two effects (a simulation)."""

    assignments: dict[str, Assignment]
    tasks: dict[int, SeenTask] = field(default_factory=dict)
    steps_left: int | None = None

    def step(self):
        if self.steps_left is not None:
            if self.steps_left == 0:
                raise SystemExit
            self.steps_left -= 1

    def run(self):
        plan = decide_delivery(list(self.assignments.values()), list(self.tasks.values()), low=4, high=6)
        self.step()
        for key, task in plan.found:
            self.record(key, task)
        self.step()
        for key in plan.vanished:
            self.assignments[key] = replace(self.assignments[key], state=AssignmentState.PLANNED, task=None)
        self.step()
        sent = []
        for a in plan.deliver:
            number = len(self.tasks) + 1000
            self.tasks[number] = SeenTask(number, a.key)
            sent.append((a.key, number))
        self.step()
        for key, task in sent:
            self.record(key, task)
        self.step()
        for task in plan.withdraw:
            del self.tasks[task]

    def record(self, key, task):
        a = self.assignments[key]
        state = AssignmentState.DELIVERED if a.state is AssignmentState.PLANNED else a.state
        self.assignments[key] = replace(a, state=state, task=task)


@settings(deadline=None)
@given(st.lists(st.integers(0, 5), max_size=12), st.integers(1, 20))
def test_a_delivery_that_dies_anywhere_and_is_repeated_delivers_each_task_once(deaths, n):
    """Applying the plan twice changes nothing; dying between any two effects loses and doubles nothing."""
    desk = Desk({a.key: a for a in many(n)})
    for steps in deaths:
        desk.steps_left = steps
        try:
            desk.run()
        except SystemExit:
            continue
    desk.steps_left = None
    desk.run()
    before = (dict(desk.assignments), dict(desk.tasks))
    desk.run()
    assert (desk.assignments, desk.tasks) == before
    keys = [t.key for t in desk.tasks.values()]
    assert len(keys) == len(set(keys)) == min(n, 6)
    assert all(a.task in desk.tasks for a in desk.assignments.values() if a.state is AssignmentState.DELIVERED)
