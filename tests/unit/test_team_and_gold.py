"""Team, gold and rounds on a real store: what a lead changes is what happens."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import pytest

from labelwright.app.gold import GoldRow, add_gold, gold_list, retire_gold
from labelwright.app.rounds import open_assignments, open_round
from labelwright.app.team import Newcomer, find_annotator, put_profile, with_profile
from labelwright.app.team_status import follow_up, leave, pause, resume
from labelwright.model.consensus import ConsensusState
from labelwright.model.errors import DataError, NothingToDoError, UsageError
from labelwright.model.money import Rate, RateUnit, read_rate
from labelwright.model.people import GoldSource
from labelwright.model.project import AnnotatorStatus, AssignmentState, Level, Purpose
from support.people import crew

OPEN = {AssignmentState.PLANNED, AssignmentState.DELIVERED}


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("18.50/hour", Rate(Decimal("18.50"), RateUnit.HOUR)),
        ("0,08/label", Rate(Decimal("0.08"), RateUnit.LABEL)),
        (" 20 / h ", Rate(Decimal(20), RateUnit.HOUR)),
    ],
)
def test_a_rate_is_read_as_people_write_it(text, rate):
    """Exact decimals, so that a bill adds up; what is written is read back."""
    assert read_rate(text) == rate
    assert read_rate(str(rate)) == rate


@pytest.mark.parametrize("text", ["", "18", "-1/hour", "1e9/hour", "1/week", "0x1/hour", "1/hour; DROP"])
def test_what_is_no_rate_is_refused_with_an_example(text):
    """Nobody is paid by a typing error."""
    with pytest.raises(UsageError, match=r"18\.50/hour"):
        read_rate(text)


def test_a_changed_rate_counts_from_then_on(tmp_path):
    """What she did before stays paid as it was; what is not named stays as it is."""
    team = crew(tmp_path)
    ada = team.join("ada", rate=read_rate("10/hour"), skills=("law",))
    team.clock.move(days=2)
    after = with_profile(ada, Newcomer("Ada", "", "", rate=read_rate("12/hour")))
    put_profile(team.project, after, ada)
    (first, second) = team.project.store.rates()["ada"]
    assert (first[0].year, str(first[1]), str(second[1])) == (1970, "10/hour", "12/hour")
    assert second[0] == team.clock.now()
    assert team.person("ada").skills == ("law",)


def test_people_are_found_by_id_name_or_address(tmp_path):
    """A lead types what she knows; a stranger is told who there is."""
    team = crew(tmp_path)
    team.join("ada")
    assert {find_annotator(team.project, n).id for n in ("ada", "Ada", "ADA@example.org")} == {"ada"}
    with pytest.raises(UsageError, match="ada"):
        find_annotator(team.project, "nobody")


def test_a_paused_annotators_waiting_work_goes_to_others_and_what_she_did_stays(tmp_path):
    """She leaves in mid-queue: nothing is lost, nothing is done twice, and both are told why."""
    team = crew(tmp_path, sampling={"strategy": "random", "batch": 30}, overlap={"share": 0.0})
    for name in ("ada", "ben", "cyd"):
        team.join(name)
    open_round(team.project)
    done = team.work("ada", lambda _: "Positive", most=4)
    before = {a.item for a in open_assignments(team.project, 1)}
    changed = pause(team.project, team.person("ada"), "You asked for a break.")
    assert changed.withdrawn == changed.handed_over == 10 - done
    after = open_assignments(team.project, 1)
    assert {a.item for a in after} == before
    assert {a.annotator for a in after} == {"ben", "cyd"}
    loads = Counter(a.annotator for a in after)
    assert abs(loads["ben"] - loads["cyd"]) <= 1
    assert sum(a.state is AssignmentState.DONE for a in team.project.store.assignments(annotator="ada")) == 4
    assert "You asked for a break." in team.project.store.messages("ada")[0].text
    assert "Ada is paused" in team.project.store.messages("lead")[0].text
    with pytest.raises(NothingToDoError):
        pause(team.project, team.person("ada"), "")
    assert follow_up(team.project)["ada"].withdrawn == 0
    assert len(team.project.store.messages()) == 2
    resume(team.project, team.person("ada"), "")
    assert team.person("ada").status is AnnotatorStatus.ACTIVE
    assert [c.after for c in team.project.store.status_changes("ada")] == [
        AnnotatorStatus.PAUSED,
        AnnotatorStatus.ACTIVE,
    ]


def test_the_last_one_who_leaves_takes_no_work_along(tmp_path):
    """With nobody else there, waiting items are withdrawn and can be drawn again."""
    team = crew(tmp_path)
    team.join("ada")
    open_round(team.project)
    changed = leave(team.project, team.person("ada"), "")
    assert (changed.withdrawn, changed.handed_over) == (10, 0)
    team.project.store.close_round(1, team.clock.now(), {})
    with pytest.raises(UsageError, match="no active annotator"):
        open_round(team.project)


def test_gold_is_taken_in_row_by_row_and_a_bad_row_costs_only_itself(tmp_path):
    """Unknown items, unknown classes and contradictions are refused with their reason."""
    team = crew(tmp_path)
    rows = [
        GoldRow(2, "s1", "Positive", explanation="it says so"),
        GoldRow(3, "s2", "Posotive"),
        GoldRow(4, "absent", "Positive"),
        GoldRow(5, "s3", None),
        GoldRow(6, "s4", "Positive"),
        GoldRow(7, "s4", "Negative"),
    ]
    added = add_gold(team.project, rows, GoldSource.LEAD)
    assert (added.added, added.changed) == (1, 0)
    assert [row for row, _ in added.rejected] == [3, 4, 5, 6, 7]
    assert add_gold(team.project, rows[:1], GoldSource.LEAD) == type(added)(0, 0, ())
    (known,) = team.project.store.consensus()
    assert (known.state, known.label, known.method) == (ConsensusState.ADJUDICATED, "Positive", "gold")
    with pytest.raises(DataError, match="row 3"):
        add_gold(team.project, rows[1:2], GoldSource.LEAD)


def test_retired_gold_stays_known_and_is_asked_no_more(tmp_path):
    """The lead takes a worn item out; a stranger is refused."""
    team = crew(tmp_path)
    team.gold({"s1": "Positive", "s2": "Negative"})
    assert retire_gold(team.project, ["s1", "s1"], "worn") == 1
    assert [(g["item"], g["state"], g["reason"]) for g in gold_list(team.project)] == [
        ("s1", "retired", "worn"),
        ("s2", "active", None),
    ]
    with pytest.raises(UsageError, match="s9"):
        retire_gold(team.project, ["s9"], "worn")


def test_a_round_mixes_gold_in_and_draws_none_of_it_as_if_it_were_unknown(tmp_path):
    """Every desk gets gold that its annotator does not know, at places of its own, at most once each."""
    team = crew(
        tmp_path, n=200, sampling={"strategy": "random", "batch": 120}, gold={"share": 0.2, "most_exposures": 2}
    )
    for name in ("ada", "ben", "cyd"):
        team.join(name)
    known = {f"s{k}": "Positive" for k in range(20)}
    team.gold(known)
    open_round(team.project)
    planned = team.project.store.assignments(round_number=1)
    gold = [a for a in planned if a.purpose is Purpose.GOLD]
    assert {a.item for a in gold} <= set(known)
    assert not {a.item for a in planned if a.purpose is not Purpose.GOLD} & set(known)
    assert len({(a.item, a.annotator) for a in gold}) == len(gold)
    assert max(Counter(a.item for a in gold).values()) <= 2
    assert len(gold) >= 15
    for name in ("ada", "ben", "cyd"):
        positions = sorted(a.position for a in planned if a.annotator == name)
        assert positions == list(range(len(positions)))


def test_only_who_has_the_tags_gets_an_item(tmp_path):
    """Metadata columns say what an item asks for; nobody for it is told in the round's note."""
    team = crew(
        tmp_path, team={"skill_by": "source"}, overlap={"share": 0.0}, sampling={"strategy": "random", "batch": 20}
    )
    team.join("ada", skills=("even",))
    team.join("ben", Level.EXPERT)
    opened = open_round(team.project)
    drawn = team.project.store.items()
    given = team.project.store.assignments(round_number=1)
    assert given
    assert {(drawn[a.item].metadata["source"], a.annotator) for a in given} == {("even", "ada")}
    assert "nobody active has the tags odd" in (opened.note or "")
    assert opened.answers == len(given)


def test_the_fixed_policy_gives_every_item_to_so_many(tmp_path):
    """Two answers an item, whatever the share says."""
    team = crew(tmp_path, overlap={"policy": "fixed", "annotators": 2, "share": 0.0})
    for name in ("ada", "ben", "cyd"):
        team.join(name)
    open_round(team.project)
    assert set(Counter(a.item for a in team.project.store.assignments()).values()) == {2}
