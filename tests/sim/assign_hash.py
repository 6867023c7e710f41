"""Is the hash of assignment uniform and independent? `make sim-assign` runs this and writes docs/SIMULATIONS.md.

The counting is Rust's (assign_hash.rs); it goes on where an earlier run stopped, from target/sim/assign_hash.json.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))
from page import fill  # noqa: E402

PROGRAM = ROOT / "target" / "release" / "assign_hash"
STATE = ROOT / "target" / "sim" / "assign_hash.json"
PAGE = ROOT / "docs" / "SIMULATIONS.md"


def main() -> int:
    """Counts within the budget and writes the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cpu-budget", type=float, default=3600, metavar="SECONDS", help="CPU to spend (3600)")
    parser.add_argument("--salts", type=int, default=1_000, metavar="N", help="salts (1,000)")
    parser.add_argument("--ids", type=int, default=10_000_000, metavar="N", help="ids of each (10,000,000)")
    options = parser.parse_args()
    STATE.parent.mkdir(parents=True, exist_ok=True)
    command = [PROGRAM, STATE, str(options.cpu_budget), str(options.salts), str(options.ids)]
    done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, check=True)
    rows = table(json.loads(done.stdout))
    print("\n".join(rows))
    fill(PAGE, "sim-assign", rows)
    return 0


def table(found: dict[str, Any]) -> list[str]:
    """The findings in Markdown."""
    ramp = found["ramp"]
    lines = [
        f"{found['salts']:,} salts, {found['ids']:,} ids each.",
        "",
        "| what | p-values | Kolmogorov–Smirnov p | smallest p | below 5% |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {f['what']} | {f['tests']:,} | {f['ks_p']:.3f} | {f['smallest_p']:.2g} | {f['below_5_percent']:.1%} |"
        for f in found["findings"]
    ]
    return [
        *lines,
        "",
        f"Ramp from 1% to 100% in seven steps: {ramp['visitors']:,} decisions about a visitor in an experiment,",
        f"{ramp['first']:,} took part at 1%, {ramp['last']:,} at 100%; **{ramp['moved']:,}** moved between variants,",
        f"**{ramp['left']:,}** were left out again.",
    ]


if __name__ == "__main__":
    sys.exit(main())
