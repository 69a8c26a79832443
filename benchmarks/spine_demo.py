"""`labelwright demo` on a fresh folder, with everything downloaded before."""

from __future__ import annotations

from typing import Any

from spine_support import folder, run

BAR_SECONDS = 180.0


def measure() -> dict[str, Any]:
    """The whole command, and what the demo itself says where its time went."""
    with folder() as place:
        ran = run("demo", "--json", "--dir", str(place / "demo"))
    document = ran.document
    return {
        "seconds": round(ran.seconds, 1),
        "parts": document["seconds"],
        "annotations": document["annotations"],
        "bar_seconds": BAR_SECONDS,
        "met": ran.seconds < BAR_SECONDS,
    }
