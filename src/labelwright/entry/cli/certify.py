"""`labelwright certify`: a statement about labels that nobody has looked at, and what it rests on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from labelwright.entry.cli.output import HERE, JsonOption, WorkspaceOption, emit, say, table
from labelwright.model.errors import UsageError

if TYPE_CHECKING:
    from labelwright.model.certification import CertificationVerdict

TargetOption = Annotated[float, typer.Option(help="Share of right labels to certify among those accepted unseen.")]
PriceOption = Annotated[float, typer.Option(help="Price of an expert's label, in prices of an answer.")]
GoldCapOption = Annotated[int, typer.Option("--most", min=1, help="Most items that an expert audits.")]


def certify_command(
    *,
    target: TargetOption = 0.95,
    expert_cost: PriceOption = 20.0,
    most: GoldCapOption = 200,
    again: Annotated[bool, typer.Option("--again", help="Plan anew after a verdict: a new job of its own.")] = False,
    labels: Annotated[
        Path | None,
        typer.Option("--labels", help="Without a workspace: CSV with item, annotator, label.", metavar="FILE"),
    ] = None,
    gold: Annotated[
        Path | None,
        typer.Option("--gold", help="With --labels: CSV with item, label of items drawn at random.", metavar="FILE"),
    ] = None,
    draw: Annotated[
        int | None, typer.Option("--draw", min=1, help="With --labels: draw so many items for an expert, at random.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Where drawn items or accepted labels go, as CSV.", metavar="FILE")
    ] = None,
    seed: Annotated[int, typer.Option(help="With --labels: the same seed draws the same.")] = 0,
    workspace: WorkspaceOption = HERE,
    json: JsonOption = False,
) -> None:
    """Audit labels and say whether at least the target is right among those accepted unseen."""
    from labelwright.app.certifying import Wish, certify  # noqa: PLC0415 - `--help` needs none of it

    wish = Wish(target, expert_cost, most)
    if labels is not None:
        _of_tables(labels, gold, (draw, out, seed), wish, json=json)
        return
    if gold is not None or draw is not None or out is not None:
        raise UsageError("--gold, --draw and --out go with --labels", next_step="Leave them out in a workspace")
    from labelwright.bootstrap import open_workspace  # noqa: PLC0415
    from labelwright.entry.cli.fresh import fresh_project  # noqa: PLC0415

    record = certify(fresh_project(open_workspace(workspace)), wish, again=again)
    _tell(record.verdict, {"number": record.number, "control": record.control}, json=json)


def _of_tables(
    labels: Path, gold: Path | None, drawing: tuple[int | None, Path | None, int], wish: Any, *, json: bool
) -> None:
    import numpy as np  # noqa: PLC0415

    from labelwright.adapters.reports.crowd import read_answers, read_labels, write_rows  # noqa: PLC0415
    from labelwright.app.certifying_table import certify_table, draw_audit  # noqa: PLC0415

    draw, out, seed = drawing
    answers, rng = read_answers(labels), np.random.default_rng(seed)
    if gold is None:
        if draw is None:
            raise UsageError(
                "Labels alone certify nothing",
                where="--labels without --gold",
                next_step="Draw items for an expert: --draw 200 --out audit.csv; then give their labels: --gold FILE",
            )
        items = draw_audit(answers, draw, rng)
        if out is not None:
            write_rows(out, ("item", "label"), [(i, None) for i in items])
        _tell_drawn(items, out, json=json)
        return
    found = certify_table(answers, read_labels(gold), wish, rng)
    if out is not None:
        write_rows(out, ("item", "label"), list(found.accepted.items()))
    _tell(found.verdict, {}, json=json)


def _tell_drawn(items: tuple[str, ...], out: Path | None, *, json: bool) -> None:
    if json:
        emit({"items": items})
        return
    if out is not None:
        say(f"{len(items)} items are drawn: {out}. Fill in the column label, then: labelwright certify --gold {out}")
        return
    for item in items:
        typer.echo(item)


def _tell(verdict: CertificationVerdict, more: dict[str, Any], *, json: bool) -> None:
    if json:
        emit({**more, **verdict.as_dict()})
        return
    tell_verdict(verdict)


def tell_verdict(verdict: CertificationVerdict) -> None:
    """The verdict in words and numbers."""
    rows = [
        ("items", f"{verdict.items:,}"),
        ("accepted unseen", f"{verdict.accepted:,} ({verdict.accepted_share:.1%})"),
        ("audited", f"{verdict.audited:,}, of these wrong {verdict.errors:,}"),
        ("pilot", f"{verdict.pilot:,} known labels, which certify nothing"),
        ("to the expert", f"{verdict.to_expert:,}"),
        ("cost", "–" if verdict.cost is None else f"{verdict.cost:,.0f} prices of an answer"),
        ("expert for everything", "–" if verdict.cost_all_expert is None else f"{verdict.cost_all_expert:,.0f}"),
    ]
    table(f"{verdict.verdict.value.capitalize()} at {verdict.target:.1%}", ("", "value"), rows)
    say(verdict.statement)
    said = () if verdict.reason in verdict.statement else (verdict.reason,)
    for line in (*said, verdict.remedy, verdict.simulated):
        if line:
            say(f"{line}.")
