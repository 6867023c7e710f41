"""Every decision in every language: Rust's answers repeated by Python, Node, the edge module, DuckDB and PostgreSQL.

usage: differential.py            one small batch: 1,000 visits to 20 bundles
       differential.py --million  all batches, those that are finished excepted, then docs/DIFFERENTIAL.md

The Rust test `write_visits` draws bundles and visitors from a seed and writes them with the engine's decisions; each
language makes its own engine of the bundle and must decide alike, reasons included. The databases run the SQL of the
assignment on the visits a warehouse can hold. A finished batch is a file in target/assign-differential, which holds for
the sources it was made from: when they change, it is made anew.
"""

from __future__ import annotations

import argparse
import collections
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import duckdb

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "tests" / "sql")]
import postgres_server  # noqa: E402
from batches import Json, finished  # noqa: E402
from page import fill  # noqa: E402
from repeat import answers, in_duckdb, in_postgres, python, rows  # noqa: E402

RESULTS = ROOT / "target" / "assign-differential"
PAGE = ROOT / "docs" / "DIFFERENTIAL.md"
SOURCES = ["stoa-core/src", "stoa-node/src", "stoa-node/ts", "stoa-py/src", "tests/rust/assign", "tests/assign"]
SOURCES += ["tests/rust/rule/generate.rs", "tests/rust/assign_differential.rs"]
# `replayed`: visits for the databases.
SMALL = {"seed": 100, "bundles": 20, "visits": 50, "replayed": 200}
MILLION = [{"seed": seed, "bundles": 250, "visits": 80, "replayed": 2_000} for seed in range(1, 11)]


def main() -> int:
    """Runs what is not finished yet; 0 when no decision differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--million", action="store_true", help="all batches, and the page")
    options = parser.parse_args()
    with postgres_server.started() as server:
        if not options.million:
            return judge([decided(SMALL, server)])
        batches = finished(RESULTS, MILLION, lambda order: decided(order, server), SOURCES, duckdb.__version__)
    wrong = judge(batches)
    if not wrong:
        fill(PAGE, "visits", table(batches))
    return wrong


def decided(order: Json, server: postgres_server.Server) -> Json:
    """One batch, decided in every way."""
    with tempfile.TemporaryDirectory() as directory:
        path = pathlib.Path(directory) / "visits.jsonl"
        write = ["cargo", "test", "--locked", "-q", "-p", "stoa-tests", "--test", "assign_differential"]
        write += ["--", "--ignored", "--exact", "write_visits"]
        told = {**os.environ, "STOA_VISITS": json.dumps({**order, "path": str(path)})}
        subprocess.run(write, cwd=ROOT, env=told, check=True, stdout=subprocess.DEVNULL)
        decide = ["node", str(ROOT / "tests" / "assign" / "decide.mjs"), str(path)]
        tallies: Json = json.loads(subprocess.run(decide, check=True, capture_output=True, text=True).stdout)
        counts: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
        waiting: list[Json] = []
        with path.open(encoding="utf-8") as lines:
            for line in map(json.loads, lines):
                count(line, counts)
                python(line, tallies)
                if line["replayed"] and counts["visits"]["in a warehouse"] < order["replayed"]:
                    counts["visits"]["in a warehouse"] += len(rows(line))
                    in_duckdb(line, tallies)
                    waiting.append(line)
    for first in range(0, len(waiting), 20):
        in_postgres(waiting[first : first + 20], server, tallies)
    version = server.psql("SHOW server_version").split()[0]
    return {**order, "postgres": version, "tallies": tallies, "counts": counts}


def count(line: Json, counts: dict[str, collections.Counter[str]]) -> None:
    """What was drawn: reasons, what was known of the visitors, and their ids."""
    for visit in line["visits"]:
        counts["visits"]["all"] += 1
        counts["visits"]["ids not ASCII"] += not visit["unit"].isascii()
        counts["visits"]["sticky memory"] += visit["memory"] is not None
        counts["known"][visit["kind"]] += 1
        counts["reasons"].update(reason for _, reason in answers(line, visit))
    counts["visits"]["experiments"] += len(line["keys"])


def summed(batches: list[Json], part: str) -> dict[str, collections.Counter[str]]:
    total: dict[str, collections.Counter[str]] = {}
    for batch in batches:
        for name, numbers in batch[part].items():
            kept = {k: v for k, v in numbers.items() if k != "examples"}
            total.setdefault(name, collections.Counter()).update(kept)
    return total


def judge(batches: list[Json]) -> int:
    """Says what was found; 1 when a decision differs."""
    found = summed(batches, "tallies")
    for name, tally in found.items():
        print(f"{name}: {tally['decisions']:,} decisions, {tally['differences']} differences")
    for example in [e for batch in batches for tally in batch["tallies"].values() for e in tally["examples"]]:
        print(f"  {example}")
    return int(any(tally["differences"] for tally in found.values()))


def table(batches: list[Json]) -> list[str]:
    """The page's tables."""
    counts = summed(batches, "counts")
    visits = counts["visits"]
    bundles = sum(batch["bundles"] for batch in batches)
    drawn = f"{visits['experiments']:,} experiments, {len(batches)} batches"
    lines = [
        f"{visits['all']:,} visits to {bundles:,} bundles of {drawn}; {visits['ids not ASCII']:,} ids are not ASCII,",
        f"{visits['sticky memory']:,} visitors bring a sticky memory.",
        f"{visits['in a warehouse']:,} visits are replayed in SQL:",
        f"DuckDB {duckdb.__version__}, PostgreSQL {batches[-1]['postgres']}.",
        "",
        "| decided by | decisions | differences |",
        "|---|---|---|",
    ]
    for name, tally in sorted(summed(batches, "tallies").items()):
        lines.append(f"| {name} | {tally['decisions']:,} | **{tally['differences']}** |")
    reasons = ", ".join(f"`{reason}` {n:,}" for reason, n in counts["reasons"].most_common())
    known = ", ".join(f"{kind} {n:,}" for kind, n in counts["known"].most_common())
    return [*lines, "", f"Reasons: {reasons}.", "", f"What was known of the visitors: {known}."]


if __name__ == "__main__":
    sys.exit(main())
