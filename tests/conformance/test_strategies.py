"""What every selection strategy promises, checked on every one of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwright import sampling
from labelwright.model.errors import UsageError
from labelwright.sampling.relabel import Answers

POOL = 300
CLASSES = 4


def pool_of(size: int, seed: int = 0) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    return {
        "size": size,
        "strata": [str(value) for value in rng.integers(0, 5, size)],
        "probabilities": rng.dirichlet(np.ones(CLASSES), size) if size else np.empty((0, CLASSES)),
        "features": rng.normal(size=(size, 6)),
        "members": rng.dirichlet(np.ones(CLASSES), (3, size)) if size else np.empty((3, 0, CLASSES)),
        "counts": rng.integers(0, 9, CLASSES),
        "classes": [1, 3],
        "answers": answers_of(size, rng),
    }


def answers_of(size: int, rng: np.random.Generator) -> Answers:
    items = rng.integers(0, size, size) if size else np.empty(0, dtype=np.int64)
    return Answers(items, rng.integers(0, 5, len(items)), rng.integers(0, CLASSES, len(items)))


NEEDS = {
    "random": ("size",),
    "stratified": ("strata",),
    "least_confidence": ("probabilities",),
    "margin": ("probabilities",),
    "entropy": ("probabilities",),
    "kmeans": ("features",),
    "k_center": ("features",),
    "badge": ("probabilities", "features"),
    "density": ("probabilities", "features"),
    "hybrid": ("probabilities", "features"),
    "committee": ("members",),
    "class_balance": ("probabilities", "counts"),
    "rare_class": ("probabilities", "classes"),
    "relabel": ("probabilities", "answers"),
}
SCORED = [name for name, needs in NEEDS.items() if "probabilities" in needs]
EMBEDDED = [name for name, needs in NEEDS.items() if "features" in needs]
BOTH = [name for name in SCORED if name in EMBEDDED]

every_strategy = pytest.mark.parametrize("name", sorted(NEEDS))


def choose(name: str, pool: dict[str, Any], n: int, seed: int = 0) -> np.ndarray:
    strategy: Callable[..., np.ndarray] = getattr(sampling, name)
    return strategy(*(pool[need] for need in NEEDS[name]), n, np.random.default_rng(seed))


def test_every_public_strategy_is_checked():
    """A strategy that is added without passing this suite."""
    assert sorted(NEEDS) == sorted(sampling.__all__)


@every_strategy
@pytest.mark.parametrize("n", [0, 1, 2, 37, POOL - 1, POOL])
def test_exactly_n_distinct_rows(name: str, n: int):
    """A batch that is short, or holds an item twice, or one that is not in the pool."""
    rows = choose(name, pool_of(POOL), n)
    assert rows.shape == (n,)
    assert rows.dtype == np.int64
    assert len(set(rows.tolist())) == n
    assert n == 0 or (rows.min() >= 0 and rows.max() < POOL)


@every_strategy
def test_the_same_seed_chooses_the_same(name: str):
    """A run that cannot be repeated."""
    pool = pool_of(POOL)
    assert choose(name, pool, 50, seed=3).tolist() == choose(name, pool, 50, seed=3).tolist()


@every_strategy
def test_inputs_are_left_as_they_were(name: str):
    """Scores that change under the caller's hands."""
    pool, twin = pool_of(POOL), pool_of(POOL)
    for need in ("probabilities", "features", "members", "counts"):
        pool[need].flags.writeable = False
    choose(name, pool, 40)
    for need in ("probabilities", "features", "members", "counts"):
        assert np.array_equal(pool[need], twin[need])
    assert pool["strata"] == twin["strata"]


@every_strategy
@pytest.mark.parametrize("n", [POOL + 1, -1, 2.0, True, None])
def test_a_count_that_cannot_be_had_is_refused(name: str, n: Any):
    """A batch of another size than asked for, silently."""
    with pytest.raises(UsageError):
        choose(name, pool_of(POOL), n)


