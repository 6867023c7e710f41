"""The decision as SQL gives every unit the membership, variant and reason that the engine gives it."""

from typing import Any

import duckdb
import pytest
from drawn_visits import DOCUMENT, ENGINE, KEYS, NOW, ROWS, vector_decision, vector_engine, visits

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
    engine = vector_engine(case)
    variant = engine.assignment_sql("vector", "duckdb", unit="u")
    reason = engine.reason_sql("vector", "duckdb", unit="u")
    query = f"SELECT {variant}, {reason} FROM (SELECT ?::VARCHAR AS u)"
    assert duckdb.connect().execute(query, [case["unit"]]).fetchall() == [vector_decision(case)]
