"""The measured effect of suggestions, on answers whose effect is known because it was put there."""

from __future__ import annotations

import numpy as np
import pytest

from labelwright.learning.anchoring import Helped, anchoring


def crowd(n: int, pull: float, seed: int, *, wrong: float = 0.3) -> list[Helped]:
    """Half see the suggestion; those follow it with probability ``pull``, else answer by themselves (80 % right)."""
    rng = np.random.default_rng(seed)
    rows = []
    for _ in range(n):
        shown = bool(rng.random() < 0.5)
        suggested = "b" if rng.random() < wrong else "a"
        own = "a" if rng.random() < 0.8 else "b"
        answer = suggested if shown and rng.random() < pull else own
        seconds = float(np.exp(rng.normal(2.0 - 0.3 * shown, 0.4)))
        rows.append(Helped(f"p{rng.integers(3)}", shown, suggested, answer, seconds, "a"))
    return rows


def test_a_pull_that_was_put_there_is_found():
    """Annotators who follow half of what they see: .5 × the share that would have answered otherwise."""
    found = anchoring(crowd(4000, 0.5, 0))
    assert found.wrong_agreement.low < 0.5 * 0.8 < found.wrong_agreement.high
    assert found.accuracy.high < 0
    assert found.time.low < np.exp(-0.3) < found.time.high
    assert sum(p[1] for p in found.people) == found.shown


def test_no_pull_is_no_effect_in_most_samples():
    """An interval that finds an effect where there is none more often than it says (5 %)."""
    outside = sum(not (m.low <= 0 <= m.high) for m in (anchoring(crowd(200, 0.0, s)).agreement for s in range(200)))
    assert outside <= 20


def test_accepted_changed_and_skipped_add_up():
    """A skip that is counted as a change."""
    rows = [Helped("ann", True, "a", x) for x in ["a", "a", "b", None]] + [Helped("ann", False, "a", "a")]
    found = anchoring(rows)
    assert found.people == (("ann", 4, 2, 1, 1),)
    assert (found.shown, found.control) == (4, 1)


def test_few_answers_say_nothing():
    """A difference of nine answers shown as an effect."""
    found = anchoring([Helped("ann", i % 2 == 0, "a", "a", 3.0) for i in range(18)])
    for measure in (found.agreement, found.time, found.accuracy, found.wrong_agreement):
        assert measure.value is None
        assert measure.reason
    assert found.as_dict()["people"][0]["accepted"] == 9


@pytest.mark.parametrize("seconds", [None, 0.0, -1.0])
def test_times_that_are_none_are_left_out(seconds):
    """A logarithm of zero."""
    assert anchoring([Helped("a", i % 2 == 0, "a", "a", seconds) for i in range(60)]).time.value is None
