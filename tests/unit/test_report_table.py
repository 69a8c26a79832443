"""Reading a table with item, annotator, label: nothing is lost in silence."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from labelwright.adapters.reports.table import ColumnNames, read_table
from labelwright.model.errors import DataError
from labelwright.model.schema import Kind


def written(folder: Path, text: str | bytes, name: str = "labels.csv") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def rows_of(path: Path) -> list[tuple]:
    return read_table(path).controls[0].labels.sort("item", "annotator").rows()


def test_other_usual_names_and_orders_of_the_columns(tmp_path: Path):
    """Crowd-kit's task, worker, label and upper case are understood; other columns are left alone."""
    path = written(tmp_path, "Extra,Worker,LABEL,task\n0,w1,x,t1\n0,w2,y,t1\n")
    assert rows_of(path) == [("t1", "w1", "x"), ("t1", "w2", "y")]


def test_named_columns_win_and_a_missing_one_is_told(tmp_path: Path):
    """A column can be named; a name that is not there is refused with the names that are."""
    path = written(tmp_path, "item,annotator,label,grade\n1,a,x,good\n")
    assert read_table(path, ColumnNames(label="grade")).controls[0].labels["label"].to_list() == ["good"]
    with pytest.raises(DataError, match=r"no column stars.*item, annotator, label, grade"):
        read_table(path, ColumnNames(label="stars"))


@pytest.mark.parametrize(
    ("raw", "label"),
    [
        ("\ufeffitem,annotator,label\n1,a,prüfen\n".encode(), "prüfen"),
        ("item,annotator,label\n1,a,prüfen\n".encode("latin-1"), "prüfen"),
        (b'item,annotator,label\n1,a,"x,\ny"\n', "x,\ny"),
        ("item,annotator,label\r\n1,a, قلم 🖊️ \r\n".encode(), "قلم 🖊️"),
    ],
)
def test_encodings_quotes_and_line_ends(tmp_path: Path, raw: bytes, label: str):
    """UTF-8 with and without a byte-order mark, Latin-1 (named as such), quoted line breaks, surrounding blanks."""
    found = read_table(written(tmp_path, raw))
    assert found.controls[0].labels["label"].to_list() == [label]
    assert any("Latin-1" in note for note in found.notes) == (b"\xfc" in raw and b"\xc3" not in raw)


def test_bad_rows_are_counted_by_what_they_lack(tmp_path: Path):
    """A row without item, annotator or label is left out and counted; a row that is too short lacks its label."""
    found = read_table(written(tmp_path, "item,annotator,label\n1,a,x\n,a,x\n1,,x\n1,b,\n1,c\n   ,d,x\n"))
    assert dict(found.rejected) == {"a row without item": 2, "a row without annotator": 1, "a row without label": 2}
    assert found.controls[0].labels.height == 1


def test_of_several_answers_the_last_row_counts(tmp_path: Path):
    """An annotator who changed their mind is counted once, and the earlier answer is counted apart."""
    found = read_table(written(tmp_path, "item,annotator,label\n1,a,x\n1,b,x\n1,a,y\n"))
    assert found.controls[0].labels.sort("annotator").rows() == [("1", "a", "y"), ("1", "b", "x")]
    assert found.controls[0].n_dropped == 1
    assert found.answers["state"].to_list() == ["superseded", "valid", "valid"]


@pytest.mark.parametrize(
    ("labels", "kind"),
    [
        (["0", "1", "1"], Kind.CHOICE),
        (["0.5", "1", "1"], Kind.NUMBER),
        ([str(n) for n in range(40)], Kind.NUMBER),
        (["x", "1", "2"], Kind.CHOICE),
        (["nan", "1", "2"], Kind.CHOICE),
    ],
)
def test_numbers_are_a_quantity_only_where_they_must_be(tmp_path: Path, labels: list[str], kind: Kind):
    """Few whole numbers are classes; fractions or many different numbers are a quantity, and the notes say so."""
    rows = "".join(f"{n},a,{label}\n" for n, label in enumerate(labels))
    found = read_table(written(tmp_path, "item,annotator,label\n" + rows))
    assert found.controls[0].control.kind is kind
    assert bool(found.notes) == ("x" not in labels)


def test_a_label_that_is_no_number_is_counted_when_numbers_are_asked_for(tmp_path: Path):
    """With --level interval a word among the numbers is a rejected row, not a zero."""
    path = written(tmp_path, "item,annotator,label\n1,a,2\n1,b,many\n1,c,inf\n")
    found = read_table(path, ColumnNames(kind=Kind.NUMBER))
    assert found.controls[0].labels["label"].to_list() == [2.0]
    assert dict(found.rejected) == {"a label that is not a number": 2}


def test_parquet_and_tsv_read_alike(tmp_path: Path):
    """The same table in three forms gives the same answers, with texts and seconds."""
    frame = pl.DataFrame(
        {"item": [1, 1], "annotator": ["a", "b"], "label": ["x", "y"], "text": ["t", "t"], "seconds": [1.5, 2]}
    )
    frame.write_csv(tmp_path / "t.csv")
    frame.write_csv(tmp_path / "t.tsv", separator="\t")
    frame.write_parquet(tmp_path / "t.parquet")
    found = [read_table(tmp_path / f"t.{end}") for end in ("csv", "tsv", "parquet")]
    assert all(f.controls[0].labels.rows() == [("1", "a", "x"), ("1", "b", "y")] for f in found)
    assert all(f.answers["seconds"].to_list() == [1.5, 2.0] for f in found)
    assert all(f.content(["1"])["1"].data == {"text": "t"} for f in found)


@pytest.mark.parametrize("raw", [b"", b"\x00\x01\x02", b"PAR1 not really"])
def test_what_is_no_table_is_refused_with_the_next_step(tmp_path: Path, raw: bytes):
    """An empty or broken file is a message, not a traceback."""
    for name in ("x.csv", "x.parquet"):
        with pytest.raises(DataError):
            read_table(written(tmp_path, raw, name))
