"""Items as the console lists them."""

from __future__ import annotations

from labelwright.app.console.facts import facts_of
from labelwright.app.settling import settle
from labelwright.model.project import Level, Purpose
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


def test_a_reviewers_answer_changes_an_item_and_not_when_it_was_answered(tmp_path):
    """A period of the agreement opens items by the answers that it was made of: experts who saw them are not in it."""
    team = crew(tmp_path, n=10)
    team.join("ada")
    team.join("eva", Level.EXPERT)
    team.say("ada", "s1", "Positive")
    (given,) = facts_of(team.project, ["s1"])
    assert given.answered_at == given.changed_at
    team.say("eva", "s1", "Negative", Purpose.REVIEW)
    (reviewed,) = facts_of(team.project, ["s1"])
    assert reviewed.answered_at == given.answered_at
    assert reviewed.changed_at > given.changed_at
    team.say("ada", "s2", None)
    assert [f.answered_at for f in facts_of(team.project, ["s2"])] == [None]
