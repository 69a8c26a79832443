"""A Label Studio of our own: started for a workspace, found again, and stopped; nobody else's is touched."""

from __future__ import annotations

import contextlib
import json
import os
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from labelwright.adapters.labelstudio import launch, symptoms
from labelwright.adapters.labelstudio.client import LabelStudioClient
from labelwright.adapters.labelstudio.install import Environment, cache_dir
from labelwright.adapters.labelstudio.launch import Administrator, ManagedSettings
from labelwright.adapters.locks import file_lock
from labelwright.adapters.processes import (
    ProcessRecord,
    free_port,
    holder_of,
    is_alive,
    port_is_free,
    record_of,
    start_detached,
    terminate,
    wait_until,
)
from labelwright.model.errors import CheckFailedError, OutsideServiceError
from labelwright.ports import Progress

__all__ = ["Administrator", "ManagedLabelStudio", "ManagedSettings", "Running"]

#: Seconds that the first start may take, with all migrations, on a slow machine.
START_TIMEOUT = 600.0
_USUAL_PORT = 8080
_BIG_LOG = 10 * 2**20
_HEALTH_TIMEOUT = 3.0


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers. ``url`` is its address on this machine."""

    url: str
    port: int
    process: ProcessRecord


class ManagedLabelStudio:
    """The Label Studio of one workspace.

    Args:
        settings: how to run it.
        administrator: its first account.
    """

    def __init__(self, settings: ManagedSettings, administrator: Administrator) -> None:
        self._settings = settings
        self._administrator = administrator
        self._dir = settings.state_dir.absolute()

    def __repr__(self) -> str:
        return f"ManagedLabelStudio({str(self._dir)!r})"

    @property
    def log(self) -> Path:
        """What the server wrote."""
        return self._dir / "server.log"

    @property
    def data(self) -> Path:
        """Its data: the database when it is SQLite, uploads, the key that signs sessions."""
        return self._dir / "data"

    def running(self) -> Running | None:
        """The server that was started for this workspace, if its process is alive (it may still be starting)."""
        known = self._read()
        if known is not None and is_alive(known.process):
            return known
        return None

    def is_healthy(self) -> bool:
        """Whether it answers."""
        running = self.running()
        return running is not None and _answers(running.url)

    def start(self, environment: Environment, progress: Progress, *, timeout: float = START_TIMEOUT) -> Running:
        """Start it when it does not run yet, and wait until it answers.

        Two starts at once give one server. A start that was killed is taken up by the next one.

        Args:
            environment: the installed Label Studio.
            progress: told about the start.
            timeout: seconds to wait; the first start makes the database.

        Raises:
            OutsideServiceError: port in use, disk full, no permission, database out of reach, or it does not come
                up; each with the next step.
        """
        self._make_folders()
        with file_lock(self._dir / "start.lock", wait=timeout, what="The start of Label Studio"), ExitStack() as claims:
            running = self.running() or self._take_up_orphan() or self._launch(environment, claims)
            progress.start("Starting Label Studio", None)
            try:
                self._wait(running, timeout)
            finally:
                progress.done()
        return running

    def stop(self) -> bool:
        """End what `start` started, and nothing else. False when it did not run."""
        running = self.running() or self._take_up_orphan()
        return running is not None and terminate(running.process)

    @property
    def _file(self) -> Path:
        """Kept when the server is down: the next start takes the same port, so that links stay good."""
        return self._dir / "process.json"

    def _make_folders(self) -> None:
        try:
            self.data.mkdir(parents=True, exist_ok=True, mode=0o700)
            if self.log.exists() and self.log.stat().st_size > _BIG_LOG:
                self.log.replace(self.log.with_suffix(".log.1"))
        except OSError as error:
            raise symptoms.of_folder(error, self._dir) from error

    def _launch(self, environment: Environment, claims: ExitStack) -> Running:
        port = self._port(claims)
        command = launch.command(environment, self._settings.host, port)
        variables = launch.environment_variables(self._settings, self._administrator, environment, self.data)
        variables[launch.OWNER] = self._owner(port)
        process = start_detached(command, env=variables, log=self.log, cwd=self._dir)
        running = Running(self._url(port), port, process)
        self._write(running)
        return running

    def _port(self, claims: ExitStack) -> int:
        host, wanted = self._settings.host, self._settings.port
        if wanted is not None:
            if not (port_is_free(host, wanted) and _claim(wanted, claims)):
                raise symptoms.port_in_use(wanted, holder_of(wanted))
            return wanted
        last = self._read()
        for port in (last.port if last else None, _USUAL_PORT):
            if port is not None and port_is_free(host, port) and _claim(port, claims):
                return port
        return free_port(host)

    def _wait(self, running: Running, timeout: float) -> None:
        answered = wait_until(lambda: _answers(running.url) or not is_alive(running.process), timeout=timeout)
        if not is_alive(running.process):
            raise symptoms.of_log(self.log, running.port)
        if not answered:
            raise OutsideServiceError(
                f"Label Studio does not answer after {timeout:.0f} seconds",
                where=str(self.log),
                next_step="Its log says what it is busy with; `labelwright down` ends it.",
            )
        self._check_identity(running)

    def _check_identity(self, running: Running) -> None:
        """It moves to another port by itself when ours was taken meanwhile: is it really the one that answers?"""
        with LabelStudioClient(running.url, self._administrator.token) as client:
            try:
                client.whoami()
            except OutsideServiceError as error:
                raise OutsideServiceError(
                    "The server at that address does not know this workspace's administrator",
                    where=running.url,
                    next_step="If another server took the port, run `labelwright down` and `labelwright up` again. "
                    "If the secrets file was lost, restore it: the database got the token in it at its first start.",
                ) from error

    def _url(self, port: int) -> str:
        host = self._settings.host
        local = "127.0.0.1" if host in {"", "0.0.0.0"} else "[::1]" if host == "::" else launch.bracketed(host)  # noqa: S104
        return f"http://{local}:{port}"

    def _owner(self, port: int) -> str:
        return f"{port}:{self._dir}"

    def _take_up_orphan(self) -> Running | None:
        """A server whose start was killed before its record was written: its environment names this workspace."""
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError, ValueError):
                port, _, folder = process.environ().get(launch.OWNER, "").partition(":")
                if folder == str(self._dir) and process.pid == os.getpgid(process.pid):
                    running = Running(self._url(int(port)), int(port), record_of(process.pid))
                    self._write(running)
                    return running
        return None

    def _read(self) -> Running | None:
        try:
            kept = json.loads(self._file.read_text(encoding="utf-8"))
            process = ProcessRecord(int(kept["pid"]), float(kept["started"]))
            if kept["folder"] != str(self._dir):
                return None  # a copy of a workspace holds the original's record: that server is not ours
            return Running(str(kept["url"]), int(kept["port"]), process)
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _write(self, running: Running) -> None:
        record = {
            "folder": str(self._dir),
            "pid": running.process.pid,
            "started": running.process.started,
            "port": running.port,
            "url": running.url,
        }
        draft = self._file.with_suffix(".new")
        draft.write_text(json.dumps(record), encoding="utf-8")
        draft.replace(self._file)


def _claim(port: int, claims: ExitStack) -> bool:
    """Keep a port for this start: the start of another workspace could choose it before the server listens."""
    try:
        claims.enter_context(file_lock(cache_dir() / "ports" / f"{port}.lock", wait=0.0, what=f"Port {port}"))
    except CheckFailedError:
        return False
    except OSError:  # no cache, no claims: the identity of the server is checked when it answers
        return True
    return True


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health", timeout=_HEALTH_TIMEOUT, trust_env=False).is_success
    except httpx.HTTPError:
        return False
