"""Edit distance of two sequences."""

from __future__ import annotations

from collections.abc import Hashable, Sequence


def edit_distance(one: Sequence[Hashable], two: Sequence[Hashable]) -> int:
    """Least number of insertions, deletions and substitutions that turn one into the other (Levenshtein 1966).

    Columns of the table of distances are kept as the bits of two whole numbers (Myers 1999 in the form of Hyyrö 2003),
    so that a row takes a handful of operations whatever its length.
    """
    one, two = _trimmed(one, two)
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


def _trimmed(one: Sequence[Hashable], two: Sequence[Hashable]) -> tuple[Sequence[Hashable], Sequence[Hashable]]:
    """Both without what they begin and end with alike, the shorter first."""
    if len(one) > len(two):
        one, two = two, one
    head, last = 0, len(one)
    while head < last and one[head] == two[head]:
        head += 1
    tail = 0
    while tail < last - head and one[last - 1 - tail] == two[len(two) - 1 - tail]:
        tail += 1
    return one[head : last - tail], two[head : len(two) - tail]
