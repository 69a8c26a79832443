"""The list that a careful lead walks before and while people label: each line passes, fails, or is not yet known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import PurePath
from typing import Any

from labelwright.app.annotations import annotation_set
from labelwright.app.context import Project
from labelwright.app.inference import Inferred
from labelwright.app.rounds import round_status
from labelwright.app.settling import current_labels
from labelwright.app.trial import trial_result
from labelwright.model.errors import LabelwrightError
from labelwright.model.measure import Measure
from labelwright.model.project import AnnotationSet, RoundState
from labelwright.model.schema import Kind

#: The line between tentative and usable that Krippendorff (2004, p. 241) draws lies at .667; a lead starts at .6.
AGREEMENT = 0.6
OVERLAP = 0.1
#: An expected share that is off by more than this is worth a look.
SHARE_OFF = 0.15


class Verdict(StrEnum):
    """What a line of the list comes to."""

    PASS = "pass"  # noqa: S105 - a verdict
    FAIL = "fail"
    NOT_YET = "not yet"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the list: the verdict, what was seen, and what to do next (empty when it passes)."""

    check: str
    verdict: Verdict
    seen: str
    next_step: str = ""

    def as_dict(self) -> dict[str, str]:
        """For `--json`."""
        return {"check": self.check, "verdict": self.verdict.value, "seen": self.seen, "next_step": self.next_step}


@dataclass(frozen=True, slots=True)
class Probes:
    """What a use case cannot see by itself; each call raises a LabelwrightError or gives what was seen."""

    label_studio: Callable[[], tuple[str, float]]  # version, seconds for one answer
    server: Callable[[], str]
    public_address: Callable[[], str | None]
    media: Callable[[], str]
    without_examples: Callable[[], Sequence[str]]
    agreement: Callable[[AnnotationSet, str], Measure]
    export: Callable[[AnnotationSet, Mapping[str, Inferred]], str]
    machine: Callable[[], str | None]


def examine(project: Project, probes: Probes) -> list[Line]:
    """Walk the whole list."""
    annotations = annotation_set(project)
    labels = current_labels(project, annotations)
    return [
        _label_studio(probes),
        _probe("Labelwright's server", probes.server, "labelwright up"),
        _public(probes),
        _machine(probes),
        _schema(project),
        _data(project),
        _probe("Media reach the screens", probes.media, "labelwright up"),
        _guidelines(probes),
        _overlap(project),
        _screen(project),
        _agreement(project, annotations, probes),
        _difficult(labels),
        _export(annotations, labels, probes),
        _distribution(project, labels),
        _rounds(project),
        _throughput(project, annotations),
    ]


def _probe(check: str, probe: Callable[[], str], next_step: str) -> Line:
    try:
        return Line(check, Verdict.PASS, probe())
    except LabelwrightError as problem:
        return Line(check, Verdict.FAIL, problem.what, problem.next_step or next_step)


def _label_studio(probes: Probes) -> Line:
    check = "Label Studio reachable and quick"
    try:
        version, seconds = probes.label_studio()
    except LabelwrightError as problem:
        return Line(check, Verdict.FAIL, problem.what, problem.next_step or "labelwright up")
    seen = f"version {version}, answers in {seconds * 1000:.0f} ms"
    if seconds > 1.0:
        return Line(check, Verdict.FAIL, seen, "Look at the machine's load; annotators feel more than a second")
    return Line(check, Verdict.PASS, seen)


def _public(probes: Probes) -> Line:
    check = "Annotators' address"
    try:
        address = probes.public_address()
    except LabelwrightError as problem:
        return Line(check, Verdict.FAIL, problem.what, problem.next_step or "Check the firewall and the address")
    if address is None:
        return Line(check, Verdict.PASS, "this machine only; for others: labelwright up --host H --public-url URL")
    return Line(check, Verdict.PASS, address)


def _machine(probes: Probes) -> Line:
    check = "Disk and containers"
    try:
        return Line(check, Verdict.PASS, probes.machine() or "enough room")
    except LabelwrightError as problem:
        return Line(check, Verdict.FAIL, problem.what, problem.next_step or "")


