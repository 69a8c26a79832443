"""Settings about people: who gets what, gold, qualification, review, feedback, money."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt, model_validator

from labelwright.app.settings_base import Section, Share
from labelwright.assignment.routing import Prefer
from labelwright.assignment.standing import fewest_right

Natural = Annotated[int, Field(ge=0)]


class Team(Section):
    """A desk is refilled up to ``high_water`` tasks when fewer than ``low_water`` are open.

    ``prefer`` says who is asked first: balance (the shortest queue), skill (who is most likely right) or cost, as long
    as her queue is at most ``slack`` items longer than the shortest. ``skill_by``, ``language_by`` and ``level_by``
    name metadata columns whose values an annotator must have to get the item. A novice's first ``novice_items`` items
    are labeled by an expert, too. ``spread``: this share of each desk's items is spread evenly over its order.
    ``most_answers`` is a cap for each annotator, over all rounds. ``reask_share`` of a person's answers is asked of
    that person once more when ``reask_days`` have passed: how far people agree with themselves. Without
    ``experts_label`` experts get reviews, items of their level and items beside novices only.
    """

    low_water: PositiveInt = 20
    high_water: PositiveInt = 50
    prefer: Prefer = Prefer.BALANCE
    slack: Natural = 5
    skill_by: str | None = None
    language_by: str | None = None
    level_by: str | None = None
    novice_items: Natural = 20
    experts_label: bool = True
    spread: Share = 0.1
    most_answers: PositiveInt | None = None
    reask_share: Annotated[float, Field(ge=0, le=0.5)] = 0.0
    reask_days: NonNegativeFloat = 7.0

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.low_water > self.high_water:
            message = "low_water must not be above high_water"
            raise ValueError(message)
        return self


class Overlap(Section):
    """Policy share: a ``share`` of the items goes to ``annotators`` different people; fixed: every item does.

    Adaptive: as share at first; then, after each answer, an item is accepted at ``accept_at``, goes to who tells most
    for the price, or to an expert: at ``most`` answers, or when they would cost ``expert_price`` answers.
    """

    policy: Literal["share", "fixed", "adaptive"] = "share"
    share: Share = 0.2
    annotators: Annotated[int, Field(ge=2)] = 2
    accept_at: Annotated[float, Field(gt=0.5, lt=1)] = 0.95
    most: PositiveInt = 5
    expert_price: PositiveFloat = 20.0


class Certify(Section):
    """With a ``target`` rounds certify labels: at its close a round plans an audit of at most ``gold`` items.

    As long as none is worth its price nothing is audited, and the next round plans again. Once begun, the one audit
    goes on look by look until its verdict; another one is a job of its own (`labelwright certify --again`).
    """

    target: Annotated[float, Field(gt=0, lt=1)] | None = None
    gold: PositiveInt = 200


class Gold(Section):
    """Known items among the others: ``share`` of the tasks, each given to at most ``most_exposures`` people."""

    share: Annotated[float, Field(ge=0, le=0.5)] = 0.05
    most_exposures: PositiveInt = 30


class Review(Section):
    """What experts see beside contested items, and what is asked on the desks.

    ``audit_share`` of the settled items go to an expert at random; ``experts`` is how many review each item.
    ``unsure`` adds a flag to every desk: an item so marked goes to an expert. ``grow_gold``: what experts decide
    becomes gold. ``return_overturned``: who answered otherwise gets the item back with the expert's reason.
    """

    audit_share: Share = 0.0
    experts: PositiveInt = 1
    unsure: bool = False
    grow_gold: bool = True
    return_overturned: bool = False


class Watch(Section):
    """Who is paused by itself. ``pass_mark``: share of gold that must be right, the rest is noise or carelessness.

    ``false_alarm`` is the chance that somebody who is right often enough is ever paused by a mistake, for each of the
    tests. ``fastest``: a median below this share of the others' is impossibly fast.
    """

    auto_pause: bool = True
    pass_mark: Annotated[float, Field(gt=0, lt=1)] = 0.6
    false_alarm: Annotated[float, Field(gt=0, lt=1)] = 0.02
    fastest: Share = 0.2


class Budget(Section):
    """``answers``: a cap on assignments; ``money``: a cap on what they cost. At ``warn_at`` of either the lead is told.

    ``per_answer`` is what one answer costs of an annotator without a rate.
    """

    answers: PositiveInt | None = None
    money: Annotated[Decimal, Field(gt=0, allow_inf_nan=False)] | None = None
    warn_at: Share = 0.8
    per_answer: PositiveFloat | None = None
    currency: str = "EUR"


class Qualification(Section):
    """The qualification round: ``items`` of gold, each explained at once; 0 lets everybody begin without.

    Who passes is right at least as often as ``pass_mark``, with ``confidence`` (one-sided); at most ``attempts`` tries.
    """

    items: Natural = 0
    pass_mark: Annotated[float, Field(gt=0, lt=1)] = 0.7
    confidence: Annotated[float, Field(ge=0.5, lt=1)] = 0.8
    attempts: PositiveInt = 2

    @model_validator(mode="after")
    def _can_be_passed(self) -> Self:
        if self.items and fewest_right(self.items, self.pass_mark, self.confidence) is None:
            message = "items are too few: nobody could pass with all of them right; take more, or a lower pass_mark"
            raise ValueError(message)
        return self


class Mail(Section):
    """Messages by e-mail as well, where ``host`` names an SMTP server. ``password`` may be written as ``${NAME}``.

    ``security``: starttls, tls (from the first byte) or none (a server of this machine).
    """

    host: str | None = None
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str | None = None
    password: str | None = Field(default=None, repr=False)
    sender: str | None = None
    lead: str | None = None

    @model_validator(mode="after")
    def _has_sender(self) -> Self:
        if self.host and not self.sender:
            message = "sender is needed beside host"
            raise ValueError(message)
        return self
