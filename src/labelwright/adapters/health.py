"""What the doctor feels with its own hands: disk, addresses, a container engine."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import httpx

from labelwright.adapters.personal_links import ME_PATH
from labelwright.model.errors import OutsideServiceError

#: Below this a database may fail in mid-write.
_ROOM = 500 * 2**20
_SECONDS = 10


def check_disk(folder: Path) -> str:
    """How much room there is; refuses when it is little.

    Raises:
        OutsideServiceError: there is too little room, or the volume is full.
    """
    free = shutil.disk_usage(folder).free
    if free < _ROOM:
        raise OutsideServiceError(
            f"Only {free / 2**20:.0f} MB are free on the volume of {folder}",
            next_step="Make room: Label Studio and the database stop when it is full",
        )
    return f"{free / 2**30:.0f} GB free"


def check_pages(url: str) -> str:
    """Whether annotators' own pages answer behind that address: a page that does not exist must come from us.

    Raises:
        OutsideServiceError: nothing answers there, or something else does.
    """
    nobody = f"{url.rstrip('/')}{ME_PATH}/nobody/unsigned"
    try:
        answer = httpx.get(nobody, timeout=_SECONDS)
    except httpx.HTTPError as problem:
        raise OutsideServiceError(
            f"Annotators' own pages do not answer at {url}: {problem}",
            next_step="Check the reverse proxy before Labelwright's server, and server.public_url",
        ) from problem
    if answer.status_code != httpx.codes.NOT_FOUND or "X-Robots-Tag" not in answer.headers:
        raise OutsideServiceError(
            f"Something else than Labelwright answers at {url} ({answer.status_code})",
            next_step=f"Let the reverse proxy pass {ME_PATH}/ on to Labelwright's server",
        )
    return f"own pages at {url}"


def check_containers(root: Path) -> str | None:
    """Whether compose.yaml could be started, where there is one; None where there is none.

    Raises:
        OutsideServiceError: there is a compose.yaml, and no Docker client or no daemon that answers.
    """
    if not (root / "compose.yaml").is_file():
        return None
    if shutil.which("docker") is None:
        raise OutsideServiceError(
            "There is a compose.yaml, and no docker command",
            next_step="Install Docker, or run labelwright up without it",
        )
    try:
        asked = subprocess.run(
            ["docker", "info", "--format", "{{.ServerVersion}}"],  # noqa: S607 - the user's own docker
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as slow:
        raise _no_daemon("it does not answer") from slow
    if asked.returncode:
        raise _no_daemon((asked.stderr.strip().splitlines() or ["it does not answer"])[-1])
    return f"Docker {asked.stdout.strip()}"


def _no_daemon(reason: str) -> OutsideServiceError:
    return OutsideServiceError(
        f"The Docker daemon cannot be used: {reason}",
        next_step="Start it (sudo systemctl start docker), and see that you may use it (group docker)",
    )


def check_address(url: str) -> str:
    """That annotators' address leads to a Label Studio, as far as this machine can tell.

    Raises:
        OutsideServiceError: nothing answers there, or something else does.
    """
    try:
        answer = httpx.get(f"{url.rstrip('/')}/health", timeout=_SECONDS, follow_redirects=True)
    except httpx.HTTPError as problem:
        raise OutsideServiceError(
            f"{url} does not answer: {problem}",
            next_step="Open the port in the firewall, and see that `labelwright up --host` listens on that interface",
        ) from problem
    if not answer.is_success:
        raise OutsideServiceError(
            f"{url} answers with status {answer.status_code}, not as Label Studio does",
            next_step="Correct the address (up --public-url), or the proxy in front of it",
        )
    return f"{url} answers"
