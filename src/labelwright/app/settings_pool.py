"""Settings of the pool and of the choosing of items."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, PositiveFloat, PositiveInt

from labelwright.app.settings_base import Section, Share


def _engine(text: str) -> str:
    if text != "local" and not re.fullmatch(r"ray://[^\s/:]+:\d{1,5}", text):
        message = "must be local or ray://HOST:PORT"
        raise ValueError(message)
    return text


class PoolWork(Section):
    """Where work on the whole pool is done (``local``, or ``ray://HOST:PORT``), and which items count as the same.

    Of items that are nearly the same (texts: ``near_duplicates`` is the least Jaccard similarity of their shingles;
    pictures: by perceptual hashes) only the first goes out; null turns that off. Exact duplicates are left out at the
    import in any case.
    """

    engine: Annotated[str, AfterValidator(_engine)] = "local"
    near_duplicates: Annotated[float, Field(gt=0, le=1)] | None = 0.95


Strategy = Literal[
    "hybrid",
    "random",
    "stratified",
    "least_confidence",
    "margin",
    "entropy",
    "kmeans",
    "k_center",
    "badge",
    "density",
    "committee",
    "class_balance",
    "rare_class",
    "relabel",
]


class Sampling(Section):
    """Which items come next. ``random_share`` of every batch is drawn at random.

    ``days_of_work`` lets the batch follow the team: so much work waits, at the pace of the last week. ``classes`` are
    those that ``rare_class`` looks for; without them the one with the fewest labels.
    """

    strategy: Strategy = "hybrid"
    batch: PositiveInt = 100
    days_of_work: PositiveFloat | None = None
    random_share: Share = 0.1
    stratify_by: str | None = None
    classes: tuple[str, ...] = ()
    seed: int = 1
