"""Guideline gaps for the author: at a terminal, and as a to-do list in Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from labelwright.adapters.guidelines import sections
from labelwright.app.settings import Settings
from labelwright.entry.render.plain import plain

_NOTHING = "No two classes are confused beyond chance and beyond one person."
_HOW = (
    "A pair stands here when it is confused more often than the mean pair of classes, also without the one person who "
    "does it most."
)


def print_gaps(rows: Sequence[Mapping[str, Any]], simulated: str | None) -> None:
    """To stdout; what users wrote cannot steer the terminal."""
    from labelwright.entry.cli.output import console  # noqa: PLC0415 - a tenth of a second that --json does not need

    out = console()
    if simulated:
        out.print(f"Simulated. {simulated}.")
    if not rows:
        out.print(_NOTHING)
    for gap in rows:
        out.print(f"\n{plain(_title(gap))}")
        for example in gap["texts"]:
            out.print(f"  “{plain(example['text'])}”")
            out.print(f"      {plain(_said(example))}")


def gaps_markdown(rows: Sequence[Mapping[str, Any]], guidelines: str, settings: Settings) -> str:
    """One task a pair: examples, what people said to them, and what the guidelines say today."""
    return "\n".join(_lines(rows, guidelines, settings)) + "\n"


def _lines(rows: Sequence[Mapping[str, Any]], guidelines: str, settings: Settings) -> Iterator[str]:
    yield f"# Guideline gaps: {_escaped(settings.name)}\n"
    if settings.simulated:
        yield f"> Simulated. {_escaped(settings.simulated)}.\n"
    yield f"{_HOW}\n" if rows else _NOTHING
    today = {s.title.strip("` ").casefold(): s.body for s in sections(guidelines)}
    for gap in rows:
        yield f"## [ ] {_escaped(_title(gap))}\n"
        for example in gap["texts"]:
            yield f"- “{_escaped(example['text'])}”  \n  {_escaped(_said(example))}"
        for name in (gap["class_a"], gap["class_b"]):
            yield f"\nThe guidelines on {_escaped(name)} today:\n"
            body = today.get(str(name).casefold(), "Nothing.")
            yield "\n".join(f"> {line}".rstrip() for line in body.splitlines())
        yield ""


def _title(gap: Mapping[str, Any]) -> str:
    a, b = gap["class_a"], gap["class_b"]
    return (
        f"Tell {a} from {b}: about {gap['confusions']:.0f} answers confuse them ({gap['rate']:.0%} of the answers to "
        f"either), {gap['annotators']} people do. {a} was called {b} about {gap['a_as_b']:.0f} times, "
        f"{b} was called {a} {gap['b_as_a']:.0f} times"
    )


def _said(example: Mapping[str, Any]) -> str:
    said = ", ".join(f"{n} × {label}" for label, n in example["said"].items())
    if example["label"] is None:
        return said
    why = f" {example['why']}" if example["why"] else ""
    return f"{said}; an expert decided: {example['label']}.{why}"


def _escaped(text: str) -> str:
    """Text as text: no markup of Markdown or HTML in what people wrote, and one line."""
    one = " ".join(str(text).split())
    return "".join(f"\\{c}" if c in "\\`*_{}[]<>#|" else c for c in one)
