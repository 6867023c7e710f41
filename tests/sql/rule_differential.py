"""Native rules against generated SQL, pair by pair, in numbered batches; needs duckdb and PostgreSQL's programs.

usage: rule_differential.py            one small batch: 20,000 (rule, row) pairs for every way of deciding
       rule_differential.py --million  all batches, those that are finished excepted, then docs/DIFFERENTIAL.md

The Rust test `write_a_batch` draws a batch from its seed, decides it in every native way and prints the SQL; DuckDB and
a PostgreSQL of the run's own, in several session time zones, must answer as the tree does. A finished batch is a file
in target/differential, which holds for the sources it was made from: when they change, it is made anew.
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
import time
from collections.abc import Callable, Iterator
from typing import Any

import duckdb
import postgres_server

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))
from batches import Json, finished  # noqa: E402
from page import fill  # noqa: E402

RESULTS = ROOT / "target" / "differential"
PAGE = ROOT / "docs" / "DIFFERENTIAL.md"
SOURCES = ["stoa-core/src/rule", "stoa-core/src/value", "stoa-core/src/segment.rs", "tests/rust/rule"]
SOURCES += ["tests/rust/differential.rs", "tests/sql/rule_differential.py"]
SMALL = {"seed": 0, "rules": 200, "rows": 100}
MILLION = [{"seed": seed, "rules": 600, "rows": 250} for seed in range(1, 11)]
READ_BACK = 100_000

COLUMNS = {
    "orders_count": "number",
    'spend"; DROP TABLE t; --': "number",
    "country": "text",
    "it's \\ ünï 東": "text",
    "is_member": "boolean",
    "last seen": "instant",
    "tags": "list",
}
DUCKDB = {"number": "DOUBLE", "text": "VARCHAR", "boolean": "BOOLEAN", "instant": "TIMESTAMPTZ", "list": "VARCHAR[]"}
POSTGRES = {"number": "float8", "text": "text", "boolean": "boolean", "instant": "timestamptz", "list": "text[]"}
ZONES = ["UTC", "America/New_York", "Asia/Kathmandu"]
# Every operator with the types it takes.
SCALAR, ORDERED = ["boolean", "number", "text"], ["number", "instant"]
TAKES = {
    **{op: SCALAR for op in ("eq", "ne", "in", "not_in")},
    **{op: ORDERED for op in ("lt", "lte", "gt", "gte", "between")},
    **{op: [*SCALAR, "instant", "list"] for op in ("is_missing", "is_present")},
    **{op: ["text"] for op in ("starts_with", "ends_with", "contains")},
    **{op: ["list"] for op in ("has", "has_any", "has_all")},
    "within_days": ["instant"],
}


def main() -> int:
    """Runs what is not finished yet; 0 when no pair differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--million", action="store_true", help="all batches, and the page")
    options = parser.parse_args()
    with postgres_server.started() as server:
        if not options.million:
            return judge([decided(SMALL, server)])
        batches = finished(RESULTS, MILLION, lambda order: decided(order, server), SOURCES, duckdb.__version__)
    read_back = timed(lambda: rust("a_hundred_thousand_rules_are_read_back_as_they_were_printed"))
    print(f"{READ_BACK:,} rules are read back as they were printed ({read_back:.0f} s)")
    wrong = judge(batches)
    if not wrong:
        fill(PAGE, "pairs", table(batches))
    return wrong


def rust(test: str, **environment: str) -> None:
    """Runs one of the ignored tests of tests/rust/differential.rs."""
    command = ["cargo", "test", "--locked", "-q", "-p", "stoa-tests", "--test", "differential", "--", "--ignored"]
    subprocess.run(
        [*command, "--exact", test], cwd=ROOT, env={**os.environ, **environment}, check=True, stdout=subprocess.DEVNULL
    )


def timed(work: Callable[[], None]) -> float:
    start = time.monotonic()
    work()
    return time.monotonic() - start


def decided(order: Json, server: postgres_server.Server) -> Json:
    """One batch, decided in every way."""
    with tempfile.TemporaryDirectory() as directory:
        path = pathlib.Path(directory) / "batch.json"
        rust("write_a_batch", STOA_BATCH=json.dumps({**order, "path": str(path)}))
        drawn: Json = json.loads(path.read_text(encoding="utf-8"))
    tallies = dict(drawn["native"])
    for zone in ZONES:
        tallies[f"DuckDB, TIMESTAMPTZ, session in {zone}"] = tally(drawn, in_duckdb(drawn, zone))
    tallies["DuckDB, TIMESTAMP, session in America/New_York"] = tally(drawn, in_duckdb(drawn, ZONES[1], naive=True))
    for zone in ZONES:
        tallies[f"PostgreSQL, session in {zone}"] = tally(drawn, in_postgres(drawn, zone, server))
    version = server.psql("SHOW server_version").split()[0]
    return {**order, "postgres": version, "tallies": tallies, "operators": operators(drawn)}


def question(sql: str) -> str:
    """One letter a row: true, false or unknown."""
    letter = "CASE WHEN c THEN '1' WHEN NOT c THEN '0' ELSE '-' END"
    return f"SELECT string_agg({letter}, '' ORDER BY i) FROM (SELECT i, ({sql}) AS c FROM t) AS answers"


