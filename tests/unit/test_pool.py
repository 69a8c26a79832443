"""The pool in the user's own files: what is read, what is rejected and why, and that rows are found again."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from labelwright.adapters.pool.files import FilePool
from labelwright.model.errors import DataError, LabelwrightError, UsageError
from labelwright.ports import PoolSpec, PoolSummary

TEXTS = [
    "plain",
    'comma, and "quotes"',
    "two\nlines",
    "émoji 😀",
    "שלום עולם",
    "مرحبا",
    "x" * 1_000_000,
    "=cmd|' /C calc'!A0",
    "tab\there",
]


def spec_of(*files: Path, **columns: Any) -> PoolSpec:
    return PoolSpec(files=files, fields={"text": "text"}, **columns)


def rejects(pool: FilePool) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in pool.rejects_path.read_bytes().splitlines()]


def reasons(pool: FilePool) -> list[tuple[int, str]]:
    return [(reject["row"], reject["reason"]) for reject in rejects(pool)]


def write(path: Path, frame: pl.DataFrame) -> Path:
    {
        ".csv": lambda: frame.write_csv(path),
        ".tsv": lambda: frame.write_csv(path, separator="\t"),
        ".json": lambda: path.write_text(json.dumps(frame.to_dicts(), ensure_ascii=False, indent=1), encoding="utf-8"),
        ".jsonl": lambda: frame.write_ndjson(path),
        ".parquet": lambda: frame.write_parquet(path, row_group_size=4),
    }[path.suffix]()
    return path


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".json", ".jsonl", ".parquet"])
def test_every_format_gives_the_same_items(tmp_path: Path, suffix: str):
    """A text that is changed, lost or gets another id by the format it comes in."""
    file = write(
        tmp_path / f"data{suffix}",
        pl.DataFrame({"text": TEXTS, "source": [f"s{i % 3}" for i in range(9)], "label": ["a", None, "b"] * 3}),
    )
    FilePool(tmp_path / "state").import_files(spec_of(file, label_column="label", metadata_columns=("source",)))
    pool = FilePool(tmp_path / "state")  # as another process finds it
    assert pool.summary().items == len(pool) == 9
    order = [8, 0, 6, 6, 2]
    items = pool.items(order)
    assert [item.data["text"] for item in items] == [TEXTS[row] for row in order]
    assert [item.id for item in items] == [pool.ids()[row] for row in order]
    assert [item.existing for item in items] == [("a", None, "b")[row % 3] for row in order]
    assert [item.metadata for item in items] == [{"source": f"s{row % 3}"} for row in order]
    assert [item.group for item in items] == [item.id for item in items]
    assert list(pool.strata("source")) == [f"s{i % 3}" for i in range(9)]
    assert list(pool.strata("label")) == ["a", "", "b"] * 3
    streamed = [
        (row, data["text"]) for rows, batch in pool.batches(4) for row, data in zip(rows.tolist(), batch, strict=True)
    ]
    assert streamed == list(enumerate(TEXTS))
    assert rejects(pool) == []


def test_ids_are_stable_across_formats_and_order(tmp_path: Path):
    """Items that change their id, and so their split and their labels, when the file is saved in another way."""
    frame = pl.DataFrame({"text": TEXTS, "more": list("abcdefghi")})
    fields = {"text": "text", "other": "more"}
    ids = []
    for at, (suffix, data) in enumerate(
        {".csv": frame, ".parquet": frame.reverse(), ".jsonl": frame.select("more", "text")}.items()
    ):
        pool = FilePool(tmp_path / str(at))
        pool.import_files(PoolSpec(files=(write(tmp_path / f"data{suffix}", data),), fields=fields))
        ids.append(sorted(pool.ids()))
    assert ids[0] == ids[1] == ids[2]
    assert len(set(ids[0])) == 9
    assert all(len(made) == 32 for made in ids[0])


BAD_CSV = """text,id,source
"hello, world",1,a
"two
lines",2,b
,3,a
bad\x00nul,4,a
ragged,5
"closed" early,6,a
  ,7,c
"two
lines",8,b

