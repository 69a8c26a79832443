"""`labelwright audit`: labels that exist already beside a fresh consensus."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from labelwright.entry.cli.output import HERE, Bar, JsonOption, WorkspaceOption, emit, interval, say, table
from labelwright.model.errors import NothingToDoError

if TYPE_CHECKING:
    from labelwright.app.auditing import Audit, Fresh
    from labelwright.export.existing import Existing


_OF_FILES = (
    "The rate rests on the items that both sets hold: it speaks for all existing labels if these were drawn at random."
)


def audit_command(
    labels: Annotated[
        Path | None,
        typer.Option(
            metavar="OLD",
            help="The existing labels: COCO, YOLO, Pascal VOC, CoNLL, a Hugging Face folder, a table or a Label Studio "
            "export. Without it: those that came with the data.",
            show_default=False,
        ),
    ] = None,
    fresh: Annotated[
        Path | None,
        typer.Option(metavar="NEW", help="The fresh labels, instead of a workspace's.", show_default=False),
    ] = None,
    sample: Annotated[int | None, typer.Option(min=1, help="Compare so many items, drawn at random.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the drawing.")] = 1,
    worst: Annotated[int, typer.Option(min=0, help="How many of the worst items are named.")] = 20,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write every item that differs, as JSON Lines.")
    ] = None,
    workspace: WorkspaceOption = HERE,
    as_json: JsonOption = False,
) -> None:
    """How many existing labels are wrong, of which class, and which are the worst?"""
    from labelwright.adapters.datasets.existing import read_existing  # noqa: PLC0415 - `--help` needs none of it
    from labelwright.app.auditing import Fresh, audit, pairs_of  # noqa: PLC0415

    with Bar(quiet=as_json) as bar:
        bar.start("Reading both sets of labels", None)
        if fresh is not None:
            new: Iterable[Fresh] = [Fresh(item) for item in read_existing(fresh).items if item.text is not None]
            came: Sequence[Existing] = ()
        else:
            new, came = _of_workspace(workspace)
        old = [o for o in (read_existing(labels).items if labels is not None else came) if o.text is not None]
        if not old:
            raise NothingToDoError(
                "There are no existing labels",
                where=str(fresh or workspace),
                next_step="Name them with --labels, or import the data with a column of labels (init --label)",
            )
        pairs, missing = pairs_of(old, new)
        bar.start("Comparing", None)
        found = audit(_drawn(pairs, sample, seed), missing, _OF_FILES if fresh is not None else None)
    if out is not None:
        rows = found.as_dict(len(found.worst))["worst"]
        out.write_text("".join(json.dumps(r, ensure_ascii=False, default=str) + "\n" for r in rows), encoding="utf-8")
    if as_json:
        emit(found.as_dict(worst))
        return
    _tell(found, worst, out)


def _drawn(pairs: list[Any], sample: int | None, seed: int) -> list[Any]:
    """So many of them at random, in their order."""
    if sample is None or sample >= len(pairs):
        return pairs
    import numpy as np  # noqa: PLC0415

    rows = np.random.default_rng(seed).choice(len(pairs), sample, replace=False)
    return [pairs[row] for row in sorted(rows.tolist())]


def _of_workspace(root: Path) -> tuple[list[Fresh], list[Existing]]:
    """The fresh consensus, and the labels that came with the data."""
    from labelwright.adapters.labelstudio.export_read import TaskReader  # noqa: PLC0415
    from labelwright.app.annotations import annotation_set  # noqa: PLC0415
    from labelwright.app.auditing import Fresh  # noqa: PLC0415
    from labelwright.app.kept import kept_consensus  # noqa: PLC0415
    from labelwright.bootstrap import open_workspace  # noqa: PLC0415
    from labelwright.entry.cli.fresh import fresh_project  # noqa: PLC0415
    from labelwright.export.existing import Existing, regions_of_text  # noqa: PLC0415
    from labelwright.model.project import Purpose  # noqa: PLC0415

    project = fresh_project(open_workspace(root))
    annotations = annotation_set(project)
    kept = kept_consensus(project, annotations, TaskReader().given)
    tests = {a.item for a in annotations.annotations if a.purpose is Purpose.TEST}
    new, came = [], []
    for item_id, item in annotations.items.items():
        label = kept.labels.get(item_id)
        if label is not None and not label.contested:
            drawn = isinstance(label.label, list)
            regions = kept.drawn[item_id].regions if drawn and item_id in kept.drawn else None
            text = None if drawn else str(label.label)
            new.append(Fresh(Existing(item_id, item.data, text, regions), label.posterior, item_id in tests))
        if item.existing is not None:
            regions = regions_of_text(item.existing)
            came.append(Existing(item_id, item.data, None if regions is not None else item.existing, regions))
    return new, came


def _tell(found: Audit, worst: int, out: Path | None) -> None:
    say(f"{found.compared:,} items compared; {found.unmatched:,} existing labels have no fresh one")
    say(f"Error rate: {interval(found.error_rate.as_dict())} (95 % interval). {found.basis}")
    rows = [(name, m.n_items, interval(m.as_dict())) for name, m in found.by_class.items()]
    table("Wrong, by existing class", ("class", "labels", "share (95 % interval)"), rows)
    if not found.worst:
        say("No item differs.")
        return
    table("Faults", ("what", "count"), list(found.faults.items()))
    if found.confusions:
        confusions = [(a, b, n) for (a, b), n in list(found.confusions.items())[:20]]
        table("Confusions", ("existing", "fresh", "count"), confusions)
    shown = [(d.id, _short(d.existing), _short(d.fresh), ", ".join(d.faults), d.posterior) for d in found.worst[:worst]]
    table("The worst", ("item", "existing", "fresh", "fault", "posterior"), shown)
    if out is not None:
        say(f"Every item that differs: {out}")


def _short(text: str | None) -> str:
    """A class as it is; drawings by how many there are of each class."""
    from labelwright.export.existing import regions_of_text  # noqa: PLC0415

    drawn = regions_of_text(text) if text else None
    if drawn is not None:
        counts = Counter(", ".join(r.labels) or "(none)" for r in drawn)
        text = ", ".join(f"{n} × {label}" for label, n in sorted(counts.items())) or "nothing"
    return "–" if text is None else text if len(text) <= 40 else f"{text[:37]}…"
