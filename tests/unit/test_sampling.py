"""Each strategy against its definition, worked out the slow way."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwright import sampling
from labelwright.model.errors import UsageError
from labelwright.sampling.distances import single
from labelwright.sampling.kmeans import assign, clusters
from labelwright.sampling.stratified import largest_remainder

LIKELY = np.array([[0.9, 0.05, 0.05], [0.4, 0.35, 0.25], [0.5, 0.5, 0.0], [0.34, 0.33, 0.33], [0.6, 0.2, 0.2]])


@pytest.fixture
def rng():
    return np.random.default_rng(0)


def test_the_smallest_margin_is_the_most_uncertain(rng):
    """The sign error that makes active learning ask for what the model knows best."""
    assert sampling.margin(LIKELY, 5, rng).tolist() == [2, 3, 1, 4, 0]


def test_least_confidence_looks_at_the_likeliest_class_only(rng):
    """Least confidence mixed up with margin: they differ where two classes share the lead."""
    assert sampling.least_confidence(LIKELY, 5, rng).tolist() == [3, 1, 2, 4, 0]


def test_entropy_prefers_even_spreads(rng):
    """Entropy mixed up with margin: a tie of two is less open than a spread over three."""
    assert sampling.entropy(LIKELY, 5, rng).tolist() == [3, 1, 4, 2, 0]


@given(st.integers(0, 2**20), st.integers(2, 7), st.integers(1, 200), st.sampled_from([0.05, 0.3, 1, 10]))
def test_entropy_leaves_nobody_out(seed, classes, size, spread):
    """An item that the cheap bound drops although its entropy is among the highest."""
    rng = np.random.default_rng(seed)
    p = rng.dirichlet(np.full(classes, spread), size)
    p = np.round(p * 20) / 20 if seed % 2 else p
    p[p.sum(axis=1) == 0] = 1
    p /= p.sum(axis=1, keepdims=True)
    slow = np.array([-math.fsum(v * math.log(v) for v in row if v > 0) for row in p.tolist()])
    n = int(rng.integers(0, size + 1))
    assert np.allclose(slow[sampling.entropy(p, n, rng)], np.sort(slow)[::-1][:n], atol=1e-9)


def test_random_is_uniform_over_subsets(rng):
    """A draw that favours some rows: all 10 pairs out of 5 come alike (chi-square, 9 degrees of freedom)."""
    draws = [tuple(sorted(sampling.random(5, 2, rng).tolist())) for _ in range(4000)]
    counts = np.array([draws.count(pair) for pair in sorted(set(draws))])
    assert len(counts) == 10
    assert ((counts - 400) ** 2 / 400).sum() < 33.7  # p = 0.0001


def test_random_refuses_a_size_that_is_none(rng):
    """A pool given instead of its size."""
    with pytest.raises(UsageError, match="size must be a count"):
        sampling.random(-1, 0, rng)


@given(st.lists(st.integers(1, 50), min_size=1, max_size=12), st.floats(0, 1), st.integers(0, 2**16))
def test_stratified_is_within_one_item_of_each_share(sizes, share, seed):
    """A stratum that gets two too many, more than it has, or a total that is not n."""
    strata = [name for name, size in enumerate(sizes) for _ in range(size)]
    n = int(share * len(strata))
    rows = sampling.stratified(strata, n, np.random.default_rng(seed))
    got = np.bincount(np.array(strata)[rows], minlength=len(sizes)) if n else np.zeros(len(sizes), dtype=int)
    assert got.sum() == n
    assert all(abs(have - n * size / len(strata)) < 1 for have, size in zip(got, sizes, strict=True))
    assert all(have <= size for have, size in zip(got, sizes, strict=True))


def test_left_over_seats_go_to_the_largest_remainders():
    """Hamilton's method worked by hand: 10 seats for 47, 16, 13, 24 are 4.7, 1.6, 1.3, 2.4."""
    assert largest_remainder(np.array([47, 16, 13, 24]), 10).tolist() == [5, 2, 1, 2]


