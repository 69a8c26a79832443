"""Print what other packages find on seeded tables, as JSON: tests/oracle/agreement_peers.json.

Run in an environment of its own (krippendorff is GPL and no part of us), with
krippendorff==0.9.0 scikit-learn==1.9.1 statsmodels==0.15.0 irrCAC==0.4.4 pingouin==0.6.1 nltk==3.10.4 "pandas<3":

    python agreement_peers.py > ../agreement_peers.json
"""

from __future__ import annotations

import json
import sys
import warnings
from importlib.metadata import version
from itertools import combinations

import krippendorff
import numpy as np
import pandas as pd
import pingouin
from irrCAC.raw import CAC
from nltk.metrics import AnnotationTask, jaccard_distance, masi_distance
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import aggregate_raters, cohens_kappa, fleiss_kappa

PACKAGES = ("krippendorff", "scikit-learn", "statsmodels", "irrCAC", "pingouin", "nltk")


def table(seed, n_items, n_annotators, n_classes, missing):
    """Answers by item and annotator, 1 … n_classes; NaN is missing; every item keeps two."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(1, n_classes + 1, n_items)
    noise = rng.integers(1, n_classes + 1, (n_items, n_annotators))
    answers = np.where(rng.random((n_items, n_annotators)) < 0.6, truth[:, None], noise).astype(float)
    gone = rng.random(answers.shape) < missing
    gone[:, :2] = False
    answers[gone] = np.nan
    return answers


def alphas(answers):
    return {
        level: krippendorff.alpha(reliability_data=answers.T, level_of_measurement=level)
        for level in ("nominal", "ordinal", "interval", "ratio")
    }


def cohens(answers):
    found = []
    for a, b in combinations(range(answers.shape[1]), 2):
        both = answers[~np.isnan(answers[:, [a, b]]).any(axis=1)][:, [a, b]].astype(int)
        kappas = [cohen_kappa_score(both[:, 0], both[:, 1], weights=w) for w in (None, "linear", "quadratic")]
        counts = pd.crosstab(both[:, 0], both[:, 1]).to_numpy()
        square = counts.shape[0] == counts.shape[1]
        errors = [
            float(np.sqrt(cohens_kappa(counts, wt=w).var_kappa)) if square else None
            for w in (None, "linear", "quadratic")
        ]
        found.append({"a": a, "b": b, "n_items": len(both), "kappas": kappas, "standard_errors": errors})
    return found


def gwets(answers):
    frame = pd.DataFrame(answers)
    found = {}
    for weights in ("identity", "linear", "quadratic"):
        cac = CAC(frame, weights=weights, digits=12)
        for name, method in (("gwet", cac.gwet), ("bp", cac.bp), ("fleiss", cac.fleiss)):
            est = method()["est"]
            low, high = est["confidence_interval"]
            found[f"{name} {weights}"] = {"value": est["coefficient_value"], "half": (high - low) / 2, "high": high}
    return found


def iccs(answers):
    long = pd.DataFrame(
        [(i, a, v) for i, row in enumerate(answers) for a, v in enumerate(row)], columns=["item", "rater", "label"]
    )
    found = pingouin.intraclass_corr(data=long, targets="item", raters="rater", ratings="label")
    return {str(row["Type"]): float(row["ICC"]) for _, row in found.iterrows()}


def sets(seed):
    rng = np.random.default_rng(seed)
    rows = [
        (f"c{a}", f"i{i}", sorted({"xyz"[k] for k in rng.integers(0, 3, rng.integers(1, 4))}))
        for i in range(25)
        for a in range(3)
    ]
    data = [(c, i, frozenset(s)) for c, i, s in rows]
    return {
        "rows": rows,
        "jaccard": AnnotationTask(data=data, distance=jaccard_distance).alpha(),
        "masi": AnnotationTask(data=data, distance=masi_distance).alpha(),
    }


def main():
    warnings.simplefilter("ignore")
    full, sparse = table(1, 40, 4, 4, 0.0), table(2, 60, 5, 5, 0.35)
    document = {
        "versions": {name: version(name) for name in PACKAGES},
        "full": full.tolist(),
        "sparse": [[None if np.isnan(v) else v for v in row] for row in sparse],
        "alpha": {"full": alphas(full), "sparse": alphas(sparse)},
        "cohen": {"full": cohens(full), "sparse": cohens(sparse)},
        "fleiss": float(fleiss_kappa(aggregate_raters(full.astype(int))[0])),
        "gwet": {"full": gwets(full), "sparse": gwets(sparse)},
        "icc": iccs(full),
        "sets": sets(3),
    }
    json.dump(document, sys.stdout, indent=1)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
