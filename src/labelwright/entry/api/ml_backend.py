"""Serves the current model by Label Studio's ML-backend protocol, so that a Label Studio can be connected to it."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Callable, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Header, HTTPException
from pydantic import BaseModel, Field

from labelwright.model.errors import LabelwrightError
from labelwright.ports.suggesting import Suggestion

ML_PATH = "/ml"
USER = "labelwright"
#: One task may hold a long document; more tasks than these do not come in one request.
_MOST = 1_000


class Prediction(BaseModel):
    """What the model says of one task."""

    result: list[dict[str, Any]]
    score: float | None
    model_version: str


class Predictions(BaseModel):
    """One prediction a task, in the order of the tasks."""

    results: list[Prediction]
    model_version: str


class Asked(BaseModel):
    """What Label Studio sends: only the tasks' ids and data are read."""

    tasks: Annotated[list[dict[str, Any]], Field(max_length=_MOST)]


def ml_router(
    password: Callable[[], str],
    version: Callable[[], str | None],
    suggest: Callable[[Sequence[dict[str, Any]]], list[Suggestion | None]],
) -> APIRouter:
    """The protocol's four addresses, behind basic authentication; ``/train`` and ``/webhook`` are taken and ignored.

    Args:
        password: that goes with the user ``labelwright``.
        version: of the current model; None where there is none.
        suggest: what the current model says of tasks; None where it says nothing.
    """
    router = APIRouter(prefix=ML_PATH)

    def allowed(authorization: str) -> None:
        if not _is_right(authorization, password()):
            raise HTTPException(401, "Wrong user or password", {"WWW-Authenticate": 'Basic realm="labelwright"'})

    def current() -> str:
        return version() or "none"

    @router.get("/health")
    def health(authorization: Annotated[str, Header()] = "") -> dict[str, str]:
        allowed(authorization)
        return {"status": "UP", "model_class": "Labelwright", "model_version": current()}

    @router.post("/setup")
    def setup(authorization: Annotated[str, Header()] = "") -> dict[str, str]:
        """The body is not read: the labeling config that counts is the workspace's own."""
        allowed(authorization)
        return {"model_version": current()}

    @router.post("/predict", response_model=Predictions)
    def predict(asked: Asked, authorization: Annotated[str, Header()] = "") -> Predictions:
        allowed(authorization)
        try:
            found = suggest(asked.tasks)
        except LabelwrightError as problem:
            raise HTTPException(503, problem.what) from problem
        return Predictions(results=[_prediction(s, current()) for s in found], model_version=current())

    @router.post("/train", status_code=201)
    @router.post("/webhook", status_code=201)
    def taken(authorization: Annotated[str, Header()] = "") -> dict[str, str]:
        """Labelwright trains when a round closes, not when somebody presses a button elsewhere."""
        allowed(authorization)
        return {}

    @router.post("/versions")
    @router.get("/versions")
    def versions(authorization: Annotated[str, Header()] = "") -> dict[str, list[str]]:
        allowed(authorization)
        return {"versions": [current()]}

    return router


def _prediction(suggestion: Suggestion | None, version: str) -> Prediction:
    if suggestion is None:
        return Prediction(result=[], score=None, model_version=version)
    result = [dict(line) for line in suggestion.result]
    return Prediction(result=result, score=suggestion.confidence, model_version=suggestion.version)


def _is_right(authorization: str, password: str) -> bool:
    kind, _, given = authorization.partition(" ")
    if kind.lower() != "basic":
        return False
    try:
        told = base64.b64decode(given, validate=True)
    except (binascii.Error, ValueError):
        return False
    return hmac.compare_digest(told, f"{USER}:{password}".encode())
