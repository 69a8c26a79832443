"""Acting as one annotator over the REST calls that Label Studio's own screen makes: for replays, trials and tests."""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from typing import Any, Self

import httpx

from labelwright.adapters.labelstudio.client import LabelStudioClient
from labelwright.adapters.labelstudio.failures import NotFoundError, PassingError, RefusedError

_NO_PROJECT = "no project"
_PAUSES = (0.5, 1.0, 2.0)


class AnnotatorSession:
    """One annotator's work on a server, with the annotator's own token.

    Args:
        base_url: address of the server.
        token: the annotator's token, of either kind.
    """

    def __init__(self, base_url: str, token: str) -> None:
        self._client = LabelStudioClient(base_url, token)

    def __repr__(self) -> str:
        return f"AnnotatorSession({self._client!r})"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def next_task(self, project: int) -> dict[str, Any] | None:
        """The task that the label stream would show now (it is locked for this annotator); None at its end."""
        try:
            task: dict[str, Any] = self._client.get(f"/api/projects/{project}/next")
        except NotFoundError as error:
            if error.detail.lower().startswith(_NO_PROJECT):
                raise
            return None
        return task

    def submit(self, task: int, result: Sequence[Any], lead_time: float) -> dict[str, Any]:
        """Answer a task; ``lead_time`` in seconds."""
        return self._annotate(task, {"result": list(result), "lead_time": lead_time})

    def skip(self, task: int, lead_time: float) -> dict[str, Any]:
        """Skip a task; ``lead_time`` in seconds."""
        return self._annotate(task, {"result": [], "lead_time": lead_time, "was_cancelled": True})

    def update(self, annotation: int, result: Sequence[Any], lead_time: float) -> dict[str, Any]:
        """Change an answer; a skip becomes an answer."""
        body = {"result": list(result), "lead_time": lead_time, "was_cancelled": False}
        changed: dict[str, Any] = self._client.patch(f"/api/annotations/{annotation}/", body)
        return changed

    def delete(self, annotation: int) -> None:
        """Take an answer back."""
        self._client.delete(f"/api/annotations/{annotation}/")

    def draft(self, task: int, result: Sequence[Any], lead_time: float = 0.0) -> dict[str, Any]:
        """Save an unfinished answer, as the screen does while somebody works."""
        body = {"result": list(result), "lead_time": lead_time}
        made: dict[str, Any] = self._client.post(f"/api/tasks/{task}/drafts", body)
        return made

    def _annotate(self, task: int, body: dict[str, Any]) -> dict[str, Any]:
        """Answer exactly once: a repeated answer carries the same ``unique_id``, which the server takes only once.

        SQLite gives "database is locked" when many submit at once; a person would press the button again.
        """
        answer = {**body, "unique_id": str(uuid.uuid4())}
        for pause in (*_PAUSES, None):
            try:
                made: dict[str, Any] = self._client.post(f"/api/tasks/{task}/annotations/", answer)
            except PassingError:
                if pause is None:
                    raise
                time.sleep(pause)
            except RefusedError as error:
                if error.status != httpx.codes.CONFLICT:
                    raise
                return self._own_answer(task)
            else:
                return made
        raise AssertionError("the last try returns or raises")  # pragma: no cover

    def _own_answer(self, task: int) -> dict[str, Any]:
        me = self._client.whoami()["id"]
        answers: list[dict[str, Any]] = self._client.get(f"/api/tasks/{task}/annotations/")
        return max((a for a in answers if a["completed_by"] == me), key=lambda a: int(a["id"]))
