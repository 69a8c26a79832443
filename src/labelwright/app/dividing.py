"""How the rows of a dataset version are divided: by group, stratified on request, near-duplicates kept together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from labelwright.export.records import ConsensusLabel
from labelwright.export.splits import SPLITS, SplitRule, group_of, place_of, shown
from labelwright.export.summary import label_text
from labelwright.learning.near_duplicates import near_duplicates
from labelwright.learning.representatives import pictures_alike
from labelwright.model.project import Item

#: Above so many rows near-duplicates are not looked for: it would take minutes.
MOST = 50_000
#: The same of pictures, which are decoded for it.
MOST_PICTURES = 20_000
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
    rows: Sequence[Item],
    labels: Mapping[str, ConsensusLabel],
    rule: SplitRule,
    fields: tuple[str, ...],
    *,
    stratify: bool,
    likeness: Callable[[Item], int | None] | None = None,
) -> Division:
    """Find a split for every group of the items that become rows.

    Args:
        rows: these items, in any order.
        labels: of these and of others, by id.
        rule: shares, seed, and groups whose split is settled.
        fields: the fields of text that an item shows; none: there is nothing to compare.
        stratify: divide each class by itself, so that every split has its share of it.
        likeness: a hash of 64 bits of what an item's picture looks like; None where the items show none.
    """
    if stratify or len(rows) <= max(MOST, MOST_PICTURES):
        rows = sorted(rows, key=lambda item: item.id)
    if stratify:
        rule = replace(rule, forced={**stratified(rows, labels, rule), **rule.forced})
    if likeness is not None and len(rows) <= MOST_PICTURES:
        moved, pairs = _together(rows, _pictures_apart(rows, likeness, rule), rule)
        found: dict[str, Any] = {"compared": len(rows), "kind": "pictures", "pairs_across_splits": pairs}
        found["groups_moved"] = len(moved)
        return Division(replace(rule, forced={**rule.forced, **moved}), found, stratify)
    texts = [shown(item.data, fields) for item in rows] if likeness is None and fields and len(rows) <= MOST else []
    if not any(texts):
        most = MOST if likeness is None else MOST_PICTURES
        reason = f"more than {most} rows" if len(rows) > most else "the items show no text and no picture at hand"
        return Division(rule, {"compared": 0, "reason": reason}, stratify)
    moved, pairs = _together(rows, _texts_apart(rows, texts, rule), rule)
    found = {"compared": len(rows), "similarity": ALIKE, "pairs_across_splits": pairs, "groups_moved": len(moved)}
    return Division(replace(rule, forced={**rule.forced, **moved}), found, stratify)


def _texts_apart(rows: Sequence[Item], texts: list[str], rule: SplitRule) -> list[tuple[int, int]]:
    """Pairs of texts that are nearly the same and lie in two splits."""
    return [(pair.a, pair.b) for pair in near_duplicates(texts, [rule.split_of(item) for item in rows], ALIKE)]


def _pictures_apart(
    rows: Sequence[Item], likeness: Callable[[Item], int | None], rule: SplitRule
) -> list[tuple[int, int]]:
    """The same of pictures: each that is alike to an earlier one, with that one."""
    first = pictures_alike([likeness(item) for item in rows]).tolist()
    pairs = ((one, row) for row, one in enumerate(first) if one != row)
    return [(a, b) for a, b in pairs if rule.split_of(rows[a]) != rule.split_of(rows[b])]


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


def _together(rows: Sequence[Item], pairs: Sequence[tuple[int, int]], rule: SplitRule) -> tuple[dict[str, str], int]:
    """Groups with near-duplicates in another split → the split that all of them get; and the pairs that were found.

    A cluster goes where a group of it was put by name (the untouched test set), else where its first group is.
    """
    splits = [rule.split_of(item) for item in rows]
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        while parent.setdefault(name, name) != name:
            name = parent[name]
        return name

    for a, b in pairs:
        one, other = sorted((root(group_of(rows[a])), root(group_of(rows[b]))))
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
