"""`labelwright feedback`: an annotator's own report, as a page, a file or an e-mail."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from labelwright.entry.cli.output import HERE, JsonOption, WorkspaceOption, emit, interval, say, table
from labelwright.entry.cli.team import page_of
from labelwright.model.errors import SettingsError

if TYPE_CHECKING:
    from labelwright.app.feedback import Feedback
    from labelwright.bootstrap import Workspace
    from labelwright.model.project import Annotator


def feedback_command(
    name: Annotated[str, typer.Argument(help="Id, name or address of an annotator.")],
    html: Annotated[Path | None, typer.Option("--html", help="Write one self-contained HTML file.")] = None,
    mail: Annotated[bool, typer.Option("--mail", help="Send it to the annotator's address.")] = False,
    workspace: WorkspaceOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """How right, what is confused with what, how it goes, what goes well; never active gold or a colleague's name."""
    from labelwright.app.feedback import as_dict  # noqa: PLC0415
    from labelwright.app.oversight import settle_only  # noqa: PLC0415
    from labelwright.app.team import find_annotator  # noqa: PLC0415
    from labelwright.bootstrap import open_workspace  # noqa: PLC0415
    from labelwright.entry.cli.fresh import fresh_project  # noqa: PLC0415
    from labelwright.entry.pages import own_page, report_of  # noqa: PLC0415

    place = open_workspace(workspace)
    project = fresh_project(place)
    settle_only(project)
    person = find_annotator(project, name)
    report = report_of(project, person)
    page = own_page(project, person) if html or mail else ""
    if html:
        html.parent.mkdir(parents=True, exist_ok=True)
        html.write_text(page, encoding="utf-8")
    if mail:
        _post(place, person, page)
    link = page_of(place, person.id)
    if as_json:
        emit(as_dict(report) | {"page": link, "html": str(html) if html else None, "mailed": mail})
        return
    _tell(report)
    if html:
        say(f"Written to {html}")
    if mail:
        say(f"Sent to {person.email}")
    say(f"The annotator's own page: {link or 'served while labelwright up runs'}")


def _post(place: Workspace, person: Annotator, page: str) -> None:
    from labelwright.adapters.mail import post_office  # noqa: PLC0415

    settings = place.settings.mail
    if not settings.host:
        raise SettingsError(
            "There is no mail server", where="labelwright.yaml: mail.host", next_step="Set mail.host and mail.sender"
        )
    text = "Your report is attached. Open it in a browser: it loads nothing from anywhere."
    with post_office(settings) as send:
        send(person.email, f"{place.settings.name}: your report", text, page)


def _tell(f: Feedback) -> None:
    if f.simulated:
        say(f.simulated)
    rows = [
        ["known labels", interval(f.gold.as_dict()), f.gold.n_items],
        ["settled items", interval(f.settled.as_dict()), f.settled.n_items],
        ["beside an expert", interval(f.beside_expert.as_dict()), f.beside_expert.n_items],
        ["asked again", interval(f.consistent.as_dict()), f.consistent.n_items],
    ]
    table(f"{f.name}: {f.answers} answers", ("right on", "share (95 % interval)", "items"), rows)
    for c in f.confusions:
        say(f"  {c.label}, said {c.hers}: {c.times} of {c.of}")
    for sentence in f.praise:
        say(f"  ★ {sentence}")
