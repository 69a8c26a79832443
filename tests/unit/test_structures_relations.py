"""Agreement on links between regions."""

from __future__ import annotations

import pytest

from labelwright.agreement.structures import Drawing, relation_match
from labelwright.model.values import Box, Entry, Relation


def answer(item, who, shift=0.0, links=((0, 1, "right", ("tows",)),)):
    """Three boxes, and links between them by number."""
    boxes = [Entry("box", "img", Box(10.0 + 30 * k + shift, 10.0, 20.0, 20.0), ("Car",), f"{who}{k}") for k in range(3)]
    made = tuple(Relation(f"{who}{a}", f"{who}{b}", way, labels) for a, b, way, labels in links)
    return Drawing(item, who, tuple(boxes), made)


def test_the_same_link_between_the_same_things_agrees():
    """Protects the match: regions by place, not by id; a link to the left is one to the right from the other end."""
    turned = answer("i", "b", 1.0, [(1, 0, "left", ("tows",))])
    assert relation_match([answer("i", "a"), turned]).value == 1.0


@pytest.mark.parametrize(
    "links", [[(1, 0, "right", ("tows",))], [(0, 1, "right", ("hits",))], [(0, 2, "right", ("tows",))]]
)
def test_another_direction_label_or_end_does_not(links):
    """Protects what makes a link: its two ends, its direction, its label."""
    assert relation_match([answer("i", "a"), answer("i", "b", 1.0, links)]).value == 0.0


def test_precision_recall_and_f1_are_counted():
    """Protects the numbers: one of two links shared; nothing linked by anybody is undefined, not 0."""
    two = [(0, 1, "right", ("tows",)), (1, 2, "right", ())]
    found = relation_match([answer("i", "a", links=two), answer("i", "b")], "bootstrap")
    (pair,) = found.pairs
    assert found.value == pytest.approx(2 / 3)
    assert (pair.recall.value, pair.precision.value) == (0.5, 1.0)
    nothing = relation_match([answer("i", "a", links=()), answer("i", "b", links=())])
    assert nothing.value is None
    assert "nobody linked" in nothing.reason


def test_a_link_without_direction_has_no_order():
    """Protects undirected links: they are the same from either end."""
    one, other = answer("i", "a", links=[(0, 1, "bi", ())]), answer("i", "b", links=[(1, 0, "bi", ())])
    assert relation_match([one, other]).value == 1.0
