"""Which confusions are gaps in the guidelines: beyond chance, and beyond the one person who does it most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from scipy.special import betainc

from labelwright.app.report.overlap import Overlap
from labelwright.app.report.settled import consensus_of
from labelwright.app.tables import ControlTable, Known
from labelwright.consensus import AnchoredDawidSkene, ConsensusResult, confused_pairs

_LEVEL = 0.05
#: Expected answers from which somebody counts as one who confuses a pair.
_ONE = 1.0
#: Expected answers of all but the one who does it most, below which a pair is that one's own.
_OTHERS = 4.0
_PEOPLE = 200
#: Classes up to which pairs are looked at, and cells of the annotators' matrices up to which they are fitted.
_MOST_CLASSES, _MOST_CELLS = 200, 20_000_000


def gaps_in(table: ControlTable, known: Known) -> list[dict[str, Any]]:
    """Pairs of classes that the guidelines do not tell apart, in one control's answers: the worst first.

    A pair is named when it is confused more often than the mean pair (5 % over all pairs), and still so (5 %) without
    the one person who confuses it most: one person's habit is hers, and belongs into her feedback. Given how many
    confusions there are, those of a pair that is like the others are binomial.

    Args:
        table: answers that are classes.
        known: labels that are known.
    """
    overlap = Overlap.of(table.labels)
    return gaps_of(consensus_of(table.control.kind, overlap, known), overlap)


def gaps_of(result: ConsensusResult | None, overlap: Overlap) -> list[dict[str, Any]]:
    """The same from a consensus that was fitted already; without one it is fitted here."""
    if not can_tell(overlap):
        return []
    found = result or AnchoredDawidSkene().fit(overlap.coded)
    K = len(found.classes)
    pairs = list(confused_pairs(found, pairs=K * K, people=_PEOPLE).iter_rows(named=True))
    every = [{p["annotator"]: float(p["answers"]) for p in row["by"]} for row in pairs]
    n_pairs = K * (K - 1) // 2
    return [
        _gap(row, own) for row, own in zip(pairs, every, strict=True) if row["examples"] and _stays(own, every, n_pairs)
    ]


def can_tell(overlap: Overlap) -> bool:
    """Whether gaps can be looked for: several people answered the same, and there are not too many classes."""
    coded = overlap.coded
    few = 2 <= coded.n_classes <= _MOST_CLASSES and coded.n_annotators * coded.n_classes**2 <= _MOST_CELLS
    return few and bool(overlap.shared.any())


def _stays(own: Mapping[str, float], every: Sequence[Mapping[str, float]], n_pairs: int) -> bool:
    worst = max(own, key=lambda who: own[who])
    totals = [sum(n for who, n in people.items() if who != worst) for people in every]
    everybody = (sum(own.values()), sum(sum(people.values()) for people in every))
    return beyond_one(everybody, (sum(own.values()) - own[worst], sum(totals)), n_pairs)


def beyond_one(everybody: tuple[float, float], others: tuple[float, float], n_pairs: int) -> bool:
    """Whether a pair is confused more than the mean pair, with everybody and without the person who does it most.

    Args:
        everybody: confusions of the pair, and of all pairs.
        others: the same without that person.
        n_pairs: pairs that could be confused.
    """
    looks = ((*everybody, _ONE, _LEVEL / max(n_pairs, 1)), (*others, _OTHERS, _LEVEL))
    return all(
        mine >= least and (n_pairs <= 1 or _chance(mine, total, n_pairs) <= level)
        for mine, total, least, level in looks
    )


def _chance(mine: float, total: float, n_pairs: int) -> float:
    """Of so many confusions at least ``mine`` are of one pair, where all pairs are alike; for expected counts, too."""
    return float(betainc(mine, max(total - mine, 0.0) + 1, 1 / n_pairs)) if mine > 0 else 1.0


def _gap(row: Mapping[str, Any], own: Mapping[str, float]) -> dict[str, Any]:
    return {
        "class_a": _name(row["class_a"]),
        "class_b": _name(row["class_b"]),
        "confusions": row["confusions"],
        "rate": row["rate"],
        "a_as_b": row["a_as_b"],
        "b_as_a": row["b_as_a"],
        "annotators": sum(n >= _ONE for n in own.values()),
        "examples": list(row["examples"]),
    }


def _name(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
