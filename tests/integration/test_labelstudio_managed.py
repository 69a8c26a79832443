"""A managed Label Studio: installed, started, found again, stopped; nobody else's is touched."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from labelwright.adapters.labelstudio import ssrf
from labelwright.adapters.labelstudio.client import LabelStudioClient
from labelwright.adapters.labelstudio.desks import LabelStudioDesks
from labelwright.adapters.labelstudio.install import ensure_installed, environment_in
from labelwright.adapters.labelstudio.managed import ManagedLabelStudio, ManagedSettings
from labelwright.adapters.processes import free_port, is_alive, start_detached, terminate
from labelwright.model.desk import DeskSpec
from labelwright.model.errors import OutsideServiceError
from support.servers import (
    ADMINISTRATOR,
    CHOICE_CONFIG,
    Silent,
    installed,
    label_studio_server,
)

pytestmark = pytest.mark.server
REPOSITORY = Path(__file__).resolve().parents[2]

START = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from support.servers import ADMINISTRATOR, Silent, installed
from labelwright.adapters.labelstudio.managed import ManagedLabelStudio, ManagedSettings
print(ManagedLabelStudio(ManagedSettings(Path(sys.argv[1])), ADMINISTRATOR).start(installed(), Silent()).process.pid)
"""


def refused(folder: Path, **settings: object) -> str:
    managed = ManagedLabelStudio(ManagedSettings(folder, **settings), ADMINISTRATOR)  # type: ignore[arg-type]
    with pytest.raises(OutsideServiceError) as told:
        managed.start(installed(), Silent(), timeout=120)
    assert managed.running() is None
    return str(told.value)


def test_the_default_ban_is_the_installed_one() -> None:
    """Protects the SSRF protection when Label Studio is upgraded: our copy of its list must be its list."""
    assert ssrf.installed_default(installed().package) == ssrf.DEFAULT_BANNED


def test_it_outlives_its_starter_and_keeps_port_and_data(tmp_path: Path) -> None:
    """Protects the workspace: the server lives on after the command, and a restart serves the same data at the same place."""
    with label_studio_server(tmp_path, ManagedSettings(tmp_path)) as server:
        managed, client = server.managed, server.client()
        desk = LabelStudioDesks(client).open_desk(DeskSpec("Kept", "labelwright:kept", CHOICE_CONFIG))
        first = managed.running()
        command = [sys.executable, "-c", START, str(tmp_path), str(REPOSITORY / "tests")]
        again = subprocess.run(command, capture_output=True, text=True, check=True)
        assert first is not None
        assert int(again.stdout) == first.process.pid
        assert os.getsid(first.process.pid) == first.process.pid
        assert managed.is_healthy()

        assert managed.stop()
        assert not managed.is_healthy()
        assert managed.running() is None
        assert not managed.stop()

        second = managed.start(installed(), Silent())
        assert second.port == first.port
        assert second.process != first.process
        assert server.desks().open_desk(DeskSpec("Kept", "labelwright:kept", CHOICE_CONFIG)) == desk


def test_secrets_are_not_in_the_process_list(tmp_path: Path) -> None:
    """Protects password and token from other users of the machine; log and data are the owner's."""
    with label_studio_server(tmp_path) as server:
        running = server.managed.running()
        assert running is not None
        shown = " ".join(psutil.Process(running.process.pid).cmdline())
        assert ADMINISTRATOR.password not in shown
        assert ADMINISTRATOR.token not in shown
        assert server.managed.log.stat().st_mode & 0o077 == 0
        kept = json.loads((tmp_path / "process.json").read_text())
        assert set(kept) == {"folder", "pid", "started", "port", "url"}


def test_two_starts_at_once_give_one_server(tmp_path: Path) -> None:
    """Protects against two servers on one database when `up` is run twice."""
    with label_studio_server(tmp_path) as server:  # copies the migrated database; then from nothing running
        server.managed.stop()
        command = [sys.executable, "-c", START, str(tmp_path), str(REPOSITORY / "tests")]
        both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
        pids = {int(p.communicate(timeout=120)[0]) for p in both}
        assert len(pids) == 1
        running = server.managed.running()
        assert running is not None
        assert pids == {running.process.pid}


