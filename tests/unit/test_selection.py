"""The choosing of rows on a real pool: every strategy, nothing twice, nothing that is taken, the same every time."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwright.adapters.pool.scores import ParquetScores
from labelwright.app.selection import select
from labelwright.app.settings_pool import Strategy
from labelwright.model.errors import UsageError
from labelwright.sampling import entropy, least_confidence, margin
from labelwright.sampling.free_rows import FreeRows
from support import workspaces

SIZE = 400
NOWHERE = SimpleNamespace(url="http://127.0.0.1:9", administrator=SimpleNamespace(token="none"))
NOTHING = np.empty(0, dtype=np.int64)
STRATEGIES = Strategy.__args__


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    place = workspaces.make(tmp_path_factory.mktemp("ws") / "ws", NOWHERE, n=SIZE, sampling={"stratify_by": "source"})
    return place.project()


def scored(project, version: int = 1, rows: int = SIZE):
    p = np.random.default_rng(version).dirichlet(np.ones(3), rows)
    parts = [(np.arange(0, 150), p[:150]), (np.arange(150, rows), p[150:])]
    project.scores.write(version, parts, project.control.classes)
    return p.astype(np.float32).astype(np.float64)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_every_strategy_gives_exactly_the_batch(project, strategy: str):
    """A batch that is short, holds an item twice or one that is taken; a draw that cannot be repeated."""
    scored(project)
    scored(project, 0)
    apart = np.arange(0, 100)
    chosen = select(project, 2, 50, apart=apart, known=frozenset({"s100", "s101"}), strategy=strategy)
    assert (chosen.strategy, chosen.note) == (strategy, None)
    assert len(set(chosen.rows.tolist())) == 50
    assert chosen.rows.min() > 101
    again = select(project, 2, 50, apart=apart, known=frozenset({"s100", "s101"}), strategy=strategy)
    assert again.rows.tolist() == chosen.rows.tolist()
    assert chosen.at_random == (50 if strategy in ("random", "stratified") else 5)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_the_last_batch_of_a_pool_is_what_is_left(project, strategy: str):
    """A crash or a repeat when fewer are left than a batch holds."""
    scored(project)
    scored(project, 0)
    chosen = select(project, 2, 50, apart=np.arange(7, SIZE), strategy=strategy)
    assert sorted(chosen.rows.tolist()) == list(range(7))


def test_without_a_model_the_round_draws_at_random_and_says_so(project, tmp_path):
    """A first round that pretends to know what is uncertain."""
    bare = _with(project, scores=ParquetScores(tmp_path))
    chosen = select(bare, 1, 20, apart=NOTHING, strategy="hybrid")
    assert (chosen.strategy, chosen.at_random, chosen.note) == ("random", 20, "no model yet for hybrid")
    assert select(bare, 1, 20, apart=NOTHING, strategy="k_center").strategy == "k_center"


def test_items_without_features_are_chosen_by_margin_and_the_round_says_why(project):
    """A pool of pictures under the default strategy, before there is anything that sees pictures."""

    class Blind:
        def features(self, _items):
            raise UsageError("the screen shows no text")

    p = scored(project)
    chosen = select(_with(project, embedder=Blind()), 2, 20, apart=NOTHING, strategy="hybrid")
    assert (chosen.strategy, chosen.note) == ("margin", "not hybrid: the screen shows no text")
    assert chosen.rows[:18].tolist() == margin(p, 18, np.random.default_rng(0)).tolist()


def test_the_newest_model_before_the_round_is_asked(project):
    """Scores of a round that is still to come, or none because the last round trained nothing."""
    first, third = scored(project, 1), scored(project, 3)
    for number, p in ((2, first), (3, first), (4, third), (7, third)):
        chosen = select(project, number, 10, apart=NOTHING, strategy="margin").rows[:9]
        assert chosen.tolist() == margin(p, 9, np.random.default_rng(0)).tolist()


@given(st.integers(0, 60), st.sets(st.integers(0, 59)), st.integers(0, 2**16))
def test_free_rows_are_those_that_are_not_taken(size: int, taken: set[int], seed: int):
    """A row that is drawn twice, or one that never can be."""
    gone = [row for row in taken if row < size]
    free = FreeRows.of(size, gone)
    assert free.all().tolist() == sorted(set(range(size)) - set(gone))
    drawn = free.draw(len(free) // 2, np.random.default_rng(seed))
    assert len(set(drawn.tolist())) == len(free) // 2
    assert not set(drawn.tolist()) & set(gone)
    assert len(free.without(drawn)) == len(free) - len(drawn)


@pytest.mark.parametrize(
    ("by", "strategy"), [("margin", margin), ("entropy", entropy), ("confidence", least_confidence)]
)
def test_a_score_table_ranks_as_the_strategies_do(tmp_path, by: str, strategy):
    """Two rankings of the same scores: the table's on disk and the library's in memory, ties too."""
    p = np.round(np.random.default_rng(5).dirichlet(np.ones(3), 500), 1) + 0.01
    p = (p / p.sum(axis=1, keepdims=True)).astype(np.float32).astype(np.float64)
    tables = ParquetScores(tmp_path)
    tables.write(4, [(np.arange(500), p)])
    assert tables.table(3) is None
    rows, found = tables.table(4).lowest(by, 60, NOTHING)
    assert rows.tolist() == strategy(p, 60, np.random.default_rng(0)).tolist()
    assert np.array_equal(found, p[rows].astype(np.float32))
    apart = np.sort(rows[:30])
    assert tables.table(4).lowest(by, 30, apart)[0].tolist() == rows[30:].tolist()
    assert tables.table(4).of(rows)[0].tolist() == sorted(rows.tolist())


def test_a_table_that_is_not_complete_is_not_seen(tmp_path):
    """A crash while a pool is scored: the next round must not choose among half of it."""
    tables = ParquetScores(tmp_path)

    def broken():
        yield np.arange(3), np.full((3, 2), 0.5)
        raise RuntimeError("power cut")

    with pytest.raises(RuntimeError):
        tables.write(1, broken())
    assert tables.table(1) is None
    tables.write(1, [(np.arange(3), np.full((3, 2), 0.5))])
    assert len(tables.table(1)) == 3
    tables.write(1, [(NOTHING, np.empty((0, 2)))])
    assert tables.table(1) is None


def _with(project, **changed):
    return replace(project, **changed)
