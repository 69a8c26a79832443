"""Labelwright's own server as a process: started for a workspace, found again, and stopped."""

from __future__ import annotations

import ipaddress
import json
import os
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from labelwright.adapters.processes import (
    ProcessRecord,
    free_port,
    holder_of,
    is_alive,
    port_is_free,
    start_detached,
    tail,
    terminate,
    wait_until,
)
from labelwright.model.errors import OutsideServiceError

HOST = "127.0.0.1"
_START_TIMEOUT = 180.0


@dataclass(frozen=True, slots=True)
class ServerRecord:
    """Labelwright's server as it was started. ``stamp`` tells with which files, ``root`` for which workspace."""

    pid: int
    started: float
    port: int
    stamp: str
    root: str

    @property
    def url(self) -> str:
        """Its address on this machine."""
        return f"http://{HOST}:{self.port}"

    @property
    def process(self) -> ProcessRecord:
        """The process, told apart from a later one with the same id."""
        return ProcessRecord(self.pid, self.started)


@dataclass(frozen=True, slots=True)
class Publication:
    """How `up` was told to publish Label Studio: the address to listen on, and the one that annotators use."""

    host: str | None = None
    public_url: str | None = None


class OwnServer:
    """The server of one workspace.

    Args:
        root: the workspace.
        state: its folder for what Labelwright keeps.
    """

    def __init__(self, root: Path, state: Path) -> None:
        self._root = root
        self._state = state

    @property
    def log(self) -> Path:
        """What the server wrote."""
        return self._state / "server.log"

    def running(self) -> ServerRecord | None:
        """The server that was started for this workspace, if it is alive."""
        try:
            record = ServerRecord(**json.loads((self._state / "server.json").read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None
        # In a copy of the workspace the record is the original's: its server is not ours to stop.
        return record if record.root == str(self._root) and is_alive(record.process) else None

    def is_healthy(self) -> bool:
        """Whether it answers."""
        record = self.running()
        return record is not None and _answers(record.url)

    def port(self, wanted: int | None = None) -> int | None:
        """Where it listens, or will when it is started on the ``wanted`` port; None before its first start."""
        running = self.running()
        return running.port if running else wanted or self._last_port()

    def start(self, wanted_port: int | None, stamp: str, *, keep_port: bool = False) -> ServerRecord:
        """Start it when it does not run, or anew when it was started with other files; wait until it answers.

        Without a wanted port it takes the one that it had last, so that links to it live on after `stop`.

        Args:
            wanted_port: what the settings say.
            stamp: changes with the files that it reads.
            keep_port: links lead to the last port: where it is in use, refuse rather than take another.

        Raises:
            OutsideServiceError: the port is in use, or it does not come up.
        """
        known = self.running()
        if known is not None and known.stamp == stamp:
            return known
        self.stop()
        port = self._port(wanted_port, keep=keep_port)
        command = [sys.executable, "-m", "labelwright", "serve", "--workspace", str(self._root), "--port", str(port)]
        process = start_detached(command, env=os.environ, log=self.log, cwd=self._root)
        record = ServerRecord(process.pid, process.started, port, stamp, str(self._root))
        _write(self._state / "server.json", json.dumps(asdict(record)))
        _write(self._state / "server-port.json", json.dumps(port))
        self._wait(record)
        return record

    def stop(self) -> bool:
        """End what `start` started, and nothing else. False when it did not run."""
        record = self.running()
        ended = record is not None and terminate(record.process)
        (self._state / "server.json").unlink(missing_ok=True)
        return ended

    def publication(self) -> Publication:
        """What `up` was told last."""
        try:
            return Publication(**json.loads((self._state / "publication.json").read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return Publication()

    def publish(self, publication: Publication) -> None:
        """Remember it, so that every link uses the address."""
        _write(self._state / "publication.json", json.dumps(asdict(publication)))

    def _last_port(self) -> int | None:
        try:
            port = json.loads((self._state / "server-port.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return port if isinstance(port, int) and 0 < port < 65_536 else None

    def _port(self, wanted: int | None, *, keep: bool) -> int:
        if wanted is not None:
            return _claimed(wanted, "Choose another port, or leave it empty to take a free one")
        last = self._last_port()
        if last is not None and keep:
            return _claimed(
                last,
                "Links to media on the desks lead to this port: end that program; or set another port there, and "
                "what lies on the desks shows no media until it is delivered anew",
            )
        return last if last is not None and port_is_free(HOST, last) else free_port(HOST)

    def _wait(self, record: ServerRecord) -> None:
        wait_until(lambda: _answers(record.url) or not is_alive(record.process), timeout=_START_TIMEOUT)
        if not _answers(record.url):
            raise OutsideServiceError(
                f"Labelwright's server does not come up: {tail(self.log, 3)}",
                where=str(self.log),
                next_step="Mend what the log says, then run labelwright up again",
            )


def origin_of(url: str) -> str:
    """Scheme, host and port of an address as a browser's ``Origin`` header has them."""
    parts = urlsplit(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    usual = {"http": 80, "https": 443}.get(parts.scheme)
    return f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port not in (None, usual) else "")


def is_loopback(url: str) -> bool:
    """Whether an address leads from any machine to itself."""
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _claimed(port: int, next_step: str) -> int:
    if not port_is_free(HOST, port):
        raise OutsideServiceError(
            f"Port {port} is in use by {holder_of(port) or 'another program'}",
            where="labelwright.yaml: server.port",
            next_step=next_step,
        )
    return port


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health", timeout=3.0, trust_env=False).is_success
    except httpx.HTTPError:
        return False


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)
