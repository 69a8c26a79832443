"""Every table as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any, Literal

from fastapi import APIRouter
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from labelwright.app.console.timeline import rounds_of
from labelwright.entry.api.v1.access import Reader
from labelwright.entry.api.v1.items import Asked
from labelwright.entry.api.v1.people import people_of
from labelwright.entry.api.v1.problems import RESPONSES, forbidden
from labelwright.entry.api.v1.state import Console, TheConsole
from labelwright.model.console import Facts, ItemQuery, Scope

router = APIRouter(tags=["downloads"], responses=RESPONSES)
Row = dict[str, Any]
_PAGE = 500
#: A spreadsheet takes a cell that begins so for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_CSV: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {}}, "description": "UTF-8 with a header"}}


@router.get("/tables/items.csv", response_class=StreamingResponse, responses=_CSV)
def items_csv(_: Reader, console: TheConsole, asked: Asked) -> StreamingResponse:
    """All items that fit the query, in its order, in a stream."""
    return _csv("items", _items(console, asked))


@router.get("/tables/{name}.csv", response_class=StreamingResponse, responses=_CSV)
def table_csv(
    name: Literal["people", "rounds", "agreement", "pairs", "classes", "confusion", "gaps", "throughput", "audit"],
    who: Reader,
    console: TheConsole,
) -> StreamingResponse:
    """A table of the console."""
    if name == "audit" and Scope.MANAGE not in who.scopes:
        raise forbidden("This needs the right to manage")
    return _csv(name, _TABLES[name](console))


def _items(console: Console, asked: ItemQuery) -> Iterator[Row]:
    query = replace(asked, limit=_PAGE)
    while True:
        page = console.project.store.browse(query)
        yield from map(_item, page)
        if len(page) < _PAGE:
            return
        query = replace(query, after=(getattr(page[-1], query.sort), page[-1].item))


def _item(f: Facts) -> Row:
    said = "; ".join(f"{a}: {v}" for _, a, v in f.said)
    return {
        "item": f.item, "text": f.text, "state": f.state, "label": f.label, "posterior": f.posterior,
        "disagreement": f.disagreement, "answers": f.answers, "round": f.round, "said": said,
    }  # fmt: skip


def _people(console: Console) -> Iterator[Row]:
    for p in people_of(console):
        yield {
            "id": p.id, "name": p.name, "level": p.level, "status": p.status, "done": p.done, "waiting": p.waiting,
            "skipped": p.skipped, **_flat("agreement", p.agreement.model_dump()), **_measured("skill", p.skill),
            **_measured("gold", p.gold), "median_seconds": p.seconds.value, "rate": p.rate, "earned": p.cost,
            "drift": p.drift,
        }  # fmt: skip


def _rounds(console: Console) -> Iterator[Row]:
    for r in rounds_of(console.project):
        plain = {k: v for k, v in r.items() if k not in {"accuracy", "by_chance", "gain", "steps", "by_hand", "random"}}
        yield plain | {
            key: value for name in ("accuracy", "by_chance", "gain") for key, value in _flat(name, r[name]).items()
        }


def _of_control(console: Console) -> dict[str, Any]:
    report = console.document("report") or {}
    return dict(report.get("controls", {}).get(console.project.control.name, {}))


def _agreement(console: Console) -> Iterator[Row]:
    found = _of_control(console)
    for name, m in {
        **found.get("agreement", {}),
        **found.get("structure", {}),
        **found.get("other_measures", {}),
    }.items():
        yield {"measure": name, **_flat("", m)}


def _pairs(console: Console) -> Iterator[Row]:
    for p in _of_control(console).get("pairs", []):
        yield {"a": p["a"], "b": p["b"], "shared_items": p["shared_items"], **_flat("kappa", p["kappa"])}


def _classes(console: Console) -> Iterator[Row]:
    found = _of_control(console)
    for name, m in found.get("by_class", {}).items():
        yield {"class": name, "answers": found["distribution"].get(name), **_flat("", m)}


def _confusion(console: Console) -> Iterator[Row]:
    found = _of_control(console).get("confusion") or {"classes": [], "counts": []}
    for a, row in zip(found["classes"], found["counts"], strict=True):
        for b, n in zip(found["classes"], row, strict=True):
            yield {"one_said": a, "another_said": b, "pairs_of_answers": n}


def _gaps(console: Console) -> Iterator[Row]:
    for g in _of_control(console).get("confused_classes", []):
        yield {"a": g["classes"][0], "b": g["classes"][1], "n": g["n"], "share": g["share"], "rate": g["rate"],
               "gap": g["gap"], "items": " ".join(g["items"])}  # fmt: skip


def _throughput(console: Console) -> Iterator[Row]:
    for time, annotator, n in console.project.store.throughput(13):
        yield {"hour": time, "annotator": annotator, "answers": n}


def _audit(console: Console) -> Iterator[Row]:
    for e in console.project.store.audit(None, 10_000):
        yield {"at": e.at.isoformat(), "who": e.who, "via": e.via, "action": e.action, "target": e.target}


_TABLES: dict[str, Callable[[Console], Iterator[Row]]] = {
    "people": _people, "rounds": _rounds, "agreement": _agreement, "pairs": _pairs, "classes": _classes,
    "confusion": _confusion, "gaps": _gaps, "throughput": _throughput, "audit": _audit,
}  # fmt: skip


def _measured(name: str, measure: BaseModel | None) -> Row:
    return _flat(name, {} if measure is None else measure.model_dump())


def _flat(name: str, measure: dict[str, Any]) -> Row:
    prefix = f"{name}_" if name else ""
    return {f"{prefix}{k}": measure.get(k) for k in ("value", "low", "high", "n_items", "reason")}


def _csv(name: str, rows: Iterable[Row]) -> StreamingResponse:
    head = {"Content-Disposition": f'attachment; filename="{name}.csv"', "Cache-Control": "no-store"}
    return StreamingResponse(_lines(rows), media_type="text/csv; charset=utf-8", headers=head)


def _lines(rows: Iterable[Row]) -> Iterator[str]:
    names: list[str] = []
    for row in rows:
        out = io.StringIO()
        writer = csv.writer(out)
        if not names:
            names = list(row)
            writer.writerow(names)
        writer.writerow([_cell(row.get(n)) for n in names])
        yield out.getvalue()


def _cell(value: Any) -> Any:
    """Text never becomes a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
