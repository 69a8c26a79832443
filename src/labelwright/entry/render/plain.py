"""Text that people wrote, for a terminal: it cannot move the cursor or turn the direction."""

from __future__ import annotations

import re

#: C0 and C1 controls but for the line feed, and marks that turn the direction of all that follows.
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def plain(text: str) -> str:
    """Control characters are shown as �."""
    return _CONTROL.sub("�", text)
