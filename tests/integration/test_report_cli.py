"""`labelwright report` as a script calls it: what stands on stdout, and the exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import combinations
from pathlib import Path

import polars as pl
import pytest
from sklearn.metrics import cohen_kappa_score

from labelwright.entry.cli.main import main

DATA = Path(__file__).parent / "report_data"
CROWDS = Path(__file__).parents[3] / "shared" / "datasets" / "crowds"


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "labelwright", "report", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def table(folder: Path, text: str = "item,annotator,label\n1,a,x\n1,b,x\n2,a,y\n2,b,x\n") -> Path:
    path = folder / "labels.csv"
    path.write_text(text)
    return path


def test_json_is_one_document_and_nothing_else_on_stdout(tmp_path: Path):
    """A script reads stdout as one JSON document with the keys that are promised."""
    done = run(table(tmp_path), "--json")
    assert done.returncode == 0
    document = json.loads(done.stdout)
    assert (document["items"], document["annotators"], document["annotations"]) == (2, 2, 4)
    control = document["controls"]["label"]
    assert {"kind", "agreement", "pairs", "difficult_items"} <= set(control)


def test_html_beside_json(tmp_path: Path):
    """Both can be asked for in one call; the path of the page goes to stderr."""
    page = tmp_path / "r.html"
    done = run(DATA / "label_studio_1_23_2.json", "--schema", DATA / "config.xml", "--html", page, "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["controls"]["entities"]["structure"]["unitizing_alpha"]["value"] is not None
    assert page.read_text().startswith("<!doctype html>")
    assert str(page) in done.stderr


def test_a_table_at_the_terminal(tmp_path: Path):
    """Without options a person reads the verdict first."""
    done = run(table(tmp_path))
    assert done.returncode == 0
    assert "Krippendorff" in done.stdout
    assert done.stdout.index("To the expert") < done.stdout.index("percent agreement")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["missing.csv"], 2, "no such file"),
        (["."], 2, "no file"),
        (["labels.csv", "--level", "cardinal"], 2, "nominal, ordinal or interval"),
        (["labels.csv", "--label-column", "stars"], 2, "no column stars"),
        (["labels.csv", "--html", "no/where.html"], 2, "cannot be written"),
        (["broken.json"], 2, "not valid JSON"),
        (["empty.csv"], 1, "no annotation to report"),
        (["empty.json"], 1, "no annotation to report"),
        ([], 2, "labelwright"),
    ],
)
def test_exit_codes_come_with_the_next_step(
    tmp_path: Path, monkeypatch, capsys, arguments: list[str], code: int, said: str
):
    """2 for wrong usage, 1 for nothing to report: one line on stderr, no traceback, nothing on stdout."""
    table(tmp_path)
    (tmp_path / "broken.json").write_text('[{"id": 1, ')
    (tmp_path / "empty.csv").write_text("item,annotator,label\n")
    (tmp_path / "empty.json").write_text("[]")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["labelwright", "report", *arguments, "--json"])
    with pytest.raises(SystemExit) as ended:
        main()
    out, err = capsys.readouterr()
    assert ended.value.code == code
    assert said in err
    assert "Traceback" not in err
    assert not out


@pytest.mark.skipif(not CROWDS.is_dir(), reason="the shared datasets are not here")
@pytest.mark.parametrize("name", ["snow_temp"])
def test_real_crowds_against_scikit_learn(name: str):
    """Every pair's kappa on a real crowd is scikit-learn's, and the mean is the mean of the defined ones."""
    path = CROWDS / f"{name}.labels.csv"
    control = json.loads(run(path, "--json").stdout)["controls"]["label"]
    by_person = {
        who: dict(rows.select("item", "label").iter_rows())
        for (who,), rows in pl.read_csv(path, infer_schema=False).partition_by("annotator", as_dict=True).items()
    }
    defined = []
    found = {frozenset((p["a"], p["b"])): p["kappa"] for p in control["pairs"]}
    for a, b in combinations(by_person, 2):
        shared = sorted(by_person[a].keys() & by_person[b].keys())
        if not shared:
            assert frozenset((a, b)) not in found
            continue
        x, y = [by_person[a][i] for i in shared], [by_person[b][i] for i in shared]
        kappa = found[frozenset((a, b))]
        if len({*x, *y}) == 1:
            assert kappa["value"] is None
        else:
            assert kappa["value"] == pytest.approx(cohen_kappa_score(x, y), abs=1e-9)
            defined.append(kappa["value"])
    assert control["agreement"]["cohen_kappa_mean"]["value"] == pytest.approx(sum(defined) / len(defined), abs=1e-9)
