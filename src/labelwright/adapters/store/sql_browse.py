"""Items ready to be looked through: pages by key, never by offset, so that the last row is as near as the first."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from labelwright.adapters.store import rows, tables
from labelwright.adapters.store import tables_console as console
from labelwright.adapters.store.base import SqlBase, chunks
from labelwright.model.console import STRETCHES, Facts, ItemQuery
from labelwright.model.desk import AnnotationRecord
from labelwright.model.project import AnnotationState, Assignment, Purpose

_ITEM, _SAID, _SLICE = console.browse_item, console.browse_answer, console.browse_slice
#: Values of one facet that are counted.
_MOST_VALUES = 200


class BrowseSql(SqlBase):
    """Items, listed."""

    def changed_items(self, since: str | None) -> list[str]:
        """Items with something newer than that time, and those that are not listed yet; all of them for None."""
        item, annotation, consensus = tables.item, tables.annotation, tables.consensus
        with self._engine.connect() as db:
            if since is None:
                return list(db.execute(sa.select(item.c.id).order_by(item.c.id)).scalars())
            newer = sa.union(
                sa.select(annotation.c.item).where(annotation.c.updated_at >= since, annotation.c.item.is_not(None)),
                sa.select(consensus.c.item).where(consensus.c.updated_at >= since),
            )
            found = set(db.execute(newer).scalars())
            if _count(db, item) != _count(db, _ITEM):
                listed = sa.exists().where(_ITEM.c.item == item.c.id)
                found |= set(db.execute(sa.select(item.c.id).where(~listed)).scalars())
        return sorted(found)

    def newest_change(self) -> str | None:
        """The newest time of an annotation or a consensus."""
        newest = (sa.select(sa.func.max(t.c.updated_at)) for t in (tables.annotation, tables.consensus))
        with self._engine.connect() as db:
            return max((t for q in newest if (t := db.execute(q).scalar())), default=None)

    def records_of_items(self, items: Iterable[str]) -> list[AnnotationRecord]:
        """Annotation records of those items, in any state but those of trials."""
        table = tables.annotation
        query = sa.select(table).where(table.c.purpose != Purpose.TRIAL.value)
        with self._engine.connect() as db:
            return [
                rows.record(r)
                for part in chunks(sorted(set(items)))
                for r in db.execute(query.where(table.c.item.in_(part)))
            ]

    def assignments_of_items(self, items: Iterable[str]) -> list[Assignment]:
        """Assignments of those items, trials left out."""
        table = tables.assignment
        query = sa.select(table).where(table.c.purpose != Purpose.TRIAL.value)
        with self._engine.connect() as db:
            return [
                rows.assignment(r)
                for part in chunks(sorted(set(items)))
                for r in db.execute(query.where(table.c.item.in_(part)))
            ]

    def put_facts(self, facts: Sequence[Facts]) -> None:
        """List these items anew."""
        listed = tuple(c.name for c in _ITEM.columns)
        with self._engine.begin() as db:
            for part in chunks(facts):
                ids = [f.item for f in part]
                self._upsert(db, _ITEM, [{c: getattr(f, c) for c in listed} for f in part], ["item"])
                for table in (_SAID, _SLICE):
                    db.execute(table.delete().where(table.c.item.in_(ids)))
                said = [
                    {"item": f.item, "control": c, "annotator": a, "label": v[:400]} for f in part for c, a, v in f.said
                ]
                values = [{"item": f.item, "field": k, "value": v[:400]} for f in part for k, v in f.slices.items()]
                self._insert_new(db, _SAID, said)
                self._insert_new(db, _SLICE, values)

    def browse(self, query: ItemQuery) -> list[Facts]:
        """One page, with the answers under every control."""
        with self._engine.connect() as db:
            ids: list[str] = []
            for statement in _pages(query, self._like):
                if len(ids) < query.limit:
                    ids += db.execute(statement.limit(query.limit - len(ids))).scalars()
            # Ids first: an index alone may find and sort them, and only a page of rows is read.
            lines = {r.item: r for r in db.execute(sa.select(_ITEM).where(_ITEM.c.item.in_(ids)))}
            said = _said(db, ids)
        return [
            Facts(
                r.item, r.text, r.state, r.label, r.posterior, r.disagreement, r.answers, r.round, r.changed_at,
                r.answered_at, tuple(said[r.item]),
            )
            for r in (lines[i] for i in ids if i in lines)
        ]  # fmt: skip

    def count_items(self, query: ItemQuery, most: int) -> int:
        """How many items fit the query, counted up to ``most``."""
        found = sa.select(_ITEM.c.item).where(*_conditions(query, self._like))
        if query.classes:  # where answers differ is where they are; another order may walk through all that agree first
            found = found.order_by(_ITEM.c.disagreement.desc())
        inner = found.limit(most).subquery()
        with self._engine.connect() as db:
            return int(db.execute(sa.select(sa.func.count()).select_from(inner)).scalar_one())

    def _like(self, text: sa.ColumnElement[Any], word: str) -> sa.ColumnElement[bool]:
        """The word in the text, large or small: SQLite looks so by itself, and faster than at copies made small."""
        sqlite = self._engine.dialect.name == "sqlite"
        return text.contains(word, autoescape=True) if sqlite else text.icontains(word, autoescape=True)

    def facets(self) -> dict[str, dict[str, int]]:
        """Items by state, label, round, annotator and slice."""
        with self._engine.connect() as db:
            found = {name: _by(db, _ITEM.c[name]) for name in ("state", "label", "round")}
            for name, stretches in STRETCHES.items():
                found[name] = _by_stretch(db, _ITEM.c[name], stretches)
            found["annotator"] = _by(db, _SAID.c.annotator, sa.func.count(_SAID.c.item.distinct()))
            for name in db.execute(sa.select(_SLICE.c.field).distinct()).scalars().all():
                found[f"slice:{name}"] = _by(db, _SLICE.c.value, where=_SLICE.c.field == name)
        return found

    def throughput(self, width: int) -> list[tuple[str, str, int]]:
        """(time cut to ``width`` characters, annotator, answers that count), in order."""
        table = tables.annotation
        when = sa.func.substr(table.c.created_at, 1, width).label("time")
        query = (
            sa.select(when, table.c.annotator, sa.func.count())
            .where(table.c.state == AnnotationState.VALID.value)
            .group_by(when, table.c.annotator)
            .order_by(when, table.c.annotator)
        )
        with self._engine.connect() as db:
            return [(str(t), str(a), int(n)) for t, a, n in db.execute(query)]

    def time_span(self) -> tuple[str, str] | None:
        """The first and the last answer's time."""
        table = tables.annotation
        query = sa.select(sa.func.min(table.c.created_at), sa.func.max(table.c.created_at)).where(
            table.c.state == AnnotationState.VALID.value
        )
        with self._engine.connect() as db:
            first, last = db.execute(query).one()
        return None if first is None else (str(first), str(last))

    def assignment_counts_by_round(self) -> dict[int, dict[str, int]]:
        """Assignments by round and state, trials left out."""
        table = tables.assignment
        columns = (table.c.round, table.c.annotator, table.c.purpose, table.c.state)  # in the order of an index
        query = sa.select(*columns, sa.func.count()).group_by(*columns)
        found: dict[int, Counter[str]] = defaultdict(Counter)
        with self._engine.connect() as db:
            for number, _, purpose, state, n in db.execute(query):
                if purpose != Purpose.TRIAL.value:
                    found[int(number)][str(state)] += int(n)
        return {number: dict(states) for number, states in found.items()}