def _schema(project: Project) -> Line:
    schema, check = project.schema, "Schema valid"
    if schema.problems:
        return Line(check, Verdict.FAIL, "; ".join(schema.problems), "labelwright schema check schema.xml")
    strange = [c.name for c in schema.controls if not c.understood]
    seen = f"{len(schema.controls)} controls" + (f"; kept but not measured: {', '.join(strange)}" if strange else "")
    return Line(check, Verdict.PASS, seen)


def _data(project: Project) -> Line:
    check = "Data matches the schema"
    try:
        summary, changed = project.pool.summary(), project.pool.changed()
    except LabelwrightError as problem:
        return Line(check, Verdict.FAIL, problem.what, problem.next_step or "Import the data again")
    missing = [f for f in project.schema.data_fields if f not in project.settings.data.fields]
    if missing:
        return Line(check, Verdict.FAIL, f"no column for {', '.join(missing)}", "Set data.fields in labelwright.yaml")
    if changed:
        names = ", ".join(PurePath(p).name for p in changed)
        return Line(check, Verdict.FAIL, f"changed since the import: {names}", "Make a new workspace for new data")
    rejected = f", {summary.rejected:,} rows set aside" if summary.rejected else ""
    return Line(check, Verdict.PASS, f"{summary.items:,} items{rejected}")


def _guidelines(probes: Probes) -> Line:
    check = "Guidelines have examples for every class"
    missing = probes.without_examples()
    if missing:
        return Line(check, Verdict.FAIL, f"no example for {', '.join(missing)}", "Write some into guidelines.md")
    return Line(check, Verdict.PASS, "every class")


def _overlap(project: Project) -> Line:
    overlap, check = project.settings.overlap, f"Overlap of at least {OVERLAP:.0%}"
    seen = f"{overlap.share:.0%} of the items go to {overlap.annotators} annotators"
    if overlap.share < OVERLAP:
        return Line(check, Verdict.FAIL, seen, "Raise overlap.share in labelwright.yaml")
    team = len(project.store.desks("work"))
    if team < overlap.annotators:
        return Line(check, Verdict.NOT_YET, f"{seen}; the team has {team}", "labelwright team add NAME --email ADDRESS")
    return Line(check, Verdict.PASS, seen)


def _screen(project: Project) -> Line:
    check, result = "Screen tried by a sample annotator", trial_result(project)
    if not result["items"]:
        return Line(check, Verdict.NOT_YET, "no trial yet", "labelwright trial")
    seen = f"{result['answered']} of {result['items']} answered, {result['invalid']} invalid"
    if result["invalid"]:
        return Line(check, Verdict.FAIL, seen, "; ".join(result["problems"]))
    if result["answered"] < result["items"] // 2:
        return Line(check, Verdict.NOT_YET, seen, "Label the rest of the trial desk: labelwright trial")
    return Line(check, Verdict.PASS, f"{seen}, {result['median_seconds'] or 0:.1f} s an item")


def _agreement(project: Project, annotations: AnnotationSet, probes: Probes) -> Line:
    check = f"Agreement above {AGREEMENT}"
    if not annotations.valid:
        return Line(check, Verdict.NOT_YET, "no annotations yet", "labelwright round open")
    measure = probes.agreement(annotations, project.control.name)
    if measure.value is None:
        return Line(check, Verdict.NOT_YET, measure.reason or "undefined", "More items need several annotators")
    span = "" if measure.low is None else f" ({measure.low:.2f} to {measure.high:.2f})"
    seen = f"Krippendorff's alpha {measure.value:.2f}{span} on {measure.n_items} items"
    if measure.low is None or measure.low > AGREEMENT:
        return Line(check, Verdict.PASS if measure.value > AGREEMENT else Verdict.FAIL, seen, "")
    if measure.value > AGREEMENT:
        return Line(check, Verdict.NOT_YET, f"{seen}: the interval reaches below", "More shared items narrow it")
    return Line(check, Verdict.FAIL, seen, "labelwright report shows which classes are confused, and by whom")


