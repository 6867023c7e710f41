"""Native rules and decisions against generated SQL in a real Spark, row by row (make test-spark).

Needs pyspark and a Java runtime. Every answer is asked for as a value of a SELECT and as the WHERE of a scan that Spark
may push into the file, in ANSI mode and out of it, in a session time zone with daylight saving.
"""

import os
import pathlib
import random
import sys
import tempfile

import pyarrow.parquet as pq
from pyspark.sql import SparkSession

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "python"))
from drawn_rules import NOW, NUMBERS, rows, rule, table
from drawn_visits import DOCUMENT, ENGINE, KEYS, vector_decision, vector_engine, visits
from drawn_visits import NOW as ASSIGNED_AT

import stoa

SEED, RULES, ROWS, BATCH = 4, 400, 100, 25
ZONE = "America/New_York"
# Lists over ten are another code path of Spark; the ages reach over a change of clocks; -0.0 is 0.
CHOSEN = [
    {"attr": "orders_count", "op": "in", "value": [*NUMBERS, *range(4, 12)]},
    {"attr": "orders_count", "op": "not_in", "value": [*NUMBERS, *range(4, 12)]},
    {"attr": "orders_count", "op": "between", "value": [-1e-323, 1e-323]},
    {"attr": "last seen", "op": "within_days", "value": 100},
    {"attr": "last seen", "op": "within_days", "value": 1 / 86_400e6},
    {"attr": "last seen", "op": "gte", "value": "0001-01-01T00:00:00Z"},
    {"attr": "last seen", "op": "lt", "value": "9999-12-30T00:00:00Z"},
]


def start() -> SparkSession:
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.master("local[2]").appName("stoa")
    settings = {
        "spark.ui.enabled": "false",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
        "spark.sql.session.timeZone": ZONE,
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
    }
    for key, value in settings.items():
        builder = builder.config(key, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("ERROR")
    return spark


def scan(spark: SparkSession, frame: object, name: str, directory: str) -> None:
    """A table as a view over a file, its rows numbered `i`."""
    path = f"{directory}/{name}.parquet"
    pq.write_table(frame.append_column("i", [list(range(frame.num_rows))]), path)
    spark.read.parquet(path).createOrReplaceTempView(name)


def rules(spark: SparkSession, drawn: list, native: list[list], name: str) -> int:
    """Pairs that differ, in both forms."""
    wrong = 0
    for first in range(0, len(drawn), BATCH):
        sql = [one.to_sql("spark", now=NOW) for one in drawn[first : first + BATCH]]
        expected = native[first : first + BATCH]
        values = ", ".join(f"({text}) AS c{k}" for k, text in enumerate(sql))
        answers = [list(row)[1:] for row in spark.sql(f"SELECT i, {values} FROM visitors ORDER BY i").collect()]
        scans = " UNION ALL ".join(f"SELECT {k} AS k, i FROM visitors WHERE {text}" for k, text in enumerate(sql))
        kept = {tuple(row) for row in spark.sql(scans).collect()}
        for k, (text, truths) in enumerate(zip(sql, expected, strict=True)):
            found = [row[k] for row in answers]
            bad = [i for i, truth in enumerate(truths) if found[i] is not truth or ((k, i) in kept) != (truth is True)]
            if bad and wrong < 10:
                print(f"  {name}: {len(bad)} rows differ, first {bad[0]}: {text}")
            wrong += len(bad)
    return wrong


def decisions(spark: SparkSession, name: str) -> int:
    """Vectors and drawn units whose variant or reason differs."""
    cases = DOCUMENT["cases"]
    units = ", ".join(f"u{k} STRING" for k in range(len(cases)))
    spark.createDataFrame([tuple(case["unit"] for case in cases)], units).createOrReplaceTempView("vectors")
    engines = [vector_engine(case) for case in cases]
    asked = [
        ask("vector", "spark", unit=f"u{k}")
        for k, engine in enumerate(engines)
        for ask in (engine.assignment_sql, engine.reason_sql)
    ]
    found = list(spark.sql(f"SELECT {', '.join(asked)} FROM vectors").collect()[0])
    expected = [text for case in cases for text in vector_decision(case)]
    wrong = sum(a != b for a, b in zip(found[::2], expected[::2], strict=True))
    wrong += sum(a != b for a, b in zip(found[1::2], expected[1::2], strict=True))
    frame = visits()
    pairs = len(cases)
    for key in KEYS:
        attributes = frame.drop_columns(["visitor_id"])
        batch = ENGINE.assign_batch(frame["visitor_id"].to_pylist(), attributes, experiment=key, now=ASSIGNED_AT)
        native = list(zip(batch.variant, batch.reason, strict=True))
        variant = ENGINE.assignment_sql(key, "spark", unit="visitor_id", now=ASSIGNED_AT)
        reason = ENGINE.reason_sql(key, "spark", unit="visitor_id", now=ASSIGNED_AT)
        replayed = spark.sql(f"SELECT {variant}, {reason}, i FROM visits ORDER BY i").collect()
        wrong += sum(n != tuple(r)[:2] for n, r in zip(native, replayed, strict=True))
        pairs += len(native)
    print(f"{name}: {pairs} decisions ({len(cases)} of them vectors), {wrong} differences")
    return wrong


def main() -> None:
    draw = random.Random(SEED)
    drawn_rows = rows(draw, ROWS)
    drawn = [stoa.Rule.from_dict(rule(draw, 4)) for _ in range(RULES)] + [stoa.Rule.from_dict(one) for one in CHOSEN]
    native = [[one.evaluate(row, now=NOW) for row in drawn_rows] for one in drawn]
    counts = [sum(answers.count(truth) for answers in native) for truth in (True, False, None)]
    spark, wrong = start(), 0
    with tempfile.TemporaryDirectory() as directory:
        scan(spark, table(drawn_rows), "visitors", directory)
        scan(spark, visits(), "visits", directory)
        for ansi in ("true", "false"):
            spark.conf.set("spark.sql.ansi.enabled", ansi)
            name = f"spark {spark.version}, ANSI {ansi}, {ZONE}"
            different = rules(spark, drawn, native, name)
            pairs = f"{len(drawn) * ROWS} (rule, row) pairs, {different} differences"
            print(f"{name}: {pairs}; true, false, unknown: {counts}")
            wrong += different + decisions(spark, name)
        spark.stop()
    raise SystemExit(wrong != 0)


if __name__ == "__main__":
    main()
