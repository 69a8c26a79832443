"""Selection beside modAL, scikit-activeml and scikit-learn, on the same arrays; the peers in their own environment.

python benchmarks/bench_sampling.py TASK    one task, in this process
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
from measuring import best, peak_above

HERE = Path(__file__).resolve().parent
CACHE = HERE.parent / ".cache" / "bench-sampling"
PEERS = ("modAL-python==0.4.2.1", "scikit-activeml==0.6.2", "scikit-learn==1.6.1", "numpy==2.2.6")

# what, our task, the peer's task, repeats of ours and theirs, turns
PAIRS = (
    ("entropy, 1,000 of 1M × 10, beside modAL", "entropy", "modal_entropy", 15, 15, 4),
    ("entropy, 1,000 of 1M × 10, beside scikit-activeml", "entropy", "skactiveml_entropy", 15, 1, 1),
    ("margin, 1,000 of 1M × 10, beside modAL", "margin", "modal_margin", 15, 15, 2),
    ("k-center, 1,000 of 100k × 384, beside a loop of pairwise_distances", "k_center", "loop_k_center", 4, 1, 1),
    ("k-means, 1,000 of 100k × 384, beside MiniBatchKMeans as it comes", "kmeans", "minibatch_kmeans", 4, 2, 1),
    ("BADGE, 1,000 of 100k × 384 × 10", "badge", None, 3, 0, 1),
    ("hybrid, 1,000 of 100k × 384 × 10", "hybrid", None, 2, 0, 1),
    ("density, 1,000 of 100k × 384 × 10", "density", None, 2, 0, 1),
)
#: Ratio in seconds; of peak memory, theirs to ours; seconds at most; inertia at most, ours to theirs.
BARS = {
    PAIRS[0][0]: {"ratio": 3.0},
    PAIRS[1][0]: {"ratio": 300.0, "memory_ratio": 20.0},
    PAIRS[3][0]: {"ratio": 15.0},
    PAIRS[4][0]: {"ratio": 3.0, "inertia_ratio": 1.01},
    PAIRS[5][0]: {"seconds": 20.0},
}


def make() -> None:
    """The arrays, made when missing: embeddings of 20 latent dimensions in 400 clumps, with noise in all 384."""
    if (CACHE / "scores.npy").exists():
        return
    CACHE.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    np.save(CACHE / "large.npy", rng.dirichlet(np.full(10, 0.5), 1_000_000))
    clumps, spread = rng.normal(size=(400, 20)), rng.normal(size=(20, 384))
    latent = clumps[rng.integers(0, 400, 100_000)] + 0.4 * rng.normal(size=(100_000, 20))
    np.save(CACHE / "features.npy", (latent @ spread + 0.5 * rng.normal(size=(100_000, 384))).astype(np.float32))
    np.save(CACHE / "scores.npy", rng.dirichlet(np.full(10, 0.5), 100_000))


def load(name: str):
    return np.load(CACHE / f"{name}.npy")


def ours(task: str):
    """One of our strategies on its arrays."""
    from labelwright import sampling

    needs = {"entropy": ["large"], "margin": ["large"], "k_center": ["features"], "kmeans": ["features"]}
    arrays = [load(name) for name in needs.get(task, ["scores", "features"])]
    return lambda: getattr(sampling, task)(*arrays, 1000, np.random.default_rng(0))


class Given:
    """A classifier whose probabilities are known already: only the selection is measured."""

    def __init__(self, probabilities):
        self.probabilities = probabilities

    def predict_proba(self, rows):  # noqa: ARG002 (as scikit-learn has it)
        """The probabilities of all rows."""
        return self.probabilities


def modal(task: str):
    from modAL import uncertainty

    strategy = getattr(uncertainty, f"{task}_sampling")
    given, rows = Given(load("large")), np.zeros((1_000_000, 1))
    return lambda: strategy(given, rows, n_instances=1000)


def skactiveml():
    from skactiveml.base import SkactivemlClassifier
    from skactiveml.pool import UncertaintySampling

    class Fixed(SkactivemlClassifier):
        def fit(self, X, y, sample_weight=None):  # noqa: ARG002 (as scikit-learn has it)
            return self

        def predict_proba(self, X):  # noqa: ARG002 (as scikit-learn has it)
            return probabilities

    probabilities = load("large")
    rows, labels = np.zeros((1_000_000, 1)), np.full(1_000_000, np.nan)
    strategy = UncertaintySampling(method="entropy", random_state=0)
    clf = Fixed(classes=list(range(10)))
    return lambda: strategy.query(X=rows, y=labels, clf=clf, fit_clf=False, batch_size=1000)


def loop_k_center():
    from sklearn.metrics import pairwise_distances

    features = load("features")

    def work():
        chosen = [0]
        nearest = pairwise_distances(features, features[[0]])[:, 0]
        for _ in range(999):
            chosen.append(int(nearest.argmax()))
            nearest = np.minimum(nearest, pairwise_distances(features, features[[chosen[-1]]])[:, 0])
        return np.array(chosen)

    return work


def minibatch_kmeans(found: dict[str, Any]):
    from sklearn.cluster import MiniBatchKMeans
    from sklearn.metrics import pairwise_distances_argmin

    features = load("features")

    def work():
        model = MiniBatchKMeans(n_clusters=1000, random_state=0).fit(features)
        found["middles"] = model.cluster_centers_
        return pairwise_distances_argmin(model.cluster_centers_, features)

    return work


def inertia(middles: np.ndarray) -> float:
    """Sum of squared distances to the nearest middle, worked out alike for both."""
    features, total = load("features").astype(np.float64), 0.0
    middles = middles.astype(np.float64)
    for start in range(0, len(features), 5000):
        block = features[start : start + 5000]
        distances = (block**2).sum(axis=1)[:, None] - 2 * block @ middles.T + (middles**2).sum(axis=1)
        total += float(distances.min(axis=1).sum())
    return total


def middles_of_ours() -> np.ndarray:
    from labelwright.sampling.distances import single
    from labelwright.sampling.kmeans import clusters

    features = load("features")
    return clusters(single(features), 1000, np.random.default_rng(0))[0] + features.mean(axis=0)


def one(task: str, repeats: int) -> dict[str, Any]:
    """Seconds, peak memory and, for k-means, the inertia of one task."""
    found: dict[str, Any] = {}
    if task.startswith("modal_"):
        work = modal(task.removeprefix("modal_"))
    elif task == "skactiveml_entropy":
        work = skactiveml()
    elif task == "loop_k_center":
        work = loop_k_center()
    elif task == "minibatch_kmeans":
        work = minibatch_kmeans(found)
    else:
        work = ours(task)
    result: dict[str, Any] = {}
    if repeats == 1:  # too slow to do twice: memory and time of the same run
        result["peak_mb"] = peak_above(lambda: result.update(seconds=best(work, 1)[1])) / 2**20
    else:
        result["peak_mb"] = peak_above(work) / 2**20
        result["seconds"] = best(work, repeats)[1]
    if task == "minibatch_kmeans":
        result["inertia"] = inertia(found["middles"])
    if task == "kmeans":
        result["inertia"] = inertia(middles_of_ours())
    return result


def peer_python() -> Path:
    """The peers' environment, made when missing."""
    python = CACHE / "peer" / "bin" / "python"
    if not python.exists():
        uv = shutil.which("uv") or str(Path(sys.executable).with_name("uv"))
        subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, str(CACHE / "peer")], check=True)
        subprocess.run([uv, "pip", "install", "--quiet", "--python", str(python), *PEERS], check=True)
    return python


