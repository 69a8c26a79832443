"""How many labels the default strategy needs for the accuracy that random draws end with; ten seeds, with intervals.

The pool is real texts and real digits; a round trains logistic regression on the built-in embedding (texts: TF-IDF
and a singular value decomposition, fitted without labels; digits: their pixels) and measures on items that are never
drawn. Every batch keeps its tenth of random items. Annotators who err are simulated: each item's one answer is right
with a chance drawn from 0.7 to 0.8, else any other class; the test labels stay as they are.

python benchmarks/bench_labels.py [SEEDS]    all of it; it takes half an hour
"""

from __future__ import annotations

import csv
import io
import json
import os
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression

from labelwright import sampling
from labelwright.adapters.learners.embedding import embed
from labelwright.adapters.reviews import fetch_reviews
from labelwright.sampling.free_rows import FreeRows

HERE = Path(__file__).resolve().parent
CACHE = HERE.parent / ".cache" / "bench-labels"
PICTURE = HERE.parent / "docs" / "labels.svg"
BANKING = HERE.parents[1] / "shared" / "datasets" / "text" / "banking77"
SEEDS = 10
RANDOM_SHARE = 0.1
#: Labels of the first, random round; of every later one; of the last; inverse regularisation.
PLANS = {
    "movieReviewSnippets": (50, 100, 3000, 10.0),
    "banking77": (200, 200, 5000, 10.0),
    "digits": (20, 20, 500, 10.0),
}
STRATEGIES = ("random", "hybrid", "margin")
#: Two-sided 95 % point of Student's t at 9 degrees of freedom.
T9 = 2.262


def movies() -> tuple[list[str], np.ndarray]:
    """Sentences of film reviews, and whether people found them positive on average."""
    name = "movieReviewSnippets_GroundTruth.txt"
    inner = "vaderSentiment-3.3.2/additional_resources/hutto_ICWSM_2014.tar.gz"
    with (
        tarfile.open(fetch_reviews(CACHE)) as outer,
        tarfile.open(fileobj=io.BytesIO(outer.extractfile(inner).read())) as archive,
    ):
        lines = archive.extractfile(f"hutto_ICWSM_2014/{name}").read().decode("utf-8-sig").split("\n")
    rows = [line.rstrip("\r").split("\t") for line in lines if line.strip()]
    return [row[2] for row in rows], np.array([int(float(row[1]) > 0) for row in rows])


def banking() -> tuple[list[str], np.ndarray]:
    """Questions to a bank and their intents."""
    rows = [
        row for part in ("train", "test") for row in csv.DictReader((BANKING / f"{part}.csv").open(encoding="utf-8"))
    ]
    names = sorted({row["category"] for row in rows})
    return [row["text"] for row in rows], np.array([names.index(row["category"]) for row in rows])


def data(name: str) -> tuple[np.ndarray, np.ndarray]:
    """Features and classes, kept when made."""
    path = CACHE / f"{name}.npz"
    if not path.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        if name == "digits":
            pixels, classes = load_digits(return_X_y=True)
            np.savez(path, x=(pixels / 16).astype(np.float32), y=classes)
        else:
            texts, classes = movies() if name.startswith("movie") else banking()
            np.savez(path, x=embed(texts, 256).astype(np.float32), y=classes)
    found = np.load(path)
    return found["x"], found["y"]


def erring(y: np.ndarray, classes: int, rng: np.random.Generator) -> np.ndarray:
    """One simulated answer an item, by annotators who are right in 70 to 80 of 100 cases."""
    wrong = rng.random(len(y)) > rng.uniform(0.7, 0.8, len(y))
    return np.where(wrong, (y + rng.integers(1, classes, len(y))) % classes, y)


