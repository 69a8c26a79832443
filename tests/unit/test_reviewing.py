"""Review on a real store: what goes to an expert, how she sees it, and what her word changes."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from labelwright.adapters.labelstudio.asking import asking
from labelwright.adapters.labelstudio.config import read_config
from labelwright.adapters.labelstudio.templates import render
from labelwright.app.adjudicating import settle_item
from labelwright.app.annotations import annotation_set
from labelwright.app.anonymous import predictions_for
from labelwright.app.asked import UNSURE, UNSURE_CLASS, WHY
from labelwright.app.console.deciding import set_state
from labelwright.app.gold import fair_gold
from labelwright.app.oversight import oversee
from labelwright.app.reviewing import ask_experts, is_audited
from labelwright.app.settling import settle
from labelwright.model.consensus import ConsensusState
from labelwright.model.people import GoldSource, ReviewRequest
from labelwright.model.project import AssignmentState, Level, Purpose
from support.people import crew


def team_of(tmp_path, experts=("eva",), **review):
    team = crew(tmp_path, n=120, review=review)
    for name in ("ada", "ben"):
        team.join(name)
    for name in experts:
        team.join(name, Level.EXPERT)
    return team


def reviews(team, name="eva"):
    open_states = {AssignmentState.PLANNED, AssignmentState.DELIVERED}
    mine = team.project.store.assignments(annotator=name)
    return [a for a in mine if a.purpose is Purpose.REVIEW and a.state in open_states]


def why(text):
    return [{"from_name": WHY, "to_name": "text", "type": "textarea", "value": {"text": [text]}}]


def flag():
    return [{"from_name": UNSURE, "to_name": "text", "type": "choices", "value": {"choices": [UNSURE_CLASS]}}]


def contest(team, item, first="Positive", second="Negative"):
    team.say("ada", item, first)
    team.say("ben", item, second)


def kept(team, item):
    return {c.item: c for c in team.project.store.consensus(team.project.control.name)}[item]


def test_a_contested_item_goes_to_an_expert_and_her_word_is_the_label_with_who_and_why(tmp_path):
    """From two answers that contradict to an adjudication, gold and a closed request; a second pass changes nothing."""
    team = team_of(tmp_path)
    contest(team, "s1")
    team.say("ada", "s2", "Positive")
    team.say("ben", "s2", "Positive")
    oversee(team.project)
    (review,) = reviews(team)
    assert review.item == "s1"
    team.answer(review, "Negative", extra=why("Irony: rule 3."))
    oversee(team.project)
    final = kept(team, "s1")
    assert (final.state, final.label, final.by, final.reason) == (
        ConsensusState.ADJUDICATED,
        "Negative",
        "eva",
        "Irony: rule 3.",
    )
    (word,) = team.project.store.adjudications()
    assert (word.by, word.why, word.asked, word.label) == ("eva", "Irony: rule 3.", "contested", "Negative")
    (gold,) = team.project.store.gold()
    assert (gold.source, gold.label, gold.explanation, gold.by) == (
        GoldSource.ADJUDICATION,
        "Negative",
        "Irony: rule 3.",
        "eva",
    )
    assert fair_gold(team.project) == [], "what was contested measures nobody"
    assert team.project.store.reviews(waiting=True) == []
    before = (team.project.store.consensus(), team.project.store.assignments(), team.project.store.messages())
    oversee(team.project)
    assert (team.project.store.consensus(), team.project.store.assignments(), team.project.store.messages()) == before


def test_an_expert_never_reviews_what_she_answered_herself(tmp_path):
    """A second pair of eyes is somebody else's; with nobody left the lead is told."""
    team = team_of(tmp_path)
    team.say("eva", "s1", "Positive")
    team.say("ben", "s1", "Negative")
    oversee(team.project)
    assert reviews(team) == []
    (said,) = team.project.store.messages("lead")
    assert "wait for an expert" in said.text
    team.join("eli", Level.EXPERT)
    oversee(team.project)
    assert [a.item for a in reviews(team, "eli")] == ["s1"]


