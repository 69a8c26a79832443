"""A Label Studio export is read task by task, whatever its texts hold, and its links name files that are safe."""

from __future__ import annotations

import json
from itertools import pairwise
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labelwright.adapters.labelstudio import export_stream
from labelwright.adapters.labelstudio.export_stream import stream_tasks
from labelwright.export.labelled import Names, base_name
from labelwright.export.places import bounds, outline
from labelwright.export.treebank import tokens_of
from labelwright.model.errors import DataError
from labelwright.model.values import Box

TEXTS = st.text(alphabet=st.sampled_from('{}[]",\\:ax \n😐'), max_size=30)
TASKS = st.lists(
    st.builds(lambda i, t: {"id": i, "d": {"t": t}, "e": [{"a": t}, {"b": 1.5}]}, st.integers(0, 9), TEXTS)
)


@given(TASKS, st.sampled_from([None, 2]), st.booleans(), st.integers(20, 300))
@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_task_comes_back_wherever_a_piece_of_the_file_ends(tmp_path, tasks, indent, ascii_only, piece):
    """Braces, quotes and brackets in texts never move the border of a task, as a list and as JSON lines."""
    path = tmp_path / "export.json"
    with patch.object(export_stream, "PIECE", piece):
        path.write_text(json.dumps(tasks, indent=indent, ensure_ascii=ascii_only), "utf-8")
        assert list(stream_tasks(path)) == tasks
        path.write_text("\n".join(json.dumps(t, ensure_ascii=ascii_only) for t in tasks) or "[]", "utf-8")
        assert list(stream_tasks(path)) == tasks


@pytest.mark.parametrize("text", ["", "nothing", '[{"id": 1}, {"id": 2', "[1, 2]", '{"id": 1}\n{broken\n'])
def test_what_is_no_export_is_refused_with_its_place(tmp_path, text):
    """A download that was cut off, or another kind of file, is no shorter export."""
    path = tmp_path / "export.json"
    path.write_text(text)
    with pytest.raises(DataError, match=r"export\.json"):
        list(stream_tasks(path))


def test_half_an_emoji_is_read(tmp_path):
    """A browser writes a lone surrogate when a selection ends within an emoji."""
    path = tmp_path / "export.json"
    path.write_text('[{"id": 1, "t": "\\ud83d"}]')
    assert [t["t"] for t in stream_tasks(path)] == ["\ud83d"]


@pytest.mark.parametrize(
    ("link", "name"),
    [
        ("https://example.org/a/b%20c.jpg?x=1#y", "b c.jpg"),
        ("/data/local-files/?d=set/one.wav", "one.wav"),
        ("s3://bucket/pre/fix.png", "fix.png"),
        ("C:\\pictures\\cat.jpg", "cat.jpg"),
        ("https://example.org/%2e%2e%2fetc%2fpasswd", "passwd"),
        ("plain.txt", "plain.txt"),
    ],
)
def test_a_link_names_its_file(link, name):
    """The file's own name, without the address around it."""
    assert base_name(link) == name


@given(st.lists(st.text(max_size=300), max_size=20))
def test_names_of_files_are_safe_and_never_two_alike(links):
    """No separator, nothing hidden, short, and different even where the file system does not tell cases apart."""
    names = Names()
    found = ["".join(names.of(link, str(n))) for n, link in enumerate(links)]
    assert len({"".join(n).casefold() for n in found}) == len(found)
    for name in found:
        assert name
        assert not name.startswith(".")
        assert len(name.encode()) <= 255
        assert not set(name) & set("/\\\0\n")


@given(st.text(max_size=80))
def test_words_lie_in_the_text_in_order_and_hold_no_blank(text):
    """Offsets can be relied on for whatever text there is."""
    tokens = tokens_of(text)
    assert all(a < b for a, b in tokens)
    assert all(one[1] <= other[0] for one, other in pairwise(tokens))
    assert not any(part.isspace() for a, b in tokens for part in text[a:b])


@given(
    st.floats(0, 90), st.floats(0, 90), st.floats(1, 50), st.floats(1, 50), st.floats(-720, 720), st.floats(10, 2000)
)
def test_bounds_of_a_turned_box_hold_its_corners_and_touch_them(x, y, w, h, turn, wide):
    """True bounds: nothing of the box lies outside, and each side is touched."""
    box = Box(x, y, w, h, turn)
    frame, corners = bounds(box, wide, 600), outline(box, wide, 600)
    across, down = [p[0] for p in corners], [p[1] for p in corners]
    slack = 1e-6 * wide
    assert abs(frame.x - min(across)) < slack
    assert abs(frame.x + frame.width - max(across)) < slack
    assert abs(frame.y - min(down)) < slack
    assert abs(frame.y + frame.height - max(down)) < slack
