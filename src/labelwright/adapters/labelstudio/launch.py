"""How a managed Label Studio is started. Secrets travel in its environment, never in its command line."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from labelwright.adapters.labelstudio import ssrf
from labelwright.adapters.labelstudio.install import Environment
from labelwright.model.errors import SettingsError

#: Names the workspace that a server belongs to, for a start that was killed before it could note its process.
OWNER = "LABELWRIGHT_OWNER"

# Label Studio also reads short names (HOST, PORT, DEBUG, PASSWORD, …): of our own environment it gets only these.
_INHERITED = (
    "PATH", "HOME", "USER", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "TEMP", "TMP",
    "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE",
    "HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH",
)  # fmt: skip

_FIXED = {
    "LABEL_STUDIO_COLLECT_ANALYTICS": "False",
    "LABEL_STUDIO_SENTRY_DSN": "",
    "LABEL_STUDIO_FRONTEND_SENTRY_DSN": "",
    "LABEL_STUDIO_LATEST_VERSION_CHECK": "False",
    "LABEL_STUDIO_DISABLE_SIGNUP_WITHOUT_LINK": "true",
    "LABEL_STUDIO_LOCAL_FILES_SERVING_ENABLED": "false",
    "LABEL_STUDIO_DEBUG": "False",
    # Write-ahead log for SQLite: readers do not stop the annotator who submits. The variable's name tells another
    # story, its only effect is this pragma on every connection.
    "LABEL_STUDIO_AZURE_MOUNT_FIX": "1",
    "PYTHONUNBUFFERED": "1",
}


@dataclass(frozen=True, slots=True)
class Administrator:
    """The first account, made at the first start. Password and token come from the workspace's secrets file.

    Attributes:
        email: to log in with.
        password: not shown in a repr.
        token: legacy API token of 40 hexadecimal characters, not shown in a repr.
    """

    email: str
    password: str = field(repr=False)
    token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ManagedSettings:
    """How to run it.

    Attributes:
        state_dir: folder of the workspace for its data, its log and its process record.
        host: address to listen on.
        port: port to listen on; None takes the one of the last time, 8080 or a free one.
        public_url: address that annotators use, where it differs.
        database: ``postgresql://user:password@host:port/name``; None is SQLite in ``state_dir``. Not shown in a repr.
        webhook_host: the one host beyond the public network that it may send requests to: Labelwright's own server.
    """

    state_dir: Path
    host: str = "127.0.0.1"
    port: int | None = None
    public_url: str | None = None
    database: str | None = field(default=None, repr=False)
    webhook_host: str = "127.0.0.1"


def command(environment: Environment, host: str, port: int) -> list[str]:
    """The command line. Legacy tokens are allowed: the administrator's token is one."""
    return [
        str(environment.command), "start", "--no-browser", "--port", str(port),
        "--internal-host", bracketed(host), "--enable-legacy-api-token",
    ]  # fmt: skip


def environment_variables(
    settings: ManagedSettings,
    administrator: Administrator,
    environment: Environment,
    data: Path,
    inherited: Mapping[str, str] = os.environ,
) -> dict[str, str]:
    """The whole environment of the server.

    Args:
        settings: host, public address, database, webhook host.
        administrator: made at the first start.
        environment: the installed package, whose list of banned networks is read.
        data: its data folder.
        inherited: our own environment, of which a few harmless names are passed on.
    """
    webhook = ssrf.addresses_of(settings.webhook_host)
    return {
        **{name: inherited[name] for name in _INHERITED if name in inherited},
        **_FIXED,
        "LABEL_STUDIO_BASE_DATA_DIR": str(data),
        "LABEL_STUDIO_USERNAME": administrator.email,
        "LABEL_STUDIO_PASSWORD": administrator.password,
        "LABEL_STUDIO_USER_TOKEN": administrator.token,
        "NO_PROXY": ",".join(dict.fromkeys((settings.webhook_host, *webhook, "127.0.0.1", "localhost"))),
        **ssrf.environment(webhook, environment.package),
        **_public(settings.public_url),
        **_database(settings.database),
    }


def bracketed(host: str) -> str:
    """An address as it stands before a port."""
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def _public(url: str | None) -> dict[str, str]:
    if not url:
        return {}
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise SettingsError(
            "The public address must begin with http:// or https://",
            where="label_studio.public_url",
            next_step="Write the address that annotators type, such as https://labels.example.org.",
        )
    origin = f"{parts.scheme}://{parts.netloc}"
    return {"LABEL_STUDIO_HOST": url.rstrip("/"), "LABEL_STUDIO_CSRF_TRUSTED_ORIGINS": origin}


def _database(url: str | None) -> dict[str, str]:
    if not url:
        return {"LABEL_STUDIO_DJANGO_DB": "sqlite"}
    parts = urlsplit(url)
    host = parts.hostname or parse_qs(parts.query).get("host", [""])[0]
    name = unquote(parts.path.lstrip("/"))
    if parts.scheme.split("+")[0] not in {"postgresql", "postgres"} or not host or not name:
        raise SettingsError(
            "The database of Label Studio cannot be used",
            where="label_studio.database",
            next_step="Write postgresql://user:password@host:port/name, or leave it out for SQLite.",
        )
    return {
        "LABEL_STUDIO_DJANGO_DB": "default",
        "LABEL_STUDIO_POSTGRE_HOST": host,
        "LABEL_STUDIO_POSTGRE_PORT": str(parts.port or 5432),
        "LABEL_STUDIO_POSTGRE_NAME": name,
        "LABEL_STUDIO_POSTGRE_USER": unquote(parts.username or "postgres"),
        "LABEL_STUDIO_POSTGRE_PASSWORD": unquote(parts.password or ""),
    }
