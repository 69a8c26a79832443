"""The demo's files: the pool, the reference labels, the settings, the guidelines."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from labelwright.adapters.reviews import Review

NAME = "Customer feedback sentiment"
CLASSES = ("Positive", "Negative", "Neutral")
#: Rating slots that play annotators; the others give the reference labels and are used for nothing else.
SLOTS = 5
ROUNDS = 3
REFERENCE_ITEMS = 1_000
SEED = 20261123
SIMULATED = (
    "Replayed team: five annotators give recorded human ratings again (Hutto & Gilbert 2014), one rating slot each; a "
    "slot is not promised to be one person. Seconds per item are simulated: log-normal, median 6 s, sigma 0.5. The "
    "price of 0.05 EUR an answer is an example: nobody was paid."
)
#: 40 test items twice, and three rounds of 102 items of which 20 % go to two: 80 + 3 × 122 = 446 answers.
SECTIONS: dict[str, Any] = {
    "team": {"low_water": 6, "high_water": 15},
    "overlap": {"share": 0.2, "annotators": 2},
    "sampling": {"strategy": "margin", "batch": 102, "random_share": 0.1, "seed": SEED},
    "model": {"test_items": 40, "test_overlap": 2, "reference": "reference.csv"},
    "budget": {"answers": 450, "per_answer": 0.05},
    "server": {"reconcile_seconds": 5.0, "sweep_seconds": 60.0},
}


def class_of(rating: int) -> str:
    """The class by the sign of a rating; 0 is Neutral."""
    return "Positive" if rating > 0 else "Negative" if rating < 0 else "Neutral"


def distinct(reviews: Sequence[Review]) -> list[Review]:
    """The first of the sentences with the same words; the pool would set the others aside as duplicates."""
    first = {" ".join(r.text.split()).casefold(): r for r in reversed(reviews)}
    return [r for r in reviews if first[" ".join(r.text.split()).casefold()] is r]


def reference_labels(reviews: Sequence[Review]) -> dict[str, str]:
    """Labels of 1,000 random sentences by the slots that do not play; a sentence whose vote is a tie is not drawn."""
    voted = {r.id: label for r in reviews if (label := _vote(r.ratings[SLOTS:])) is not None}
    chosen = np.random.default_rng(SEED).choice(sorted(voted), size=REFERENCE_ITEMS, replace=False)
    return {str(i): voted[str(i)] for i in sorted(chosen)}


def _vote(ratings: Iterable[int]) -> str | None:
    (first, n), *others = Counter(class_of(r) for r in ratings).most_common()
    return None if others and others[0][1] == n else first


def write_files(root: Path, reviews: Sequence[Review]) -> Path:
    """The pool and the reference as CSV; returns the pool's path."""
    root.mkdir(parents=True, exist_ok=True)
    _write(root / "reviews.csv", ("id", "text"), ((r.id, r.text) for r in reviews))
    _write(root / "reference.csv", ("id", "label"), reference_labels(reviews).items())
    return root / "reviews.csv"


def _write(path: Path, header: tuple[str, str], rows: Iterable[tuple[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)


GUIDELINES = """# Customer feedback sentiment

## Task

Each item is one sentence of a customer's product review. Say how the customer feels about the product **in this
sentence**: positive, negative, or neither.

## Classes

### Positive

**Definition.** The sentence says something good about the product, or recommends it.

**Examples**

- "this is one of the best dvd players i have owned."
- "works like a charm, no problems at all."

**Counter-examples**

- "i bought this player in january." (a fact: Neutral)

### Negative

**Definition.** The sentence says something bad about the product, or warns against it.

**Examples**

- "it stopped reading discs after two weeks."
- "customer service was no help."

**Counter-examples**

- "the old one was worse." (good for this product: Positive)

### Neutral

**Definition.** The sentence states a fact, asks a question, or balances good and bad.

**Examples**

- "does it play audio without video?"
- "it is good for the price, but it will not last."

**Counter-examples**

- "it does what it says, which is all i wanted." (satisfied: Positive)

## Edge cases

- Irony counts by what is meant, not by the words.
- A sentence about another product counts only for what it says about this one.

## When in doubt

Choose what most customers would mean by the sentence alone. If you cannot tell, skip it.
"""
