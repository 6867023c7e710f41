"""Python, DuckDB and PostgreSQL repeat the decisions that Rust wrote; each adds to the tallies."""

from __future__ import annotations

import json
import pathlib
import sys
from collections.abc import Iterable, Iterator
from typing import Any

import duckdb

import stoa

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "sql"))
import postgres_server
from rule_differential import COLUMNS, DUCKDB, POSTGRES

UNIT = "visitor id"
Json = dict[str, Any]
Tallies = dict[str, Json]


def add(tallies: Tallies, way: str, found: object, expected: object, visit: Json) -> None:
    """Counts one decision."""
    tally = tallies.setdefault(way, {"decisions": 0, "differences": 0, "examples": []})
    tally["decisions"] += 1
    if found != expected:
        tally["differences"] += 1
        if len(tally["examples"]) < 5:
            tally["examples"].append(f"{found}, not {expected}: {json.dumps(visit)[:2000]}")


def answers(line: Json, visit: Json) -> list[tuple[str | None, str]]:
    """Variant and reason of each experiment, in words."""
    named = [[*keys, None] for keys in line["variants"]]
    return [(named[i][v], line["reasons"][r]) for i, (v, r) in enumerate(visit["answers"])]


def python(line: Json, tallies: Tallies) -> None:
    """Every visit, in every form that a caller may hold it in."""
    engine = stoa.Engine.from_json(json.dumps(line["bundle"]))
    add(tallies, "Python, the plan", engine.plan(), line["plan"], {})
    last = {key: i for i, key in enumerate(line["keys"])}
    for visit in line["visits"]:
        expected = answers(line, visit)
        options: Json = {"now": line["now"]}
        if visit["memory"] is not None:
            options["memory"] = visit["memory"]
        for form, attributes in forms(visit):
            for unit in spellings(visit["unit"]):
                decisions = [engine.decide(key, unit, attributes, **options) for key in last]
                for decision, i in zip(decisions, last.values(), strict=True):
                    add(tallies, f"Python, {form}", (decision.variant, decision.reason), expected[i], visit)
                kept = engine.remember(visit["memory"], decisions)
                add(tallies, "Python, sticky memory", kept, visit["kept"], visit)


def forms(visit: Json) -> Iterator[tuple[str, Any]]:
    """What is known of a visitor, by name."""
    if "hex" in visit:
        yield "bytes", bytes.fromhex(visit["hex"])
    elif "text" not in visit:
        yield "nothing", None
    else:
        yield "text", visit["text"]
        yield "bytes", visit["text"].encode()
        if visit["kind"] != "text":
            yield "dict", json.loads(visit["text"])


def spellings(unit: str) -> list[str]:
    """Half a surrogate pair counts as U+FFFD."""
    return [unit, *(unit.replace("\ufffd", half) for half in ("\ud83d", "\udc00") if "\ufffd" in unit)]


def rows(line: Json) -> list[Json]:
    """The visits that a warehouse can hold, each with its row."""
    visits = [v for v in line["visits"] if v["kind"] == "row" and v["memory"] is None]
    return [{**visit, "row": {UNIT: visit["unit"], **json.loads(visit["text"])}} for visit in visits]


def questions(line: Json, dialect: str) -> list[str]:
    """One query an experiment: pairs of variant and reason in the order of the rows."""
    engine = stoa.Engine.from_json(json.dumps(line["bundle"]))
    gather = {
        "duckdb": "to_json(list([v, r] ORDER BY i))",
        "postgres": "jsonb_agg(jsonb_build_array(v, r) ORDER BY i)",
    }[dialect]
    found = []
    for key in line["keys"]:
        variant = engine.assignment_sql(key, dialect, unit=UNIT, now=line["now"])
        reason = engine.reason_sql(key, dialect, unit=UNIT, now=line["now"])
        asked = f"(SELECT i, ({variant}) AS v, ({reason}) AS r FROM t) AS answers"
        found.append(f"SELECT {gather} FROM {asked}")
    return found


def create(types: dict[str, str]) -> str:
    """The table of one bundle's rows."""
    columns = [f'"{UNIT}" {types["text"]}']
    columns += ['"' + name.replace('"', '""') + f'" {types[kind]}' for name, kind in COLUMNS.items()]
    return f"CREATE TEMPORARY TABLE t (i INTEGER, {', '.join(columns)})"


def compared(line: Json, found: Iterable[str], way: str, tallies: Tallies) -> None:
    """Counts what a database answered, an experiment at a time."""
    visits = rows(line)
    last = {key: i for i, key in enumerate(line["keys"])}
    for (i, key), text in zip(enumerate(line["keys"]), found, strict=True):
        if last[key] == i:
            for visit, pair in zip(visits, json.loads(text), strict=True):
                add(tallies, way, tuple(pair), answers(line, visit)[i], visit)


def in_duckdb(line: Json, tallies: Tallies) -> None:
    """The rows of one bundle, in a session far from UTC."""
    visits = rows(line)
    names = [UNIT, *COLUMNS]
    types = ["VARCHAR", *(DUCKDB[kind] for kind in COLUMNS.values())]
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone='UTC'; SET threads=1")
        connection.execute(create(DUCKDB))
        places = ", ".join(f"unnest(?::{kind}[])" for kind in types)
        values: list[list[Any]] = [[visit["row"][name] for visit in visits] for name in names]
        connection.execute(f"INSERT INTO t SELECT unnest(?::INTEGER[]), {places}", [[*range(len(visits))], *values])
        connection.execute("SET TimeZone='Asia/Kathmandu'")
        found = [connection.execute(question).fetchall()[0][0] for question in questions(line, "duckdb")]
    compared(line, found, "DuckDB, assignment_sql and reason_sql", tallies)


def in_postgres(lines: list[Json], server: postgres_server.Server, tallies: Tallies) -> None:
    """The rows of several bundles, in one session far from UTC."""
    script = ["SET timezone='America/New_York'"]
    for line in lines:
        data = [{"i": i, **visit["row"]} for i, visit in enumerate(rows(line))]
        text = json.dumps(data, ensure_ascii=False).replace("'", "''")
        load = f"INSERT INTO t SELECT * FROM json_populate_recordset(NULL::t, '{text}')"
        script += ["BEGIN", create(POSTGRES), load, *questions(line, "postgres"), "ROLLBACK"]
    found = iter(server.psql(";\n".join([*script, ""])).splitlines())
    for line in lines:
        some = [next(found) for _ in line["keys"]]
        compared(line, some, "PostgreSQL, assignment_sql and reason_sql", tallies)