def test_experts_who_all_answered_an_item_alike_settle_it_without_a_review(tmp_path):
    """Nobody is left to review it: two independent words of experts are the label; where they differ, the lead decides."""
    team = team_of(tmp_path, experts=("eva", "eli"))
    for item, first, second in (("s1", "Positive", "Negative"), ("s2", "Negative", "Positive")):
        team.say("ada", item, "Positive")
        team.say("ben", item, first)
        team.say("eva", item, "Negative")
        team.say("eli", item, second)
    oversee(team.project)
    assert [r.item for r in team.project.store.reviews(waiting=True)] == []
    assert reviews(team) + reviews(team, "eli") == []
    settled, open_ = kept(team, "s1"), kept(team, "s2")
    assert (settled.state, settled.label) == (ConsensusState.ADJUDICATED, "Negative")
    assert open_.state is ConsensusState.REVIEW
    said = [m.text for m in team.project.store.messages("lead")]
    assert ["s2" in text and "contradict" in text for text in said] == [True]
    before = (team.project.store.consensus(), team.project.store.adjudications(), team.project.store.messages())
    oversee(team.project)
    assert (team.project.store.consensus(), team.project.store.adjudications(), team.project.store.messages()) == before


def test_what_the_lead_excludes_is_not_brought_back_by_experts_answers(tmp_path):
    """An item that waits for a review and is excluded meanwhile stays out, though all experts had answered it alike."""
    team = team_of(tmp_path, experts=("eva", "eli"))
    for who, label in (("ada", "Positive"), ("ben", "Negative"), ("eva", "Negative"), ("eli", "Negative")):
        team.say(who, "s1", label)
    project = team.project
    settle(project)
    project.store.request_review([ReviewRequest("s1", "contested", "", project.clock.now())])
    set_state(project, ["s1"], ConsensusState.EXCLUDED, "lea", "not about the product")
    oversee(project)
    assert kept(team, "s1").state is ConsensusState.EXCLUDED


def test_what_the_lead_excludes_while_an_expert_reviews_it_stays_out(tmp_path):
    """Her word is kept with who and why, but it does not undo the lead's."""
    team = team_of(tmp_path)
    contest(team, "s1")
    oversee(team.project)
    (review,) = reviews(team)
    set_state(team.project, ["s1"], ConsensusState.EXCLUDED, "lea", "not about the product")
    team.answer(review, "Negative")
    oversee(team.project)
    assert kept(team, "s1").state is ConsensusState.EXCLUDED
    assert [w.label for w in team.project.store.adjudications()] == ["Negative"]
    assert team.project.store.gold() == [], "what is out measures nobody"


def test_colleagues_answers_come_without_names_in_an_order_that_tells_nothing(tmp_path):
    """Nothing in the predictions names anybody; over many items the first answer is everybody's equally often."""
    team = team_of(tmp_path)
    items = [f"s{k}" for k in range(60)]
    for item in items:
        contest(team, item)
    oversee(team.project)
    ask = reviews(team)
    seen = predictions_for(team.project, ask)
    assert len(seen) == 60
    text = json.dumps([[p.version, [dict(r) for r in p.result]] for ps in seen.values() for p in ps])
    assert not any(name in text for name in ("ada", "ben", "Ada", "Ben"))
    assert {p.version for ps in seen.values() for p in ps} == {"Answer"}
    first = Counter(ps[0].result[0]["value"]["choices"][0] for ps in seen.values())
    assert 15 <= first["Positive"] <= 45  # P outside < .0002 for a fair coin
    assert predictions_for(team.project, ask) == seen, "a task that is delivered anew looks the same"


def test_an_unsure_answer_counts_and_goes_to_an_expert(tmp_path):
    """The flag is no label of its own: the answer stays valid, and an expert sees the item."""
    team = team_of(tmp_path, unsure=True)
    team.say("ada", "s1", "Positive", extra=flag())
    team.say("ben", "s2", None)
    oversee(team.project)
    assert {r.item: r.why for r in team.project.store.reviews()} == {"s1": "unsure", "s2": "unsure"}
    (answer,) = annotation_set(team.project).valid
    assert team.project.check(json.dumps({"result": []})) != ()
    assert answer.answer.of("label")
    assert {a.item for a in reviews(team)} == {"s1", "s2"}


