"""The report as one self-contained HTML file: nothing is loaded from anywhere, nothing that people wrote is markup.

Style and script stand in the file and are named by their hash in its content security policy; everything else is
refused by it. Every value is escaped by the template engine (autoescape is on for all templates).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from labelwright.app.report.values import ControlReport, DifficultItem, NamedMeasure, Report
from labelwright.app.report.verdict import RELY, TENTATIVE
from labelwright.entry.render import learned, suggestions, words
from labelwright.entry.render.assets import asset, environment, hashed
from labelwright.entry.render.charts import floor_of, heat_map, matrix, place, ticks, whisker
from labelwright.entry.render.overview import brief_of
from labelwright.entry.render.parts import breakdowns
from labelwright.entry.render.people import conduct_of, plane_of, skills_of, tags_of
from labelwright.entry.render.regions import MOST_TEXT, shown
from labelwright.model.measure import Measure
from labelwright.model.project import Item
from labelwright.model.schema import DataObject

#: Difficult items that stand open; the rest is folded away.
OPEN_ITEMS = 8
_LEAD = 60
_PICTURE = re.compile(r"data:image/(?:png|jpeg|gif|webp);base64,[A-Za-z0-9+/=]+\Z")


def render_html(report: Report) -> str:
    """The whole file as text."""
    style, script = asset("report.css"), asset("report.js")
    page = environment().get_template("report.html.j2")
    people = [_person(p.id, report) for p in report.people]
    return page.render(
        r=report,
        names={p.id: p.name for p in report.people},
        controls=[_control(c, report) for c in report.controls],
        title=_title(report),
        people=people,
        plane=plane_of(report.people, frozenset(x["p"].id for x in people if x["tags"])),
        words=words,
        suggestions=suggestions,
        learned=learned,
        curves=_curves(report),
        style=Markup(style),  # noqa: S704 - our own file
        script=Markup(script),  # noqa: S704 - our own file
        policy=_policy(style, script),
    )


def _curves(report: Report) -> list[Markup]:
    """Pictures of what the rounds have learned; every text in them is escaped by who draws them."""
    found = report.learned
    if found is None:
        return []
    drawn = (learned.curve_picture(found, report.simulated), learned.class_pictures(found))
    return [Markup(svg) for svg in drawn if svg]  # noqa: S704 - see above


def _title(report: Report) -> str:
    """The answer in one line."""
    if len(report.controls) == 1:
        return f"Can I train on this? {report.controls[0].verdict.headline}"
    ready = sum(c.verdict.headline.startswith("Yes") for c in report.controls)
    return f"{ready} of {len(report.controls)} questions are ready to train on"


def _policy(style: str, script: str) -> str:
    return (
        f"default-src 'none'; style-src {hashed(style)}; script-src {hashed(script)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _control(c: ControlReport, report: Report) -> dict[str, Any]:
    """One control for the template."""
    a = c.agreement
    names = {p.id: p.name for p in report.people}
    level = "" if a.level == "none" else f" ({a.level})"
    four = [
        ("Krippendorff’s alpha" + level, a.krippendorff_alpha, False),
        ("Cohen’s kappa, mean of the pairs", a.cohen_kappa_mean, False),
        ("Fleiss’ kappa", a.fleiss_kappa, False),
        ("Percent agreement", a.percent, True),
    ]
    rows = _named(c.structure) + four if c.structure else four + _named(c.others)
    if c.structure and all(m.value is None for _, m, _ in four):
        rows = _named(c.structure)
    floor = floor_of([m for _, m, _ in rows])
    classes = c.control.classes or tuple(name for name, _ in c.distribution)
    return {
        "c": c,
        "whiskers": [whisker(title, m, floor, percent=percent) for title, m, percent in rows],
        "zoned": any("alpha" in title.lower() for title, _, _ in rows),
        "ticks": ticks(floor),
        "zones": [place(TENTATIVE, floor), place(RELY, floor)],
        "class_ticks": ticks(0.0),
        "undefined_reason": None if rows != _named(c.structure) else a.krippendorff_alpha.reason,
        "heat": heat_map(c.pairs, names) if len(c.pairs) > 1 else None,
        "matrix": matrix(c.confusion) if c.confusion else None,
        "most": max((n for _, n in c.distribution), default=1),
        "total": sum(n for _, n in c.distribution) or 1,
        "by_class": [whisker(m.title, m.measure, 0.0) for m in c.by_class],
        "breakdowns": breakdowns(c),
        "difficult": [_difficult(d, _objects(c, report), classes) for d in c.difficult],
        "open_items": OPEN_ITEMS,
        "brief": brief_of(c, names),
        "excerpts": {d.item: d.excerpt for d in c.difficult},
        "lead": _lead(c),
    }


def _lead(c: ControlReport) -> str:
    """The number that the verdict rests on, in short."""
    said = c.verdict.why.partition(" on ")[0].replace("(95 % interval ", "(")
    return said if any(mark.isdigit() for mark in said) and len(said) <= _LEAD else ""


def _named(measures: Sequence[NamedMeasure]) -> list[tuple[str, Measure, bool]]:
    return [(m.title, m.measure, False) for m in measures]


def _objects(c: ControlReport, report: Report) -> tuple[DataObject, ...]:
    """What this question is about; everything on the screen where the config does not tell."""
    return tuple(o for o in report.objects if o.name in c.control.to) or report.objects


def _difficult(d: DifficultItem, objects: Sequence[DataObject], classes: Sequence[str]) -> dict[str, Any]:
    answers = shown(d, objects, classes)
    marked = {e.target for a in d.answers for e in a.entries if any(s.pieces for s in answers)}
    fields = _fields(d.content, [o for o in objects if o.name not in marked], whole=not marked)
    picture = next((f["picture"] for f in fields if f["picture"]), "")
    return {"d": d, "answers": answers, "fields": fields, "picture": picture}


def _fields(item: Item | None, objects: Sequence[DataObject], *, whole: bool) -> list[dict[str, str]]:
    """What the item shows, field by field; pictures only where they stand in the data themselves.

    ``whole``: where no object names a field, all fields are shown.
    """
    if item is None:
        return []
    wanted = list(dict.fromkeys(o.field for o in objects if o.field and o.field in item.data))
    wanted = wanted or (list(item.data) if whole else [])
    return [_field(name, item.data[name]) for name in wanted[:6] if item.data[name] is not None]


def _field(name: str, value: Any) -> dict[str, str]:
    if isinstance(value, str) and _PICTURE.match(value):
        return {"name": name, "picture": value, "text": "", "more": ""}
    text = value if isinstance(value, str) else _flat(value)
    more = f"{len(text):,} characters, cut here" if len(text) > MOST_TEXT else ""
    return {"name": name, "picture": "", "text": text[:MOST_TEXT], "more": more}


def _flat(value: Any) -> str:
    if isinstance(value, Mapping):
        return "\n".join(f"{k}: {_flat(v)}" for k, v in value.items())
    if isinstance(value, list):
        return "\n".join(_flat(v) for v in value)
    return str(value)


def _person(who: str, report: Report) -> dict[str, Any]:
    person = next(p for p in report.people if p.id == who)
    cards = [(c.control.name, card) for c in report.controls for card in c.cards if card.annotator == who]
    return {
        "p": person,
        "whisker": whisker("agreement with the others", person.agreement, 0.0, percent=True),
        "cards": [
            (name, card, whisker(name, card.agreement, 0.0, percent=True))
            for name, card in cards
            if card.agreement.value is not None
        ],
        "tags": tags_of(cards),
        "skills": skills_of(cards),
        "conduct": conduct_of(cards, {p.id: p.name for p in report.people}),
    }
