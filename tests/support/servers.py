"""Real servers for tests: Label Studio as Labelwright itself runs it, and PostgreSQL, each on a free loopback port.

Plain context managers, so that browser and crash tests use them as well as the fixtures of `support.fixtures`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from labelwright.adapters.labelstudio.client import LabelStudioClient
from labelwright.adapters.labelstudio.desks import LabelStudioDesks
from labelwright.adapters.labelstudio.install import Environment, cache_dir, ensure_installed
from labelwright.adapters.labelstudio.managed import Administrator, ManagedLabelStudio, ManagedSettings
from labelwright.adapters.locks import file_lock
from labelwright.adapters.processes import free_port

if TYPE_CHECKING:
    from labelwright.model.desk import Member

REPOSITORY = Path(__file__).resolve().parents[2]
CACHE = REPOSITORY / ".cache" / "tests"
PASSWORD = "Correct-horse-9-battery"
ADMINISTRATOR = Administrator("admin@labelwright.test", PASSWORD, "5e" * 20)


class Silent:
    """Progress that nobody watches."""

    def start(self, what: str, total: int | None) -> None:
        """Nothing."""

    def step(self, n: int = 1) -> None:
        """Nothing."""

    def done(self) -> None:
        """Nothing."""


@dataclass(frozen=True)
class LiveServer:
    """A Label Studio that answers."""

    url: str
    administrator: Administrator
    managed: ManagedLabelStudio

    def client(self) -> LabelStudioClient:
        """REST as the administrator."""
        return LabelStudioClient(self.url, self.administrator.token)

    def desks(self) -> LabelStudioDesks:
        """The port's implementation, as the administrator."""
        return LabelStudioDesks(self.client())

    def new_annotator(self, name: str = "Ann Otator") -> Member:
        """A new account that can log in with `PASSWORD`, with its own token."""
        return self.desks().add_member(f"a{uuid.uuid4().hex[:10]}@labelwright.test", PASSWORD, name)


def installed() -> Environment:
    """The user's own installation of Label Studio (made when missing: a download)."""
    return ensure_installed(cache_dir(), Silent())


@contextmanager
def label_studio_server(folder: Path, settings: ManagedSettings | None = None) -> Iterator[LiveServer]:
    """A managed server with its state in ``folder``; on SQLite it starts from a database that is migrated already."""
    environment = installed()
    settings = replace(settings, state_dir=folder) if settings else ManagedSettings(folder, port=free_port())
    if settings.database is None:
        _copy_template(environment, folder)
    else:
        _fill_database(environment, settings.database)
    managed = ManagedLabelStudio(settings, ADMINISTRATOR)
    try:
        running = managed.start(environment, Silent())
        yield LiveServer(running.url, ADMINISTRATOR, managed)
    finally:
        managed.stop()


def _copy_template(environment: Environment, folder: Path) -> None:
    template = CACHE / f"label-studio-{environment.root.name}"
    with file_lock(template.with_suffix(".lock"), wait=600, what="The migrated database for tests"):
        if not (template / "complete").exists():
            shutil.rmtree(template, ignore_errors=True)
            managed = ManagedLabelStudio(ManagedSettings(template, port=free_port()), ADMINISTRATOR)
            try:
                managed.start(environment, Silent())
            finally:
                managed.stop()
            (template / "complete").touch()
    if not (folder / "data").exists():
        shutil.copytree(template / "data", folder / "data")


def _fill_database(environment: Environment, url: str) -> None:
    """The migrated tables, dumped once and read back: four seconds instead of a minute."""
    dump = CACHE / f"label-studio-{environment.root.name}.sql"
    with file_lock(dump.with_suffix(".lock"), wait=600, what="The migrated database for tests"):
        if dump.exists():
            subprocess.run(
                ["psql", "-q", "-v", "ON_ERROR_STOP=1", "-d", url, "-f", str(dump)],
                check=True,
                stdout=subprocess.DEVNULL,
            )
            return
        with tempfile.TemporaryDirectory() as folder:
            settings = ManagedSettings(Path(folder), port=free_port(), database=url)
            managed = ManagedLabelStudio(settings, ADMINISTRATOR)
            try:
                managed.start(environment, Silent())
            finally:
                managed.stop()
        draft = dump.with_suffix(".new")
        subprocess.run(["pg_dump", "--no-owner", "-d", url, "-f", str(draft)], check=True)
        draft.replace(dump)


@contextmanager
def postgres_server() -> Iterator[str]:
    """A PostgreSQL of its own; its address without a database. Skips the test where it is not installed."""
    tools = _postgres_tools()
    if tools is None:
        pytest.skip("PostgreSQL is not installed (see tests/system-packages.sh)")
    folder = Path(tempfile.mkdtemp(prefix="labelwright-pg-"))
    port = free_port()
    user: dict[str, object] = {}
    if os.geteuid() == 0:  # initdb refuses root
        shutil.chown(folder, "postgres", "postgres")
        user = {"user": "postgres", "group": "postgres", "extra_groups": []}

    def run(tool: str, *arguments: str) -> None:
        subprocess.run([str(tools / tool), *arguments], check=True, cwd=folder, stdout=subprocess.DEVNULL, **user)  # type: ignore[call-overload]

    data = str(folder / "data")
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off"
    try:
        run("initdb", "-D", data, "-A", "trust", "-U", "postgres", "--no-sync")
        run("pg_ctl", "-D", data, "-o", options, "-l", str(folder / "log"), "-w", "start")
        yield f"postgresql://postgres@127.0.0.1:{port}"
        run("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        if (folder / "data" / "postmaster.pid").exists():
            run("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def database(server: str) -> Iterator[str]:
    """A fresh database on that server; its address."""
    import psycopg
    from psycopg import sql

    name = f"t{uuid.uuid4().hex[:12]}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    yield f"{server}/{name}"
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _postgres_tools() -> Path | None:
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    on_path = shutil.which("initdb")
    return next((p for p in places if (p / "initdb").exists()), Path(on_path).parent if on_path else None)


def choices(label: str, name: str = "sentiment", to: str = "text") -> list[Mapping[str, object]]:
    """The result of one single choice."""
    return [{"from_name": name, "to_name": to, "type": "choices", "value": {"choices": [label]}}]


CHOICE_CONFIG = (
    '<View><Text name="text" value="$text"/><Choices name="sentiment" toName="text" choice="single">'
    '<Choice value="Positive"/><Choice value="Negative"/></Choices></View>'
)
