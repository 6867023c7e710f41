"""Writes what a run of `make fuzz` did into docs/DIFFERENTIAL.md.

usage: fuzz_table.py LOG        (of libFuzzer, with -print_final_stats=1)
"""

import datetime
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))
from page import fill  # noqa: E402

LIMITS = "256 MB and 5 s for one text"


def main(log: Path) -> int:
    """Reads the counts at the end of the log; 1 when it has none, because something was found."""
    text = log.read_text(encoding="utf-8", errors="replace")
    counts = {name: int(value) for name, value in re.findall(r"^stat::(\w+):\s*(\d+)$", text, re.MULTILINE)}
    done = re.search(r"^Done \d+ runs in (\d+) second", text, re.MULTILINE)
    if done is None:
        print("the run was stopped or found something: see the end of the log", file=sys.stderr)
        return 1
    coverage = re.findall(r"cov: (\d+)", text)[-1]
    fill(
        ROOT / "docs" / "DIFFERENTIAL.md",
        "fuzz",
        [
            "| seconds | texts tried | texts a second | kept for new paths | edges reached | peak memory | found |",
            "|---|---|---|---|---|---|---|",
            f"| {int(done[1]):,} | **{counts['number_of_executed_units']:,}** | {counts['average_exec_per_sec']:,} "
            f"| {counts['new_units_added']:,} | {int(coverage):,} | {counts['peak_rss_mb']} MB | **0** |",
            "",
            f"Limits: {LIMITS}. Run on {datetime.datetime.now(datetime.UTC).date()}.",
        ],
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
