"""Items: searched, filtered and sorted on the server, one page after another by key."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from labelwright.app.adjudicating import settle_item
from labelwright.app.console.deciding import ask_one_more, set_state
from labelwright.app.console.facts import label_of
from labelwright.app.console.history import history_of
from labelwright.app.context import Project
from labelwright.entry.api.v1.access import Reader, Reviewer, note
from labelwright.entry.api.v1.item_answers import AnswerShape, answers_of
from labelwright.entry.api.v1.problems import RESPONSES, missing
from labelwright.entry.api.v1.shapes import Done, ItemId
from labelwright.entry.api.v1.state import Console, TheConsole
from labelwright.model.consensus import ConsensusState, ItemConsensus
from labelwright.model.console import Facts, ItemQuery
from labelwright.model.errors import LabelwrightError, UsageError
from labelwright.model.project import Item

router = APIRouter(tags=["items"], responses=RESPONSES)
#: Items that are counted; beyond it the count says "at least".
MOST_COUNTED = 100_000
#: The same where each item's text, or an answer to it, must be looked into; and where two answers must.
_MOST_LOOKED_INTO = 10_000
_MOST_COMPARED = 2_000
_TIME = r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2})?"
_TIMES = rf"^{_TIME}\.\.{_TIME}$"
_STRETCH = r"^(0|1|0\.[0-9]{1,6})\.\.(0|1|0\.[0-9]{1,6})$"
Sort = Literal["item", "posterior", "disagreement", "answers", "round", "changed_at"]


class Said(BaseModel):
    """One annotator's answer in short."""

    control: str
    annotator: str
    label: str


class ItemRow(BaseModel):
    """One item in the list. ``thumbnail`` is the path on this server of a small picture of its media (JPEG)."""

    item: str
    thumbnail: str | None = None
    text: str
    state: str
    label: str | None
    posterior: float | None
    disagreement: float | None
    answers: int
    round: int | None
    changed_at: str | None
    said: list[Said]


class ItemPage(BaseModel):
    """A page. Give ``next`` as ``after`` for the one that follows; ``total`` is counted up to ``counted_to``."""

    items: list[ItemRow]
    next: str | None
    total: int | None
    counted_to: int


class KeptConsensus(BaseModel):
    """What is known of the item's label under one control, and why; what is drawn in words."""

    control: str
    state: str
    label: str | None
    posterior: float | None
    distribution: dict[str, float]
    votes: int
    method: str
    by: str | None
    reason: str | None
    updated_at: str | None


class Event(BaseModel):
    """Something that happened to the item."""

    at: str
    who: str
    what: str


class ItemDetail(BaseModel):
    """Everything about one item. ``media`` gives the address that a field is shown from."""

    item: str
    group: str
    data: dict[str, Any]
    media: dict[str, str]
    objects: list[dict[str, str | None]]
    metadata: dict[str, Any]
    existing: str | None
    row: ItemRow | None
    consensus: list[KeptConsensus]
    answers: list[AnswerShape]
    waiting: list[dict[str, Any]]
    history: list[Event]


class Decision(BaseModel):
    """An expert's final word; ``label`` is a class of the control (or the text of a rating)."""

    label: Annotated[str, Field(min_length=1, max_length=400)]
    reason: Annotated[str | None, Field(max_length=2000)] = None


class Selection(BaseModel):
    """Items, and what to do with them."""

    items: Annotated[list[ItemId], Field(min_length=1, max_length=1000)]
    action: Literal["expert", "one_more", "exclude", "include"]
    reason: Annotated[str | None, Field(max_length=2000)] = None


def query_of(  # noqa: PLR0913, PLR0917 - each is a parameter of the address
    search: Annotated[str | None, Query(max_length=200)] = None,
    state: Annotated[list[ConsensusState] | None, Query()] = None,
    label: Annotated[list[str] | None, Query(max_length=50)] = None,
    round_number: Annotated[int | None, Query(alias="round", ge=0, le=2**31 - 1)] = None,
    annotator: Annotated[list[str] | None, Query(max_length=50)] = None,
    control: Annotated[str | None, Query(max_length=200)] = None,
    pair: Annotated[str | None, Query(max_length=900, description="Two classes, FIRST~SECOND")] = None,
    slice_value: Annotated[list[str] | None, Query(alias="slice", max_length=20, description="FIELD:VALUE")] = None,
    differing: Annotated[bool, Query()] = False,
    disagreement: Annotated[str | None, Query(pattern=_STRETCH, description="LOW..HIGH: above, and up to")] = None,
    posterior: Annotated[str | None, Query(pattern=_STRETCH, description="LOW..HIGH: above, and up to")] = None,
    answered: Annotated[
        str | None, Query(pattern=_TIMES, description="FROM..TO, days or minutes (UTC): of the last answer")
    ] = None,
    sort: Annotated[Sort, Query()] = "item",
    descending: Annotated[bool, Query()] = False,
) -> ItemQuery:
    """The query of an address."""
    return ItemQuery(
        search=_clean(search),
        states=tuple(s.value for s in state or ()),
        labels=tuple(map(_plain, label or ())),
        round=round_number,
        annotators=tuple(map(_plain, annotator or ())),
        control=_clean(control),
        classes=tuple(c for c in _plain(pair or "").split("~") if c)[:2],
        values=_slices(slice_value or ()),
        differing=differing,
        disagreement=_stretch(disagreement),
        posterior=_stretch(posterior),
        answered=_times(answered),
        sort=sort,
        descending=descending,
    )