def rounds(name: str, strategy: str, seed: int, *, noisy: bool) -> Iterator[tuple[int, float]]:
    """Labels and accuracy after every round."""
    x, y = data(name)
    first, batch, last, c = PLANS[name]
    classes = int(y.max()) + 1
    rng = np.random.default_rng([seed, 1])
    order = rng.permutation(len(y))
    test, pool = order[: len(y) // 4], order[len(y) // 4 :]
    said = erring(y, classes, rng) if noisy else y
    labeled = pool[:first].tolist()
    chance = np.random.default_rng([seed, 2])
    while True:
        model = LogisticRegression(C=c, max_iter=300, tol=1e-3).fit(x[labeled], said[labeled])
        yield len(labeled), float((model.predict(x[test]) == y[test]).mean())
        n = min(batch, last - len(labeled))
        if n <= 0:
            return
        left = np.setdiff1d(pool, labeled)
        labeled += left[chosen(strategy, model, x[left], classes, n, chance)].tolist()


def chosen(strategy: str, model: Any, x: np.ndarray, classes: int, n: int, rng: np.random.Generator) -> np.ndarray:
    """A batch as a round of the product draws it: the strategy's share and the random share."""
    if strategy == "random":
        return sampling.random(len(x), n, rng)
    p = np.full((len(x), classes), 1e-9)
    p[:, model.classes_] = model.predict_proba(x)
    p /= p.sum(axis=1, keepdims=True)
    own = n - round(n * RANDOM_SHARE)
    best = sampling.hybrid(p, x, own, rng) if strategy == "hybrid" else sampling.margin(p, own, rng)
    return np.concatenate([best, FreeRows.of(len(x), best).draw(n - own, rng)])


def curves(name: str, *, noisy: bool, seeds: int) -> dict[str, Any]:
    """Every strategy's curve by seed."""
    found: dict[str, list[list[float]]] = {}
    labels: list[int] = []
    for strategy in STRATEGIES:
        runs = [list(rounds(name, strategy, seed, noisy=noisy)) for seed in range(seeds)]
        labels = [n for n, _ in runs[0]]
        found[strategy] = [[accuracy for _, accuracy in run] for run in runs]
        print(f"   {name:20s} {'erring' if noisy else 'right ':6s} {strategy:7s} {runs[0][-1][1]:.3f}", flush=True)
    return {"labels": labels, "curves": {name: np.array(runs) for name, runs in found.items()}}


def reached(labels: list[int], curve: np.ndarray, target: float) -> float | None:
    """Labels at which a mean curve first reaches a target, between two rounds by a straight line."""
    at = int(np.argmax(curve >= target)) if (curve >= target).any() else -1
    if at < 0:
        return None
    if at == 0:
        return float(labels[0])
    low, high = curve[at - 1], curve[at]
    return float(labels[at - 1] + (labels[at] - labels[at - 1]) * (target - low) / (high - low))


def share(found: dict[str, Any], strategy: str) -> dict[str, Any]:
    """Labels to random's final accuracy as a share of random's, with a bootstrap interval over the seeds."""
    labels, random, own = found["labels"], found["curves"]["random"], found["curves"][strategy]

    def of(rows: np.ndarray) -> float:
        n = reached(labels, own[rows].mean(axis=0), random[rows, -1].mean())
        return np.inf if n is None else n / labels[-1]

    rng = np.random.default_rng(0)
    again = np.array([of(rng.integers(0, len(own), len(own))) for _ in range(1000)])
    low, high = np.quantile(again, [0.025, 0.975])
    value = of(np.arange(len(own)))
    finite = [None if not np.isfinite(v) else round(float(v), 3) for v in (value, low, high)]
    return dict(zip(("value", "low", "high"), finite, strict=True))


def below(found: dict[str, Any], strategy: str) -> list[int]:
    """Labels at which the strategy is below random by more than the interval of the paired difference."""
    difference = found["curves"][strategy] - found["curves"]["random"]
    error = difference.std(axis=0, ddof=1) / np.sqrt(len(difference))
    bad = difference.mean(axis=0) + T9 * error < 0
    return [n for n, wrong in zip(found["labels"], bad, strict=True) if wrong]


def line(name: str, found: dict[str, Any], *, noisy: bool) -> dict[str, Any]:
    """What is kept of one set."""

    def spread(runs: np.ndarray) -> dict[str, list[float]]:
        half = T9 * runs.std(axis=0, ddof=1) / np.sqrt(len(runs))
        return {"mean": runs.mean(axis=0).round(4).tolist(), "half_interval": half.round(4).tolist()}

    strategies = [s for s in STRATEGIES if s != "random"]
    return {
        "set": name,
        "annotators": "simulated, 70 to 80 % right" if noisy else "always right",
        "random_final": round(float(found["curves"]["random"][:, -1].mean()), 4),
        "share_of_labels": {s: share(found, s) for s in strategies},
        "below_random_at": {s: below(found, s) for s in strategies},
        "labels": found["labels"],
        "curves": {s: spread(runs) for s, runs in found["curves"].items()},
    }


def drawn(lines: list[dict[str, Any]]) -> str:
    """The curves as one picture: a panel a set, a row for annotators who are right and one for those who err."""
    colours = {"random": "#6b7280", "hybrid": "#1d4ed8", "margin": "#d97706"}
    wide, high, left, top = 270, 190, 46, 62
    parts = []
    for k, one in enumerate(lines):
        x0, y0 = left + (k // 2) * (wide + 46), top + (k % 2) * (high + 66)
        values = [v for s in one["curves"].values() for v in s["mean"]]
        low, up, last = min(values), max(values), one["labels"][-1]

        def at(n: float, v: float, x0=x0, y0=y0, low=low, up=up, last=last) -> tuple[float, float]:
            return x0 + wide * n / last, y0 + high * (1 - (v - low) / (up - low))

        who = "answers of 70 to 80 % accuracy, simulated" if k % 2 else "right answers"
        parts.append(f'<text x="{x0}" y="{y0 - 22}" font-weight="600">{one["set"]}</text>')
        parts.append(f'<text x="{x0}" y="{y0 - 8}" fill="#6b7280">{who}</text>')
        parts.append(f'<path d="M{x0} {y0}V{y0 + high}H{x0 + wide}" fill="none" stroke="#9ca3af"/>')
        parts.append(f'<text x="{x0 - 6}" y="{y0 + 4}" text-anchor="end">{up:.2f}</text>')
        parts.append(f'<text x="{x0 - 6}" y="{y0 + high}" text-anchor="end">{low:.2f}</text>')
        parts.append(f'<text x="{x0 + wide}" y="{y0 + high + 16}" text-anchor="end">{last} labels</text>')
        for name, curve in one["curves"].items():
            pairs = list(zip(one["labels"], curve["mean"], curve["half_interval"], strict=True))
            band = [at(n, min(m + h, up)) for n, m, h in pairs] + [at(n, max(m - h, low)) for n, m, h in pairs[::-1]]
            points = " ".join(f"{x:.1f},{y:.1f}" for x, y in band)
            parts.append(f'<polygon points="{points}" fill="{colours[name]}" opacity="0.15"/>')
            points = " ".join("{:.1f},{:.1f}".format(*at(n, m)) for n, m, _ in pairs)
            parts.append(f'<polyline points="{points}" fill="none" stroke="{colours[name]}" stroke-width="1.8"/>')
    width, height = left + 3 * (wide + 46), top + 2 * (high + 66) + 16
    keys = "".join(
        f'<text x="{left + 90 * k}" y="{height - 8}" fill="{colours[name]}" font-weight="600">{name}</text>'
        for k, name in enumerate(STRATEGIES)
    )
    said = "Accuracy on untouched items by number of labels; mean of ten seeds, bands are 95 % intervals"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="system-ui, sans-serif" '
        f'font-size="12" role="img" aria-label="{said}"><rect width="100%" height="100%" fill="#fff"/>'
        f'<text x="{left}" y="18">{said}</text>{"".join(parts)}{keys}</svg>\n'
    )


def main(seeds: int = SEEDS) -> dict[str, Any]:
    """Every set with annotators who are right and with such as err; the bar; the picture."""
    lines = [
        line(name, curves(name, noisy=noisy, seeds=seeds), noisy=noisy) for name in PLANS for noisy in (False, True)
    ]
    PICTURE.write_text(drawn(lines), encoding="utf-8")
    right = [one for one in lines if one["annotators"] == "always right"]
    few = [one["set"] for one in right if (one["share_of_labels"]["hybrid"]["value"] or 9) <= 0.6]
    fell = [f"{one['set']} ({one['annotators']})" for one in lines if one["below_random_at"]["hybrid"]]
    for one in lines:
        print(f"   {one['set']:20s} {one['annotators']:28s} {one['share_of_labels']['hybrid']}", flush=True)
    return {
        "seeds": seeds,
        "simulated": "annotators who err are simulated; data, models and choices are real",
        "bar": "at most 0.6 of the labels on two of the three; never below random by more than the interval",
        "at_most_60_percent": few,
        "below_random": fell,
        "met": len(few) >= 2 and not fell,
        "measured": lines,
    }


if __name__ == "__main__":
    json.dump(main(int(sys.argv[1]) if len(sys.argv) > 1 else SEEDS), sys.stdout)
