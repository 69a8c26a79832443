"""The shared E-step: the sparse and the compiled way give the same numbers."""

import numpy as np

from labelwright.coding import Coded
from labelwright.consensus.compiled import CompiledPasses
from labelwright.consensus.em import normalized, shares_of
from labelwright.consensus.passes import SparsePasses


def crowd(most):
    rng = np.random.default_rng(3)
    item = np.repeat(np.arange(50), rng.integers(0, most, 50))
    return Coded.from_codes(item, rng.integers(0, 60, item.size), rng.integers(0, 4, item.size), n_items=52)


def test_compiled_equals_sparse():
    """Protects large tables from other results than small ones, with few and with very many answers an item."""
    for most in (6, 60):
        coded = crowd(most)
        sparse, compiled = SparsePasses(coded), CompiledPasses(coded)
        start, other = sparse.start(), compiled.start()
        assert np.allclose(start.counts, other.counts)
        assert np.allclose(start.class_counts, other.class_counts)
        channel, prior = normalized(start.counts), shares_of(start.class_counts)
        a, b = (passes.expect(channel, prior, keep=True) for passes in (sparse, compiled))
        assert np.allclose(a.counts, b.counts)
        assert np.allclose(a.posterior, b.posterior)
        assert np.isclose(a.log_likelihood, b.log_likelihood)
        assert compiled.expect(channel, prior, keep=False).posterior is None
