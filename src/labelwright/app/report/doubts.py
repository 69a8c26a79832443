"""Labels of texts that look wrong: a model that has not seen them contradicts them, or a near-duplicate does."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from labelwright.app.report.items import excerpt_of
from labelwright.app.report.overlap import Overlap
from labelwright.app.report.parts import Doubts, LikelyError, NearDuplicate
from labelwright.app.report.settled import consensus_of
from labelwright.app.tables import ControlTable, Tables
from labelwright.consensus import MajorityVote
from labelwright.learning import label_errors, near_duplicates
from labelwright.model.project import Item
from labelwright.model.schema import Kind
from labelwright.ports import Learner

#: Items from which a model is asked, and up to which.
FEWEST = 50
MOST = 20_000
FOLDS = 5
_SEED = 0
_TEXTS = frozenset({"Text", "TextArea"})
_ALIKE = 0.8


def doubts_of(table: ControlTable, tables: Tables, learner: Callable[[], Learner] | None, limit: int) -> Doubts | None:
    """What looks wrong; None for controls that do not classify whole items.

    Args:
        table: the answers.
        tables: what the items show.
        learner: makes models of texts; None where no errors are to be looked for.
        limit: errors and duplicates named.
    """
    if table.control.kind is not Kind.CHOICE or table.control.per_region or table.labels.is_empty():
        return None
    n_items = table.labels["item"].n_unique()
    if n_items > MOST:  # not even looked up
        return _none(n_items, f"more than {MOST:,} labeled items")
    items = tables.content(tables.item_ids())
    texts = _texts(table, tables, items)
    labels = {i: label for i, label in _labels(table).items() if texts.get(i)}
    reason = _reason(labels, n_texts=len(texts))
    if reason is not None:
        return _none(len(labels), reason)
    names = sorted(labels)
    shown = {i: excerpt_of(items[i], tables.fields) for i in names}
    given, written = [labels[i] for i in names], [texts[i] for i in names]
    found = _with_duplicates(Doubts(len(names)), names, written, given, shown, limit)
    if learner is None:
        return replace(found, errors_reason="no model was asked")
    groups = [items[i].group or i for i in names]
    return _with_errors(found, names, cross_validated(written, given, groups, learner), given, shown, limit)


def _reason(labels: Mapping[str, str], n_texts: int) -> str | None:
    if not n_texts:
        return "what the items show is no text that is known here"
    if len(labels) < FEWEST or len(set(labels.values())) < 2:
        return f"it takes {FEWEST} labeled texts of two classes or more"
    return None


def _none(n_items: int, reason: str) -> Doubts:
    return Doubts(n_items, errors_reason=reason, duplicates_reason=reason)


def _labels(table: ControlTable) -> Mapping[str, str]:
    """The consensus of each item; what its annotator said where there is only one."""
    overlap = Overlap.of(table.labels)
    result = consensus_of(table.control.kind, overlap) or MajorityVote().fit(overlap.coded)
    return {overlap.item_ids[i]: overlap.classes[result.label_codes[i]] for i in result.seen.tolist()}


def _texts(table: ControlTable, tables: Tables, items: Mapping[str, Item]) -> Mapping[str, str]:
    """The text of each item that the control is about."""
    fields = [o.field for o in tables.objects if o.tag in _TEXTS and o.field and o.name in table.control.to]
    fields = fields or ([] if tables.objects else ["text"])
    return {i: text for i, item in items.items() if (text := _joined(item, fields))}


def _joined(item: Item, fields: Sequence[str]) -> str:
    return "\n".join(v for f in fields if isinstance(v := item.data.get(f), str) and v.strip())


# ---------------------------------------------------------------- the model


def cross_validated(
    texts: Sequence[str], labels: Sequence[str], groups: Sequence[str], learner: Callable[[], Learner]
) -> NDArray[np.float64]:
    """Class probabilities of each text by a model that has not seen it, nor any text of its group.

    Five folds with each class spread evenly. Returns shape (texts, classes), classes in ascending order; a class that
    a fold's model has not seen has probability 0.
    """
    classes = sorted(set(labels))
    column = {name: k for k, name in enumerate(classes)}
    fold = folds_of(labels, groups)
    out = np.full((len(texts), len(classes)), np.nan)
    for k in range(FOLDS):
        inside, outside = np.flatnonzero(fold == k), np.flatnonzero(fold != k)
        known = {labels[r] for r in outside}
        if not inside.size or len(known) < 2:
            continue
        model = learner()
        model.fit([texts[r] for r in outside], [labels[r] for r in outside], None, _SEED)
        out[inside] = 0.0
        out[np.ix_(inside, np.array([column[c] for c in model.classes]))] = model.predict_proba(
            [texts[r] for r in inside]
        )
    return out


def folds_of(labels: Sequence[str], groups: Sequence[str]) -> NDArray[np.int64]:
    """The fold of each item: groups stay together, each class is dealt out in random order (fixed seed)."""
    shuffled: list[int] = np.random.default_rng(_SEED).permutation(len(labels)).tolist()
    fold: dict[str, int] = {}
    for row in sorted(shuffled, key=lambda r: labels[r]):
        fold.setdefault(groups[row], len(fold) % FOLDS)
    return np.array([fold[g] for g in groups], dtype=np.int64)


def _with_errors(
    found: Doubts,
    names: Sequence[str],
    probabilities: NDArray[np.float64],
    given: Sequence[str],
    shown: Mapping[str, str],
    limit: int,
) -> Doubts:
    result = label_errors(given, probabilities, sorted(set(given)))
    errors = tuple(
        LikelyError(names[s.row], s.given, s.suggested, s.margin, shown[names[s.row]]) for s in result.suspects[:limit]
    )
    return replace(
        found,
        errors=errors,
        n_errors=len(result.suspects),
        expected=result.expected,
        errors_reason=result.reason,
    )


def _with_duplicates(
    found: Doubts,
    names: Sequence[str],
    texts: Sequence[str],
    given: Sequence[str],
    shown: Mapping[str, str],
    limit: int,
) -> Doubts:
    pairs = near_duplicates(texts, given, _ALIKE)
    named = tuple(
        NearDuplicate(
            names[p.a], names[p.b], given[p.a], given[p.b], p.similarity, shown[names[p.a]], shown[names[p.b]]
        )
        for p in pairs[:limit]
    )
    return replace(found, duplicates=named, n_duplicates=len(pairs))