def turn(python: Path | str, task: str, repeats: int) -> dict[str, Any]:
    """One task in a fresh process."""
    command = [str(python), __file__, task, str(repeats)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=1800)
    return json.loads(done.stdout.splitlines()[-1])


def met(bar: dict[str, float], line: dict[str, Any]) -> bool:
    """Every bar that there is for the line."""
    return (
        line.get("ratio", 0) >= bar.get("ratio", 0)
        and line.get("memory_ratio", 0) >= bar.get("memory_ratio", 0)
        and line["ours"]["seconds"] <= bar.get("seconds", np.inf)
        and line.get("inertia_ratio", 0) <= bar.get("inertia_ratio", np.inf)
    )


def main() -> dict[str, Any]:
    """Ours and the peer's in turns; the best of each."""
    make()
    python, lines = peer_python(), []
    for what, task, peer, our_repeats, their_repeats, turns in PAIRS:
        sides: tuple[list[dict[str, Any]], list[dict[str, Any]]] = ([], [])
        for _ in range(turns):
            sides[0].append(turn(sys.executable, task, our_repeats))
            if peer:
                sides[1].append(turn(python, peer, their_repeats))
        line: dict[str, Any] = {"what": what, "ours": min(sides[0], key=lambda side: side["seconds"])}
        if peer:
            line["peer"] = min(sides[1], key=lambda side: side["seconds"])
            line["ratio"] = line["peer"]["seconds"] / line["ours"]["seconds"]
            line["memory_ratio"] = line["peer"]["peak_mb"] / max(line["ours"]["peak_mb"], 1e-9)
        if "inertia" in line["ours"]:
            line["inertia_ratio"] = line["ours"]["inertia"] / line["peer"]["inertia"]
        line |= {"bar": BARS.get(what), "met": met(BARS.get(what, {}), line)}
        lines.append(line)
        print(
            f"   {line.get('ratio', 0):8.1f}× {line['ours']['seconds']:.3f} s {line['ours']['peak_mb']:.0f} MB  {what}",
            flush=True,
        )
    return {"peers": list(PEERS), "measured": lines}


if __name__ == "__main__":
    json.dump(one(sys.argv[1], int(sys.argv[2])), sys.stdout)
