"""compose.yaml: read, checked, and its Label Studio run by hand on loopback with the very environment it names."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from labelwright.adapters.labelstudio import install, ssrf
from labelwright.adapters.labelstudio.client import LabelStudioClient
from labelwright.adapters.labelstudio.desks import LabelStudioDesks
from labelwright.adapters.processes import free_port, start_detached, tail, terminate, wait_until
from labelwright.model.desk import DeskSpec
from labelwright.model.errors import OutsideServiceError
from support.servers import ADMINISTRATOR, CHOICE_CONFIG, database, installed

REPOSITORY = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((REPOSITORY / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, Any] = COMPOSE["services"]
SECRETS = {
    "POSTGRES_PASSWORD": "pg-word",
    "LABEL_STUDIO_EMAIL": ADMINISTRATOR.email,
    "LABEL_STUDIO_PASSWORD": ADMINISTRATOR.password,
    "LABEL_STUDIO_TOKEN": ADMINISTRATOR.token,
}


def filled(text: str, values: dict[str, str]) -> str:
    """Compose's own interpolation, as far as the file uses it."""

    def value(found: re.Match[str]) -> str:
        return values.get(found["name"]) or found["default"] or ""

    return re.sub(r"\$\{(?P<name>\w+)(?::-(?P<default>[^}]*)|:\?[^}]*)?\}", value, text)


def test_only_loopback_is_published() -> None:
    """Protects the host: nothing answers to the network before somebody puts TLS in front of it."""
    published = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert published
    assert all(port.startswith("127.0.0.1:") for port in published)


def test_images_are_pinned_and_every_service_is_watched() -> None:
    """Protects from an upgrade by surprise, and from a dependent service that starts too early."""
    for service in SERVICES.values():
        tag = service["image"].rpartition(":")[2]
        assert re.fullmatch(r"\d+\.\d+(\.\d+)?", tag)
        assert service["healthcheck"]["test"][0] == "CMD"
        assert service["restart"] == "unless-stopped"
    assert SERVICES["label-studio"]["image"].endswith(f":{install.VERSION}")
    waits = {name: set(service.get("depends_on", {})) for name, service in SERVICES.items()}
    assert waits == {"postgres": set(), "label-studio": {"postgres"}, "labelwright": {"label-studio"}}


def test_no_secret_stands_in_the_file() -> None:
    """Protects secrets: each comes from .env, and a missing one stops the start."""
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            if re.search(r"PASSWORD|TOKEN|DATABASE", name):
                assert re.search(r"\$\{\w+:\?set it in \.env\}", value), name
    example = (REPOSITORY / ".env.example").read_text(encoding="utf-8")
    needed = set(re.findall(r"\$\{(\w+):\?", (REPOSITORY / "compose.yaml").read_text(encoding="utf-8")))
    assert needed == set(SECRETS)
    assert all(f"\n{name}=" in example for name in needed)
    assert ".env" in (REPOSITORY / ".gitignore").read_text(encoding="utf-8").splitlines()


def test_the_data_survives_the_containers() -> None:
    """Protects the data: what is kept lies on named volumes or in the workspace's folder."""
    mounts = {name: service.get("volumes", []) for name, service in SERVICES.items()}
    assert mounts["postgres"] == ["postgres:/var/lib/postgresql/data"]
    assert mounts["label-studio"] == ["label-studio:/label-studio/data"]
    assert filled(mounts["labelwright"][0], {}) == "./workspace:/workspace"
    assert set(COMPOSE["volumes"]) == {"postgres", "label-studio"}


def test_the_protection_is_opened_for_loopback_alone() -> None:
    """Protects the network: the list in the file is the default less the one address that the webhook needs."""
    given = SERVICES["label-studio"]["environment"]["LABEL_STUDIO_USER_ADDITIONAL_BANNED_SUBNETS"].split(",")
    assert tuple(given) == ssrf.banned_subnets(["127.0.0.1"])
    assert SERVICES["labelwright"]["network_mode"] == "service:label-studio"


def test_the_dockerfile_copies_what_is_there_and_nothing_else() -> None:
    """Protects the build, and the image from secrets and workspaces that lie beside it."""
    text = (REPOSITORY / "Dockerfile").read_text(encoding="utf-8")
    copied = [name for line in re.findall(r"^COPY (.*) \S+$", text, re.MULTILINE) for name in line.split()]
    allowed = (REPOSITORY / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert copied
    assert all((REPOSITORY / name).exists() and f"!{name}" in allowed for name in copied)
    assert re.search(r"^FROM python:3\.\d+\.\d+-slim-\w+$", text, re.MULTILINE)
    assert "\nUSER labelwright\n" in text


def test_compose_itself_accepts_the_file(tmp_path: Path) -> None:
    """Protects from what our own reading does not see: the client's check of the whole file."""
    docker = shutil.which("docker")
    if docker is None or subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode:
        pytest.skip("the docker client with its compose plugin is not installed")
    env = tmp_path / ".env"
    env.write_text("".join(f"{name}={value}\n" for name, value in SECRETS.items()), encoding="utf-8")
    command = [
        docker,
        "compose",
        "--file",
        str(REPOSITORY / "compose.yaml"),
        "--env-file",
        str(env),
        "config",
        "--quiet",
    ]
    subprocess.run(command, check=True)


@pytest.mark.server
def test_its_label_studio_runs_with_that_environment(tmp_path: Path, postgres: str) -> None:
    """Protects production: command and environment of the file give a server with our administrator, closed to strangers.

    No engine runs containers in the tests: the same release is started by hand, with PostgreSQL, host and port of
    this machine in place of the container's.
    """
    service, port = SERVICES["label-studio"], free_port()
    with database(postgres) as url:
        at = urlsplit(url)
        given = {name: filled(value, SECRETS) for name, value in service["environment"].items()}
        given |= {"LABEL_STUDIO_POSTGRE_HOST": str(at.hostname), "LABEL_STUDIO_POSTGRE_PORT": str(at.port)}
        given |= {"LABEL_STUDIO_POSTGRE_NAME": at.path[1:], "LABEL_STUDIO_POSTGRE_USER": "postgres"}
        given |= {
            "LABEL_STUDIO_BASE_DATA_DIR": str(tmp_path / "data"),
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
        }
        command = [str(installed().command), *service["command"][1:], "--internal-host", "127.0.0.1"]
        command[command.index("8080")] = str(port)
        server = start_detached(command, env=given, log=tmp_path / "log")
        try:
            client = LabelStudioClient(f"http://127.0.0.1:{port}", ADMINISTRATOR.token)
            assert wait_until(lambda: _is_up(client), timeout=180, interval=1), tail(tmp_path / "log")
            assert client.whoami()["email"] == ADMINISTRATOR.email
            desks = LabelStudioDesks(client)
            desk = desks.open_desk(DeskSpec("Compose", "labelwright:compose", CHOICE_CONFIG))
            desks.watch(desk, "http://127.0.0.1:9/hook", {"X-Labelwright": "secret"})
            with pytest.raises(OutsideServiceError, match="refuses to send webhooks"):
                desks.watch(desk, "http://172.18.0.1/hook", {"X-Labelwright": "secret"})
        finally:
            terminate(server)


def _is_up(client: LabelStudioClient) -> bool:
    try:
        return bool(client.version())
    except OutsideServiceError:
        return False
