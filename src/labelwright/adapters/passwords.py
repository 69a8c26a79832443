"""Passwords as argon2id hashes (RFC 9106), with the library's own recommended cost."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argon2 import PasswordHasher


class Argon2:
    """Implements `app.console.accounts.Hasher`."""

    @cached_property
    def _hasher(self) -> PasswordHasher:
        from argon2 import PasswordHasher  # noqa: PLC0415

        return PasswordHasher()

    @cached_property
    def _nobodys(self) -> str:
        return self._hasher.hash("nobody's password")

    def hash(self, password: str) -> str:
        """A salted hash."""
        return self._hasher.hash(password)

    def verify(self, known: str | None, password: str) -> bool:
        """Whether they fit; takes as long when there is nothing to compare with."""
        from argon2.exceptions import VerificationError  # noqa: PLC0415

        try:
            fits = self._hasher.verify(known or self._nobodys, password)
        except VerificationError:
            return False
        return fits and known is not None
