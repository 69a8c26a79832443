"""Fixtures for every folder of tests: one real Label Studio and one real PostgreSQL for the whole session."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from support.servers import LiveServer


@pytest.fixture(scope="session")
def label_studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A managed Label Studio on SQLite."""
    from support.servers import label_studio_server

    with label_studio_server(tmp_path_factory.mktemp("label-studio")) as server:
        yield server


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Address of a PostgreSQL server, without a database."""
    from support.servers import postgres_server

    with postgres_server() as address:
        yield address


@pytest.fixture
def postgres_url(postgres: str) -> Iterator[str]:
    """Address of a fresh database."""
    from support.servers import database

    with database(postgres) as url:
        yield url


@pytest.fixture(scope="session")
def label_studio_on_postgres(postgres: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """A managed Label Studio on PostgreSQL (its first start makes the database: about a minute)."""
    from labelwright.adapters.labelstudio.managed import ManagedSettings
    from labelwright.adapters.processes import free_port
    from support.servers import database, label_studio_server

    folder = tmp_path_factory.mktemp("label-studio-pg")
    with (
        database(postgres) as url,
        label_studio_server(folder, ManagedSettings(folder, port=free_port(), database=url)) as server,
    ):
        yield server


@pytest.fixture
def fresh_desk() -> Callable[..., int]:
    """Opens a desk of its own on a server: ``fresh_desk(server, config=…)`` gives the project's id."""
    from labelwright.model.desk import DeskSpec
    from support.servers import CHOICE_CONFIG

    def make(server: LiveServer, config: str = CHOICE_CONFIG) -> int:
        marker = f"labelwright:test:{uuid.uuid4().hex}"
        return server.desks().open_desk(DeskSpec("A desk for a test", marker, config, "<p>Be fair.</p>"))

    return make
