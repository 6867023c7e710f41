"""A row and its own table agree: what DuckDB and pandas hand over row by row is read as their columns are."""

import datetime as dt
import decimal
import itertools
import zoneinfo
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pytest

import stoa

NOW = "2026-02-15T00:00:00Z"
# Each column's values as DuckDB writes them; the rules of its type are held against each.
COLUMNS = {
    "DECIMAL(10,2)": ["1.5", "1", "-0.01", "99999999.99", "NULL"],
    "DECIMAL(38,0)": ["0", "123456789012345", "NULL"],
    "HUGEINT": ["2", "-3", "NULL"],
    "DOUBLE": ["1.5", "'inf'", "'-inf'", "'nan'", "1e308", "NULL"],
    "FLOAT": ["0.1", "'inf'", "NULL"],
    "TIMESTAMP": ["'2026-01-31'", "'2026-01-30 23:59:59.999999'", "'1969-12-31 23:59:59.999999'", "NULL"],
    "TIMESTAMP_S": ["'2026-01-31'", "NULL"],
    "DATE": ["'2026-01-31'", "'2026-01-30'", "'0001-01-01'", "'9999-12-30'", "NULL"],
}
NUMBERS = ["x > 1", "x = 1.5", "x <= 0.1", "x BETWEEN -1 AND 2", "x IN (1, 99999999.99)", "x IS NULL", "x <> 2"]
INSTANTS = [
    "x >= '2026-01-31T00:00:00Z'",
    "x < '2026-01-31T00:00:00Z'",
    "x BETWEEN '1970-01-01T00:00:00Z' AND '2026-01-31T00:00:00Z'",
    "within_days(x, 15)",
    "x IS NULL",
]
PAIRS = [(kind, sql) for kind in COLUMNS for sql in (INSTANTS if "DATE" in kind or "TIME" in kind else NUMBERS)]


def relation(kind: str) -> duckdb.DuckDBPyRelation:
    values = ", ".join(f"(CAST({value} AS {kind}))" for value in COLUMNS[kind])
    return duckdb.connect().sql(f"SELECT * FROM (VALUES {values}) t(x)")


@pytest.mark.parametrize(("kind", "sql"), PAIRS)
def test_a_row_of_duckdb_and_its_table_agree(kind: str, sql: str) -> None:
    rule, table = stoa.Rule.parse(sql), relation(kind)
    rows = [dict(zip(table.columns, row, strict=True)) for row in table.fetchall()]
    assert [rule.evaluate(row, NOW) for row in rows] == rule.evaluate_batch(table, NOW)


def test_the_answers_are_not_all_unknown() -> None:
    row = {"n": decimal.Decimal("1.5"), "d": dt.datetime(2026, 1, 31), "dd": dt.date(2026, 1, 31), "i": float("inf")}
    for sql in ["n > 1", "d >= '2026-01-31T00:00:00Z'", "dd < '2026-01-31T00:00:00.000001Z'", "i > 1"]:
        assert stoa.Rule.parse(sql).evaluate(row) is True, sql
    assert stoa.Rule.parse("i < 1").evaluate({"i": decimal.Decimal("-Infinity")}) is True


PANDAS: dict[str, Any] = {
    "naive": pd.to_datetime(["2026-01-31", None, "2026-01-30 12:00:00.000000001"], format="ISO8601"),
    "zoned": pd.to_datetime(["2026-01-31", None, "2026-01-30"]).tz_localize("Asia/Tokyo"),
    "Int64": pd.array([1, None, 3], "Int64"),
    "float": [1.5, np.nan, np.inf],
    "boolean": pd.array([True, None, False], "boolean"),
    "string": pd.array(["a", None, "b"], "string"),
}
OF = {"naive": INSTANTS, "zoned": INSTANTS, "Int64": NUMBERS, "float": NUMBERS}
OTHERS = {"boolean": ["x", "NOT x", "x IS NULL"], "string": ["x = 'a'", "x IS NULL"]}


@pytest.mark.parametrize(("kind", "sql"), [(k, s) for k, v in {**OF, **OTHERS}.items() for s in v])
def test_a_record_of_pandas_and_its_frame_agree(kind: str, sql: str) -> None:
    frame, rule = pd.DataFrame({"x": PANDAS[kind]}), stoa.Rule.parse(sql)
    expected = rule.evaluate_batch(frame, NOW)
    assert [rule.evaluate(row, NOW) for row in frame.to_dict("records")] == expected
    assert [rule.evaluate({"x": cell}, NOW) for cell in frame["x"].to_numpy()] == expected
    assert [rule.evaluate(row, NOW) for _, row in frame.iterrows()] == expected


def test_rows_of_polars_and_their_frame_agree() -> None:
    values = [dt.datetime(2026, 1, 31), None, dt.datetime(2026, 1, 30)]
    days = [value and value.date() for value in values]
    # Before 1883 New York was 4 h 56 min 2 s behind: an offset that RFC 3339 does not spell.
    old = dt.datetime(1880, 1, 1, tzinfo=zoneinfo.ZoneInfo("America/New_York"))
    zoned = [old, None, dt.datetime(2026, 1, 30, 19, tzinfo=old.tzinfo)]
    for column, sql in itertools.product((values, days, zoned), INSTANTS):
        frame, rule = pl.DataFrame({"x": column}), stoa.Rule.parse(sql)
        assert [rule.evaluate(row, NOW) for row in frame.to_dicts()] == rule.evaluate_batch(frame, NOW)


def test_lists_all_empty_are_lists() -> None:
    frame, rule = pl.DataFrame({"t": [[], [], None]}), stoa.Rule.parse("list_contains(t, 'a')")
    assert rule.evaluate_batch(frame) == [rule.evaluate(row) for row in frame.to_dicts()] == [False, False, None]


def test_an_instant_without_a_zone_is_no_clock() -> None:
    rule = stoa.Rule.parse("within_days(x, 15)")
    with pytest.raises(stoa.StoaError, match="now must be RFC 3339 with a time zone"):
        rule.evaluate({"x": "2026-02-01T00:00:00Z"}, dt.datetime(2026, 2, 1))
