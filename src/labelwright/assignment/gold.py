"""Gold: which items an annotator gets (never one that she knows, the least worn first)."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np


def choose_gold(
    exposures: Mapping[str, int], seen: Collection[str], n: int, most: int, rng: np.random.Generator
) -> list[str]:
    """At most ``n`` gold items for one annotator, in random order.

    Rotation: those that fewest people have seen come first, ties at random, so that the whole set wears evenly.

    Args:
        exposures: people who have seen each active gold item.
        seen: items that this annotator had in any form.
        n: how many are wanted.
        most: exposures at which an item is worn and not given any more.
        rng: source of randomness.
    """
    fresh = sorted(item for item, k in exposures.items() if item not in seen and k < most)
    draws = rng.random(len(fresh)).tolist()
    ranked = sorted(zip(fresh, draws, strict=True), key=lambda pair: (exposures[pair[0]], pair[1]))
    chosen = [item for item, _ in ranked[:n]]
    return [chosen[i] for i in rng.permutation(len(chosen)).tolist()]
