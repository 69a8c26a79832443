"""The contested queue: what an expert should see next, most valuable first."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from labelwright.app.console.opening import open_review
from labelwright.entry.api.v1.access import Reader, Reviewer, note
from labelwright.entry.api.v1.items import ItemRow, KeptConsensus, kept_shape, row_of, thumbnails_of
from labelwright.entry.api.v1.problems import RESPONSES, missing
from labelwright.entry.api.v1.shapes import ItemId
from labelwright.entry.api.v1.state import TheConsole
from labelwright.model.consensus import ItemConsensus
from labelwright.model.console import ItemQuery

router = APIRouter(tags=["review"], responses=RESPONSES)
WAITING = ("contested", "review")


class QueueItem(ItemRow):
    """A contested item with what is known of it under the control that is exported."""

    consensus: KeptConsensus | None


class Queue(BaseModel):
    """The queue. ``classes`` are what a final word can be; empty where the answer is drawn."""

    control: str
    kind: str
    classes: list[str]
    items: list[QueueItem]
    waiting: int
    decided: int


class ReviewTask(BaseModel):
    """An item's review in Label Studio: where, and at whose desk."""

    url: str
    annotator: str
    name: str


@router.post("/items/{item:path}/review")
def review(item: ItemId, who: Reviewer, console: TheConsole) -> ReviewTask:
    """Bring an item to an expert's review desk now, and say where it opens in Label Studio."""
    name = item.replace("\x00", "")
    if not console.project.store.items([name]):
        raise missing("There is no such item")
    place = console.place
    opened = open_review(
        console.project, place.desks(), name, who.account.name[:80], f"{place.owner}:console", who.account.annotator
    )
    note(console, who, "item.review", name, expert=opened.annotator)
    return ReviewTask(url=opened.url, annotator=opened.annotator, name=opened.name)


def _surest(c: ItemConsensus | None) -> float:
    """The probability of the likeliest label; where it is low, an expert's word is worth most."""
    return max(c.distribution.values(), default=c.posterior or 0.0) if c is not None else 0.0


@router.get("/review")
def queue(_: Reader, console: TheConsole, limit: Annotated[int, Query(ge=1, le=200)] = 50) -> Queue:
    """Items whose answers do not settle them: the most disputed first, and of these the least sure."""
    project = console.project
    asked = ItemQuery(states=WAITING, sort="disagreement", descending=True, limit=limit)
    rows = project.store.browse(asked)
    kept = {c.item: c for c in project.store.consensus(project.control.name, [r.item for r in rows])}
    rows.sort(key=lambda r: (-(r.disagreement or 0.0), _surest(kept.get(r.item))))
    pictures = thumbnails_of(console, [r.item for r in rows])
    return Queue(
        control=project.control.name,
        kind=project.control.kind.value,
        classes=list(project.control.classes),
        items=[
            QueueItem(
                **row_of(r, pictures.get(r.item)).model_dump(),
                consensus=kept_shape(project, kept[r.item]) if r.item in kept else None,
            )
            for r in rows
        ],
        waiting=project.store.count_items(asked, 100_000),
        decided=project.store.count_items(replace(asked, states=("adjudicated",)), 100_000),
    )
