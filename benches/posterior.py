"""Readouts in Python beside GrowthBook's gbstats, bayesian-testing and PyMC; `make bench-posterior` runs this.

Processor time of the process per call, in rounds that take turns: the fastest tenth, and the median over the rounds of
how many times our readout of the same data the peer took. A readout of ours is everything `to_dict` holds:
probabilities, means, medians and intervals of both lifts, losses, for revenue the parts. gbstats reads revenue as a
mean, which is held against ours of a mean; PyMC fits our hurdle model once. The peers are in an environment of their
own (benches/posterior-peers.txt), where this runs too. Prints a table and writes target/bench/posterior.json.
"""

from __future__ import annotations

import json
import logging
import os
import platform
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

# One thread for everyone: what is compared is the work.
os.environ.update({"RAYON_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"})
ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "stoa-py" / "python"))

import numpy as np  # noqa: E402
import pymc  # noqa: E402
from bayesian_testing.experiments import BinaryDataTest, DeltaLognormalDataTest  # noqa: E402
from gbstats.bayesian.tests import EffectBayesianABTest  # noqa: E402
from gbstats.models.statistics import ProportionStatistic, SampleMeanStatistic  # noqa: E402

import stoa  # noqa: E402

ROUNDS = 21
TURN_SECONDS = 0.02
VISITORS = 20_000
BARS = {
    "stoa, binary": "<= 100 us",
    "stoa, hurdle": "<= 1 ms",
    "stoa, best of 4 (hurdle)": "<= 5 ms",
    "stoa, 20 segments (effects)": "<= 20 ms",
    "gbstats, binary": ">= 20x",
    "gbstats, mean": ">= 20x",
    "pymc, hurdle": ">= 10,000x",
}


def store(conversion: float, mean_log: float, seed: int) -> np.ndarray:
    """Revenue of each visitor."""
    rng = np.random.default_rng(seed)
    bought = rng.random(VISITORS) < conversion
    return np.where(bought, np.round(rng.lognormal(mean_log, 0.8, VISITORS), 2), 0.0)


REVENUE = [store(0.030 + 0.001 * k, 4 + 0.02 * k, seed=k) for k in range(4)]
RATES = [{"n": VISITORS, "successes": int((arm > 0).sum())} for arm in REVENUE]
MEANS = [{k: v for k, v in stoa.summarize("mean", arm).items() if k != "family"} for arm in REVENUE]
HURDLE = [{k: v for k, v in stoa.summarize("hurdle", arm).items() if k != "family"} for arm in REVENUE]
EFFECTS = [{"estimate": 0.02 * (k % 5) - 0.03, "standard_error": 0.03 + 0.01 * (k % 3)} for k in range(20)]
SEGMENTS = [{"n": 900 + 37 * k, "successes": 25 + k} for k in range(20)]


def effects() -> object:
    """Mean and interval of each of 20 segments."""
    found = stoa.hierarchical("effect", EFFECTS)
    return [(group.mean, group.interval(0.95)) for group in found.groups.values()]


def ours() -> dict[str, Callable[[], object]]:
    """What stoa is asked."""
    return {
        "stoa, binary": lambda: stoa.compare("binary", RATES[0], RATES[1]).to_dict(),
        "stoa, hurdle": lambda: stoa.compare("hurdle", HURDLE[0], HURDLE[1]).to_dict(),
        "stoa, mean": lambda: stoa.compare("mean", MEANS[0], MEANS[1]).to_dict(),
        "stoa, best of 4 (hurdle)": lambda: stoa.best_arm("hurdle", HURDLE),
        "stoa, 20 segments (effects)": effects,
        "stoa, 20 segments (rates)": lambda: [g.mean for g in stoa.hierarchical("binary", SEGMENTS).groups.values()],
    }


def gbstats_of(stats: list[Any]) -> Callable[[], object]:
    """GrowthBook's Bayesian test on sums."""
    return lambda: EffectBayesianABTest(*stats).compute_result()


def bayesian_testing_of(test: type, add: str, arms: list[Mapping[str, Any]]) -> Callable[[], object]:
    """20,000 draws, its default; the test is made anew, as a readout of new data is."""

    def run() -> object:
        made = test()
        for name, arm in zip("AB", arms, strict=True):
            getattr(made, add)(name, **arm)
        return made.evaluate(sim_count=20_000, seed=1)

    return run


