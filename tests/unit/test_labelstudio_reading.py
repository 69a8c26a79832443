"""From Label Studio's tasks to values, without a server."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwright.adapters.labelstudio.desks import chunks, title_of
from labelwright.adapters.labelstudio.reading import seen_annotation, seen_change, seen_task
from labelwright.adapters.labelstudio.tasklist import moment
from labelwright.model.desk import TaskToDeliver

TIME = "2026-11-23T22:59:28.254405Z"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def annotation(**other: object) -> dict[str, object]:
    return {"id": 3, "created_at": TIME, "updated_at": TIME, "result": [], "completed_by": 2, "lead_time": 2, **other}


@given(JSON)
def test_raw_json_is_kept_unchanged(result: object) -> None:
    """Protects what Label Studio gave: any JSON comes back from raw as it was, in text that a database takes."""
    seen = seen_annotation(annotation(result=result), {"id": 1}, desk=9)
    seen.raw.encode()
    assert json.loads(seen.raw) == annotation(result=result)


def test_half_a_surrogate_pair_is_kept_as_its_escape() -> None:
    """Protects the store from text that no database takes."""
    seen = seen_annotation(annotation(result="\ud83d"), {"id": 1}, desk=9)
    seen.raw.encode()
    assert json.loads(seen.raw)["result"] == "\ud83d"


def test_what_the_clock_says_is_left_out() -> None:
    """Protects idempotence: two readings of one answer are equal."""
    early, late = (seen_annotation(annotation(created_ago=t), {"id": 1}, 9) for t in ("0 minutes", "2 hours"))
    assert early == late


@pytest.mark.parametrize("meta", [None, {}, [], "labelwright", {"labelwright": 5}, {"other": "k"}])
def test_a_task_that_is_not_ours_has_no_key(meta: object) -> None:
    """Protects intake from taking somebody's own meta for an assignment."""
    assert seen_task({"id": 1, "meta": meta}, frozenset()).key is None


@pytest.mark.parametrize(
    ("text", "ids"), [(None, ()), ("", ()), ("7", (7,)), ("12,7", (7, 12)), ("12, 7", (7, 12)), (5, (5,))]
)
def test_annotation_ids_are_read_in_the_ways_of_both_databases(text: object, ids: tuple[int, ...]) -> None:
    """Protects the sweep: SQLite and PostgreSQL write the list differently."""
    assert seen_task({"id": 1, "annotations_ids": text}, frozenset()).annotations == ids


def test_in_hand_is_open_or_drafted() -> None:
    """Protects work that is being done."""
    tasks = [seen_task({"id": i, "draft_exists": i == 2}, frozenset({1})) for i in (1, 2, 3)]
    assert [t.in_hand for t in tasks] == [True, True, False]


def test_annotations_come_in_the_order_of_their_ids_and_the_annotator_in_both_shapes() -> None:
    """Protects the order of answers, and reads the annotator as id or as an object."""
    task = {"id": 1, "updated_at": TIME, "annotations": [annotation(id=9), annotation(id=4, completed_by={"id": 6})]}
    change = seen_change(task, 7, frozenset())
    assert [(a.id, a.user) for a in change.annotations] == [(4, 6), (9, 2)]
    assert change.task.annotations == (4, 9)


def test_a_moment_is_utc_with_microseconds() -> None:
    """Protects from the server's 500 to a time without microseconds."""
    when = datetime(2026, 1, 1, 9, tzinfo=timezone(timedelta(hours=9)))
    assert moment(when) == "2026-01-01T00:00:00.000000Z"
    assert moment(datetime(2026, 1, 1, 0, 0, 0, 7, tzinfo=UTC)) == "2026-01-01T00:00:00.000007Z"


@given(st.text(max_size=120))
def test_any_title_fits(title: str) -> None:
    """Protects from the server's refusal: 3 to 50 printable characters."""
    made = title_of(title)
    assert 3 <= len(made) <= 50
    assert made.isprintable()


@given(st.lists(st.text(max_size=5), max_size=30), st.integers(1, 7))
def test_chunks_lose_and_reorder_nothing(texts: list[str], size: int) -> None:
    """Protects the pairing of keys and ids."""
    tasks = [TaskToDeliver(str(n), {"text": t}) for n, t in enumerate(texts)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("labelwright.adapters.labelstudio.desks._CHUNK_TASKS", size)
        parts = list(chunks(tasks))
    assert [t for part in parts for t in part] == tasks
    assert all(0 < len(part) <= size for part in parts)


def test_big_texts_make_small_chunks() -> None:
    """Protects the server from an import of hundreds of megabytes."""
    tasks = [TaskToDeliver(str(n), {"text": "x" * 6_000_000}) for n in range(5)]
    assert [len(part) for part in chunks(tasks)] == [2, 2, 1]
