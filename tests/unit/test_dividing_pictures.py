"""A picture and its smaller copy never lie in two splits."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
from PIL import Image

from labelwright.adapters.media.likeness import picture_hash
from labelwright.app.dividing import MOST_PICTURES, divide
from labelwright.export import SplitRule
from labelwright.model.project import Item

LABEL = SimpleNamespace(label="A", posterior=1.0, contested=False)


def test_pictures_that_look_the_same_go_into_one_split(tmp_path):
    """Thirty scenes, each saved twice in another size and quality; other scenes stay where their hash puts them."""
    rng = np.random.default_rng(5)
    items = {}
    for n in range(30):
        small = Image.fromarray(rng.integers(0, 255, (6, 6, 3), dtype=np.uint8))
        for name, side, quality in ((f"{n}-large", 480, 95), (f"{n}-small", 200, 60)):
            small.resize((side, side), Image.Resampling.BICUBIC).save(tmp_path / f"{name}.jpg", quality=quality)
            items[name] = Item(name, {"image": f"{name}.jpg"}, group=name)
    rule = SplitRule(0.5, 0.25, 0.25)
    apart = sum(rule.split_of(items[f"{n}-large"]) != rule.split_of(items[f"{n}-small"]) for n in range(30))
    labels = dict.fromkeys(items, LABEL)
    found = divide(
        list(items.values()),
        labels,
        rule,
        (),
        stratify=False,
        likeness=lambda item: picture_hash(tmp_path / item.data["image"]),
    )
    assert apart > 5
    assert found.found == {"compared": 60, "kind": "pictures", "pairs_across_splits": apart, "groups_moved": apart}
    for n in range(30):
        assert found.rule.split_of(items[f"{n}-large"]) == found.rule.split_of(items[f"{n}-small"])


def test_too_many_pictures_are_not_compared_and_that_is_said():
    """Nobody waits for hours, and the manifest does not claim what was not looked at."""
    items = {str(n): Item(str(n), {"image": "a.jpg"}, group=str(n)) for n in range(MOST_PICTURES + 1)}
    found = divide(
        list(items.values()), dict.fromkeys(items, LABEL), SplitRule(), (), stratify=False, likeness=lambda _: 1
    )
    assert found.found == {"compared": 0, "reason": f"more than {MOST_PICTURES} rows"}
