"""How often does `discover` claim a segment where the effect is the same for everyone? `make sim-forest` runs this.

Each data set is searched with the default options, but for those that cannot change whether a segment is claimed: the
folds of the estimates and the half-samples of the stability, both of which only judge segments already claimed
(tests/python/test_sim_forest.py holds this). Every finished data set is a line in target/sim/forest_null.jsonl, so
that a run that was stopped, or ran out of its CPU budget, goes on where it was; delete the file when the core changes.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import math
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from scenarios import SCENARIOS, Scenario, discover, draw

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))
from page import fill  # noqa: E402

RESULTS = ROOT / "target" / "sim" / "forest_null.jsonl"
PAGE = ROOT / "docs" / "SIMULATIONS.md"
REFERENCE = ROOT.parent / "shared" / "truth" / "forest" / "gen.py"
FIRST_SEED = 105
# They judge what is claimed and claim nothing.
JUDGES = {"n_folds": 2, "stability_pairs": 1, "stability_trees": 50}


def main() -> int:
    """Runs what is not finished yet, within the budget, and writes the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cpu-budget", type=float, default=3600, metavar="SECONDS", help="CPU to spend (3600)")
    parser.add_argument("--sets", type=int, default=100, metavar="N", help="data sets of each kind (100)")
    parser.add_argument("--planted-sets", type=int, default=20, metavar="N", help="of those with a difference (20)")
    parser.add_argument("--n", type=int, default=2000, metavar="N", help="visitors of each (2000)")
    parser.add_argument("--trees", type=int, default=2000, metavar="N", help="trees of the search (2000, the default)")
    parser.add_argument("--only", choices=SCENARIOS, action="append", help="these scenarios alone")
    options = parser.parse_args()
    RESULTS.parent.mkdir(parents=True, exist_ok=True)
    for line in run(options):
        with RESULTS.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        print(
            f"{line['scenario']} {line['seed']}: {line['segments'] or 'nothing'} ({line['cpu_seconds']} s)", flush=True
        )
    fill(PAGE, "sim-forest", table(finished()))
    return 0


def run(options: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """One line per data set that has none yet."""
    done = {tuple(line[k] for k in ("scenario", "seed", "n", "trees")) for line in finished()}
    for name in options.only or SCENARIOS:
        scenario = SCENARIOS[name]
        for seed in range(FIRST_SEED, FIRST_SEED + (options.planted_sets if scenario.planted else options.sets)):
            if time.process_time() > options.cpu_budget:
                print(f"the CPU budget of {options.cpu_budget:.0f} s is spent; run again to go on", file=sys.stderr)
                return
            if (name, seed, options.n, options.trees) not in done:
                yield searched(name, scenario, options.n, options.trees, seed)


def searched(name: str, scenario: Scenario, n: int, trees: int, seed: int) -> dict[str, Any]:
    """What one search says, and what it cost."""
    start = time.process_time()
    found = discover(scenario, n, seed, n_trees=trees, **JUDGES)
    return {
        "scenario": name,
        "seed": seed,
        "n": n,
        "trees": trees,
        "segments": [s.description for s in found.segments],
        "right": bool(found.segments) and all(s.rule.attributes() == ["x4"] for s in found.segments),
        "z": found.heterogeneity.z,
        "same_as_reference": same_as_reference(scenario, n, seed) if name == "nwC" else None,
        "cpu_seconds": round(time.process_time() - start, 2),
    }


def same_as_reference(scenario: Scenario, n: int, seed: int) -> bool | None:
    """Whether the data are those of the developers' reference generator, where that is on the machine."""
    if not REFERENCE.exists():
        return None
    spec = importlib.util.spec_from_file_location("reference", REFERENCE)
    assert spec and spec.loader
    reference = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(reference)
    x, y, w, *_ = reference.make("nwC", n, seed)
    return all(np.allclose(a, b, atol=1e-9) for a, b in zip(draw(scenario, n, seed), (x, w, y), strict=True))


def finished() -> list[dict[str, Any]]:
    """The lines so far."""
    if not RESULTS.exists():
        return []
    return [json.loads(line) for line in RESULTS.read_text(encoding="utf-8").splitlines()]


def table(lines: list[dict[str, Any]]) -> list[str]:
    """One row per scenario and setting, with the exact binomial interval of the share of claims."""
    head = "| truth | visitors | trees | data sets | segment claimed | 95% interval | of it by x4 alone | CPU s |"
    rows = [head, "|---|---|---|---|---|---|---|---|"]
    settings = sorted({(line["scenario"], line["n"], line["trees"]) for line in lines})
    for name, scenario in SCENARIOS.items():
        for _, n, trees in (s for s in settings if s[0] == name):
            of = [line for line in lines if (line["scenario"], line["n"], line["trees"]) == (name, n, trees)]
            claims = sum(bool(line["segments"]) for line in of)
            low, high = exact_interval(claims, len(of))
            right = sum(line["right"] for line in of) if scenario.planted else "–"
            cpu = sum(line["cpu_seconds"] for line in of)
            counts = f"{n:,} | {trees:,} | {len(of)} | **{claims}** | {low:.1%} to {high:.1%} | {right} | {cpu:,.0f} |"
            rows.append(f"| {scenario.said} | {counts}")
    checked = [line["same_as_reference"] for line in lines if line["same_as_reference"] is not None]
    if checked:
        rows += [
            "",
            f"Of setup C, {sum(checked)} of {len(checked)} data sets were held against the reference generator of",
        ]
        rows += ["the developers' machine, value by value, and are the same."]
    return rows


def exact_interval(k: int, n: int, level: float = 0.95) -> tuple[float, float]:
    """Clopper & Pearson (1934), by bisection."""
    tail = (1 - level) / 2

    def at_most(k: int, p: float) -> float:
        return math.fsum(math.comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(k + 1))

    def solve(k: int, target: float) -> float:
        low, high = 0.0, 1.0
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if at_most(k, middle) > target else (low, middle)
        return low

    return (0.0 if k == 0 else solve(k - 1, 1 - tail), 1.0 if k == n else solve(k, tail))


if __name__ == "__main__":
    raise SystemExit(main())
