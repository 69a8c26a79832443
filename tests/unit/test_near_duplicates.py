"""Of items that are nearly the same one goes out: texts, pictures, and the batch that is chosen among them."""

from __future__ import annotations

import csv
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from labelwright.adapters.media.likeness import picture_hash
from labelwright.app.kinship import Distinct
from labelwright.app.selection import select
from labelwright.learning.representatives import pictures_alike, texts_alike
from labelwright.model.errors import UsageError
from labelwright.model.project import Annotator, Assignment, Item, Level, Purpose
from support.learned import workspace

NOTHING = np.empty(0, dtype=np.int64)
LONG = "the battery of this phone lasts for two days even when I watch films on the train every morning and evening"


def test_the_first_of_texts_that_are_alike_stands_for_them():
    """Two labels paid for one sentence, with another space or another full stop."""
    texts = [LONG, "something else altogether", LONG.upper() + " ", LONG + ".", "", ""]
    assert texts_alike(texts, 0.9).tolist() == [0, 1, 0, 0, 4, 5]
    with pytest.raises(UsageError):
        texts_alike(texts, 0)


@given(st.lists(st.text("ab ", max_size=12), max_size=12))
def test_a_representative_stands_for_itself_and_comes_first(texts: list[str]):
    """A chain of likenesses that leaves a group with no item at all."""
    first = texts_alike(texts, 0.8)
    assert (first[first] == first).all()
    assert (first <= np.arange(len(texts))).all()


def picture(path, shift: int = 0, size: tuple[int, int] = (120, 90), **saving):
    image = Image.new("RGB", (120, 90), "white")
    draw = ImageDraw.Draw(image)
    for k in range(5):
        draw.ellipse(
            [10 + 20 * k, 10 + shift + 9 * k, 40 + 20 * k, 40 + 9 * k + shift], fill=(40 * k, 20, 255 - 50 * k)
        )
    image.resize(size).save(path, **saving)
    return path


def test_a_picture_of_another_size_and_quality_is_the_same_picture(tmp_path):
    """A pool of frames and thumbnails of which every one is labeled."""
    hashes = [
        picture_hash(picture(tmp_path / "a.png")),
        picture_hash(picture(tmp_path / "b.jpg", size=(240, 180), quality=60)),
        picture_hash(picture(tmp_path / "c.png", shift=35)),
    ]
    assert pictures_alike(hashes).tolist() == [0, 0, 2]
    (tmp_path / "no.png").write_bytes(b"no picture")
    Image.new("RGB", (50, 50), "white").save(tmp_path / "blank.png")
    assert [picture_hash(tmp_path / name) for name in ("no.png", "blank.png", "gone.png")] == [None, None, None]
    assert pictures_alike([None, None, 7, 7]).tolist() == [0, 1, 2, 2]


@pytest.fixture
def project(tmp_path):
    made = workspace(tmp_path, n=60)
    data = tmp_path / "pool.csv"
    rows = list(csv.reader(data.open(encoding="utf-8")))
    rows += [[f"copy{k}", f"{LONG} {'!' * (k + 1)}"] for k in range(40)]
    with data.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    project = made.project()
    project.pool.import_files(made.pool_spec())
    return project


@pytest.mark.parametrize("strategy", ["random", "kmeans"])
def test_a_batch_holds_one_of_many_copies_and_is_filled_up(project, strategy: str):
    """A pool that is half copies: a batch of them, or a batch that is short."""
    chosen = select(project, 1, 50, apart=NOTHING, strategy=strategy)
    ids = [item.id for item in project.pool.items(chosen.rows.tolist())]
    assert sum(i.startswith("copy") for i in ids) == 1
    assert len(ids) == len(set(ids)) == 50
    assert chosen.note == f"{chosen.near_duplicates} near-duplicates were left out"
    again = select(project, 1, 50, apart=NOTHING, strategy=strategy)
    assert again.rows.tolist() == chosen.rows.tolist()


def test_what_went_out_is_not_sent_out_again_under_another_name(project):
    """A near-copy of a test item in the training set: the model is measured on what it has seen."""
    item = project.pool.items([60])[0]
    project.store.put_annotator(Annotator("ada", "Ada", "ada@example.org", Level.REGULAR))
    project.store.add_assignments({item.id: (item, 60)}, [Assignment("k", item.id, "ada", Purpose.TEST, 1, 0)])
    chosen = select(project, 2, 99, apart=NOTHING, strategy="random")
    assert sorted(chosen.rows.tolist()) == list(range(60))


def test_it_can_be_turned_off(project):
    """A user who wants every row labeled."""
    off = project.settings.model_copy(
        update={"pool": project.settings.pool.model_copy(update={"near_duplicates": None})}
    )
    every = replace(project, settings=off)
    assert len(select(every, 1, 100, apart=NOTHING, strategy="random").rows) == 100
    assert not Distinct(every, []).repeats([Item("a", {"text": LONG}), Item("b", {"text": LONG})]).any()
