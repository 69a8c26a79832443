"""How a managed server is started: its environment, its protection, its lock, and its complaints."""

from __future__ import annotations

import ipaddress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwright.adapters.labelstudio import install, launch, ssrf, symptoms
from labelwright.adapters.labelstudio.install import Environment
from labelwright.adapters.labelstudio.launch import Administrator, ManagedSettings
from labelwright.model.errors import SettingsError

ADMIN = Administrator("a@b.cc", "the-password", "5e" * 20)
HERE = Path("/nowhere")


def variables(**settings: object) -> dict[str, str]:
    given = ManagedSettings(HERE, **settings)  # type: ignore[arg-type]
    inherited = {"PATH": "/bin", "HOST": "http://evil", "PASSWORD": "x", "DEBUG": "1", "LABEL_STUDIO_PORT": "1"}
    return launch.environment_variables(given, ADMIN, Environment(HERE), HERE / "data", inherited)


def is_banned(address: str, networks: tuple[str, ...]) -> bool:
    return any(ipaddress.ip_address(address) in ipaddress.ip_network(n) for n in networks)


@given(st.ip_addresses().map(str), st.ip_addresses(network="127.0.0.0/8").map(str))
def test_only_the_opened_address_leaves_the_ban(other: str, opened: str) -> None:
    """Protects the network: for every address but the opened one the ban is exactly the default."""
    banned = ssrf.banned_subnets([opened])
    assert not is_banned(opened, banned)
    if other != opened:
        assert is_banned(other, banned) == is_banned(other, ssrf.DEFAULT_BANNED)


@pytest.mark.parametrize("opened", ["127.0.0.1", "10.1.2.3", "192.168.0.7", "::", "fd00::5"])
def test_neighbours_stay_banned(opened: str) -> None:
    """Protects the address next door, in IPv4 and IPv6."""
    banned = ssrf.banned_subnets([opened])
    assert not is_banned(opened, banned)
    neighbour = str(ipaddress.ip_address(opened) + 1)
    assert is_banned(neighbour, banned) == is_banned(neighbour, ssrf.DEFAULT_BANNED)
    assert is_banned("169.254.169.254", banned)


def test_a_public_webhook_opens_nothing() -> None:
    """Protects the default: where nothing has to be opened, nothing is set."""
    assert ssrf.environment(["93.184.216.34"]) == {}
    assert ssrf.environment([]) == {}


def test_all_addresses_of_the_host_are_opened() -> None:
    """Protects delivery: the protection refuses a host of which one address is banned."""
    addresses = ssrf.addresses_of("localhost")
    given = ssrf.environment(addresses)
    banned = tuple(given["LABEL_STUDIO_USER_ADDITIONAL_BANNED_SUBNETS"].split(","))
    assert addresses
    assert not any(is_banned(a, banned) for a in addresses)
    assert given["LABEL_STUDIO_USE_DEFAULT_BANNED_SUBNETS"] == "False"


def test_secrets_travel_in_the_environment_only() -> None:
    """Protects password and token from everybody who can list processes; nothing is inherited by a short name."""
    command = launch.command(Environment(HERE), "127.0.0.1", 8080)
    given = variables()
    assert not any(secret in " ".join(command) for secret in (ADMIN.password, ADMIN.token))
    assert (given["LABEL_STUDIO_PASSWORD"], given["LABEL_STUDIO_USER_TOKEN"]) == (ADMIN.password, ADMIN.token)
    assert {"HOST", "PASSWORD", "DEBUG", "LABEL_STUDIO_PORT"}.isdisjoint(given)
    assert ADMIN.password not in repr(ADMIN)


def test_nothing_is_reported_to_anybody() -> None:
    """Protects the team's privacy: analytics, crash reports and version checks are off, sign-up needs the invitation."""
    given = variables()
    assert given["LABEL_STUDIO_COLLECT_ANALYTICS"] == "False"
    assert given["LABEL_STUDIO_SENTRY_DSN"] == given["LABEL_STUDIO_FRONTEND_SENTRY_DSN"] == ""
    assert given["LABEL_STUDIO_LATEST_VERSION_CHECK"] == "False"
    assert given["LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK"] == "true"


