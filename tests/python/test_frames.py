"""One data, every kind of data frame: the same answers, row by row."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import stoa

T = dt.datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=dt.UTC)
DATA: dict[str, list[Any]] = {
    "flag": [True, False, None, True],
    "count": [1, 2, None, 3],
    "amount": [0.5, float("nan"), None, 2.5],
    "name": ["CA", "é😀", None, "a much longer text than fits a view's inline bytes"],
    "seen": [T, T - dt.timedelta(days=9), None, T],
    "tags": [["a", "b"], [], None, ["b"]],
}


def relation() -> duckdb.DuckDBPyRelation:
    connection = duckdb.connect()
    connection.register("data", pa.table(DATA))
    return connection.sql("SELECT * FROM data")


KINDS: dict[str, Callable[[], Any]] = {
    "dict": lambda: DATA,
    "pandas": lambda: pd.DataFrame(DATA),
    "pandas_pyarrow": lambda: pa.table(DATA).to_pandas(types_mapper=pd.ArrowDtype),
    "polars": lambda: pl.DataFrame(DATA),
    "pyarrow": lambda: pa.table(DATA),
    "pyarrow_chunked": lambda: pa.concat_tables([pa.table(DATA).slice(0, 1), pa.table(DATA).slice(1)]),
    "record_batch_reader": lambda: pa.table(DATA).to_reader(max_chunksize=3),
    "duckdb": relation,
}
ANSWERS: dict[str, list[bool | None]] = {
    "flag = TRUE": [True, False, None, True],
    "count >= 2": [False, True, None, True],
    "amount > 1": [False, None, None, True],
    "name = 'é😀'": [False, True, None, False],
    "seen >= '2026-01-01T00:00:00Z'": [True, False, None, True],
    "name IS NULL": [False, False, True, False],
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("sql", ANSWERS)
def test_answers(kind: str, sql: str) -> None:
    rule = stoa.Rule.parse(sql)
    assert rule.evaluate_batch(KINDS[kind]()) == ANSWERS[sql]
    mask = rule.mask(KINDS[kind]())
    assert mask.dtype == np.bool_ and mask.flags.writeable
    assert mask.tolist() == [answer is True for answer in ANSWERS[sql]]


@pytest.mark.parametrize("kind", KINDS)
def test_lists(kind: str) -> None:
    rule = stoa.Rule.from_dict({"attr": "tags", "op": "has", "value": "a"})
    assert rule.evaluate_batch(KINDS[kind]()) == [True, False, None, False]


@pytest.mark.parametrize("kind", KINDS)
def test_within_days(kind: str) -> None:
    rule = stoa.Rule.from_dict({"attr": "seen", "op": "within_days", "value": 3})
    for now in (T, T.isoformat(), T.astimezone(dt.timezone(dt.timedelta(hours=-5)))):
        assert rule.evaluate_batch(KINDS[kind](), now=now) == [True, False, None, True]


def test_a_relation_whose_threads_need_the_lock() -> None:
    """DuckDB's workers take the interpreter's lock to read Python strings: it must not be held while we wait."""
    n = 300_000
    many = pd.DataFrame({"name": pd.Series([f"v{i % 7}" for i in range(n)], dtype=object)})
    found = stoa.Rule.parse("name = 'v3'").mask(duckdb.sql("SELECT * FROM many"))
    assert found.sum() == (many["name"] == "v3").sum()


NUMBERS = [pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64()]
NUMBERS += [pa.float32(), pa.float64(), pa.decimal128(20, 4)]


@pytest.mark.parametrize("kind", NUMBERS, ids=str)
def test_every_number(kind: pa.DataType) -> None:
    df = pa.table({"x": pa.array([1, 2, None, 3], kind)})
    assert stoa.Rule.parse("x BETWEEN 2 AND 3").evaluate_batch(df) == [False, True, None, True]


TEXTS = [pa.string(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int8(), pa.string())]
TEXTS += [pa.dictionary(pa.uint32(), pa.large_string())]


@pytest.mark.parametrize("kind", TEXTS, ids=str)
def test_every_text(kind: pa.DataType) -> None:
    df = pa.table({"x": pa.array(["a", None, "b"]).cast(kind)})
    assert stoa.Rule.parse("x = 'b'").evaluate_batch(df) == [False, None, True]
    assert stoa.Rule.parse("x = 'b'").evaluate_batch(df.slice(1)) == [None, True]


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", [None, "UTC", "America/New_York"])
def test_every_timestamp(unit: str, zone: str | None) -> None:
    instants = pa.array([T.replace(microsecond=0), None, T - dt.timedelta(days=9)], pa.timestamp(unit, "UTC"))
    df = pa.table({"x": instants.cast(pa.timestamp(unit, zone))})
    assert stoa.Rule.parse("x >= '2026-01-02T03:04:05Z'").evaluate_batch(df) == [True, None, False]


def test_dates() -> None:
    df = pa.table({"x": [dt.date(2026, 1, 2), dt.date(2026, 1, 1), None]})
    assert stoa.Rule.parse("x >= '2026-01-02T00:00:00Z'").evaluate_batch(df) == [True, False, None]


def test_columns_of_nulls_and_no_rows() -> None:
    rule = stoa.Rule.parse("x IS NULL")
    for df in (pl.DataFrame({"x": [None, None]}), pa.table({"x": [None, None]}), pd.DataFrame({"x": [None, None]})):
        assert rule.evaluate_batch(df) == [True, True]
    for df in (pl.DataFrame({"x": []}), pa.table({"x": pa.array([], pa.string())}), pd.DataFrame({"x": []})):
        assert rule.mask(df).tolist() == []
    nulls = pa.table({"x": pa.array([None, None], pa.string()).dictionary_encode()})
    assert rule.evaluate_batch(nulls) == [True, True]


def test_everyone_matches_every_row() -> None:
    assert stoa.Rule.from_dict({"all": []}).mask(pl.DataFrame({"other": [1, 2, 3]})).tolist() == [True] * 3


def test_a_missing_column_is_named_with_a_near_miss() -> None:
    with pytest.raises(stoa.StoaError) as raised:
        stoa.Rule.parse("orders_count > 1 AND country = 'CA'").mask(pd.DataFrame({"order_count": [1]}))
    assert [p["code"] for p in raised.value.problems] == ["missing_column"] * 2
    assert "did you mean `order_count`?" in str(raised.value)


def test_a_column_of_another_kind_is_refused_only_when_it_is_read() -> None:
    df = pa.table({"x": [{"a": 1}], "y": [1]})
    assert stoa.Rule.parse("y = 1").mask(df).tolist() == [True]
    with pytest.raises(stoa.StoaError) as raised:
        stoa.Rule.parse("x = 1").mask(df)
    assert (raised.value.code, raised.value.field) == ("wrong_type", "x")


def test_a_column_named_twice_is_refused() -> None:
    df = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["x", "x"])
    with pytest.raises(stoa.StoaError, match="two of that name"):
        stoa.Rule.parse("x = 1").mask(df)


@pytest.mark.parametrize("given", [None, 3, [1, 2], "text"])
def test_no_data_frame(given: Any) -> None:
    with pytest.raises(stoa.StoaError, match="must be a data frame"):
        stoa.Rule.parse("x = 1").mask(given)
