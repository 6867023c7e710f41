"""The public rule API against generated SQL in DuckDB: random rules, random rows, no row may differ."""

import random

import duckdb
import pyarrow as pa
from drawn_rules import NOW, rows, rule, table

import stoa


def test_mask_sql_and_single_visitors_agree() -> None:
    draw = random.Random(2)
    drawn_rows = rows(draw, 60)
    visitors = table(drawn_rows)
    connection = duckdb.connect()
    connection.register("visitors", visitors)
    connection.execute("SET TimeZone='America/New_York'")
    for _ in range(400):
        drawn = stoa.Rule.from_dict(rule(draw, 4))
        sql = drawn.to_sql("duckdb", now=NOW)
        answers = [answer for (answer,) in connection.execute(f"SELECT {sql} FROM visitors").fetchall()]
        assert [drawn.evaluate(row, now=NOW) for row in drawn_rows] == answers, sql
        assert drawn.mask(visitors, now=NOW).tolist() == [answer is True for answer in answers], sql
        assert stoa.Rule.parse(sql) == drawn


def test_a_column_of_32_bit_floats_is_compared_in_64_bits() -> None:
    # 16,777,217 is no 32-bit float; as one it would be 16,777,216.
    connection = duckdb.connect()
    connection.register("visitors", pa.table({"x": pa.array([16_777_216.0, 0.1], pa.float32())}))
    for operand in (16_777_217, 0.1):
        sql = stoa.Rule.from_dict({"attr": "x", "op": "eq", "value": operand}).to_sql("duckdb")
        assert connection.execute(f"SELECT count(*) FROM visitors WHERE {sql}").fetchone() == (0,), sql
