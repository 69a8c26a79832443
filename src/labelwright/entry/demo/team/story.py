"""The team's demo from the first account to the certificate. What has been done is skipped: it can be killed."""

from __future__ import annotations

from collections.abc import Sequence

from labelwright.adapters.reviews import Review
from labelwright.adapters.secrets import new_password
from labelwright.app.certifying import Wish, certify
from labelwright.app.gold import GoldRow, add_gold
from labelwright.app.onboarding import read_guidelines, start_attempt
from labelwright.app.team import Newcomer, add_annotator
from labelwright.bootstrap import Workspace
from labelwright.entry.cli.output import Bar
from labelwright.entry.cli.review import oversee_and_deliver
from labelwright.entry.cli.rounds import close_and_withdraw, open_and_deliver
from labelwright.entry.demo.team.cast import CAST, truth_of
from labelwright.entry.demo.team.files import RULES, Size, gold_of
from labelwright.entry.demo.team.shifts import Crowd, work_off
from labelwright.model.certification import Certification, CertificationRecord
from labelwright.model.errors import CheckFailedError
from labelwright.model.money import read_rate
from labelwright.model.people import GoldSource
from labelwright.model.project import AnnotatorStatus, RoundState


def play_team(place: Workspace, reviews: Sequence[Review], size: Size, bar: Bar) -> CertificationRecord:
    """Everything up to the verdict, on a Label Studio that runs."""
    crowd = Crowd(place, {r.text: r for r in reviews}, size.turn, size.shift, bar.step)
    _enroll(place, bar)
    _know(place, gold_of(reviews, size))
    _qualify(place, crowd, bar)
    _label(place, crowd, bar)
    return _certify(place, crowd, size, bar)


def _enroll(place: Workspace, bar: Bar) -> None:
    project, desks = place.project(), place.desks()
    known = {d.annotator for d in project.store.desks("work")}
    bar.start("Eight annotators sign up", len(CAST))
    for member in CAST:
        if member.id not in known:
            newcomer = Newcomer(
                member.name,
                f"{member.id}-{place.secrets.ensure('workspace_id')[:8]}@labelwright.example.org",
                new_password(),
                member.level,
                simulated=True,
                rate=read_rate(member.rate),
            )
            add_annotator(project, desks, place.secrets, place.hook(), newcomer)
        bar.step()
    bar.done()


def _know(place: Workspace, gold: Sequence[Review]) -> None:
    """The lead's own gold, with the reasons that newcomers read in the qualification round."""
    labels = {r.id: truth_of(r) for r in gold}
    rows = [GoldRow(n, i, label, (), RULES[label or ""]) for n, (i, label) in enumerate(labels.items(), 2)]
    project = place.project()
    if not project.store.gold(project.control.name):
        add_gold(project, rows, GoldSource.LEAD)


def _qualify(place: Workspace, crowd: Crowd, bar: Bar) -> None:
    """Each reads the guidelines and answers gold; who fails reads the explanations and tries again."""
    newcomers = [a for a in place.project().store.annotators() if a.status is AnnotatorStatus.ONBOARDING]
    if not newcomers:
        return
    bar.start("Newcomers read the guidelines and qualify", None)
    for person in newcomers:
        read_guidelines(place.project(), person)
    while newcomers:
        oversee_and_deliver(place)
        work_off(crowd)
        newcomers = [a for a in place.project().store.annotators() if a.status is AnnotatorStatus.ONBOARDING]
        for person in newcomers:
            start_attempt(place.project(), person)
    bar.done()


def _label(place: Workspace, crowd: Crowd, bar: Bar) -> None:
    rounds = place.project().store.rounds()
    if rounds and rounds[-1].state is RoundState.CLOSED:
        return
    if not rounds:
        open_and_deliver(place, None, bar)
    bar.start("The team labels, experts review, the watch looks on", None)
    work_off(crowd)
    close_and_withdraw(place, bar)


def _certify(place: Workspace, crowd: Crowd, size: Size, bar: Bar) -> CertificationRecord:
    bar.start("Experts audit what is to be certified", None)
    wish = Wish(size.target, gold=size.audits)
    record = certify(place.project(), wish)
    while record.verdict.verdict is Certification.AUDITING:
        oversee_and_deliver(place)
        if not work_off(crowd):
            raise CheckFailedError(
                "Items of the audit wait for an expert, and none may take them",
                where=str(place.root),
                next_step="See labelwright review list, and settle them: labelwright review settle ITEM LABEL",
            )
        record = certify(place.project(), wish)
    bar.done()
    return record
