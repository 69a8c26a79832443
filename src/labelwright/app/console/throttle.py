"""Slows down guessing: after a few failures every further try waits twice as long."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable

FREE = 5
LONGEST = 900.0
_MOST_KEYS = 10_000


class Throttle:
    """Failures by key (an account's address, a client's).

    Args:
        now: seconds on a clock that never goes back.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._failures: OrderedDict[str, tuple[int, float]] = OrderedDict()
        self._lock = threading.Lock()

    def wait(self, *keys: str) -> float:
        """Seconds until the next try is looked at; 0 for now."""
        with self._lock:
            return max((self._left(k) for k in keys), default=0.0)

    def failed(self, *keys: str) -> None:
        """One more failure."""
        with self._lock:
            for key in keys:
                n, _ = self._failures.pop(key, (0, 0.0))
                self._failures[key] = (n + 1, self._now())
            while len(self._failures) > _MOST_KEYS:
                self._failures.popitem(last=False)

    def succeeded(self, *keys: str) -> None:
        """Start anew."""
        with self._lock:
            for key in keys:
                self._failures.pop(key, None)

    def _left(self, key: str) -> float:
        n, last = self._failures.get(key, (0, 0.0))
        if n < FREE:
            return 0.0
        return max(0.0, last + min(2.0 ** (n - FREE), LONGEST) - self._now())