def test_rows_without_a_stratum_are_one(rng):
    """Missing values that make a stratified sample crash or leave their rows out."""
    strata = [None] * 50 + ["a"] * 50
    rows = sampling.stratified(strata, 10, rng)
    assert (rows < 50).sum() == 5


def test_within_a_stratum_every_row_is_as_likely(rng):
    """A stratified sample that always takes the first rows of each stratum."""
    counts = np.zeros(20)
    for _ in range(4000):
        counts[sampling.stratified(["a"] * 10 + ["b"] * 10, 4, rng)] += 1
    assert ((counts - 800) ** 2 / 800).sum() < 60  # 18 degrees of freedom, p < 0.0001


def greedy(points: np.ndarray, n: int, first: int) -> list[int]:
    chosen, nearest = [first], ((points - points[first]) ** 2).sum(axis=1)
    while len(chosen) < n:
        nearest[chosen] = -1
        chosen.append(int(nearest.argmax()))
        nearest = np.minimum(nearest, ((points - points[chosen[-1]]) ** 2).sum(axis=1))
    return chosen


@pytest.mark.parametrize("seed", range(5))
def test_k_center_is_the_greedy_choice(seed):
    """Shortcuts in the bookkeeping of distances that change what is chosen."""
    points = np.random.default_rng(100 + seed).normal(size=(1500, 5))
    chosen = sampling.k_center(points, 150, np.random.default_rng(seed)).tolist()
    assert chosen == greedy(points, 150, chosen[0])


