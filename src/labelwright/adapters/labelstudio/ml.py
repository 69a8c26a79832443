"""Connects a Label Studio project to an ML backend."""

from __future__ import annotations

from labelwright.adapters.labelstudio.client import LabelStudioClient
from labelwright.adapters.labelstudio.failures import RefusedError
from labelwright.model.errors import OutsideServiceError

_TITLE = "Labelwright"


def connect_backend(client: LabelStudioClient, project: int, url: str, user: str, password: str) -> int:
    """One backend of ours on the project; its id. Done already is fine.

    Args:
        client: of an administrator.
        project: Label Studio's number.
        url: where the backend answers.
        user: of its basic authentication.
        password: that goes with it.

    Raises:
        OutsideServiceError: Label Studio refuses the address, or cannot reach it.
    """
    wanted = {
        "url": url,
        "title": _TITLE,
        "auth_method": "BASIC_AUTH",
        "basic_auth_user": user,
        "basic_auth_pass": password,
        "project": project,
    }
    known = [b for b in client.get("/api/ml", {"project": project}) or [] if b.get("title") == _TITLE]
    same = next((b for b in known if b.get("url") == url), None)
    if same is not None:
        return int(same["id"])
    for old in known:
        client.delete(f"/api/ml/{old['id']}")
    try:
        return int(client.post("/api/ml", wanted)["id"])
    except RefusedError as problem:
        raise OutsideServiceError(
            f"Label Studio does not take that backend: {problem.detail}",
            where=url,
            next_step="Its SSRF protection bans private addresses: allow this one there (see docs)",
        ) from problem
