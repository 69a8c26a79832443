"""Walking through a project's tasks without missing one while annotators go on working."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from labelwright.adapters.labelstudio.client import LabelStudioClient

#: The listing cuts its string of annotation ids at this many characters.
CUT = 500
_PAGE = 500
_MICROSECOND = timedelta(microseconds=1)

#: Columns that the sweep can do without; the server computes only the others.
_HIDDEN = [
    f"tasks:{name}"
    for name in (
        "completed_at",
        "annotators",
        "annotations_results",
        "predictions_score",
        "predictions_model_versions",
        "predictions_results",
        "file_upload",
        "storage_filename",
        "avg_lead_time",
        "updated_by",
    )
]

#: Fields of a task that nobody here reads. For each of the first two the server asks its database once a task, which
#: is two fifths of its time for a page. No annotation has a field of such a name: it comes as it is.
_OMITTED = "comment_authors,drafts,predictions,storage_filename"


def _condition(field: str, operator: str, value: Any, kind: str) -> dict[str, Any]:
    return {"filter": f"filter:tasks:{field}", "operator": operator, "type": kind, "value": value}


# The label stream locks the task that it shows (for a day). The lock is no column of the data manager, but the
# server's filter takes any field of a task: "locks is empty" is how it is seen over REST. A lock that has expired
# counts until the server clears it: then a task is kept on the desk longer than needed, never taken too early.
_IS_LOCKED = _condition("locks", "empty", value=False, kind="Number")

#: Filter of the tasks that are open in somebody's label stream.
LOCKED: Mapping[str, Any] = {"conjunction": "and", "items": [_IS_LOCKED]}
#: Filter of the tasks that nobody has opened, drafted, answered or skipped.
UNTOUCHED: Mapping[str, Any] = {
    "conjunction": "and",
    "items": [
        _condition("locks", "empty", value=True, kind="Number"),
        _condition("draft_exists", "equal", value=False, kind="Boolean"),
        _condition("total_annotations", "equal", value=0, kind="Number"),
        _condition("cancelled_annotations", "equal", value=0, kind="Number"),
    ],
}


def sweep(
    client: LabelStudioClient, project: int, filters: Mapping[str, Any] | None = None
) -> Iterator[dict[str, Any]]:
    """Every task of the project in the order of ids, with the ids of its annotations.

    The next page begins after the last id of the one before: pages by number would skip tasks when earlier ones are
    deleted meanwhile.
    """
    last = 0
    while True:
        items = [_condition("id", "greater", last, "Number"), *(filters or {"items": []})["items"]]
        page = _page(client, project, items, "tasks:id")
        yield from page
        if len(page) < _PAGE:
            return
        last = page[-1]["id"]


def by_update(client: LabelStudioClient, project: int, since: datetime | None) -> Iterator[dict[str, Any]]:
    """Tasks with all their annotations, updated after ``since``, in the order of their update.

    Pages by number would skip tasks whenever somebody answers meanwhile (an answered task moves to the end). So each
    page begins where the last one ended; a time that several tasks share is taken whole.
    """
    items = [] if since is None else [_condition("updated_at", "greater", moment(since), "Datetime")]
    while True:
        page = _page(client, project, items, "tasks:updated_at", everything=True)
        if len(page) < _PAGE:
            yield from page
            return
        last = page[-1]["updated_at"]
        if page[0]["updated_at"] == last:
            yield from _at(client, project, last)
            items = [_condition("updated_at", "greater", moment(time_of(last)), "Datetime")]
        else:
            yield from (task for task in page if task["updated_at"] != last)
            items = [_condition("updated_at", "greater_or_equal", moment(time_of(last)), "Datetime")]


def _at(client: LabelStudioClient, project: int, when: str) -> Iterator[dict[str, Any]]:
    """All tasks with that very update time, however many (an action on many tasks gives them one time)."""
    at = time_of(when)
    span = [
        _condition("updated_at", "greater_or_equal", moment(at), "Datetime"),
        _condition("updated_at", "less", moment(at + _MICROSECOND), "Datetime"),
    ]
    last = 0
    while True:
        page = _page(client, project, [*span, _condition("id", "greater", last, "Number")], "tasks:id", everything=True)
        yield from page
        if len(page) < _PAGE:
            return
        last = page[-1]["id"]


def _page(
    client: LabelStudioClient, project: int, items: Sequence[Any], order: str, *, everything: bool = False
) -> list[dict[str, Any]]:
    query: dict[str, Any] = {"filters": {"conjunction": "and", "items": list(items)}, "ordering": [order]}
    params: dict[str, Any] = {
        "project": project,
        "page_size": _PAGE,
        "page": 1,
        "resolve_uri": "false",
        "omit": _OMITTED,
    }
    if everything:
        params["fields"] = "all"
    else:
        query["hiddenColumns"] = {"explore": _HIDDEN, "labeling": _HIDDEN}
    answer = client.get("/api/tasks/", {**params, "query": json.dumps(query)})
    tasks: list[dict[str, Any]] = answer["tasks"]
    return tasks


def moment(when: datetime) -> str:
    """UTC with microseconds: the server answers 500 to a time without them."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def time_of(text: str) -> datetime:
    """The server's way to write a time."""
    return datetime.fromisoformat(text)
