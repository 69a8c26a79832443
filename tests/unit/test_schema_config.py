"""Labeling configs are read: controls, classes, data fields, problems, attacks."""

from __future__ import annotations

import json

import pytest

from labelwright.adapters.labelstudio.codec import LabelStudioCodec
from labelwright.adapters.labelstudio.config import read_config
from labelwright.adapters.labelstudio.sample import goes_through, sample_result, sample_task
from labelwright.model.errors import SchemaError
from labelwright.model.schema import Control, Kind

TEXT = '<Text name="text" value="$text"/>'


def view(*parts: str) -> str:
    return f"<View>{''.join(parts)}</View>"


def choices(
    extra: str = "", name: str = "c", to: str = "text", classes: str = '<Choice value="A"/><Choice value="B"/>'
) -> str:
    return f'<Choices name="{name}" toName="{to}" {extra}>{classes}</Choices>'


def only(xml: str) -> Control:
    (control,) = read_config(xml).controls
    return control


@pytest.mark.parametrize(
    ("extra", "kind"),
    [
        ("", Kind.CHOICE),
        ('choice="single"', Kind.CHOICE),
        ('choice="single-radio"', Kind.CHOICE),
        ('choice="multiple"', Kind.CHOICES),
        ('allowNested="true"', Kind.TAXONOMY),
    ],
)
def test_choices_are_told_apart_by_their_attributes(extra: str, kind: Kind) -> None:
    """Protects the choice of the measure: one class, a set of classes, paths of a tree."""
    assert only(view(TEXT, choices(extra))).kind is kind


def labels(tag: str = "Labels", to: str = "x") -> str:
    return f'<{tag} name="l" toName="{to}"><Label value="A"/></{tag}>'


@pytest.mark.parametrize(
    ("shown", "control", "kind"),
    [
        ("Text", labels(), Kind.SPANS),
        ("HyperText", labels("HyperTextLabels"), Kind.SPANS),
        ("Paragraphs", labels("ParagraphLabels"), Kind.SPANS),
        ("Audio", labels(), Kind.SEGMENTS),
        ("TimeSeries", labels("TimeSeriesLabels"), Kind.SEGMENTS),
        ("Image", labels("RectangleLabels"), Kind.BOXES),
        ("Image", labels("PolygonLabels"), Kind.POLYGONS),
        ("Image", labels("EllipseLabels"), Kind.ELLIPSES),
        ("Image", labels("KeyPointLabels"), Kind.KEYPOINTS),
        ("Image", labels("BrushLabels"), Kind.MASKS),
        ("Pdf", labels("OcrLabels"), Kind.BOXES),
        ("Video", labels("TimelineLabels"), Kind.TIMELINE),
        ("Image", '<Rectangle name="l" toName="x"/>', Kind.BOXES),
        ("Image", '<Polygon name="l" toName="x"/>', Kind.POLYGONS),
        ("Image", '<Ellipse name="l" toName="x"/>', Kind.ELLIPSES),
        ("Image", '<KeyPoint name="l" toName="x"/>', Kind.KEYPOINTS),
        ("Image", '<Brush name="l" toName="x"/>', Kind.MASKS),
        ("Image", '<MagicWand name="l" toName="x"/>', Kind.MASKS),
        ("Video", '<VideoRectangle name="l" toName="x"/>', Kind.TRACKS),
        ("Text", '<Rating name="l" toName="x"/>', Kind.RATING),
        ("Text", '<Number name="l" toName="x"/>', Kind.NUMBER),
        ("Text", '<DateTime name="l" toName="x"/>', Kind.DATETIME),
        ("Text", '<TextArea name="l" toName="x"/>', Kind.TEXT),
        ("Text", '<Pairwise name="l" toName="x"/>', Kind.PAIRWISE),
        ("List", '<Ranker name="l" toName="x"/>', Kind.RANKING),
        ("Text", '<Taxonomy name="l" toName="x"><Choice value="A"/></Taxonomy>', Kind.TAXONOMY),
    ],
)
def test_every_control_has_its_kind_and_goes_through_the_codec(shown: str, control: str, kind: Kind) -> None:
    """Protects that any user's config works: a sample answer of each control survives the codec."""
    schema = read_config(view(f'<{shown} name="x" value="$x"/>', control))
    found = schema.control("l")
    assert found is not None
    assert (found.kind, found.understood) == (kind, True)
    assert goes_through(found, schema)
    assert schema.data_fields == ("x",)


@pytest.mark.parametrize(
    "control",
    [
        labels("BitmaskLabels"),
        '<Bitmask name="l" toName="x"/>',
        labels("VectorLabels"),
        '<Vector name="l" toName="x"/>',
        '<VideoVector name="l" toName="x"/>',
        '<ReactCode name="l" toName="x"/>',
        '<Novelty name="l" toName="x"/>',
    ],
)
def test_a_control_that_is_not_understood_is_named_and_kept(control: str) -> None:
    """Protects that nothing of a user's config is dropped silently."""
    schema = read_config(view('<Image name="x" value="$x"/>', control))
    found = schema.control("l")
    assert found is not None
    assert not found.understood
    assert found.reason
    assert not goes_through(found, schema)


def test_labels_over_a_picture_take_the_kind_of_the_tool() -> None:
    """Protects screens where one list of labels serves a drawing tool of its own: both share kind and classes."""
    xml = view('<Image name="i" value="$i"/>', labels(to="i"), '<Ellipse name="e" toName="i"/>')
    assert [(c.name, c.kind, c.classes) for c in read_config(xml).controls] == [
        ("l", Kind.ELLIPSES, ("A",)),
        ("e", Kind.ELLIPSES, ("A",)),
    ]


