"""Guidelines in Markdown to clean HTML: what the labeling screen shows can run nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_HEADING = re.compile(r"^(#{1,6})\s+(.*?)\s*$")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)


def to_html(markdown: str) -> str:
    """Markdown as HTML without scripts, styles, frames, event handlers or comments."""
    import nh3  # noqa: PLC0415 - only a few commands need it
    from markdown_it import MarkdownIt  # noqa: PLC0415

    rendered = MarkdownIt("commonmark", {"html": False}).enable("table").render(_COMMENT.sub("", markdown))
    return nh3.clean(rendered, url_schemes={"http", "https", "mailto"})


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and the text beneath it, up to the next heading of the same or a higher level."""

    level: int
    title: str
    body: str


def sections(markdown: str) -> tuple[Section, ...]:
    """The sections of a Markdown text in order."""
    lines = _COMMENT.sub("", markdown).splitlines()
    heads = [(i, len(m.group(1)), m.group(2)) for i, line in enumerate(lines) if (m := _HEADING.match(line))]
    return tuple(
        Section(level, title, "\n".join(lines[i + 1 : _end(heads, n, len(lines))]).strip())
        for n, (i, level, title) in enumerate(heads)
    )


def class_sections(markdown: str, classes: Iterable[str]) -> dict[str, str]:
    """What the guidelines say of each class, in Markdown; classes of which they say nothing are left out.

    That is the section with the class as its heading; else those, as small as there are, that name it in their heading
    or, marked as code, in their text.
    """
    parts = sections(markdown)
    by_title = {s.title.strip("` ").casefold(): s.body for s in parts}
    found = {c: by_title.get(c.casefold()) or "\n\n".join(s.body for s in _naming(parts, c)) for c in classes}
    return {c: text for c, text in found.items() if text}


def _naming(parts: tuple[Section, ...], label: str) -> list[Section]:
    """Sections that name a class, without those that hold a smaller one that does."""
    word = re.compile(rf"(?<!\w){re.escape(label)}(?!\w)", re.IGNORECASE)
    code = re.compile(rf"`{re.escape(label)}`", re.IGNORECASE)
    found = [n for n, s in enumerate(parts) if word.search(s.title) or code.search(s.body)]
    return [parts[n] for n in found if not any(m in found for m in _within(parts, n))]


def _within(parts: tuple[Section, ...], n: int) -> Iterator[int]:
    """The places of a section's subsections."""
    for m in range(n + 1, len(parts)):
        if parts[m].level <= parts[n].level:
            return
        yield m


def _end(heads: list[tuple[int, int, str]], n: int, total: int) -> int:
    level = heads[n][1]
    return next((i for i, other, _ in heads[n + 1 :] if other <= level), total)


def classes_without_examples(markdown: str, classes: tuple[str, ...]) -> tuple[str, ...]:
    """Classes that have no section, or no example in it (a list item beneath a line that names examples)."""
    by_title = {s.title.strip("` ").casefold(): s.body for s in sections(markdown)}
    return tuple(c for c in classes if not _has_example(by_title.get(c.casefold(), "")))


def _has_example(body: str) -> bool:
    """True when a line after one that speaks of examples holds a text that is not a placeholder."""
    below = False
    for line in body.splitlines():
        plain = line.strip().strip("*_-# ").strip()
        lowered = plain.casefold()
        if "counter-example" in lowered or "counter example" in lowered:
            below = False
        elif lowered.startswith("example"):
            below = True
            plain = plain.partition(":")[2].strip("*_ ")
        if (
            below
            and plain
            and not lowered.rstrip("s:").endswith("example")
            and "…" not in plain
            and "TODO" not in plain
        ):
            return True
    return False
