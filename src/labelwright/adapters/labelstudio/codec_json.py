"""JSON text to Python and back. Half an emoji and huge numbers survive."""

from __future__ import annotations

import json
import re
from typing import Any

import orjson

#: orjson turns whole numbers over 64 bits into floats.
_HUGE = re.compile(r"\d{19}")


def load(text: str) -> Any:
    """Parse JSON.

    orjson is fast, but refuses a lone surrogate, which a browser writes when a selection ends in the
    middle of an emoji, and rounds huge whole numbers: such texts are read by the standard library.

    Raises:
        ValueError: it is not JSON.
    """
    if _HUGE.search(text):
        return json.loads(text)
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return json.loads(text)


def dump(value: Any) -> str:
    """Write JSON that `load` reads back unchanged."""
    return json.dumps(value, ensure_ascii=True)
