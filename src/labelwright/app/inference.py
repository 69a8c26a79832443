"""The label of each item, inferred from its annotations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import polars as pl

from labelwright.app.inferring.classes import infer_classes
from labelwright.app.inferring.numbers import infer_numbers
from labelwright.app.inferring.rankings import infer_rankings
from labelwright.app.inferring.sets import infer_sets
from labelwright.app.inferring.texts import infer_texts
from labelwright.app.inferring.values import UNSETTLED, Inferred
from labelwright.app.tables import NUMERIC_KINDS, SET_KINDS, ControlTable, tables_of
from labelwright.model.project import AnnotationSet
from labelwright.model.schema import Control, Kind

__all__ = ["TIE_RULE", "UNSETTLED", "Inferred", "infer", "infer_table", "methods_of"]

#: Stated wherever labels are handed on.
TIE_RULE = (
    "The most probable label; it is contested where labels tie, or where the answers differ (ratings: by more than one "
    f"step) and its posterior is below {UNSETTLED}: then it is left out until more answers or an expert decide it."
)


def infer(annotations: AnnotationSet, control: Control, gold: Mapping[str, str] | None = None) -> dict[str, Inferred]:
    """The consensus on each item for a control whose answers are labels; items without a valid answer are left out.

    Classes and preferences: the estimator that `labelwright.consensus.select` takes, the anchored Dawid-Skene without
    gold. Sets of classes: the same, class by class. Ratings and numbers: the latent score. Texts: the medoid. Rankings:
    Bradley-Terry. What is drawn is settled by `labelwright.app.settling`.

    Args:
        annotations: where the answers are.
        control: the question.
        gold: labels that are known, by item. These items get theirs; at least 20 of them with answers choose the
            estimator and calibrate its posteriors, and must not be used again to certify the result.
    """
    table = next((t for t in tables_of(annotations).controls if t.control.name == control.name), None)
    return {} if table is None else infer_table(table, gold)


def infer_table(
    table: ControlTable, gold: Mapping[str, str] | None = None, held: Mapping[str, str] | None = None
) -> dict[str, Inferred]:
    """The same from a control's table; ``held``: labels that count as truth for classes, where these are not gold."""
    known, kind = gold or {}, table.control.kind
    if table.has_regions or table.labels.is_empty():
        return {}
    if kind is Kind.RANKING:
        return infer_rankings(table.regions, known)
    if kind is Kind.TEXT:
        return infer_texts(table.labels, known)
    if kind in NUMERIC_KINDS:
        return infer_numbers(table.labels, known)
    if kind in SET_KINDS and table.sets is not None:
        return infer_sets(table.sets, kind, known)
    return infer_classes(table.labels.with_columns(pl.col("label").cast(pl.String)), known, held)


def methods_of(labels: Iterable[Inferred]) -> str:
    """The estimators that inferred them, for manifests: names joined by commas."""
    return ", ".join(sorted({x.method for x in labels if x.method})) or "none"
