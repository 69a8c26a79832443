"""The built-in model of spans on real requests to restaurants: F1 by number of labels, chosen at random and by doubt.

The set is restaurant8k's test part (Coope et al., 2020, CC BY 4.0): 3,731 utterances, five kinds of slots. A thousand
utterances are put aside for measuring; what is trained on comes from the others. Doubtful ones are those that the
model of the batch before is least sure of per token, with a tenth of the batch at random. Many utterances are a bare
number whose meaning only the question before it tells, which no model that reads the utterance alone can know.

python benchmarks/bench_spans.py [SEEDS]
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from labelwright.adapters.learners.tagger import SpanLearner
from labelwright.learning.spans import Mark, read_marks, span_f1, written

HERE = Path(__file__).resolve().parent
DATA = HERE.parents[1] / "shared" / "datasets" / "text" / "restaurant8k_spans_test.json"
SEEDS = 5
TEST = 1000
SIZES = (100, 200, 400, 800, 1600, 2700)
RANDOM_SHARE = 0.1
#: Two-sided 95 % points of Student's t by degrees of freedom.
T = {1: 12.71, 2: 4.303, 3: 3.182, 4: 2.776, 9: 2.262}


def load() -> tuple[list[str], list[str]]:
    """Utterances, and all spans of each as one text."""
    texts, labels = [], []
    for row in json.loads(DATA.read_text("utf-8")):
        spans = [
            (x["valueSpan"].get("startIndex", 0), x["valueSpan"]["endIndex"], x["slot"]) for x in row.get("labels", [])
        ]
        texts.append(row["userInput"]["text"])
        labels.append(written(spans))
    return texts, labels


def marks(learner: SpanLearner, texts: list[str]) -> list[list[Mark]]:
    """What it marks."""
    return [[span[:3] for span in tagged.spans] if tagged else [] for tagged in learner.tag(texts)]


def curve(texts: list[str], labels: list[str], seed: int, *, doubtful: bool) -> list[dict[str, float]]:
    """F1 and exactly right items after each size."""
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(texts))
    test, pool = order[:TEST], order[TEST:]
    truth = [read_marks(labels[i]) for i in test]
    drawn, points = list(pool[: SIZES[0]]), []
    learner = SpanLearner()
    for size in SIZES:
        rest = np.setdiff1d(pool, drawn)
        if points and doubtful:
            wanted = size - len(drawn)
            sure = learner.predict_proba([texts[i] for i in rest])[:, 0]
            chosen = rest[np.argsort(sure, kind="stable")[: round(wanted * (1 - RANDOM_SHARE))]]
            others = rng.permutation(np.setdiff1d(rest, chosen))[: wanted - len(chosen)]
            drawn += [*chosen, *others]
        elif points:
            drawn += list(rng.permutation(rest)[: size - len(drawn)])
        learner.fit([texts[i] for i in drawn], [labels[i] for i in drawn], None, seed)
        said = marks(learner, [texts[i] for i in test])
        exact = float(np.mean([written(a) == written(b) for a, b in zip(said, truth, strict=True)]))
        f1 = span_f1(said, truth, np.random.default_rng(0))
        points.append({"f1": f1.value, "exact": exact})
    return points


def spread(runs: list[list[dict[str, float]]], what: str) -> dict[str, list[float]]:
    """Mean over seeds and half of its 95 % interval, by size."""
    values = np.array([[point[what] for point in run] for run in runs])
    half = T[len(values) - 1] * values.std(axis=0, ddof=1) / np.sqrt(len(values))
    return {"mean": values.mean(axis=0).round(4).tolist(), "half_interval": half.round(4).tolist()}


def main(seeds: int = SEEDS) -> dict[str, Any]:
    """Both ways of choosing."""
    texts, labels = load()
    found: dict[str, Any] = {}
    for name in ("random", "doubtful"):
        runs = [curve(texts, labels, seed, doubtful=name == "doubtful") for seed in range(seeds)]
        found[name] = {what: spread(runs, what) for what in ("f1", "exact")}
        print(f"   {name:9s} F1 {found[name]['f1']['mean']} ± {found[name]['f1']['half_interval']}", flush=True)
    return {
        "data": f"restaurant8k, {len(texts)} utterances, {TEST} of them to measure by",
        "seeds": seeds,
        "labels": list(SIZES),
        **found,
    }


if __name__ == "__main__":
    json.dump(main(int(sys.argv[1]) if len(sys.argv) > 1 else SEEDS), sys.stdout)
