"""A rule over a table of Arrow, beside DuckDB's `SELECT count(*) … WHERE` of the same rule.

usage: rule_batch.py [--rows N] [--rounds N] [--threads N]

stoa is timed from the table in Python to the numpy mask and its count. DuckDB is timed over the same Arrow memory and
over a table of its own, with the SQL that stoa generates and with the WHERE a person would write; the fastest of the
four is what stoa is held against. Both sides get the same threads and take turns, so that the ratio of one run does
not hang on what else the machine does. Writes target/bench/rule.json, with target/bench/rule_visitor.json in it.
"""

import argparse
import collections.abc
import json
import os
import pathlib
import statistics
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
NOW = "2025-12-31T00:00:00Z"
SOURCES = ["newsletter", "google", "instagram", "direct", "affiliate-summer-sale", "tiktok", "email: winback", "bing"]
RULES = {
    "all of five": (
        "orders_count >= 2 AND spend BETWEEN 50 AND 500 AND source IN ('google', 'instagram', 'newsletter')"
        " AND is_member = TRUE AND within_days(last_order_at, 90)",
        "orders_count >= 2 AND spend BETWEEN 50 AND 500 AND source IN ('google', 'instagram', 'newsletter')"
        " AND is_member AND last_order_at BETWEEN TIMESTAMPTZ '2025-10-02 00:00:00+00' AND"
        " TIMESTAMPTZ '2025-12-31 00:00:00+00'",
    ),
    "any of five": (
        "orders_count >= 6 OR spend > 500 OR source = 'tiktok' OR within_days(last_order_at, 7) OR is_member IS NULL",
        "orders_count >= 6 OR spend > 500 OR source = 'tiktok' OR is_member IS NULL OR last_order_at BETWEEN"
        " TIMESTAMPTZ '2025-12-24 00:00:00+00' AND TIMESTAMPTZ '2025-12-31 00:00:00+00'",
    ),
    "text first": (
        "(source LIKE 'email%' OR source LIKE '%sale%' OR source LIKE '%o%') AND orders_count BETWEEN 1 AND 9"
        " AND NOT (is_member = TRUE AND spend < 20) AND last_order_at >= '2025-02-01T00:00:00Z'",
        "(source LIKE 'email%' OR source LIKE '%sale%' OR source LIKE '%o%') AND orders_count BETWEEN 1 AND 9"
        " AND NOT (is_member AND spend < 20) AND last_order_at >= TIMESTAMPTZ '2025-02-01 00:00:00+00'",
    ),
}


