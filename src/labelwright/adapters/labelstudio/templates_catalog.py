"""Which screens there are to start from."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from labelwright.model.errors import UsageError

__all__ = ["Template", "checked_labels", "find_template", "list_templates"]

#: What Label Studio replaces by a field of the data, in a class name, too.
_VARIABLE = re.compile(r"\$[\w\[\].{}]")


@dataclass(frozen=True, slots=True)
class Template:
    """One screen.

    Attributes:
        name: under which it is chosen.
        title: for people.
        modality: ``text``, ``image``, ``audio`` or ``video``.
        fields: data field → what must stand in it.
        labels: class names where the user gives none; empty when the screen has no classes.
        asks: the task in one sentence, the first line of its guidelines.
    """

    name: str
    title: str
    modality: str
    fields: Mapping[str, str]
    labels: tuple[str, ...]
    asks: str


def _template(
    name: str, title: str, modality: str, fields: dict[str, str], labels: tuple[str, ...], asks: str
) -> Template:
    return Template(name, title, modality, MappingProxyType(fields), labels, asks)


_TEXT = {"text": "the text to label"}
_IMAGE = {"image": "a link to the picture"}
_AUDIO = {"audio": "a link to the recording"}
_VIDEO = {"video": "a link to the video"}

_SOUND = ("Speech", "Music", "Other sound")

_TEMPLATES = (
    _template(
        "text-classification",
        "Text classification",
        "text",
        _TEXT,
        ("Positive", "Negative", "Neutral"),
        "Read the text and choose the one class that fits it best.",
    ),
    _template(
        "text-multilabel",
        "Text classification, several classes",
        "text",
        _TEXT,
        ("Price", "Quality", "Delivery", "Service", "None of these"),
        "Read the text and choose every class that applies to it.",
    ),
    _template(
        "ner",
        "Named entities and relations",
        "text",
        _TEXT,
        ("Person", "Organisation", "Place", "Date"),
        "Mark every stretch of text that names something of a class, and link those that belong together.",
    ),
    _template(
        "rating",
        "Rating in five steps",
        "text",
        _TEXT,
        (),
        "Read the text and rate it from one star, the worst, to five stars, the best.",
    ),
    _template(
        "pairwise",
        "Preference between two answers, with reasoning",
        "text",
        {"prompt": "what was asked", "answer_a": "the first answer", "answer_b": "the second answer"},
        (
            "A is much better",
            "A is slightly better",
            "About the same",
            "B is slightly better",
            "B is much better",
        ),
        "Read the prompt and both answers, say which answer is better and by how much, and why.",
    ),
    _template(
        "ranking",
        "Ranking of answers, best first",
        "text",
        {"prompt": "what was asked", "answers": "a list of {id, title, body}, one an answer"},
        (),
        "Read the prompt and all answers, and bring the answers into order, the best on top.",
    ),
    _template(
        "free-text",
        "Free text: an answer in one's own words",
        "text",
        _TEXT,
        (),
        "Read the text and write your answer in your own words.",
    ),
    _template(
        "image-classification",
        "Picture classification, with quality",
        "image",
        _IMAGE,
        ("Cat", "Dog", "Other"),
        "Look at the picture, choose the one class that fits it best, and judge how good the picture is.",
    ),
    _template(
        "image-detection",
        "Objects in pictures: boxes and outlines",
        "image",
        _IMAGE,
        ("Person", "Vehicle", "Animal"),
        "Draw a box around every object of a class, or an outline where a box would hold too much else.",
    ),
    _template(
        "image-segmentation",
        "Masks painted over objects in pictures",
        "image",
        _IMAGE,
        ("Person", "Vehicle", "Animal"),
        "Paint over every object of a class, up to its edge.",
    ),
    _template(
        "image-keypoints",
        "Points on objects in pictures",
        "image",
        _IMAGE,
        ("Left eye", "Right eye", "Nose"),
        "Set each point where it is, as exactly as you can see it.",
    ),
    _template(
        "image-attributes",
        "Objects in pictures, with an attribute for each",
        "image",
        _IMAGE,
        ("Person", "Vehicle", "Animal"),
        "Draw a box around every object of a class, and say for each one how much of it is seen.",
    ),
    _template(
        "audio-classification",
        "Sound classification, with quality",
        "audio",
        _AUDIO,
        _SOUND,
        "Listen to the whole recording, choose the one class that fits it best, and judge how good the recording is.",
    ),
    _template(
        "audio-transcription",
        "Transcription in segments",
        "audio",
        _AUDIO,
        _SOUND,
        "Mark every segment with its class, and write down word for word what is said in it.",
    ),
    _template(
        "video-classification",
        "Video classification",
        "video",
        _VIDEO,
        ("Indoors", "Outdoors", "Mixed"),
        "Watch the whole video and choose the one class that fits it best.",
    ),
    _template(
        "video-tracking",
        "Objects that move through a video",
        "video",
        _VIDEO,
        ("Person", "Vehicle", "Animal"),
        "Draw a box around every object of a class and follow it from the frame where it appears to the last.",
    ),
)


def list_templates() -> tuple[Template, ...]:
    """Every template, by modality."""
    return _TEMPLATES


def find_template(name: str) -> Template:
    """The template of that name.

    Raises:
        UsageError: there is none; the message lists those that exist.
    """
    for template in _TEMPLATES:
        if template.name == name:
            return template
    raise UsageError(
        f"There is no template '{name}'", next_step=f"Choose one of {', '.join(t.name for t in _TEMPLATES)}."
    )


def checked_labels(template: Template, labels: Sequence[str] | None) -> tuple[str, ...]:
    """The class names to use: those given, or the template's own.

    Raises:
        UsageError: they cannot be used.
    """
    if labels is None:
        return template.labels
    if not template.labels:
        raise UsageError(f"The template '{template.name}' has no classes", next_step="Leave the labels out.")
    chosen = tuple(label.strip() for label in labels)
    if len(chosen) < 1 or not all(chosen):
        raise UsageError("A class has no name", next_step="Give names with a comma between them: --labels A,B,C.")
    if len(set(chosen)) < len(chosen):
        raise UsageError("A class is named twice", where=", ".join(chosen), next_step="Name each class once.")
    if any(_VARIABLE.search(label) for label in chosen):
        raise UsageError(
            "A class name holds a dollar sign before a letter or digit, which Label Studio takes for a data field",
            next_step="Put a space after the dollar sign, or leave it out.",
        )
    return chosen
