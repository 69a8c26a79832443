"""Values beside a control's own numbers: its parts, its doubtful labels, what there is to see on its items."""

from __future__ import annotations

from dataclasses import dataclass

from labelwright.model.measure import Measure


@dataclass(frozen=True, slots=True)
class PartMeasure:
    """The agreement within one value of a field, or one stretch of time."""

    name: str
    measure: Measure


@dataclass(frozen=True, slots=True)
class Breakdown:
    """The agreement in parts of the items.

    Attributes:
        by: the metadata field, or ``time``.
        measure: name of the measure.
        parts: in the order of the values, or of time.
        left_out: items with several answers that belong to no part.
        reason: why there are no parts; None where there are.
    """

    by: str
    measure: str
    parts: tuple[PartMeasure, ...] = ()
    left_out: int = 0
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class VersionChange:
    """The agreement under two versions of the guidelines; ``change`` is after less before, with its interval."""

    before_version: int
    after_version: int
    measure: str
    before: Measure
    after: Measure
    change: Measure


@dataclass(frozen=True, slots=True)
class LikelyError:
    """An item whose label a model that has not seen it confidently contradicts; ``margin`` from -1 (surest) to 1."""

    item: str
    label: str
    suggested: str
    margin: float
    excerpt: str


@dataclass(frozen=True, slots=True)
class NearDuplicate:
    """Two items with nearly the same text and different labels."""

    a: str
    b: str
    label_a: str
    label_b: str
    similarity: float
    excerpt_a: str
    excerpt_b: str


@dataclass(frozen=True, slots=True)
class Doubts:
    """Labels that look wrong from the texts.

    Attributes:
        n_items: labeled items that were looked at.
        errors: likely errors, the surest first.
        n_errors: how many there are in all.
        expected: wrong labels that the model's confident joint implies; an estimate.
        errors_reason: why no errors were looked for.
        duplicates: near-duplicates with different labels, the most similar first.
        n_duplicates: how many there are in all.
        duplicates_reason: why none were looked for.
    """

    n_items: int = 0
    errors: tuple[LikelyError, ...] = ()
    n_errors: int = 0
    expected: float | None = None
    errors_reason: str | None = None
    duplicates: tuple[NearDuplicate, ...] = ()
    n_duplicates: int = 0
    duplicates_reason: str | None = None


@dataclass(frozen=True, slots=True)
class UnsureRegion:
    """A place of which it stays unsure whether there is something, or what.

    Attributes:
        item: id of the item.
        label: its likeliest class.
        probability: that it exists, 0 to 1.
        posterior: of the class, given that it exists.
        drawn_by: annotators who drew it.
        answers: annotators who answered the item.
    """

    item: str
    label: str
    probability: float
    posterior: float
    drawn_by: int
    answers: int


@dataclass(frozen=True, slots=True)
class Drawer:
    """What one annotator finds, invents and names (see `labelwright.consensus.structures.DrawingSkill`)."""

    annotator: str
    n_regions: int
    detection: float
    false_alarms: float
    accuracy: float | None


@dataclass(frozen=True, slots=True)
class DrawnConsensus:
    """What there seems to be on the items.

    Attributes:
        n_regions: places on which somebody drew something.
        n_existing: of these, that exist with a probability of one half or more.
        distribution: existing regions by class, most first.
        items: items that were answered.
        expert_items: items with a region whose existence or class stays unsure, the least sure first.
        n_expert: how many such items there are.
        unsure: those regions, the least sure first.
        annotators: what was learned about each.
        reason: what a reader must know about the fit.
    """

    n_regions: int
    n_existing: int
    distribution: tuple[tuple[str, int], ...]
    items: int
    expert_items: tuple[str, ...]
    n_expert: int
    unsure: tuple[UnsureRegion, ...]
    annotators: tuple[Drawer, ...]
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """A change that was looked for in how like the others' an annotator's answers are.

    Attributes:
        found: whether it was found, at a false-alarm rate of 5 % for the whole team.
        before: mean likeness before the change; of haste, in the slowest third.
        after: mean likeness after it; of haste, in the quickest third.
        change: after less before, the rounds' own differences taken out; of fatigue, from a session's start to its end.
        p_adjusted: p-value, adjusted for the size of the team; None where it was not tested.
        n: answers it rests on.
        since: time of the first answer after it, ISO 8601.
        below: of haste, seconds up to which an answer is among the quickest third.
        reason: why it was not tested.
    """

    found: bool
    before: float | None = None
    after: float | None = None
    change: float | None = None
    p_adjusted: float | None = None
    n: int = 0
    since: str | None = None
    below: float | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class ClassBias:
    """A class given more (or less) often than the consensus has it, in shares of the answers, with 95 % interval."""

    label: str
    bias: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Conduct:
    """How one annotator works on one control.

    Attributes:
        skill: expected share of right answers given the consensus.
        rest: share of answers equal to the majority of the others.
        gold: share of right answers to gold items.
        like_gold: how like the known ones the answers are, 0 to 1, where answers are not right or wrong.
        bias: classes given too often or too rarely, the strongest first.
        drift: one change at an unknown time.
        fatigue: a decline within sessions.
        haste: quick answers worse than slow ones.
        copies: colleagues with whom more mistakes are shared than by people who work apart.
    """

    skill: Measure | None = None
    rest: Measure | None = None
    gold: Measure | None = None
    bias: tuple[ClassBias, ...] = ()
    drift: Change | None = None
    fatigue: Change | None = None
    haste: Change | None = None
    copies: tuple[str, ...] = ()
    like_gold: Measure | None = None
