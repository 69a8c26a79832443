"""Signed links: who has none gets nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwright.adapters.media.links import LONGEST_NAME, link, name_of, read_name, sign, verify

SECRET = "5e" * 32
NAMES = st.text(st.characters(codec="utf-8"), max_size=80)
TIMES = st.integers(0, 10**11)


@given(NAMES, NAMES)
def test_a_name_says_item_and_field_and_nothing_but_safe_characters(item, field):
    """An item whose id is a path, a quote or an emoji and whose link breaks, or reads as another item."""
    name = name_of(item, field)
    assert read_name(name) == (item, field)
    assert name.isascii()
    assert all(c.isalnum() or c in "-_" for c in name)


@given(st.text(max_size=60))
def test_what_is_no_name_is_none(text):
    """A crash, or a second spelling of an item, from a name that somebody made up."""
    found = read_name(text)
    assert found is None or name_of(*found) == text


@pytest.mark.parametrize("name", ["", "=", "W10", "é", "A", name_of("a", "b") + "=", "W" * (LONGEST_NAME + 1), "W" * 9])
def test_names_that_are_none(name):
    """Padding, other JSON, odd lengths and endless names let through."""
    assert read_name(name) is None


@given(NAMES, NAMES, TIMES, st.integers(-(10**6), 10**6))
def test_a_link_opens_until_its_time_is_over(item, field, expires, late):
    """Links that never end, or end too early."""
    name = name_of(item, field)
    opens = verify(SECRET, name, str(expires), sign(SECRET, name, expires), expires + late)
    assert opens == (late <= 0)


@given(NAMES, NAMES, TIMES, st.data())
def test_a_link_that_was_touched_does_not_open(item, field, expires, data):
    """A link whose item, time or signature was exchanged for another."""
    name = name_of(item, field)
    signature = sign(SECRET, name, expires)
    other_item, other_field = data.draw(st.tuples(NAMES, NAMES).filter(lambda t: t != (item, field)))
    other_time = data.draw(TIMES.filter(lambda t: t != expires))
    at = data.draw(st.integers(0, len(signature) - 1))
    flipped = signature[:at] + ("A" if signature[at] != "A" else "B") + signature[at + 1 :]
    assert not verify(SECRET, name_of(other_item, other_field), str(expires), signature, 0)
    assert not verify(SECRET, name, str(other_time), signature, 0)
    assert not verify(SECRET, name, str(expires), flipped, 0)
    assert not verify("6f" * 32, name, str(expires), signature, 0)


@pytest.mark.parametrize(
    "expires", ["", "-1", "1e9", " 5", "5 ", "05", "5.0", "\u0665", "9" * 13, "9" * 5000, "inf", "\ud800"]
)
def test_a_time_is_written_in_one_way_only(expires):
    """Other spellings of the same time, endless digits, digits of other scripts."""
    name = name_of("a", "image")
    assert not verify(SECRET, name, expires, sign(SECRET, name, 5), 0)


@given(st.text(max_size=60))
def test_any_signature_is_compared_without_a_crash(signature):
    """Signatures of any characters, as a request may hold them."""
    name = name_of("a", "image")
    assert not verify(SECRET, name, "5", signature, 0)


def test_the_form_of_a_link():
    """Another layout than the route reads, and a path in it."""
    made = link("http://127.0.0.1:8200/", SECRET, "../../etc/passwd", "image", 1_800_000_000)
    head, expires, signature, name = made.rsplit("/", 3)
    assert (head, expires) == ("http://127.0.0.1:8200/media", "1800000000")
    assert len(signature) == 43
    assert read_name(name) == ("../../etc/passwd", "image")
    assert "passwd" not in made
