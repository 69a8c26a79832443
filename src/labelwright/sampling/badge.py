"""BADGE (Ash et al., 2020): batches that are uncertain and diverse at once, by k-means++ on gradient embeddings.

The gradient of the loss at an item's likeliest class is (p - e) ⊗ x. Inner products of such embeddings are products
of two small ones, so that the embedding of items × (classes · dimensions) numbers is never built.

k-means++ draws each item with a chance in proportion to its squared distance to the nearest chosen one. Distances
only shrink, so those of a while ago are upper bounds: drawing by them and accepting with the ratio of now to then
gives exactly the wanted chances (von Neumann, 1951), and all items need to be brought up to date only now and then.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labelwright.sampling.distances import BLOCK, squared_norms
from labelwright.sampling.requests import as_features, as_probabilities, check_count, check_same_length

#: Choices after which all items are brought up to date.
EVERY = 32


def badge(probabilities: ArrayLike, features: ArrayLike, n: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """``n`` items drawn by k-means++ seeding on their gradient embeddings.

    The first is the one with the largest gradient. Items that are equal to chosen ones in everything are drawn only
    when nothing else is left, by row number.

    Args:
        probabilities: class probabilities, shape (items, classes), each row adding up to 1.
        features: what the last layer sees, shape (items, dimensions).
        n: how many items are wanted.
        rng: where chance comes from.

    Returns:
        Row numbers in the order drawn, shape (n,).

    Raises:
        UsageError: n cannot be had, arrays that do not go together, or no probabilities or features.
    """
    p, x = as_probabilities(probabilities), as_features(features)
    check_same_length(p, x)
    check_count(n, len(p))
    if n == 0:
        return np.empty(0, dtype=np.int64)
    return _draw(_Gradients(p, x), n, rng)


class _Gradients:
    """Gradient embeddings, factored into an error part (items, classes) and a feature part (items, dimensions)."""

    def __init__(self, p: NDArray[np.floating], x: NDArray[np.floating]) -> None:
        self.errors = p.astype(np.float32)
        self.errors[np.arange(len(p)), p.argmax(axis=1)] -= 1
        self.features = np.ascontiguousarray(x, dtype=np.float32)
        self.norms = squared_norms(self.errors) * squared_norms(self.features)

    def lower_to(self, nearest: NDArray[np.float32], chosen: NDArray[np.int64]) -> None:
        """Lower squared distances to the nearest chosen item, in place."""
        for start in range(0, len(nearest), BLOCK):
            rows = slice(start, start + BLOCK)
            nearest[rows] = np.minimum(nearest[rows], self._distances(rows, chosen).min(axis=1))
        nearest[chosen] = 0

    def distance_of(self, row: int, chosen: NDArray[np.int64]) -> float:
        """Squared distance of one item to the nearest of some."""
        return float(self._distances(slice(row, row + 1), chosen).min())

    def _distances(self, rows: slice, chosen: NDArray[np.int64]) -> NDArray[np.float32]:
        products = self.features[rows] @ self.features[chosen].T
        products *= self.errors[rows] @ self.errors[chosen].T
        products *= -2
        products += self.norms[chosen]
        products += self.norms[rows][:, None]
        return np.asarray(np.maximum(products, 0))


def _draw(gradients: _Gradients, n: int, rng: np.random.Generator) -> NDArray[np.int64]:
    chosen = [int(gradients.norms.argmax())]
    taken = np.zeros(len(gradients.norms), dtype=bool)
    taken[chosen] = True
    nearest = np.full(len(taken), np.inf, dtype=np.float32)
    gradients.lower_to(nearest, np.array(chosen))
    while len(chosen) < n:
        # Rounding leaves copies of chosen items a little way off; that is no distance.
        chances = np.where(taken | (nearest <= 1e-6 * gradients.norms), 0, nearest).cumsum(dtype=np.float64)
        if chances[-1] <= 0:
            rest = np.flatnonzero(~taken)
            return np.array(chosen + rest[: n - len(chosen)].tolist(), dtype=np.int64)
        fresh = _draw_some(gradients, nearest, chances, min(EVERY, n - len(chosen)), rng)
        chosen += fresh
        taken[fresh] = True
        gradients.lower_to(nearest, np.array(fresh))
    return np.array(chosen, dtype=np.int64)


def _draw_some(
    gradients: _Gradients,
    bounds: NDArray[np.float32],
    chances: NDArray[np.float64],
    wanted: int,
    rng: np.random.Generator,
) -> list[int]:
    """Up to ``wanted`` items: drawn by distances as they were, accepted by distances as they are."""
    fresh: list[int] = []
    drawn = np.searchsorted(chances, rng.random(4 * wanted) * chances[-1], side="right")
    last = np.searchsorted(chances, chances[-1])  # rounding may carry a draw past the last item with a chance
    for row in np.minimum(drawn, last).tolist():
        accept = rng.random() * bounds[row]
        if row not in fresh and (not fresh or accept < gradients.distance_of(row, np.array(fresh))):
            fresh.append(row)
        if len(fresh) == wanted:
            break
    return fresh
