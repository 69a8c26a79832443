"""What a certification came to: the meeting point of audit, export card and console."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from labelwright.model.errors import UsageError


class Certification(StrEnum):
    """The verdict on a set of labels."""

    CERTIFIED = "certified"
    NOT_CERTIFIABLE = "not certifiable"  # send to the expert
    AUDITING = "auditing"  # audited items still wait for the expert
    NOT_AUDITED = "not audited"  # nothing is claimed


@dataclass(frozen=True, slots=True)
class CertificationVerdict:
    """The outcome of one audit plan, with all that a reader needs to judge it.

    Attributes:
        verdict: see `Certification`.
        target: share of right labels among the accepted, unaudited items that is certified, τ, 0 to 1.
        confidence: of the procedure: in this share of jobs at least it does not certify a set that misses the target.
        items: items of the job.
        accepted: items whose label is accepted without an expert having seen it.
        audited: gold that the audit drew from the candidates.
        errors: wrong labels that the audit found.
        pilot: gold that fitted the order of acceptance or the forecast; it certifies nothing.
        to_expert: items that an expert labels: neither accepted nor audited nor pilot.
        cost: answers, plus the expert's price for every item that an expert labels; in prices of an answer.
        cost_all_expert: the expert's price for every item.
        reason: why this is the verdict, one sentence.
        remedy: what would change it; None where it is certified.
        plan: the audit plan: candidates, planned looks and the most errors with which each passes.
        round: the round it belongs to; None outside of rounds.
        at: when it was reached.
        simulated: says in one sentence what is simulated, or None.
    """

    verdict: Certification
    target: float
    confidence: float
    items: int
    accepted: int = 0
    audited: int = 0
    errors: int = 0
    pilot: int = 0
    to_expert: int = 0
    cost: float | None = None
    cost_all_expert: float | None = None
    reason: str = ""
    remedy: str | None = None
    plan: Mapping[str, Any] | None = None
    round: int | None = None
    at: datetime | None = None
    simulated: str | None = None

    def __post_init__(self) -> None:
        if not (0 < self.target < 1 and 0 < self.confidence < 1):
            raise UsageError("Target and confidence lie between 0 and 1", where=f"{self.target}, {self.confidence}")

    @property
    def accepted_share(self) -> float:
        """Share of the items that are accepted without an expert having seen them, 0 to 1."""
        return self.accepted / self.items if self.items else 0.0

    @property
    def statement(self) -> str:
        """What the verdict says and what it does not, in words for every screen and file."""
        return f"{_claim(self)} {wording(self.confidence)}"

    def as_dict(self) -> dict[str, Any]:
        """For `--json` and the store."""
        return {
            **asdict(self),
            "verdict": self.verdict.value,
            "at": self.at.isoformat() if self.at else None,
            "accepted_share": self.accepted_share,
            "statement": self.statement,
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> CertificationVerdict:
        """Back from `as_dict`."""
        own = {k: v for k, v in values.items() if k not in {"accepted_share", "statement"}}
        moment = own.get("at")
        return cls(
            **{
                **own,
                "verdict": Certification(own["verdict"]),
                "at": datetime.fromisoformat(moment) if moment else None,
            }
        )


def wording(confidence: float) -> str:
    """What a confidence procedure promises, and what it does not."""
    return (
        f"The procedure is right in at least {100 * confidence:g} % of jobs; "
        "it is no probability about this one set of labels."
    )


def _claim(verdict: CertificationVerdict) -> str:
    if verdict.verdict is Certification.CERTIFIED:
        return (
            f"Certified: of the {verdict.accepted:,} labels accepted unseen ({verdict.accepted_share:.1%} of "
            f"{verdict.items:,} items) at least {verdict.target:.1%} are right."
        )
    if verdict.verdict is Certification.NOT_CERTIFIABLE:
        return f"Not certifiable at {verdict.target:.1%}: send the items to the expert. {verdict.reason}."
    if verdict.verdict is Certification.AUDITING:
        return "Nothing is certified yet: audited items still wait for the expert."
    return "Nothing is certified: no label was audited."


@dataclass(frozen=True, slots=True)
class CertificationRecord:
    """One audit as it is kept: what is to be certified is fixed before the first item is audited.

    Attributes:
        number: from 1.
        control: whose labels.
        labels: the candidates' labels at the time of the plan, in their order; later changes are not certified. Once
            a set is certified, its labels alone.
        drawn: all candidates in the random order in which they are audited.
        verdict: how far it has come.
    """

    number: int
    control: str
    labels: Mapping[str, str]
    drawn: tuple[str, ...]
    verdict: CertificationVerdict
