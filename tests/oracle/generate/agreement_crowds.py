"""Print krippendorff's nominal alpha of real crowds, as JSON: tests/oracle/agreement_crowds.json.

Run in an environment of its own with krippendorff==0.9.0 "pandas<3":

    python agreement_crowds.py FOLDER > ../agreement_crowds.json
"""

from __future__ import annotations

import json
import sys
from importlib.metadata import version
from pathlib import Path

import krippendorff
import pandas as pd


def alpha(path):
    """Last answer of each worker to each task; counts of tasks by labels."""
    table = pd.read_csv(path, dtype=str).drop_duplicates(["item", "annotator"], keep="last")
    counts = pd.crosstab(table["item"], table["label"]).to_numpy()
    return {"annotations": len(table), "alpha": krippendorff.alpha(value_counts=counts, level_of_measurement="nominal")}


def main():
    found = {path.name: alpha(path) for path in sorted(Path(sys.argv[1]).glob("*.labels.csv"))}
    json.dump({"krippendorff": version("krippendorff"), "crowds": found}, sys.stdout, indent=1)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
