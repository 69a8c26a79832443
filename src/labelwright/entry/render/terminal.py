"""The report at a terminal: verdict first, then what it rests on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from labelwright.app.report.learned import Learned
from labelwright.app.report.values import (
    AnnotatorReport,
    ConfusedPair,
    ControlReport,
    DifficultItem,
    PairAgreement,
    Remedies,
    Report,
)
from labelwright.entry.render import learned
from labelwright.entry.render.overview import brief_of
from labelwright.entry.render.parts import doubts_in_words, parts_of
from labelwright.entry.render.people import conduct_of, skills_of
from labelwright.entry.render.plain import plain
from labelwright.entry.render.suggestions import effect_rows, people_rows, summary
from labelwright.entry.render.words import SIGNS, counts_of, interval_of, plural, seconds_of, value_of
from labelwright.learning.anchoring import Anchoring
from labelwright.model.measure import Measure

_COLOURS = {"good": "green", "fair": "yellow", "poor": "red", "unknown": "magenta"}
_PAIRS = 10
_ITEMS = 5
_PEOPLE = 20


def print_report(report: Report, console: Console | None = None) -> None:
    """Print it. What users wrote cannot steer the terminal: markup is off, control characters are shown as �."""
    out = console or Console(markup=False, emoji=False, highlight=False)
    out.print(Group(*_parts(report)))


def _text(text: str, style: str = "") -> Text:
    """Text without control characters: an escape sequence in an item must not move the cursor or set a title."""
    return Text(plain(text), style=style)


def _table(title: str) -> Table:
    return Table(
        box=SIMPLE_HEAD,
        pad_edge=False,
        title=_text(title),
        title_justify="left",
        title_style="bold",
        header_style="dim",
    )


def _parts(report: Report) -> Iterator[RenderableType]:
    names = {p.id: p.name for p in report.people}
    yield _text(f"Report on {report.source}", style="bold")
    yield _text(
        f"{plural(report.items, 'item')} ({report.items_shared:,} by several) · "
        f"{plural(report.annotators, 'annotator')} · {plural(report.annotations, 'annotation')}"
    )
    if report.simulated:
        yield _text(f"Simulated: {report.simulated}", style="bold reverse")
    yield from _asides(report)
    if len(report.controls) > 1:
        yield _overview(report.controls, names)
    for control in report.controls:
        yield _text("")
        yield from _control(control, names)
    yield _text("")
    if report.learned is not None:
        yield from _learned(report.learned)
    if report.suggestions is not None:
        yield from _suggestions(report.suggestions, names)
    if report.skipped:
        yield _skipped(report)
    yield _people(report.people)
    yield from _conduct(report, names)


def _overview(controls: Sequence[ControlReport], names: Mapping[str, str]) -> Table:
    """The four questions about every control in one table."""
    table = _table("")
    for column in ("question", "train on it?", "who needs help", "which guideline", "to the expert"):
        table.add_column(column, overflow="fold")
    for c in controls:
        brief, verdict = brief_of(c, names), c.verdict
        helped = "\n".join(f"{who} {what}" for who, what in brief.help) or "–"
        train = _text(f"{SIGNS[verdict.level]} {verdict.headline}", style=_COLOURS[verdict.level])
        rest = (helped, "\n".join(brief.rewrite) or "–", brief.expert[1])
        table.add_row(_text(c.control.name, style="bold"), train, *map(_text, rest))
    return table


def _conduct(report: Report, names: Mapping[str, str]) -> Iterator[RenderableType]:
    """What the cards say of how people work; skills where there is a consensus."""
    lines: list[tuple[str, str]] = []
    for person in report.people[:_PEOPLE]:
        cards = [(c.control.name, card) for c in report.controls for card in c.cards if card.annotator == person.id]
        skill = [f"{what} {number}" for what, number in skills_of(cards) if "consensus" in what or "gold" in what]
        said = ". ".join(part.rstrip(".") for part in (*skill, *conduct_of(cards, names)))
        if said:
            lines.append((person.name, said))
    if lines:
        yield _text(
            "How they work (each test has at most 5 % false alarms, for the whole team and one question)", style="bold"
        )
        yield _grid(lines)


def _asides(report: Report) -> Iterator[RenderableType]:
    """What does not count, and what a reader must know."""
    not_counted = {k: n for k, n in report.states.items() if k != "valid"} | dict(report.rejected)
    if not_counted:
        yield _text("Not counted: " + ", ".join(f"{n:,} {what}" for what, n in not_counted.items()), style="dim")
    for note in report.notes:
        yield _text(note, style="dim")


def _control(control: ControlReport, names: Mapping[str, str]) -> Iterator[RenderableType]:
    verdict = control.verdict
    colour = _COLOURS[verdict.level]
    yield Rule(_text(f"{control.control.name} ({control.control.kind})", style="bold"), align="left")
    yield _text(f"{SIGNS[verdict.level]} {verdict.headline}", style=f"bold {colour}")
    yield _text(verdict.why)
    rows = [("Who needs help", " ".join(verdict.help) or "Nobody stands apart.")]
    rows.append(("Guidelines", " ".join(verdict.guidelines) or "No pair of classes stands out."))
    rows += [("To the expert", verdict.experts), ("Next", verdict.next_step)]
    yield _grid(rows)
    yield _agreement(control)
    if control.remedies is not None:
        yield _remedies(control.remedies, names)
    elif control.confused:
        yield _taken(control.confused, names)
    if len(control.pairs) > 1:
        yield _pairs(control.pairs, names)
    yield from _parts_of(control)
    if control.difficult:
        yield _difficult(control.difficult, control.n_difficult, names)


def _grid(rows: Sequence[tuple[str, str]]) -> RenderableType:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column()
    for name, text in rows:
        grid.add_row(_text(name), _text(text))
    return Padding(grid, (0, 0, 1, 0))


def _agreement(control: ControlReport) -> Table:
    a = control.agreement
    table = Table(
        box=SIMPLE_HEAD,
        pad_edge=False,
        title=f"Agreement{_verbal(control)}",
        title_justify="left",
        title_style="bold",
        header_style="dim",
    )
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
        return _text(name), _text("–"), _text(f"undefined: {measure.reason}", style="dim"), _text("")
    value, interval = value_of(measure, percent=percent), interval_of(measure, percent=percent)
    return _text(name), _text(value), _text(interval), _text(counts_of(measure))


def _remedies(remedies: Remedies, names: Mapping[str, str]) -> RenderableType:
    lines = [("Remedies", remedies.because)]
    lines += [("", _confused(pair)) for pair in remedies.confused]
    if remedies.apart:
        lines.append(("", f"Stand apart: {', '.join(names.get(a, a) for a in remedies.apart)}"))
    if remedies.guideline_items:
        lines.append(("", f"Put into the guidelines: {', '.join(remedies.guideline_items)}"))
    return Padding(_grid(lines), (1, 0, 0, 0))


def _taken(confused: Sequence[ConfusedPair], names: Mapping[str, str]) -> Table:
    """What is taken for what, by whom, with examples; and whether the guidelines are the reason."""
    table = _table("Taken for each other (gap: beyond chance and beyond one person)")
    for column in ("classes", "gap in the guidelines", "of all that differ", "mostly", "for example"):
        table.add_column(column, justify="right" if column.startswith("of") else "left")
    for p in confused[:_ITEMS]:
        who = ", ".join(f"{names.get(one, one)} ({n})" for one, n in p.by[:3])
        gap = "yes" if p.gap else "–"
        table.add_row(_text(f"{p.a} / {p.b}"), gap, f"{p.share:.0%}", _text(who), _text(", ".join(p.items[:3])))
    return table


def _confused(pair: ConfusedPair) -> str:
    merged = "" if pair.merged is None else f"; merged, alpha would be {value_of(pair.merged)}"
    return f"{pair.a} / {pair.b}: {pair.share:.0%} of the disagreement{merged}"


def _pairs(pairs: Sequence[PairAgreement], names: Mapping[str, str]) -> Table:
    defined = sorted((p for p in pairs if p.value.value is not None), key=lambda p: p.value.value or 0.0)
    shown = defined[:_PAIRS]
    title = f"Pairs by {pairs[0].measure}, lowest first ({len(shown)} of {len(pairs)})"
    table = _table(title)
    for column in ("pair", "value", "95 % interval", "shared items"):
        table.add_column(column, justify="right" if column in {"value", "shared items"} else "left")
    for p in shown:
        pair = f"{names.get(p.a, p.a)} – {names.get(p.b, p.b)}"
        table.add_row(_text(pair), value_of(p.value), interval_of(p.value), f"{p.shared:,}")
    return table


def _parts_of(control: ControlReport) -> Iterator[RenderableType]:
    """Agreement in parts, and labels that look wrong."""
    for title, says, rows in parts_of(control):
        table = _table(title)
        for column in ("part", "value", "95 % interval", "rests on"):
            table.add_column(column, justify="right" if column == "value" else "left")
        for name, measure in rows:
            table.add_row(*_measure(name, measure, percent=False))
        yield table if rows else _text(f"{title}: {says}", style="dim")
    if control.doubts is not None:
        yield _grid([("Labels in doubt", line) for line in doubts_in_words(control.doubts)])


def _difficult(items: Sequence[DifficultItem], n: int, names: Mapping[str, str]) -> Table:
    shown = items[:_ITEMS]
    title = f"Most difficult items ({len(shown)} of {n:,} on which answers differ)"
    table = _table(title)
    table.add_column("item", overflow="fold")
    for column in ("differ", "unsure", "skips", "median"):
        table.add_column(column, justify="right")
    table.add_column("content", overflow="ellipsis", max_width=50)
    table.add_column("answers")
    for d in shown:
        answers = ", ".join(f"{names.get(a.annotator, a.annotator)}: {a.label}" for a in d.answers[:12])
        unsure = "" if d.entropy is None else f"{d.entropy:.0%}"
        effort = (f"{d.skips:,}" if d.skips else "", "" if d.seconds is None else f"{d.seconds:.0f} s")
        table.add_row(_text(d.item), f"{d.disagreement:.0%}", unsure, *effort, _text(d.excerpt), _text(answers))
    return table


def _skipped(report: Report) -> Table:
    shown = report.skipped[:_ITEMS]
    table = _table(f"Items that several skipped ({len(shown)} of {report.n_skipped:,})")
    table.add_column("item", overflow="fold")
    for column in ("skips", "answers"):
        table.add_column(column, justify="right")
    table.add_column("content", overflow="ellipsis", max_width=70)
    for s in shown:
        table.add_row(_text(s.item), f"{s.skips:,}", f"{s.answers:,}", _text(s.excerpt))
    return table


def _learned(found: Learned) -> Iterator[RenderableType]:
    """The rounds, and the shares of the classes in the pool."""
    table = _table("Rounds")
    for column in ("round", "strategy", "answers", "accuracy (95 % interval)", "random, as many labels"):
        table.add_column(column)
    for row in learned.round_rows(found):
        table.add_row(*map(_text, row))
    yield table
    yield _text(learned.summary(found))
    if found.shares:
        shares = _table("Classes in the pool")
        for column in ("class", "share", "95 % interval"):
            shares.add_column(column)
        for share in learned.share_rows(found)[:_PEOPLE]:
            shares.add_row(*map(_text, share))
        yield shares


def _suggestions(found: Anchoring, names: Mapping[str, str]) -> Iterator[RenderableType]:
    """What suggestions did to the answers."""
    yield _text("Suggestions", style="bold")
    yield _text(summary(found))
    yield _grid([(row.name, f"{row.value}  {row.interval}") for row in effect_rows(found)])
    table = _table("Suggestions by annotator")
    table.add_column("annotator")
    for column in ("shown", "accepted", "changed", "skipped"):
        table.add_column(column, justify="right")
    for name, *counts in people_rows(found, names)[:_PEOPLE]:
        table.add_row(_text(name), *(f"{n:,}" for n in counts))
    yield table


def _people(people: Sequence[AnnotatorReport]) -> Table:
    title = f"Annotators ({min(_PEOPLE, len(people))} of {len(people)})"
    table = _table(title)
    table.add_column("annotator")
    for column in ("items", "skipped", "median", "with the others"):
        table.add_column(column, justify="right")
    table.add_column("95 % interval")
    for p in people[:_PEOPLE]:
        skipped = p.counts.get("skipped", 0)
        agreement = value_of(p.agreement, percent=True), interval_of(p.agreement, percent=True)
        table.add_row(_text(p.name), f"{p.items:,}", f"{skipped:,}", seconds_of(p.seconds), *agreement)
    return table
