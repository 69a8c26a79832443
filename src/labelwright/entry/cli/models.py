"""`labelwright model`: the models of this project, what they are worth, and what they say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from labelwright.entry.cli.output import HERE, Bar, JsonOption, WorkspaceOption, emit, interval, say, table
from labelwright.model.errors import NothingToDoError, UsageError

if TYPE_CHECKING:
    from labelwright.model.learned import ModelRecord

model_app = typer.Typer(help="Models: train, compare, take into use.", no_args_is_help=True, rich_markup_mode=None)


@model_app.command("list")
def list_command(workspace: WorkspaceOption = HERE, as_json: JsonOption = False) -> None:
    """Every model that was trained, the oldest first."""
    from labelwright.bootstrap import open_workspace  # noqa: PLC0415

    records = open_workspace(workspace).project().store.models()
    if as_json:
        emit({"models": [r.as_dict() for r in records]})
        return
    if not records:
        say("No model yet. Next: labelwright round close, or labelwright model train")
        return
    rows = [
        [r.version, r.kind, r.state.value, r.card.get("training_items"), interval(_accuracy(r)), r.reason]
        for r in records
    ]
    table("Models", ("version", "kind", "state", "trained on", "accuracy (95 % interval)", "why"), rows)


def _accuracy(record: ModelRecord) -> dict[str, Any]:
    found: dict[str, Any] = (record.card.get("evaluation") or {}).get("accuracy") or {"reason": "not measured"}
    return found


@model_app.command("show")
def show_command(
    version: Annotated[str | None, typer.Argument(help="Of the model (default: the one in use).")] = None,
    workspace: WorkspaceOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """A model's card: what it learned from, and how it was measured."""
    from labelwright.bootstrap import open_workspace  # noqa: PLC0415

    record = open_workspace(workspace).project().store.model(version)
    if record is None:
        raise NothingToDoError(
            f"There is no model {version}" if version else "No model is in use",
            next_step="See those that there are: labelwright model list",
        )
    if as_json:
        emit(record.as_dict())
        return
    _show(record)


def _show(record: ModelRecord) -> None:
    card = record.card
    found = card.get("evaluation") or {}
    plain = {k: v for k, v in card.items() if k not in {"evaluation", "training_classes", "classes"} and v is not None}
    say(f"{record.version} is {record.state.value}: {record.reason or 'not compared yet'}")
    table("Card", ("what", "value"), [[k.replace("_", " "), str(v)] for k, v in plain.items()])
    say(f"  accuracy: {interval(_accuracy(record))} on {found.get('measured_on', 'nothing')}")
    if "f1" in found:
        say(
            f"  F1 of whole spans: {interval(found['f1'])}; accuracy is the share of items in which all spans are right"
        )
    gap = found.get("calibration_gap")
    say(f"  confidence is off by {gap:.3f} on average" if gap is not None else "  confidence: not measured")
    by_class, trained = found.get("by_class") or {}, card.get("training_classes") or {}
    rows = [[name, trained.get(name, 0), m["n_items"], interval(m)] for name, m in by_class.items()]
    counted = "F1 (95 % interval)" if "f1" in found else "found (95 % interval)"
    table("By class", ("class", "trained on", "test items", counted), rows)


