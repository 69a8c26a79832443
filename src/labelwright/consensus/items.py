"""Hard items and confused classes: where the guidelines have gaps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from labelwright.coding import Coded
from labelwright.coding.table import columns_of
from labelwright.consensus.names import named
from labelwright.consensus.result import ConsensusResult

if TYPE_CHECKING:
    from narwhals.typing import IntoDataFrame

Floats = NDArray[np.float64]
_SCHEMA = {
    "class_a": pl.Object,
    "class_b": pl.Object,
    "confusions": pl.Float64,
    "a_as_b": pl.Float64,
    "b_as_a": pl.Float64,
    "rate": pl.Float64,
    "by": pl.Object,
    "examples": pl.Object,
}


def entropies(posterior: Floats) -> Floats:
    """Entropy of each row in shares of its maximum, log K: 0 (sure) to 1 (nothing is known).

    Args:
        posterior: shape (n, K), rows sum to 1.

    Returns:
        Shape (n,).
    """
    K = posterior.shape[1]
    if K == 1:
        return np.zeros(posterior.shape[0])
    logs = np.log(posterior, out=np.zeros_like(posterior), where=posterior > 0)
    return np.asarray(np.clip(-(posterior * logs).sum(axis=1) / np.log(K), 0, 1))


def hard_items(result: ConsensusResult, top: int | None = None, *, effort: IntoDataFrame | None = None) -> pl.DataFrame:
    """Items by how little is known about their label, hardest first.

    Args:
        result: from any estimator.
        top: at most so many; None: all.
        effort: what else tells that an item is hard: a DataFrame with the columns item, seconds (of one answer; may be
            null) and skipped (true where it was left unanswered), one row an answer or skip.

    Returns:
        Columns item, label, posterior, contested, entropy (of the posterior, in shares of its maximum log K: 0 to 1),
        disagreement (share of the pairs of answers that differ, 0 to 1; null with one answer), n (answers); with
        ``effort`` also seconds (median of its answers, null where unknown) and skips (how often it was skipped). In the
        order of entropy, then of disagreement, then of the table.
    """
    p = result.posterior[result.seen]
    entropy = entropies(p)
    n = np.diff(result.coded.starts)[result.seen]
    frame = result.labels.with_columns(
        pl.Series("entropy", entropy),
        pl.Series("disagreement", disagreement(result.coded)[result.seen]).fill_nan(None),
        pl.Series("n", n),
    )
    order = np.lexsort((-frame["disagreement"].fill_null(0).to_numpy(), -entropy))
    hardest = pl.DataFrame(frame[order[:top]])
    return hardest if effort is None else hardest.join(_effort(effort), on="item", how="left", maintain_order="left")


def _effort(effort: IntoDataFrame) -> pl.DataFrame:
    """Columns item, seconds, skips."""
    item, seconds, skipped = (column.to_list() for column in columns_of(effort, ("item", "seconds", "skipped")))
    frame = pl.DataFrame({"item": item, "seconds": seconds, "skipped": skipped}, strict=False)
    answered = pl.col("seconds").cast(pl.Float64).filter(~pl.col("skipped"))
    return frame.group_by("item").agg(answered.median(), pl.col("skipped").sum().cast(pl.Int64).alias("skips"))


def disagreement(coded: Coded) -> Floats:
    """Share of the pairs of answers to an item that differ, shape (n_items,); NaN with fewer than two answers."""
    counts = coded.counts.astype(np.float64)
    n = counts.sum(axis=1)
    pairs = n * (n - 1)
    equal = (counts * (counts - 1)).sum(axis=1)
    return np.asarray(np.divide(pairs - equal, pairs, out=np.full_like(pairs, np.nan), where=pairs > 0))


def expected_confusions(result: ConsensusResult) -> Floats:
    """Expected number of answers by annotator, true class and answer, shape (n_annotators, truth, answer)."""
    coded, K = result.coded, result.coded.n_classes
    cell = coded.annotator.astype(np.int64) * K + coded.label
    counts = np.empty((coded.n_annotators, K, K))
    for k in range(K):
        weight = result.posterior[coded.item, k]
        counts[:, k, :] = np.bincount(cell, weights=weight, minlength=coded.n_annotators * K).reshape(-1, K)
    return counts


def confused_pairs(result: ConsensusResult, *, pairs: int = 20, people: int = 3, examples: int = 5) -> pl.DataFrame:
    """Pairs of classes by how often one was taken for the other, given the posteriors.

    Args:
        result: from any estimator.
        pairs: at most so many pairs.
        people: at most so many annotators for each pair.
        examples: at most so many example items for each pair.

    Returns:
        Columns class_a, class_b, confusions (expected answers, both ways), a_as_b (expected answers b to items that are
        a), b_as_a, rate (confusions in shares of the answers to items of the two classes, 0 to 1), by (annotators who
        did it most: a list of name and expected answers), examples (items with answers of both classes, the most
        divided first). Pairs that were never confused are left out.
    """
    counts = expected_confusions(result)
    total = counts.sum(axis=0)
    both = np.triu(total + total.T, k=1)
    order = np.argsort(-both, axis=None, kind="stable")[:pairs]
    found = [divmod(int(flat), both.shape[0]) for flat in order if both.flat[flat] > 1e-6]
    rows = [_row(result, counts, total, a, b, people, examples) for a, b in found]
    if not rows:
        return pl.DataFrame(schema=_SCHEMA)
    return pl.DataFrame({name: pl.Series(name, [row[name] for row in rows], strict=False) for name in rows[0]})


def _row(
    result: ConsensusResult, counts: Floats, total: Floats, a: int, b: int, people: int, examples: int
) -> dict[str, Any]:
    by_person = counts[:, a, b] + counts[:, b, a]
    worst = [code for code in np.argsort(-by_person, kind="stable")[:people] if by_person[code] > 1e-6]
    names = named("annotator", result.coded.annotator_names, np.array(worst, np.int64)).to_list()
    confusions = float(total[a, b] + total[b, a])
    return {
        "class_a": result.classes[a],
        "class_b": result.classes[b],
        "confusions": confusions,
        "a_as_b": float(total[a, b]),
        "b_as_a": float(total[b, a]),
        "rate": confusions / float(total[a].sum() + total[b].sum()),
        "by": [{"annotator": name, "answers": float(by_person[c])} for name, c in zip(names, worst, strict=True)],
        "examples": _examples(result, a, b, examples),
    }


def _examples(result: ConsensusResult, a: int, b: int, most: int) -> list[Any]:
    """Items answered with both classes, those with the most answers of either first, then the smallest top posterior.

    The posterior alone would put a single slip before what divides the team and is known by now.
    """
    counts = result.coded.counts
    both = np.flatnonzero((counts[:, a] > 0) & (counts[:, b] > 0))
    certainty = result.posterior[both].max(axis=1)
    either = np.minimum(counts[both, a], counts[both, b])
    chosen = both[np.lexsort((certainty, -either))[:most]]
    return list(named("item", result.coded.item_names, chosen).to_list())
