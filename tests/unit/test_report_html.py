"""The HTML report: one file, nothing loaded, nothing that people wrote becomes markup."""

from __future__ import annotations

import base64
import hashlib
import io
import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from rich.console import Console

from labelwright.app.report import build_report
from labelwright.app.report.values import DifficultItem, GivenAnswer
from labelwright.app.tables import tables_of
from labelwright.entry.render.html import render_html
from labelwright.entry.render.regions import shown
from labelwright.entry.render.terminal import print_report
from labelwright.model.project import Annotation, AnnotationSet, Annotator, Item
from labelwright.model.schema import Control, DataObject, Kind, Schema
from labelwright.model.values import Answer, Choice, Entry, Span

EVIL = "</style><script>alert(1)</script><img src=x onerror=alert(2)>\"'{{7*7}}{% raw %}"


class Page(HTMLParser):
    """Collects tags, attributes and text."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def hostile(kind: Kind = Kind.CHOICE) -> AnnotationSet:
    """Every string that a person can write holds markup."""
    control = Control(EVIL, "Choices", kind, (EVIL,), (EVIL, "b"))
    rows = []
    for n in range(4):
        for k, who in enumerate((EVIL, "ben", "cleo")):
            label = EVIL if k == 0 and n % 2 else "b"
            value = Span(0, 3, EVIL) if kind is Kind.SPANS else Choice((label,))
            entry = Entry(EVIL, EVIL, value, (label,) if kind is Kind.SPANS else (), region="r")
            rows.append(Annotation(f"{n}{k}", f"{EVIL}{n}", who, Answer((entry,))))
    items = {
        f"{EVIL}{n}": Item(f"{EVIL}{n}", {EVIL: EVIL + "\x00\x1b[31m", "more": {"deep": [EVIL]}}) for n in range(4)
    }
    schema = Schema("", (control,), (DataObject(EVIL, "Text", EVIL),), (EVIL,))
    return AnnotationSet(schema, items, tuple(rows), {EVIL: Annotator(EVIL, EVIL, EVIL)}, simulated=EVIL)


def page_of(kind: Kind) -> str:
    return render_html(build_report(tables_of(hostile(kind), rejected={EVIL: 3}, notes=(EVIL,)), EVIL))


@pytest.mark.parametrize("kind", [Kind.CHOICE, Kind.SPANS, Kind.TEXT])
def test_what_people_wrote_stays_text(kind: Kind):
    """Markup in a text, class, name, file name or note adds no tag and no attribute, and is shown as it is."""
    page = Page(page_of(kind))
    assert [t for t, _ in page.tags].count("script") == 1
    assert not [t for t, _ in page.tags if t in {"img", "iframe", "object", "embed", "link", "base", "form"}]
    assert not [a for _, attrs in page.tags for a in attrs if a.startswith("on") or a == "style"]
    assert any(EVIL in text for text in page.text)
    assert "49" not in {t.strip() for t in page.text}


def test_nothing_is_loaded_and_the_policy_names_what_runs():
    """The policy allows the file's own style and script by hash and nothing else; no address stands in the file."""
    html = page_of(Kind.CHOICE)
    page = Page(html)
    policy = next(a["content"] for t, a in page.tags if a.get("http-equiv") == "Content-Security-Policy")
    for tag in ("style", "script"):
        body = re.search(rf"<{tag}>(.*?)</{tag}>", html, re.DOTALL).group(1)
        digest = base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not re.findall(r"(?:https?:)?//[a-z]", html)
    assert not [a for _, attrs in page.tags for a in ("src", "srcset") if a in attrs]


def test_a_link_in_the_data_is_shown_and_not_followed():
    """A picture's address is text; only a picture that stands in the data itself is shown."""
    base = hostile()
    pixel = "data:image/png;base64,iVBORw0KGgo="
    for value, pictures in (("https://elsewhere.example/a.png", 0), (pixel, 4), (pixel + '" onload="x', 0)):
        items = {i: Item(i, {"photo": value}) for i in base.items}
        schema = replace(base.schema, objects=(DataObject(EVIL, "Image", "photo"),))
        page = Page(render_html(build_report(tables_of(replace(base, items=items, schema=schema)), "x")))
        assert [t for t, _ in page.tags].count("img") == (pictures and 2)
        assert all(a["src"] == pixel for t, a in page.tags if t == "img")


def test_simulated_answers_are_said_to_be_simulated():
    """The note stands at the top and at the end of the page, and is missing where nothing is simulated."""
    base = replace(hostile(), simulated="times are drawn from a distribution")
    html = render_html(build_report(tables_of(base), "x"))
    assert html.count("Simulated: times are drawn from a distribution") == 2
    assert "Simulated" not in render_html(build_report(tables_of(replace(base, simulated=None)), "x"))


def test_spans_after_an_emoji_are_marked_where_the_annotator_marked_them():
    """A browser counts an emoji twice; the marked words are those that were marked."""
    text = "🙂🙂 good coffee"
    for span in (Span(5, 9, "good"), Span(3, 7, "good")):
        answer = GivenAnswer("ada", "1 x", (Entry("ner", "t", span, ("x",)),))
        item = DifficultItem("i", 1.0, False, (answer,), Item("i", {"text": text}), text)
        pieces = shown(item, (DataObject("t", "Text", "text"),), ("x",))[0].pieces
        assert [p.text for p in pieces if p.labels] == ["good"]
        assert "".join(p.text for p in pieces) == text


def test_overlapping_spans_keep_the_text_whole():
    """Cutting the text at the ends of spans loses and doubles nothing."""
    text = "abcdefghij"
    entries = tuple(Entry("n", "t", Span(a, b, text[a:b]), (c,)) for a, b, c in ((0, 5, "x"), (3, 8, "y"), (3, 4, "z")))
    item = DifficultItem("i", 1.0, False, (GivenAnswer("a", "", entries),), Item("i", {"text": text}), text)
    pieces = shown(item, (DataObject("t", "Text", "text"),), ("x", "y", "z"))[0].pieces
    assert "".join(p.text for p in pieces) == text
    assert {p.text: p.labels for p in pieces}["d"] == "x, y, z"


def test_a_long_text_is_cut_and_says_so():
    """A text of a megabyte does not make the report unreadable."""
    base = hostile()
    items = {i: Item(i, {EVIL: "word " * 200_000}) for i in base.items}
    html = render_html(build_report(tables_of(replace(base, items=items)), "x"))
    assert len(html) < 300_000
    assert "1,000,000 characters, cut here" in html


def test_an_item_cannot_steer_the_terminal():
    """Escape sequences, titles and reversed writing in names, classes, items and notes reach no terminal."""
    base = hostile()
    evil = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202egnol"
    items = {i: Item(i, {EVIL: evil}) for i in base.items}
    people = {EVIL: Annotator(EVIL, evil, "")}
    report = build_report(tables_of(replace(base, items=items, annotators=people, simulated=evil), notes=(evil,)), evil)
    print_report(report, Console(file=(out := io.StringIO()), width=200, markup=False, color_system=None))
    assert "owned" in out.getvalue()
    assert not set(out.getvalue()) & set("\x07\x1b\x9b\u202e")
