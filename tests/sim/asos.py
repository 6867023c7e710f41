"""39 real experiments replayed look by look under three rules; `make replay-asos` writes docs/SIMULATIONS.md.

The file is half of the ASOS Digital Experiments Dataset (CC BY 4.0), which lies beside the developers' clones and is
not part of the project. It holds, for up to 132 moments of each experiment, how many visitors each arm had so far, and
mean and variance of four metrics.
"""

from __future__ import annotations

import csv
import gzip
import math
import statistics
import sys
import time
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import stoa

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))
from page import fill  # noqa: E402

DATA = ROOT.parent / "shared" / "data" / "asos" / "asos_half.csv.gz"
PAGE = ROOT / "docs" / "SIMULATIONS.md"
Json = dict[str, Any]

CONTROL = "control"
NAIVE = 0.95
# Metric 1 is 0 or 1 for each visitor; of the others only mean and variance are known.
FAMILIES = {"1": "binary", "2": "mean", "3": "mean", "4": "mean"}


@dataclass(frozen=True)
class Reading:
    """Which metric plays which part: the file says what none of them is."""

    said: str
    revenue: str
    proxy: str
    reason: str


MONEY = Reading(
    "mean of metric 4",
    revenue="4",
    proxy="1",
    reason="No survey is in the file; the share of visitors who do it at all must not fall while each does more.",
)
SHARE = Reading(
    "rate of metric 1",
    revenue="1",
    proxy="2",
    reason="No survey is in the file; how often visitors do it must not fall while more of them do it once.",
)
READINGS = [MONEY, SHARE]
# Relative. A shop of this size ships half a percent.
MINIMUM_EFFECT = 0.005


@dataclass(frozen=True)
class Look:
    """Counts so far: metrics of an arm by their number, without those whose variance the file lacks."""

    day: float
    visitors: dict[str, int]
    metrics: dict[str, dict[str, Json]]

    def has(self, reading: Reading) -> bool:
        """Whether every arm has both metrics; stoa refuses a look that lacks one which every visitor has."""
        return all({reading.revenue, reading.proxy} <= arm.keys() for arm in self.metrics.values())


Experiments = dict[str, list[Look]]


def read(path: Path = DATA) -> Experiments:
    """The looks of every experiment, in order of their days."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: (row["experiment_id"], day_of(row)))
    found: Experiments = {}
    for (key, day), of in groupby(rows, key=lambda row: (row["experiment_id"], day_of(row))):
        found.setdefault(key, []).append(look(day, list(of)))
    return found


def day_of(row: dict[str, str]) -> float:
    """In half days, which the file writes as 1.5000000000000002."""
    return round(2 * float(row["time_since_start"])) / 2


def look(day: float, rows: list[dict[str, str]]) -> Look:
    """One moment of one experiment; each variant's rows repeat the control."""
    visitors: dict[str, int] = {}
    metrics: dict[str, dict[str, Json]] = {}
    for row in rows:
        for arm, end in ((CONTROL, "c"), (f"variant_{row['variant_id']}", "t")):
            visitors[arm] = int(float(row[f"count_{end}"]))
            sums = sums_of(row["metric_id"], visitors[arm], row[f"mean_{end}"], row[f"variance_{end}"])
            metrics.setdefault(arm, {}).update({row["metric_id"]: sums} if sums else {})
    return Look(day, visitors, metrics)


def sums_of(metric: str, n: int, mean: str, variance: str) -> Json | None:
    """What stoa reads of a metric."""
    if FAMILIES[metric] == "binary":
        return {"n": n, "successes": round(n * float(mean))}
    return {"n": n, "mean": float(mean), "variance": float(variance)} if variance else None


def contract(key: str, looks: list[Look], reading: Reading, guarantee: str) -> stoa.Experiment:
    """What the store would have registered; it is over, so the file's last look is the last one."""
    end, visitors = looks[-1].day, sum(looks[-1].visitors.values())
    store = {
        "metrics": [
            {"key": f"metric_{metric}", "family": family, "category": category}
            for metric, family in FAMILIES.items()
            for category in ["revenue" if metric == reading.revenue else "engagement"]
        ]
    }
    document = {
        "key": f"asos_{key}",
        "surface": "product_page",
        "status": "stopped",
        "variants": [{"key": arm} for arm in looks[-1].visitors],
        "metrics": {
            "revenue": {"metric": f"metric_{reading.revenue}", "minimum_effect": MINIMUM_EFFECT},
            "satisfaction": {"metric": f"metric_{reading.proxy}", "proxy_reason": reading.reason},
        },
        "plan": {
            "guarantee": guarantee,
            "horizon_days": 7 * math.ceil(end / 7),
            "visitors_per_day": float(f"{visitors / end:.1g}"),
        },
    }
    return stoa.Experiment.from_dict(document, store=store)