def _slices(written: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """FIELD:VALUE by field: several values of one field widen what is found, as with states and labels."""
    found: dict[str, tuple[str, ...]] = {}
    for name, colon, value in (_plain(w).partition(":") for w in written):
        if colon:
            found[name] = (*found.get(name, ()), value)
    return found


def _stretch(text: str | None) -> tuple[float, float] | None:
    low, _, high = (text or "").partition("..")
    return (float(low), float(high)) if high else None


def _times(text: str | None) -> tuple[datetime, datetime] | None:
    """The times of FROM..TO: the second is the end of the day or minute that was named.

    Raises:
        UsageError: there is no such day or time.
    """
    if not text:
        return None
    first, last = ((t if "T" in t else f"{t}T00:00") for t in text.split(".."))
    unit = timedelta(minutes=1) if "T" in text.split("..")[1] else timedelta(days=1)
    try:
        return datetime.fromisoformat(f"{first}Z"), datetime.fromisoformat(f"{last}Z") + unit
    except (ValueError, OverflowError) as error:
        raise UsageError(
            f"There is no such time: {text}", next_step="Write days or minutes: 2026-11-02..2026-11-05"
        ) from error


def _plain(text: str) -> str:
    """PostgreSQL takes no zero byte, and no database knows one."""
    return text.replace("\x00", "")


def _clean(text: str | None) -> str | None:
    return _plain(text) or None if text else None


Asked = Annotated[ItemQuery, Depends(query_of)]


@router.get("/items")
def items(
    _: Reader,
    console: TheConsole,
    asked: Asked,
    after: Annotated[str | None, Query(max_length=2000)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    count: Annotated[bool, Query()] = True,
) -> ItemPage:
    """A page of items."""
    query = replace(asked, after=_cursor(after, asked.sort), limit=limit)
    store = console.project.store
    found = store.browse(query)
    most = _most_counted(asked)
    whole = after is None and len(found) < limit  # a page that holds all is its own count
    total = (len(found) if whole else store.count_items(query, most)) if count else None
    following = _next(found[-1], asked.sort) if len(found) == limit else None
    pictures = thumbnails_of(console, [f.item for f in found])
    return ItemPage(
        items=[row_of(f, pictures.get(f.item)) for f in found], next=following, total=total, counted_to=most
    )


def _most_counted(asked: ItemQuery) -> int:
    """A count must not take longer than its page."""
    if asked.classes:
        return _MOST_COMPARED
    return _MOST_LOOKED_INTO if asked.search or asked.annotators or asked.values else MOST_COUNTED


@router.get("/items/facets")
def facets(_: Reader, console: TheConsole) -> dict[str, dict[str, int]]:
    """Items by state, label, round, annotator and slice, of the whole project."""
    return {k: dict(v) for k, v in (console.document("facets") or {}).items()}


@router.post("/items/actions")
def act(body: Selection, who: Reviewer, console: TheConsole) -> Done:
    """Send items to the expert, ask for one more answer, exclude them, or take them in again."""
    project = console.project
    known = project.store.items(body.items)
    wanted = [i for i in dict.fromkeys(body.items) if i in known]
    if not wanted:
        raise missing("None of these items was drawn")
    if body.action == "one_more":
        n = ask_one_more(project, wanted)
    else:
        state = {"expert": ConsensusState.REVIEW, "exclude": ConsensusState.EXCLUDED, "include": ConsensusState.OPEN}
        n = set_state(project, wanted, state[body.action], who.account.name, body.reason)
    note(console, who, f"items.{body.action}", ", ".join(wanted[:20]), n=n, reason=body.reason)
    console.wake()
    return Done(n=n)


@router.get("/items/{item:path}/detail")
def detail(item: ItemId, _: Reader, console: TheConsole) -> ItemDetail:
    """Everything about one item: all answers side by side, consensus and why."""
    return item_detail(console, _plain(item))


@router.post("/items/{item:path}/decision")
def decide(item: ItemId, body: Decision, who: Reviewer, console: TheConsole) -> Done:
    """Give the final word on an item."""
    project = console.project
    name = _plain(item)
    if not project.store.items([name]):
        raise missing("There is no such item")
    classes = project.control.classes
    if classes and body.label not in classes:
        raise UsageError("There is no such class", next_step="One of: " + ", ".join(classes[:50]))
    settle_item(project, name, body.label, body.reason, who.account.name[:80])
    note(console, who, "item.decide", name, label=body.label, reason=body.reason)
    console.wake()
    return Done()


def item_detail(console: Console, item: str) -> ItemDetail:
    """Everything about one item.

    Raises:
        ProblemError: it was never drawn.
    """
    project = console.project
    found = project.store.items([item]).get(item)
    if found is None:
        raise missing("There is no such item, or it was not drawn yet")
    listed = project.store.browse(ItemQuery(search=None, after=None, limit=1, ids=(item,)))
    waiting = [a for a in project.store.assignments_of_items([item]) if a.state.value in {"planned", "delivered"}]
    links = {d.annotator: d.url for d in project.store.desks("work")}
    return ItemDetail(
        item=item,
        group=found.group,
        data=dict(found.data),
        media=_media(console, found),
        objects=[{"name": o.name, "tag": o.tag, "field": o.field} for o in project.schema.objects],
        metadata=dict(found.metadata),
        existing=found.existing,
        row=row_of(listed[0]) if listed else None,
        consensus=[kept_shape(project, c) for c in project.store.consensus(items=[item])],
        answers=answers_of(project, item),
        waiting=[
            {
                "annotator": a.annotator,
                "purpose": a.purpose.value,
                "state": a.state.value,
                "desk": links.get(a.annotator),
            }
            for a in waiting
        ],
        history=[Event(at=at, who=who, what=what) for at, who, what in history_of(project, item)],
    )


def _media(console: Console, item: Item) -> dict[str, str]:
    """Addresses of media on this very server; what lies elsewhere is linked, never loaded."""
    media, shown = console.project.media, {}
    for name in media.fields & set(item.data):
        small = media.thumbnail(item, name)
        if small is not None:
            shown[name] = small.removesuffix("/thumbnail")
            continue
        try:
            address = str(media.shown(item, name))
        except LabelwrightError:  # a link that leads nowhere is no reason to hide the answers
            continue
        shown[name] = "/media/" + address.split("/media/", 1)[1] if "/media/" in address else address
    return shown


def kept_shape(project: Project, c: ItemConsensus) -> KeptConsensus:
    """What is known of the label, as the API shows it."""
    return KeptConsensus(
        control=c.control,
        state=c.state.value,
        label=label_of(project, c),
        posterior=c.posterior,
        distribution=dict(c.distribution),
        votes=c.votes,
        method=c.method,
        by=c.by,
        reason=c.reason,
        updated_at=c.updated_at.isoformat() if c.updated_at else None,
    )


def thumbnails_of(console: Console, ids: Sequence[str]) -> dict[str, str]:
    """Paths of small pictures on this server, of the items that have one (``LocalMedia.thumbnail`` says how)."""
    media = console.project.media
    if not media.fields:
        return {}
    known = console.project.store.items(ids)
    found = {i: next((p for f in sorted(media.fields) if (p := media.thumbnail(known[i], f))), None) for i in known}
    return {item: path for item, path in found.items() if path}


def row_of(f: Facts, thumbnail: str | None = None) -> ItemRow:
    """A row of the list."""
    said = [Said(control=c, annotator=a, label=v) for c, a, v in f.said]
    return ItemRow(
        item=f.item, thumbnail=thumbnail, text=f.text, state=f.state, label=f.label, posterior=f.posterior,
        disagreement=f.disagreement, answers=f.answers, round=f.round, changed_at=f.changed_at, said=said,
    )  # fmt: skip


def _next(last: Facts, sort: str) -> str:
    return base64.urlsafe_b64encode(orjson.dumps([getattr(last, sort), last.item])).decode()


def _cursor(after: str | None, sort: str) -> tuple[Any, str] | None:
    if not after:
        return None
    try:
        value, item = orjson.loads(base64.urlsafe_b64decode(after))
        text = sort in {"item", "changed_at"}
        fits = value is None or (isinstance(value, str) if text else isinstance(value, int | float))
        if not isinstance(item, str) or not fits or "\x00" in f"{value}{item}" or _is_huge(value):
            raise ValueError  # noqa: TRY301 - one way out for whatever is no cursor
    except (ValueError, TypeError, binascii.Error, orjson.JSONDecodeError) as error:
        raise UsageError("This page marker is none of ours", next_step="Start again without ?after=") from error
    return value, item


def _is_huge(value: Any) -> bool:
    return isinstance(value, int) and abs(value) > 2**31
