"""The economics on recorded crowds, against the bar: savings, validity, accepted shares, hopeless crowds, decisions.

    LABELWRIGHT_REPLAYS=200 python benchmarks/run.py economics

Every crowd with a truth and at least five answers an item, and d_product (three). Fixed seeds. The table is printed
as it grows and kept after each crowd. A simulation: recorded answers in random order, an expert taken to be right.
"""

from __future__ import annotations

import json
import os
import time
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import binom

from labelwright.adapters.reports.crowd import read_crowd
from labelwright.app.simulation.certifying import certify_replay
from labelwright.app.simulation.collecting import blended_labels, coded_of, collect_adaptively, collect_fixed
from labelwright.app.simulation.run import answers_worth
from labelwright.consensus import DawidSkene, MajorityVote
from labelwright.planning import Outcome, RecordedCrowd
from labelwright.review.decision import Crowd, Question, Rule, decide, shared_noise

HERE = Path(__file__).resolve().parent
CROWDS = HERE.parents[1] / "shared" / "datasets" / "crowds"
PARTS = HERE.parent / ".cache" / "bench-economics.json"
#: The small ones first: what an interrupted run has measured is kept.
SETS = (
    "snow_temp",
    "d_duck_bluebird",
    "rte",
    "s4_dog",
    "d_sentiment",
    "gal_BarzanMozafari",
    "weather_cf",
    "s5_adult",
    "sentpol_sp",
    "d_product",
)
REPLAYS = int(os.environ.get("LABELWRIGHT_REPLAYS", "200"))
SAVING_REPLAYS = min(REPLAYS, 20)
PRICE = 20.0
GOLD = (100, 200, 400)
SHARES = {
    ("d_product", 0.9): 0.85,
    ("d_sentiment", 0.9): 0.75,
    ("sentpol_sp", 0.9): 0.75,
    ("rte", 0.9): 0.60,
    ("snow_temp", 0.9): 0.45,
    ("d_sentiment", 0.95): 0.40,
    ("d_product", 0.95): 0.30,
}
#: Reached before at price 20, and the frontier in hindsight: cost an item.
COSTS = {
    ("d_product", 0.9): (5.2, 3.4),
    ("d_product", 0.95): (15.9, 8.6),
    ("d_sentiment", 0.9): (7.8, 6.9),
    ("d_sentiment", 0.95): (15.6, 11.1),
    ("sentpol_sp", 0.9): (6.9, 6.6),
    ("sentpol_sp", 0.95): (21.5, 16.1),
    ("snow_temp", 0.9): (13.2, 9.5),
    ("snow_temp", 0.95): (21.7, 16.1),
    ("rte", 0.9): (11.3, 10.5),
    ("rte", 0.95): (17.9, 15.2),
}
HOPELESS = ("s4_dog", "d_duck_bluebird", "gal_BarzanMozafari")


def load(name: str) -> RecordedCrowd:
    return read_crowd(CROWDS / f"{name}.labels.csv", CROWDS / f"{name}.truth.csv")


def right(codes: np.ndarray, crowd: RecordedCrowd) -> float:
    return float((codes == crowd.truth).mean())


def savings(crowd: RecordedCrowd) -> dict[str, Any]:
    """Accuracy and answers of fixed-5 Dawid-Skene, adaptive and routed, and the majority vote at their cost."""
    rows = []
    for number in range(SAVING_REPLAYS):
        rng = partial(np.random.default_rng, [1, number])
        fixed = collect_fixed(crowd.replay(rng()), 5)
        row = {
            "fixed5_ds": right(DawidSkene().fit(coded_of(fixed.replay)).label_codes, crowd),
            "fixed5_answers": fixed.replay.per_item,
        }
        for name, budget, routed in (("adaptive", 3.25, False), ("routed", 2.7, True)):
            generator = rng()
            found = collect_adaptively(crowd.replay(generator), budget, generator, routed=routed)
            row[f"{name}"] = right(blended_labels(found), crowd)
            row[f"{name}_answers"] = found.replay.per_item
        for k in (3, 4):
            row[f"majority{k}"] = right(
                MajorityVote().fit(coded_of(collect_fixed(crowd.replay(rng()), k).replay)).label_codes, crowd
            )
        rows.append(row)
    mean = {key: float(np.mean([r[key] for r in rows])) for key in rows[0]}
    for name in ("adaptive", "routed"):
        mean[f"{name}_saving"] = 1 - mean[f"{name}_answers"] / mean["fixed5_answers"]
        mean[f"{name}_gain"] = mean[name] - mean["fixed5_ds"]
        share = mean[f"{name}_answers"] - 3
        mean[f"{name}_over_majority"] = mean[name] - (
            mean["majority3"] + max(share, 0) * (mean["majority4"] - mean["majority3"])
        )
    return mean


def cells(name: str, crowd: RecordedCrowd) -> list[dict[str, Any]]:
    """Every target and gold; the answers of a replay are collected once for the three golds."""
    rows = []
    for target in (0.9, 0.95):
        outcomes: dict[int, list[Outcome]] = {gold: [] for gold in GOLD}
        for number in range(REPLAYS):
            rng = np.random.default_rng([2, number])
            found = collect_adaptively(crowd.replay(rng), answers_worth(PRICE, target), rng, routed=True)
            for gold in GOLD:
                outcomes[gold].append(certify_replay(found, target, gold, np.random.default_rng([3, number, gold])))
        rows += [_cell(name, crowd.n_items, target, gold, outcomes[gold]) for gold in GOLD]
    return rows


