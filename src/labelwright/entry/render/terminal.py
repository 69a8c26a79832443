"""The report at a terminal: verdict first, then what it rests on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from labelwright.app.report.values import (
    AnnotatorReport,
    ConfusedPair,
    ControlReport,
    DifficultItem,
    PairAgreement,
    Remedies,
    Report,
)
from labelwright.entry.render.words import SIGNS, counts_of, interval_of, plural, seconds_of, value_of
from labelwright.model.measure import Measure

_COLOURS = {"good": "green", "fair": "yellow", "poor": "red", "unknown": "magenta"}
_PAIRS = 10
_ITEMS = 5
_PEOPLE = 20


def print_report(report: Report, console: Console | None = None) -> None:
    """Print it. What users wrote is printed as it is: markup is off, control characters are stripped by rich."""
    out = console or Console(markup=False, emoji=False, highlight=False)
    out.print(Group(*_parts(report)))


def _parts(report: Report) -> Iterator[RenderableType]:
    names = {p.id: p.name for p in report.people}
    yield Text(f"Report on {report.source}", style="bold")
    yield Text(
        f"{plural(report.items, 'item')} ({report.items_shared:,} by several) · "
        f"{plural(report.annotators, 'annotator')} · {plural(report.annotations, 'annotation')}"
    )
    if report.simulated:
        yield Text(f"Simulated: {report.simulated}", style="bold reverse")
    yield from _asides(report)
    for control in report.controls:
        yield Text("")
        yield from _control(control, names)
    yield Text("")
    yield _people(report.people)


def _asides(report: Report) -> Iterator[RenderableType]:
    """What does not count, and what a reader must know."""
    not_counted = {k: n for k, n in report.states.items() if k != "valid"} | dict(report.rejected)
    if not_counted:
        yield Text("Not counted: " + ", ".join(f"{n:,} {what}" for what, n in not_counted.items()), style="dim")
    for note in report.notes:
        yield Text(note, style="dim")


def _control(control: ControlReport, names: Mapping[str, str]) -> Iterator[RenderableType]:
    verdict = control.verdict
    colour = _COLOURS[verdict.level]
    yield Rule(Text(f"{control.control.name} ({control.control.kind})", style="bold"), align="left")
    yield Text(f"{SIGNS[verdict.level]} {verdict.headline}", style=f"bold {colour}")
    yield Text(verdict.why)
    rows = [("Who needs help", " ".join(verdict.help) or "Nobody stands apart.")]
    rows.append(("Guidelines", " ".join(verdict.guidelines) or "No pair of classes stands out."))
    rows += [("To the expert", verdict.experts), ("Next", verdict.next_step)]
    yield _grid(rows)
    yield _agreement(control)
    if control.remedies is not None:
        yield _remedies(control.remedies, names)
    if len(control.pairs) > 1:
        yield _pairs(control.pairs, names)
    if control.difficult:
        yield _difficult(control.difficult, control.n_difficult, names)


def _grid(rows: Sequence[tuple[str, str]]) -> RenderableType:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column()
    for name, text in rows:
        grid.add_row(name, Text(text))
    return Padding(grid, (0, 0, 1, 0))


def _agreement(control: ControlReport) -> Table:
    a = control.agreement
    table = Table(title=f"Agreement{_verbal(control)}", title_justify="left", title_style="bold", header_style="dim")
    for column, where in (("measure", "left"), ("value", "right"), ("95 % interval", "left"), ("rests on", "left")):
        table.add_column(column, justify="right" if where == "right" else "left")
    level = f" ({a.level})" if a.level != "none" else ""
    four = (
        ("percent agreement", a.percent, True),
        ("Cohen's kappa, mean of pairs", a.cohen_kappa_mean, False),
        ("Fleiss' kappa", a.fleiss_kappa, False),
        (f"Krippendorff's alpha{level}", a.krippendorff_alpha, False),
    )
    for name, measure, percent in four:
        table.add_row(*_measure(name, measure, percent=percent))
    for named in (*control.structure, *control.others):
        table.add_row(*_measure(named.title, named.measure, percent=False))
    return table


def _verbal(control: ControlReport) -> str:
    return f": {control.verbal}" if control.verbal else ""


def _measure(name: str, measure: Measure, *, percent: bool) -> tuple[Text, Text, Text, Text]:
    if measure.value is None:
        return Text(name), Text("–"), Text(f"undefined: {measure.reason}", style="dim"), Text("")
    value, interval = value_of(measure, percent=percent), interval_of(measure, percent=percent)
    return Text(name), Text(value), Text(interval), Text(counts_of(measure))


def _remedies(remedies: Remedies, names: Mapping[str, str]) -> RenderableType:
    lines = [("Remedies", remedies.because)]
    lines += [("", _confused(pair)) for pair in remedies.confused]
    if remedies.apart:
        lines.append(("", f"Stand apart: {', '.join(names.get(a, a) for a in remedies.apart)}"))
    if remedies.guideline_items:
        lines.append(("", f"Put into the guidelines: {', '.join(remedies.guideline_items)}"))
    return Padding(_grid(lines), (1, 0, 0, 0))


def _confused(pair: ConfusedPair) -> str:
    merged = "" if pair.merged is None else f"; merged, alpha would be {value_of(pair.merged)}"
    return f"{pair.a} / {pair.b}: {pair.share:.0%} of the disagreement{merged}"


def _pairs(pairs: Sequence[PairAgreement], names: Mapping[str, str]) -> Table:
    defined = sorted((p for p in pairs if p.value.value is not None), key=lambda p: p.value.value or 0.0)
    shown = defined[:_PAIRS]
    title = f"Pairs by {pairs[0].measure}, lowest first ({len(shown)} of {len(pairs)})"
    table = Table(title=title, title_justify="left", title_style="bold", header_style="dim")
    for column in ("pair", "value", "95 % interval", "shared items"):
        table.add_column(column, justify="right" if column in {"value", "shared items"} else "left")
    for p in shown:
        pair = f"{names.get(p.a, p.a)} – {names.get(p.b, p.b)}"
        table.add_row(Text(pair), value_of(p.value), interval_of(p.value), f"{p.shared:,}")
    return table


def _difficult(items: Sequence[DifficultItem], n: int, names: Mapping[str, str]) -> Table:
    shown = items[:_ITEMS]
    title = f"Most difficult items ({len(shown)} of {n:,} on which answers differ)"
    table = Table(title=title, title_justify="left", title_style="bold", header_style="dim")
    table.add_column("item", overflow="fold")
    table.add_column("differ", justify="right")
    table.add_column("content", overflow="ellipsis", max_width=50)
    table.add_column("answers")
    for d in shown:
        answers = ", ".join(f"{names.get(a.annotator, a.annotator)}: {a.label}" for a in d.answers[:12])
        table.add_row(Text(d.item), f"{d.disagreement:.0%}", Text(d.excerpt), Text(answers))
    return table


def _people(people: Sequence[AnnotatorReport]) -> Table:
    title = f"Annotators ({min(_PEOPLE, len(people))} of {len(people)})"
    table = Table(title=title, title_justify="left", title_style="bold", header_style="dim")
    table.add_column("annotator")
    for column in ("items", "skipped", "median", "with the others"):
        table.add_column(column, justify="right")
    table.add_column("95 % interval")
    for p in people[:_PEOPLE]:
        skipped = p.counts.get("skipped", 0)
        agreement = value_of(p.agreement, percent=True), interval_of(p.agreement, percent=True)
        table.add_row(Text(p.name), f"{p.items:,}", f"{skipped:,}", seconds_of(p.seconds), *agreement)
    return table
