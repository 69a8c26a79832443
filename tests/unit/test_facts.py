"""Items as the console lists them."""

from __future__ import annotations

from labelwright.app.console.facts import facts_of
from labelwright.app.settling import settle
from support.exports import span
from support.people import crew

TEXT = "sentence number 1"


def test_what_is_drawn_is_listed_in_words_before_and_after_it_is_settled(tmp_path):
    """A lead reads what there seems to be in each item, not a dash; what nobody has answered has no label."""
    team = crew(tmp_path, n=10, template="ner")
    for name in ("ada", "ben"):
        team.join(name)
        team.answer(team.give(name, "s1"), [span("a", 0, 8, TEXT, "Positive"), span("b", 9, 15, TEXT, "Negative")])
    team.give("ada", "s2")
    before = {f.item: f.label for f in facts_of(team.project, ["s1", "s2"])}
    settle(team.project)
    after = {f.item: f.label for f in facts_of(team.project, ["s1", "s2"])}
    assert before == after == {"s1": "1 Negative, 1 Positive", "s2": None}
