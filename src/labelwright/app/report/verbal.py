"""A word for a coefficient, named by its author."""

from __future__ import annotations

#: Upper ends of Landis and Koch's bands (1977, Biometrics 33, p. 165).
_BANDS = (
    (0.0, "poor"),
    (0.20, "slight"),
    (0.40, "fair"),
    (0.60, "moderate"),
    (0.80, "substantial"),
    (1.0, "almost perfect"),
)


def verbal(value: float) -> str:
    """The word of Landis and Koch (1977), with their name."""
    word = next((name for end, name in _BANDS if value <= end and not (end == 0.0 and value == 0.0)), "almost perfect")
    return f"{word} (Landis & Koch 1977)"