after a blank line,9,a
again,9,a
no id,,a
"never closed,10,a
good,11,a
"""


def test_bad_csv_rows_are_named_and_the_good_ones_go_on(tmp_path: Path):
    """One bad row that stops an import, swallows its neighbours, or vanishes without a word."""
    file = tmp_path / "bad.csv"
    file.write_text(BAD_CSV, newline="")
    pool = FilePool(tmp_path / "state")
    summary = pool.import_files(spec_of(file, id_column="id"))
    assert list(pool.ids()) == ["1", "2", "9", "11"]
    assert [item.data["text"] for item in pool.items([0, 1, 2, 3])] == [
        "hello, world",
        "two\nlines",
        "after a blank line",
        "good",
    ]
    assert sorted(reasons(pool)) == [
        (3, "empty value"),
        (4, "control character"),
        (5, "wrong number of columns"),
        (6, "broken CSV row"),
        (7, "empty value"),
        (8, "duplicate of row 2"),
        (10, "id used before with other content"),
        (11, "missing id"),
        (12, "broken CSV row"),
    ]
    assert (summary.rows, summary.items, summary.duplicates, summary.rejected) == (13, 4, 1, 8)
    assert sum(summary.reasons.values()) == 8
    by_row = {reject["row"]: reject for reject in rejects(pool)}
    assert (by_row[4]["line"], by_row[4]["field"], by_row[4]["excerpt"]) == (6, "text", "bad\x00nul")
    assert (by_row[8]["line"], by_row[10]["detail"], by_row[12]["line"]) == (10, "row 9", 16)


def test_bad_json_lines_are_named_and_the_good_ones_go_on(tmp_path: Path):
    """Broken JSON, wrong types and missing keys that end an import."""
    file = tmp_path / "bad.jsonl"
    good = '{"text": "fine", "n": {"deep": [1]}}'
    bad = [
        '{"text": ',
        "",
        '{"text": 5}',
        '{"text": null}',
        '{"n": 1}',
        '["text"]',
        '{"text": ""}',
        '{"text": "a\\u0000b"}',
        '{"text": ["a"]}',
        '{"text": "\\ud800"}',
    ]
    file.write_text("\n".join([good, *bad, '{"text": "last"}']))
    pool = FilePool(tmp_path / "state")
    pool.import_files(spec_of(file, metadata_columns=("n",)))
    assert [item.data["text"] for item in pool.items([0, 1])] == ["fine", "last"]
    assert [item.metadata for item in pool.items([0, 1])] == [{"n": {"deep": [1]}}, {"n": None}]
    found = {reject["line"]: (reject["row"], reject["reason"]) for reject in rejects(pool)}
    assert found == {
        2: (2, "broken JSON"),
        4: (3, "wrong type"),
        5: (4, "missing value"),
        6: (5, "missing value"),
        7: (6, "not a JSON object"),
        8: (7, "empty value"),
        9: (8, "control character"),
        10: (9, "wrong type"),
        11: (10, "broken JSON"),
    }


def test_a_broken_element_of_an_array_does_not_spoil_the_next(tmp_path: Path):
    """A JSON array of which nothing can be read because of one element."""
    file = tmp_path / "bad.json"
    file.write_text(
        '[ {"text": "a ] , } \\" b"},\n{"text": tru},{"text": "c"}\n, 7,\n {"text": {"x": 1}}, {"text":"d"} ]\n'
    )
    pool = FilePool(tmp_path / "state")
    pool.import_files(spec_of(file))
    assert [item.data["text"] for item in pool.items([0, 1, 2])] == ['a ] , } " b', "c", "d"]
    assert [(r["row"], r["line"], r["reason"]) for r in rejects(pool)] == [
        (2, 2, "broken JSON"),
        (4, 3, "not a JSON object"),
        (5, 4, "wrong type"),
    ]


def test_an_array_longer_than_what_is_read_at_once(tmp_path: Path):
    """Elements, strings or escapes cut at the border of two chunks."""
    texts = [f"{i} " + '\\"]},{[' * (i % 977) for i in range(3000)]
    file = tmp_path / "long.json"
    file.write_text(json.dumps([{"text": text} for text in texts]))
    assert file.stat().st_size > 3 << 20
    pool = FilePool(tmp_path / "state")
    pool.import_files(spec_of(file))
    assert [data["text"] for _, batch in pool.batches(1000) for data in batch] == texts
    assert pool.items([2999])[0].data["text"] == texts[2999]


def test_an_array_that_ends_too_soon_keeps_what_came_before(tmp_path: Path):
    """A download that broke off: what is there is used, and the end is named."""
    file = tmp_path / "cut.json"
    file.write_text('[{"text": "a"}, {"text": "b"}, {"text": "c')
    pool = FilePool(tmp_path / "state")
    assert pool.import_files(spec_of(file)).items == 2
    assert reasons(pool) == [(3, "broken JSON")]


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16-le"),
        ("cp1252", "cp1252"),
        ("latin-1", "cp1252"),
    ],
)
@pytest.mark.parametrize("suffix", [".csv", ".jsonl"])
def test_encodings_are_told_apart_and_named(tmp_path: Path, encoding: str, shown: str, suffix: str):
    """Mojibake in the labels, or a byte-order mark in the name of the first column."""
    texts = ["café crème", "naïve", "plain", "größer"]
    body = (
        pl.DataFrame({"text": texts}).write_csv()
        if suffix == ".csv"
        else "".join(json.dumps({"text": t}, ensure_ascii=False) + "\n" for t in texts)
    )
    file = tmp_path / f"data{suffix}"
    file.write_bytes(body.encode(encoding))
    pool = FilePool(tmp_path / "state")
    summary = pool.import_files(spec_of(file))
    assert summary.encoding == shown
    assert bool(summary.notes) == (encoding != "utf-8")
    assert [item.data["text"] for item in pool.items([3, 0, 1, 2])] == ["größer", "café crème", "naïve", "plain"]


def test_latin_1_is_named_where_windows_has_no_such_character(tmp_path: Path):
    """Bytes that Windows-1252 does not define, read as something or other."""
    file = tmp_path / "data.csv"
    file.write_bytes("text\ncaf\xe9 \x81\n".encode("latin-1"))
    pool = FilePool(tmp_path / "state")
    summary = pool.import_files(spec_of(file))
    assert summary.encoding == "latin-1"
    assert "Latin-1" in summary.notes[0]


def test_a_broken_row_in_a_utf_8_file_is_rejected_not_guessed(tmp_path: Path):
    """A whole UTF-8 file read as Latin-1 because of one bad byte."""
    file = tmp_path / "data.csv"
    file.write_bytes("text\ngrößer\nnaïve\n".encode() + b"caf\xe9\n" + "schön\n".encode())
    pool = FilePool(tmp_path / "state")
    assert pool.import_files(spec_of(file)).encoding == "utf-8"
    assert reasons(pool) == [(3, "bytes that do not fit the encoding")]
    assert [item.data["text"] for item in pool.items([0, 1, 2])] == ["größer", "naïve", "schön"]


def test_a_named_encoding_is_used(tmp_path: Path):
    """Bytes that only their owner can name."""
    file = tmp_path / "data.csv"
    file.write_bytes("text\nЖЮЩ\n".encode("koi8-r"))
    pool = FilePool(tmp_path / "state")
    pool.import_files(spec_of(file, encoding="koi8-r"))
    assert pool.items([0])[0].data["text"] == "ЖЮЩ"
    for wrong in ("nonsense", "utf-32", "base64"):
        with pytest.raises(DataError):
            pool.import_files(spec_of(file, encoding=wrong))


def test_utf_16_with_characters_beyond_the_basic_plane(tmp_path: Path):
    """Offsets counted in characters where two units make one."""
    texts = [f"row {i} 😀{'é' * i}" for i in range(40)]
    file = tmp_path / "data.csv"
    for mark, codec in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        file.write_bytes(mark + ("text,id\r\n" + "".join(f'"{t}",{i}\r\n' for i, t in enumerate(texts))).encode(codec))
        pool = FilePool(tmp_path / codec)
        pool.import_files(spec_of(file, id_column="id"))
        assert [item.data["text"] for item in pool.items(range(40))] == texts


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cc", "Cs"], include_characters='\n\t",;'), min_size=1),
        min_size=1,
        max_size=12,
        unique=True,
    ),
    st.sampled_from([".csv", ".tsv", ".jsonl", ".json"]),
)
def test_whatever_people_write_comes_back_unchanged(tmp_path: Path, texts: list[str], suffix: str):
    """Quotes, delimiters and line ends within texts that move the place where the next row is sought."""
    file = tmp_path / f"data{suffix}"
    if suffix in (".csv", ".tsv"):
        out = io.StringIO(newline="")
        writer = csv.writer(out, delimiter="," if suffix == ".csv" else "\t")
        writer.writerow(["n", "text"])
        writer.writerows([str(n), text] for n, text in enumerate(texts))
        file.write_text(out.getvalue(), encoding="utf-8", newline="")
    else:
        rows = [json.dumps({"n": n, "text": text}) for n, text in enumerate(texts)]
        file.write_text("\n".join(rows) if suffix == ".jsonl" else f"[{','.join(rows)}]")
    kept = [text for text in texts if any(not c.isspace() for c in text)]
    pool = FilePool(tmp_path / "state")
    if not pool_has_something(pool, spec_of(file)):
        return
    found = [item.data["text"] for item in pool.items(range(len(pool)))]
    assert [text for text in kept if text not in found] == [text for text in kept if not has_visible(text)]
    assert [text for text in found if text not in texts] == []


def has_visible(text: str) -> bool:
    """What polars and Python call a blank differs in a few code points; only those may be rejected."""
    return bool(pl.Series([text]).str.contains(r"\S")[0])


def pool_has_something(pool: FilePool, spec: PoolSpec) -> bool:
    try:
        return pool.import_files(spec).items > 0
    except DataError:
        return False


def test_several_files_are_one_pool(tmp_path: Path):
    """Rows of the second file looked up in the first, and duplicates across files missed."""
    a = write(tmp_path / "a.csv", pl.DataFrame({"text": ["one", "two"]}))
    b = write(tmp_path / "b.parquet", pl.DataFrame({"text": ["three", "one", "four"]}))
    c = write(tmp_path / "c.jsonl", pl.DataFrame({"text": ["five", "four"]}))
    pool = FilePool(tmp_path / "state")
    summary = pool.import_files(spec_of(a, b, c))
    assert (summary.items, summary.duplicates) == (5, 2)
    assert [item.data["text"] for item in pool.items([4, 0, 3, 1, 2])] == ["five", "one", "four", "two", "three"]
    assert [(r["file"], r["row"], r["reason"]) for r in rejects(pool)] == [
        ("b.parquet", 2, "duplicate of row 1 in a.csv"),
        ("c.jsonl", 2, "duplicate of row 3 in b.parquet"),
    ]
    assert [data["text"] for _, batch in pool.batches(2) for data in batch] == ["one", "two", "three", "four", "five"]


def test_rows_of_ids(tmp_path: Path):
    """An id that leads to another row."""
    pool = FilePool(tmp_path / "state")
    pool.import_files(
        spec_of(write(tmp_path / "a.csv", pl.DataFrame({"text": list("abc"), "id": ["x", "y", "z"]})), id_column="id")
    )
    assert pool.rows_of(["z", "nobody", "x"]).tolist() == [2, -1, 0]
    assert pool.ids()[0:2] == ["x", "y"]


def test_group_and_typed_metadata_travel(tmp_path: Path):
    """Items of one group torn apart, and times that JSON cannot hold."""
    frame = pl.DataFrame(
        {
            "text": ["a", "b"],
            "who": [7, None],
            "at": [dt.datetime(2024, 5, 1, tzinfo=dt.UTC), None],
            "score": [0.5, float("nan")],
            "tags": [["x"], []],
        },
    )
    pool = FilePool(tmp_path / "state")
    pool.import_files(
        spec_of(write(tmp_path / "a.parquet", frame), group_column="who", metadata_columns=("at", "score", "tags"))
    )
    first, second = pool.items([0, 1])
    assert (first.group, second.group) == ("7", second.id)
    assert first.metadata == {"at": "2024-05-01T00:00:00+00:00", "score": 0.5, "tags": ["x"]}
    assert second.metadata == {"at": None, "score": None, "tags": []}
    assert list(pool.strata("who")) == ["7", ""]


def test_structured_data_is_kept_as_it_is(tmp_path: Path):
    """Dialogues and rankings, whose data is a list, turned into text."""
    turns = [{"author": "A", "text": "hi"}, {"author": "B", "text": "ho"}]
    file = tmp_path / "a.jsonl"
    file.write_text("\n".join(json.dumps({"text": value}) for value in (turns, turns[:1], [], "just text")))
    pool = FilePool(tmp_path / "state")
    pool.import_files(spec_of(file))
    assert [item.data["text"] for item in pool.items([1, 0])] == [turns[:1], turns]
    assert reasons(pool) == [(3, "empty value"), (4, "wrong type")]


def test_parquet_columns_that_are_no_text_are_refused(tmp_path: Path):
    """A pool of numbers shown as text."""
    with pytest.raises(DataError, match="int64 where text is expected"):
        FilePool(tmp_path / "state").import_files(
            spec_of(write(tmp_path / "a.parquet", pl.DataFrame({"text": [1, 2]})))
        )


def test_parquet_text_that_is_not_utf_8_is_rejected(tmp_path: Path):
    """Broken strings that crash the process rather than the row."""
    raw = pa.array([b"good", b"bad \xff\xfe", None, b"fine"], type=pa.binary())
    broken = pa.Array.from_buffers(pa.string(), 4, raw.buffers(), null_count=1)
    pq.write_table(pa.table({"text": broken}), tmp_path / "a.parquet")
    pool = FilePool(tmp_path / "state")
    pool.import_files(spec_of(tmp_path / "a.parquet"))
    assert [item.data["text"] for item in pool.items([0, 1])] == ["good", "fine"]
    assert sorted(reasons(pool)) == [(2, "not UTF-8"), (3, "missing value")]


@pytest.mark.parametrize(
    ("name", "body", "message"),
    [
        ("a.csv", b"", "empty"),
        ("a.csv", b"text,text\na,b\n", "same name"),
        ("a.csv", b"words\na\n", "not there: text"),
        ("a.csv", b"text\n\n", "Not one of 0 rows"),
        ("a.csv", b"text\n \n", "Not one of 1 rows"),
        ("a.json", b" ", "empty"),
        ("a.json", b"[1, 2]", "JSON object"),
        ("a.jsonl", b"nothing\n", "JSON object"),
        ("a.parquet", b"PAR1", "cannot be read"),
        ("a.xlsx", b"PK", "not read"),
        ("a.csv", "text\na\n".encode("utf-16-le"), "UTF-16"),
        ("a.csv", "text\na\n".encode("utf-32"), "UTF-32"),
    ],
)
def test_files_that_cannot_be_used_are_refused_with_the_next_step(tmp_path: Path, name: str, body: bytes, message: str):
    """A stack trace, or an empty pool, instead of a word on what is wrong."""
    (tmp_path / name).write_bytes(body)
    with pytest.raises(DataError, match=message) as caught:
        FilePool(tmp_path / "state").import_files(spec_of(tmp_path / name))
    assert caught.value.next_step


def test_a_file_that_is_not_there_is_refused(tmp_path: Path):
    """A pool of nothing."""
    with pytest.raises(DataError, match="no such data file"):
        FilePool(tmp_path / "state").import_files(spec_of(tmp_path / "none.csv"))
    with pytest.raises(DataError, match="no files"):
        FilePool(tmp_path / "state").import_files(spec_of())


def test_a_failed_import_leaves_the_one_before_in_force(tmp_path: Path):
    """A workspace without a pool because a new file was broken."""
    pool = FilePool(tmp_path / "state")
    before = pool.import_files(spec_of(write(tmp_path / "a.csv", pl.DataFrame({"text": ["a", "b"]}))))
    with pytest.raises(DataError):
        pool.import_files(spec_of(write(tmp_path / "b.parquet", pl.DataFrame({"words": ["c"]}))))
    again = FilePool(tmp_path / "state")
    assert again.summary() == before
    assert again.items([1])[0].data == {"text": "b"}


def test_an_import_again_replaces_the_index(tmp_path: Path):
    """Old indexes that fill the disk, or are read after a new import."""
    file = write(tmp_path / "a.csv", pl.DataFrame({"text": ["a", "b"], "id": ["1", "2"]}))
    pool = FilePool(tmp_path / "state")
    first = pool.import_files(spec_of(file))
    assert pool.ids()[0] != "1"
    second = pool.import_files(spec_of(file, id_column="id"))
    assert first.fingerprint == second.fingerprint
    assert list(pool.ids()) == ["1", "2"]
    assert len(list((tmp_path / "state").glob("index-*"))) == 1
    write(file, pl.DataFrame({"text": ["a", "b", "c"], "id": ["1", "2", "3"]}))
    assert pool.import_files(spec_of(file)).fingerprint != first.fingerprint


def test_a_file_that_changed_is_noticed(tmp_path: Path):
    """Rows read from places that have moved since the import."""
    file = write(tmp_path / "a.csv", pl.DataFrame({"text": ["a", "b"]}))
    pool = FilePool(tmp_path / "state")
    pool.import_files(spec_of(file))
    assert pool.changed() == []
    write(file, pl.DataFrame({"text": ["inserted", "a", "b"]}))
    assert pool.changed() == [str(file)]
    with pytest.raises(DataError, match="has changed"):
        pool.items([0])
    with pytest.raises(DataError, match="has changed"):
        next(pool.batches(10))


def test_what_is_not_in_the_pool_is_refused(tmp_path: Path):
    """Row -1 read as the last one, and columns that were never imported."""
    pool = FilePool(tmp_path / "state")
    with pytest.raises(UsageError, match="not been imported"):
        pool.summary()
    pool.import_files(spec_of(write(tmp_path / "a.csv", pl.DataFrame({"text": ["a", "b"], "x": ["1", "2"]}))))
    for rows in ([-1], [2], [0, 2]):
        with pytest.raises(UsageError, match="rows 0 to 1"):
            pool.items(rows)
    with pytest.raises(UsageError, match="without a column x"):
        pool.strata("x")
    with pytest.raises(UsageError, match="at least one"):
        next(pool.batches(0))
    assert pool.items([]) == []


def test_semicolons_and_a_quoted_header(tmp_path: Path):
    """Spreadsheets of half of Europe."""
    file = tmp_path / "a.csv"
    file.write_text('"id";"text"\r\n1;"a;b"\r\n2;c,d\r\n', newline="")
    pool = FilePool(tmp_path / "state")
    pool.import_files(spec_of(file, id_column="id"))
    assert [item.data["text"] for item in pool.items([0, 1])] == ["a;b", "c,d"]


def test_rows_of_a_million_characters_among_many(tmp_path: Path):
    """Long texts cut at the csv module's limit of 128 KiB, or that limit changed for the whole process."""
    before = csv.field_size_limit()
    texts = ["a" * 1_000_000, "b", "c" * 2_000_000]
    pool = FilePool(tmp_path / "state")
    pool.import_files(spec_of(write(tmp_path / "a.csv", pl.DataFrame({"text": texts}))))
    assert [item.data["text"] for item in pool.items([0, 1, 2])] == texts
    assert csv.field_size_limit() == before


