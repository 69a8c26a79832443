"""Agreement by control, class, pair, slice and time, from the report that is made in the background."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel

from labelwright.app.console.refresh import kept
from labelwright.entry.api.v1.access import Reader
from labelwright.entry.api.v1.overview import VerdictShape
from labelwright.entry.api.v1.problems import RESPONSES, Problem, ProblemError, missing
from labelwright.entry.api.v1.shapes import Measure, NamedMeasure
from labelwright.entry.api.v1.state import TheConsole

router = APIRouter(tags=["agreement"], responses=RESPONSES)


class Pair(BaseModel):
    """Two annotators."""

    a: str
    b: str
    a_name: str
    b_name: str
    shared: int
    kappa: Measure
    other: Measure | None = None
    measure: str | None = None


class Confusion(BaseModel):
    """Pairs of answers to the same item, counted by their classes; symmetric."""

    classes: list[str]
    counts: list[list[int]]
    left_out: int


class Gap(BaseModel):
    """Two classes that are confused beyond chance and beyond one person: the guidelines do not tell them apart."""

    classes: list[str]
    n: int
    share: float
    rate: float
    items: list[str]
    by: list[dict[str, Any]]
    alpha_if_merged: Measure | None


class Difficult(BaseModel):
    """An item on which annotators differ."""

    item: str
    disagreement: float
    contested: bool
    answers: list[dict[str, Any]]
    excerpt: str | None
    consensus: str | None
    posterior: float | None


class Parts(BaseModel):
    """Agreement of parts: slices, stretches of time."""

    by: str
    measure: str | None
    parts: list[NamedMeasure]
    left_out: int
    reason: str | None


class VersionChange(BaseModel):
    """What a new version of the guidelines changed."""

    versions: list[int]
    measure: str
    before: Measure
    after: Measure
    change: Measure


class Agreement(BaseModel):
    """Everything about one control. ``of`` names all controls that were measured."""

    control: str
    of: list[str]
    kind: str
    items: int
    items_shared: int
    annotations: int
    annotators: int
    measures: list[NamedMeasure]
    scale: str | None
    verdict: VerdictShape
    by_class: list[NamedMeasure]
    distribution: dict[str, int]
    pairs: list[Pair]
    confusion: Confusion | None
    gaps: list[Gap]
    difficult: list[Difficult]
    slices: list[Parts]
    over_time: Parts | None
    versions: list[VersionChange]
    label_errors: list[dict[str, Any]]
    label_errors_reason: str | None
    simulated: str | None
    made_at: str


_TITLES = {
    "krippendorff_alpha": "Krippendorff's alpha",
    "fleiss_kappa": "Fleiss' kappa",
    "cohen_kappa_mean": "Cohen's kappa, mean of pairs",
    "percent": "Agreement in percent",
}


@router.get("/agreement")
def agreement(
    _: Reader, console: TheConsole, control: Annotated[str | None, Query(max_length=200)] = None
) -> Agreement:
    """How far annotators agree on a control; without one, on that which is exported."""
    made = kept(console.project, "report")
    if made is None:
        step = "It is made as soon as somebody has answered: ask again in a few seconds"
        raise ProblemError(409, Problem(code="nothing", message="There is no report yet", next_step=step))
    report = made.document
    name = control or console.project.control.name
    found = report["controls"].get(name)
    if found is None:
        raise missing("There is no such control", "One of: " + ", ".join(report["controls"]))
    names = {c["annotator"]: c["name"] for c in report["annotator_cards"]}
    return Agreement(
        control=name,
        of=list(report["controls"]),
        items=report["items"],
        annotations=report["annotations"],
        annotators=report["annotators"],
        simulated=report["simulated"],
        made_at=made.made_at.isoformat(),
        **_of_control(found, names),
    )


def _of_control(found: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    doubts = found["doubts"] or {}
    return {
        "kind": found["kind"],
        "items_shared": found["items_shared"],
        "measures": _measures(found),
        "scale": found["verbal_scale"],
        "verdict": found["verdict"],
        "by_class": [{"name": k, **m} for k, m in found["by_class"].items()],
        "distribution": found["distribution"],
        "pairs": [_pair(p, names) for p in found["pairs"]],
        "confusion": found["confusion"],
        "gaps": [p for p in found["confused_classes"] if p["gap"]],
        "difficult": found["difficult_items"],
        "slices": [{"by": k, **v} for k, v in found["by_slice"].items()],
        "over_time": None if found["over_time"] is None else {"by": "time", **found["over_time"]},
        "versions": found["guideline_versions"],
        "label_errors": doubts.get("label_errors", []),
        "label_errors_reason": doubts.get("label_errors_reason"),
    }


def _measures(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What the kind of control is measured by comes first."""
    special = [{"name": k, **m} for k, m in found["structure"].items()]
    usual = [{"name": k, "title": t, **found["agreement"][k]} for k, t in _TITLES.items()]
    others = [{"name": k, **m} for k, m in found["other_measures"].items()]
    return [*special, *usual, *others]


def _pair(p: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "a": p["a"],
        "b": p["b"],
        "a_name": names.get(p["a"], p["a"]),
        "b_name": names.get(p["b"], p["b"]),
        "shared": p["shared_items"],
        "kappa": p["kappa"],
        "other": p.get("agreement"),
        "measure": p.get("measure"),
    }
