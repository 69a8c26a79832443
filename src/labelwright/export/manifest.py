"""The manifest: what a dataset holds, how it came about, and checksums to prove that it is still the same."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from labelwright.export.encoding import Dataset, Format
from labelwright.export.splits import SplitRule
from labelwright.export.summary import BALANCED, Summary

#: By this a folder is known as one of ours.
KIND = "labelwright dataset"
NAME = "manifest.json"


@dataclass(frozen=True, slots=True)
class Provenance:
    """How the labels came about, as far as rows cannot tell.

    Attributes:
        name: of the labeling project.
        software: name and version of what wrote the dataset.
        aggregator: what inferred the labels.
        tie_rule: what is done where answers do not settle an item, one sentence.
        guidelines: the guidelines' text as it is now; None where there is none.
        guidelines_version: its number.
        schema_version: the number of the labeling config.
        agreement: measure → ``{"value", "low", "high", "n_items", "n_annotations", "reason"}``; deeper nesting and
            other keys are handed on as they are.
        created_at: a moment in ISO 8601 to be written down; without it the same state gives the same bytes.
    """

    name: str
    software: str
    aggregator: str
    tie_rule: str
    guidelines: str | None = None
    guidelines_version: int | None = None
    schema_version: int | None = None
    agreement: Mapping[str, Any] = field(default_factory=dict)
    created_at: str | None = None


def manifest_of(
    dataset: Dataset,
    formats: Sequence[Format],
    rule: SplitRule,
    provenance: Provenance,
    summary: Summary,
    checksums: Mapping[str, str],
) -> dict[str, Any]:
    """The manifest as a value that JSON holds.

    Args:
        dataset: what was written.
        formats: in which formats.
        rule: how it was divided.
        provenance: how the labels came about.
        summary: counts of the rows.
        checksums: file → SHA-256 in hexadecimal.
    """
    annotations = dataset.annotation_set
    return {
        "kind": KIND,
        "manifest_version": 1,
        "name": provenance.name,
        "software": provenance.software,
        "created_at": provenance.created_at,
        "simulated": annotations.simulated,
        "formats": [f.name for f in formats],
        "control": {"name": dataset.records.control.name, "kind": str(dataset.records.control.kind)},
        "classes": list(dataset.classes),
        "schema": {"version": provenance.schema_version, "sha256": _sha256(annotations.schema.xml)},
        "guidelines": {"version": provenance.guidelines_version, "sha256": _sha256(provenance.guidelines)},
        "columns": [{"name": c.name, "type": str(c.type)} for c in dataset.columns],
        "counts": _counts(dataset, summary),
        "label_distribution": _distribution(dataset, summary),
        "agreement": dict(provenance.agreement),
        "inferred_by": {"aggregator": provenance.aggregator, "tie_rule": provenance.tie_rule},
        "splits": {
            "rule": rule.stated(),
            "train": rule.train,
            "validation": rule.validation,
            "test": rule.test,
            "seed": rule.seed,
            "forced_groups": len(rule.forced),
        },
        "notes": [note for f in formats for note in f.notes],
        "files": {path: {"sha256": checksums[path]} for path in sorted(checksums)},
    }


def _counts(dataset: Dataset, summary: Summary) -> dict[str, Any]:
    return {
        "items": len(dataset.annotation_set.items),
        "rows": summary.total,
        "rows_by_split": dict(summary.rows),
        "left_out": dict(dataset.records.left_out),
        "annotations_behind_rows": sum(summary.annotators.values()),
        "annotators": len(summary.annotators),
        "rows_by_guidelines_versions": {
            ", ".join(map(str, versions)) or "unknown": rows for versions, rows in summary.guidelines.items()
        },
        "rows_by_number_of_annotations": {str(n): rows for n, rows in summary.annotations.items()},
    }


def _distribution(dataset: Dataset, summary: Summary) -> dict[str, Any]:
    imbalance = summary.imbalance(dataset.classes)
    return {
        "all": summary.distribution(dataset.classes),
        **{split: dict(labels) for split, labels in summary.labels.items()},
        "largest_to_smallest": imbalance,
        "balanced": imbalance is not None and imbalance <= BALANCED,
    }


def content_id(files: Mapping[str, Mapping[str, str]]) -> str:
    """What tells one dataset from another: a SHA-256 over paths and checksums of its data files, in hexadecimal."""
    lines = "".join(f"{path} {facts['sha256']}\n" for path, facts in sorted(files.items()))
    return hashlib.sha256(lines.encode()).hexdigest()


def _sha256(text: str | None) -> str | None:
    return None if text is None else hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
