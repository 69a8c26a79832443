"""How the rows of a dataset version are divided: by group, stratified on request, near-duplicates kept together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from labelwright.export.records import ConsensusLabel
from labelwright.export.splits import SPLITS, SplitRule, group_of, place_of, shown
from labelwright.export.summary import label_text
from labelwright.learning.near_duplicates import near_duplicates
from labelwright.model.project import Item

#: Above so many rows near-duplicates are not looked for: it would take minutes.
MOST = 50_000
#: Least similarity of near-duplicates.
ALIKE = 0.8


@dataclass(frozen=True, slots=True)
class Division:
    """The rule that divides the rows, and what was found of near-duplicates.

    Attributes:
        rule: with a split for every group that a hash alone does not decide.
        found: for the manifest: how many rows were looked at, pairs across splits, and groups that were moved.
        stratified: each class was divided by itself.
    """

    rule: SplitRule
    found: Mapping[str, Any]
    stratified: bool


def divide(
    items: Mapping[str, Item],
    labels: Mapping[str, ConsensusLabel],
    rule: SplitRule,
    fields: tuple[str, ...],
    *,
    stratify: bool,
) -> Division:
    """Find a split for every group of the items that have a label.

    Args:
        items: all of them.
        labels: of those that become rows.
        rule: shares, seed, and groups whose split is settled.
        fields: the fields of text that an item shows; none: there is nothing to compare.
        stratify: divide each class by itself, so that every split has its share of it.
    """
    rows = [items[i] for i in sorted(labels) if i in items]
    if stratify:
        rule = replace(rule, forced={**stratified(rows, labels, rule), **rule.forced})
    texts = [shown(item.data, fields) for item in rows] if fields and len(rows) <= MOST else []
    if not any(texts):
        reason = f"more than {MOST} rows" if len(rows) > MOST else "the items show no text"
        return Division(rule, {"compared": 0, "reason": reason}, stratify)
    moved, pairs = _together(rows, texts, rule)
    found = {"compared": len(rows), "similarity": ALIKE, "pairs_across_splits": pairs, "groups_moved": len(moved)}
    return Division(replace(rule, forced={**rule.forced, **moved}), found, stratify)


def stratified(rows: Iterable[Item], labels: Mapping[str, ConsensusLabel], rule: SplitRule) -> dict[str, str]:
    """Group → split: the groups of each class in the order of their hash, cut at the shares.

    A group counts for the label of its first item. Unlike a split by hash alone, a group may move when others come.
    """
    groups: dict[str, list[Item]] = defaultdict(list)
    for item in rows:
        groups[group_of(item)].append(item)
    classes: dict[str, list[str]] = defaultdict(list)
    for group, members in groups.items():
        classes[label_text(labels[members[0].id].label)].append(group)
    found: dict[str, str] = {}
    for names in classes.values():
        ordered = sorted(names, key=lambda name: (place_of(name, rule.seed), name))
        total = sum(len(groups[name]) for name in ordered)
        seen = 0
        for name in ordered:
            middle = (seen + len(groups[name]) / 2) / total
            seen += len(groups[name])
            found[name] = _split_at(middle, rule)
    return found


def _split_at(place: float, rule: SplitRule) -> str:
    shares = zip(SPLITS, (rule.train, rule.validation, rule.test), strict=True)
    until = 0.0
    last = "train"
    for split, share in shares:
        until += share
        if share > 0:
            last = split
            if place < until:
                return split
    return last


def _together(rows: list[Item], texts: list[str], rule: SplitRule) -> tuple[dict[str, str], int]:
    """Groups with near-duplicates in another split → the split that all of them get; and the pairs that were found.

    A cluster goes where a group of it was put by name (the untouched test set), else where its first group is.
    """
    splits = [rule.split_of(item) for item in rows]
    pairs = near_duplicates(texts, splits, ALIKE)
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        while parent.setdefault(name, name) != name:
            name = parent[name]
        return name

    for pair in pairs:
        one, other = sorted((root(group_of(rows[pair.a])), root(group_of(rows[pair.b]))))
        parent[other] = one
    clusters: dict[str, list[str]] = defaultdict(list)
    for group in sorted(parent):
        clusters[root(group)].append(group)
    split_of = {group_of(item): split for item, split in zip(rows, splits, strict=True)}
    moved: dict[str, str] = {}
    for groups in clusters.values():
        first = min(groups, key=lambda g: (rule.forced.get(g) != "test", place_of(g, rule.seed), g))
        moved |= {g: split_of[first] for g in groups if split_of[g] != split_of[first]}
    return moved, len(pairs)