def history(key: str, looks: list[Look], reading: Reading) -> list[Json]:
    """The looks as `monitor` takes them."""
    return [
        {
            "experiment": f"asos_{key}",
            "day": look.day,
            "variants": [
                {
                    "key": arm,
                    "n": n,
                    "metrics": {f"metric_{m}": look.metrics[arm][m] for m in (reading.revenue, reading.proxy)},
                }
                for arm, n in look.visitors.items()
            ],
        }
        for look in looks
    ]


def judged(key: str, looks: list[Look], reading: Reading, guarantee: str) -> list[str]:
    """The action of every look."""
    experiment = contract(key, looks, reading, guarantee)
    found = stoa.monitor(history(key, looks, reading), experiment)
    return [look.verdict.action for look in found.looks]


def better(look: Look, reading: Reading) -> list[float]:
    """P(treatment better) of each treatment with visitors."""
    metric, (control, *treatments) = reading.revenue, list(look.metrics.values())
    return [
        c.prob_positive
        for arm in treatments
        if arm[metric]["n"] and control[metric]["n"]
        for c in [stoa.compare(FAMILIES[metric], control=control[metric], treatment=arm[metric])]
    ]


def naive(looks: list[Look], reading: Reading) -> list[str]:
    """Ships whatever is better with more than 95%, at any look, and knows nothing else."""
    return ["ship" if any(p > NAIVE for p in better(look, reading)) else "continue" for look in looks]


RULES = {"naive P > 0.95": None, "`horizon`": "horizon", "`anytime`": "anytime"}
READ = ["ship", "stop", "investigate", "invalid", "continue"]


def replay(key: str, looks: list[Look], reading: Reading, rule: str) -> Json:
    """What a rule did with an experiment, look by look."""
    kept = [look for look in looks if look.has(reading)]
    guarantee = RULES[rule]
    start = time.process_time()
    actions = judged(key, kept, reading, guarantee) if guarantee else naive(kept, reading)
    seconds = time.process_time() - start
    shipped = [look.day for look, action in zip(kept, actions, strict=True) if action == "ship"]
    decided = [k for k, action in enumerate(actions) if action != "continue"]
    return {
        "experiment": key,
        "looks": len(kept),
        "left_out": len(looks) - len(kept),
        "shipped": shipped[0] if shipped else None,
        "ended": ended(actions),
        "again": bool(shipped) and actions[decided[0]] != "ship",
        "holds": actions[-1] == "ship",
        "cpu_seconds": seconds,
    }


def ended(actions: list[str]) -> str:
    """How an experiment counts: shipped if ever, else by the first verdict; a stop at the last look decides nothing."""
    if "ship" in actions:
        return "ship"
    first = next((k for k, action in enumerate(actions) if action != "continue"), None)
    late = first is None or (actions[first] == "stop" and first + 1 == len(actions))
    return "continue" if late else actions[first or 0]


def table(results: dict[tuple[str, str], list[Json]]) -> list[str]:
    """One row per metric that decides and rule."""
    head = "| decided by | rule | experiments | ever shipped | of these P > 0.95 at the end | after another verdict |"
    lines = [
        f"{head} stopped before the end | investigate | invalid | never decided | median day of shipping | CPU s |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for (metric, rule), of in results.items():
        naive = results[metric, next(iter(RULES))]
        better = {one["experiment"] for one in naive if one["holds"]}
        ships = [one for one in of if one["shipped"] is not None]
        count = {kind: sum(one["ended"] == kind for one in of) for kind in READ}
        held = sum(one["experiment"] in better for one in ships)
        day = f"{statistics.median(one['shipped'] for one in ships):g}" if ships else "–"
        counts = [sum(one["again"] for one in of), *(count[kind] for kind in ("stop", "investigate", "invalid"))]
        others = counts if RULES[rule] else ["–"] * len(counts)
        cells = [metric, rule, len(of), f"**{count['ship']}**", held, *others, count["continue"], day]
        lines.append(f"| {' | '.join(map(str, cells))} | {sum(one['cpu_seconds'] for one in of):.1f} |")
    looks = [sum(one[kind] for one in of) for of in results.values() for kind in ("looks", "left_out")]
    read, left_out = looks[0] + looks[1], " and ".join(str(n) for n in sorted(set(looks[1::2])))
    return [*lines, "", f"{read:,} looks in the file, of which {left_out} were left out for want of a variance."]


def main() -> int:
    """Replays everything and writes the table."""
    if not DATA.exists():
        print(f"no {DATA}: the replay needs the developers' data, which are not part of the project")
        return 0
    results: dict[tuple[str, str], list[Json]] = {}
    for reading in READINGS:
        for rule in RULES:
            results[reading.said, rule] = [replay(key, looks, reading, rule) for key, looks in read().items()]
            print(f"{reading.said}, {rule}: done", flush=True)
    rows = table(results)
    print("\n".join(rows))
    fill(PAGE, "replay-asos", rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
