"""Detached processes, real ones."""

from __future__ import annotations

import os
import socket
import sys
import time
from pathlib import Path

import psutil

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

SLEEPER = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"]
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"
THREADS = """
import socket, sys, threading, time
listener = socket.socket()
listener.bind(("127.0.0.1", int(sys.argv[1])))
listener.listen()
for _ in range(60):
    threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
block = bytearray(200_000_000)
print("up", flush=True)
time.sleep(60)
"""
PARENT = "import subprocess, sys, time; p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']); print(p.pid, flush=True); time.sleep(60)"


def started(command: list[str], folder: Path) -> ProcessRecord:
    log = folder / "log"
    record = start_detached(command, env=dict(os.environ), log=log)
    assert wait_until(lambda: bool(tail(log)), timeout=10)
    return record


def test_it_lives_in_a_session_of_its_own_and_ends_when_told(tmp_path: Path) -> None:
    """Protects a server from the end of its terminal, and its log from other users."""
    record = started(SLEEPER, tmp_path)
    assert is_alive(record)
    assert os.getsid(record.pid) == record.pid != os.getsid(0)
    assert (tmp_path / "log").stat().st_mode & 0o077 == 0
    assert terminate(record)
    assert not is_alive(record)
    assert not terminate(record)


def test_a_process_that_got_the_same_id_is_not_ended(tmp_path: Path) -> None:
    """Protects strangers: id and start time must both fit."""
    record = started(SLEEPER, tmp_path)
    earlier = ProcessRecord(record.pid, record.started - 5)
    assert not is_alive(earlier)
    assert not terminate(earlier)
    assert is_alive(record)
    terminate(record)


def test_what_does_not_listen_is_ended_by_force(tmp_path: Path) -> None:
    """Protects `down` from hanging on a program that ignores the polite way."""
    record = started([sys.executable, "-c", STUBBORN], tmp_path)
    assert terminate(record, grace=0.5)
    assert not is_alive(record)


def test_its_children_end_with_it(tmp_path: Path) -> None:
    """Protects the machine from workers that are left behind."""
    record = started([sys.executable, "-c", PARENT], tmp_path)
    child = int(tail(tmp_path / "log"))
    terminate(record)
    assert wait_until(lambda: not psutil.pid_exists(child) or psutil.Process(child).status() == "zombie", timeout=5)


def test_one_that_was_ended_has_given_its_port_back(tmp_path: Path) -> None:
    """Protects a restart: with many threads a process is marked dead before the last of them lets go of the port."""
    for _ in range(5):
        port = free_port()
        record = started([sys.executable, "-c", THREADS, str(port)], tmp_path)
        assert not port_is_free("127.0.0.1", port)
        terminate(record)
        assert port_is_free("127.0.0.1", port)
        (tmp_path / "log").unlink()


def test_one_that_died_is_dead_though_nobody_collected_it(tmp_path: Path) -> None:
    """Protects status from calling a crashed server alive while the command that started it still runs."""
    record = start_detached([sys.executable, "-c", ""], env=dict(os.environ), log=tmp_path / "log")
    assert wait_until(lambda: not is_alive(record), timeout=10)


def test_ports() -> None:
    """Protects the start from a port that somebody has, and names who."""
    port = free_port()
    assert port_is_free("127.0.0.1", port)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        assert not port_is_free("127.0.0.1", port)
        assert not port_is_free("0.0.0.0", port)  # noqa: S104
        assert str(os.getpid()) in (holder_of(port) or "")


def test_waiting_ends() -> None:
    """Protects from waiting for ever."""
    start = time.monotonic()
    assert not wait_until(lambda: False, timeout=0.1, interval=0.01)
    assert time.monotonic() - start < 5


def test_the_tail_of_a_long_log(tmp_path: Path) -> None:
    """Protects memory: only the end of a long log is read; none is empty."""
    log = tmp_path / "log"
    log.write_text("\n".join(str(n) for n in range(100_000)), encoding="utf-8")
    assert tail(log, 2) == "99998\n99999"
    assert tail(tmp_path / "none") == ""
