"""Why a managed Label Studio did not start, read from its log."""

from __future__ import annotations

import re
from pathlib import Path

from labelwright.adapters.processes import tail
from labelwright.model.errors import OutsideServiceError

_LINES = 80
_CAUSES = (
    (
        r"No space left on device|database or disk is full|could not extend file",
        "The disk is full",
        "Free some room there and run `labelwright up` again; nothing that was saved is lost.",
    ),
    (
        r"password authentication failed|no password supplied|role \"[^\"]*\" does not exist",
        "The database does not accept the user or password",
        "Correct `label_studio.database`.",
    ),
    (
        r"database \"[^\"]*\" does not exist",
        "The database does not exist",
        "Make it (`createdb NAME`) or correct `label_studio.database`.",
    ),
    (
        r"could not connect to server|[Cc]onnection refused|could not translate host name|connection to server",
        "The database cannot be reached",
        "Start PostgreSQL, or correct host and port in `label_studio.database`.",
    ),
    (
        r"Permission denied|readonly database|unable to open database file|Read-only file system",
        "The data folder cannot be written",
        "Give yourself write permission on the workspace's folder.",
    ),
    (
        r"Address already in use|That port is already in use|WARNING! \*\*\*\s*\* Port",
        "The port was taken by another program",
        "Run `labelwright up` again, or set `label_studio.port`.",
    ),
    (
        r"file is not a database|database disk image is malformed",
        "The database file is damaged",
        "Restore it from a backup of the workspace.",
    ),
    (
        r"MigrationError|InconsistentMigrationHistory|NodeNotFoundError|no such (?:table|column)|UndefinedColumn",
        "The database was made by another version of Label Studio",
        "Use the version that made it, or restore a backup.",
    ),
    (
        r"ModuleNotFoundError|ImportError",
        "Its installation is damaged",
        "Delete the folder label-studio in Labelwright's cache and run `labelwright up` again.",
    ),
)


def of_log(log: Path, port: int) -> OutsideServiceError:
    """What the last lines of the log mean."""
    text = tail(log, _LINES)
    for pattern, what, step in _CAUSES:
        if re.search(pattern, text):
            return OutsideServiceError(f"Label Studio did not start. {what}", where=str(log), next_step=step)
    last = next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "it wrote nothing")
    return OutsideServiceError(
        f"Label Studio did not start on port {port}: {last[:200]}", where=str(log), next_step="Its log says more."
    )


def of_folder(error: OSError, folder: Path) -> OutsideServiceError:
    """A folder that cannot be made."""
    return OutsideServiceError(
        f"The folder of Label Studio cannot be written: {error.strerror}",
        where=str(folder),
        next_step="Give yourself write permission there, and look whether the disk has room.",
    )


def port_in_use(port: int, holder: str | None) -> OutsideServiceError:
    """A configured port that somebody else has."""
    by = f" by {holder}" if holder else ""
    return OutsideServiceError(
        f"Port {port} is in use{by}",
        where="label_studio.port",
        next_step="Stop that program, or set another port (without one, Labelwright takes a free one).",
    )
