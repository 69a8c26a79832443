"""ROVER: transcripts aligned word by word, and a vote at each place."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labelwright.consensus.table import annotations_of
from labelwright.consensus.transcripts import TextResult, by_item, finished, texts_of

if TYPE_CHECKING:
    from narwhals.typing import IntoDataFrame

    from labelwright.coding import Coded

#: One place of the alignment: how many annotators wrote each word there; the empty word is "nothing here".
_Slot = Counter[str]


@dataclass(frozen=True, slots=True)
class Rover:
    r"""Recognizer output voting error reduction, for people.

    The answers to an item are aligned one after the other, longest first, into a word transition network: edit distance
    with cost 0 where the word already stands at the place, else 1. At each place the most frequent word wins, "nothing"
    among them; of tied ones "a word" before "nothing", then the first in the order of words, and the item is contested.
    Can give a text that nobody wrote.

    Source: J. G. Fiscus, A Post-Processing System to Yield Reduced Word Error Rates, IEEE ASRU (1997) 347-354,
    doi:10.1109/ASRU.1997.659110.
    """

    def fit(self, annotations: IntoDataFrame | Coded) -> TextResult:
        """Vote on the words.

        Args:
            annotations: DataFrame with columns item, annotator, label, the labels being texts; or a `Coded`.

        Raises:
            DataError: there is no annotation, a column is missing, or a label is no text.
        """
        coded = annotations_of(annotations)
        texts = texts_of(coded)
        return finished(
            coded,
            "Rover",
            {code: _voted([texts[label].split() for label in coded.label[rows]]) for code, rows in by_item(coded)},
        )


def _voted(answers: list[list[str]]) -> tuple[str, bool]:
    ordered = sorted(answers, key=lambda words: (-len(words), words))
    slots: list[_Slot] = [Counter([word]) for word in ordered[0]]
    for seen, words in enumerate(ordered[1:], 1):
        slots = _merged(slots, words, seen)
    chosen, contested = [], False
    for slot in slots:
        most = max(slot.values())
        tied = sorted((word for word, n in slot.items() if n == most), key=lambda word: (not word, word))
        contested |= len(tied) > 1
        chosen.append(tied[0])
    return " ".join(word for word in chosen if word), contested


def _merged(slots: list[_Slot], words: list[str], seen: int) -> list[_Slot]:
    """The network with one more answer; ``seen`` answers are in it."""
    cost = _costs(slots, words)
    i, j = len(slots), len(words)
    merged: list[_Slot] = []
    while i or j:
        if i and j and cost[i][j] == cost[i - 1][j - 1] + (words[j - 1] not in slots[i - 1]):
            i, j = i - 1, j - 1
            merged.append(slots[i] + Counter([words[j]]))
        elif i and cost[i][j] == cost[i - 1][j] + ("" not in slots[i - 1]):
            i -= 1
            merged.append(slots[i] + Counter([""]))
        else:
            j -= 1
            merged.append(Counter({"": seen, words[j]: 1}))
    return merged[::-1]


def _costs(slots: list[_Slot], words: list[str]) -> list[list[int]]:
    """Cheapest alignment of the first i places with the first j words."""
    cost = [list(range(len(words) + 1))]
    for slot in slots:
        above = cost[-1]
        row = [above[0] + ("" not in slot)]
        for j, word in enumerate(words):
            row.append(min(above[j] + (word not in slot), above[j + 1] + ("" not in slot), row[j] + 1))
        cost.append(row)
    return cost
