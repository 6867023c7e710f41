"""Exposures held against the engine: natively, in DuckDB and in PostgreSQL the same rows differ."""

import datetime
import json
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from conftest import refused
from drawn_visits import ENGINE, NOW, visits
from postgres_server import Server

KEYS = ["free_shipping", "urgency", "badge", "recent"]
EVERY = 97
TYPES = {"orders_count": "float8", "lifetime_value": "float8", "last_seen": "timestamptz"}


def exposures(key: str) -> tuple[pa.Table, list[tuple[Any, ...]]]:
    """Visits with what the engine shows, but for every 97th; and what should be said of those."""
    table = visits()
    ids = table["visitor_id"].to_pylist()
    batch = ENGINE.assign_batch(ids, table.drop_columns(["visitor_id"]), experiment=key, now=NOW)
    wrong = [row % EVERY == 0 for row in range(len(ids))]
    recorded = ["neither" if w else v for v, w in zip(batch.variant, wrong, strict=True)]
    said = zip(ids, recorded, batch.variant, batch.reason, strict=True)
    expected = [(row, *words) for row, words in enumerate(said) if wrong[row]]
    columns = {"variant": pa.array(recorded, pa.string()), "experiment": pa.array([key] * len(ids))}
    for name, column in columns.items():
        table = table.append_column(name, column)
    return table, expected


def ordered(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return sorted((tuple(row) for row in rows), key=repr)


@pytest.mark.parametrize("key", KEYS)
def test_rows_that_differ_are_found(key: str) -> None:
    table, expected = exposures(key)
    replay = ENGINE.replay(key, table, now=NOW)
    found = [(d["row"], d["visitor_id"], d["recorded"], d["variant"], d["reason"]) for d in replay.differences]
    assert found == expected
    assert (replay.rows, sum(count["rows"] for count in replay.reasons)) == (table.num_rows, table.num_rows)
    assert sum(count["differences"] for count in replay.reasons) == len(expected)
    assert replay.sentence.startswith(f"{len(expected)} of {table.num_rows} exposures of {key} are not")


@pytest.mark.parametrize("key", KEYS)
def test_duckdb_finds_the_same(key: str) -> None:
    table, expected = exposures(key)
    connection = duckdb.connect()
    connection.register("seen", table)
    connection.execute("CREATE SCHEMA shop; CREATE TABLE shop.exposures AS FROM seen")
    sql = ENGINE.replay_sql(key, "duckdb", table="shop.exposures", experiment_column="experiment", now=NOW)
    assert ordered(connection.execute(sql).fetchall()) == ordered([words for _, *words in expected])
    connection.execute("UPDATE shop.exposures SET experiment = 'another'")
    assert connection.execute(sql).fetchall() == []


@pytest.mark.parametrize("key", KEYS)
def test_postgres_finds_the_same(key: str, postgres: Server) -> None:
    table, expected = exposures(key)
    rows = [",".join(field(value) for value in row.values()) for row in table.to_pylist()]
    columns = ", ".join(f'"{name}" {TYPES.get(name, "text")}' for name in table.column_names)
    sql = ENGINE.replay_sql(key, "postgres", table="exposures", experiment_column="experiment", now=NOW)
    copied = "\n".join([r"\copy exposures FROM STDIN (FORMAT csv, NULL '\N')", *rows, r"\."])
    script = f"BEGIN; CREATE TABLE exposures ({columns});\n{copied}\nSELECT json_agg(r) FROM ({sql}) AS r; ROLLBACK;"
    found = [tuple(row.values()) for row in json.loads(postgres.psql(script))]
    assert ordered(found) == ordered([tuple(words) for _, *words in expected])


def field(value: Any) -> str:
    """A field of CSV in which no text is NULL."""
    if value is None:
        return r"\N"
    text = value.isoformat() if isinstance(value, datetime.datetime) else str(value)
    return '"' + text.replace('"', '""') + '"'


def test_each_row_is_judged_at_its_own_time() -> None:
    day = datetime.timedelta(days=1)
    times = [NOW, NOW + 40 * day, NOW - 40 * day, None]
    table = pa.table(
        {
            "user": [f"visitor-{i}" for i in range(4)],
            "shown": ["A"] * 4,
            "last_seen": pa.array([NOW - day] * 4, pa.timestamp("us", tz="UTC")),
            "exposed_at": pa.array(times, pa.timestamp("us", tz="UTC")),
        }
    )
    replay = ENGINE.replay("recent", table, columns={"visitor_id": "user", "variant": "shown"})
    reasons = [
        ENGINE.decide("recent", f"visitor-{i}", {"last_seen": (NOW - day).isoformat()}, t) for i, t in enumerate(times)
    ]
    counts = {count["reason"]: count["rows"] for count in replay.reasons}
    assert counts == {r: [d.reason for d in reasons].count(r) for r in {d.reason for d in reasons}}
    assert counts["not_targeted"] == 3


def test_other_experiments_are_left_out() -> None:
    table = {"visitor_id": ["u1", "u1"], "variant": ["x", "x"], "experiment": ["asleep", "badge"]}
    replay = ENGINE.replay("asleep", table)
    assert (replay.rows, [d["row"] for d in replay.differences]) == (1, [0])
    assert ENGINE.replay("asleep", {"visitor_id": ["u1"], "variant": ["A"]}).differences == []
    assert repr(
        ENGINE.replay("asleep", {"visitor_id": pa.array([], pa.string()), "variant": pa.array([], pa.string())})
    ) == ("<Replay: The table has no exposures of asleep.>")


def test_what_cannot_be_compared_is_refused() -> None:
    table = {"visitor_id": ["u1"], "variant": ["A"]}
    refused(lambda: ENGINE.replay("nowhere", table), "unknown_name")
    refused(lambda: ENGINE.replay("asleep", {"visitor_id": ["u1"]}), "missing_column")
    refused(lambda: ENGINE.replay("asleep", {"visitor_id": [1], "variant": ["A"]}), "wrong_type")
    refused(lambda: ENGINE.replay("asleep", table, columns={"visitor": "user"}), "unknown_name")
    refused(lambda: ENGINE.replay("asleep", table, columns={"exposed_at": "when"}), "missing_column")
    refused(lambda: ENGINE.replay("free_shipping", table), "missing_column")
    refused(lambda: ENGINE.replay_sql("asleep", table=""), "out_of_range")


def test_a_table_keeps_its_place() -> None:
    sql = ENGINE.replay_sql("asleep", "duckdb", table='x"; DROP TABLE y; --', variant="v")
    assert '"x""; DROP TABLE y; --"' in sql