def options() -> argparse.Namespace:
    """How many rows, rounds and threads."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args()


OPTIONS = options()
# Read when stoa's first table is decided.
os.environ["RAYON_NUM_THREADS"] = str(OPTIONS.threads)

import duckdb  # noqa: E402
import numpy as np  # noqa: E402
import pyarrow as pa  # noqa: E402
from memory import peak_above  # noqa: E402

import stoa  # noqa: E402


def table(n: int) -> pa.Table:
    """Visitors of a shop, with something missing in every column but one."""
    rng = np.random.default_rng(7)
    words = pa.array(SOURCES)
    codes = pa.array(rng.integers(0, len(SOURCES), n, dtype=np.int32), mask=rng.random(n) < 0.1)
    instants = rng.integers(1_735_689_600_000_000, 1_767_225_600_000_000, n)
    return pa.table(
        {
            "orders_count": pa.array(rng.poisson(2, n).astype(np.int64)),
            "spend": pa.array(np.round(rng.gamma(0.8, 120, n), 2), mask=rng.random(n) < 0.1),
            "source": pa.DictionaryArray.from_arrays(codes, words).cast(pa.string()),
            "is_member": pa.array(rng.random(n) < 0.4, mask=rng.random(n) < 0.05),
            "last_order_at": pa.array(instants, mask=rng.random(n) < 0.1).cast(pa.timestamp("us", "UTC")),
        }
    )


def timed(call: collections.abc.Callable[[], int]) -> tuple[float, int]:
    """Seconds, and what was found."""
    start = time.perf_counter()
    found = call()
    return time.perf_counter() - start, found


def compare(name: str, arrow: pa.Table, connection: duckdb.DuckDBPyConnection) -> dict:
    """One rule, both sides in turns."""
    sql, plain = RULES[name]
    rule = stoa.Rule.parse(sql)
    wheres = {"generated": rule.to_sql("duckdb", now=NOW), "plain": plain}
    calls = {"stoa": lambda: int(np.count_nonzero(rule.mask(arrow, now=NOW)))}
    for source in ("own", "arrow"):
        for kind, where in wheres.items():
            query = f"SELECT count(*) FROM {source} WHERE {where}"
            calls[f"duckdb {source}, {kind}"] = lambda query=query: connection.execute(query).fetchone()[0]
    times: dict[str, list[float]] = {who: [] for who in calls}
    counts = set()
    for _ in range(OPTIONS.rounds):
        for who, call in calls.items():
            seconds, count = timed(call)
            times[who].append(seconds)
            counts.add(count)
    if len(counts) != 1:
        raise SystemExit(f"{name}: the counts differ: {counts}")
    medians = {who: statistics.median(seconds) for who, seconds in times.items()}
    hardest = min((who for who in calls if who != "stoa"), key=medians.get)
    ratios = [theirs / ours for theirs, ours in zip(times[hardest], times["stoa"], strict=True)]
    print(
        f"{name:<14} {counts.pop():>9,} {medians['stoa'] * 1e3:>8.1f} {medians[hardest] * 1e3:>8.1f}  {hardest:<24}"
        f"{statistics.median(ratios):>6.2f}  {min(ratios):.2f} to {max(ratios):.2f}"
    )
    return {
        "rule": name,
        "sql": sql,
        "median_seconds": medians,
        "hardest": hardest,
        "ratio": statistics.median(ratios),
        "ratio_range": [min(ratios), max(ratios)],
    }


def layouts(arrow: pa.Table) -> dict:
    """The first rule with its text in every layout that data frames hand over."""
    rule = stoa.Rule.parse(RULES["all of five"][0])
    kinds = [pa.string(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int32(), pa.string())]
    found = {}
    for kind in kinds:
        laid = arrow.set_column(2, "source", arrow["source"].cast(kind))
        seconds = [timed(lambda laid=laid: len(rule.mask(laid, now=NOW)))[0] for _ in range(OPTIONS.rounds)]
        found[str(kind)] = statistics.median(seconds)
        print(f"  {kind!s:<52} {found[str(kind)] * 1e3:>8.1f} ms")
    return found


def main() -> None:
    """Prints a table and writes it down."""
    arrow = table(OPTIONS.rows)
    extra = peak_above(lambda: stoa.Rule.parse(RULES["all of five"][0]).mask(arrow, now=NOW)) / OPTIONS.rows
    connection = duckdb.connect()
    connection.execute(f"SET threads = {OPTIONS.threads}")
    connection.register("arrow", arrow)
    connection.execute("CREATE TABLE own AS SELECT * FROM arrow")
    print(f"\n{OPTIONS.rows:,} rows of 5 Arrow columns, {OPTIONS.threads} threads; medians of {OPTIONS.rounds} in ms")
    print(f"{'rule':<14} {'true':>9} {'stoa':>8} {'DuckDB':>8}  {'its fastest way':<24}{'ratio':>6}  range")
    rules = [compare(name, arrow, connection) for name in RULES]
    print("the first rule, by the layout of its text:")
    report = {
        "visitor": json.loads((ROOT / "target/bench/rule_visitor.json").read_text()),
        "batch": {
            "rows": OPTIONS.rows,
            "threads": OPTIONS.threads,
            "rounds": OPTIONS.rounds,
            "rules": rules,
            "layouts_seconds": layouts(arrow),
            "peak_extra_bytes_a_row": extra,
        },
    }
    print(f"memory above the table, at its peak: {extra:.1f} bytes a row")
    (ROOT / "target/bench/rule.json").write_text(json.dumps(report, indent=1))
    print("wrote target/bench/rule.json")


if __name__ == "__main__":
    main()
