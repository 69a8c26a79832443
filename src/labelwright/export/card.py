"""The dataset card: what a reader must know before training on it, in Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

# Whatever people wrote is shown as text: no markup, no links, no HTML, no second line.
_MARKUP = re.compile(r"([\\`*_{}\[\]()#+!|~$>-])")
_SPACE = re.compile(r"[\s\x00-\x1f\x7f\x85\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
#: Below this a class is too small to learn from or to judge by; a stated convention, no law.
FEW = 30
_SPLITS = ("train", "validation", "test")


def card(manifest: Mapping[str, Any], loading: Iterable[tuple[str, str]]) -> str:
    """The card of a dataset.

    Args:
        manifest: as `manifest_of` gives it.
        loading: format and Python that reads it.
    """
    sections = (
        _head(manifest),
        _numbers(manifest),
        _labels(manifest),
        _agreement(manifest["agreement"]),
        _certified(manifest.get("certification")),
        _origin(manifest),
        _weaknesses(manifest),
        _loading(loading),
        _licence(),
    )
    return "\n".join(line for section in sections for line in section) + "\n"


def escaped(text: object) -> str:
    """What people wrote, as one line of plain Markdown text."""
    line = _SPACE.sub(" ", str(text)).replace("&", "&amp;").replace("<", "&lt;")
    return _MARKUP.sub(r"\\\1", line)


def _head(manifest: Mapping[str, Any]) -> Iterator[str]:
    yield f"# Dataset card: {escaped(manifest['name'])}\n"
    if manifest["simulated"]:
        yield f"> **Simulated.** {escaped(manifest['simulated'])}\n"
    written = f", {escaped(manifest['created_at'])}" if manifest["created_at"] else ""
    yield f"Written by {escaped(manifest['software'])}{written}. Every number here is in `manifest.json`.\n"


def _numbers(manifest: Mapping[str, Any]) -> Iterator[str]:
    counts = manifest["counts"]
    yield "## Counts\n"
    yield "| split | rows |\n|---|---:|"
    for split, rows in counts["rows_by_split"].items():
        yield f"| {split} | {rows} |"
    yield f"| **all** | **{counts['rows']}** |\n"
    yield (
        f"{counts['rows']} of {counts['items']} items are in this dataset. Their labels rest on "
        f"{counts['annotations_behind_rows']} annotations by {counts['annotators']} annotators.\n"
    )
    yield "Left out:\n" if counts["left_out"] else "No item was left out.\n"
    yield from (f"- {n}: {reason}" for reason, n in counts["left_out"].items())
    yield ""


def _labels(manifest: Mapping[str, Any]) -> Iterator[str]:
    found = manifest["label_distribution"]
    yield f"## Labels of {escaped(manifest['control']['name'])} ({manifest['control']['kind']})\n"
    yield "| label | all | share | train | validation | test |\n|---|---:|---:|---:|---:|---:|"
    total = manifest["counts"]["rows"] or 1
    for label, n in found["all"].items():
        splits = " | ".join(str(found[s].get(label, 0)) for s in _SPLITS)
        yield f"| {escaped(label)} | {n} | {n / total:.1%} | {splits} |"
    yield f"\n{_balance(found)}\n"


def _balance(found: Mapping[str, Any]) -> str:
    ratio = found["largest_to_smallest"]
    if ratio is None:
        return "Not balanced: at least one class has no rows." if found["all"] else "There are no rows."
    verdict = "Balanced" if found["balanced"] else "Not balanced"
    return f"{verdict}: the largest class has {ratio:.2f} times the rows of the smallest (balanced is at most 1.5)."


def _agreement(agreement: Mapping[str, Any]) -> Iterator[str]:
    yield "## Agreement between annotators\n"
    measures = list(_measures(agreement))
    if not measures:
        yield "Agreement was not measured.\n"
        return
    yield "| measure | value | 95 % interval | items | annotations |\n|---|---:|---|---:|---:|"
    for name, m in measures:
        value = "undefined" if m["value"] is None else f"{m['value']:.3f}"
        yield f"| {escaped(name)} | {value} | {_interval(m)} | {m.get('n_items', 0)} | {m.get('n_annotations', 0)} |"
    yield ""


def _certified(verdict: Mapping[str, Any] | None) -> Iterator[str]:
    yield "## Certification\n"
    if verdict is None:
        yield "Nothing is certified: no label was audited.\n"
        return
    yield f"{escaped(verdict.get('statement', verdict['verdict']))}\n"
    yield (
        f"Audited: {verdict.get('audited', 0)}, wrong among them: {verdict.get('errors', 0)}; "
        f"accepted unseen: {verdict.get('accepted', 0)} of {verdict.get('items', 0)}.\n"
    )
    if verdict.get("labels_changed_since"):
        changed = verdict["labels_changed_since"]
        yield f"{changed} labels have changed since the audit was planned: they are not certified.\n"


def _measures(agreement: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, found in agreement.items():
        if isinstance(found, Mapping) and "value" in found:
            yield prefix + name, found
        elif isinstance(found, Mapping):
            yield from _measures(found, f"{prefix}{name}: ")


def _interval(measure: Mapping[str, Any]) -> str:
    low, high = measure.get("low"), measure.get("high")
    if low is None or high is None:
        return escaped(measure.get("reason") or "none")
    return f"{low:.3f} to {high:.3f}"


def _origin(manifest: Mapping[str, Any]) -> Iterator[str]:
    how, splits = manifest["inferred_by"], manifest["splits"]
    yield "## How the labels came about\n"
    yield f"- Inferred by {escaped(how['aggregator'])}. {escaped(how['tie_rule'])}"
    yield f"- Labeling config: version {_version(manifest['schema'])}."
    yield f"- Guidelines: version {_version(manifest['guidelines'])}."
    yield f"- Splits: {splits['rule']}. An item's split depends on its group alone: it stays when data are added."
    yield (
        "- Each row names the annotations behind it (`annotation_ids`), their authors by pseudonym (`annotators`), "
        "and the versions of guidelines and schema that they worked with."
    )
    yield from _chosen(manifest)
    yield from (f"- {note}" for note in manifest["notes"])
    yield ""


def _chosen(manifest: Mapping[str, Any]) -> Iterator[str]:
    """Which items became rows, and how the splits were kept apart."""
    filters = manifest.get("filters") or {}
    if filters.get("min_posterior") is not None:
        yield f"- Only labels with a posterior of at least {filters['min_posterior']:g}."
    if filters.get("only_adjudicated"):
        yield "- Only labels that an expert decided."
    if filters.get("only_certified"):
        yield "- Only labels that stand under the certificate, and labels that an expert decided."
    if filters.get("slices"):
        slices = ", ".join(f"{escaped(k)} = {escaped(v)}" for k, v in filters["slices"].items())
        yield f"- Only items with {slices}."
    if manifest.get("soft_labels"):
        yield (
            "- `soft_label` holds the share of the annotators by class, in the order of `classes`; contested items are "
            "kept, marked in `contested`."
        )
    if manifest["splits"].get("stratified"):
        yield "- Stratified: the groups of each class were divided by themselves."
    found = manifest["splits"].get("near_duplicates") or {}
    if found.get("compared"):
        alike = (
            f"shingles alike to {found['similarity']:.0%}" if "similarity" in found else "pictures that look the same"
        )
        yield (
            f"- Near-duplicates ({alike}) among {found['compared']} rows: "
            f"{found['pairs_across_splits']} pairs lay in two splits; {found['groups_moved']} groups were moved."
        )
    elif found:
        yield f"- Near-duplicates were not looked for: {found['reason']}."


def _version(document: Mapping[str, Any]) -> str:
    checksum = document["sha256"]
    number = "unknown" if document["version"] is None else str(document["version"])
    return f"{number} (SHA-256 {checksum[:12]}…)" if checksum else number


def _weaknesses(manifest: Mapping[str, Any]) -> Iterator[str]:
    yield "## Known weaknesses\n"
    found = list(_found_weaknesses(manifest))
    yield from (f"- {weakness}" for weakness in found)
    yield (
        ""
        if found
        else "None of those that are looked for: single answers, ties, small classes, empty splits, low agreement.\n"
    )


def _found_weaknesses(manifest: Mapping[str, Any]) -> Iterator[str]:
    counts, rows = manifest["counts"], manifest["counts"]["rows"]
    if manifest["simulated"]:
        yield f"Something is simulated: {escaped(manifest['simulated'])}"
    single = counts["rows_by_number_of_annotations"].get("1", 0)
    if single:
        yield f"{single} of {rows} labels ({single / rows:.0%}) rest on one annotation: nobody else has looked at them."
    small = [f"{escaped(label)} ({n})" for label, n in manifest["label_distribution"]["all"].items() if n < FEW]
    if small:
        yield f"Classes with fewer than {FEW} rows: {', '.join(small)}."
    empty = [split for split, n in counts["rows_by_split"].items() if not n]
    if empty:
        yield f"Splits without rows: {', '.join(empty)}."
    contested = sum(n for reason, n in counts["left_out"].items() if reason.startswith("contested"))
    if contested:
        yield f"{contested} items that the answers do not settle were left out: the set is easier than the data."
    guidelines = counts["rows_by_guidelines_versions"]
    if len(guidelines) > 1:
        found = "; ".join(f"version {versions}: {n}" for versions, n in guidelines.items())
        yield f"The guidelines changed while the labels were given (rows by the versions behind them: {found})."
    yield from _weak_agreement(manifest["agreement"])


def _weak_agreement(agreement: Mapping[str, Any]) -> Iterator[str]:
    measures = dict(_measures(agreement))
    if not measures:
        yield "Agreement was not measured, so nothing is known of how reliable the labels are."
    for name, m in measures.items():
        if m["value"] is None:
            yield f"{escaped(name)} is undefined: {escaped(m.get('reason') or 'no reason was given')}."
        elif name.endswith("krippendorff_alpha") and m["value"] < 0.667:
            yield (
                f"{escaped(name)} is {m['value']:.3f}: below 0.667, the lowest that Krippendorff (2004) accepts even "
                "for tentative conclusions."
            )


def _loading(loading: Iterable[tuple[str, str]]) -> Iterator[str]:
    yield "## Loading\n"
    for name, code in loading:
        yield f"{name} (`OUT` is this folder):\n\n```python\n{code}\n```\n"


def _licence() -> Iterator[str]:
    yield "## Licence\n"
    yield "Not stated yet: the owner of the data names the licence of the items and of the labels here."
