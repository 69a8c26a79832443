"""Where Label Studio reports to, and the secret header that it sends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from labelwright.model.desk import DeskRecord
from labelwright.ports import Desks

SECRET_HEADER = "X-Labelwright-Secret"  # noqa: S105 - the header's name
HOOK_PATH = "/hooks/label-studio"


@dataclass(frozen=True, slots=True)
class Hook:
    """Address of Labelwright's ear; each desk has its own below it."""

    url: str
    headers: Mapping[str, str] = field(repr=False)


def watch(desks: Desks, desk: DeskRecord, hook: Hook | None) -> None:
    """Let a desk report to the hook; without one its answers are found by the timer."""
    if hook is not None:
        desks.watch(desk.project, f"{hook.url}/{desk.project}", hook.headers)
