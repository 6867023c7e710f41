"""Native rules against generated SQL, row by row, without the Python binding.

usage: rule_differential.py [--postgres BIN_DIR]        (needs the package duckdb; PostgreSQL's programs are optional)

The Rust test `write_differential_cases` draws rules and rows (seed 7) and writes what native evaluation answers;
DuckDB, in three session time zones, and a throw-away PostgreSQL cluster must answer the same for every pair.
"""

import argparse
import json
import os
import pathlib
import subprocess
import tempfile

import duckdb

ROOT = pathlib.Path(__file__).resolve().parents[2]
COLUMNS = {
    "orders_count": "number",
    'spend"; DROP TABLE t; --': "number",
    "country": "text",
    "it's \\ ünï 東": "text",
    "is_member": "boolean",
    "last seen": "instant",
    "tags": "list",
}
TYPES = {
    "duckdb": {
        "number": "DOUBLE",
        "text": "VARCHAR",
        "boolean": "BOOLEAN",
        "instant": "TIMESTAMPTZ",
        "list": "VARCHAR[]",
    },
    "naive": {"number": "DOUBLE", "text": "VARCHAR", "boolean": "BOOLEAN", "instant": "TIMESTAMP", "list": "VARCHAR[]"},
    "postgres": {"number": "float8", "text": "text", "boolean": "boolean", "instant": "timestamptz", "list": "text[]"},
}
CODE = {True: "1", False: "0", None: "-"}


def cases() -> dict:
    with tempfile.TemporaryDirectory() as directory:
        path = pathlib.Path(directory) / "cases.json"
        subprocess.run(
            [
                "cargo",
                "test",
                "-q",
                "-p",
                "stoa-tests",
                "--test",
                "rule",
                "--",
                "--ignored",
                "write_differential_cases",
            ],
            cwd=ROOT,
            env={**os.environ, "STOA_RULE_CASES": str(path)},
            check=True,
            stdout=subprocess.DEVNULL,
        )
        return json.loads(path.read_text())


def create(types: dict) -> str:
    columns = ", ".join('"' + name.replace('"', '""') + f'" {types[kind]}' for name, kind in COLUMNS.items())
    return f"CREATE TABLE t (i INTEGER, {columns})"


def report(name: str, drawn: dict, answers: list[str]) -> int:
    wrong = 0
    for case, found in zip(drawn["cases"], answers, strict=True):
        expected = "".join(CODE[answer] for answer in case["answers"])
        bad = sum(a != b for a, b in zip(expected, found, strict=True))
        if bad and wrong < 5:
            print(f"  {name}: {bad} rows differ for {json.dumps(case['rule'], ensure_ascii=False)}")
        wrong += bad
    pairs = len(drawn["cases"]) * len(drawn["rows"])
    counts = {c: sum(a.count(c) for a in answers) for c in "10-"}
    print(f"{name}: {pairs} (rule, row) pairs, {wrong} differences; true, false, unknown: {list(counts.values())}")
    return wrong


def in_duckdb(drawn: dict, types: str, zone: str) -> int:
    connection = duckdb.connect()
    connection.execute("SET TimeZone='UTC'")
    connection.execute(create(TYPES[types]))
    marks = ", ".join("?" * (len(COLUMNS) + 1))
    for i, row in enumerate(drawn["rows"]):
        values = [row[name] for name in COLUMNS]
        if types == "naive":
            kinds = zip(values, COLUMNS.values(), strict=True)
            values = [v.rstrip("Z") if kind == "instant" and v else v for v, kind in kinds]
        connection.execute(f"INSERT INTO t VALUES ({marks})", [i, *values])
    connection.execute(f"SET TimeZone='{zone}'")
    answers = []
    for case in drawn["cases"]:
        found = connection.execute(f"SELECT {case['duckdb']} FROM t ORDER BY i").fetchall()
        answers.append("".join(CODE[value] for (value,) in found))
    return report(f"duckdb {types} {zone}", drawn, answers)


def in_postgres(drawn: dict, programs: pathlib.Path) -> int:
    def text(value: object) -> str:
        if value is None:
            return "NULL"
        if isinstance(value, bool):
            return str(value)
        if isinstance(value, list):
            return "ARRAY[" + ", ".join(map(text, value)) + "]::text[]"
        return "'" + str(value).replace("'", "''") + "'"

    as_user = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    with tempfile.TemporaryDirectory() as directory:
        data = pathlib.Path(directory) / "data"
        pathlib.Path(directory).chmod(0o777)
        run = lambda *command, **more: subprocess.run(  # noqa: E731
            [*as_user, *map(str, command)], check=True, capture_output=True, text=True, cwd=directory, **more
        )
        run(programs / "initdb", "-D", data, "-E", "UTF8", "--locale=C.UTF-8", "--auth=trust", "-U", "stoa")
        options = f"-c listen_addresses='' -k {directory} -c fsync=off -c timezone=America/New_York"
        subprocess.run(
            [
                *as_user,
                str(programs / "pg_ctl"),
                "-D",
                str(data),
                "-w",
                "-o",
                options,
                "-l",
                str(data / "log"),
                "start",
            ],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=directory,
        )
        try:
            rows = ",\n".join(
                "(" + ", ".join([str(i), *(text(row[name]) for name in COLUMNS)]) + ")"
                for i, row in enumerate(drawn["rows"])
            )
            selects = "".join(
                f"SELECT string_agg(CASE WHEN c THEN '1' WHEN NOT c THEN '0' ELSE '-' END, '' ORDER BY i) "
                f"FROM (SELECT i, ({case['postgres']}) AS c FROM t) AS answers;\n"
                for case in drawn["cases"]
            )
            script = f"{create(TYPES['postgres'])};\nINSERT INTO t VALUES {rows};\n{selects}"
            psql = [
                programs / "psql",
                "-h",
                directory,
                "-U",
                "stoa",
                "-d",
                "postgres",
                "-qAtX",
                "-v",
                "ON_ERROR_STOP=1",
            ]
            answers = run(*psql, input=script).stdout.split()
        finally:
            run(programs / "pg_ctl", "-D", data, "-m", "fast", "stop")
    return report("postgres", drawn, answers)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--postgres", type=pathlib.Path, help="directory of initdb, pg_ctl and psql")
    options = parser.parse_args()
    drawn = cases()
    wrong = sum(
        in_duckdb(drawn, types, zone)
        for types, zone in [("duckdb", "UTC"), ("duckdb", "America/New_York"), ("naive", "Asia/Kathmandu")]
    )
    if options.postgres:
        wrong += in_postgres(drawn, options.postgres)
    raise SystemExit(wrong != 0)


if __name__ == "__main__":
    main()