def test_a_large_pool_is_found_again_row_by_row(tmp_path: Path):
    """Row groups of index and data that do not line up."""
    n = 150_000
    frame = pl.DataFrame({"text": [f"text {i % (n - 1000)}" for i in range(n)], "id": [str(i) for i in range(n)]})
    frame.write_parquet(tmp_path / "a.parquet", row_group_size=70_000)
    pool = FilePool(tmp_path / "state")
    summary: PoolSummary = pool.import_files(spec_of(tmp_path / "a.parquet"))
    assert (summary.items, summary.duplicates) == (n - 1000, 1000)
    rows = np.random.default_rng(0).choice(len(pool), 2000, replace=False)
    assert [item.data["text"] for item in pool.items(rows)] == [f"text {row}" for row in rows]
    assert sum(len(batch) for _, batch in pool.batches(8192)) == n - 1000


class Told:
    """A progress that remembers."""

    def __init__(self):
        self.steps, self.names, self.finished = 0, [], 0

    def start(self, what, total):
        self.names.append((what, total))

    def step(self, n=1):
        self.steps += n

    def done(self):
        self.finished += 1


def test_progress_is_told(tmp_path: Path):
    """A bar that never moves."""
    told = Told()
    FilePool(tmp_path / "state", told).import_files(
        spec_of(write(tmp_path / "a.csv", pl.DataFrame({"text": ["a", "b", ""]})))
    )
    assert (told.steps, told.names, told.finished) == (3, [("Reading a.csv", None)], 1)


