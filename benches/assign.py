"""One targeted two-variant decision in Python, beside the peers' (METHODS, assignment); `make bench-assign` runs this.

Processor time of the process per call, in rounds that take turns, medians, the loop included. The peers are in an
environment of their own (benches/assign/peers.txt), where this runs too, so that all share one process. Prints a table
and writes target/bench/assign_python.json.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

# One thread, also for batches: what is compared is the work.
os.environ["RAYON_NUM_THREADS"] = "1"
ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "stoa-py" / "python"), str(ROOT / "benches" / "assign")]

import peers  # noqa: E402
from peers import Subject, Visitor  # noqa: E402

import stoa  # noqa: E402

KEY = peers.KEY
VISITORS = 5_000
BATCH = 1_000_000
ROUNDS = 15
BATCH_ROUNDS = 5
# Processor time of one turn that the clock measures well.
TURN_NS = 20e6

EXPERIMENT = {
    "key": KEY,
    "surface": "shipping_offer",
    "status": "running",
    "variants": [{"key": "A"}, {"key": "B", "payload": {"threshold": 50}}],
    "targeting": {
        "all": [
            {"attr": "orders_count", "op": "gte", "value": 2},
            {"attr": "country", "op": "in", "value": ["CA", "US"]},
        ]
    },
    "metrics": {"revenue": {"metric": "revenue_per_visitor"}, "satisfaction": {"metric": "csat"}},
}


def visitors(n: int, *, passing: bool) -> list[Visitor]:
    """Visitors of whom all pass the targeting, or three in ten."""
    return [(uuid(i), attributes(i, passing)) for i in range(n)]


def uuid(i: int) -> str:
    """A UUID that depends on the number alone."""
    h = hashlib.md5(str(i).encode(), usedforsecurity=False).hexdigest()
    return f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}"


def attributes(i: int, passing: bool) -> dict[str, Any]:
    """What the rule reads of visitor `i`."""
    orders = 2 + i % 7 if passing else i % 5
    countries = ("CA", "US") if passing or i % 2 else ("DE", "FR")
    return {"orders_count": orders, "country": countries[i // 2 % 2]}


def ours(people: Sequence[Visitor]) -> dict[str, Subject]:
    """stoa, with attributes as they come to it."""
    engine = stoa.Engine([stoa.Experiment.from_dict(EXPERIMENT)])
    texts = [json.dumps(a) for _, a in people]
    ids = [unit for unit, _ in people]
    return {
        "stoa, dict": (engine.decide, [(KEY, unit, a) for unit, a in people]),
        "stoa, JSON text": (engine.decide, [(KEY, unit, text) for unit, text in zip(ids, texts, strict=True)]),
        "stoa, JSON bytes": (engine.decide, [(KEY, unit, t.encode()) for unit, t in zip(ids, texts, strict=True)]),
        "stoa, no attributes": (engine.decide, [(KEY, unit) for unit in ids]),
    }


def theirs(people: Sequence[Visitor]) -> dict[str, Subject]:
    """The peers."""
    made: dict[str, Callable[[Sequence[Visitor]], Subject]] = {
        "Eppo, nothing logged": peers.eppo,
        "Eppo, a logger that does nothing": partial(peers.eppo, log=True),
        "Statsig core": peers.statsig,
        "flagd": peers.flagd,
        "GrowthBook": peers.growthbook,
    }
    return {name: make(people) for name, make in made.items()}


def turn(decide: Callable[..., Any], arguments: list[tuple[Any, ...]], passes: int) -> float:
    """Nanoseconds a call."""
    start = time.process_time_ns()
    for _ in range(passes):
        for given in arguments:
            decide(*given)
    return (time.process_time_ns() - start) / (passes * len(arguments))


def measure(subjects: dict[str, Subject]) -> dict[str, float]:
    """The median of all rounds, by subject."""
    passes = {}
    for name, (decide, arguments) in subjects.items():
        turn(decide, arguments, 1)
        passes[name] = max(1, round(TURN_NS / (turn(decide, arguments, 1) * len(arguments))))
    seen: dict[str, list[float]] = {name: [] for name in subjects}
    for _ in range(ROUNDS):
        for name, (decide, arguments) in subjects.items():
            seen[name].append(turn(decide, arguments, passes[name]))
    return {name: statistics.median(values) for name, values in seen.items()}


def batch(passing: bool) -> float:
    """Nanoseconds a visitor of `assign_batch` over Arrow columns."""
    import pyarrow as pa

    engine = stoa.Engine([stoa.Experiment.from_dict(EXPERIMENT)])
    people = visitors(BATCH, passing=passing)
    ids = pa.table({"visitor_id": pa.array([unit for unit, _ in people])})
    table = pa.Table.from_pylist([a for _, a in people])
    seen = []
    for _ in range(BATCH_ROUNDS):
        start = time.process_time_ns()
        engine.assign_batch(ids, table)
        seen.append((time.process_time_ns() - start) / BATCH)
    return statistics.median(seen)


def main() -> int:
    """Measures, prints and writes."""
    populations = {"pass": visitors(VISITORS, passing=True), "mixed": visitors(VISITORS, passing=False)}
    figures = {name: measure({**ours(people), **theirs(people)}) for name, people in populations.items()}
    for name in figures:
        figures[name][f"stoa, batch of {BATCH:,}, a visitor"] = batch(name == "pass")
    rows = [
        {"id": name, "pass_ns": figures["pass"][name], "mixed_ns": figures["mixed"][name]} for name in figures["pass"]
    ]
    print(f"{'CPU ns a call (Python ' + platform.python_version() + ')':<36}{'pass':>8}{'mixed':>8}{'of stoa':>9}")
    first = rows[0]["pass_ns"]
    for row in rows:
        print(f"{row['id']:<36}{row['pass_ns']:>8.0f}{row['mixed_ns']:>8.0f}{row['pass_ns'] / first:>8.1f}x")
    folder = ROOT / "target" / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    document = {"name": "assign_python", "python": platform.python_version(), "rows": rows}
    (folder / "assign_python.json").write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
