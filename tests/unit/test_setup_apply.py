"""The set-up in the console changes what it asks and nothing else."""

from __future__ import annotations

import yaml

from labelwright.adapters.labelstudio.templates import guidelines_for, render
from labelwright.bootstrap import open_workspace
from labelwright.entry.api.v1.setup_apply import Plan, apply_plan
from labelwright.entry.cli.newcomer import begin_workspace
from labelwright.entry.cli.output import Bar


def test_settings_that_the_wizard_does_not_ask_stay_and_secrets_stay_names(tmp_path, monkeypatch):
    """A loop that turns by itself still does; a token that the environment holds is never written to the file."""
    monkeypatch.setenv("LS_TOKEN", "from-the-environment")
    root = tmp_path / "place"
    begin_workspace(root)
    written = yaml.safe_load((root / "labelwright.yaml").read_text(encoding="utf-8"))
    written["label_studio"] |= {"url": "http://127.0.0.1:1", "token": "${LS_TOKEN}"}
    written["loop"]["mode"] = "auto"
    written["sampling"]["strategy"] = "random"
    written["simulated"] = "Answers are drawn."
    written["expected_distribution"] = {"Gone": 1.0}
    (root / "labelwright.yaml").write_text(yaml.safe_dump(written), encoding="utf-8")
    (root / "rows.csv").write_text("id,comment\n1,good\n2,bad\n", encoding="utf-8")
    labels = ["Good", "Bad"]
    plan = Plan(
        name="Comments", data=root / "rows.csv", xml=render("text-classification", labels),
        guidelines=guidelines_for("text-classification", labels), columns={"text": "comment"},
        data_settings={"id": "id", "group": None, "metadata": []}, overlap=0.5, batch=7,
    )  # fmt: skip
    assert apply_plan(open_workspace(root), plan, Bar(quiet=True)).items == 2
    assert "from-the-environment" not in (root / "labelwright.yaml").read_text(encoding="utf-8")
    kept = open_workspace(root).settings
    assert (kept.name, kept.overlap.share, kept.sampling.batch) == ("Comments", 0.5, 7)
    assert (kept.loop.mode, kept.sampling.strategy, kept.simulated) == ("auto", "random", "Answers are drawn.")
    assert (kept.label_studio.token, dict(kept.expected_distribution)) == ("from-the-environment", {})
