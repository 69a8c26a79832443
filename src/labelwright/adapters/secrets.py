"""What must not be read by others: one file that only its owner may read, replaced in one step."""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from labelwright.adapters.locks import file_lock
from labelwright.model.errors import SettingsError


class SecretsFile:
    """Passwords and tokens of one workspace, by name.

    Args:
        path: the file; made on the first write with mode 0600.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> dict[str, Any]:
        """Everything that is kept; empty before the first write."""
        if not self._path.exists():
            return {}
        try:
            content = orjson.loads(self._path.read_bytes())
        except orjson.JSONDecodeError as problem:
            raise SettingsError(
                "The secrets file is damaged",
                where=str(self._path),
                next_step="Restore it from a backup; without it Label Studio's administrator cannot sign in",
            ) from problem
        return dict(content)

    def get(self, name: str) -> Any:
        """The secret of that name, or None."""
        return self.read().get(name)

    def update(self, values: Mapping[str, Any]) -> None:
        """Keep these values beside what is there."""
        with file_lock(self._path.with_suffix(".lock")):
            self._write({**self.read(), **values})

    def ensure(self, name: str, size: int = 32) -> str:
        """The secret of that name, drawn on first use: ``size`` hexadecimal digits."""
        with file_lock(self._path.with_suffix(".lock")):
            kept = self.read()
            if name not in kept:
                self._write({**kept, name: secrets.token_hex(size // 2)})
            return str(self.read()[name])

    def account(self, annotator: str) -> dict[str, Any]:
        """An annotator's e-mail, password and token, as far as they are known."""
        return dict(self.read().get("accounts", {}).get(annotator, {}))

    def put_account(self, annotator: str, values: Mapping[str, Any]) -> None:
        """Keep an annotator's account."""
        with file_lock(self._path.with_suffix(".lock")):
            kept = self.read()
            accounts = dict(kept.get("accounts", {}))
            accounts[annotator] = {**accounts.get(annotator, {}), **values}
            self._write({**kept, "accounts": accounts})

    def _write(self, content: Mapping[str, Any]) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=self._path.parent, prefix=".secrets-")  # mode 0600 from the start
        with os.fdopen(handle, "wb") as file:
            file.write(orjson.dumps(content, option=orjson.OPT_INDENT_2))
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(self._path)


def new_key() -> str:
    """An opaque id that tells nothing."""
    return secrets.token_hex(12)


def new_password() -> str:
    """A password that is easy to copy and hard to guess (96 bits)."""
    return secrets.token_urlsafe(12)
