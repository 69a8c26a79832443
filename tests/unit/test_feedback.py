"""An annotator's own report and page: worth reading, never a colleague's name, never an item that still measures."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from labelwright.adapters.personal_links import is_signed, personal_link, sign_person
from labelwright.app.answers import replies_of
from labelwright.app.feedback import feedback_of, hidden_items
from labelwright.app.onboarding import read_guidelines, start_attempt, wants_qualification
from labelwright.app.oversight import oversee
from labelwright.app.team_status import leave, pause
from labelwright.entry.api.own_page import own_page_router
from labelwright.entry.pages import own_page
from labelwright.model.errors import CheckFailedError, NothingToDoError
from labelwright.model.project import AnnotatorStatus, Level, Purpose
from support.people import crew

CLASSES = ["Positive", "Negative", "Neutral"]
TRUTH = {f"s{k}": CLASSES[k % 3] for k in range(300)}
SECRET = "s" * 64


def confused(team, name, rng):
    """Takes half of Neutral for Positive, from the middle on; all else right."""

    def label(item, k):
        return "Positive" if TRUTH[item] == "Neutral" and k > 60 and rng.random() < 0.5 else TRUTH[item]

    for k in range(150):
        team.say(name, f"s{k}", label(f"s{k}", k), seconds=6.0)


@pytest.fixture(scope="module")
def worked(tmp_path_factory):
    """A team whose ada confuses two classes; the others are right."""
    team = crew(tmp_path_factory.mktemp("w"), n=300, watch={"auto_pause": False})
    for name in ("ada", "ben", "cyd", "dan"):
        team.join(name)
    team.join("eva", Level.EXPERT)
    team.gold({f"s{k}": TRUTH[f"s{k}"] for k in range(200, 220)})
    confused(team, "ada", np.random.default_rng(1))
    for name in ("ben", "cyd", "dan"):
        for k in range(150):
            team.say(name, f"s{k}", TRUTH[f"s{k}"])
    for k in range(200, 215):
        team.say("ada", f"s{k}", TRUTH[f"s{k}"] if k % 5 else "Neutral", Purpose.GOLD)
    oversee(team.project)
    return team


def report(team, name="ada"):
    return feedback_of(team.project, team.person(name), replies_of(team.project))


def test_the_report_knows_what_she_confuses_and_how_it_went(worked):
    """The pair that she confuses comes first, with examples; gold and settled items have intervals; the trend falls."""
    f = report(worked)
    assert (f.confusions[0].label, f.confusions[0].hers) == ("Neutral", "Positive")
    assert f.confusions[0].examples
    assert f.gold.n_items == 15
    assert f.settled.low < f.settled.value < f.settled.high
    assert f.trend[0].accuracy.value > f.trend[-1].accuracy.value
    assert f.team == 1.0
    assert any("Negative" in p or "Positive" in p for p in f.praise)


def test_no_item_that_still_measures_is_shown_and_nobody_is_named(worked):
    """Active gold stays a secret on the page, and so do colleagues."""
    page = own_page(worked.project, worked.person("ada"))
    for k in range(200, 220):
        assert f"sentence number {k}" not in page
    for name in ("ben", "cyd", "dan", "eva", "Ben", "Cyd", "Dan", "Eva"):
        assert f">{name}<" not in page
        assert f" {name} " not in page
    assert "s201" in hidden_items(worked.project)
    assert "<script" not in page


def test_what_people_wrote_is_no_markup(tmp_path):
    """A hostile name, text or reason is shown as text."""
    team = crew(tmp_path)
    team.join("ada")
    team.project.store.put_annotator(replace(team.person("ada"), name="<img src=x onerror=alert(1)>"))
    pause(team.project, team.person("ada"), "<script>alert(2)</script>")
    page = own_page(team.project, team.person("ada"))
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;script&gt;" in page


def test_somebody_without_answers_is_told_so(tmp_path):
    """Undefined is a sentence, not a zero."""
    team = crew(tmp_path)
    team.join("ada")
    f = report(team)
    assert (f.gold.value, f.settled.value, f.trend, f.confusions) == (None, None, (), ())
    assert f.gold.reason
    assert "no answers yet" in own_page(team.project, team.person("ada"))


def test_being_right_against_the_many_is_praised(tmp_path):
    """An expert who decides as she did is told to her."""
    team = crew(tmp_path, review={"audit_share": 1.0})
    for name in ("ada", "ben", "cyd"):
        team.join(name)
    team.join("eva", Level.EXPERT)
    for name, label in (("ada", "Negative"), ("ben", "Positive"), ("cyd", "Positive")):
        team.say(name, "s1", label)
    oversee(team.project)
    (review,) = [a for a in team.project.store.assignments(annotator="eva") if a.purpose is Purpose.REVIEW]
    team.answer(review, "Negative")
    oversee(team.project)
    assert any("right against the others" in p for p in report(team).praise)
    assert not any("against the others" in p for p in report(team, "ben").praise)


def test_a_novice_sees_where_an_expert_said_otherwise(tmp_path):
    """On their common items, without the expert's name; not on gold, not on what an expert reviewed afterwards."""
    team = crew(tmp_path)
    team.join("ada", Level.NOVICE)
    team.join("eva", Level.EXPERT)
    for k in range(6):
        team.say("ada", f"s{k}", "Positive")
        team.say("eva", f"s{k}", "Negative" if k in {1, 2, 3} else "Positive", Purpose.OVERLAP if k else Purpose.REVIEW)
    team.gold({"s3": "Negative"})
    found = report(team)
    assert (found.beside_expert.value, found.beside_expert.n_items) == (0.4, 5)
    assert {(d.item, d.hers, d.experts) for d in found.differing} == {
        ("s1", "Positive", "Negative"),
        ("s2", "Positive", "Negative"),
    }
    page = own_page(team.project, team.person("ada"))
    assert "Beside an expert" in page
    assert "eva" not in page.casefold().replace("evaluat", "")


