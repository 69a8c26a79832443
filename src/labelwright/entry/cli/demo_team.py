"""`labelwright demo --team`: a team of eight on real sentences, from the first account to a certificate and a bill."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from labelwright.entry.cli.output import Bar, emit, interval, say, table

if TYPE_CHECKING:
    from labelwright.bootstrap import Workspace

_KINDS = {
    "paused": "paused",
    "gold": "gold",
    "review": "review",
    "budget": "budget",
    "copying": "copying",
    "qualification": "qualification",
    "resumed": "active",
}


def team_demo(root: Path, items: int, *, stay: bool, as_json: bool) -> None:
    """Play it, write its files, tell what came of it."""
    from labelwright.entry.cli.demo import stop_demo  # noqa: PLC0415

    kept = False
    try:
        with Bar(quiet=as_json) as bar:
            place, document = _play(root, items, bar)
            if stay:
                document["console"] = _show(place, bar)
                kept = True
    finally:
        if not kept:
            stop_demo(root)
    if as_json:
        emit(document)
        return
    tell(document)


def _play(root: Path, items: int, bar: Bar) -> tuple[Workspace, dict[str, Any]]:
    from labelwright.adapters.labelstudio.install import cache_dir, ensure_installed  # noqa: PLC0415
    from labelwright.adapters.reviews import fetch_reviews, read_reviews  # noqa: PLC0415
    from labelwright.entry.demo.prepare import distinct  # noqa: PLC0415
    from labelwright.entry.demo.team.files import make_files, size_of  # noqa: PLC0415
    from labelwright.entry.demo.team.harvest import harvest  # noqa: PLC0415
    from labelwright.entry.demo.team.story import play_team  # noqa: PLC0415

    bar.start("Fetching real review sentences", None)
    reviews = distinct(read_reviews(fetch_reviews(cache_dir() / "demo")))
    size = size_of(items)
    place = make_files(root, reviews, size, bar)
    place.label_studio.start(ensure_installed(cache_dir(), bar), bar)
    record = play_team(place, reviews, size, bar)
    bar.start("Reports, dataset and bill", None)
    return place, harvest(place, record, reviews)


def _show(place: Workspace, bar: Bar) -> str:
    """Labelwright's server beside Label Studio, for whoever wants to look around."""
    from labelwright.entry.cli.servers import console_link, start_servers  # noqa: PLC0415

    start_servers(place, bar)
    return console_link(place)


def tell(document: dict[str, Any]) -> None:
    """Everything that the lead should read, in the order in which she would ask."""
    say(f"\nSimulated. {document['simulated']}.\n")
    _tell_people(document)
    _tell_labels(document["certification"], document["dataset"])
    _tell_gaps(document["gaps"])
    _tell_bill(document["bill"])
    say("\nFeedback, one page each: " + "  ".join(document["feedback"]))
    if "console" in document:
        say(f"\nLook around as the lead: {document['console']}")
        say(f"When you are done: labelwright down --workspace {document['workspace']}")


def _tell_people(document: dict[str, Any]) -> None:
    rows = [
        [
            p["name"],
            p["level"],
            p["status"],
            p["answers"],
            interval(p["gold"]) if p["gold"]["value"] is not None else None,
            p["right_by_simulation"],
        ]
        for p in document["team"]
    ]
    columns = ("name", "level", "status", "answers", "right on gold (95 % interval)", "right on all (simulation)")
    table("The team", columns, rows)
    say("What the lead was told:")
    for message in document["told"]:
        if message["kind"] != "resumed":
            say(f"  {_KINDS.get(message['kind'], message['kind'])}: {message['text']}")
    review = document["review"]
    say(f"Experts settled {review['settled']} items. Overturned, of each one's reviewed answers:")
    names = {p["id"]: p["name"] for p in document["team"]}
    for row in review["overturned"]:
        say(f"  {names[row['annotator']]}: {interval(row['all'])}, {row['all']['n_items']} answers")


def _tell_labels(certification: dict[str, Any], dataset: dict[str, Any]) -> None:
    from labelwright.entry.cli.certify import tell_verdict  # noqa: PLC0415
    from labelwright.model.certification import CertificationVerdict  # noqa: PLC0415

    known = certification["known_by_simulation"]
    said = {k: v for k, v in certification.items() if k != "known_by_simulation"}
    tell_verdict(CertificationVerdict.from_dict(said))
    if known["share"] is not None:
        say(
            f"What only a simulation knows: of the {known['accepted']} labels accepted unseen {known['right']} "
            f"({known['share']:.1%}) are right."
        )
    say(f"Certified and experts' labels alone: {dataset['rows']} rows in {dataset['path']}")


def _tell_gaps(gaps: dict[str, Any]) -> None:
    from labelwright.entry.render.gaps import print_gaps  # noqa: PLC0415

    say("\nWhat the author of the guidelines should mend:")
    print_gaps(gaps["pairs"], None)
    say(f"To-do list: {gaps['file']}")


def _tell_bill(bill: dict[str, Any]) -> None:
    for name, title in (("by_annotator", "Bill"), ("by_purpose", "The same by purpose")):
        rows = [[x["name"], x["answers"], round(x["hours"], 2), x["amount"]] for x in bill[name]]
        table(title, (name.removeprefix("by_"), "answers", "active hours", bill["currency"]), rows)
    say(f"Total: {bill['total']} {bill['currency']}, {bill['active_hours']:.2f} active hours ({bill['files'][0]})")