def test_the_same_text_under_two_ids_is_one_item_and_the_summary_says_so(tmp_path: Path):
    """One text labeled twice and put into two splits, or rows that vanish without a word."""
    pool = FilePool(tmp_path / "state")
    file = write(tmp_path / "a.csv", pl.DataFrame({"text": ["same", "other", "same"], "id": ["1", "2", "3"]}))
    summary = pool.import_files(spec_of(file, id_column="id"))
    assert (list(pool.ids()), summary.duplicates) == (["1", "2"], 1)
    assert "even under another id" in summary.notes[0]


def test_a_repeat_of_a_row_that_is_out_itself_stays(tmp_path: Path):
    """A text lost because its only other copy was rejected for its id."""
    pool = FilePool(tmp_path / "state")
    file = write(tmp_path / "a.csv", pl.DataFrame({"text": ["a", "b", "b"], "id": ["1", "1", "2"]}))
    pool.import_files(spec_of(file, id_column="id"))
    assert [(item.id, item.data["text"]) for item in pool.items([0, 1])] == [("1", "a"), ("2", "b")]


def test_a_state_folder_that_cannot_be_written_is_told(tmp_path: Path):
    """A full disk or a missing permission that ends in a stack trace."""
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "index.part").mkdir()  # stands for any write that the system refuses, also for root
    with pytest.raises(LabelwrightError, match="cannot be written") as caught:
        FilePool(tmp_path / "state").import_files(spec_of(write(tmp_path / "a.csv", pl.DataFrame({"text": ["a"]}))))
    assert caught.value.next_step