def peers() -> dict[str, Callable[[], object]]:
    """Peers that answer in milliseconds."""
    a, b = REVENUE[:2]
    proportion = [ProportionStatistic(n=arm["n"], sum=arm["successes"]) for arm in RATES[:2]]
    mean = [SampleMeanStatistic(n=VISITORS, sum=arm.sum(), sum_squares=(arm**2).sum()) for arm in (a, b)]
    rates = [{"totals": arm["n"], "positives": arm["successes"]} for arm in RATES[:2]]
    amounts = [
        {
            "totals": VISITORS,
            "positives": int((arm > 0).sum()),
            "sum_values": arm.sum(),
            "sum_logs": np.log(arm[arm > 0]).sum(),
            "sum_logs_2": (np.log(arm[arm > 0]) ** 2).sum(),
        }
        for arm in (a, b)
    ]
    return {
        "gbstats, binary": gbstats_of(proportion),
        "gbstats, mean": gbstats_of(mean),
        "bayesian-testing, binary": bayesian_testing_of(BinaryDataTest, "add_variant_data_agg", rates),
        "bayesian-testing, hurdle": bayesian_testing_of(DeltaLognormalDataTest, "add_variant_data_agg", amounts),
    }


def pymc_fit() -> float:
    """Seconds of processor time for one fit of the hurdle model, 4 chains of 1,000 draws after 1,000 of tuning."""
    before = time.process_time()
    with pymc.Model():
        for name, arm in zip("AB", REVENUE[:2], strict=True):
            logs = np.log(arm[arm > 0])
            rate = pymc.Beta(f"rate_{name}", 1, 1)
            pymc.Binomial(f"orders_{name}", n=VISITORS, p=rate, observed=len(logs))
            variance = pymc.InverseGamma(f"variance_{name}", 2, 1)
            mu = pymc.Normal(f"mu_{name}", logs.mean(), pymc.math.sqrt(variance))
            pymc.Normal(f"logs_{name}", mu, pymc.math.sqrt(variance), observed=logs)
            pymc.Deterministic(f"revenue_{name}", rate * pymc.math.exp(mu + variance / 2))
        pymc.sample(1000, tune=1000, chains=4, cores=1, random_seed=1, progressbar=False)
    return time.process_time() - before


def turn(run: Callable[[], object], calls: int) -> float:
    """Seconds of processor time a call."""
    before = time.process_time()
    for _ in range(calls):
        run()
    return (time.process_time() - before) / calls


def measure(subjects: dict[str, Callable[[], object]]) -> dict[str, list[float]]:
    """Seconds a call in each round, by subject."""
    calls = {}
    for name, run in subjects.items():
        turn(run, 1)
        calls[name] = max(1, round(TURN_SECONDS / max(turn(run, 3), 1e-7)))
    found: dict[str, list[float]] = {name: [] for name in subjects}
    for _ in range(ROUNDS):
        for name, run in subjects.items():
            found[name].append(turn(run, calls[name]))
    return found


def rows(found: dict[str, list[float]]) -> list[dict[str, Any]]:
    """One row a subject: microseconds, and for peers how many times ours."""
    table = []
    for name, seconds in found.items():
        same = found[f"stoa, {name.split(', ')[1]}"]
        ratios = sorted(theirs / ours for theirs, ours in zip(seconds, same, strict=True))
        times = None if name.startswith("stoa") else ratios[len(ratios) // 2]
        microseconds = 1e6 * sorted(seconds)[len(seconds) // 10]
        table.append({"id": name, "us": microseconds, "times": times, "bar": BARS.get(name)})
    return table


def main() -> None:
    """Measures, prints and writes."""
    logging.getLogger("pymc").setLevel(logging.ERROR)
    table = rows({**measure({**ours(), **peers()}), "pymc, hurdle": [pymc_fit()] * ROUNDS})
    print(f"CPU a call, Python {platform.python_version()}, {VISITORS:,} visitors an arm")
    for row in table:
        times = f"{row['times']:,.1f}x" if row["times"] else ""
        print(f"{row['id']:<32}{row['us']:>16,.1f} us{times:>14}   {row['bar'] or ''}")
    folder = ROOT / "target" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "posterior.json").write_text(json.dumps({"name": "posterior", "rows": table}, indent=2) + "\n")


if __name__ == "__main__":
    main()
