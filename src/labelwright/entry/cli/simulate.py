"""`labelwright simulate`: recorded answers under another policy, before anybody is paid."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from labelwright.entry.cli.output import Bar, JsonOption, emit, say, table

if TYPE_CHECKING:
    from labelwright.planning import Simulated

LabelsOption = Annotated[
    Path, typer.Option("--labels", help="CSV with columns item, annotator, label.", metavar="FILE")
]
TruthOption = Annotated[Path, typer.Option("--truth", help="CSV with columns item, truth.", metavar="FILE")]
PolicyOption = Annotated[
    str, typer.Option("--policy", help="fixed:5, adaptive, adaptive-routed or certified.", metavar="POLICY")
]


def simulate_command(
    labels: LabelsOption,
    truth: TruthOption,
    policy: PolicyOption = "certified",
    *,
    target: Annotated[float, typer.Option(help="Share of right labels to reach among those accepted.")] = 0.95,
    expert_cost: Annotated[float, typer.Option(help="Price of an expert's label, in prices of an answer.")] = 20.0,
    gold: Annotated[int, typer.Option(help="Most items an expert labels for pilot and audit.")] = 200,
    replays: Annotated[int, typer.Option(help="How many runs.")] = 200,
    seed: Annotated[int, typer.Option(help="The same seed gives the same figures.")] = 0,
    json: JsonOption = False,
) -> None:
    """Replay recorded answers under a policy: what it costs, and what the labels are worth."""
    from labelwright.adapters.reports.crowd import read_crowd  # noqa: PLC0415 - `--help` needs none of it
    from labelwright.app.simulation import Question, simulate  # noqa: PLC0415
    from labelwright.planning import Policy  # noqa: PLC0415

    question = Question(Policy.parse(policy), target, expert_cost, gold, replays, seed)
    with Bar(quiet=json) as bar:
        found = simulate(read_crowd(labels, truth), question, bar)
    if json:
        emit(found.as_dict())
        return
    _show(found)


def _show(found: Simulated) -> None:
    from labelwright.planning.outcomes import interval  # noqa: PLC0415

    low, high = interval(found.costs())
    rows = [
        ("items", f"{found.items:,}"),
        ("reached the target", f"{found.mean('valid'):.1%} of {len(found.outcomes)} replays"),
        ("accepted unseen", f"{found.mean('accepted'):.1%} of the items"),
        ("accepted nothing", f"{found.as_dict()['accepted_none_share']:.1%} of the replays"),
        ("accuracy before the expert", f"{found.mean('accuracy'):.3f}"),
        ("answers an item", f"{found.mean('answers'):.2f}"),
        ("cost an item", f"{found.costs().mean():.2f} ({low:.2f} to {high:.2f} in nine of ten replays)"),
        ("expert for everything", f"{found.expert_cost:.2f}"),
        ("verdict of most replays", found.verdict.value),
    ]
    table(f"Simulated: {found.policy}, target {found.target:.0%}", ("", "value"), rows)
    say("This is a simulation: recorded answers in random order; an expert is taken to be right.")
    say("Certified means: the procedure is right in at least 95 % of jobs. It is no probability about one set.")
