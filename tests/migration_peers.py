"""GrowthBook's and Eppo's own SDKs beside stoa on the same tests and ids: prints docs/MIGRATION.md's table.

usage: migration_peers.py FOLDER
FOLDER has peers.json, written by tests/vectors/make_migration.mjs with the JavaScript SDKs, and the Python SDKs in
`python/`. Ends with 1 when any answer differs.
"""

import json
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

import stoa

FOLDER = Path(sys.argv[1])
sys.path.append(str(FOLDER / "python"))
import eppo_client  # noqa: E402
import growthbook  # noqa: E402
from eppo_client.assignment_logger import AssignmentLogger  # noqa: E402
from eppo_client.config import Config  # noqa: E402

PEERS = json.loads((FOLDER / "peers.json").read_text(encoding="utf-8"))
IDS: list[str] = PEERS["ids"]
VISITORS = [{"id": id_, **PEERS["visitors"][k % len(PEERS["visitors"])]} for k, id_ in enumerate(IDS)]
COLUMNS = pa.table({name: [v.get(name) for v in VISITORS] for name in ("id", "country", "orders")})
SCHEMA = stoa.AttributeSchema.from_dict(
    {name: {"type": kind} for name, kind in {"id": "string", "country": "string", "orders": "number"}.items()}
)
METRICS = {"revenue": {"metric": "revenue_per_visitor"}, "satisfaction": {"metric": "csat"}}
Case = dict[str, Any]


def engine(case: Case) -> stoa.Engine:
    read = stoa.from_growthbook if case["source"] == "growthbook" else stoa.from_eppo
    moved = read(case["config"], surface="shipping_offer", metrics=METRICS)
    assert not moved.refused, moved.refused
    experiments = [stoa.Experiment.from_dict(e, store=moved.store) for e in moved.experiments]
    return stoa.Engine(experiments, store=moved.store, schema=SCHEMA)


def answers(case: Case, pairs: Iterable[tuple[Any, Any]]) -> str:
    digits = {variant["key"]: str(k) for k, variant in enumerate(case["experiment"]["variants"])}
    return "".join(digits[variant] if reason == "assigned" else "." for variant, reason in pairs)


def ours(case: Case) -> str:
    batch = engine(case).assign_batch(IDS, COLUMNS, experiment=case["experiment"]["key"])
    return answers(case, zip(batch.variant, batch.reason, strict=True))


def replayed(case: Case) -> str:
    decides, key = engine(case), case["experiment"]["key"]
    connection = duckdb.connect()
    connection.register("visits", COLUMNS)
    sql = [f(key, "duckdb", unit="id") for f in (decides.assignment_sql, decides.reason_sql)]
    return answers(case, connection.execute(f"SELECT {sql[0]}, {sql[1]} FROM visits").fetchall())


def growthbook_python(case: Case) -> str:
    client = growthbook.GrowthBook(features=case["config"]["features"])

    def answer(attributes: dict[str, Any]) -> str:
        client.set_attributes(attributes)
        found = client.eval_feature("flag")
        return str(found.experimentResult.variationId) if found.source == "experiment" else "."

    return "".join(map(answer, VISITORS))


def eppo_python(case: Case) -> str:
    flags = eppo_client.Configuration(flags_configuration=json.dumps(case["config"]).encode())
    logger = AssignmentLogger()
    client = eppo_client.init(
        Config(api_key="none", assignment_logger=logger, poll_interval_seconds=None, initial_configuration=flags)
    )

    def answer(attributes: dict[str, Any]) -> str:
        given = {name: value for name, value in attributes.items() if name != "id"}
        value = client.get_string_assignment("flag", attributes["id"], given, "none")
        return value.removeprefix("v") if value.startswith("v") else "."

    return "".join(map(answer, VISITORS))


def row(scheme: str, decider: str, decide: Callable[[Case], str]) -> int:
    cases = [case for case in PEERS["cases"] if case["scheme"] == scheme]
    start, pairs, inside, different = time.process_time(), 0, 0, 0
    for case in cases:
        found = decide(case)
        pairs += len(found)
        inside += len(found) - found.count(".")
        wrong = [k for k, (a, b) in enumerate(zip(found, case["answers"], strict=True)) if a != b]
        different += len(wrong)
        for k in wrong[:3]:
            print(f"  {case['name']}: {IDS[k]!r} is {found[k]}, {case['answers'][k]} there", file=sys.stderr)
    took = time.process_time() - start
    counted = f"{len(cases)} | {pairs:,} | {inside:,} | {'**0**' if not different else f'{different:,}'}"
    print(f"| `{scheme}` | {decider} | {counted} | {took:.0f} s |", flush=True)
    return different


def main() -> None:
    beyond = sum(not id_.isascii() for id_ in IDS)
    print(f"{len(IDS):,} ids, {beyond:,} of them beyond ASCII; the reference is the JavaScript SDK.\n")
    print(
        "| scheme | decided by | tests | decisions | in the test | differences | CPU |\n|---|---|---|---|---|---|---|"
    )
    different = 0
    for scheme in ("growthbook_v1", "growthbook_v2"):
        different += row(scheme, "stoa", ours)
        different += row(scheme, "GrowthBook's Python SDK", growthbook_python)
    different += row("eppo", "stoa", ours)
    different += row("eppo", "stoa's SQL in DuckDB", replayed)
    different += row("eppo", "Eppo's Python SDK", eppo_python)
    sys.exit(different > 0)


if __name__ == "__main__":
    main()
