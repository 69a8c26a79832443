"""A report as frozen values: what terminal, HTML and JSON show, and nothing that they would have to work out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from labelwright.app.report.parts import Breakdown, Conduct, Doubts, DrawnConsensus, VersionChange
from labelwright.learning.anchoring import Anchoring
from labelwright.model.measure import Measure
from labelwright.model.project import Item
from labelwright.model.schema import Control, DataObject
from labelwright.model.values import Entry

if TYPE_CHECKING:  # it reads the store of a project; a report of a file needs none
    from labelwright.app.report.learned import Learned


@dataclass(frozen=True, slots=True)
class Agreement:
    """The four measures that scripts rely on, each with its interval and counts or its reason."""

    percent: Measure
    cohen_kappa_mean: Measure
    fleiss_kappa: Measure
    krippendorff_alpha: Measure
    level: str = "nominal"
    n_dropped: int = 0


@dataclass(frozen=True, slots=True)
class NamedMeasure:
    """A measure beside the four: ``key`` for scripts, ``title`` for people."""

    key: str
    title: str
    measure: Measure


@dataclass(frozen=True, slots=True)
class PairAgreement:
    """Two annotators on the items that both answered.

    Attributes:
        a: one.
        b: the other.
        kappa: Cohen's kappa (quadratic weights for ordered steps), or why there is none.
        shared: items that both answered.
        measure: name of another measure that compares them, where kappa cannot.
        other: that measure.
    """

    a: str
    b: str
    kappa: Measure
    shared: int
    measure: str = "Cohen's kappa"
    other: Measure | None = None

    @property
    def value(self) -> Measure:
        """The measure that compares these two."""
        return self.kappa if self.other is None else self.other


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """What one annotator said about an item; ``entries`` holds what was drawn."""

    annotator: str
    label: str
    entries: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class DifficultItem:
    """An item on which the annotators differ.

    Attributes:
        item: its id.
        disagreement: how far two answers to it differ on average, 0 (all the same) to 1.
        contested: no answer has more votes than every other.
        answers: everybody's, by annotator.
        content: what the item shows; None where the source does not tell.
        excerpt: the content as one short line.
        consensus: the class that the estimate of the consensus gives it, where there is one.
        posterior: of that class, 0 to 1: what the model believes, not a promise.
        expert: it goes to the expert.
        entropy: of the posterior, in shares of its maximum (0: sure, 1: nothing is known), where there is a consensus.
        seconds: median time of its answers, where times were recorded.
        skips: annotators who skipped it.
    """

    item: str
    disagreement: float
    contested: bool
    answers: tuple[GivenAnswer, ...]
    content: Item | None
    excerpt: str
    consensus: str | None = None
    posterior: float | None = None
    expert: bool = False
    entropy: float | None = None
    seconds: float | None = None
    skips: int = 0


@dataclass(frozen=True, slots=True)
class SkippedItem:
    """An item that several annotators skipped: often a case that the guidelines do not cover, or a broken medium.

    Attributes:
        item: its id.
        skips: annotators who skipped it.
        answers: annotators who answered it.
        excerpt: what it shows, as one short line.
    """

    item: str
    skips: int
    answers: int
    excerpt: str


@dataclass(frozen=True, slots=True)
class ExpertItem:
    """An item whose label stays unsure: its likeliest class, that class's posterior, and the answers it rests on."""

    item: str
    label: str
    posterior: float
    answers: int


@dataclass(frozen=True, slots=True)
class Calibrated:
    """Expected calibration error of the posteriors on gold items, before and (cross-validated) after calibration."""

    before: float
    after: float
    accuracy: float
    n_gold: int


@dataclass(frozen=True, slots=True)
class Consensus:
    """What the labels seem to be.

    Attributes:
        method: the estimator.
        why: why it was chosen.
        distribution: items by inferred class, most first.
        n_expert: items with several answers that stay unsure: a tie, or a posterior under .8.
        expert: the least sure of them.
        calibration: how far posteriors lay from gold, where there is some.
    """

    method: str
    why: str
    distribution: tuple[tuple[str, int], ...]
    n_expert: int
    expert: tuple[ExpertItem, ...]
    calibration: Calibrated | None = None


@dataclass(frozen=True, slots=True)
class ConfusedPair:
    """Two classes given to the same item by two annotators.

    Attributes:
        a: one class.
        b: the other.
        n: pairs of answers in which one said ``a`` and the other ``b``.
        share: of all pairs of answers that differ, 0 to 1.
        rate: of the pairs of answers in which either class was given, how many are this confusion, 0 to 1.
        items: ids of items where it happened, the worst first.
        merged: alpha if the two were one class.
        by: who differs here: annotator and the number of their answers that take part, most first.
        gap: confused beyond chance and beyond one person: the guidelines do not tell the two apart. None where that was
            not tested.
    """

    a: str
    b: str
    n: int
    share: float
    rate: float
    items: tuple[str, ...]
    merged: Measure | None = None
    by: tuple[tuple[str, int], ...] = ()
    gap: bool | None = None


