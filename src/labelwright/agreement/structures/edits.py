"""Edit distance of two sequences."""

from __future__ import annotations

from collections.abc import Hashable, Sequence


def edit_distance(one: Sequence[Hashable], two: Sequence[Hashable]) -> int:
    """Least number of insertions, deletions and substitutions that turn one into the other (Levenshtein 1966).

    Columns of the table of distances are kept as the bits of two whole numbers (Myers 1999 in the form of Hyyrö 2003),
    so that a row takes a handful of operations whatever its length.
    """
    if len(one) > len(two):
        one, two = two, one
    if not one:
        return len(two)
    places: dict[Hashable, int] = {}
    for at, symbol in enumerate(one):
        places[symbol] = places.get(symbol, 0) | 1 << at
    every, last = (1 << len(one)) - 1, 1 << (len(one) - 1)
    up, down, distance = every, 0, len(one)
    for symbol in two:
        match = places.get(symbol, 0)
        diagonal = (((match & up) + up) ^ up) | match | down
        rise = down | ~(diagonal | up) & every
        fall = up & diagonal
        distance += bool(rise & last) - bool(fall & last)
        rise = rise << 1 | 1
        up = (fall << 1 | ~(diagonal | rise)) & every
        down = rise & diagonal & every
    return distance