def test_labels_over_a_picture_without_a_tool_are_not_understood() -> None:
    """Protects from guessing what is drawn where nothing draws."""
    control = only(view('<Image name="i" value="$i"/>', labels(to="i")))
    assert not control.understood
    assert "Image" in (control.reason or "")


def test_attributes_are_read_in_any_case() -> None:
    """Protects configs as Label Studio reads them: it turns every attribute's name to lower case."""
    xml = view(TEXT, '<Choices name="c" toname="text" PERREGION="true" Required="true"><Choice VALUE="A"/></Choices>')
    control = only(xml)
    assert (control.to, control.per_region, control.required, control.classes) == (("text",), True, True, ("A",))


def test_an_alias_is_the_class_name() -> None:
    """Protects against classes that no answer ever carries: the alias stands in the answers."""
    assert only(view(TEXT, choices(classes='<Choice value="Good" alias="pos"/>'))).classes == ("pos",)


def test_a_conditional_control_is_not_required_of_every_answer() -> None:
    """Protects valid answers: what was not on the screen cannot be missing."""
    inner = choices('required="true"', name="d")
    xml = view(TEXT, choices(), f'<View visibleWhen="choice-selected" whenTagName="c">{inner}</View>')
    assert [c.required for c in read_config(xml).controls] == [False, False]


def test_classes_from_the_data_are_no_problem_and_need_their_field() -> None:
    """Protects dynamic classes: they come with each item, whose field is then needed."""
    schema = read_config(view(TEXT, '<Choices name="c" toName="text" value="$options"/>'))
    assert schema.problems == ()
    assert schema.data_fields == ("text", "options")


def test_fields_are_found_where_the_screen_shows_data() -> None:
    """Protects the check of the data: every field, once, in the order of first use."""
    xml = view(
        '<Header value="About $topic, $5 and US$"/>',
        '<Image name="i" valueList="$pages"/>',
        '<Paragraphs name="p" value="$talk[0].lines" audioUrl="$sound"/>',
        '<Style>.a { content: "$nothing" }</Style>',
        choices(to="i"),
    )
    assert read_config(xml).data_fields == ("topic", "pages", "talk", "sound")


def test_a_repeater_is_kept_as_it_is() -> None:
    """Protects answers under numbered names, which the codec does not look up."""
    xml = view(
        f'<Repeater on="$images" indexFlag="{{{{idx}}}}"><Image name="i-{{{{idx}}}}" value="$images[{{{{idx}}}}]"/>'
        f"{choices(name='c-{{idx}}', to='i-{{idx}}')}</Repeater>"
    )
    assert [c.understood for c in read_config(xml).controls] == [False]


@pytest.mark.parametrize(
    ("xml", "word"),
    [
        (view(TEXT), "no control tag"),
        (view(TEXT, choices(), choices()), "'c' is given to 2 tags"),
        (view(TEXT, choices(to="txt")), "'txt', which does not exist"),
        (view(TEXT, choices(classes="")), "has no classes"),
        (view(TEXT, choices(classes='<Choice value=""/><Choice value="B"/>')), "class without a name"),
        (view('<Text name="text" value="text"/>', choices()), "No data field"),
        (view(TEXT, '<Choices toName="text"><Choice value="A"/></Choices>'), "has no name"),
        (view(TEXT, '<Choices name="c"><Choice value="A"/></Choices>'), "what it refers to"),
        (f"<Text name='text' value='$text'>{choices()}</Text>", "outermost"),
    ],
)
def test_problems_are_said_in_the_words_of_the_user(xml: str, word: str) -> None:
    """Protects the user from a screen that Label Studio accepts and that cannot be used; says what to do."""
    problems = read_config(xml).problems
    assert any(word in problem for problem in problems)
    assert all(":" in problem for problem in problems)


def test_a_doubled_class_is_pointed_out() -> None:
    """Protects from two classes that no report could tell apart."""
    assert "'A'" in (only(view(TEXT, choices(classes='<Choice value="A"/><Choice value="A"/>'))).reason or "")


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]><View><Text name="t" value="&b;"/></View>'
FILE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><View><Header value="&a;"/></View>'


@pytest.mark.parametrize(
    ("xml", "word"),
    [
        (BOMB, "entity"),
        (FILE, "entity"),
        ('<!DOCTYPE View SYSTEM "http://127.0.0.1/x.dtd"><View/>', "entity"),
        ("<View><Text></View>", "well-formed"),
        ("", "well-formed"),
        ("<View>" + "<!-- x -->" * 200_001 + "</View>", "characters"),
        ("<View>" * 300 + "</View>" * 300, "deep"),
        ("<View \x00/>", "well-formed"),
    ],
)
def test_attacks_and_rubbish_are_refused_with_the_next_step(xml: str, word: str) -> None:
    """Protects the machine that reads a stranger's config."""
    with pytest.raises(SchemaError) as caught:
        read_config(xml)
    assert word in str(caught.value)
    assert caught.value.next_step


def test_a_sample_answers_every_control_and_shows_every_field() -> None:
    """Protects the trial of a screen: its sample item can be shown, and its sample answer can be read."""
    xml = view(TEXT, choices(), '<TextArea name="why" toName="text"/>', '<Rating name="r" toName="text"/>')
    schema = read_config(xml)
    codec = LabelStudioCodec()
    answer = codec.encode(codec.decode(json.dumps(sample_result(schema)), schema))
    assert [line["from_name"] for line in answer] == ["c", "why", "r"]
    assert set(sample_task(schema)) == {"text"}
