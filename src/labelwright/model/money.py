"""What an annotator's work costs. Amounts are exact decimals: a bill adds up to the cent."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum

from labelwright.model.errors import UsageError

_RATE = re.compile(r"^\s*([0-9]+(?:[.,][0-9]{1,6})?)\s*/\s*(hour|h|label)\s*$", re.IGNORECASE)


class RateUnit(StrEnum):
    """What a rate is paid for."""

    HOUR = "hour"
    LABEL = "label"


@dataclass(frozen=True, slots=True)
class Rate:
    """What an annotator is paid, in the currency of the project."""

    amount: Decimal
    per: RateUnit

    def __str__(self) -> str:
        return f"{self.amount.normalize():f}/{self.per.value}"


def read_rate(text: str) -> Rate:
    """A rate as people write it: ``18.50/hour`` or ``0.08/label``.

    Raises:
        UsageError: it is none.
    """
    found = _RATE.match(text)
    step = "Write it like 18.50/hour or 0.08/label"
    if found is None:
        raise UsageError(f"{text!r} is no rate", next_step=step)
    try:
        amount = Decimal(found.group(1).replace(",", "."))
    except InvalidOperation as problem:  # pragma: no cover - the pattern lets only numbers through
        raise UsageError(f"{text!r} is no rate", next_step=step) from problem
    per = RateUnit.LABEL if found.group(2).lower() == "label" else RateUnit.HOUR
    return Rate(amount, per)