def _count(db: sa.Connection, table: sa.Table) -> int:
    return int(db.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


def _by(db: sa.Connection, column: sa.ColumnElement[Any], n: Any = None, where: Any = None) -> dict[str, int]:
    count = sa.func.count() if n is None else n
    query = sa.select(column, count.label("n")).where(column.is_not(None)).group_by(column)
    query = query.order_by(sa.desc("n"), column).limit(_MOST_VALUES)
    return {str(v): int(k) for v, k in db.execute(query if where is None else query.where(where))}


def _within(column: sa.ColumnElement[Any], stretch: tuple[float, float]) -> sa.ColumnElement[bool]:
    low, high = stretch
    return column == low if low == high else sa.and_(column > low, column <= high)


def _by_stretch(
    db: sa.Connection, column: sa.ColumnElement[Any], stretches: Sequence[tuple[float, float]]
) -> dict[str, int]:
    """Items by stretch, named ``LOW..HIGH``; stretches without any are left out."""
    counts = [sa.func.count().filter(_within(column, s)) for s in stretches]
    row = db.execute(sa.select(*counts).select_from(_ITEM)).one()
    return {f"{low:g}..{high:g}": int(n) for (low, high), n in zip(stretches, row, strict=True) if n}


def _said(db: sa.Connection, items: list[str]) -> dict[str, list[tuple[str, str, str]]]:
    found: dict[str, list[tuple[str, str, str]]] = defaultdict(list)
    query = sa.select(_SAID).where(_SAID.c.item.in_(items)).order_by(_SAID.c.control, _SAID.c.annotator)
    for r in db.execute(query):
        found[r.item].append((r.control, r.annotator, r.label))
    return found


# ---------------------------------------------------------------- one query


_Like = Callable[[sa.ColumnElement[Any], str], sa.ColumnElement[bool]]


def _conditions(query: ItemQuery, like: _Like) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    if query.search:
        texts = (like(_ITEM.c.text, written) for written in _written(query.search))
        found.append(sa.or_(*texts, _ITEM.c.item.contains(query.search, autoescape=True)))
    if query.ids:
        found.append(_ITEM.c.item.in_(query.ids))
    if query.states:
        found.append(_ITEM.c.state.in_(query.states))
    if query.labels:
        found.append(_ITEM.c.label.in_(query.labels))
    if query.round is not None:
        found.append(_ITEM.c.round == query.round)
    for column, stretch in ((_ITEM.c.disagreement, query.disagreement), (_ITEM.c.posterior, query.posterior)):
        if stretch is not None:
            found.append(_within(column, stretch))
    if query.differing:
        found.append(_ITEM.c.disagreement > 0)
    if query.answered is not None:
        first, end = (rows.stamp(t) for t in query.answered)
        found += [_ITEM.c.answered_at >= first, _ITEM.c.answered_at < end]
    found += [_answered(query, annotator=a) for a in query.annotators]
    found += [_answered(query, label=c) for c in dict.fromkeys(query.classes)]
    found += [_has_value(k, v) for k, v in query.values.items()]
    return found


def _written(search: str) -> list[str]:
    """The words as they may be written: SQLite knows large and small of ASCII letters only."""
    if search.isascii():
        return [search]
    return sorted({search, search.lower(), search.upper(), search.capitalize(), search.title()})


def _answered(query: ItemQuery, annotator: str | None = None, label: str | None = None) -> sa.ColumnElement[bool]:
    """Somebody, or this annotator, gave an answer (with this label) to the item."""
    said = _SAID.alias()
    where: list[sa.ColumnElement[bool]] = []
    if annotator is not None:
        where.append(said.c.annotator == annotator)
    if label is not None:
        where.append(said.c.label == label)
    if query.control is not None:
        where.append(said.c.control == query.control)
    if query.sort == "item" and not query.differing and not query.search:
        return _ITEM.c.item.in_(sa.select(said.c.item).where(*where))  # in the order of the answers' own index
    return sa.exists().where(said.c.item == _ITEM.c.item, *where)  # asked of the few that another index gives first


def _has_value(field: str, values: Sequence[str]) -> sa.ColumnElement[bool]:
    part = _SLICE.alias()
    return sa.exists().where(part.c.item == _ITEM.c.item, part.c.field == field, part.c.value.in_(values))


def _pages(query: ItemQuery, like: _Like) -> Iterable[sa.Select[Any]]:
    """Ids of what is defined come first, in order; then of what is undefined, by id."""
    column, item = _ITEM.c[query.sort], _ITEM.c.item
    base = sa.select(item).where(*_conditions(query, like))
    after = query.after
    if query.sort == "item":
        ordered = base.order_by(item.desc() if query.descending else item)
        yield ordered if after is None else ordered.where(_beyond(item, after[1], query))
        return
    if after is None or after[0] is not None:
        defined = base.where(column.is_not(None))
        if after is not None:
            same = sa.and_(column == after[0], _beyond(item, after[1], query))
            defined = defined.where(sa.or_(_beyond(column, after[0], query), same))
        direction = (column.desc(), item.desc()) if query.descending else (column, item)
        yield defined.order_by(*direction)
    if _leaves_out_undefined(query):
        return
    rest = base.where(column.is_(None)).order_by(item.desc() if query.descending else item)
    yield rest.where(_beyond(item, after[1], query)) if after is not None and after[0] is None else rest


def _leaves_out_undefined(query: ItemQuery) -> bool:
    """The conditions alone leave nothing undefined in the order: looking for it would read every line."""
    asked = {
        "disagreement": query.differing or query.disagreement is not None,
        "posterior": query.posterior is not None,
        "round": query.round is not None,
    }
    return asked.get(query.sort, False)


def _beyond(column: sa.ColumnElement[Any], value: Any, query: ItemQuery) -> sa.ColumnElement[bool]:
    return column.__lt__(value) if query.descending else column.__gt__(value)
