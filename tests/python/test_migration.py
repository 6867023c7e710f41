"""Tests that began in GrowthBook or Eppo: every id keeps the variant that the real SDK gave it, natively and in SQL."""

from typing import Any

import duckdb
import pyarrow as pa
import pytest
from conftest import DIALECTS, refused, vectors
from postgres_server import Server

import stoa

DOCUMENT = vectors("migration")
IDS: list[str] = DOCUMENT["ids"]
METRICS = {"revenue": {"metric": "revenue_per_visitor"}, "satisfaction": {"metric": "csat"}}
PLACE: dict[str, Any] = {"surface": "shipping_offer", "metrics": METRICS}
VISITORS = [DOCUMENT["visitors"][k % len(DOCUMENT["visitors"])] for k in range(len(IDS))]
COLUMNS = pa.table({"id": IDS, **{name: [v.get(name) for v in VISITORS] for name in ("country", "orders")}})
SCHEMA = stoa.AttributeSchema(
    {name: {"type": kind} for name, kind in {"id": "string", "country": "string", "orders": "number"}.items()}
)
# An attribute of the unit's own name is its column twice; the rest of the cases have SQL as they are.
EPPO = [case for case in DOCUMENT["cases"] if case["scheme"] == "eppo"]


def name(case: dict[str, Any]) -> str:
    return f"{case['scheme']}, {case['name']}"


def moved(case: dict[str, Any]) -> stoa.Migration:
    read = {"growthbook": stoa.from_growthbook, "eppo": stoa.from_eppo}[case["source"]]
    return read(case["config"], **PLACE, schema=SCHEMA)


def engine(case: dict[str, Any]) -> stoa.Engine:
    found = moved(case)
    experiments = [stoa.Experiment.from_dict(e, store=found.store) for e in found.experiments]
    return stoa.Engine(experiments, store=found.store, schema=SCHEMA)


def answers(case: dict[str, Any], variants: list[Any], reasons: list[Any]) -> str:
    """One character an id, as the vectors have them."""
    keys = [variant["key"] for variant in case["experiment"]["variants"]]
    pairs = zip(variants, reasons, strict=True)
    return "".join(str(keys.index(v)) if r == "assigned" else "." for v, r in pairs)


@pytest.mark.parametrize("case", DOCUMENT["cases"], ids=name)
def test_every_id_keeps_its_variant(case: dict[str, Any]) -> None:
    found = moved(case)
    assert found.refused == []
    made = found.experiments[0]
    assert {field: made[field] for field in case["experiment"]} == case["experiment"]
    batch = engine(case).assign_batch(IDS, COLUMNS, experiment=made["key"])
    assert answers(case, batch.variant, batch.reason) == case["answers"]


@pytest.mark.parametrize("case", EPPO, ids=name)
def test_duckdb_and_postgres_replay_eppo(case: dict[str, Any], postgres: Server) -> None:
    decides, key = engine(case), case["experiment"]["key"]

    def query(dialect: Any) -> str:
        variant, reason = (f(key, dialect, unit="id") for f in (decides.assignment_sql, decides.reason_sql))
        return f"SELECT {variant} || ' ' || {reason} FROM visits"

    connection = duckdb.connect()
    connection.register("visits", COLUMNS)
    rows = [row[0].split(" ") for row in connection.execute(query("duckdb")).fetchall()]
    assert answers(case, *map(list, zip(*rows, strict=True))) == case["answers"]

    def literal(value: Any) -> str:
        return "NULL" if value is None else "'" + str(value).replace("'", "''") + "'"

    values = (f"({literal(r['id'])}, {literal(r['country'])}, {literal(r['orders'])})" for r in COLUMNS.to_pylist())
    script = "CREATE TEMP TABLE visits (id TEXT, country TEXT, orders DOUBLE PRECISION);\n"
    script += f"INSERT INTO visits VALUES {', '.join(values)};\n{query('postgres')};"
    rows = [row.split(" ") for row in postgres.psql(script).splitlines()]
    assert answers(case, *map(list, zip(*rows, strict=True))) == case["answers"]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_growthbooks_hash_is_refused_in_sql(dialect: Any) -> None:
    case = DOCUMENT["cases"][0]
    error = refused(lambda: engine(case).assignment_sql("test-0", dialect), "unsupported")
    assert error.field == "hash" and dialect in str(error) and "assign_batch" in str(error)


def test_what_everything_shares_is_refused_at_once() -> None:
    payload = DOCUMENT["cases"][0]["config"]
    missing = refused(lambda: stoa.from_growthbook(payload, surface="cart_page", metrics={}), "missing_metric")
    assert missing.field == "metrics.revenue"
    near = refused(lambda: stoa.from_growthbook(payload, surface="cart_pag", metrics=METRICS), "unknown_name")
    assert near.hint == "did you mean `cart_page`?"
    sealed = {"encryptedFeatures": "abc", "features": {}}
    assert refused(lambda: stoa.from_growthbook(sealed, **PLACE), "unsupported").field == "encryptedFeatures"
    client = {"format": "CLIENT", "flags": {}}
    assert refused(lambda: stoa.from_eppo(client, **PLACE), "unsupported").field == "format"


def test_a_time_is_compared_with_now() -> None:
    config = {**EPPO[0]["config"]}
    flag = dict(config["flags"]["flag"])
    flag["allocations"] = [{**flag["allocations"][0], "startAt": "2026-02-01T00:00:00.000Z"}]
    config["flags"] = {"flag": flag}
    assert [p["field"] for p in stoa.from_eppo(config, **PLACE).refused] == ["flags.flag.allocations[0].startAt"]
    before = stoa.from_eppo(config, **PLACE, now="2026-01-01T00:00:00Z")
    assert before.experiments == [] and "not started" in before.notes[0]["message"]
    assert len(stoa.from_eppo(config, **PLACE, now="2026-03-01T00:00:00Z").experiments) == 1
