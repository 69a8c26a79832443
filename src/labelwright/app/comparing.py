"""What differs between two dataset versions: rows that came, went, changed their label or their split."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

#: Rows that are named for each kind of change; all are counted.
NAMED = 20
#: What of the manifests is compared.
_FACTS = (
    "formats",
    "classes",
    "schema",
    "guidelines",
    "inferred_by",
    "filters",
    "soft_labels",
    "splits",
    "certification",
    "software",
)


@dataclass(frozen=True, slots=True)
class Comparison:
    """The difference.

    Attributes:
        added: ids of rows that only the second has.
        removed: ids of rows that only the first has.
        relabeled: id, label before, label after.
        moved: id, split before, split after.
        same: rows with the same label in the same split.
        facts: what differs in the manifests, by name: before and after.
    """

    added: tuple[str, ...]
    removed: tuple[str, ...]
    relabeled: tuple[tuple[str, Any, Any], ...]
    moved: tuple[tuple[str, str, str], ...]
    same: int
    facts: Mapping[str, tuple[Any, Any]]

    def as_dict(self) -> dict[str, Any]:
        """For ``--json``: counts, and the first rows of each kind."""
        changes = Counter(f"{_shown(a)} → {_shown(b)}" for _, a, b in self.relabeled)
        return {
            "same": self.same,
            "added": len(self.added),
            "removed": len(self.removed),
            "relabeled": len(self.relabeled),
            "moved": len(self.moved),
            "relabeled_by_class": dict(changes.most_common()),
            "named": {
                "added": list(self.added[:NAMED]),
                "removed": list(self.removed[:NAMED]),
                "relabeled": [{"id": i, "before": a, "after": b} for i, a, b in self.relabeled[:NAMED]],
                "moved": [{"id": i, "before": a, "after": b} for i, a, b in self.moved[:NAMED]],
            },
            "facts": {name: {"before": a, "after": b} for name, (a, b) in self.facts.items()},
        }


def _shown(label: Any) -> str:
    return label if isinstance(label, str) else f"{len(label)} regions" if isinstance(label, list) else str(label)


def compare(
    before: Iterable[Mapping[str, Any]],
    after: Iterable[Mapping[str, Any]],
    manifests: tuple[Mapping[str, Any], Mapping[str, Any]],
) -> Comparison:
    """Compare two versions by their lineage.

    Args:
        before: rows of the first, as ``lineage.jsonl`` has them.
        after: rows of the second.
        manifests: of the first and of the second.
    """
    old = {row["id"]: (row["label"], row["split"]) for row in before}
    new = {row["id"]: (row["label"], row["split"]) for row in after}
    both = [i for i in old if i in new]
    relabeled = tuple((i, old[i][0], new[i][0]) for i in both if old[i][0] != new[i][0])
    moved = tuple((i, old[i][1], new[i][1]) for i in both if old[i][1] != new[i][1])
    return Comparison(
        added=tuple(i for i in new if i not in old),
        removed=tuple(i for i in old if i not in new),
        relabeled=relabeled,
        moved=moved,
        same=sum(old[i] == new[i] for i in both),
        facts=_facts(*manifests),
    )


def _facts(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    return {name: (one.get(name), other.get(name)) for name in _FACTS if one.get(name) != other.get(name)}
