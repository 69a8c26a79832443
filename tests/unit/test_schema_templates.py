"""Templates: class names are parameters, and whatever stands in them stays text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwright.adapters.guidelines import classes_without_examples, sections, to_html
from labelwright.adapters.labelstudio.config import read_config
from labelwright.adapters.labelstudio.sample import goes_through
from labelwright.adapters.labelstudio.templates import (
    find_template,
    guidelines_for,
    list_templates,
    render,
    starter_guidelines,
)
from labelwright.model.errors import LabelwrightError, UsageError
from labelwright.model.schema import Kind

NAMES = [t.name for t in list_templates()]
CLASSED = [t.name for t in list_templates() if t.labels]

KINDS = {
    "text-classification": [Kind.CHOICE],
    "text-multilabel": [Kind.CHOICES],
    "ner": [Kind.SPANS, Kind.RELATIONS],
    "rating": [Kind.RATING],
    "pairwise": [Kind.CHOICE, Kind.TEXT],
    "ranking": [Kind.RANKING],
    "free-text": [Kind.TEXT],
    "image-classification": [Kind.CHOICE, Kind.CHOICE],
    "image-segmentation": [Kind.MASKS],
    "image-keypoints": [Kind.KEYPOINTS],
    "image-attributes": [Kind.BOXES, Kind.CHOICE],
    "image-detection": [Kind.BOXES, Kind.POLYGONS],
    "audio-classification": [Kind.CHOICE, Kind.CHOICE],
    "audio-transcription": [Kind.SEGMENTS, Kind.TEXT],
    "video-classification": [Kind.CHOICE],
    "video-tracking": [Kind.TRACKS, Kind.TRACKS],
}


def test_the_promised_templates_are_there() -> None:
    """Protects the names that scripts and the documentation use."""
    assert set(NAMES) == set(KINDS)


@pytest.mark.parametrize("name", NAMES)
def test_a_template_is_valid_and_every_control_understood(name: str) -> None:
    """Protects the first screen a user sees: no problem in it, its fields as promised, every answer readable."""
    schema = read_config(render(name))
    assert schema.problems == ()
    assert [c.kind for c in schema.controls] == KINDS[name]
    assert set(schema.data_fields) == set(find_template(name).fields)
    assert all(goes_through(control, schema) for control in schema.controls)


@pytest.mark.parametrize("name", NAMES)
def test_hotkeys_are_unique(name: str) -> None:
    """Protects fast labeling: one key does one thing."""
    import re

    keys = re.findall(r'hotkey="([^"]+)"', render(name))
    assert len(keys) == len(set(keys))
    assert keys or name in {"ranking", "free-text"}, "only what is dragged or typed needs no key"


NASTY = st.text(st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters="￾￿$"), min_size=1, max_size=30)


@given(st.lists(NASTY.map(str.strip).filter(bool), min_size=1, max_size=12, unique=True), st.sampled_from(CLASSED))
def test_class_names_come_through_unchanged(labels: list[str], name: str) -> None:
    """Protects class names with quotes, tags and ampersands: they are text in the config, never markup."""
    classes = read_config(render(name, labels)).controls[0].classes
    assert classes == tuple(labels)


@given(st.lists(st.text(max_size=20), max_size=4), st.sampled_from(NAMES))
def test_labels_are_used_or_refused_with_a_message(labels: list[str], name: str) -> None:
    """Protects from a crash or a broken config, whatever somebody types after --labels."""
    try:
        made = render(name, labels)
    except LabelwrightError:
        return
    assert read_config(made).problems == ()


@pytest.mark.parametrize(
    ("name", "labels", "word"),
    [
        ("text-classification", [], "no name"),
        ("text-classification", ["A", " "], "no name"),
        ("text-classification", ["A", "A "], "twice"),
        ("text-classification", ["$price"], "dollar"),
        ("text-classification", ["A\x01"], "XML"),
        ("rating", ["A"], "no classes"),
        ("nope", None, "no template"),
    ],
)
def test_labels_that_cannot_be_used_are_refused(name: str, labels: list[str] | None, word: str) -> None:
    """Protects from a screen that would show something else than was asked for."""
    with pytest.raises(UsageError, match=word):
        render(name, labels)


@pytest.mark.parametrize("name", NAMES)
def test_guidelines_have_their_sections_and_one_for_each_class(name: str) -> None:
    """Protects the starter that the lead fills in; doctor sees that the examples are missing."""
    labels = find_template(name).labels
    text = guidelines_for(name)
    titles = [s.title for s in sections(text)]
    assert [t for t in titles if t in {"Task", "Classes", "Edge cases", "When in doubt"}] == (
        ["Task", "Classes", "Edge cases", "When in doubt"] if labels else ["Task", "Edge cases", "When in doubt"]
    )
    assert classes_without_examples(text, labels) == labels
    assert classes_without_examples(text.replace("- TODO", "- seen"), labels) == ()


def test_a_class_name_with_markup_stays_text_in_the_guidelines() -> None:
    """Protects annotators from what somebody wrote into a class name."""
    labels = ("<script>alert(1)</script>", "a_b*c*", "[x](javascript:alert(1))")
    html = to_html(guidelines_for("text-classification", labels))
    assert "<script" not in html
    assert "href" not in html
    assert "a_b*c*" in html
    assert classes_without_examples(starter_guidelines(labels).replace("- TODO", "- seen"), labels) == ()