@every_strategy
def test_an_empty_pool_gives_nothing_and_no_more(name: str):
    """A crash on the day when the pool is used up."""
    assert choose(name, pool_of(0), 0).shape == (0,)
    with pytest.raises(UsageError):
        choose(name, pool_of(0), 1)


@pytest.mark.parametrize("name", SCORED)
@pytest.mark.parametrize(
    "spoil",
    [
        lambda p: p * 0.5,
        lambda p: np.where(np.arange(len(p))[:, None] == 7, np.nan, p),
        lambda p: np.where(np.arange(len(p))[:, None] == 7, [[-1.0, 1.0, 0.5, 0.5]], p),
        lambda p: p[:, 0],
        lambda p: p[:, :1] * 0 + 1,
        lambda p: p.astype(str).astype(object) + "x",
        lambda p: [[0.5, 0.5]] * (len(p) - 1) + [[1.0]],
    ],
    ids=["sum", "nan", "negative", "one-dimensional", "one-class", "not-numbers", "ragged"],
)
def test_what_is_no_probability_is_refused(name: str, spoil: Callable[[np.ndarray], Any]):
    """A ranking by nonsense: not-a-number sorts somewhere, and nobody notices."""
    pool = pool_of(POOL)
    pool["probabilities"] = spoil(pool["probabilities"])
    with pytest.raises(UsageError):
        choose(name, pool, 10)


@pytest.mark.parametrize("name", EMBEDDED)
@pytest.mark.parametrize(
    "spoil",
    [
        lambda x: np.where(np.arange(len(x))[:, None] == 7, np.inf, x),
        lambda x: np.where(np.arange(len(x))[:, None] == 7, np.nan, x),
        lambda x: x[:, 0],
        lambda x: x[:, :0],
    ],
    ids=["infinite", "nan", "one-dimensional", "no-dimension"],
)
def test_what_is_no_feature_is_refused(name: str, spoil: Callable[[np.ndarray], Any]):
    """Distances to items that are nowhere."""
    pool = pool_of(POOL)
    pool["features"] = spoil(pool["features"])
    with pytest.raises(UsageError):
        choose(name, pool, 10)


@pytest.mark.parametrize("name", BOTH)
def test_arrays_of_different_items_are_refused(name: str):
    """Scores of one pool paired with the embedding of another."""
    pool = pool_of(POOL)
    pool["features"] = pool["features"][:-1]
    with pytest.raises(UsageError, match="300 items, features of 299"):
        choose(name, pool, 10)


@pytest.mark.parametrize("name", ["least_confidence", "margin", "entropy"])
def test_ties_go_by_row_number(name: str):
    """A choice among equals that hangs on how a library sorts."""
    pool = pool_of(POOL)
    pool["probabilities"] = np.full((POOL, CLASSES), 1 / CLASSES)
    assert choose(name, pool, 20).tolist() == list(range(20))


@every_strategy
@given(
    size=st.integers(1, 60),
    share=st.floats(0, 1),
    seed=st.integers(0, 2**16),
    copies=st.integers(1, 60),
    confident=st.booleans(),
)
def test_pools_full_of_copies_still_give_n(name: str, size: int, share: float, seed: int, copies: int, confident: bool):
    """Pools where items are equal, or certain, or one point: distances and entropies of zero."""
    pool = pool_of(size, seed)
    pool["features"] = pool["features"][np.arange(size) % copies]
    pool["probabilities"] = pool["probabilities"][np.arange(size) % copies]
    pool["members"] = pool["members"][:, np.arange(size) % copies]
    if confident:
        pool["probabilities"] = np.eye(CLASSES)[np.arange(size) % CLASSES]
    n = int(share * size)
    assert len(set(choose(name, pool, n, seed).tolist())) == n


@pytest.mark.parametrize("name", SCORED)
@pytest.mark.parametrize("dtype", [np.float16, np.float32, list])
def test_other_number_types_are_taken(name: str, dtype: Any):
    """Scores as a model gives them: half precision, or plain lists."""
    pool = pool_of(POOL)
    values = pool["probabilities"]
    pool["probabilities"] = values.tolist() if dtype is list else values.astype(dtype)
    assert len(choose(name, pool, 10)) == 10