def test_self_consistency_is_measured_where_she_is_asked_again(tmp_path):
    """The second answer is held against the first; one that was sent back with an explanation is not."""
    team = crew(tmp_path)
    team.join("ada")
    for k in range(4):
        team.say("ada", f"s{k}", "Positive")
    team.say("ada", "s0", "Positive", Purpose.REASK)
    team.say("ada", "s1", "Negative", Purpose.REASK)
    team.say("ada", "s2", "Negative", Purpose.RETURN)
    found = report(team).consistent
    assert (found.value, found.n_items) == (0.5, 2)


# ---------------------------------------------------------------- the page behind its link


def client(team):
    app = FastAPI()
    app.include_router(own_page_router(lambda: team.project, SECRET))
    return TestClient(app, follow_redirects=False)


def test_only_the_signed_link_opens_a_page(tmp_path):
    """Another person's signature, a guessed one, or a link of somebody who has left open nothing."""
    team = crew(tmp_path)
    team.join("ada")
    team.join("ben")
    web = client(team)
    link = personal_link("", SECRET, "ada")
    found = web.get(link)
    assert found.status_code == 200
    assert found.headers["cache-control"] == "no-store"
    assert found.headers["referrer-policy"] == "no-referrer"
    assert web.get(f"/me/ben/{sign_person(SECRET, 'ada')}").status_code == 404
    assert web.get("/me/ada/" + "A" * 43).status_code == 404
    assert web.get(personal_link("", "other", "ada")).status_code == 404
    assert not is_signed(SECRET, "ada", "é" * 43)
    leave(team.project, team.person("ada"), "")
    assert web.get(link).status_code == 404


def newcomer(tmp_path, **qualification):
    settings = {"items": 10, "pass_mark": 0.6, "confidence": 0.8, "attempts": 2} | qualification
    team = crew(tmp_path, n=120, qualification=settings)
    team.gold({f"s{k}": TRUTH[f"s{k}"] for k in range(40)})
    person = team.join("ada", Level.NOVICE)
    assert wants_qualification(team.project, person)
    team.project.store.put_annotator(replace(person, status=AnnotatorStatus.ONBOARDING))
    return team


def test_onboarding_from_reading_to_the_first_task(tmp_path):
    """She reads, answers gold with an explanation after each answer, passes by the bound, and is active."""
    team = newcomer(tmp_path)
    web, link = client(team), personal_link("", SECRET, "ada")
    page = web.get(link).text
    assert "I have read the guidelines" in page
    assert web.post(link + "/read").status_code == 303
    assert team.person("ada").read_guidelines == 1
    given = [a for a in team.project.store.assignments(annotator="ada") if a.purpose is Purpose.QUALIFICATION]
    assert len(given) == 10
    assert "0 of 10 answered" in web.get(link).text
    team.answer(given[0], "Neutral" if TRUTH[given[0].item] == "Positive" else "Positive")
    page = web.get(link).text
    assert "1 of 10 answered" in page
    assert f"it is <b>{TRUTH[given[0].item]}</b>" in page
    assert "an example of" in page, "the section of the guidelines comes with the explanation"
    still_to_come = [a.item for a in given[1:]]
    assert not any(f">sentence number {i[1:]}<" in page for i in still_to_come)
    for a in given[1:]:
        team.answer(a, TRUTH[a.item])
    oversee(team.project)
    assert team.person("ada").status is AnnotatorStatus.ACTIVE
    (record,) = team.project.store.qualifications("ada")
    assert (record.passed, record.result["right"], record.result["n"]) == (True, 9, 10)
    assert oversee(team.project).paused == ()


def test_who_fails_tries_again_with_other_items_and_then_the_lead_decides(tmp_path):
    """The retry limit holds, and no item comes twice."""
    team = newcomer(tmp_path)
    web, link = client(team), personal_link("", SECRET, "ada")
    read_guidelines(team.project, team.person("ada"))
    for _ in range(2):
        team.work("ada", lambda _: "Neutral")
        oversee(team.project)
        web.post(link + "/try")
    items = [a.item for a in team.project.store.assignments(annotator="ada") if a.purpose is Purpose.QUALIFICATION]
    assert len(items) == len(set(items)) == 20
    assert team.person("ada").status is AnnotatorStatus.PAUSED
    assert [q.passed for q in team.project.store.qualifications("ada")] == [False, False]
    with pytest.raises(NothingToDoError):
        start_attempt(team.project, team.person("ada"))
    assert web.post(link + "/try").status_code == 409


def test_a_try_that_a_crash_interrupted_goes_on(tmp_path):
    """Tasks that were given before the try was written down belong to it: nobody qualifies twice at once."""
    team = newcomer(tmp_path)
    for k in range(10):
        team.give("ada", f"s{k}", Purpose.QUALIFICATION)
    record = start_attempt(team.project, team.person("ada"))
    assert len(record.keys) == 10
    assert start_attempt(team.project, team.person("ada")) == record
    assert len(team.project.store.assignments(annotator="ada")) == 10


def test_without_enough_gold_the_lead_is_told(tmp_path):
    """A qualification round on what she knows already would show nothing."""
    team = newcomer(tmp_path, items=10)
    for k in range(35):
        team.say("ada", f"s{k}", "Positive")
    with pytest.raises(CheckFailedError):
        start_attempt(team.project, team.person("ada"))
    (said,) = [m for m in team.project.store.messages("lead") if m.kind == "gold"]
    assert "5 are new to her" in said.text
