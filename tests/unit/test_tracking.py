"""Models as runs of MLflow, written and read with the library itself."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from labelwright.adapters.tracking import track_run
from labelwright.model.learned import ModelRecord, ModelState

pytest.importorskip("mlflow")


def test_a_model_is_one_run_however_often_it_is_told(tmp_path: Path):
    """A step that is repeated after a crash, and two runs of one model."""
    from mlflow import MlflowClient

    card = {
        "kind": "text",
        "seed": 1,
        "data_version": "abc",
        "evaluation": {
            "accuracy": {"value": 0.8, "low": 0.7, "high": 0.9, "n_items": 40},
            "by_class": {"Positive": {"value": 0.5}, "Neutral": {"value": None}},
            "calibration_gap": None,
        },
    }
    record = ModelRecord("round-1", "text", ModelState.CURRENT, datetime(2026, 1, 1, tzinfo=UTC), 1, None, card)
    assert track_run(tmp_path / "runs", "Test", record) == track_run(tmp_path / "runs", "Test", record)
    os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"
    client = MlflowClient(tracking_uri=(tmp_path / "runs").as_uri())
    runs = client.search_runs([client.get_experiment_by_name("Test").experiment_id])
    assert [r.info.run_name for r in runs] == ["round-1"]
    assert runs[0].data.metrics == {
        "accuracy": 0.8,
        "accuracy_low": 0.7,
        "accuracy_high": 0.9,
        "test_items": 40.0,
        "recall class 0": 0.5,
    }
    assert runs[0].data.params["seed"] == "1"
    assert runs[0].data.tags["labelwright.state"] == "current"
