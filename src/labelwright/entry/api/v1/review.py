"""The contested queue: what an expert should see next, most valuable first."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from labelwright.entry.api.v1.access import Reader
from labelwright.entry.api.v1.items import ItemRow, KeptConsensus, kept_shape, row_of
from labelwright.entry.api.v1.problems import RESPONSES
from labelwright.entry.api.v1.state import TheConsole
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


@router.get("/review")
def queue(_: Reader, console: TheConsole, limit: Annotated[int, Query(ge=1, le=200)] = 50) -> Queue:
    """Items whose answers do not settle them: the most disputed first, then those with most answers."""
    project = console.project
    asked = ItemQuery(states=WAITING, sort="disagreement", descending=True, limit=limit)
    rows = project.store.browse(asked)
    kept = {c.item: c for c in project.store.consensus(project.control.name, [r.item for r in rows])}
    return Queue(
        control=project.control.name,
        kind=project.control.kind.value,
        classes=list(project.control.classes),
        items=[
            QueueItem(**row_of(r).model_dump(), consensus=kept_shape(kept[r.item]) if r.item in kept else None)
            for r in rows
        ],
        waiting=project.store.count_items(asked, 100_000),
        decided=project.store.count_items(replace(asked, states=("adjudicated",)), 100_000),
    )
