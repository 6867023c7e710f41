"""Units with attributes, and the engine of the assignment vectors, whose decisions SQL must repeat."""

import json
import random
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

import stoa

VECTORS = Path(__file__).resolve().parents[1] / "vectors" / "assignment.json"
DOCUMENT: dict[str, Any] = json.loads(VECTORS.read_text(encoding="utf-8"))
NOW = datetime.fromisoformat(DOCUMENT["now"])
ENGINE = stoa.Engine.from_json(json.dumps(DOCUMENT["bundle"]))
KEYS = [e["key"] for e in DOCUMENT["bundle"]["experiments"]]
ROWS = 20_000
SEED = 20260301


def unit(draw: random.Random, row: int) -> str | None:
    """Mostly plain ids; also absent, empty, at the limit of length in bytes, overridden, hostile and non-ASCII ones."""
    odd = [None, "", "x" * draw.choice([1024, 1025]), "é" * draw.choice([512, 513]), "tester-1", "o'brien"]
    strange = [f"日本🛒{row}", f"a:b'\"\\ %{row}", f"Ω{row} "]
    return draw.choice([*odd, *strange]) if draw.random() < 0.25 else f"visitor-{row}"


def instant(draw: random.Random) -> datetime | None:
    """Days before now, some on the edge of a whole number of days to the microsecond."""
    edge = timedelta(microseconds=draw.choice([-1, 0, 1]))
    return draw.choice([None, NOW - timedelta(days=draw.randrange(60)) + edge])


def visits() -> pa.Table:
    """Units with attributes, a share of each missing."""
    draw = random.Random(SEED)
    columns = {
        "visitor_id": pa.array([unit(draw, row) for row in range(ROWS)], pa.string()),
        "orders_count": pa.array([draw.choice([None, 1.0, 2.0, 3.0]) for _ in range(ROWS)], pa.float64()),
        "country": pa.array([draw.choice([None, "CA", "US", "ca", "FR"]) for _ in range(ROWS)], pa.string()),
        "last_seen": pa.array([instant(draw) for _ in range(ROWS)], pa.timestamp("us", tz="UTC")),
        "lifetime_value": pa.array([draw.choice([None, 499.99, 500.0, 900.0]) for _ in range(ROWS)], pa.float64()),
    }
    return pa.table(columns)


def vector_engine(case: dict[str, Any]) -> stoa.Engine:
    """Salt, weights and allocation of a vector as an experiment `vector`."""
    experiment = {
        "key": "vector",
        "surface": "cart_page",
        "status": "running",
        "salt": case["salt"],
        "allocation": case["allocation"],
        "variants": [{"key": f"v{i}", "weight": weight} for i, weight in enumerate(case["weights"])],
        "metrics": {"revenue": {"metric": "revenue_per_visitor"}, "satisfaction": {"metric": "csat"}},
    }
    return stoa.Engine.from_json(json.dumps({"schema_version": 1, "experiments": [experiment]}))


def vector_decision(case: dict[str, Any]) -> tuple[str, str]:
    """Variant and reason of a vector: the variant inside the allocation, the control outside."""
    return (f"v{case['variant']}", "assigned") if case["allocated"] else ("v0", "not_allocated")
