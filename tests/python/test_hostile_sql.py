"""Hostile names and values: refused by a typed error, or kept in their place, shown by running the SQL.

Every condition runs in DuckDB and in PostgreSQL on a table that has the name as its column and the values as its rows;
both take several statements at a time, so what leaves its place would find the canary. The expected counts are
Python's own comparisons.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import duckdb
import pytest
from conftest import refused
from postgres_server import Server

import stoa

DROP = "DROP TABLE canary; --"
TEXTS = [
    *["", " ", "'", "''", '"', '""', "\\", "\\'", '\\"', "\\\\", "`", "``", "$$", "$tag$", "E'\\''", "U&'\\0061'"],
    *["--", "/*", "*/", "/* */", ";", "%", "_", "%s", "?", ":a", ":'a'", "$1", "{n}", "[a]", "a.b", "NULL", "TRUE"],
    *["\n", "\r", "\r\n", "\t", "\b", "\x01", "\x1a", "\x7f", "\u2028", "\ufeff", "\u02bc", "\uff07", "\ufffd"],
    *["\u200e", "\u200f", "\u202e", "\u2066x\u2069", "é", "e\u0301", "😀", "\U000e0061", "\\!echo", "\\q"],
    *[f"{end}{DROP}" for end in ("'; ", '"; ', "\\'; ", "') OR 1=1; ", "*/ ", "$$; ", "\n; ", "]); ")],
]
NAMES = [text for text in TEXTS if text] + ["select", "x" * 63, "é" * 31]
LARGE = ["'" * 400_000, "\\" * 400_000, "x" * 999_900, "😀" * 200_000]
TEXT_OPS: dict[str, Callable[[str, str], bool]] = {
    "eq": lambda row, value: row == value,
    "ne": lambda row, value: row != value,
    "starts_with": str.startswith,
    "ends_with": str.endswith,
    "contains": lambda row, value: value in row,
}
CANARY = "CREATE TABLE canary AS SELECT 7 AS n UNION ALL SELECT 8 UNION ALL SELECT 9"


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


class Duckdb:
    """Runs conditions on a table of one column."""

    dialect = "duckdb"
    types = ("VARCHAR", "VARCHAR[]")

    def __init__(self) -> None:
        self.connection = duckdb.connect()
        self.connection.execute(CANARY)

    def counts(self, name: str, column_type: str, rows: list[Any], conditions: list[str]) -> list[int]:
        self.connection.execute(f"CREATE OR REPLACE TABLE t ({quoted(name)} {column_type})")
        self.connection.execute(f"INSERT INTO t SELECT unnest(?::{column_type}[])", [rows])
        run = self.connection.execute
        return [run(f"SELECT count(*) FROM t WHERE {condition}").fetchall()[0][0] for condition in conditions]

    def canaries(self) -> list[int]:
        return [n for (n,) in self.connection.execute("SELECT n FROM canary ORDER BY n").fetchall()]

    def tables(self) -> list[str]:
        return [name for (name,) in self.connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()]


class Postgres:
    """The same in PostgreSQL, in a database schema of its own."""

    dialect = "postgres"
    types = ("text", "text[]")

    def __init__(self, server: Server) -> None:
        self.server = server
        self.run("DROP SCHEMA IF EXISTS hostile CASCADE; CREATE SCHEMA hostile; SET search_path=hostile;" + CANARY)

    def run(self, script: str) -> list[str]:
        return self.server.psql(f"SET client_min_messages=error; SET search_path=hostile;\n{script};").split()

    def counts(self, name: str, column_type: str, rows: list[Any], conditions: list[str]) -> list[int]:
        text = json.dumps([{name: row} for row in rows], ensure_ascii=False).replace("'", "''")
        load = f"INSERT INTO t SELECT * FROM json_populate_recordset(NULL::t, '{text}')"
        counts = [f"SELECT count(*) FROM t WHERE {condition}" for condition in conditions]
        create = f"DROP TABLE IF EXISTS t; CREATE TABLE t ({quoted(name)} {column_type})"
        return [int(n) for n in self.run(";\n".join([create, load, *counts]))]

    def canaries(self) -> list[int]:
        return [int(n) for n in self.run("SELECT n FROM canary ORDER BY n")]

    def tables(self) -> list[str]:
        return self.run("SELECT table_name FROM information_schema.tables WHERE table_schema = 'hostile'")


@pytest.fixture(params=["duckdb", "postgres"])
def engine(request: pytest.FixtureRequest) -> Iterator[Duckdb | Postgres]:
    """A real engine with a canary, whose rows are all there at the end."""
    here = Duckdb() if request.param == "duckdb" else Postgres(request.getfixturevalue("postgres"))
    yield here
    assert here.canaries() == [7, 8, 9]
    assert set(here.tables()) <= {"canary", "t"}


def rule(attr: str, op: str, value: Any) -> stoa.Rule:
    made = stoa.Rule.from_dict({"attr": attr, "op": op, "value": value})
    assert made.to_dict() == {"attr": attr, "op": op, "value": value}
    assert stoa.Rule.from_json(made.to_json()) == made
    return made


def test_hostile_names_stay_names(engine: Duckdb | Postgres) -> None:
    for name in NAMES:
        rules = [rule(name, "eq", "a"), rule(name, "in", ["a", name]), rule(name, "contains", "a")]
        conditions = [r.to_sql(engine.dialect) for r in rules]
        conditions += [r.to_sql(engine.dialect, alias="t") for r in rules]
        counts = [1, 2, 1 + ("a" in name)]
        assert engine.counts(name, engine.types[0], ["a", name, None], conditions) == counts * 2, name
        assert all(stoa.Rule.parse(r.to_sql(engine.dialect)) == r for r in rules), name


def test_hostile_aliases_and_columns_of_a_schema_stay_names(engine: Duckdb | Postgres) -> None:
    for name in NAMES:
        if not name.strip():
            document = {"n": {"type": "string", "column": name}}
            refused(lambda document=document: stoa.AttributeSchema(document), "wrong_type")
            continue
        schema = stoa.AttributeSchema({"n": {"type": "string", "column": name}})
        sql = rule("n", "eq", "a").to_sql(engine.dialect, alias=name, schema=schema)
        subquery = f"(SELECT count(*) FROM t AS {quoted(name)} WHERE {sql}) = 1"
        assert engine.counts(name, engine.types[0], ["a", "b"], [subquery]) == [2], name


@pytest.mark.parametrize("op", TEXT_OPS)
def test_hostile_values_are_compared_as_they_are(engine: Duckdb | Postgres, op: str) -> None:
    rules = [rule("a", op, value) for value in TEXTS]
    expected = [sum(TEXT_OPS[op](row, value) for row in TEXTS) for value in TEXTS]
    conditions = [r.to_sql(engine.dialect) for r in rules]
    assert engine.counts("a", engine.types[0], [*TEXTS, None], conditions) == expected
    natively = [sum(r.matches({"a": row}) for row in TEXTS) for r in rules]
    assert natively == expected
    assert [stoa.Rule.parse(sql) for sql in conditions] == rules


def test_hostile_values_in_lists_are_compared_as_they_are(engine: Duckdb | Postgres) -> None:
    rows = [[text, "x"] for text in TEXTS] + [[], TEXTS]
    rules = [rule("a", "has", text) for text in TEXTS]
    rules += [rule("a", "has_any", [text, "nobody"]) for text in TEXTS]
    rules += [rule("a", "has_all", [text, "x"]) for text in TEXTS] + [rule("a", "has_all", TEXTS)]
    expected = [2] * len(TEXTS) * 2 + [1] * len(TEXTS) + [1]
    conditions = [r.to_sql(engine.dialect) for r in rules]
    assert engine.counts("a", engine.types[1], [*rows, None], conditions) == expected
    assert [stoa.Rule.parse(sql) for sql in conditions] == rules
    among = rule("a", "in", TEXTS).to_sql(engine.dialect)
    assert engine.counts("a", engine.types[0], [*TEXTS, "nobody"], [among]) == [len(TEXTS)]


def test_texts_of_a_megabyte_are_compared_as_they_are(engine: Duckdb | Postgres) -> None:
    for value in LARGE:
        conditions = [rule("a", op, value).to_sql(engine.dialect) for op in TEXT_OPS]
        rows = [value, value + "x", "x" + value, value[1:]]
        expected = [sum(holds(row, value) for row in rows) for holds in TEXT_OPS.values()]
        assert engine.counts("a", engine.types[0], rows, conditions) == expected


def test_hostile_sql_is_refused_or_stays_a_condition(engine: Duckdb | Postgres) -> None:
    pieces = [
        *TEXTS,
        "'x'",
        '"a"',
        "a = 'x'",
        "a =",
        "E'\\''",
        "$$x$$",
        "a = $$x$$",
        "a = E'\\''",
        "a = E'\\'' OR a = 'y'",
    ]
    pieces += [
        "a = 'x' -- comment",
        "a = /* ' */ 'x'",
        "a = 'x' /* unfinished",
        "a = 'x",
        '"a = 1',
        "a = 'x'; SELECT 1",
    ]
    read = []
    for text in [*pieces, *(f"a = 'x' {piece}" for piece in TEXTS), *(f"a = '{piece}'" for piece in TEXTS)]:
        try:
            read.append(stoa.Rule.parse(text))
        except stoa.StoaError as error:
            assert error.code in ("unsupported_sql", "wrong_type", "out_of_range"), (text, error)
    # A bare name is a boolean, which the column is not.
    of_a = [r for r in read if r.attributes() == ["a"] and "true" not in r.to_json()]
    assert len(of_a) > 50
    rows = [*TEXTS, "x", "y"]
    expected = [sum(r.matches({"a": row}) for row in rows) for r in of_a]
    assert engine.counts("a", engine.types[0], rows, [r.to_sql(engine.dialect) for r in of_a]) == expected


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ({"attr": "a\0b", "op": "eq", "value": 1}, "out_of_range"),
        ({"attr": "", "op": "eq", "value": 1}, "out_of_range"),
        ({"attr": "x" * 256, "op": "eq", "value": 1}, "out_of_range"),
        ({"attr": "x" * 999_000, "op": "eq", "value": 1}, "out_of_range"),
        ({"attr": "x" * 1_000_001, "op": "eq", "value": 1}, "too_large"),
        ({"attr": "a", "op": "eq", "value": "\0"}, "out_of_range"),
        ({"attr": "a", "op": "in", "value": ["x", "\0"]}, "out_of_range"),
        ({"attr": "a", "op": "has_all", "value": ["\0"]}, "out_of_range"),
        ({"attr": "a", "op": "contains", "value": "x\0"}, "out_of_range"),
        ({"attr": "a", "op": "lt", "value": "2026-01-01T00:00:00Z'; DROP TABLE canary; --"}, "out_of_range"),
        ({"attr": "a", "op": "within_days", "value": "1; DROP TABLE canary"}, "wrong_type"),
        ({"attr": "a", "op": "eq; DROP TABLE canary", "value": 1}, "unknown_operator"),
    ],
)
def test_what_no_database_can_hold_is_refused(document: dict[str, Any], code: str) -> None:
    refused(lambda: stoa.Rule.from_dict(document), code)
    refused(lambda: stoa.Rule.from_json(json.dumps(document)), code)


def test_a_nul_is_refused_in_sql_text_too() -> None:
    for sql in ["a = 'x\0'", '"a\0" = 1', "a = 1\0", "a = E'\\000'", "starts_with(a, '\0')"]:
        with pytest.raises(stoa.StoaError):
            stoa.Rule.parse(sql)


def test_names_that_postgres_would_cut_are_refused() -> None:
    for name in ["x" * 64, "é" * 32, "😀" * 16]:
        long = rule(name, "eq", "a")
        assert long.to_sql("duckdb").startswith(quoted(name))
        refused(lambda long=long: long.to_sql("postgres"), "out_of_range")
        refused(lambda name=name: rule("a", "eq", "a").to_sql("postgres", alias=name), "out_of_range")


@pytest.mark.parametrize("name", ["", "\0", "x" * 256])
def test_an_alias_is_a_name(name: str) -> None:
    for dialect in ("duckdb", "postgres"):
        refused(lambda dialect=dialect: rule("a", "eq", "a").to_sql(dialect, alias=name), "out_of_range")


@pytest.mark.parametrize("depth", [49, 200, 10_000, 100_000])
def test_deep_nesting_is_too_large(depth: int) -> None:
    for text in [
        '{"not":' * depth + '{"all":[]}' + "}" * depth,
        '{"all":[' * depth + "]}" * depth,
        '{"any":[{"all":[' * depth + "]}]}" * depth,
    ]:
        refused(lambda text=text: stoa.Rule.from_json(text), "too_large")
    refused(lambda: stoa.Rule.parse("NOT " * depth + "TRUE"), "too_large")
    refused(lambda: stoa.Rule.parse("NOT (" * depth + "TRUE" + ")" * depth), "too_large")
    refused(lambda: stoa.Rule.parse("(a = 1 AND " * depth + "TRUE" + ")" * depth), "too_large")
    if depth > 100:
        refused(lambda: stoa.Rule.parse("(" * depth + "a = 1" + ")" * depth), "too_large")
    nested: Any = {"all": []}
    for _ in range(depth):
        nested = {"not": nested}
    refused(lambda: stoa.Rule.from_dict(nested), "too_large")


@pytest.mark.parametrize("depth", [100, 10_000, 100_000])
def test_deep_attributes_are_unknown_or_refused(depth: int) -> None:
    nested: Any = []
    for _ in range(depth):
        nested = [nested]
    for attributes in ({"a": nested}, {"z": nested, "a": 1}):
        try:
            assert stoa.Rule.parse("a > 0").evaluate(attributes) is (None if "z" not in attributes else True)
        except stoa.StoaError as error:
            assert error.code in ("too_large", "invalid_document", "wrong_type"), error


def test_lone_surrogates_are_replaced_or_refused(engine: Duckdb | Postgres) -> None:
    made = stoa.Rule.from_dict({"attr": "a", "op": "in", "value": ["\ud800", "x\udfff'"]})
    assert made.to_dict()["value"] == ["\ufffd", "x\ufffd'"]
    sql = made.to_sql(engine.dialect)
    assert engine.counts("a", engine.types[0], ["\ufffd", "x\ufffd'", "x"], [sql]) == [2]


@pytest.mark.parametrize("key", ["x'; DROP TABLE canary; --", "", "x\0", "X", "x" * 65, "\u202e"])
def test_segments_have_harmless_keys(key: str) -> None:
    refused(lambda: stoa.Segment(key, rule("a", "eq", "a")), "out_of_range")
