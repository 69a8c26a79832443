"""Label Studio, seen as desks: one project per annotator, with a short queue that is never taken out of a hand."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import httpx

from labelwright.adapters.labelstudio import people, tasklist
from labelwright.adapters.labelstudio.client import LabelStudioClient
from labelwright.adapters.labelstudio.failures import RefusedError
from labelwright.adapters.labelstudio.reading import seen_change, seen_task
from labelwright.model.desk import DeskSpec, Member, SeenChange, SeenTask, TaskToDeliver
from labelwright.model.errors import OutsideServiceError

#: Label Studio takes titles of 3 to 50 characters.
_TITLE = (3, 50)
#: Tasks and bytes in one import: both small enough that the answer comes within seconds.
_CHUNK_TASKS = 1_000
_CHUNK_BYTES = 16 * 2**20
_WITHDRAW = 500
# An import that is given up while the server is still at it comes back as tasks that stand there twice: a server that
# is busy is waited for nearly as long as a delivery's lease lasts.
_IMPORT_TIMEOUT = httpx.Timeout(240.0, connect=5.0)
_ACTIONS = ("ANNOTATION_CREATED", "ANNOTATIONS_CREATED", "ANNOTATION_UPDATED", "ANNOTATIONS_DELETED", "TASKS_DELETED")
_PAGE = 100


#: Clocks that differ by less are taken for the same: answers carry whole seconds, and need time to arrive.
SAME_TIME = timedelta(seconds=5)


class LabelStudioDesks:
    """Implements `labelwright.ports.Desks` on Label Studio's REST interface.

    Args:
        client: speaks for an administrator.
        public_url: the address that annotators use, where it differs from the client's.
    """

    def __init__(self, client: LabelStudioClient, public_url: str | None = None) -> None:
        self._client = client
        self._public = (public_url or client.base_url).rstrip("/")

    def __repr__(self) -> str:
        return f"LabelStudioDesks({self._client!r})"

    def version(self) -> str:
        """Release of the server. Raises OutsideServiceError with the next step when it cannot be used."""
        release, _ = self._client.version()
        self._client.whoami()
        return release

    def ahead(self) -> timedelta:
        """How far the server's clock is ahead of this machine's; zero where they differ by less than five seconds."""
        ahead = self._client.ahead
        return ahead if abs(ahead) >= SAME_TIME else timedelta()

    def url_of(self, desk: int) -> str:
        """The annotator's way in: opens the label stream at once."""
        return f"{self._public}/projects/{desk}/data?labeling=1"

    def url_of_task(self, desk: int, task: int) -> str:
        """The way to one task of a desk, opened in the list of tasks."""
        return f"{self._public}/projects/{desk}/data?task={task}"

    def add_member(self, email: str, password: str, name: str) -> Member:
        """Sign an annotator up through the invitation; the account that exists already is returned as it is."""
        return people.add_member(self._client, email, password, name)

    def member(self, email: str) -> Member | None:
        """The account with that address, if there is one."""
        return people.member(self._client, email)

    def open_desk(self, spec: DeskSpec) -> int:
        """The desk with the spec's marker, made when missing and brought to the spec when it differs.

        Two that open the same desk at once may both make it: from then on the one with the lower id is the desk.
        """
        wanted = wanted_project(spec)
        found = self._find(spec.marker)
        if found is None:
            return int(self._client.post("/api/projects/", wanted)["id"])
        project = self._client.get(f"/api/projects/{found}/")
        different = {name: value for name, value in wanted.items() if project.get(name) != value}
        if different:
            self._client.patch(f"/api/projects/{found}/", different)
        return found

    def watch(self, desk: int, url: str, headers: Mapping[str, str]) -> None:
        """One webhook from the desk to ``url``, with own headers; others of ours are replaced.

        It carries the name of the action and nothing else: a hint to look, so the address must name the desk.
        """
        wanted = {"url": url, "headers": dict(headers), "is_active": True, **_WEBHOOK}
        ours = [w for w in self._client.get("/api/webhooks/", {"project": desk}) if _is_ours(w, url, headers)]
        right = next((w for w in ours if all(w.get(k) == v for k, v in wanted.items() if k != "actions")), None)
        for webhook in ours:
            if webhook is not right:
                self._client.delete(f"/api/webhooks/{webhook['id']}/")
        if right is None:
            self._make_webhook(desk, wanted)

    def deliver(self, desk: int, tasks: Sequence[TaskToDeliver]) -> list[int]:
        """Put tasks on the desk, in this order; their ids in this order.

        Not repeated by itself: after a crash the keys in the tasks' meta tell what arrived (see `tasks`).
        """
        return [task_id for chunk in chunks(tasks) for task_id in self._import(desk, chunk)]

    def tasks(self, desk: int) -> list[SeenTask]:
        """Every task on the desk: the sweep of ids."""
        locked = self._locked(desk)
        return [self._complete(seen_task(task, locked), task) for task in tasklist.sweep(self._client, desk)]

    def changes(self, desk: int, since: datetime | None) -> Iterator[SeenChange]:
        """Tasks updated after ``since`` in the order of their update, with all their annotations."""
        locked = self._locked(desk)
        for task in tasklist.by_update(self._client, desk, since):
            yield seen_change(task, desk, locked)

    def withdraw(self, desk: int, tasks: Sequence[int]) -> None:
        """Delete tasks that nobody has touched.

        The server itself leaves out what is locked, has a draft, an answer or a skip, in the request that deletes:
        between a look and a deletion somebody may have opened the task.
        """
        for start in range(0, len(tasks), _WITHDRAW):
            body = {
                "selectedItems": {"all": False, "included": list(tasks[start : start + _WITHDRAW])},
                "filters": tasklist.UNTOUCHED,
            }
            self._client.post("/api/dm/actions", body, {"id": "delete_tasks", "project": desk})

    def _find(self, marker: str) -> int | None:
        found: list[int] = []
        page = 1
        while True:
            answer = self._client.get("/api/projects/", {"include": "id,description", "page_size": _PAGE, "page": page})
            found += [p["id"] for p in answer["results"] if marker in (p.get("description") or "").splitlines()]
            if not answer.get("next"):
                return min(found, default=None)
            page += 1

    def _import(self, desk: int, tasks: Sequence[TaskToDeliver]) -> list[int]:
        body = [_body(task) for task in tasks]
        answer = self._client.post(
            f"/api/projects/{desk}/import", body, {"return_task_ids": "true"}, timeout=_IMPORT_TIMEOUT
        )
        ids = [int(i) for i in (answer or {}).get("task_ids", ())]
        if len(ids) != len(tasks):
            raise OutsideServiceError(
                f"Label Studio took {len(tasks)} tasks and named {len(ids)} ids",
                where=f"project {desk}",
                next_step="The next sweep finds by their keys what arrived.",
            )
        return ids

    def _locked(self, desk: int) -> frozenset[int]:
        return frozenset(task["id"] for task in tasklist.sweep(self._client, desk, tasklist.LOCKED))

    def _complete(self, seen: SeenTask, task: Mapping[str, Any]) -> SeenTask:
        """The listing cuts long lists of annotation ids: then the task itself is asked."""
        if len(str(task.get("annotations_ids") or "")) < tasklist.CUT:
            return seen
        full = self._client.get(f"/api/tasks/{seen.id}/")
        ids = tuple(sorted(a["id"] for a in full["annotations"]))
        return SeenTask(seen.id, seen.key, ids, seen.in_hand)

    def _make_webhook(self, desk: int, wanted: Mapping[str, Any]) -> None:
        try:
            self._client.post("/api/webhooks/", {**wanted, "project": desk})
        except RefusedError as error:
            raise OutsideServiceError(
                f"Label Studio refuses to send webhooks to that address: {error.detail}",
                where=str(wanted["url"]),
                next_step="Its SSRF protection bans private addresses: allow this one there (see docs), or go without; "
                "answers are then collected by the timer.",
            ) from error