def _cell(name: str, n: int, target: float, gold: int, outcomes: list[Outcome]) -> dict[str, Any]:
    valid = sum(o.valid for o in outcomes)
    # Below this count the bar of .95 is missed even with the binomial tolerance (2.5 % one-sided).
    least = int(binom.ppf(0.025, len(outcomes), 0.95))
    accepted = float(np.mean([o.accepted for o in outcomes]))
    cost = float(np.mean([o.answers + PRICE * (o.gold + o.to_expert) / n for o in outcomes]))
    row = {
        "set": name,
        "target": target,
        "gold": gold,
        "valid_share": valid / len(outcomes),
        "valid": valid >= least,
        "accepted_share": accepted,
        "accepted_none_share": float(np.mean([o.accepted == 0 for o in outcomes])),
        "cost": cost,
        "gold_used": float(np.mean([o.gold for o in outcomes])),
        "most_gold_used": max(o.gold for o in outcomes),
        "not_certifiable_share": float(np.mean([o.verdict.value == "not certifiable" for o in outcomes])),
    }
    print(f"   {row}", flush=True)
    return row


def decisions() -> dict[str, Any]:
    """A decision with a million open items and 200 annotators: the item's own answers and the team are all it needs."""
    rng = np.random.default_rng(0)
    K, n_annotators, n_items = 5, 200, 1_000_000
    skill = rng.uniform(0.5, 0.95, n_annotators)
    channel = np.where(np.eye(K, dtype=bool), skill[:, None, None], (1 - skill[:, None, None]) / (K - 1))
    noise, posterior = shared_noise(channel), rng.dirichlet(np.ones(K), n_items)
    team = Crowd(np.ones(n_annotators), np.ones(n_annotators, dtype=bool), rng.integers(0, 50, n_annotators))
    spent = []
    for item in rng.integers(0, n_items, 2000).tolist():
        asked = rng.choice(n_annotators, 3, replace=False).tolist()
        label, who = int(rng.integers(K)), asked[-1]
        started = time.thread_time()
        believed = posterior[item] * channel[who, label]
        posterior[item] = believed / believed.sum()
        decide([Question(posterior[item], channel, noise)], team, asked, Rule(), rng)
        spent.append(time.thread_time() - started)
    return {
        "bar_ms": 10.0,
        "clock": "processor time of the thread",
        "median_ms": 1000 * float(np.median(spent)),
        "p999_ms": 1000 * float(np.quantile(spent, 0.999)),
        "met": float(np.quantile(spent, 0.999)) < 0.01,
    }


def verdicts(saved: dict[str, dict[str, Any]], table: list[dict[str, Any]]) -> dict[str, Any]:
    """Each item of the bar: met or not, with the figures."""
    best: dict[tuple[str, float], dict[str, Any]] = {}
    for row in table:
        key = (row["set"], row["target"])
        if key not in best or row["accepted_share"] > best[key]["accepted_share"]:
            best[key] = row
    mean = {k: float(np.mean([s[k] for s in saved.values()])) for k in next(iter(saved.values()))}
    shares = {
        f"{name} {target}": {"bar": bar, "share": best[name, target]["accepted_share"]}
        for (name, target), bar in SHARES.items()
        if (name, target) in best
    }
    return {
        "1 saving": {k: mean[k] for k in mean if k.endswith(("saving", "gain", "over_majority"))},
        "1 below the majority at its cost": [
            k for k, s in saved.items() if min(s["adaptive_over_majority"], s["routed_over_majority"]) < 0
        ],
        "2 cells that miss validity": [r for r in table if not r["valid"]],
        "3 shares": {k: {**v, "met": v["share"] >= v["bar"]} for k, v in shares.items()},
        "3 half of the distance": {
            f"{n} {t}": {
                "wanted": (a + b) / 2,
                "cost": min(r["cost"] for r in table if (r["set"], r["target"]) == (n, t)),
            }
            for (n, t), (a, b) in COSTS.items()
            if (n, t) in best
        },
        "4 hopeless": {
            r["set"]: (r["not_certifiable_share"], r["most_gold_used"])
            for r in table
            if r["set"] in HOPELESS and r["target"] == 0.95 and r["gold"] == 400
        },
    }


def main() -> dict[str, Any]:
    """Measure everything; crowds that were measured in an interrupted run of the same length are not measured again."""
    PARTS.parent.mkdir(parents=True, exist_ok=True)
    parts = json.loads(PARTS.read_text(encoding="utf-8")) if PARTS.exists() else {}
    for name in SETS:
        key = f"{name} {REPLAYS}"
        if key not in parts:
            crowd = load(name)
            parts[key] = {"savings": savings(crowd), "cells": cells(name, crowd)}
            print(f"   {name}: {parts[key]['savings']}", flush=True)
            PARTS.write_text(json.dumps(parts), encoding="utf-8")
    return summary(parts)


def summary(parts: dict[str, Any]) -> dict[str, Any]:
    """The document, from the crowds that were measured."""
    measured = [name for name in SETS if f"{name} {REPLAYS}" in parts]
    saved = {name: parts[f"{name} {REPLAYS}"]["savings"] for name in measured}
    table = [row for name in measured for row in parts[f"{name} {REPLAYS}"]["cells"]]
    return {
        "note": "A simulation: recorded answers in random order; an expert is taken to be right.",
        "not_measured": [name for name in SETS if name not in measured],
        "replays": REPLAYS,
        "saving_replays": SAVING_REPLAYS,
        "expert_price": PRICE,
        "bar": verdicts(saved, table),
        "decision": decisions(),
        "savings": saved,
        "cells": table,
    }
