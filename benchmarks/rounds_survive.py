"""Twenty rounds on a weekly schedule that is compressed to seconds, on a real Label Studio, killed at random 20 times.

    python benchmarks/rounds_survive.py [ROUNDS BATCH KILLS]

Recorded ratings are replayed by five annotators. Three runs with the same seed, at once on one Label Studio: left
alone, killed (kill -9 of the server), and left alone with random selection. Writes benchmarks/results/rounds.json and
docs/guide/images/rounds.svg.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

from run import RESULTS, machine
from spine_support import REPOSITORY, folder

#: Those that models are measured by are among them; batches are drawn from the others.
SENTENCES = 2_000
#: A play takes a quarter of an hour; one that came to its end is not played again.
CACHE = REPOSITORY / ".cache" / "rounds"
PICTURE = REPOSITORY / "docs" / "guide" / "images" / "rounds.svg"


def main(rounds: int = 20, batch: int = 20, kills: int = 20) -> dict[str, Any]:
    """Play the three runs and compare them."""
    from labelwright.adapters.labelstudio.install import cache_dir
    from labelwright.adapters.reviews import fetch_reviews, read_reviews
    from labelwright.entry.demo import prepare
    from support.servers import label_studio_server
    from support.survival import Plan, Played, play

    reviews = prepare.distinct(read_reviews(fetch_reviews(cache_dir() / "demo")))[:SENTENCES]
    plans = {
        "alone": Plan(rounds, batch),
        "killed": Plan(rounds, batch, kills),
        "random": Plan(rounds, batch, strategy="random"),
    }

    def run(name: str) -> Any:
        kept = CACHE / f"{name}-{rounds}-{batch}-{kills}.json"
        if kept.exists():
            return Played(**json.loads(kept.read_text(encoding="utf-8")))
        done = play(root / name, server, reviews, plans[name])
        CACHE.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(asdict(done)), encoding="utf-8")
        print(f"   {name}: {done.seconds} s, {len(done.answers)} answers", flush=True)
        return done

    with (
        folder() as root,
        label_studio_server(root / "label-studio") as server,
        ThreadPoolExecutor(len(plans)) as at_once,
    ):
        played = dict(zip(plans, at_once.map(run, plans), strict=True))
    _draw(played["killed"].rows, played["random"].rows, prepare.SIMULATED)
    return {
        "rounds": rounds,
        "batch": batch,
        "kills": len(played["killed"].killed_at),
        "killed_in": dict(Counter(step for _, step in played["killed"].killed_at)),
        "same_answers": {tuple(a) for a in played["killed"].answers} == {tuple(a) for a in played["alone"].answers},
        "answers": {name: len(p.answers) for name, p in played.items()},
        "answers_counted_twice": {
            n: len(p.answers) - len({tuple(a[:2]) for a in p.answers}) for n, p in played.items()
        },
        "tasks_delivered_twice": {n: len(p.twice) for n, p in played.items()},
        "rounds_closed": {n: sum(r["state"] == "closed" for r in p.rows) for n, p in played.items()},
        "seconds": {n: p.seconds for n, p in played.items()},
        "curves": {n: [_point(r) for r in p.rows] for n, p in played.items()},
        "simulated": prepare.SIMULATED,
    }


def _point(row: dict[str, Any]) -> dict[str, Any]:
    return {k: row[k] for k in ("round", "strategy", "labels", "accuracy", "low", "high", "reason")}


def _draw(rows: list[dict[str, Any]], beside: list[dict[str, Any]], simulated: str) -> None:
    from labelwright.entry.render.curve import render_curve

    PICTURE.parent.mkdir(exist_ok=True)
    names = ("chosen by the loop (hybrid)", "the same loop, chosen at random")
    PICTURE.write_text(render_curve(rows, f"Simulation. {simulated}", (*names, beside)), encoding="utf-8")


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent))
    before, started = machine(), time.perf_counter()
    measured = main(*(int(a) for a in sys.argv[1:]))
    measured = {"machine": before, "seconds_in_all": round(time.perf_counter() - started, 1), **measured}
    (RESULTS / "rounds.json").write_text(json.dumps(measured, indent=2) + "\n", encoding="utf-8")
    sys.exit(0 if measured["same_answers"] else 1)