def create(types: dict[str, str]) -> str:
    columns = ", ".join('"' + name.replace('"', '""') + f'" {types[kind]}' for name, kind in COLUMNS.items())
    return f"CREATE TABLE t (i INTEGER, {columns})"


def in_duckdb(drawn: Json, zone: str, naive: bool = False) -> Iterator[str]:
    types = {**DUCKDB, "instant": "TIMESTAMP"} if naive else DUCKDB
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone='UTC'; SET threads=1")
        connection.execute(create(types))
        values: list[list[Any]] = [[row[name] for row in drawn["rows"]] for name in COLUMNS]
        places = ", ".join(f"unnest(?::{types[kind]}[])" for kind in COLUMNS.values())
        connection.execute(f"INSERT INTO t SELECT unnest(?::INTEGER[]), {places}", [[*range(len(values[0]))], *values])
        connection.execute(f"SET TimeZone='{zone}'")
        for case in drawn["cases"]:
            yield connection.execute(question(case["sql"]["duckdb"])).fetchall()[0][0]


def in_postgres(drawn: Json, zone: str, server: postgres_server.Server) -> Iterator[str]:
    rows = [{"i": i, **row} for i, row in enumerate(drawn["rows"])]
    text = json.dumps(rows, ensure_ascii=False).replace("'", "''")
    load = f"INSERT INTO t SELECT * FROM json_populate_recordset(NULL::t, '{text}')"
    ask = [question(case["sql"]["postgres"]) for case in drawn["cases"]]
    begin = ["BEGIN", f"SET LOCAL timezone='{zone}'", create(POSTGRES), load]
    yield from server.psql(";\n".join([*begin, *ask, "ROLLBACK;"])).split()


def tally(drawn: Json, answers: Iterator[str]) -> Json:
    """How often a database agreed with the tree."""
    found: Json = {"pairs": 0, "true": 0, "false": 0, "unknown": 0, "differences": 0, "examples": []}
    for case, letters in zip(drawn["cases"], answers, strict=True):
        pairs = zip(case["answers"], letters, strict=True)
        wrong = sum(expected != letter for expected, letter in pairs)
        found["pairs"] += len(letters)
        for name, letter in [("true", "1"), ("false", "0"), ("unknown", "-")]:
            found[name] += letters.count(letter)
        found["differences"] += wrong
        if wrong and len(found["examples"]) < 5:
            found["examples"].append(f"{wrong} rows of {json.dumps(case['rule'], ensure_ascii=False)}")
    return found


def operators(drawn: Json) -> dict[str, int]:
    """How often each operator was drawn with each type."""
    counted: collections.Counter[str] = collections.Counter()
    pending = [case["rule"] for case in drawn["cases"]]
    while pending:
        rule = pending.pop()
        if "op" in rule:
            counted[f"{rule['op']} {COLUMNS[rule['attr']]}"] += 1
        else:
            pending += rule.get("all", []) + rule.get("any", []) + ([rule["not"]] if "not" in rule else [])
    return counted


def summed(batches: list[Json], part: str) -> dict[str, collections.Counter[str]]:
    total: dict[str, collections.Counter[str]] = {}
    for batch in batches:
        for name, counts in batch[part].items():
            counts = counts if isinstance(counts, dict) else {"n": counts}
            total.setdefault(name, collections.Counter()).update({k: v for k, v in counts.items() if k != "examples"})
    return total


def judge(batches: list[Json]) -> int:
    """Says what was found; 1 when a pair differs or an operator was never drawn."""
    for name, found in summed(batches, "tallies").items():
        print(f"{name}: {found['pairs']:,} pairs, {found['differences']} differences")
    examples = [e for batch in batches for tally in batch["tallies"].values() for e in tally["examples"]]
    drawn = summed(batches, "operators")
    never = [f"{op} {kind}" for op, kinds in TAKES.items() for kind in kinds if f"{op} {kind}" not in drawn]
    for line in [*examples, *(f"never drawn: {pair}" for pair in never)]:
        print(f"  {line}")
    wrong = sum(found["differences"] for found in summed(batches, "tallies").values())
    return int(wrong != 0 or bool(never))


def table(batches: list[Json]) -> list[str]:
    """The page's two tables."""
    rules, rows = sum(b["rules"] for b in batches), sum(b["rows"] for b in batches)
    lines = [f"{rules:,} rules, {rows:,} rows, {len(batches)} batches; DuckDB {duckdb.__version__},"]
    lines[0] += f" PostgreSQL {batches[-1]['postgres']}."
    lines += ["", "| decided by | pairs | true | false | unknown | differences |", "|---|---|---|---|---|---|"]
    for name, found in summed(batches, "tallies").items():
        counts = " | ".join(f"{found[k]:,}" for k in ("pairs", "true", "false", "unknown"))
        lines.append(f"| {name} | {counts} | **{found['differences']}** |")
    drawn = summed(batches, "operators")
    lines += ["", "| operator | comparisons drawn, by type of the attribute |", "|---|---|"]
    for op, kinds in TAKES.items():
        lines.append(f"| `{op}` | " + ", ".join(f"{kind} {drawn[f'{op} {kind}']['n']:,}" for kind in kinds) + " |")
    same = f"{READ_BACK:,} rules of {READ_BACK:,}"
    return [*lines, "", f"Read back as they were printed, from JSON and from the SQL of DuckDB and PostgreSQL: {same}."]


if __name__ == "__main__":
    sys.exit(main())