@dataclass(frozen=True, slots=True)
class Confusion:
    """Pairs of answers to the same item by two annotators, counted by their classes.

    ``counts[i][j]`` is symmetric; each pair of answers that differ counts once on either side of the diagonal, each
    pair that agrees once on it. ``left_out`` classes were too rare to show.
    """

    classes: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Habit:
    """What an annotator says where the others say something else."""

    said: str
    others: str
    n: int


@dataclass(frozen=True, slots=True)
class ControlCard:
    """One annotator on one control.

    Attributes:
        annotator: id.
        n: answers that count.
        agreement: share of the others' answers to the same items that are the same (for numbers and structures: one
            less their distance).
        kappa: mean kappa with the others, weighted by the items shared.
        apart: the agreement with the others is surely lower than the team's.
        without: alpha of the control without this annotator.
        looks: ``random`` or ``constant`` where the answers do not depend on the item (see `random_answering`).
        habits: what they say where others say something else, most frequent first.
        conduct: skill, bias, gold, change, fatigue, haste, copying.
    """

    annotator: str
    n: int
    agreement: Measure
    kappa: Measure
    apart: bool = False
    without: Measure | None = None
    looks: str | None = None
    habits: tuple[Habit, ...] = ()
    conduct: Conduct | None = None


@dataclass(frozen=True, slots=True)
class Remedies:
    """What to do about a control on which annotators hardly agree.

    Attributes:
        because: the measure that is low, in one sentence.
        confused: the class pairs that cause it, with the alpha after merging the two.
        apart: annotators whose answers stand apart.
        guideline_items: items to put into the guidelines as examples.
    """

    because: str
    confused: tuple[ConfusedPair, ...]
    apart: tuple[str, ...]
    guideline_items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answers to the lead's four questions about one control.

    Attributes:
        level: ``good``, ``fair``, ``poor`` or ``unknown``; chooses the colour, never the only sign.
        headline: can I train on this? in a few words.
        why: the number and rule it rests on, with the rule's author.
        help: who needs help with what.
        guidelines: which guideline must be rewritten.
        experts: which items go to the expert.
        next_step: the one thing to do next.
    """

    level: str
    headline: str
    why: str
    help: tuple[str, ...]
    guidelines: tuple[str, ...]
    experts: str
    next_step: str


@dataclass(frozen=True, slots=True)
class ControlReport:
    """Everything about one control."""

    control: Control
    agreement: Agreement
    verbal: str | None
    others: tuple[NamedMeasure, ...]
    pairs: tuple[PairAgreement, ...]
    difficult: tuple[DifficultItem, ...]
    n_difficult: int
    n_contested: int
    n_shared_items: int
    distribution: tuple[tuple[str, int], ...]
    confusion: Confusion | None
    confused: tuple[ConfusedPair, ...]
    cards: tuple[ControlCard, ...]
    verdict: Verdict
    remedies: Remedies | None = None
    structure: tuple[NamedMeasure, ...] = ()
    by_class: tuple[NamedMeasure, ...] = ()
    consensus: Consensus | None = None
    drawn: DrawnConsensus | None = None
    doubts: Doubts | None = None
    by_slice: tuple[Breakdown, ...] = ()
    over_time: Breakdown | None = None
    versions: tuple[VersionChange, ...] = ()


@dataclass(frozen=True, slots=True)
class AnnotatorReport:
    """One annotator over all controls.

    Attributes:
        id: id.
        name: as shown.
        items: items answered.
        counts: annotations by state.
        seconds: median seconds per item; None where no time was recorded.
        agreement: with the others, mean over the controls (see `ControlCard.agreement`).
    """

    id: str
    name: str
    items: int
    counts: Mapping[str, int]
    seconds: Measure
    agreement: Measure


@dataclass(frozen=True, slots=True)
class Report:
    """The report.

    Attributes:
        source: where the annotations came from, as shown to people.
        items: items with at least one answer that counts.
        items_known: items in the source, answered or not.
        items_shared: items with answers of two annotators or more.
        annotators: annotators with at least one answer that counts.
        annotations: annotations that count.
        states: annotations by state, those that do not count included.
        controls: in the order of the schema.
        people: one entry an annotator, most answers first.
        rejected: rows that could not be read, counted by reason.
        notes: what a reader must know.
        objects: what the screen shows, and which data field each object takes.
        simulated: what is simulated, or None.
        suggestions: what suggestions on the desks did to the answers; None where there were none.
        learned: what the rounds came to; None where none was closed.
        skipped: items that two annotators or more skipped, the most skipped first.
        n_skipped: how many such items there are.
    """

    source: str
    items: int
    items_known: int
    items_shared: int
    annotators: int
    annotations: int
    states: Mapping[str, int]
    controls: tuple[ControlReport, ...]
    people: tuple[AnnotatorReport, ...]
    rejected: Mapping[str, int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    objects: tuple[DataObject, ...] = ()
    simulated: str | None = None
    suggestions: Anchoring | None = None
    learned: Learned | None = None
    skipped: tuple[SkippedItem, ...] = ()
    n_skipped: int = 0