def test_audits_are_drawn_at_random_and_always_the_same(tmp_path):
    """A fixed share of settled items, whoever labeled them; more answers draw no others."""
    team = team_of(tmp_path, audit_share=0.3)
    items = [f"s{k}" for k in range(100)]
    for item in items:
        team.say("ada", item, "Positive")
    oversee(team.project)
    drawn = {r.item for r in team.project.store.reviews() if r.why == "audit"}
    assert drawn == {i for i in items if is_audited(team.project, i)}
    assert 15 <= len(drawn) <= 45
    for review in reviews(team):
        team.answer(review, "Positive")
    oversee(team.project)
    assert {g.item for g in fair_gold(team.project)} == drawn, "audited items are gold that measures people"


def test_two_experts_who_contradict_leave_it_open_and_the_lead_decides(tmp_path):
    """Both words are kept, nothing becomes gold, and the lead's word ends it."""
    team = team_of_two(tmp_path)
    contest(team, "s1")
    oversee(team.project)
    team.answer(reviews(team, "eva")[0], "Positive", extra=why("It is praise."))
    oversee(team.project)
    assert "contradict" not in (kept(team, "s1").reason or ""), "one of two has spoken"
    team.answer(reviews(team, "eli")[0], "Negative")
    oversee(team.project)
    assert kept(team, "s1").state is ConsensusState.REVIEW
    assert "contradict" in (kept(team, "s1").reason or "")
    assert team.project.store.gold() == []
    (said,) = [m for m in team.project.store.messages("lead") if m.item == "s1"]
    assert "It is praise." in said.text
    settle_item(team.project, "s1", "Negative", "Both sides count; the last clause decides.")
    oversee(team.project)
    assert (kept(team, "s1").state, kept(team, "s1").by) == (ConsensusState.ADJUDICATED, "lead")


def team_of_two(tmp_path):
    team = crew(tmp_path, n=60, review={"experts": 2})
    for name in ("ada", "ben"):
        team.join(name)
    for name in ("eva", "eli"):
        team.join(name, Level.EXPERT)
    return team


def test_who_was_overturned_gets_the_item_back_with_the_reason_where_the_lead_wants_it(tmp_path):
    """A message with the explanation and the item once more; a second pass sends nothing again."""
    team = team_of(tmp_path, return_overturned=True)
    contest(team, "s1")
    oversee(team.project)
    team.answer(reviews(team)[0], "Negative", extra=why("Irony: rule 3."))
    oversee(team.project)
    oversee(team.project)
    (back,) = [a for a in team.project.store.assignments() if a.purpose is Purpose.RETURN]
    assert (back.annotator, back.item) == ("ada", "s1")
    (said,) = team.project.store.messages("ada")
    assert "Irony: rule 3." in said.text
    assert team.project.store.messages("ben") == []


def test_nothing_is_asked_of_experts_twice(tmp_path):
    """Repeating the asking, as after a crash, makes no second task."""
    team = team_of(tmp_path)
    contest(team, "s1")
    oversee(team.project)
    assert ask_experts(team.project).assigned == 0
    assert len(reviews(team)) == 1


@pytest.mark.parametrize("template", ["text-classification", "ner", "image-detection", "pairwise"])
def test_what_is_asked_beside_a_schema_leaves_it_as_it_is(template):
    """The flag and the reason are added once, as controls that are understood; own controls and fields stay."""
    xml = render(template, None)
    more = read_config(asking(xml, unsure=True, why=True))
    before = read_config(xml)
    assert more.valid, more.problems
    assert [c.name for c in more.controls] == [*(c.name for c in before.controls), UNSURE, WHY]
    assert more.data_fields == before.data_fields
    assert asking(more.xml, unsure=True, why=True) == more.xml
    assert asking(xml) == xml
    assert not more.control(UNSURE).required
    assert not more.control(WHY).required
