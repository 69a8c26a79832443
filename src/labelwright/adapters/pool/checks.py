"""Checks of rows, by column rather than by row: which field is at fault, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import blake2b
from pathlib import Path

import polars as pl

from labelwright.adapters.media.probe import probe_all
from labelwright.adapters.pool.links import is_web, problem_with
from labelwright.ports import PoolSpec

#: C0 controls but tab, line feed and carriage return. JSON text escapes them, so structured values pass here.
CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f]"

#: Characters of an id that comes from a column.
LONGEST_ID = 512


def problems(values: pl.DataFrame, spec: PoolSpec, folder: Path) -> pl.DataFrame:
    """The first problem of each row.

    Args:
        values: the rows, as strings.
        spec: which columns mean what.
        folder: where relative links begin.

    Returns:
        One line a row: column at fault and reason, both null where the row is good.
    """
    found = [_text_problem(column).alias(f"d{at}") for at, column in enumerate(spec.fields.values())]
    names = list(spec.fields.values())
    if spec.id_column is not None:
        found.append(_id_problem(spec.id_column).alias("id"))
        names.append(spec.id_column)
    reasons = values.select(found)
    for field in spec.links:
        links = values[spec.fields[field]]
        reasons = reasons.with_columns(_link_problems(links, folder, probe=spec.probe).alias(f"l{field}"))
        names.append(spec.fields[field])
    columns = [
        pl.when(pl.col(reason).is_not_null()).then(pl.lit(name)).otherwise(None)
        for reason, name in zip(reasons.columns, names, strict=True)
    ]
    return reasons.select(pl.coalesce(columns).alias("field"), pl.coalesce(reasons.columns).alias("reason"))


def content(values: pl.DataFrame, fields: Mapping[str, str]) -> pl.Series:
    """What an item says, as one string: the values of its data fields in the order of the fields' names."""
    columns = [fields[field] for field in sorted(fields)]
    if len(columns) == 1:
        return values[columns[0]]
    # A control character parts them: no value that has passed the checks holds one.
    return values.select(pl.concat_str(columns, separator="\x1f")).to_series()


def hashed(contents: Sequence[str] | pl.Series) -> list[str]:
    """Ids of contents: 128 bits of BLAKE2b, as 32 hexadecimal digits."""
    return [blake2b(text.encode(), digest_size=16).hexdigest() for text in contents]


def _text_problem(column: str) -> pl.Expr:
    value = pl.col(column)
    return (
        pl.when(value.is_null())
        .then(pl.lit("missing value"))
        .when(~value.str.contains(r"\S"))
        .then(pl.lit("empty value"))
        .when(value.str.contains(CONTROL))
        .then(pl.lit("control character"))
        .otherwise(None)
    )


def _id_problem(column: str) -> pl.Expr:
    value = pl.col(column)
    return (
        pl.when(value.is_null() | ~value.str.contains(r"\S"))
        .then(pl.lit("missing id"))
        .when(value.str.contains(r"[\x00-\x1f]"))
        .then(pl.lit("control character"))
        .when(value.str.len_chars() > LONGEST_ID)
        .then(pl.lit("id is too long"))
        .otherwise(None)
    )


def _link_problems(links: pl.Series, folder: Path, *, probe: bool) -> pl.Series:
    found = [None if link is None else problem_with(link, folder) for link in links]
    if probe:
        here = [i for i, link in enumerate(links) if link and found[i] is None and not is_web(link)]
        for i, seen in zip(here, probe_all(folder / links[i] for i in here), strict=True):
            found[i] = seen.problem
    return pl.Series(found, dtype=pl.String)
