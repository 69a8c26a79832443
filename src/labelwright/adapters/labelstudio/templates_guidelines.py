"""Guidelines to start from: the headings are there, the lead writes what stands beneath them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from labelwright.adapters.labelstudio.templates_catalog import checked_labels, find_template

__all__ = ["guidelines_for", "starter_guidelines"]

_MARKUP = re.compile(r"[\\`*_\[\]<>&#~!]")

_DOUBT = (
    "Look the item up under the edge cases first. If it is not there, decide as you would explain it to a colleague, "
    "and write the case down for the lead: it belongs into these guidelines. "
    "Skip an item that cannot be judged; do not guess."
)

#: What goes wrong first, by template: found in the literature and in every project's second week.
_EDGES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "text-classification": (
            "A text that fits two classes: choose the one that the larger part of it speaks of.",
            "Irony and quotations: judge what the writer means, not the words that are used.",
            "A text that is empty, cut off or in another language: skip it.",
        ),
        "text-multilabel": (
            "A class that is only hinted at: leave it out unless the text says it.",
            "No class applies: choose the class that says so, and no other.",
            "A text that is empty, cut off or in another language: skip it.",
        ),
        "ner": (
            "Where a name begins and ends: without the article, without spaces or punctuation around it.",
            "A name inside another one: mark the longer one, unless the inner one has a class of its own.",
            "The same name a second time: mark it every time.",
            "A relation: from the part to the whole, from the mention to what it refers to.",
        ),
        "rating": (
            "Use the whole scale: say here what one, three and five stars look like.",
            "A text that is empty, cut off or in another language: skip it.",
        ),
        "pairwise": (
            "One answer is right and badly written, the other wrong and well written: the right one is better.",
            "Length alone decides nothing.",
            "Both answers are equally bad: they are about the same.",
        ),
        "ranking": (
            "Two answers that are equally good: the shorter one stands above.",
            "An answer that is wrong stands below every one that is right, however well it is written.",
            "Length alone decides nothing.",
        ),
        "free-text": (
            "How long: say here how many words or sentences an answer has.",
            "What the text does not say: do not add it.",
            "A text that is empty, cut off or in another language: skip it.",
        ),
        "image-classification": (
            "Several things in one picture: choose by the one in the foreground.",
            "A drawing, a toy, a screen: say here whether it counts.",
            "The quality is about the picture, not about how hard the class was to find.",
        ),
        "image-detection": (
            "How close the edge is: it touches the object, and holds all of it that can be seen.",
            "Hidden parts: draw only what can be seen.",
            "Many small objects close together: say here from which size on each gets a box of its own.",
            "A box or an outline: an outline where less than half of the box would be the object.",
        ),
        "image-segmentation": (
            "Where the edge is: paint up to it, and rub out what went over it.",
            "Hidden parts: paint only what can be seen.",
            "Objects that touch: one mask each, so choose the class anew for the next one.",
        ),
        "image-keypoints": (
            "A point that is hidden but whose place is clear: set it. Where the place is a guess: leave it out.",
            "Left and right are those of the person in the picture, not yours.",
            "Several people: say here whose points are wanted.",
        ),
        "image-attributes": (
            "How close the edge is: it touches the object, and holds all of it that can be seen.",
            "An object that is both hidden and cut off: choose what takes more of it away.",
            "A mirror image or a picture in the picture: say here whether it counts.",
        ),
        "audio-classification": (
            "Several sounds at once: choose by the one that is in front for the longest time.",
            "Silence at the ends does not count.",
            "The quality is about the recording, not about how hard the class was to hear.",
        ),
        "audio-transcription": (
            "Where a segment ends: at a pause of half a second, or where another person speaks.",
            "People who speak at once: one segment each, and they may overlap.",
            "Words that cannot be understood: write [unclear].",
            "Numbers and abbreviations: write them as they are spoken.",
        ),
        "video-classification": (
            "A video that changes half-way: choose by the longer part.",
            "Titles and black frames do not count.",
        ),
        "video-tracking": (
            "An object that is hidden for a while: switch the box off, and on again in the same track.",
            "An object that leaves and comes back: one track, if it is surely the same one.",
            "How often to set a key frame: whenever the box no longer touches the object's edge.",
        ),
    }
)


def guidelines_for(name: str, labels: Sequence[str] | None = None) -> str:
    """Guidelines in Markdown for a template: task, classes, edge cases, what to do in doubt.

    What the lead must write is marked with TODO, so that `labelwright doctor` sees that it is missing.

    Args:
        name: of the template.
        labels: class names; None for the template's own.

    Raises:
        UsageError: no such template, or class names that cannot be used.
    """
    template = find_template(name)
    return _written(
        template.title,
        template.asks,
        checked_labels(template, labels),
        _EDGES[template.name],
    )


def starter_guidelines(classes: Sequence[str]) -> str:
    """The same for a config of the user's own: nothing is known of it but its classes."""
    return _written("Guidelines", "TODO: what the annotator does, in one sentence.", classes, ("TODO",))


def _written(title: str, task: str, classes: Sequence[str], edges: Sequence[str]) -> str:
    parts = (
        f"# {title}",
        "## Task",
        task,
        "TODO: what the labels are for, and who will use them.",
        *_classes(classes),
        "## Edge cases",
        "\n".join(f"- {edge}" for edge in edges),
        "## When in doubt",
        _DOUBT,
    )
    return "\n\n".join(parts) + "\n"


def _classes(labels: Sequence[str]) -> list[str]:
    if not labels:
        return []
    sections = ["## Classes"]
    for label in labels:
        sections += [
            f"### {_plain(label)}",
            "**Definition:** TODO",
            "**Examples:**\n\n- TODO",
            "**Counter-examples:**\n\n- TODO: what looks like it, but is not, and which class it is instead",
        ]
    return sections


def _plain(label: str) -> str:
    """A class name as a heading, whatever characters it has: nothing in it is markup."""
    line = " ".join(label.split())
    if not _MARKUP.search(line):
        return line
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", line)), default=0))
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{pad}{line}{pad}{fence}"
