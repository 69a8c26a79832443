"""Which split an item belongs to: a hash of its group, so that it never changes when the data grows."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from labelwright.model.errors import UsageError
from labelwright.model.project import Item

#: In the order of the unit interval and of the files.
SPLITS = ("train", "validation", "test")
_ONE = 2**64


@dataclass(frozen=True, slots=True)
class SplitRule:
    """How items are divided.

    Attributes:
        train: share of the groups, 0 to 1.
        validation: share of the groups.
        test: share of the groups; the three sum to 1.
        seed: salt of the hash, 0 ≤ seed < 2⁶⁴; another seed is another division.
        forced: group → split, for items whose split was settled otherwise (the untouched test set).
    """

    train: float = 0.8
    validation: float = 0.1
    test: float = 0.1
    seed: int = 0
    forced: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        shares = (self.train, self.validation, self.test)
        if min(shares) < 0 or not math.isclose(math.fsum(shares), 1, abs_tol=1e-9):
            raise UsageError(
                "The shares of train, validation and test do not sum to 1",
                where=f"{shares}",
                next_step="Give three numbers from 0 to 1 whose sum is 1",
            )
        if not 0 <= self.seed < _ONE:
            raise UsageError("The seed of the splits is out of range", where=f"{self.seed}", next_step="Use 0 or more")
        unknown = sorted(set(self.forced.values()) - set(SPLITS))
        if unknown:
            raise UsageError(
                f"There is no split named {unknown[0]!r}", where="forced", next_step=f"Use one of {', '.join(SPLITS)}"
            )

    def split_of(self, item: Item) -> str:
        """The item's split; its group decides everything."""
        return self.split_for(group_of(item))

    def split_for(self, group: str) -> str:
        """The split of a group."""
        return self.forced.get(group) or self._drawn(group)

    def _drawn(self, group: str) -> str:
        place = place_of(group, self.seed)
        if place < self.train:
            return "train"
        # The last split with a share takes what is left: rounding must not invent a split that was given none.
        if self.test == 0:
            return "validation" if self.validation > 0 else "train"
        return "validation" if place < self.train + self.validation else "test"

    def stated(self) -> str:
        """The rule in words, for the manifest and the card."""
        return (
            f"BLAKE2b (8 bytes, salted with seed {self.seed}) of the item's group, as a fraction f of 2^64: "
            f"train below {self.train:g}, then validation for {self.validation:g}, then test for {self.test:g}; "
            f"{len(self.forced)} groups were put into their split by name"
        )


def group_of(item: Item) -> str:
    """The item's group. Where none was given: items that show the same text are one group, others are their own."""
    if item.group and item.group != item.id:
        return item.group
    text = shown(item.data, ())
    if not text:
        return item.id
    return f"text:{blake2b(text.encode('utf-8', 'surrogatepass'), digest_size=8).hexdigest()}"


def shown(data: Mapping[str, Any], fields: tuple[str, ...]) -> str:
    """What an item shows, so that equal items give equal texts: NFC, white space as one blank, case folded."""
    if len(names := fields or tuple(data)) == 1:
        text = data.get(names[0])
        return _folded(text) if isinstance(text, str) else ""
    texts = [value for name in (fields or sorted(data)) if isinstance(value := data.get(name), str)]
    return "\x1f".join([_folded(text) for text in texts])


def _folded(text: str) -> str:
    if not text.isascii():
        return " ".join(unicodedata.normalize("NFC", text).casefold().split())
    if text.isprintable() and "  " not in text:
        return text.lower().strip()  # the usual case, quickly: no other white space than single blanks
    return " ".join(text.lower().split())


def place_of(group: str, seed: int) -> float:
    """Where a group falls in the unit interval, 0 ≤ place ≤ 1."""
    salt = seed.to_bytes(8, "little")
    digest = blake2b(group.encode("utf-8", "surrogatepass"), digest_size=8, salt=salt).digest()
    return int.from_bytes(digest, "big") / _ONE
