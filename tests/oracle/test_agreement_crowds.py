"""Real crowds: alpha is that of krippendorff 0.9.0 (constants printed by generate/agreement_crowds.py)."""

import json
from pathlib import Path

import polars as pl
import pytest

from labelwright.agreement import by_annotator, krippendorff_alpha

CROWDS = Path(__file__).resolve().parents[3] / "shared" / "datasets" / "crowds"
PEER = json.loads(Path(__file__).with_name("agreement_crowds.json").read_text(encoding="utf-8"))["crowds"]

needs_crowds = pytest.mark.skipif(not CROWDS.is_dir(), reason="the folder of real crowds is not on this machine")


@needs_crowds
@pytest.mark.parametrize("name", PEER)
def test_alpha_of_a_real_crowd(name):
    """Alpha of many workers with few shared tasks, to 1e-9, within its own bootstrap interval."""
    found = krippendorff_alpha(pl.read_csv(CROWDS / name, infer_schema=False), interval="bootstrap")
    assert found.value == pytest.approx(PEER[name]["alpha"], abs=1e-9)
    assert found.low < found.value < found.high


@needs_crowds
def test_workers_of_a_real_crowd_against_the_others():
    """Every worker of the bluebird crowd has an agreement with the others, or a reason."""
    parts = by_annotator(pl.read_csv(CROWDS / "d_duck_bluebird.labels.csv", infer_schema=False), interval="analytic")
    assert len(parts) == 39
    assert all(part.value is not None or part.reason for part in parts)
