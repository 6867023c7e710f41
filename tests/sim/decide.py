"""Does the verdict keep its promise, and do intervals hold what they say? `make sim-decide` writes docs/SIMULATIONS.md.

The simulating is Rust's (decide.rs, coverage.rs; cells and families in tests/rust/simulation); it goes on where an
earlier run stopped, from target/sim/decide and target/sim/coverage, unless the code it measures has changed.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))
from batches import fingerprint  # noqa: E402
from page import fill  # noqa: E402

Json = dict[str, Any]
PROGRAMS = ROOT / "target" / "release"
STATE = ROOT / "target" / "sim"
PAGE = ROOT / "docs" / "SIMULATIONS.md"
# What the runs depend on: the rooms of the core that judge, and the simulation.
ROOMS = ("num", "sequential", "posterior", "decide", "experiment", "catalog")
SOURCES = [*(f"stoa-core/src/{room}" for room in ROOMS), "tests/rust/simulation"]


def main() -> int:
    """Runs both programs within the budget and writes both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cpu-budget", type=float, default=3600, metavar="SECONDS", help="CPU to spend (3600)")
    parser.add_argument("--programs", type=Path, default=PROGRAMS, metavar="FOLDER", help="where they were built")
    options = parser.parse_args()
    seal = fingerprint(SOURCES, "")
    for name, table in (("coverage", coverage), ("decide", promises)):
        left = max(0.0, options.cpu_budget - spent())
        command = [options.programs / f"sim_{name}", STATE / name, seal, str(left)]
        done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, check=True)
        rows = table(json.loads(done.stdout))
        print("\n".join(rows), flush=True)
        fill(PAGE, f"sim-{name}", rows)
    return 0


def spent() -> float:
    """Processor time of the programs that have ended, in seconds."""
    times = os.times()
    return times.children_user + times.children_system


def promises(found: list[Json]) -> list[str]:
    """One row for each cell with runs, and what was promised of it."""
    columns = ["truth", "plan", "runs", "ships", "ever", "ends on day", "stop, investigate, invalid, open"]
    columns += ["promised", "kept", "CPU s"]
    head = [f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
    return [*head, *(promise(cell) for cell in found if cell["runs"]), "", *summary(found)]


def promise(cell: Json) -> str:
    """One cell."""
    ends, runs = cell["endings"], cell["runs"]
    plan = "no gate" if cell["rule"] == "naive" else cell["guarantee"]
    null = [h for h in cell["held"] if h["bar"]["what"] in ("false_ships", "never_above")]
    ever = percent(null[0]["measured"]) if null else "–"
    day = cell["mean_day"]
    others = ", ".join(f"{ends[end] / runs:.1%}" for end in ("stopped", "investigated", "invalid", "open"))
    held = cell["held"]
    kept = ("yes" if all(h["met"] for h in held) else "**no**") if held else "–"
    said = "; ".join(bar(h["bar"]) for h in held) or "–"
    short = "" if runs == cell["wanted"] else f" of {cell['wanted']:,}"
    return (
        f"| {cell['said']} | {plan} | {runs:,}{short} | {percent(cell['shipped'])} | {ever} "
        f"| {day['value']:.1f} ± {day['error']:.1f} | {others} | {said} | {kept} | {cell['cpu_seconds']:,.0f} |"
    )


def bar(bar: Json) -> str:
    """A promise in words."""
    limit = bar["limit"]
    return {
        "false_ships": f"ever ≤ {limit:.0%} + 2 s.e.",
        "never_above": f"ever ≤ {limit:.0%}",
        "ships_at_most": f"ships ≤ {limit:.1%}",
        "ships": f"ships ≥ {limit:.0%}",
        "mean_day": f"day ≤ {limit:g}",
    }[bar["what"]]


def percent(measured: Json) -> str:
    """A share and its standard error."""
    return f"{measured['value']:.2%} ± {100 * measured['error']:.2f}"


def summary(found: list[Json]) -> list[str]:
    """How many promises were kept, and what it cost."""
    held = [h for cell in found if cell["runs"] for h in cell["held"]]
    seconds = sum(cell["cpu_seconds"] for cell in found)
    return [f"{sum(h['met'] for h in held)} of {len(held)} promises kept, {seconds / 60:,.1f} CPU minutes."]


def coverage(found: list[Json]) -> list[str]:
    """Two rows for each family with draws: the relative lift and the difference."""
    levels = " | ".join(f"in {level:.0%}" for level in found[0]["levels"])
    lines = [
        f"| family | prior | lift | draws | {levels} | ranks p | kept | CPU s |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for family in found:
        for lift in ("relative", "absolute"):
            hits = family[lift]
            if not hits["draws"]:
                continue
            inside = " | ".join(f"{c['value']:.1%}" for c in hits["coverage"])
            kept = "yes" if hits["met"] else "**no**"
            lines.append(
                f"| {family['name']} | {family['said']} | {lift} | {hits['draws']:,} | {inside} "
                f"| {hits['rank_p']:.3f} | {kept} | {family['cpu_seconds']:,.0f} |"
            )
    seconds = sum(family["cpu_seconds"] for family in found)
    return [*lines, "", f"{seconds / 60:,.1f} CPU minutes."]


if __name__ == "__main__":
    sys.exit(main())