def _difficult(labels: Mapping[str, Inferred]) -> Line:
    check = "Difficult items flagged"
    if not labels:
        return Line(check, Verdict.NOT_YET, "no labels yet", "labelwright round open")
    ties = sum(1 for i in labels.values() if i.contested)
    split = sum(1 for i in labels.values() if not i.contested and i.differing)
    return Line(check, Verdict.PASS, f"{ties} contested, {split} more with different answers: see labelwright report")


def _export(annotations: AnnotationSet, labels: Mapping[str, Inferred], probes: Probes) -> Line:
    check = "Export ready"
    if not labels:
        return Line(check, Verdict.NOT_YET, "no labels yet", "labelwright round open")
    try:
        return Line(check, Verdict.PASS, probes.export(annotations, labels))
    except LabelwrightError as problem:
        return Line(check, Verdict.FAIL, problem.what, problem.next_step or "labelwright export names the rows")


def _distribution(project: Project, labels: Mapping[str, Inferred]) -> Line:
    check = "Label distribution"
    if not labels:
        return Line(check, Verdict.NOT_YET, "no labels yet", "labelwright round open")
    counts = Counter(i.label for i in labels.values() if not i.contested)
    shares = {c: counts[c] / counts.total() for c in sorted(counts)} if counts.total() else {}
    seen = ", ".join(f"{c} {s:.0%}" for c, s in shares.items())
    expected = project.settings.expected_distribution
    off = [c for c, share in expected.items() if abs(shares.get(c, 0.0) - share) > SHARE_OFF]
    if off:
        told = ", ".join(f"{c} {expected[c]:.0%}" for c in off)
        return Line(check, Verdict.FAIL, f"{seen}; expected {told}", "Look at the guidelines of these classes")
    missing = [c for c in project.control.classes if c not in counts] if project.control.kind is Kind.CHOICE else []
    if missing:
        return Line(check, Verdict.NOT_YET, f"{seen}; none of {', '.join(missing)}", "Label more, or drop the class")
    return Line(check, Verdict.PASS, seen)


def _rounds(project: Project) -> Line:
    check, rounds = "Rounds running without a hand", project.store.rounds()
    if not rounds:
        return Line(check, Verdict.NOT_YET, "no round yet", "labelwright round open")
    last = round_status(project)[-1]
    if rounds[-1].state is RoundState.OPEN and not last["waiting"]:
        return Line(check, Verdict.FAIL, f"round {last['round']} has every answer", "labelwright round close")
    if rounds[-1].state is RoundState.CLOSED:
        return Line(check, Verdict.NOT_YET, f"round {last['round']} is closed", "labelwright round open")
    seen = f"round {last['round']}: {last['waiting']} answers to come; desks are refilled, rounds are closed by hand"
    return Line(check, Verdict.NOT_YET, seen, "labelwright round close, when they are there")


def _throughput(project: Project, annotations: AnnotationSet) -> Line:
    check = "Throughput against the deadline"
    times = sorted(a.created_at for a in annotations.valid if a.created_at is not None)
    if len(times) < 2 or times[-1] - times[0] < timedelta(minutes=1):
        return Line(check, Verdict.NOT_YET, "too few answers to tell", "labelwright round status")
    rate = (len(times) - 1) / ((times[-1] - times[0]).total_seconds() / 3600)
    waiting = sum(r["waiting"] for r in round_status(project))
    seen = f"{rate:.0f} answers an hour, {waiting} to come"
    deadline = project.settings.deadline
    if deadline is None:
        return Line(check, Verdict.NOT_YET, f"{seen}; no deadline", "Set deadline in labelwright.yaml")
    end = datetime(deadline.year, deadline.month, deadline.day, 23, 59, tzinfo=UTC)
    finish = project.clock.now() + timedelta(hours=waiting / rate)
    if finish > end:
        return Line(check, Verdict.FAIL, f"{seen}: done {finish:%Y-%m-%d}", "More annotators, or a smaller batch")
    return Line(check, Verdict.PASS, f"{seen}: done {finish:%Y-%m-%d}, before {deadline}")


def summary(lines: Sequence[Line]) -> dict[str, Any]:
    """Counts by verdict."""
    counts = Counter(line.verdict for line in lines)
    return {v.value: counts[v] for v in Verdict}