def test_two_workspaces_that_start_at_once_take_two_ports(tmp_path: Path) -> None:
    """Protects two projects on one machine: a port is taken from its choice on, not only once the server listens."""
    folders = [tmp_path / "one", tmp_path / "two"]
    with label_studio_server(folders[0], ManagedSettings(folders[0])) as first:
        first.managed.stop()
        shutil.copytree(folders[0], folders[1])  # both remember the same port
        both = [ManagedLabelStudio(ManagedSettings(folder), ADMINISTRATOR) for folder in folders]
        try:
            with ThreadPoolExecutor() as pool:
                running = list(pool.map(lambda m: m.start(installed(), Silent()), both))
            assert running[0].port != running[1].port
            assert all(m.is_healthy() for m in both)
        finally:
            both[1].stop()


def test_a_start_that_was_killed_is_taken_up(tmp_path: Path) -> None:
    """Protects from an orphan: a server whose record was never written is found by the next start, and can be stopped."""
    with label_studio_server(tmp_path) as server:
        first = server.managed.running()
        (tmp_path / "process.json").unlink()
        assert server.managed.running() is None
        assert server.managed.start(installed(), Silent()) == first
        (tmp_path / "process.json").unlink()
        assert server.managed.stop()
        assert first is not None
        assert not is_alive(first.process)


def test_stop_ends_only_ours(tmp_path: Path, label_studio: object) -> None:
    """Protects other people's servers, also the one that got the id of a process of ours that died."""
    stranger = start_detached(
        [sys.executable, "-c", "import time; time.sleep(60)"], env=dict(os.environ), log=tmp_path / "log"
    )
    try:
        record = {
            "folder": str(tmp_path),
            "pid": stranger.pid,
            "started": stranger.started - 100,
            "port": 1,
            "url": "http://127.0.0.1:1",
        }
        (tmp_path / "process.json").write_text(json.dumps(record))
        managed = ManagedLabelStudio(ManagedSettings(tmp_path), ADMINISTRATOR)
        assert not managed.stop()
        assert is_alive(stranger)
        assert label_studio.managed.is_healthy()  # type: ignore[attr-defined]
    finally:
        terminate(stranger)


def test_a_crash_is_noticed_and_started_again(tmp_path: Path) -> None:
    """Protects the day after a crash: status says it is down, and a start brings it back."""
    with label_studio_server(tmp_path) as server:
        running = server.managed.running()
        assert running is not None
        os.kill(running.process.pid, signal.SIGKILL)
        deadline = time.monotonic() + 5
        while server.managed.running() is not None and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not server.managed.is_healthy()
        assert server.managed.start(installed(), Silent()).port == running.port


def test_a_port_in_use_names_its_holder(tmp_path: Path) -> None:
    """Protects the reader: which program has the port, and what to do."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        told = refused(tmp_path, port=taken.getsockname()[1])
    assert f"({os.getpid()})" in told
    assert "set another port" in told


def test_without_a_port_a_free_one_is_taken(tmp_path: Path) -> None:
    """Protects a second workspace on the same machine: the port of the last time is taken by somebody."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        record = {"folder": str(tmp_path), "pid": 1, "started": 0.0, "port": port, "url": "http://127.0.0.1:1"}
        (tmp_path / "process.json").write_text(json.dumps(record))
        with label_studio_server(tmp_path, ManagedSettings(tmp_path)) as server:
            assert not server.url.endswith(f":{port}")
            assert server.managed.is_healthy()


def test_a_database_out_of_reach_is_named(tmp_path: Path) -> None:
    """Protects the reader from a stack trace: the setting to correct is named, the password is not."""
    told = refused(tmp_path, database=f"postgresql://me:hidden-word@127.0.0.1:{free_port()}/labels", port=free_port())
    assert "database cannot be reached" in told
    assert "hidden-word" not in told


def test_a_missing_database_is_named(tmp_path: Path, postgres: str) -> None:
    """Protects the reader: the server is there, the database is not."""
    assert "database does not exist" in refused(tmp_path, database=f"{postgres}/nowhere", port=free_port())


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """Protects the reader from a start that hangs: the folder is named before anything is started."""
    (tmp_path / "file").touch()
    assert "cannot be written" in refused(tmp_path / "file" / "state")


