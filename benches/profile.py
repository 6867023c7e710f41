"""A profile of 20 segments over a million visitors, beside the plain figures by pandas and polars.

usage: profile.py [--rows N] [--rounds N]

stoa is timed from the frame in Python to the result: sizes, overlap, posteriors of conversion, revenue and session
depth in every segment and for everyone else, their differences, power. The peers only count, sum and square in each
segment and outside it, which is the least of what a profile needs. Memory is the peak of the process above what it
held before, over the bytes of the columns that are read. Writes target/bench/profile.json.
"""

import argparse
import collections.abc
import ctypes
import json
import os
import pathlib
import statistics
import time

import numpy as np
import pandas as pd
import polars as pl
from memory import peak_above

import stoa

ROOT = pathlib.Path(__file__).resolve().parents[1]
OUTCOMES = {"conversion_rate": "bought", "revenue_per_visitor": "revenue", "session_depth": "depth"}
COLUMNS = list(OUTCOMES.values())


def visitors(n: int) -> pd.DataFrame:
    """Visitors of a shop."""
    rng = np.random.default_rng(7)
    bought = rng.random(n) < 0.03
    return pd.DataFrame({
        "orders_count": rng.poisson(2, n),
        "spend": np.round(rng.gamma(0.8, 120, n), 2),
        "age": rng.integers(18, 80, n).astype(float),
        "is_member": rng.random(n) < 0.4,
        "bought": bought.astype(float),
        "revenue": np.where(bought, np.round(rng.lognormal(4, 0.6, n), 2), 0.0),
        "depth": rng.poisson(rng.gamma(1, 3, n)),
    })  # fmt: skip


def rules() -> list[str]:
    """Twenty, from tiny to nearly everyone."""
    spend = [f"spend > {t}" for t in (5, 20, 50, 100, 150, 200, 300, 500)]
    orders = [f"orders_count >= {k}" for k in (1, 2, 3, 4, 5, 6)]
    both = [f"age < {a} AND is_member = TRUE AND spend > 30" for a in (25, 30, 40, 50, 60, 70)]
    return [*spend, *orders, *both]


def peer_pandas(df: pd.DataFrame, masks: list[str]) -> object:
    """Count, sum and squares by each mask."""
    found = []
    for mask in masks:
        groups = df[COLUMNS].groupby(df.eval(mask))
        found.append((groups.size(), groups.sum(), groups.var()))
    return found


def peer_polars(df: pl.DataFrame, masks: list[str]) -> object:
    """The same in polars, lazily."""
    figures = [f(pl.col(c)) for c in COLUMNS for f in (sum_of, var_of)]
    plans = [df.lazy().group_by(pl.sql_expr(mask)).agg(pl.len(), *figures) for mask in masks]
    return pl.collect_all(plans)


def sum_of(column: pl.Expr) -> pl.Expr:
    """The sum, named."""
    return column.sum().name.suffix("_sum")


def var_of(column: pl.Expr) -> pl.Expr:
    """The variance, named."""
    return column.var().name.suffix("_var")


def peak_alone(call: collections.abc.Callable[[], object]) -> int:
    """The peak of a call as the first of a forked process, which has no freed memory of other calls to use again."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        # What the frames were made of is freed, and must not be there to be used again.
        ctypes.CDLL(None).malloc_trim(0)
        os.write(writer, str(peak_above(call)).encode())
        os._exit(0)
    os.waitpid(child, 0)
    return int(os.read(reader, 64))


def measured(call: collections.abc.Callable[[], object], rounds: int) -> dict[str, float]:
    """Medians of the calls."""
    wall, cpu = [], []
    for _ in range(rounds):
        start, used = time.perf_counter(), time.process_time()
        call()
        wall.append(time.perf_counter() - start)
        cpu.append(time.process_time() - used)
    return {"seconds": statistics.median(wall), "cpu_seconds": statistics.median(cpu)}


def main() -> None:
    """Prints a table and writes it down."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    frame = visitors(options.rows)
    column_bytes = int(frame.memory_usage(index=False).sum())
    segments = [stoa.Segment(f"s{i}", stoa.Rule.parse(rule)) for i, rule in enumerate(rules())]
    plain = [rule.replace(" AND ", " and ").replace(" = TRUE", " == True") for rule in rules()]
    frames = {"pandas": frame, "polars": pl.from_pandas(frame)}
    attributes = ["age", "is_member", "spend", "orders_count"]
    calls: dict[str, collections.abc.Callable[[], object]] = {}
    for kind, df in frames.items():
        calls[f"stoa, {kind}"] = lambda df=df: stoa.profile(df, segments, outcomes=OUTCOMES)
        calls[f"stoa with contrasts, {kind}"] = lambda df=df: stoa.profile(
            df, segments, outcomes=OUTCOMES, contrasts=attributes
        )
    calls["pandas group-bys"] = lambda: peer_pandas(frame, plain)
    calls["polars group-bys"] = lambda: peer_polars(frames["polars"], rules())
    print(f"{len(segments)} segments, {options.rows:,} visitors, {column_bytes / 1e6:.0f} MB of columns")
    print(f"{'who':<30} {'seconds':>8} {'CPU s':>8} {'peak MB':>8} {'/ columns':>10}")
    report = {"rows": options.rows, "segments": len(segments), "column_bytes": column_bytes, "calls": {}}
    # Before any call of this process: a fork has none of the threads that a first call starts. Polars has started its
    # own by now, so its group-bys cannot be forked.
    peaks = {who: peak_alone(call) for who, call in calls.items() if not who.startswith("polars")}
    for who, call in calls.items():
        found: dict[str, float | None] = dict(measured(call, options.rounds))
        peak = peaks.get(who)
        found["peak_bytes"] = peak
        found["peak_over_columns"] = None if peak is None else peak / column_bytes
        report["calls"][who] = found
        memory = "not measured" if peak is None else f"{peak / 1e6:>8.1f} {peak / column_bytes:>10.2f}"
        print(f"{who:<30} {found['seconds']:>8.3f} {found['cpu_seconds']:>8.3f} {memory}")
    target = ROOT / "target/bench/profile.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(report, indent=1))
    print("wrote target/bench/profile.json")


if __name__ == "__main__":
    main()
