"""What is asked beside the schema's own questions: whether somebody is unsure, and why a reviewer says so."""

from __future__ import annotations

from labelwright.model.schema import Control, Schema
from labelwright.model.values import Answer, Choice, Entry, Text

UNSURE = "labelwright_unsure"
UNSURE_CLASS = "Unsure"
WHY = "labelwright_why"
OWN = frozenset({UNSURE, WHY})


def is_unsure(answer: Answer) -> bool:
    """The annotator has set the flag."""
    return any(isinstance(e.value, Choice) and UNSURE_CLASS in e.value.labels for e in answer.of(UNSURE))


def why_of(answer: Answer) -> str | None:
    """What a reviewer wrote as the reason."""
    texts = [t.strip() for e in answer.of(WHY) if isinstance(e.value, Text) for t in e.value.texts]
    return " ".join(t for t in texts if t) or None


def without_own(answer: Answer) -> Answer:
    """The answer to the schema's own questions alone."""
    return Answer(tuple(e for e in answer.entries if not (isinstance(e, Entry) and e.control in OWN)))


def own_controls(schema: Schema) -> tuple[Control, ...]:
    """The schema's own questions."""
    return tuple(c for c in schema.controls if c.name not in OWN)
