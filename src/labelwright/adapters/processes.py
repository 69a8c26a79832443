"""Servers that outlive the command that started them, and are ended only by who started them."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from labelwright.model.errors import OutsideServiceError

#: Seconds by which two readings of a process's start time may differ.
_SAME_START = 0.05


@dataclass(frozen=True, slots=True)
class ProcessRecord:
    """A process, told apart from a later one with the same id.

    Attributes:
        pid: its id, which is also the id of its process group.
        started: when it started, in seconds since the epoch.
    """

    pid: int
    started: float


def start_detached(
    command: Sequence[str], *, env: Mapping[str, str], log: Path, cwd: Path | None = None
) -> ProcessRecord:
    """Start a program in a session of its own, so that it survives the terminal; its words go to the end of ``log``.

    Args:
        command: program and arguments; no secrets, since everybody can list them.
        env: its whole environment.
        log: file that only the owner may read; made when missing.
        cwd: folder to start in.

    Raises:
        OutsideServiceError: the program cannot be started.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        process = subprocess.Popen(  # noqa: S603 - our own command, no shell
            list(command),
            env=dict(env),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=handle,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except OSError as error:
        raise OutsideServiceError(f"{command[0]} cannot be started: {error.strerror}", where=str(log)) from error
    finally:
        os.close(handle)
    process.returncode = 0  # we let go of it: without this Python warns that it still runs
    return record_of(process.pid)


def record_of(pid: int) -> ProcessRecord:
    """The record of a process that runs now."""
    return ProcessRecord(pid, psutil.Process(pid).create_time())


def is_alive(record: ProcessRecord) -> bool:
    """Whether that very process still runs (not another one that got its id, nor a dead one not yet collected)."""
    try:
        process = psutil.Process(record.pid)
        if abs(process.create_time() - record.started) > _SAME_START:
            return False
        return process.status() != psutil.STATUS_ZOMBIE or _is_ending(process)
    except psutil.NoSuchProcess:
        return False


def _is_ending(process: psutil.Process) -> bool:
    """Whether threads of a process that is marked dead still hold its port and files; collects it when it is ours."""
    try:
        process.wait(timeout=0)
    except psutil.TimeoutExpired:
        return process.num_threads() > 1
    return False


def terminate(record: ProcessRecord, *, grace: float = 10.0) -> bool:
    """End that process and its group: politely, after ``grace`` seconds by force. False when it was gone already."""
    if not is_alive(record):
        return False
    _signal_group(record.pid, signal.SIGTERM)
    if not _gone(record, grace):
        _signal_group(record.pid, signal.SIGKILL)
        _gone(record, grace)
    return True


def free_port(host: str = "127.0.0.1") -> int:
    """A port that nobody listens on right now."""
    with socket.socket(_family(host)) as probe:
        probe.bind((host.strip("[]"), 0))
        return int(probe.getsockname()[1])


def port_is_free(host: str, port: int) -> bool:
    """Whether one could listen there now."""
    with socket.socket(_family(host)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host.strip("[]"), port))
        except OSError:
            return False
    with socket.socket() as probe:  # somebody who listens on all addresses is not seen by the bind on every system
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) != 0


def holder_of(port: int) -> str | None:
    """Who listens on that port, as ``name (pid)``; None where the system does not tell."""
    with contextlib.suppress(psutil.Error, OSError):
        for connection in psutil.net_connections("tcp"):
            address: tuple[object, ...] = connection.laddr
            if connection.status == psutil.CONN_LISTEN and address[1:2] == (port,) and connection.pid:
                return f"{psutil.Process(connection.pid).name()} ({connection.pid})"
    return None


def wait_until(condition: Callable[[], bool], *, timeout: float, interval: float = 0.2) -> bool:
    """Look again and again; False when ``timeout`` seconds went by."""
    end = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(interval)
    return True


def tail(path: Path, lines: int = 30) -> str:
    """The last lines of a log; empty when there is none."""
    try:
        with path.open("rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - 65_536))
            return "\n".join(file.read().decode(errors="replace").splitlines()[-lines:])
    except OSError:
        return ""


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _signal_group(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(pid, number)


def _gone(record: ProcessRecord, seconds: float) -> bool:
    return wait_until(lambda: not is_alive(record), timeout=seconds, interval=0.05)
