"""Who is in the simulated team, and what each of them says to a sentence: stated here, and wherever it is shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from zlib import crc32

import numpy as np

from labelwright.adapters.reviews import Review
from labelwright.entry.demo.prepare import CLASSES, class_of
from labelwright.model.project import Level

#: Rating slots that are replayed; the vote of the others is what the simulation takes for true.
REPLAYED = 4
SEED = 20261127
#: Log-normal seconds of an answer; one answer in fifty is left open for ten minutes more, as people do.
SIGMA, LEFT_OPEN, OPEN_SECONDS = 0.5, 0.02, 600.0
#: Share of raters at one class below which a sentence is hard, and how often somebody then says "unsure".
HARD, SAYS_UNSURE = 0.5, 0.3
#: Who is careless presses one key for so many of the sentences, any key for the others, and takes so much of the time.
ONE_KEY, HASTE = 0.8, 0.6


@dataclass(frozen=True, slots=True)
class Member:
    """One of the team.

    Attributes:
        rate: as `labelwright team add --rate` takes it.
        seconds: median of an answer.
        slot: the rating slot that she replays; None where her answers are simulated.
        right: simulated: probability of the true class, by class.
        instead: simulated: what a wrong answer usually is, by true class.
        careless: from the middle of her work on she does not read any more.
    """

    name: str
    level: Level
    rate: str
    seconds: float
    slot: int | None = None
    right: Mapping[str, float] = field(default_factory=dict)
    instead: Mapping[str, str] = field(default_factory=dict)
    careless: bool = False

    @property
    def id(self) -> str:
        """As the team list names her."""
        return self.name.casefold()


_SURE = dict.fromkeys(CLASSES, 0.99)
CAST = (
    Member("Eva", Level.EXPERT, "36/hour", 8.0, right=_SURE),
    Member("Emil", Level.EXPERT, "36/hour", 9.0, right=_SURE),
    Member("Ada", Level.REGULAR, "20/hour", 6.0, slot=0),
    Member("Ben", Level.REGULAR, "20/hour", 7.0, slot=1),
    Member("Cora", Level.REGULAR, "0.035/label", 5.0, slot=2),
    Member("Dana", Level.REGULAR, "20/hour", 6.0, slot=3, careless=True),
    Member(
        "Nils", Level.NOVICE, "14/hour", 9.0,
        right={"Positive": 0.95, "Negative": 0.95, "Neutral": 0.7},
        instead={"Neutral": "Positive"},
    ),
    Member(
        "Nora", Level.NOVICE, "14/hour", 11.0,
        right={"Positive": 0.95, "Negative": 0.93, "Neutral": 0.75},
        instead={"Neutral": "Positive", "Negative": "Neutral"},
    ),
)  # fmt: skip
SIMULATED = (
    "Nobody worked here: four regulars replay recorded human ratings (Hutto & Gilbert 2014, one rating slot each; a "
    "slot is not promised to be one person), and one of them presses one key for most sentences from the middle of her "
    "work on; two experts (right on 99 %) and two novices (right on 93 to 95 %, of Neutral on 70 to 75 %) are "
    "simulated, and so are all seconds. For true is taken the vote of the other 16 ratings"
)


@dataclass(frozen=True, slots=True)
class Said:
    """An answer: class, whether she sets the flag for unsure, and seconds."""

    label: str
    unsure: bool
    seconds: float


def truth_of(review: Review) -> str | None:
    """The vote of the ratings that nobody replays; None where it is a tie."""
    (first, n), *others = _votes(review).most_common()
    return None if others and others[0][1] == n else first


def certainty(review: Review) -> float:
    """Share of the raters who give the most common class, 0 to 1."""
    votes = _votes(review)
    return max(votes.values()) / votes.total()


def _votes(review: Review) -> Counter[str]:
    return Counter(class_of(r) for r in review.ratings[REPLAYED:])


def say(member: Member, review: Review, *, tired: bool) -> Said:
    """What somebody answers. The same sentence and person give the same answer in every run.

    Args:
        member: who.
        review: the sentence.
        tired: she is in the careless half of her work.
    """
    rng = np.random.default_rng([SEED, crc32(f"{member.id}:{review.id}".encode())])
    careless = member.careless and tired
    label = _key_pressed(rng) if careless else _read(member, review, rng)
    seconds = member.seconds * float(np.exp(SIGMA * rng.standard_normal())) * (HASTE if careless else 1.0)
    if rng.random() < LEFT_OPEN:
        seconds += OPEN_SECONDS
    hard = certainty(review) < HARD and member.level is not Level.EXPERT and not careless
    return Said(label, hard and rng.random() < SAYS_UNSURE, round(seconds, 2))


def _key_pressed(rng: np.random.Generator) -> str:
    return "Neutral" if rng.random() < ONE_KEY else str(rng.choice(CLASSES))


def _read(member: Member, review: Review, rng: np.random.Generator) -> str:
    if member.slot is not None:
        return class_of(review.ratings[member.slot])
    truth = truth_of(review) or CLASSES[0]
    if rng.random() < member.right[truth]:
        return truth
    usual = member.instead.get(truth)
    if usual is not None and rng.random() < 0.9:
        return usual
    return str(rng.choice([c for c in CLASSES if c != truth]))