def test_k_center_covers_every_cluster(rng):
    """A core-set that leaves a far corner of the pool out."""
    points = (
        rng.normal(size=(500, 3))
        + 100 * np.repeat(np.eye(5, 3), 100, axis=0)
        + np.repeat([[0], [0], [0], [-200], [300]], 100, axis=0)
    )
    assert set((sampling.k_center(points, 5, rng) // 100).tolist()) == {0, 1, 2, 3, 4}


def test_kmeans_takes_one_of_each_cluster_the_largest_first(rng):
    """Diversity that asks for two of one kind and none of another."""
    sizes = [200, 120, 60, 20]
    middles = np.repeat(np.arange(4), sizes)
    points = rng.normal(size=(400, 2)) * 0.1 + np.array([[0, 0], [50, 0], [0, 50], [50, 50]])[middles]
    found = [sampling.kmeans(points, 4, np.random.default_rng(seed)) for seed in range(20)]
    perfect = [rows for rows in found if middles[rows].tolist() == [0, 1, 2, 3]]
    assert len(perfect) >= 5  # Lloyd's algorithm ends in a local optimum from the other seeds


def test_kmeans_chooses_the_item_nearest_to_each_middle(rng):
    """An edge item of a cluster sent out as its representative, in a pool larger than the sample."""
    points = rng.normal(size=(3000, 4)).astype(np.float32)
    middles, owners = clusters(single(points), 7, np.random.default_rng(1))
    middles = middles + points.mean(axis=0)
    gaps = ((points - middles[owners]) ** 2).sum(axis=1)
    nearest = {int(np.flatnonzero(owners == k)[gaps[owners == k].argmin()]) for k in range(7)}
    assert set(sampling.kmeans(points, 7, np.random.default_rng(1)).tolist()) == nearest
    assert np.allclose(middles, [points[owners == k].mean(axis=0) for k in range(7)], atol=1e-4)


def test_assignment_is_to_the_nearest_middle(rng):
    """Distances by matrix products against distances one by one."""
    points, middles = rng.normal(size=(300, 4)).astype(np.float32), rng.normal(size=(7, 4)).astype(np.float32)
    owners, distances = assign(points, middles)
    slow = ((points[:, None] - middles[None]) ** 2).sum(axis=2)
    assert (owners == slow.argmin(axis=1)).all()
    assert np.allclose(distances, slow.min(axis=1), atol=1e-4)


def test_badge_draws_in_proportion_to_squared_distance():
    """k-means++ seeding that is only nearly k-means++: the chances of the second item, by 6,000 draws."""
    rng = np.random.default_rng(5)
    p = np.array([[0.5, 0.5], [0.6, 0.4], [0.7, 0.3], [0.2, 0.8], [0.45, 0.55]])
    x = np.array([[3.0, 0], [0, 1], [1, 1], [0, 2], [1, -1]])
    errors = p - np.eye(2)[p.argmax(axis=1)]
    embedding = np.einsum("ic,id->icd", errors, x).reshape(5, -1)
    first = int((embedding**2).sum(axis=1).argmax())
    wanted = ((embedding - embedding[first]) ** 2).sum(axis=1)
    wanted /= wanted.sum()
    draws = [sampling.badge(p, x, 2, rng).tolist() for _ in range(6000)]
    assert {a for a, _ in draws} == {first}
    counts = np.bincount([b for _, b in draws], minlength=5)
    expected = 6000 * wanted[wanted > 0]
    assert ((counts[wanted > 0] - expected) ** 2 / expected).sum() < 21.1  # 3 degrees of freedom, p = 0.0001


def test_badge_draws_later_items_by_their_distance_now():
    """Stale distances taken for fresh ones: the chances of the third item, given the second."""
    rng = np.random.default_rng(6)
    p = np.tile([0.5, 0.5], (4, 1))
    x = np.array([[10.0, 0], [0, 4], [0, 4.5], [-3, 0]])
    embedding = np.einsum("ic,id->icd", p - np.eye(2)[0], x).reshape(4, -1)
    gaps = ((embedding[:, None] - embedding[None]) ** 2).sum(axis=2)
    draws = [sampling.badge(p, x, 3, rng).tolist() for _ in range(4000)]
    third = np.bincount([c for _, b, c in draws if b == 2], minlength=4)
    nearest = np.minimum(gaps[0], gaps[2])
    expected = third.sum() * nearest / nearest.sum()
    assert ((third - expected)[[1, 3]] ** 2 / expected[[1, 3]]).sum() < 15.2  # 1 degree of freedom, p = 0.0001


def test_density_prefers_the_crowd_to_the_outlier(rng):
    """Uncertainty sampling's known fault: it asks for outliers first."""
    crowd = rng.normal(size=(99, 3)) * 0.1 + [1, 1, 1]
    points = np.vstack([crowd, [[-5, -5, -5]]])
    p = np.full((100, 2), 0.5)
    assert sampling.density(p, points, 100, rng)[-1] == 99


def test_density_is_entropy_times_mean_similarity(rng):
    """The shortcut for the mean cosine against all pairs."""
    p, x = rng.dirichlet(np.ones(3), 40), rng.normal(size=(40, 5))
    unit = x / np.linalg.norm(x, axis=1, keepdims=True)
    score = -(p * np.log(p)).sum(axis=1) * (1 + (unit @ unit.T).mean(axis=1)) / 2
    assert sampling.density(p, x, 40, rng).tolist() == np.argsort(-score, kind="stable").tolist()


def test_hybrid_stays_among_the_uncertain_and_spreads(rng):
    """A batch of near copies of the one most uncertain item."""
    centre = np.array([[0.0, 0.0], [9, 0], [0, 9], [9, 9]])
    points = np.repeat(centre, 250, axis=0) + rng.normal(size=(1000, 2)) * 0.01
    lead = np.concatenate([np.linspace(0, 0.02, 1000)]).reshape(-1, 4).T.ravel() + np.where(
        np.arange(1000) % 250 < 10, 0, 0.5
    )
    p = np.column_stack([0.5 + lead / 2, 0.5 - lead / 2])
    rows = sampling.hybrid(p, points, 4, rng)
    assert (rows % 250 < 10).all()
    assert len(set((rows // 250).tolist())) >= 3
    assert (np.diff(lead[rows]) >= 0).all()
