"""Every trained model as a run of MLflow, in a folder of the user's."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from labelwright.model.errors import UsageError
from labelwright.model.learned import ModelRecord

#: MLflow wants to be told that a folder, rather than a database, is meant.
_FOLDERS = "MLFLOW_ALLOW_FILE_STORE"
_PARAMETERS = ("kind", "control", "training_items", "seed", "schema_version", "guidelines_version", "temperature")


def track_run(folder: Path, experiment: str, record: ModelRecord) -> str:
    """One run a model: its card as parameters, its measures as metrics. Done already is fine; the id of the run.

    Args:
        folder: where the runs are.
        experiment: their common name.
        record: the model, measured and compared.

    Raises:
        UsageError: MLflow is not installed.
    """
    try:
        os.environ.setdefault(_FOLDERS, "true")
        from mlflow import MlflowClient  # noqa: PLC0415 - optional, and seconds to load
    except ImportError as problem:
        raise UsageError(
            "MLflow is not installed",
            where="model.mlflow",
            next_step='Install it: pip install "labelwright[mlflow]", or take model.mlflow out of labelwright.yaml',
        ) from problem
    client = MlflowClient(tracking_uri=folder.absolute().as_uri())
    known = client.get_experiment_by_name(experiment)
    where = known.experiment_id if known else client.create_experiment(experiment)
    tags = _tags(record)
    same = " and ".join(f"tags.`{name}` = '{tags[name]}'" for name in ("labelwright.version", "labelwright.data"))
    before = client.search_runs([where], same)
    run = before[0].info.run_id if before else client.create_run(where, run_name=record.version, tags=tags).info.run_id
    client.set_tag(run, "labelwright.state", record.state.value)
    if not before:
        for name in _PARAMETERS:
            client.log_param(run, name, record.card.get(name))
    for name, value in _metrics(record.card).items():
        client.log_metric(run, name, value)
    client.set_terminated(run)
    return str(run)


def _tags(record: ModelRecord) -> dict[str, str]:
    return {
        "labelwright.version": record.version,
        "labelwright.data": str(record.card.get("data_version")),
        "labelwright.simulated": str(record.card.get("simulated") or "no"),
        "mlflow.runName": record.version,
    }


def _metrics(card: Mapping[str, Any]) -> dict[str, float]:
    """Accuracy with its interval and by class; what is undefined is left out."""
    found = card.get("evaluation") or {}
    accuracy = found.get("accuracy") or {}
    metrics = {
        "accuracy": accuracy.get("value"),
        "accuracy_low": accuracy.get("low"),
        "accuracy_high": accuracy.get("high"),
        "calibration_gap": found.get("calibration_gap"),
        "test_items": accuracy.get("n_items"),
    }
    by_class = {f"recall class {k}": m.get("value") for k, m in enumerate((found.get("by_class") or {}).values())}
    return {name: float(value) for name, value in {**metrics, **by_class}.items() if value is not None}
