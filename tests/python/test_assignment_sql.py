"""The decision as SQL gives every unit the membership, variant and reason that the engine gives it."""

import json
import random
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

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


VISITS = visits()


@pytest.mark.parametrize("key", KEYS)
def test_sql_is_the_native_decision(key: str) -> None:
    ids, attributes = VISITS["visitor_id"].to_pylist(), VISITS.drop_columns(["visitor_id"])
    batch = ENGINE.assign_batch(ids, attributes=attributes, experiment=key, now=NOW)
    native = list(zip(batch.variant, batch.reason, strict=True))
    variant = ENGINE.assignment_sql(key, "duckdb", unit="visitor_id", now=NOW)
    reason = ENGINE.reason_sql(key, "duckdb", unit="visitor_id", now=NOW)
    connection = duckdb.connect()
    connection.register("visits", VISITS)
    replayed = connection.execute(f"SELECT {variant}, {reason} FROM visits").fetchall()
    different = [(id_, n, r) for id_, n, r in zip(ids, native, replayed, strict=True) if n != r]
    assert not different, f"{len(different)} of {ROWS}, first {different[0]}"


def test_the_sample_meets_every_reason_that_sql_can_give() -> None:
    attributes = VISITS.drop_columns(["visitor_id"])
    batches = [ENGINE.assign_batch(VISITS["visitor_id"].to_pylist(), attributes, experiment=k, now=NOW) for k in KEYS]
    met = {reason for batch in batches for reason in batch.reason}
    never = {"unknown_experiment", "bad_attributes", "stale_segment"}
    assert met == {case["reason"] for case in DOCUMENT["decisions"]} - never


@pytest.mark.parametrize("case", DOCUMENT["cases"], ids=lambda case: f"{case['salt']}:{case['unit']}")
def test_sql_draws_as_the_vectors(case: dict[str, Any]) -> None:
    """Salt, weights and allocation of every vector: the variant inside the allocation, the control outside."""
    experiment = {
        "key": "vector",
        "surface": "cart_page",
        "status": "running",
        "salt": case["salt"],
        "allocation": case["allocation"],
        "variants": [{"key": f"v{i}", "weight": weight} for i, weight in enumerate(case["weights"])],
        "metrics": {"revenue": {"metric": "revenue_per_visitor"}, "satisfaction": {"metric": "csat"}},
    }
    engine = stoa.Engine.from_json(json.dumps({"schema_version": 1, "experiments": [experiment]}))
    variant = engine.assignment_sql("vector", "duckdb", unit="u")
    reason = engine.reason_sql("vector", "duckdb", unit="u")
    query = f"SELECT {variant}, {reason} FROM (SELECT ?::VARCHAR AS u)"
    drawn = (f"v{case['variant']}", "assigned") if case["allocated"] else ("v0", "not_allocated")
    assert duckdb.connect().execute(query, [case["unit"]]).fetchall() == [drawn]


def test_no_other_dialect_is_pretended() -> None:
    with pytest.raises(stoa.StoaError, match="duckdb, postgres") as refused:
        ENGINE.assignment_sql("badge", "bigquery", unit="visitor_id")
    assert refused.value.code == "unsupported"
