"""Shapes that several endpoints share."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, Field


class Measure(BaseModel):
    """A number with its interval, the counts it rests on, or the reason why it is undefined."""

    value: float | None
    low: float | None = None
    high: float | None = None
    n_items: int = 0
    n_annotations: int = 0
    reason: str | None = None


class NamedMeasure(Measure):
    """A measure of a part: a class, a slice, a stretch of time."""

    name: str
    title: str | None = None


class Job(BaseModel):
    """Long work. Follow it at `/jobs/{id}` or by events."""

    id: str
    kind: str
    title: str
    state: str
    step: str
    done: int
    total: int | None
    message: str | None
    next_step: str | None
    result: dict[str, Any]


class Done(BaseModel):
    """It is done; ``n`` things were changed."""

    n: int = 1


Name = Annotated[str, Field(min_length=1, max_length=200)]
ItemId = Annotated[str, Field(min_length=1, max_length=512)]
