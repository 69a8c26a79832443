"""What the store remembers about certificates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from labelwright.model.certification import CertificationRecord


class CertificationStore(Protocol):
    """Audit plans with what came of them."""

    def put_certification(self, record: CertificationRecord) -> None:
        """Keep it, in place of what was known under its number."""
        ...

    def certifications(self) -> Sequence[CertificationRecord]:
        """All, in the order of their numbers; the last one is in force."""
        ...