def test_a_damaged_database_is_named(tmp_path: Path) -> None:
    """Protects the reader: restore a backup, rather than install again."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "label_studio.sqlite3").write_bytes(b"not a database at all" * 100)
    assert "damaged" in refused(tmp_path, port=free_port())


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a disk of its own can only be mounted by root")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def test_a_full_disk_is_named(tiny_disk: Path) -> None:
    """Protects the reader on a full disk: at the start of the server and at its installation, with what to do."""
    assert "disk is full" in refused(tiny_disk / "state", port=free_port())
    with pytest.raises(OutsideServiceError, match=r"disk is full.*LABELWRIGHT_CACHE"):
        ensure_installed(tiny_disk / "cache", Silent())


def test_lost_secrets_are_told(tmp_path: Path) -> None:
    """Protects the lead whose secrets file was lost: the server runs, but it does not know us."""
    with label_studio_server(tmp_path) as server:
        settings = ManagedSettings(tmp_path, port=free_port())
        other = ManagedLabelStudio(settings, replace(ADMINISTRATOR, token="ab" * 20))
        with pytest.raises(OutsideServiceError, match="does not know this workspace's administrator"):
            other.start(installed(), Silent())
        assert server.managed.is_healthy()


def test_annotators_on_other_machines_use_the_public_address(tmp_path: Path) -> None:
    """Protects the annotator's link and login form when the server stands behind another address."""
    settings = ManagedSettings(tmp_path, host="0.0.0.0", port=free_port(), public_url="https://labels.example.org")  # noqa: S104
    with label_studio_server(tmp_path, settings) as server:
        desks = LabelStudioDesks(server.client(), settings.public_url)
        desk = desks.open_desk(DeskSpec("Public", "labelwright:public", CHOICE_CONFIG))
        assert desks.url_of(desk) == f"https://labels.example.org/projects/{desk}/data?labeling=1"
        assert server.new_annotator().token
        headers = {
            "Host": "labels.example.org",
            "Origin": "https://labels.example.org",
            "Referer": "https://labels.example.org/user/login/",
        }
        import httpx

        with httpx.Client(base_url=server.url) as browser:
            browser.get("/user/login/")
            form = {"email": ADMINISTRATOR.email, "password": ADMINISTRATOR.password}
            form["csrfmiddlewaretoken"] = browser.cookies["csrftoken"]
            assert browser.post("/user/login/", data=form, headers=headers).is_redirect


class Counting(Silent):
    """Progress that counts."""

    def __init__(self) -> None:
        self.steps, self.total = 0, 0

    def start(self, what: str, total: int | None) -> None:  # noqa: ARG002
        self.total = total or 0

    def step(self, n: int = 1) -> None:
        self.steps += n


def test_the_installation_is_made_once_whole_and_shared(tmp_path: Path) -> None:
    """Protects the first `up`: two at once install once; a half-made one is made anew; the next is immediate."""
    environment = environment_in(tmp_path)
    (environment.root / "bin").mkdir(parents=True)
    (environment.root / "bin" / "label-studio").write_text("a killed installation", encoding="utf-8")
    assert not environment.is_complete
    progress = [Counting(), Counting()]
    with ThreadPoolExecutor() as pool:
        made = list(pool.map(lambda p: ensure_installed(tmp_path, p), progress))
    assert made == [environment, environment]
    assert environment.is_complete
    assert sorted(p.total > 100 for p in progress) == [False, True]
    assert max(p.steps for p in progress) > 50
    shown = subprocess.run([str(environment.python), "-c", "import importlib.metadata as m; print(m.version('label-studio'))"],
                           capture_output=True, text=True, check=True)  # fmt: skip
    assert shown.stdout.strip() == "1.23.2"
    start = time.monotonic()
    ensure_installed(tmp_path, Counting())
    assert time.monotonic() - start < 1


def test_a_package_index_out_of_reach_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Protects the reader behind a firewall, and leaves nothing that looks installed."""
    monkeypatch.setenv("UV_INDEX_URL", f"http://127.0.0.1:{free_port()}/simple")
    monkeypatch.setenv("UV_DEFAULT_INDEX", f"http://127.0.0.1:{free_port()}/simple")
    monkeypatch.setenv("UV_NO_CACHE", "1")
    monkeypatch.setenv("UV_HTTP_TIMEOUT", "3")
    with pytest.raises(OutsideServiceError, match=r"package index cannot be reached.*HTTPS_PROXY"):
        ensure_installed(tmp_path, Silent())
    assert not environment_in(tmp_path).is_complete


def test_a_cache_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """Protects the reader: another folder can be given."""
    (tmp_path / "file").touch()
    with pytest.raises(OutsideServiceError, match="LABELWRIGHT_CACHE"):
        ensure_installed(tmp_path / "file" / "cache", Silent())


def test_the_administrator_of_the_first_start_is_ours(label_studio: object) -> None:
    """Protects the way in: address, password and token are those that were given."""
    with LabelStudioClient(label_studio.url, ADMINISTRATOR.token) as client:  # type: ignore[attr-defined]
        assert client.whoami()["email"] == ADMINISTRATOR.email
