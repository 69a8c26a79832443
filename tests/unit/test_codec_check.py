"""Answers are checked against their schema; text offsets are turned into code points."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwright.adapters.labelstudio.codec import LabelStudioCodec, check_answer, to_code_points, to_utf16
from labelwright.adapters.labelstudio.config import read_config
from labelwright.model.values import Span

SCHEMA = read_config(
    '<View><Text name="t" value="$t"/>'
    '<Choices name="c" toName="t" required="true"><Choice value="A"/><Choice value="B"/></Choices>'
    '<Labels name="l" toName="t"><Label value="P"/></Labels>'
    '<TextArea name="why" toName="t"/><Novelty name="n" toName="t"/></View>'
)
GOOD = {"from_name": "c", "to_name": "t", "type": "choices", "value": {"choices": ["A"]}}


def problems(*lines: dict[str, Any], schema: Any = SCHEMA) -> tuple[str, ...]:
    return check_answer(LabelStudioCodec().decode(json.dumps(lines), schema), schema)


def test_a_complete_answer_is_valid() -> None:
    """Protects good answers, also beside a control that is not understood and a link between regions."""
    link = {"from_id": "a", "to_id": "b", "type": "relation", "direction": "right"}
    assert problems(GOOD, {"from_name": "n", "to_name": "t", "type": "novelty", "value": 1}, link) == ()


@pytest.mark.parametrize(
    ("lines", "word"),
    [
        ([], "'c' is required"),
        ([{**GOOD, "value": {"choices": []}}], "'c' is required"),
        ([{**GOOD, "value": {"choices": ["C"]}}], "'C' is not a class of 'c'"),
        ([{**GOOD, "value": {"choices": ["A", "B"]}}], "takes one class and got 2"),
        ([{**GOOD, "value": {"choices": "A"}}], "could not be read"),
        ([GOOD, {**GOOD, "from_name": "x"}], "'x' is not in the schema"),
        ([GOOD, {}], "nothing about its control"),
        (
            [
                GOOD,
                {"from_name": "l", "to_name": "t", "type": "labels", "value": {"start": 0, "end": 1, "labels": ["Q"]}},
            ],
            "'Q' is not a class of 'l'",
        ),
    ],
)
def test_an_answer_that_does_not_fit_is_named(lines: list[dict[str, Any]], word: str) -> None:
    """Protects reports and training sets from answers that the schema does not allow."""
    assert any(word in problem for problem in problems(*lines))


def test_a_required_text_of_blanks_is_no_answer() -> None:
    """Protects required reasoning from a press of the space bar."""
    schema = read_config('<View><Text name="t" value="$t"/><TextArea name="why" toName="t" required="true"/></View>')
    blank = {"from_name": "why", "to_name": "t", "type": "textarea", "value": {"text": [" "]}}
    assert problems(blank, schema=schema)
    assert problems({**blank, "value": {"text": ["so"]}}, schema=schema) == ()


def test_taxonomy_paths_are_checked_step_by_step() -> None:
    """Protects trees of classes: every step of a path must be a class."""
    tree = '<Taxonomy name="c" toName="t"><Choice value="A"><Choice value="B"/></Choice></Taxonomy>'
    schema = read_config(f'<View><Text name="t" value="$t"/>{tree}</View>')
    said = {"from_name": "c", "to_name": "t", "type": "taxonomy", "value": {"taxonomy": [["A", "B"]]}}
    assert problems(said, schema=schema) == ()
    assert problems({**said, "value": {"taxonomy": [["A", "X"]]}}, schema=schema)


def test_units_of_a_browser_become_code_points() -> None:
    """Protects offsets after an emoji: a JavaScript string counts it twice."""
    text = "I 😀 love 👨‍👩‍👧 Delft"
    start = len(text[: text.index("Delft")].encode("utf-16-le")) // 2
    span = to_code_points(Span(start, start + 5, "Delft"), text)
    assert text[span.start : span.end] == "Delft"


def test_an_offset_inside_an_emoji_takes_the_whole_of_it() -> None:
    """Protects from half a character at either end."""
    assert to_code_points(Span(1, 3), "😀😀😀") == Span(0, 2)


@given(st.text(max_size=20), st.data())
def test_code_points_and_units_are_each_others_inverse(text: str, data: st.DataObject) -> None:
    """Protects the way back to Label Studio for every text and every span in it."""
    start = data.draw(st.integers(0, len(text)))
    span = Span(start, data.draw(st.integers(start, len(text))))
    assert to_code_points(to_utf16(span, text), text) == span