def test_a_database_address_is_taken_apart() -> None:
    """Protects passwords with signs in them."""
    given = variables(database="postgresql://me:p%40ss%2Fw@db.example:6543/labels")
    names = ("HOST", "PORT", "NAME", "USER", "PASSWORD")
    assert [given[f"LABEL_STUDIO_POSTGRE_{n}"] for n in names] == ["db.example", "6543", "labels", "me", "p@ss/w"]
    assert given["LABEL_STUDIO_DJANGO_DB"] == "default"
    assert "p%40ss" not in repr(ManagedSettings(HERE, database="postgresql://me:p%40ss@h/d"))


@pytest.mark.parametrize("url", ["mysql://h/d", "postgresql://h", "postgresql:///d", "labels"])
def test_another_database_is_refused_without_showing_it(url: str) -> None:
    """Protects from a start that fails minutes later, and keeps the address (it may hold a password) out of sight."""
    with pytest.raises(SettingsError, match="postgresql://user") as told:
        variables(database=url)
    assert url not in str(told.value)


def test_the_public_address_reaches_the_server() -> None:
    """Protects annotators on other machines: forms sent from the public address are trusted."""
    given = variables(public_url="https://labels.example.org/ls/")
    assert given["LABEL_STUDIO_HOST"] == "https://labels.example.org/ls"
    assert given["LABEL_STUDIO_CSRF_TRUSTED_ORIGINS"] == "https://labels.example.org"
    with pytest.raises(SettingsError, match="public"):
        variables(public_url="labels.example.org")


def test_the_lock_is_whole_and_holds_no_address() -> None:
    """Protects the installation: every package has a version and a hash, and no registry of ours is in it."""
    text = install.lock_text()
    names = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
    assert f"label-studio=={install.VERSION} \\" in names
    assert all("==" in line and line.endswith("\\") for line in names)
    assert text.count("--hash=sha256:") >= len(names)
    assert "://" not in text
    assert "index-url" not in text


def test_the_cache_is_where_the_platform_says(tmp_path: Path) -> None:
    """Protects the user's choice of disk."""
    assert install.cache_dir({"LABELWRIGHT_CACHE": str(tmp_path)}) == tmp_path
    assert install.cache_dir({"XDG_CACHE_HOME": str(tmp_path)}).name == "labelwright"


@pytest.mark.parametrize(
    ("output", "words"),
    [
        ("error: Failed to fetch: `…` Caused by: dns error: failed to lookup", "index cannot be reached"),
        ("OSError: [Errno 28] No space left on device", "disk is full"),
        ("error: Permission denied (os error 13)", "cannot be written"),
        ("error: Hash mismatch for `numpy==2`", "not the one that the lock names"),
        ("something new", "something new"),
    ],
)
def test_an_installer_is_understood(output: str, words: str) -> None:
    """Protects the reader from a wall of text: cause and next step."""
    assert words in str(install.explained(output, HERE))


@pytest.mark.parametrize(
    ("log", "words"),
    [
        ("sqlite3.OperationalError: database or disk is full", "disk is full"),
        ("OSError: [Errno 28] No space left on device", "disk is full"),
        ("django.db.utils.OperationalError: unable to open database file", "cannot be written"),
        ("attempt to write a readonly database", "cannot be written"),
        ('FATAL:  database "labels" does not exist', "does not exist"),
        ('connection to server at "h", port 1 failed: FATAL:  password authentication failed', "user or password"),
        ('connection to server at "127.0.0.1", port 1 failed: Connection refused', "cannot be reached"),
        ("Error: That port is already in use.", "port was taken"),
        ("sqlite3.DatabaseError: file is not a database", "damaged"),
        ("django.db.migrations.exceptions.InconsistentMigrationHistory: x", "another version"),
        ("ModuleNotFoundError: No module named 'django'", "installation is damaged"),
        ("ValueError: who knows", "who knows"),
        ("", "wrote nothing"),
    ],
)
def test_a_log_is_understood(tmp_path: Path, log: str, words: str) -> None:
    """Protects the reader of a failed start: the cause is named, with the log's place."""
    file = tmp_path / "server.log"
    file.write_text(log, encoding="utf-8")
    told = str(symptoms.of_log(file, 8080))
    assert words in told
    assert str(file) in told
