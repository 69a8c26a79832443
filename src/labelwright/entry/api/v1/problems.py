"""Errors as typed JSON: what happened, where, and what to do next."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from labelwright.model.errors import (
    CheckFailedError,
    LabelwrightError,
    NothingToDoError,
    OutsideServiceError,
    UsageError,
)


class Problem(BaseModel):
    """Every answer that is no success has this body.

    ``code`` is for programs: usage, conflict, nothing, outside, validation, unauthenticated, forbidden, throttled,
    missing.
    """

    code: str
    message: str
    where: str | None = None
    next_step: str | None = None


class ProblemError(Exception):
    """Answers with a problem."""

    def __init__(self, status: int, problem: Problem, headers: dict[str, str] | None = None) -> None:
        super().__init__(problem.message)
        self.status, self.problem, self.headers = status, problem, headers


#: What any endpoint may answer beside its success; goes into the OpenAPI document.
RESPONSES: dict[int | str, dict[str, Any]] = {
    400: {"model": Problem, "description": "The request cannot be read"},
    401: {"model": Problem, "description": "Sign in first"},
    403: {"model": Problem, "description": "This account may not"},
    404: {"model": Problem, "description": "There is no such thing"},
    405: {"model": Problem, "description": "Not with this method"},
    409: {"model": Problem, "description": "The state of the project does not allow it"},
    422: {"model": Problem, "description": "The request cannot be used as it is"},
    429: {"model": Problem, "description": "Too many tries"},
    502: {"model": Problem, "description": "Label Studio or another service failed"},
}
_CODES = {400: "usage", 401: "unauthenticated", 403: "forbidden", 404: "missing", 405: "usage", 429: "throttled"}
_OURS: tuple[tuple[type[LabelwrightError], int, str], ...] = (
    (UsageError, 422, "usage"),
    (NothingToDoError, 409, "nothing"),
    (CheckFailedError, 409, "conflict"),
    (OutsideServiceError, 502, "outside"),
    (LabelwrightError, 409, "conflict"),
)


def missing(what: str, next_step: str | None = None) -> ProblemError:
    """404 with a reason."""
    return ProblemError(404, Problem(code="missing", message=what, next_step=next_step))


def forbidden(what: str, next_step: str | None = None) -> ProblemError:
    """403 with a reason."""
    return ProblemError(403, Problem(code="forbidden", message=what, next_step=next_step))


def handle_problems(app: FastAPI) -> None:
    """Every error of the API leaves as a `Problem`."""

    @app.exception_handler(ProblemError)
    def _problem(_: Request, error: ProblemError) -> JSONResponse:
        return _answer(error.status, error.problem, error.headers)

    @app.exception_handler(LabelwrightError)
    def _ours(_: Request, error: LabelwrightError) -> JSONResponse:
        status, code = next((s, c) for kind, s, c in _OURS if isinstance(error, kind))
        return _answer(status, Problem(code=code, message=error.what, where=error.where, next_step=error.next_step))

    @app.exception_handler(HTTPException)
    def _http(_: Request, error: HTTPException) -> JSONResponse:
        problem = Problem(code=_CODES.get(error.status_code, "usage"), message=str(error.detail))
        return _answer(error.status_code, problem, dict(error.headers or {}))

    @app.exception_handler(RequestValidationError)
    def _validation(_: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        return _answer(422, Problem(code="validation", message=str(first["msg"]), where=where))


def _answer(status: int, problem: Problem, headers: dict[str, str] | None = None) -> JSONResponse:
    return JSONResponse(problem.model_dump(), status, headers)