_WEBHOOK = {"send_payload": False, "send_for_all_actions": False, "actions": list(_ACTIONS)}


def _body(task: TaskToDeliver) -> dict[str, Any]:
    """A task as the import takes it."""
    body: dict[str, Any] = {"data": dict(task.data), "meta": {"labelwright": task.key}}
    if task.predictions:
        body["predictions"] = [
            {"model_version": p.version, "result": [dict(r) for r in p.result]}
            | ({} if p.score is None else {"score": p.score})
            for p in task.predictions
        ]
    return body


def wanted_project(spec: DeskSpec) -> dict[str, Any]:
    """The project's settings that make it a desk.

    IGNORE_SKIPPED: a skipped task counts as done for the annotator and does not come back (with REQUEUE_FOR_ME it
    returns at the end of the queue; REQUEUE_FOR_OTHERS waits for somebody else, who does not exist on a desk).
    """
    return {
        "title": title_of(spec.title),
        "description": f"This desk is run by Labelwright; the last line finds it again.\n{spec.marker}",
        "label_config": spec.config,
        "expert_instruction": spec.instructions_html,
        "show_instruction": bool(spec.instructions_html),
        "show_skip_button": True,
        "enable_empty_annotation": True,
        "maximum_annotations": 1,
        "sampling": "Sequential sampling",
        "skip_queue": "IGNORE_SKIPPED",
    }


def title_of(title: str) -> str:
    """A title that Label Studio takes: printable, 3 to 50 characters."""
    shortest, longest = _TITLE
    clean = " ".join("".join(c if c.isprintable() else " " for c in title).split())
    if len(clean) > longest:
        clean = clean[: longest - 1].rstrip() + "…"
    return clean if len(clean) >= shortest else f"Desk {clean}".strip()


def chunks(tasks: Sequence[TaskToDeliver]) -> Iterator[list[TaskToDeliver]]:
    """Groups of tasks that fit into one import, in order."""
    chunk: list[TaskToDeliver] = []
    size = 0
    for task in tasks:
        weight = len(json.dumps(_body(task), default=str))
        if chunk and (len(chunk) >= _CHUNK_TASKS or size + weight > _CHUNK_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append(task)
        size += weight
    if chunk:
        yield chunk


def _is_ours(webhook: Mapping[str, Any], url: str, headers: Mapping[str, str]) -> bool:
    names = set(webhook.get("headers") or {})
    return webhook.get("url") == url or (bool(names) and names == set(headers))
