"""What the team's demo ends with: verdict, dataset, people, feedback, gaps and bill, as files and as one document."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from labelwright.adapters.reviews import Review
from labelwright.app.answers import Reply, replies_of
from labelwright.app.context import Project
from labelwright.app.cost import BREAKDOWNS, bill_report, class_priced
from labelwright.app.feedback import feedback_of
from labelwright.app.guideline_gaps import gaps, with_texts
from labelwright.app.oversight import settle_only
from labelwright.app.review_report import review_report
from labelwright.bootstrap import Workspace
from labelwright.entry.demo.team.cast import CAST, truth_of
from labelwright.entry.pages import own_page
from labelwright.entry.render.gaps import gaps_markdown
from labelwright.model.certification import Certification, CertificationRecord
from labelwright.model.people import LEAD
from labelwright.model.project import Level


@dataclass(frozen=True, slots=True)
class Harvest:
    """Where it comes from and where it goes.

    Attributes:
        place: the workspace; files go into its folder.
        project: its project, with everything taken in.
        replies: everybody's answers.
        record: the audit with its verdict.
        truth: what the simulation takes for true, by item.
    """

    place: Workspace
    project: Project
    replies: Sequence[Reply]
    record: CertificationRecord
    truth: Mapping[str, str]


def harvest(place: Workspace, record: CertificationRecord, reviews: Sequence[Review]) -> dict[str, Any]:
    """Write the files; the document that `labelwright demo --team --json` prints."""
    project = place.project()
    settle_only(project)
    truth = {r.id: label for r in reviews if (label := truth_of(r)) is not None}
    found = Harvest(place, project, replies_of(project), record, truth)
    bill = _bill(found)
    return {
        "simulated": place.settings.simulated,
        "workspace": str(place.root),
        "team": _team(found, bill),
        "told": [{"kind": m.kind, "text": m.text} for m in project.store.messages(LEAD)],
        "review": _review(found),
        "certification": {**record.verdict.as_dict(), "known_by_simulation": _checked(found)},
        "dataset": _dataset(found),
        "feedback": _feedback(found),
        "gaps": _gaps(found),
        "bill": bill,
    }


# ---------------------------------------------------------------- people


def _team(found: Harvest, bill: Mapping[str, Any]) -> list[dict[str, Any]]:
    paid = {line["name"]: line for line in bill["by_annotator"]}
    people = {a.id: a for a in found.project.store.annotators()}
    rows = []
    for member in CAST:
        person = people[member.id]
        report = feedback_of(found.project, person, found.replies)
        own = [r for r in found.replies if r.annotator == member.id and r.item in found.truth]
        right = sum(r.label == found.truth[r.item] for r in own)
        rows.append(
            {
                "id": person.id,
                "name": person.name,
                "level": person.level.value,
                "status": person.status.value,
                "reason": person.reason,
                "answers": paid.get(person.id, {}).get("answers", 0),
                "gold": report.gold.as_dict(),
                "right_by_simulation": right / len(own) if own else None,
                "amount": paid.get(person.id, {}).get("amount", "0.00"),
            }
        )
    return rows


def _review(found: Harvest) -> dict[str, Any]:
    report = review_report(found.project, found.replies)
    return {name: report[name] for name in ("settled", "overturned", "experts", "contradictions")} | {
        "waiting": len(report["waiting"])
    }


def _feedback(found: Harvest) -> list[str]:
    """Everybody's report but the experts', as HTML files."""
    folder = found.place.root / "feedback"
    folder.mkdir(exist_ok=True)
    people = [a for a in found.project.store.annotators() if a.level is not Level.EXPERT and a.simulated]
    for person in people:
        (folder / f"{person.id}.html").write_text(own_page(found.project, person), encoding="utf-8")
    return [str(folder / f"{a.id}.html") for a in people]


def _gaps(found: Harvest) -> dict[str, Any]:
    rows = with_texts(found.project, found.replies, gaps(found.project))
    path = found.place.root / "guideline-gaps.md"
    text = gaps_markdown(rows, found.project.guidelines, found.project.settings)
    path.write_text(text, encoding="utf-8")
    return {"file": str(path), "pairs": rows}


# ---------------------------------------------------------------- labels and money


def _checked(found: Harvest) -> dict[str, Any]:
    """What only a simulation knows: how many of the labels that were accepted unseen are right."""
    if found.record.verdict.verdict is not Certification.CERTIFIED:
        return {"accepted": 0, "right": 0, "share": None}
    audited = {a.item for a in found.project.store.adjudications(found.record.control)}
    unseen = {i: label for i, label in found.record.labels.items() if i not in audited}
    right = sum(found.truth.get(i) == label for i, label in unseen.items())
    return {"accepted": len(unseen), "right": right, "share": right / len(unseen) if unseen else None}


def _dataset(found: Harvest) -> dict[str, Any]:
    """A version with what is certified and what experts decided, and nothing else."""
    from labelwright.adapters.datasets.versions import VersionShelf  # noqa: PLC0415
    from labelwright.entry.cli.export import Wanted, source_of, write_dataset  # noqa: PLC0415
    from labelwright.export.building import Filters  # noqa: PLC0415

    shelf = VersionShelf(found.place.path(found.place.settings.export.dir))
    draft = shelf.draft()
    wanted = Wanted(Filters(only_certified=True))
    result = write_dataset(source_of(found.project), ("jsonl", "csv"), draft, wanted=wanted)
    version, _ = shelf.publish(draft)
    return {"version": version.name, "path": str(version.path), "rows": result.rows}


def _bill(found: Harvest) -> dict[str, Any]:
    """The bill as a table and as JSON, with the settings' note on what is simulated in each."""
    report = bill_report(found.project, class_priced(found.project))
    root = found.place.root
    (root / "bill.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    _write(root / "bill.csv", _lines(report))
    return report | {"files": [str(root / "bill.csv"), str(root / "bill.json")]}


def _lines(report: Mapping[str, Any]) -> Iterable[Sequence[Any]]:
    yield ("breakdown", "name", "answers", "active_hours", "amount", "currency", "note")
    note = "simulated" if report["simulated"] else ""
    for name in BREAKDOWNS:
        for line in report[name]:
            hours = f"{line['hours']:.4f}"
            yield (name, line["name"], line["answers"], hours, line["amount"], report["currency"], note)
    hours = f"{report['active_hours']:.4f}"
    yield ("total", "", report["answers"], hours, report["total"], report["currency"], note)


def _write(path: Path, rows: Iterable[Sequence[Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