@model_app.command("promote")
def promote_command(
    version: Annotated[str, typer.Argument(help="Of the model.")],
    workspace: WorkspaceOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Take a model into use by hand, whatever the comparison said."""
    from labelwright.app.models import promote_by_hand  # noqa: PLC0415
    from labelwright.bootstrap import open_workspace  # noqa: PLC0415

    with Bar(quiet=as_json) as bar:
        record = promote_by_hand(open_workspace(workspace).project(bar), version, bar)
    if as_json:
        emit(record.as_dict())
        return
    say(f"{record.version} is in use. The next round draws by what it says.")


@model_app.command("train")
def train_command(workspace: WorkspaceOption = HERE, as_json: JsonOption = False) -> None:
    """Train on all labels there are, outside of a round."""
    from labelwright.adapters.reference import read_reference  # noqa: PLC0415
    from labelwright.app.models import train_now  # noqa: PLC0415
    from labelwright.bootstrap import open_workspace  # noqa: PLC0415
    from labelwright.entry.cli.fresh import fresh_project  # noqa: PLC0415

    place = open_workspace(workspace)
    reference = place.settings.model.reference
    known = read_reference(place.path(reference)) if reference else {}
    with Bar(quiet=as_json) as bar:
        project = fresh_project(place)
        done = train_now(project, place.new_learner(project), known, bar)
    if done.trained.version is None:
        raise NothingToDoError(
            f"There is no model: {done.trained.reason}", next_step="See what is missing: labelwright doctor"
        )
    if as_json:
        emit(done.as_dict())
        return
    say(f"{done.trained.version} learned from {done.trained.training_items} items.")
    if done.evaluation is not None:
        say(f"  accuracy: {interval(done.evaluation.accuracy.as_dict())} on {done.evaluation.measured_on}")
    if done.promotion is not None:
        say(f"  in use: {done.promotion.version} ({done.promotion.reason})")


@model_app.command("predict")
def predict_command(
    out: Annotated[Path, typer.Argument(help="File to write: .parquet, .csv or .jsonl.")],
    version: Annotated[str | None, typer.Option("--model", help="Its version (default: the one in use).")] = None,
    workspace: WorkspaceOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """What a model says of every item of the pool."""
    from labelwright.adapters.predictions import write_predictions  # noqa: PLC0415
    from labelwright.app.models import predictions  # noqa: PLC0415
    from labelwright.bootstrap import open_workspace  # noqa: PLC0415

    if out.suffix not in {".parquet", ".csv", ".jsonl"}:
        raise UsageError(
            f"No predictions are written as {out.suffix or out.name}", next_step="Name a .parquet, .csv or .jsonl file"
        )
    with Bar(quiet=as_json) as bar:
        parts: Iterator[list[dict[str, Any]]] = predictions(open_workspace(workspace).project(bar), version, bar)
        n = write_predictions(out, parts)
    if as_json:
        emit({"file": str(out), "items": n})
        return
    say(f"{out}: {n} items")


@model_app.command("connect")
def connect_command(
    project: Annotated[int, typer.Argument(help="Label Studio's number of the project.")],
    workspace: WorkspaceOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Connect a Label Studio project to the model in use, as its ML backend."""
    from labelwright.adapters.labelstudio.ml import connect_backend  # noqa: PLC0415
    from labelwright.bootstrap import open_workspace  # noqa: PLC0415
    from labelwright.entry.api.ml_backend import ML_PATH, USER  # noqa: PLC0415

    place = open_workspace(workspace)
    desks = {d.project for d in place.project().store.desks()}
    if project in desks:
        raise UsageError(
            f"Project {project} is a desk: suggestions there would be seen by those who are to go without",
            next_step="Set preannotate.source in labelwright.yaml for suggestions on desks",
        )
    server = place.server.running()
    if server is None:
        raise NothingToDoError("Labelwright's server does not run", next_step="Start it: labelwright up")
    backend = connect_backend(
        place.client(), project, f"{server.url}{ML_PATH}", USER, place.secrets.ensure("ml_secret", 40)
    )
    if as_json:
        emit({"project": project, "backend": backend, "url": f"{server.url}{ML_PATH}"})
        return
    say(f"Project {project} asks {server.url}{ML_PATH} for predictions.")


@model_app.command("annotate")
def annotate_command(
    limit: Annotated[int | None, typer.Option(min=1, help="Items at most.")] = None,
    workspace: WorkspaceOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """Ask the language model of the settings about what people label, as one more annotator."""
    from labelwright.app.machine import annotate, spent  # noqa: PLC0415
    from labelwright.bootstrap import open_workspace  # noqa: PLC0415

    place = open_workspace(workspace)
    with Bar(quiet=as_json) as bar:
        project = place.project(bar)
        done = annotate(project, place.models.chat, bar, limit=limit)
    document = done.as_dict() | {"annotator": place.settings.llm.name, "so_far": spent(project)}
    if as_json:
        emit(document)
        return
    price = "no price is set" if done.cost is None else f"{done.cost:.4f} {place.settings.budget.currency}"
    say(f"{place.settings.llm.model} answered {done.asked} items, {done.invalid} of them not as the schema asks.")
    say(f"  {done.tokens_in:,} tokens read, {done.tokens_out:,} written: {price}; {done.left} items are left")
    say("Next: labelwright report shows how it agrees with the others")
